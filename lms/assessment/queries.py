"""Reading attempts and answers: one's own only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort
from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import aliased

from lms.assessment.models import Attempt, ExtraAttempts, Grade, QuestionCorrection, Response
from lms.assessment.rules import Corrected, Correction
from lms.content.models import Course, Revision
from lms.content.queries import load_document
from lms.core.db import db
from lms.course.document import Quiz
from lms.learning.models import Enrolment
from lms.people.models import User

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


def get_result(learner_id: int, attempt_id: int) -> Row:
    """One's own attempt with its newest grade, the course as it is now, how many attempts were begun and added; or 404."""
    current, begun = aliased(Revision), aliased(Attempt)
    newest = select(func.max(Grade.id)).where(Grade.attempt_id == Attempt.id).correlate(Attempt).scalar_subquery()
    used = (
        select(func.count(begun.id))
        .where(begun.enrolment_id == Attempt.enrolment_id, begun.item == Attempt.item)
        .correlate(Attempt)
        .scalar_subquery()
    )
    extra = (
        select(func.coalesce(func.sum(ExtraAttempts.count), 0))
        .where(ExtraAttempts.enrolment_id == Attempt.enrolment_id, ExtraAttempts.item == Attempt.item)
        .correlate(Attempt)
        .scalar_subquery()
    )
    query = (
        select(
            *ATTEMPT, Grade.points, Grade.most_points, Grade.fraction, Grade.passed, Grade.marks, Grade.correction_id, Attempt.course_id, used.label("used"), extra.label("extra"),
            current.id.label("current_id"), current.digest.label("current_digest"), Enrolment.enrolled_at,
            Enrolment.completed_at,
        )
        .join(Revision, Revision.id == Attempt.revision_id)
        .join(Course, Course.id == Attempt.course_id)
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .join(current, current.id == Course.revision_id)
        .outerjoin(Grade, Grade.id == newest)
        .where(Attempt.id == attempt_id, Attempt.learner_id == learner_id)
    )  # fmt: skip
    return db.session.execute(query).first() or abort(404)


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


_NEWEST = select(func.max(Grade.id)).where(Grade.attempt_id == Attempt.id).correlate(Attempt).scalar_subquery()
_EXTRA = (
    select(func.coalesce(func.sum(ExtraAttempts.count), 0))
    .where(ExtraAttempts.enrolment_id == bindparam("enrolment"), ExtraAttempts.item == bindparam("item"))
    .scalar_subquery()
)
# From the enrolment, so that there is a row to tell what HR has added where no attempt was begun yet.
_TAKEN = (
    select(
        Attempt.id, Attempt.number, Attempt.started_at, Attempt.submitted_at, Attempt.deadline_at, Grade.fraction,
        Grade.passed, _EXTRA.label("extra"),
    )
    .select_from(Enrolment)
    .outerjoin(Attempt, (Attempt.enrolment_id == Enrolment.id) & (Attempt.item == bindparam("item")))
    .outerjoin(Grade, Grade.id == _NEWEST)
    .where(Enrolment.id == bindparam("enrolment"))
    .order_by(Attempt.number)
)  # fmt: skip


@dataclass(frozen=True)
class Taken:
    """All attempts of an enrolment at a quiz with their newest grades, oldest first, and how many HR has added."""

    past: list[Past]
    extra: int

    def allowed(self, quiz: Quiz) -> int | None:
        """How often the quiz may be taken: as its author says and HR has added; None without a limit."""
        return None if quiz.attempts is None else quiz.attempts + self.extra


def taken(enrolment_id: int, item: str) -> Taken:
    """One statement."""
    rows = db.session.execute(_TAKEN, {"enrolment": enrolment_id, "item": item}).all()
    past = [Past(*row[:-1]) for row in rows if row.id is not None]
    return Taken(past, int(rows[0].extra) if rows else 0)


def granted_attempts(enrolment_id: int) -> list[Row]:
    """What HR has added, by whom and why, oldest first."""
    query = (
        select(
            ExtraAttempts.item, ExtraAttempts.count, ExtraAttempts.reason, ExtraAttempts.granted_at,
            User.name.label("granted_by"),
        )
        .outerjoin(User, User.id == ExtraAttempts.granted_by_id)
        .where(ExtraAttempts.enrolment_id == enrolment_id)
        .order_by(ExtraAttempts.id)
    )  # fmt: skip
    return list(db.session.execute(query))


_OPEN = (
    select(
        Attempt.id, Attempt.item, Attempt.deadline_at, Attempt.enrolment_id, Course.slug,
        Course.title.label("course_title"),
    )
    .join(Course, Course.id == Attempt.course_id)
    .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
    .where(
        Attempt.learner_id == bindparam("learner"), Attempt.submitted_at.is_(None), Enrolment.withdrawn_at.is_(None)
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


def count_open(course_id: int) -> int:
    """How many attempts at quizzes of the course are open."""
    query = (
        select(func.count()).select_from(Attempt).where(Attempt.course_id == course_id, Attempt.submitted_at.is_(None))
    )
    return db.session.scalar(query) or 0


def corrections(course_id: int, item: str) -> list[QuestionCorrection]:
    """Everything that was decided about questions of the quiz, oldest first."""
    query = select(QuestionCorrection).where(QuestionCorrection.course_id == course_id, QuestionCorrection.item == item)
    return list(db.session.scalars(query.order_by(QuestionCorrection.id)))


def corrected(made: Iterable[QuestionCorrection], revision_id: int) -> dict[str, Corrected]:
    """How questions of an attempt at that revision count after all, by question; the newest correction holds."""
    found: dict[str, Corrected] = {}
    for one in made:
        if one.revision_id >= revision_id:
            how, quiz = Correction(one.how), None
            if how is Correction.NEW_KEY:
                quiz = load_document(one.revision_id).quiz(one.item)
            found[one.question] = Corrected(how, quiz.question(one.question) if quiz else None)
    return found
