"""Other people's data: a learner's pages beside ever more stored attempts, and the statistics of a quiz with many.

In one process on each database, without a server. Each time is the median of its rounds; `ceiling` is how long plain Python
took in between, `ratio` how many times as long the page took. What counts is how much longer that is beside the most
attempts than beside the fewest. `python -m benchmarks.scale --attempts 1000 1000000` prints the tables.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextvars import Context
from dataclasses import dataclass, replace
from functools import partial
from itertools import count

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from benchmarks import figures, table
from benchmarks.crowd import ANSWERED, EXAM, LOGIN, LONG, LONG_EXAM, PASSWORD, SLUG, TRAINER, Crowd
from benchmarks.desk import timed
from benchmarks.figures import GROWTH, MILLISECONDS, Figure, Figures, beside
from benchmarks.measure import DATABASES
from benchmarks.servers import installed
from benchmarks.visitors import TOKEN
from lms.assessment import gathering, service
from lms.core import clock, jobs
from lms.core.db import begin_reading, begin_writing, db

SIZES = (1_000, 100_000)
ROUNDS = 25


@dataclass
class _Browser:
    """Somebody signed in, in this process; each request in a context of its own, as in a server."""

    client: FlaskClient
    token: str = ""

    def get(self, url: str) -> TestResponse:
        """Open a page."""
        return self._expect(200, url, self.client.get)

    def post(self, url: str, expected: int = 303, **sent: object) -> TestResponse:
        """Send a form, or JSON."""
        return self._expect(expected, url, partial(self.client.post, headers={"X-CSRFToken": self.token}, **sent))

    def _expect(self, status: int, url: str, send: Callable[..., TestResponse]) -> TestResponse:
        answer = Context().run(send, url)
        if answer.status_code != status:
            raise RuntimeError(f"{url} was answered {answer.status_code}")
        return answer

    def keep_token(self, url: str) -> None:
        """That of the page's form."""
        found = TOKEN.search(self.get(url).data)
        assert found is not None, url
        self.token = found[1].decode()


def _signed_in(app: Flask, login: str, password: str) -> _Browser:
    browser = _Browser(app.test_client())
    browser.keep_token("/dang-nhap")
    browser.post("/dang-nhap", data={"login": login, "password": password})
    browser.keep_token("/viec-can-lam")
    return browser


def measure(database: str, sizes: Sequence[int]) -> list[Figure]:
    """Every page at each size, the statistics, the longest attempt; in a folder that is thrown away."""
    with installed(database) as place, place.application() as app:
        found = [replace(figure, database=database) for figure in _measured(app, sorted(sizes))]
    return [*found, *_growth(found, database, sorted(sizes))]


def _measured(app: Flask, sizes: Sequence[int]) -> Iterator[Figure]:
    jobs.run_all_due()  # those of the demonstration, one of which issues a certificate to everybody who has completed a course
    crowd = Crowd()
    learner = _signed_in(app, LOGIN, PASSWORD)
    works = _works(crowd, learner)
    statistics_at = min(ANSWERED, sizes[-1])
    for size in sizes:
        if crowd.count < statistics_at <= size:
            crowd.grow(statistics_at)
            yield from _statistics(app, crowd)
        crowd.grow(size)
        for name, work in works.items():
            print(f"  {name}, {crowd.count:,} attempts", file=sys.stderr, flush=True)
            work()
            yield replace(timed(name, work, ROUNDS), unit=beside(size))
    yield from _longest(crowd, learner)


def _works(crowd: Crowd, learner: _Browser) -> dict[str, Callable[[], object]]:
    """What she opens, and the answer that she saves."""
    pages = {
        figures.HOME: "/viec-can-lam",
        figures.CATALOGUE: "/khoa-hoc",
        figures.COURSE: f"/khoa-hoc/{SLUG}",
        figures.LESSON: f"/khoa-hoc/{SLUG}/bai",
        figures.QUIZ_PAGE: f"/bai-kiem-tra/{SLUG}/{EXAM}",
        figures.ATTEMPT_PAGE: f"/luot-lam-bai/{crowd.open}",
        figures.LOOK: f"/luot-lam-bai/{crowd.open}/nop",
        figures.RESULT: f"/luot-lam-bai/{crowd.done}/ket-qua",
        figures.CERTIFICATES: "/giay-chung-nhan",
    }
    turns = count()

    def save() -> None:
        turn = next(turns)
        answer = {"question": 1, "values": [str(turn % 4)], "revision": turn}
        learner.post(f"/luot-lam-bai/{crowd.open}/luu", 200, json={"answers": [answer]})

    return {name: partial(learner.get, url) for name, url in pages.items()} | {figures.SAVE: save}


def _growth(found: Sequence[Figure], database: str, sizes: Sequence[int]) -> Iterator[Figure]:
    """By ratio, so that a machine that slows down meanwhile changes nothing."""
    run = Figures(found)
    for name in figures.BESIDE_OTHERS:
        few, many = (run.find(name, beside(size), database) for size in (sizes[0], sizes[-1]))
        assert few is not None, name
        assert many is not None, name
        yield Figure(name=name, value=round((many.ratio or 0) / (few.ratio or 1), 2), unit=GROWTH, database=database)


def _statistics(app: Flask, crowd: Crowd) -> Iterator[Figure]:
    """Worked out as the job worker does it, and the page that shows them."""
    begin_writing()
    gathering.ask(crowd.revision_id, EXAM, now=clock.now(), at_once=True)
    db.session.commit()
    begin_reading()
    yield Figure(name=figures.STATISTICS, value=crowd.count, unit=figures.ATTEMPTS)
    yield replace(timed(figures.STATISTICS, jobs.run_all_due, 1), unit=MILLISECONDS)
    if not gathering.stored(crowd.course_id, EXAM):
        raise RuntimeError("no statistics were worked out")
    trainer = _signed_in(app, TRAINER.login, TRAINER.password)
    show = partial(trainer.get, f"/soan/{SLUG}/thong-ke/{EXAM}")
    show()
    yield replace(timed(figures.STATISTICS_PAGE, show, ROUNDS), unit=MILLISECONDS)


def _longest(crowd: Crowd, learner: _Browser) -> Iterator[Figure]:
    """An attempt of 300 questions opened, and submitted: graded and entered."""
    begin_writing()
    attempt = crowd.attempt(LONG_EXAM)
    given = [service.Given(number, [str(number % 4)], 0) for number in range(1, LONG + 1)]
    service.save(crowd.learner_id, attempt, given, now=clock.now())
    db.session.commit()
    begin_reading()
    url = f"/luot-lam-bai/{attempt}"
    learner.get(url)
    yield replace(timed(figures.LONG_OPENED, partial(learner.get, url), ROUNDS), unit=MILLISECONDS)
    yield replace(timed(figures.LONG_GRADED, partial(learner.post, f"{url}/nop"), 1), unit=MILLISECONDS)


def main() -> None:
    """Measure, and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--attempts", nargs="+", type=int, default=SIZES, help="how many are stored beside one's own")
    options = parser.parse_args()
    found = [figure for database in options.databases for figure in measure(database, options.attempts)]
    print(table.scale(found))


if __name__ == "__main__":
    main()
