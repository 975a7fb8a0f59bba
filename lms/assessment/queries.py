"""Reading attempts and answers: one's own only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort
from sqlalchemy import Row, bindparam, func, select

from lms.assessment.models import Attempt, Grade, Response
from lms.content.models import Course, Revision
from lms.core.db import db
from lms.learning.models import Enrolment

ATTEMPT = (
    Attempt.id, Attempt.enrolment_id, Attempt.learner_id, Attempt.item, Attempt.number, Attempt.paper, Attempt.started_at,
    Attempt.deadline_at, Attempt.submitted_at, Attempt.submitted_how, Attempt.revision_id, Revision.digest,
    Course.slug, Course.title.label("course_title"),
)  # fmt: skip


_ATTEMPT = (
    select(*ATTEMPT)
    .join(Revision, Revision.id == Attempt.revision_id)
    .join(Course, Course.id == Attempt.course_id)
    .where(Attempt.id == bindparam("attempt"), Attempt.learner_id == bindparam("learner"))
)


def get_attempt(learner_id: int, attempt_id: int) -> Row:
    """One's own attempt with its course and revision, or 404."""
    return db.session.execute(_ATTEMPT, {"attempt": attempt_id, "learner": learner_id}).first() or abort(404)


_RESPONSES = select(Response.question, Response.revision, Response.answer, Response.saved_at).where(
    Response.attempt_id == bindparam("attempt")
)


def responses(attempt_id: int) -> dict[str, Row]:
    """The answers that hold, by question."""
    return {row.question: row for row in db.session.execute(_RESPONSES, {"attempt": attempt_id})}


def find_grade(attempt_id: int) -> Row | None:
    """The newest grade of an attempt."""
    query = select(Grade.points, Grade.most_points, Grade.fraction, Grade.passed, Grade.marks, Grade.graded_at)
    return db.session.execute(query.where(Grade.attempt_id == attempt_id).order_by(Grade.id.desc()).limit(1)).first()


@dataclass(frozen=True)
class Past:
    """One attempt in the list of a quiz; fraction is None while it is open."""

    id: int
    number: int
    started_at: datetime
    submitted_at: datetime | None
    deadline_at: datetime | None
    fraction: float | None
    passed: bool | None


def attempts(enrolment_id: int, item: str) -> list[Past]:
    """All attempts of an enrolment at a quiz with their newest grades, oldest first."""
    latest = select(Grade.attempt_id, func.max(Grade.id).label("id")).group_by(Grade.attempt_id)
    newest = latest.where(
        Grade.attempt_id.in_(select(Attempt.id).where(Attempt.enrolment_id == enrolment_id))
    ).subquery()
    rows = db.session.execute(
        select(
            Attempt.id, Attempt.number, Attempt.started_at, Attempt.submitted_at, Attempt.deadline_at, Grade.fraction,
            Grade.passed,
        )
        .outerjoin(newest, newest.c.attempt_id == Attempt.id)
        .outerjoin(Grade, Grade.id == newest.c.id)
        .where(Attempt.enrolment_id == enrolment_id, Attempt.item == item)
        .order_by(Attempt.number)
    )  # fmt: skip
    return [Past(*row) for row in rows]


_OPEN = (
    select(
        Attempt.id, Attempt.item, Attempt.deadline_at, Attempt.enrolment_id, Course.slug,
        Course.title.label("course_title"),
    )
    .join(Course, Course.id == Attempt.course_id)
    .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
    .where(
        Attempt.learner_id == bindparam("learner"),
        Attempt.submitted_at.is_(None),
        Enrolment.withdrawn_at.is_(None),
    )
    .order_by(Attempt.started_at)
)  # fmt: skip


def open_attempts(learner_id: int) -> list[Row]:
    """What was begun and not submitted, for the start page."""
    return list(db.session.execute(_OPEN, {"learner": learner_id}))


def answers(attempt_id: int) -> dict[str, Any]:
    """Question id → canonical answer, of those that were answered."""
    query = select(Response.question, Response.answer).where(Response.attempt_id == attempt_id)
    return {row.question: row.answer for row in db.session.execute(query)}
