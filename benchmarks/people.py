"""Whom and what is measured: the demonstration's course, its HR officer, and hundreds of invented learners of her unit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import TypeVar

from sqlalchemy import select

from benchmarks import exam
from benchmarks.servers import Installation
from lms.content.queries import get_course
from lms.core import clock
from lms.core.actor import SYSTEM, Actor
from lms.core.db import begin_writing, db
from lms.course.document import CourseDoc, Lesson, Quiz
from lms.home.demo import ACCOUNTS, SINCE
from lms.learning.queries import get_standing
from lms.learning.service import enrol_many
from lms.people import service
from lms.people.models import Unit, UnitName, User
from lms.people.queries import find_by_login
from lms.people.rules import Role
from lms.people.signin import password

T = TypeVar("T")
SLUG = "ucsc"
PASSWORD = "Dong-Lua-Chin-26"  # noqa: S105 - of invented people in a folder that is thrown away
OFFICER = next(account for account in ACCOUNTS if Role.HR in account.roles)
FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ")
MIDDLES = ("Thị", "Văn", "Minh", "Thanh", "Ngọc", "Đức", "Hữu", "Thu")
GIVEN = (
    "An",
    "Bình",
    "Chi",
    "Dũng",
    "Giang",
    "Hà",
    "Hạnh",
    "Khánh",
    "Lan",
    "Long",
    "Mai",
    "Nam",
    "Oanh",
    "Phúc",
    "Quân",
)


@dataclass(frozen=True)
class Course:
    """The addresses of what is opened, and how long a paper is."""

    url: str
    lesson: str
    quiz: str
    questions: int
    items: tuple[str, ...]


@dataclass(frozen=True)
class Cast:
    """The course, and the learners who take it by their sign-in names."""

    course: Course
    logins: tuple[str, ...]


def gather(place: Installation, learners: int) -> Cast:
    """Make the learners of the HR officer's unit and give them the course, as she would."""
    hashed = password.make(PASSWORD)  # one for all: hashing is measured elsewhere
    with place.application():
        exam.publish()
        begin_writing()
        now, officer = clock.now(), account(OFFICER.login)
        unit = db.session.scalars(select(Unit).join_from(Unit, UnitName).where(UnitName.name == OFFICER.unit)).one()
        ids, logins = [], []
        for number, name in zip(range(1, learners + 1), _names(), strict=False):
            logins.append(f"hv{number:04}@songlam.example")
            user = service.add_user(
                name=name, email=logins[-1], password_hash=hashed, must_change_password=False, by=SYSTEM, now=now
            )
            service.assign(user, unit, "Chuyên viên", valid_from=SINCE, by=SYSTEM, now=now)
            ids.append(user.id)
        course = get_course(SLUG)
        due = clock.today() + timedelta(days=30)
        enrol_many(ids, course, by=Actor(officer.id, officer.name), due_on=due, now=now)
        addresses = _addresses(get_standing(officer.id, SLUG).doc)
        db.session.commit()
    return Cast(addresses, tuple(logins))


def account(login: str) -> User:
    """The account that was made."""
    found = find_by_login(login)
    if found is None:
        raise LookupError(login)
    return found


def _names() -> Iterator[str]:
    return (" ".join(parts) for parts in product(FAMILIES, MIDDLES, GIVEN))


def _addresses(doc: CourseDoc) -> Course:
    items = [item for entry in doc.items if (item := doc.item(entry.item or "")) is not None]
    quiz = next(item for item in items if isinstance(item, Quiz) and item.id == doc.grade_from)
    lesson = next(item for item in items if isinstance(item, Lesson))
    return Course(
        url=f"/khoa-hoc/{SLUG}",
        lesson=f"/khoa-hoc/{SLUG}/{lesson.id}",
        quiz=f"/bai-kiem-tra/{SLUG}/{quiz.id}",
        questions=len(quiz.draw("")),
        items=tuple(item.id for item in items),
    )


def in_turn(people: Sequence[T], counts: Sequence[int]) -> Iterator[Sequence[T]]:
    """So many people for one purpose, so many others for the next."""
    start = 0
    for count in counts:
        yield people[start : start + count]
        start += count


@dataclass(frozen=True)
class Groups:
    """Who is there for what, so that nothing measured spoils another."""

    cold: Sequence[str]
    warm: Sequence[str]
    readers: Sequence[str]
    takers: Sequence[str]

    @property
    def certified(self) -> Sequence[str]:
        """Who has a certificate."""
        return [*self.cold, *self.warm]


def divide(cast: Cast, readers: int) -> Groups:
    """So many of them read; the others are shared out."""
    everybody = len(cast.logins)
    return Groups(*in_turn(cast.logins, [everybody // 25, everybody // 5, readers, everybody // 5]))
