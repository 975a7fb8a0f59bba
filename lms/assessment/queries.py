"""Reading attempts and answers: one's own only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort
from sqlalchemy import Date, Row, and_, bindparam, func, literal, or_, select, true
from sqlalchemy.orm import aliased

from lms.assessment.allowance import Allowance, Extra, allowance
from lms.assessment.models import Attempt, Extension, Grade, QuestionCorrection, Response
from lms.assessment.rules import Corrected, Correction
from lms.content.models import Course, Revision
from lms.content.queries import load_document
from lms.core import clock
from lms.core.db import db
from lms.course.document import Quiz
from lms.learning.models import Enrolment
from lms.people.queries import units_above

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


def applies(enrolment_id: Any, day: Any) -> Any:
    """The condition that an extension is for this enrolment: its own, or of a unit where its learner works on the day.

    Units count as they stand then; whoever gave it to a unit is left out.
    """
    mine = aliased(Enrolment)
    of_mine = mine.id == enrolment_id
    learner, course = (select(column).where(of_mine).scalar_subquery() for column in (mine.learner_id, mine.course_id))
    of_unit = and_(
        Extension.course_id == course,
        Extension.unit_id.in_(units_above(learner, day)),
        Extension.granted_by_id.is_distinct_from(learner),
    )
    return or_(Extension.enrolment_id == enrolment_id, of_unit)


def _together(enrolment_id: Any, item: Any, day: Any) -> Any:
    """One row: what all extensions for the enrolment at the item are worth together, as `Extra` says."""
    return (
        select(
            func.coalesce(func.max(Extension.extra_minutes), 0).label("extra_minutes"),
            func.coalesce(func.sum(Extension.extra_attempts), 0).label("extra_attempts"),
            func.max(Extension.closes_at).label("extended_to"),
        )
        .where(Extension.item == item, applies(enrolment_id, day))
        .subquery()
    )


_EXTRA = select(_together(bindparam("enrolment"), bindparam("item"), bindparam("day", type_=Date())))


def extra_of(enrolment_id: int, item: str, now: datetime) -> Extra:
    """What was given to the enrolment beyond the author's rules, as of now."""
    values = {"enrolment": enrolment_id, "item": item, "day": clock.day_of(now)}
    row = db.session.execute(_EXTRA, values).one()
    return Extra(row.extra_minutes, int(row.extra_attempts), row.extended_to)


def _result() -> Any:
    """The statement of `get_result`."""
    current, begun = aliased(Revision), aliased(Attempt)
    newest = select(func.max(Grade.id)).where(Grade.attempt_id == Attempt.id).correlate(Attempt).scalar_subquery()
    of_attempt = select(begun.enrolment_id).where(begun.id == bindparam("attempt")).scalar_subquery()
    item = select(begun.item).where(begun.id == bindparam("attempt")).scalar_subquery()
    given = _together(of_attempt, item, bindparam("day", type_=Date()))
    return (
        select(
            *ATTEMPT, Grade.points, Grade.most_points, Grade.fraction, Grade.passed, Grade.marks, Grade.correction_id,
            Attempt.course_id, given,
            current.id.label("current_id"), current.digest.label("current_digest"), Enrolment.enrolled_at,
            Enrolment.completed_at,
        )
        .join(Revision, Revision.id == Attempt.revision_id)
        .join(Course, Course.id == Attempt.course_id)
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .join(current, current.id == Course.revision_id)
        .join(given, true())
        .outerjoin(Grade, Grade.id == newest)
        .where(Attempt.id == bindparam("attempt"), Attempt.learner_id == bindparam("learner"))
    )  # fmt: skip


_RESULT = _result()


def get_result(learner_id: int, attempt_id: int) -> Row:
    """One's own attempt with its newest grade, the course as it is now, and what was given beyond its rules; or 404."""
    values = {"attempt": attempt_id, "learner": learner_id, "day": clock.today()}
    return db.session.execute(_RESULT, values).first() or abort(404)


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
    revision_id: int
    digest: str

    def is_practice(self, item: str) -> bool:
        """Whether the quiz was for practice in the revision that the attempt began with."""
        return was_practice(self.revision_id, self.digest, item)


def was_practice(revision_id: int, digest: str, item: str) -> bool:
    """Whether attempts at that revision of the quiz are practice, whatever it is now."""
    quiz = load_document(revision_id, digest).quiz(item)
    return quiz is not None and quiz.practice


_NEWEST = select(func.max(Grade.id)).where(Grade.attempt_id == Attempt.id).correlate(Attempt).scalar_subquery()
_GIVEN = _together(bindparam("enrolment"), bindparam("item"), bindparam("day", type_=Date()))
# From the enrolment, so that there is a row to tell what was given beyond the rules where no attempt was begun yet.
_TAKEN = (
    select(
        Attempt.id, Attempt.number, Attempt.started_at, Attempt.submitted_at, Attempt.deadline_at, Grade.fraction,
        Grade.passed, Attempt.revision_id, Revision.digest, Enrolment.enrolled_at, _GIVEN,
    )
    .select_from(Enrolment)
    .join(_GIVEN, true())
    .outerjoin(Attempt, (Attempt.enrolment_id == Enrolment.id) & (Attempt.item == bindparam("item")))
    .outerjoin(Revision, Revision.id == Attempt.revision_id)
    .outerjoin(Grade, Grade.id == _NEWEST)
    .where(Enrolment.id == bindparam("enrolment"))
    .order_by(Attempt.number)
)  # fmt: skip


@dataclass(frozen=True)
class Taken:
    """All attempts of an enrolment at a quiz with their newest grades, oldest first, and what it was given beyond the rules."""

    past: list[Past]
    enrolled_at: datetime
    extra: Extra

    def allowance(self, quiz: Quiz) -> Allowance:
        """How long, how often and when the quiz may be taken: as its author says and as was given."""
        return allowance(quiz, self.enrolled_at, self.extra)

    def like(self, quiz: Quiz) -> list[Past]:
        """The attempts that use its limit up and make its result: what was begun as practice is neither where it counts."""
        return [one for one in self.past if one.is_practice(quiz.id) == quiz.practice]

    @property
    def standing(self) -> Past | None:
        """The attempt that is open."""
        return next((one for one in self.past if one.submitted_at is None), None)

    def ruling(self, quiz: Quiz) -> Quiz:
        """The quiz by whose rules she goes: an open attempt keeps those it began with, whatever was published since."""
        pinned = self.standing and load_document(self.standing.revision_id, self.standing.digest).quiz(quiz.id)
        return pinned or quiz


def taken(enrolment_id: int, item: str) -> Taken:
    """One statement."""
    rows = db.session.execute(_TAKEN, {"enrolment": enrolment_id, "item": item, "day": clock.today()}).all()
    first = rows[0]
    past = [Past(*row[:9]) for row in rows if row.id is not None]
    return Taken(past, first.enrolled_at, Extra(first.extra_minutes, int(first.extra_attempts), first.extended_to))


def used_of(row: Row, quiz: Quiz) -> int:
    """How many attempts of those that the limit of the quiz counts were begun, the result's own among them."""
    return len(taken(row.enrolment_id, row.item).like(quiz))


OPEN_ATTEMPTS = (
    select(
        literal("quiz").label("kind"), Attempt.id, Attempt.started_at, Attempt.deadline_at,
        Course.title.label("course_title"),
    )
    .join(Course, Course.id == Attempt.course_id)
    .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
    .where(
        Attempt.learner_id == bindparam("learner"), Attempt.submitted_at.is_(None), Enrolment.withdrawn_at.is_(None)
    )
)  # fmt: skip
"""What the learner began and did not submit; the start page reads it together with open runs of drills."""


_ANSWERS = select(Response.question, Response.answer).where(Response.attempt_id == bindparam("attempt"))


def answers(attempt_id: int) -> dict[str, Any]:
    """Question id → canonical answer, of those that were answered."""
    return {row.question: row.answer for row in db.session.execute(_ANSWERS, {"attempt": attempt_id})}


_CORRECTIONS = (
    select(QuestionCorrection)
    .where(QuestionCorrection.course_id == bindparam("course"), QuestionCorrection.item == bindparam("item"))
    .order_by(QuestionCorrection.id)
)


def corrections(course_id: int, item: str) -> list[QuestionCorrection]:
    """Everything that was decided about questions of the quiz, oldest first."""
    return list(db.session.scalars(_CORRECTIONS, {"course": course_id, "item": item}))


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
