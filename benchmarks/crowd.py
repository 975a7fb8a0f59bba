"""A learner whose pages are measured, and attempts of others beside hers by the hundred thousand, stored as rows."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Text, case, cast, insert, literal, select

from benchmarks import exam
from benchmarks.people import account
from lms.assessment import service
from lms.assessment.models import Attempt, Grade, Response
from lms.content.members import make_owner
from lms.content.queries import get_course, load_document
from lms.core import clock
from lms.core.actor import SYSTEM
from lms.core.db import begin_reading, begin_writing, db
from lms.course.source import Source
from lms.home.demo import ACCOUNTS
from lms.learning import service as learning
from lms.learning.models import Enrolment
from lms.people import service as people
from lms.people.rules import Role
from lms.people.signin import password

SLUG, EXAM, LONG_EXAM = "lon", "thi", "dai"
ANSWERED = 50_000
"""Attempts whose every answer is stored too: what the statistics are worked out of."""
LONG, AT_ONCE, OTHERS = 300, 5_000, 1_000
FIRST = 10_000_000
"""Where the numbers of stored rows begin, far from those that the database gives."""
LOGIN, PASSWORD = "hoc.vien@songlam.example", "Sen-Hồng 2026 nở"
TRAINER = next(account for account in ACCOUNTS if Role.TRAINER in account.roles)


def _quiz(name: str, questions: int) -> str:
    asked = "\n".join(
        f"## Câu {n} của {name} {{#{name}-{n}}}\nTình huống {n} của {name}: việc cần làm trước là gì?\n\n"
        f"- [x] Một {n}\n- [ ] Hai {n}\n- [ ] Ba {n}\n- [ ] Bốn {n}\n"
        for n in range(questions)
    )
    return f"---\nid: {name}\nkind: quiz\ntitle: Thi {name}\nattempts: 100\n---\n\n{asked}"


def _publish() -> int:
    files = {
        "course.md": (
            f"---\nformat: 1\nid: {SLUG}\ntitle: Lớn\n---\n\n## Phần\n\n- [Bài](bai.md)\n- [Thi](thi.md)\n- [Dài](dai.md)\n"
        ),
        "bai.md": "---\nid: bai\ntitle: Bài\nminutes: 5\n---\n\n## Mở đầu\n\nMáy có dấu hiệu lạ thì rút dây mạng, không tắt máy.\n",
        "thi.md": _quiz(EXAM, exam.QUESTIONS),
        "dai.md": _quiz(LONG_EXAM, LONG),
    }
    return exam.publish_source(Source({path: text.encode() for path, text in files.items()}))


class Crowd:
    """Stores attempts of others until there are as many as are asked for."""

    def __init__(self) -> None:
        self.count, self.revision_id = 0, _publish()
        begin_writing()
        course, now = get_course(SLUG), clock.now()
        make_owner(course, account(TRAINER.login).id, now=now)
        self.course_id, self.learner_id = course.id, _person("Nguyễn Thị An", LOGIN, password.make(PASSWORD), now)
        self.enrolment_id = learning.enrol(self.learner_id, course, by=SYSTEM, now=now).id
        self.others = [_person(f"Lê Văn Bình {n}", f"b{n}@songlam.example", None, now) for n in range(OTHERS)]
        self.done = self.attempt(EXAM)
        service.submit(self.learner_id, self.done, now=now)
        self.open = self.attempt(EXAM)
        db.session.commit()

    def attempt(self, item: str) -> int:
        """Begin one of hers."""
        quiz = load_document(self.revision_id).quiz(item)
        assert quiz is not None
        return service.begin(self.enrolment_id, self.revision_id, quiz, now=clock.now()).id

    def grow(self, size: int) -> None:
        """Store attempts of others until there are so many, and let the database look at them as it does by itself later."""
        begin_writing()
        while self.count < size:
            some = range(self.count, min(size, self.count + AT_ONCE))
            self._store(some, clock.now() - timedelta(days=30))
            self.count += len(some)
        db.session.commit()
        begin_reading()
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE" if db.engine.dialect.name == "postgresql" else "ANALYZE")

    def _store(self, some: Sequence[int], at: datetime) -> None:
        # The people take the course again and again: what grows is what is stored of attempts.
        rows = [(n, FIRST + n, self.others[n % OTHERS]) for n in some]
        paper = [{"question": f"{EXAM}-{q}", "order": [0, 1, 2, 3]} for q in range(exam.QUESTIONS)]
        enrolments = [
            {"id": number, "learner_id": who, "course_id": self.course_id, "enrolled_at": at, "completed_at": at,
             "completed_revision_id": self.revision_id}
            for _n, number, who in rows
        ]  # fmt: skip
        attempts = [
            {"id": number, "enrolment_id": number, "learner_id": who, "course_id": self.course_id,
             "revision_id": self.revision_id, "item": EXAM, "number": 1, "is_first": True, "seed": "x", "paper": paper, "started_at": at,
             "submitted_at": at + timedelta(minutes=20), "submitted_how": "learner"}
            for _n, number, who in rows
        ]  # fmt: skip
        for model, made in ((Enrolment, enrolments), (Attempt, attempts), (Grade, list(_grades(some, at)))):
            db.session.execute(insert(model), made)
        if some[0] < ANSWERED:
            _answer(some, at)


def _person(name: str, email: str, hashed: str | None, now: datetime) -> int:
    return people.add_user(
        name=name, email=email, password_hash=hashed, must_change_password=False, by=SYSTEM, now=now
    ).id


def _right(n: int) -> list[bool]:
    """Which questions an attempt has right: some people know more, some questions are harder."""
    return [(n * 7 + question * 3) % 10 < 3 + n % 7 for question in range(exam.QUESTIONS)]


def _grades(some: Iterable[int], at: datetime) -> Iterable[dict[str, Any]]:
    for n in some:
        right = _right(n)
        points = sum(right)
        yield {
            "attempt_id": FIRST + n, "points": float(points), "most_points": float(len(right)),
            "fraction": points / len(right), "passed": points >= 12,
            "marks": {f"{EXAM}-{question}": float(one) for question, one in enumerate(right)}, "graded_at": at,
        }  # fmt: skip


def _answer(some: Sequence[int], at: datetime) -> None:
    """Every answer of the attempts, made by the database itself: a million rows from here would take minutes."""
    n, json = Attempt.id - FIRST, Response.__table__.c.answer.type
    for question in range(exam.QUESTIONS):
        chosen = case(((n * 7 + question * 3) % 10 < 3 + n % 7, 0), else_=1 + n % 3)
        stored = cast(cast(chosen, Text), json) if db.engine.dialect.name == "postgresql" else cast(chosen, Text)
        moment = literal(at + timedelta(seconds=30 * (question + 1)), Response.__table__.c.saved_at.type)
        made = select(Attempt.id, literal(f"{EXAM}-{question}"), literal(1), stored, moment).where(
            Attempt.id.between(FIRST + some[0], FIRST + some[-1])
        )
        columns = ["attempt_id", "question", "revision", "answer", "saved_at"]
        db.session.execute(insert(Response.__table__).from_select(columns, made))
