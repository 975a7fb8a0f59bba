"""A question that turned out wrong: who would get another result, then the new grades beside the old ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, Row, Select, delete, func, select

from lms.assessment import marking, queries, rules, service
from lms.assessment.models import Attempt, AwaitedMark, Grade, QuestionCorrection, Response
from lms.assessment.rules import Corrected, Correction, Result
from lms.audit import service as audit
from lms.content.models import Course, Revision
from lms.content.queries import load_document
from lms.core import jobs
from lms.core.actor import Actor
from lms.core.db import db
from lms.course.questions import Answer

JOB = "assessment.regrade"
AT_ONCE = 200
"""Attempts that are looked at in one transaction."""


def freed(correction: QuestionCorrection) -> Select:
    """Waiting answers to the question that nobody has to mark any more."""
    return (
        select(AwaitedMark.id, AwaitedMark.attempt_id)
        .join(Attempt, Attempt.id == AwaitedMark.attempt_id)
        .where(
            *held(correction), AwaitedMark.course_id == correction.course_id, AwaitedMark.item == correction.item,
            AwaitedMark.question == correction.question,
        )
    )  # fmt: skip


@dataclass(frozen=True)
class Batch:
    """Some attempts by number, those of them that were asked the question, and where the next begin; None after the last."""

    looked_at: int
    rows: Sequence[Row]
    last: int | None


def batch(correction: QuestionCorrection, after: int = 0) -> Batch:
    """A few hundred graded attempts that the correction holds for, with their newest grade."""
    newest = select(func.max(Grade.id)).where(Grade.attempt_id == Attempt.id).correlate(Attempt).scalar_subquery()
    query = (
        select(
            Attempt.id, Attempt.paper, Attempt.revision_id, Revision.digest, Attempt.item, Grade.points,
            Grade.most_points, Grade.fraction, Grade.passed, Grade.marks,
        )
        .join(Grade, Grade.id == newest)
        .join(Revision, Revision.id == Attempt.revision_id)
        .where(*held(correction), Attempt.id > after)
        .order_by(Attempt.id)
        .limit(AT_ONCE)
    )  # fmt: skip
    rows = db.session.execute(query).all()
    asked = [row for row in rows if any(one["question"] == correction.question for one in row.paper)]
    return Batch(len(rows), asked, rows[-1].id if len(rows) == AT_ONCE else None)


def held(correction: QuestionCorrection) -> tuple[ColumnElement[bool], ...]:
    """Which attempts the correction holds for."""
    return (
        Attempt.course_id == correction.course_id, Attempt.item == correction.item,
        Attempt.revision_id <= correction.revision_id,
    )  # fmt: skip


def regraded(rows: Sequence[Row], made: Sequence[QuestionCorrection]) -> Iterator[tuple[Row, Result]]:
    """Each attempt graded again from its stored answers, marks by people and all corrections; other marks stand."""
    ids = [row.id for row in rows]
    answers: dict[int, dict[str, Answer]] = {attempt_id: {} for attempt_id in ids}
    stored = select(Response.attempt_id, Response.question, Response.answer).where(Response.attempt_id.in_(ids))
    for attempt_id, question, answer in db.session.execute(stored):
        answers[attempt_id][question] = answer
    by_hand = marking.hand_marks(ids) if _may_have_marks(rows) else {attempt_id: {} for attempt_id in ids}
    by_revision: dict[int, dict[str, Corrected]] = {}
    for row in rows:
        if row.revision_id not in by_revision:
            by_revision[row.revision_id] = queries.corrected(made, row.revision_id)
        quiz = load_document(row.revision_id, row.digest).quiz(row.item)
        if quiz is None:
            raise LookupError(f"revision {row.revision_id} has no quiz {row.item}")
        given: dict[str, Decimal] = {name: marking.agreed(marks) for name, marks in by_hand[row.id].items()}
        yield row, rules.grade_paper(quiz, row.paper, answers[row.id], given, by_revision[row.revision_id], row.marks)


def _free(made: QuestionCorrection, turn: Sequence[int], now: datetime) -> None:
    """Answers to the question wait no more; an attempt that waited for nothing else is graded."""
    for row in db.session.execute(freed(made).where(AwaitedMark.attempt_id.in_(turn))).all():
        db.session.execute(delete(AwaitedMark).where(AwaitedMark.id == row.id))
        rest = select(AwaitedMark.id).where(AwaitedMark.attempt_id == row.attempt_id).limit(1)
        if db.session.scalar(rest) is not None:
            continue
        attempt = db.session.get_one(Attempt, row.attempt_id)
        made.regraded += marking.grade_if_marked(attempt, correction_id=made.id, now=now)


def _may_have_marks(rows: Sequence[Row]) -> bool:
    """Whether people mark some of what was asked."""
    quizzes = {row.revision_id: load_document(row.revision_id, row.digest).quiz(row.item) for row in rows}
    return any(question.needs_person for quiz in quizzes.values() if quiz for question in quiz.questions)


def differs(row: Row, result: Result) -> bool:
    return (row.points, row.most_points, row.marks) != (result.points, result.most, result.marks)


def correct(
    course: Course, item: str, question: str, how: Correction, *, reason: str, by: Actor, now: datetime
) -> QuestionCorrection:
    """Decide it: open attempts count by it from now on, and those that are graded are graded again by a job."""
    made = QuestionCorrection(
        course_id=course.id, item=item, question=question, how=how.value, revision_id=course.revision_id, reason=reason,
        made_at=now, made_by_id=by.id, regraded=0,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    jobs.enqueue(JOB, f"{made.id}.0", now=now)
    after = {"item": item, "question": question, "how": how.value}
    audit.record(by, "assessment:question:correct", course, now=now, label=course.slug, after=after)
    return made


def regrade(correction_id: int, after: int, *, now: datetime) -> None:
    """The next few hundred attempts; the rest goes on as another job. Safe to run twice: what differs no more is left."""
    made = db.session.scalar(select(QuestionCorrection).where(QuestionCorrection.id == correction_id).with_for_update())
    if made is None or made.done_at is not None:
        return
    standing = queries.corrections(made.course_id, made.item)
    ids = select(Attempt.id).where(
        Attempt.course_id == made.course_id, Attempt.item == made.item, Attempt.id > after
    )  # fmt: skip
    # Open ones too: one that is being submitted just now has not seen the correction, and is waited for.
    turn = db.session.scalars(ids.order_by(Attempt.id).limit(AT_ONCE).with_for_update()).all()
    if not turn:
        made.done_at = now
        return
    if made.how != Correction.NEW_KEY.value:
        _free(made, turn, now)
    rows = batch(made, after).rows
    for row, result in regraded([row for row in rows if row.id <= turn[-1]], standing):
        if differs(row, result):
            attempt = db.session.get_one(Attempt, row.id)
            service.grade(attempt, service.quiz_of(attempt), result, correction_id=made.id, is_hers=False, now=now)
            made.regraded += 1
    jobs.enqueue(JOB, f"{made.id}.{turn[-1]}", now=now)
