"""The start page: what to do next, from every feature to the left."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import Row

from lms.assessment.queries import open_attempts
from lms.assessment.rules import is_over, seconds_left
from lms.certificates.queries import of_learner
from lms.content.queries import load_document
from lms.content.rendering import item_url
from lms.core import clock
from lms.core.i18n import _
from lms.course.completion import Progress, progress
from lms.course.document import CourseDoc, Quiz
from lms.learning.queries import catalogue, done_of
from lms.learning.rules import Status, status
from lms.people.queries import Viewer


@dataclass(frozen=True)
class Task:
    """A course that is not finished, and its next item."""

    row: Row
    doc: CourseDoc
    progress: Progress
    status: Status
    item_title: str
    is_quiz: bool
    url: str
    segments: list[dict[str, Any]]


@dataclass(frozen=True)
class Tasks:
    """Everything on the start page; an interrupted attempt stands first."""

    attempts: list[dict[str, Any]]
    tasks: list[Task]
    open_courses: int
    finished: int
    newest_certificate: Row | None


def tasks(viewer: Viewer, now: datetime) -> Tasks:
    """Four statements, however many courses there are."""
    rows = catalogue(viewer.id)
    mine = [row for row in rows if row.enrolment_id and row.completed_at is None]
    done = done_of([row.enrolment_id for row in mine])
    found = sorted(
        (_task(row, done[row.enrolment_id], now) for row in mine),
        key=lambda task: (task.row.due_on is None, task.row.due_on or clock.day_of(now), task.row.title),
    )
    attempts = [
        {
            "course": row.course_title,
            "url": url_for("assessment.attempt", attempt_id=row.id),
            "minutes": None if row.deadline_at is None else (seconds_left(row.deadline_at, now) or 0) // 60,
            "is_over": is_over(row.deadline_at, now),
        }
        for row in open_attempts(viewer.id)
    ]
    certificates = of_learner(viewer.id)
    return Tasks(
        attempts,
        found,
        sum(1 for row in rows if row.enrolment_id is None and row.is_open),
        sum(1 for row in rows if row.completed_at is not None),
        certificates[0] if certificates else None,
    )


def _task(row: Row, done: dict, now: datetime) -> Task:
    """An open enrolment is shown even when nothing is left of it: a job is about to complete it."""
    doc = load_document(row.revision_id, row.digest)
    where = progress(doc, done)
    item = doc.item(where.next_item or "")
    is_quiz = isinstance(item, Quiz)
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
        item.title if item else _("Everything required is done"),
        is_quiz,
        item_url(doc, where.next_item) if where.next_item else url_for("learning.course", slug=row.slug),
        segments,
    )
