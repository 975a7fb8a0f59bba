"""Other people's data: a learner's pages beside ever more stored attempts, and the statistics of a quiz with many.

Each page's time is the median of its rounds as a multiple of plain Python's in between; what counts is how much longer it
takes than beside the fewest attempts. `python -m benchmarks.scale --attempts 1000 1000000` prints the table.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import flask_migrate
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select

from benchmarks.desk import publishing_of, timed
from benchmarks.figures import Figure
from lms.app import create_app
from lms.assessment import gathering, service
from lms.assessment.models import Attempt, Grade, Response
from lms.content.queries import find_course, load_document
from lms.core import clock
from lms.core.actor import SYSTEM
from lms.core.db import begin_reading, begin_writing, db
from lms.course.parse import parse
from lms.course.source import Source
from lms.learning import service as learning
from lms.learning.models import Enrolment
from lms.people import service as people
from lms.people.signin import password
from lms.settings import Settings

SIZES = (1_000, 100_000)
ANSWERED = 50_000
"""Attempts whose every answer is stored too: what the statistics are worked out of."""
QUESTIONS, LONG, ROUNDS, AT_ONCE = 20, 300, 15, 5_000
GROWTH = 1.3
LOGIN, PASSWORD = "hoc.vien@songlam.example", "Sen-Hồng 2026 nở"


def _quiz(name: str, questions: int) -> str:
    asked = "\n".join(
        f"## Câu {n} {{#c{n}}}\nTình huống {n}: việc cần làm trước là gì?\n\n- [x] Một {n}\n- [ ] Hai {n}\n- [ ] Ba {n}\n- [ ] Bốn {n}\n"
        for n in range(questions)
    )
    return f"---\nid: {name}\nkind: quiz\ntitle: Thi {name}\nattempts: 100\n---\n\n{asked}"


def _publish() -> None:
    outline = "---\nformat: 1\nid: lon\ntitle: Lớn\n---\n\n## Phần\n\n- [Thi](thi.md)\n- [Dài](dai.md)\n"
    files = {"course.md": outline, "thi.md": _quiz("thi", QUESTIONS), "dai.md": _quiz("dai", LONG)}
    source = Source({path: text.encode() for path, text in files.items()})
    doc, problems = parse(source)
    if doc is None:
        raise RuntimeError(str(problems[0]))
    publishing_of(source, doc)


class Crowd:
    """A learner whose pages are measured, and as many attempts of others beside hers as are asked for."""

    def __init__(self, app: Flask) -> None:
        self.app, self.count = app, 0
        _publish()
        begin_writing()
        now = clock.now()
        learner = people.add_user(
            name="Nguyễn Thị An", email=LOGIN, password_hash=password.make(PASSWORD), must_change_password=False,
            by=SYSTEM, now=now,
        )  # fmt: skip
        course = find_course("lon")
        assert course is not None
        assert course.revision_id is not None
        self.course_id, self.revision_id, self.learner_id = course.id, course.revision_id, learner.id
        self.enrolment_id = learning.enrol(learner.id, course, by=SYSTEM, now=now).id
        self.others = [
            people.add_user(
                name=f"Lê Văn Bình {n}", email=f"b{n}@songlam.example", password_hash=None, must_change_password=False,
                by=SYSTEM, now=now,
            ).id
            for n in range(1_000)
        ]  # fmt: skip
        self.done = self.attempt("thi")
        service.submit(learner.id, self.done, now=now)
        self.open = self.attempt("thi")
        db.session.commit()

    def attempt(self, item: str) -> int:
        """Begin one of hers."""
        quiz = load_document(self.revision_id).quiz(item)
        assert quiz is not None
        return service.begin(self.enrolment_id, self.revision_id, quiz, now=clock.now()).id

    def grow(self, size: int) -> None:
        """Store attempts of others until there are so many."""
        begin_writing()
        while self.count < size:
            some = range(self.count, min(size, self.count + AT_ONCE))
            self._store(some, clock.now() - timedelta(days=30))
            self.count += len(some)
        db.session.commit()
        db.session.execute(db.text("ANALYZE"))
        db.session.commit()
        begin_reading()

    def _store(self, some: range, at: datetime) -> None:
        # The people take the course again and again: what grows is what is stored of attempts.
        first = (db.session.scalar(select(func.max(Enrolment.id))) or 0) + 1
        ids = [first + place for place in range(len(some))]
        whose = [self.others[n % len(self.others)] for n in some]
        begun = (db.session.scalar(select(func.max(Attempt.id))) or 0) + 1
        paper = [{"question": f"c{n}", "order": [0, 1, 2, 3]} for n in range(QUESTIONS)]
        rows = list(zip(some, ids, whose, strict=True))
        enrolments = [
            {"id": one, "learner_id": who, "course_id": self.course_id, "enrolled_at": at, "completed_at": at,
             "completed_revision_id": self.revision_id}
            for _n, one, who in rows
        ]  # fmt: skip
        attempts = [
            {"id": begun + place, "enrolment_id": one, "learner_id": who, "course_id": self.course_id,
             "revision_id": self.revision_id, "item": "thi", "number": 1, "seed": "x", "paper": paper, "started_at": at,
             "submitted_at": at + timedelta(minutes=20), "submitted_how": "learner"}
            for place, (_n, one, who) in enumerate(rows)
        ]  # fmt: skip
        right = {n: [(n * 7 + question * 3) % 10 < 3 + n % 7 for question in range(QUESTIONS)] for n in some}
        grades = [
            {"attempt_id": begun + place, "points": float(sum(right[n])), "most_points": float(QUESTIONS),
             "fraction": sum(right[n]) / QUESTIONS, "passed": sum(right[n]) >= 12,
             "marks": {f"c{q}": float(one) for q, one in enumerate(right[n])}, "graded_at": at}
            for place, n in enumerate(some)
        ]  # fmt: skip
        for model, made in ((Enrolment, enrolments), (Attempt, attempts), (Grade, grades)):
            db.session.execute(insert(model), made)
        if some[0] < ANSWERED:
            answers = [
                {"attempt_id": begun + place, "question": f"c{q}", "revision": 1, "answer": 0 if one else 1 + n % 3,
                 "saved_at": at + timedelta(seconds=30 * (q + 1))}
                for place, n in enumerate(some) for q, one in enumerate(right[n])
            ]  # fmt: skip
            db.session.execute(insert(Response), answers)

    def pages(self) -> dict[str, str]:
        """What she opens."""
        return {
            "home": "/viec-can-lam",
            "course page": "/khoa-hoc/lon",
            "quiz page": "/bai-kiem-tra/lon/thi",
            "attempt page": f"/luot-lam-bai/{self.open}",
            "result page": f"/luot-lam-bai/{self.done}/ket-qua",
            "certificates": "/giay-chung-nhan",
        }


def measure(sizes: Sequence[int]) -> Iterator[Figure]:
    """Every page at each size, then the statistics, then the longest attempt."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(instance=Path(folder)))
        with app.app_context():
            flask_migrate.upgrade()
            crowd = Crowd(app)
            client = app.test_client()
            client.post("/dang-nhap", data={"login": LOGIN, "password": PASSWORD, "csrf_token": _token(client)})
            for size in sizes:
                crowd.grow(size)
                for name, url in crowd.pages().items():
                    _open(client, url)
                    yield timed(f"{name}, {size:,} attempts", partial(_open, client, url), ROUNDS)
            yield timed(
                f"statistics of {min(ANSWERED, crowd.count):,} attempts or more",
                partial(gathering.work_out, crowd.revision_id, "thi"), 1,
            )  # fmt: skip
            yield from _longest(crowd, client)
            db.session.remove()
            db.engine.dispose()


def _longest(crowd: Crowd, client: FlaskClient) -> Iterator[Figure]:
    """An attempt of 300 questions opened, and graded."""
    begin_writing()
    attempt = crowd.attempt("dai")
    given = [service.Given(number, [str(number % 4)], 0) for number in range(1, LONG + 1)]
    service.save(crowd.learner_id, attempt, given, now=clock.now())
    db.session.commit()
    url = f"/luot-lam-bai/{attempt}"
    _open(client, url)
    yield timed(f"attempt page of {LONG} questions", partial(_open, client, url), ROUNDS)

    def submit() -> None:
        begin_writing()
        service.submit(crowd.learner_id, attempt, now=clock.now())
        db.session.commit()

    yield timed(f"grading {LONG} questions", submit, 1)


def _token(client: FlaskClient) -> str:
    page = client.get("/dang-nhap").text
    return page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]


def _open(client: FlaskClient, url: str) -> None:
    answer = client.get(url)
    if answer.status_code != 200:
        raise RuntimeError(f"{url} was answered {answer.status_code}")


def main(sizes: Sequence[int] = SIZES) -> None:
    """Print the figures, and say which pages grow."""
    print(f"| {'Scale':<50} | {'ms':>8} | {'of the fewest':>13} |\n|{'-' * 52}|{'-' * 10}|{'-' * 15}|")
    least: dict[str, float] = {}
    grown = []
    for figure in measure(sizes):
        page, _comma, size = figure.name.partition(", ")
        ratio = figure.ratio or 0
        factor = ratio / least.setdefault(page, ratio) if size else None
        print(f"| {figure.name:<50} | {figure.value:>8} | {f'{factor:.2f} ×' if factor else '':>13} |", flush=True)
        grown += [f"{figure.name}: {factor:.2f} > {GROWTH}"] if factor and factor > GROWTH else []
    print("\n".join(grown) or "no page grows with other people's attempts", file=sys.stderr)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    asked.add_argument("--attempts", nargs="+", type=int, default=SIZES, help="how many are stored, the fewest first")
    main(asked.parse_args().attempts)
