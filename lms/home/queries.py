"""The start page: what to do next, from every feature to the left."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import CompoundSelect, Row, union_all

from lms.assessment.queries import OPEN_ATTEMPTS
from lms.assessment.rules import is_over, seconds_left
from lms.certificates.queries import of_learner, status_of
from lms.certificates.rules import Status as CertificateStatus
from lms.content.queries import load_document
from lms.content.rendering import item_url
from lms.core import clock
from lms.core.db import db
from lms.core.i18n import _, _l
from lms.course.completion import Progress, progress
from lms.course.document import CourseDoc
from lms.drills.queries import OPEN_RUNS
from lms.learning.outline import counted, item_title, kind_of, steps
from lms.learning.queries import catalogue, done_of, enrolments_of
from lms.learning.rules import Status, status
from lms.people.models import User
from lms.people.queries import Dated, Viewer, get_person, ids_manageable, posts_of


@dataclass(frozen=True)
class Task:
    """A course that is not finished, and its next item."""

    row: Row
    doc: CourseDoc
    progress: Progress
    status: Status
    item_title: str
    """As the outline counts it: “Bài 3: …”."""
    kind: str
    url: str
    segments: list[dict[str, Any]]
    words: str


@dataclass(frozen=True)
class Tasks:
    """Everything on the start page; interrupted attempts and runs stand first."""

    interrupted: list[dict[str, Any]]
    tasks: list[Task]
    open_courses: int
    finished: list[Row]
    newest_certificate: Row | None

    @property
    def dated(self) -> list[Task]:
        """Those with a day due, the nearest first."""
        return [task for task in self.tasks if task.row.due_on]

    @property
    def late(self) -> int:
        """How many are past their day."""
        return sum(task.status == Status.OVERDUE for task in self.tasks)


def tasks(viewer: Viewer, now: datetime) -> Tasks:
    """Four statements, however many courses there are."""
    rows = catalogue(viewer.id)
    mine = [row for row in rows if row.enrolment_id and row.completed_at is None]
    done = done_of([row.enrolment_id for row in mine])
    found = sorted(
        (_task(row, done[row.enrolment_id], now) for row in mine),
        key=lambda task: (task.row.due_on is None, task.row.due_on or clock.day_of(now), task.row.title),
    )
    certificates = of_learner(viewer.id)
    return Tasks(
        _interrupted(viewer.id, now),
        found,
        sum(1 for row in rows if row.enrolment_id is None and row.is_open),
        [row for row in rows if row.completed_at is not None],
        certificates[0] if certificates else None,
    )


_ADDRESSES = {"quiz": ("assessment.attempt", "attempt_id"), "drill": ("drills.run", "run_id")}
_OPEN: CompoundSelect = union_all(OPEN_ATTEMPTS, OPEN_RUNS).order_by("started_at")


def _interrupted(learner_id: int, now: datetime) -> list[dict[str, Any]]:
    """Attempts at quizzes and runs of drills that are open, in one statement."""
    found = []
    for row in db.session.execute(_OPEN, {"learner": learner_id}):
        endpoint, name = _ADDRESSES[row.kind]
        found.append(
            {
                "kind": row.kind,
                "course": row.course_title,
                "url": url_for(endpoint, **{name: row.id}),
                "minutes": None if row.deadline_at is None else (seconds_left(row.deadline_at, now) or 0) // 60,
                "is_over": is_over(row.deadline_at, now),
            }
        )
    return found


def _task(row: Row, done: dict, now: datetime) -> Task:
    """An open enrolment is shown even when nothing is left of it: a job is about to complete it."""
    doc = load_document(row.revision_id, row.digest)
    where = progress(doc, done)
    item = doc.item(where.next_item or "")
    segments = [
        {
            "minutes": (doc.item(entry.item).minutes if doc.item(entry.item) else None) or 5,
            "state": "done" if entry.item in where.done else "now" if entry.item == where.next_item else "todo",
        }
        for entry in doc.items
    ]
    return Task(
        row,
        doc,
        where,
        status(row.completed_at, row.due_on, clock.day_of(now)),
        item_title(doc, where.next_item) if where.next_item else _("Everything required is done"),
        kind_of(item),
        item_url(doc, where.next_item) if where.next_item else url_for("learning.course", slug=row.slug),
        segments,
        counted(doc, where),
    )


WITHDRAWN = "withdrawn"
STATE_WORDS = {
    Status.ACTIVE: _l("In progress"),
    Status.OVERDUE: _l("Overdue"),
    Status.DONE: _l("Completed"),
    WITHDRAWN: _l("Withdrawn"),
}


@dataclass(frozen=True)
class Taken:
    """A course that a person takes, took or was withdrawn from; steps are (done, required) items."""

    row: Row
    state: str
    word: object
    steps: tuple[int, int]


@dataclass(frozen=True)
class Person:
    """What HR sees of one person, from every feature to the left."""

    user: User
    posts: list[Dated]
    enrolments: list[Taken]
    certificates: list[tuple[Row, CertificateStatus]]
    is_manageable: bool
    """Whether the viewer may reset her password: never that of who may do more than the viewer."""

    @property
    def open_courses(self) -> set[str]:
        """The courses she takes now, in which nobody can enrol her again."""
        return {taken.row.slug for taken in self.enrolments if taken.state in (Status.ACTIVE, Status.OVERDUE)}


def person(viewer: Viewer, user_id: int, now: datetime) -> Person:
    """A person in the viewer's scope, or 404."""
    user, today = get_person(viewer, user_id), clock.day_of(now)
    rows = enrolments_of(user.id)
    done = done_of([row.id for row in rows])
    enrolments = []
    for row in rows:
        doc = load_document(row.revision_id, row.digest)
        state = WITHDRAWN if row.withdrawn_at else status(row.completed_at, row.due_on, today)
        enrolments.append(Taken(row, state, STATE_WORDS[state], steps(doc, progress(doc, done[row.id]))))
    certificates = [(row, status_of(row, today)) for row in of_learner(user.id)]
    is_manageable = user.id in ids_manageable(viewer, [user.id])
    return Person(user, posts_of(user.id, today), enrolments, certificates, is_manageable)
