"""A visit of everybody to the served product: learners read, save, sign in and sit the quiz, the HR officer looks on."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from math import inf

from benchmarks import certificates, figures, pages
from benchmarks.figures import MEGABYTES, Figure
from benchmarks.load import Flow, Work, drive, perform
from benchmarks.people import OFFICER, PASSWORD, Cast, Groups, in_turn
from benchmarks.processes import memory
from benchmarks.rates import Rates
from benchmarks.servers import Installation, Stand
from benchmarks.visitors import HOME_URL, SIGN_IN_URL, Visitor, attempting, beginning, opening, saving, signing_in

FEW = 8
"""What costs much or is no page of every day is measured with so many at most."""
COMPLETION_URL, COMPLETION_XLSX_URL = "/theo-doi/hoan-thanh", "/theo-doi/hoan-thanh.xlsx"
REGISTER_XLSX_URL = "/theo-doi/giay-chung-nhan.xlsx"
SLOW_ROUNDS = 2
"""Fewer and longer rounds for what takes a second when eight are under way."""
MOST_ATTEMPTS = 3
"""As many as the course's quiz allows a learner."""


class Visit:
    """Signs everybody in, then measures one thing after another."""

    def __init__(
        self,
        place: Installation,
        stand: Stand,
        cast: Cast,
        groups: Groups,
        clients: Sequence[int],
        seconds: float,
    ) -> None:
        self.place, self.stand, self.cast, self.groups, self.seconds = place, stand, cast, groups, seconds
        self.clients, self.fewer = clients, [count for count in clients if count <= FEW]
        self.rates = Rates(place.database, stand, seconds)
        self.readers = self._signed_in(groups.readers)
        self.officer: Visitor = perform(stand.product, signing_in(OFFICER.login, OFFICER.password))
        self.attempts = [perform(stand.product, beginning(reader, cast.course.quiz)) for reader in self.readers]

    def _signed_in(self, logins: Sequence[str]) -> list[Visitor]:
        """Their browsers, in the order of the logins."""
        found: dict[str, Visitor] = {}
        waiting = iter(logins)

        def work() -> Flow | None:
            login = next(waiting, None)
            return None if login is None else keep(login)

        def keep(login: str) -> Flow:
            found[login] = yield from signing_in(login, PASSWORD)

        drive(self.stand.product, [work] * FEW, inf)
        return [found[login] for login in logins]

    def everything(self) -> list[Figure]:
        """Pages counted, everything timed, memory under load."""
        counted = pages.count(self.place, self.stand, self._pages())
        for count in self.clients:
            self.rates.ceiling(count)
        self._read_and_save()
        self._sign_in()
        self._attempt()
        self._fetch()
        return [*counted, *self.rates.close(), *self._memory()]

    def _pages(self) -> dict[str, tuple[str, Visitor]]:
        course, reader = self.cast.course, self.readers[0]
        return {
            figures.SIGN_IN_PAGE: (SIGN_IN_URL, Visitor()),
            figures.HOME: (HOME_URL, reader),
            figures.COURSE: (course.url, reader),
            figures.LESSON: (course.lesson, reader),
            figures.QUIZ_PAGE: (course.quiz, reader),
            figures.ATTEMPT_PAGE: (self.attempts[0], reader),
            figures.COMPLETION: (COMPLETION_URL, self.officer),
        }

    def _read_and_save(self) -> None:
        """What learners do all day, each of them another person."""
        course = self.cast.course
        for name, path in ((figures.HOME, HOME_URL), (figures.COURSE, course.url), (figures.LESSON, course.lesson)):
            for count in self.clients:
                self.rates.measure(name, [opening(reader.get(path)) for reader in self.readers[:count]])
        saves = [
            saving(reader, attempt, course.questions)
            for reader, attempt in zip(self.readers, self.attempts, strict=True)
        ]
        for count in self.clients:
            self.rates.measure(figures.SAVE, saves[:count])

    def _sign_in(self) -> None:
        """Always another account."""
        logins = cycle(self.cast.logins)
        for count in self.fewer:
            works = [lambda: signing_in(next(logins), PASSWORD)] * count
            self.rates.measure(figures.SIGN_IN, works, rounds=SLOW_ROUNDS)

    def _attempt(self) -> None:
        """Each client plays its own few learners, one attempt after another, until none is left."""
        takers, total = self._signed_in(self.groups.takers), sum(self.fewer)
        shares = in_turn(takers, [len(takers) * count // total for count in self.fewer])
        for count, own in zip(self.fewer, shares, strict=True):
            works = [self._taking(own[i::count]) for i in range(count)]
            self.rates.measure(figures.ATTEMPT, works, rounds=SLOW_ROUNDS, longer=2)

    def _taking(self, takers: Sequence[Visitor]) -> Work:
        course = self.cast.course
        left: Iterator[Visitor] = iter([taker for taker in takers for _ in range(MOST_ATTEMPTS)])

        def work() -> Flow | None:
            taker = next(left, None)
            return None if taker is None else attempting(taker, course.quiz, course.questions)

        return work

    def _fetch(self) -> None:
        """Certificates by their holders; the officer's table and workbooks."""
        holders = self.groups.warm[:FEW]
        codes = certificates.codes(self.place, holders)
        downloads = [
            opening(visitor.get(f"/giay-chung-nhan/{codes[login]}.pdf"))
            for login, visitor in zip(holders, self._signed_in(holders), strict=True)
        ]
        table = opening(self.officer.get(COMPLETION_URL))
        for count in self.fewer:
            self.rates.measure(figures.DOWNLOAD, downloads[:count])
            self.rates.measure(figures.COMPLETION, [table] * count)
        self.rates.measure(figures.COMPLETION_XLSX, [opening(self.officer.get(COMPLETION_XLSX_URL))])
        self.rates.measure(figures.REGISTER_XLSX, [opening(self.officer.get(REGISTER_XLSX_URL))])

    def _memory(self) -> list[Figure]:
        """The most that was in use while readers and the officer kept the server busy."""
        works = [opening(reader.get(self.cast.course.lesson)) for reader in self.readers[:-1]]
        works.append(opening(self.officer.get(COMPLETION_URL)))
        watched = {figures.MEMORY: self.stand.process}
        server = self.place.server_of_database()
        if server:
            watched[figures.DATABASE_MEMORY] = server
        most = dict.fromkeys(watched, 0.0)
        with ThreadPoolExecutor(1) as pool:
            load = pool.submit(drive, self.stand.product, works, self.seconds)
            while not load.done():
                most = {name: max(most[name], memory(process)) for name, process in watched.items()}
                time.sleep(0.1)
            load.result()
        return [
            Figure(name=name, value=round(value, 1), unit=MEGABYTES, database=self.place.database)
            for name, value in most.items()
        ]
