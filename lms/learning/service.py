"""Enrolling, recording what is done, completing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select

from lms.audit import service as audit
from lms.content.models import Course
from lms.content.queries import load_document
from lms.core import clock
from lms.core.actor import SYSTEM, Actor
from lms.core.bus import publish
from lms.core.db import db, insert_if_absent
from lms.course.completion import grade, progress
from lms.learning import queries
from lms.learning.events import CourseCompleted, Enrolled
from lms.learning.models import Enrolment, ItemRecord, Override
from lms.learning.rules import (
    AlreadyEnrolled,
    CourseRetired,
    EnrolmentEnded,
    NotForOneself,
    NothingToDecide,
    NotOpen,
    StillValid,
    may_renew,
)

WAITED = timedelta(minutes=1)
"""No request waits longer for another; a record that lies further ahead was made by a clock that was wrong."""


def enrol(
    learner_id: int, course: Course, *, by: Actor, is_self: bool = False, due_on: date | None = None, now: datetime
) -> Enrolment:
    """Give a person a course, once; who takes it by herself, not as HR, may only take an open one."""
    _refuse_closed(course, is_self=is_self)
    latest = queries.latest_enrolments(course.id, [learner_id]).get(learner_id)
    if latest is not None and latest.is_open:
        raise AlreadyEnrolled
    if latest is not None and not may_renew(latest.expires_on, clock.day_of(now), is_self=is_self):
        raise StillValid
    return _enter(learner_id, course, by=by, due_on=due_on, now=now)


def _refuse_closed(course: Course, *, is_self: bool) -> None:
    if course.retired_at is not None or course.revision_id is None:
        raise CourseRetired
    if is_self and not course.is_open:
        raise NotOpen


def _enter(learner_id: int, course: Course, *, by: Actor, due_on: date | None, now: datetime) -> Enrolment:
    enrolment = Enrolment(
        learner_id=learner_id, course_id=course.id, enrolled_at=now, enrolled_by_id=by.id, due_on=due_on
    )
    db.session.add(enrolment)
    db.session.flush()
    audit.record(
        by, "learning:enrolment:create", enrolment, now=now, after={"course": course.slug, "learner_id": learner_id}
    )
    publish(Enrolled(enrolment.id))
    return enrolment


@dataclass(frozen=True)
class Outcome:
    """How many were newly enrolled, how many took the course already, and how many had completed it and need not again."""

    enrolled: int
    already: int
    valid: int


def enrol_many(
    learner_ids: Sequence[int],
    course: Course,
    *,
    named: Collection[int] = (),
    by: Actor,
    due_on: date | None,
    now: datetime,
) -> Outcome:
    """Give a course to everyone who does not take it and, having completed it, may renew; `named` were picked one by one."""
    _refuse_closed(course, is_self=False)
    latest, today = queries.latest_enrolments(course.id, learner_ids), clock.day_of(now)
    enrolled = already = valid = 0
    for learner_id in learner_ids:
        had = latest.get(learner_id)
        if had is not None and had.is_open:
            already += 1
        elif had is not None and not may_renew(had.expires_on, today, by_unit=learner_id not in named):
            valid += 1
        else:
            _enter(learner_id, course, by=by, due_on=due_on, now=now)
            enrolled += 1
    return Outcome(enrolled, already, valid)


def _locked(enrolment_id: int) -> Enrolment:
    """The enrolment as it stands now, its row locked until the transaction ends."""
    query = select(Enrolment).where(Enrolment.id == enrolment_id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def withdraw(enrolment: Enrolment, *, by: Actor, now: datetime) -> None:
    """End an enrolment that is not completed; what was done is kept, and twice is once."""
    enrolment = _locked(enrolment.id)
    if enrolment.completed_at is not None:
        raise EnrolmentEnded
    if enrolment.withdrawn_at is None:
        enrolment.withdrawn_at = now
        audit.record(by, "learning:enrolment:withdraw", enrolment, now=now)


def restore(enrolment: Enrolment, *, by: Actor, now: datetime) -> None:
    """Take a withdrawal back, unless the person was enrolled again since."""
    enrolment = _locked(enrolment.id)
    if enrolment.withdrawn_at is None:
        return
    others = select(Enrolment.id).where(
        Enrolment.learner_id == enrolment.learner_id,
        Enrolment.course_id == enrolment.course_id,
        Enrolment.withdrawn_at.is_(None),
        or_(Enrolment.id > enrolment.id, Enrolment.completed_at.is_(None)),
    )
    if db.session.scalar(others.limit(1)) is not None:
        raise AlreadyEnrolled
    enrolment.withdrawn_at = None
    audit.record(by, "learning:enrolment:restore", enrolment, now=now)
    # An attempt may have been graded, or the course changed meanwhile.
    _complete(enrolment, by=SYSTEM, now=_after_all(enrolment, now))


def set_due(enrolment: Enrolment, due_on: date | None, *, by: Actor, now: datetime) -> None:
    """Give an open enrolment another day due, or none."""
    enrolment = _locked(enrolment.id)
    if enrolment.completed_at is not None or enrolment.withdrawn_at is not None:
        raise EnrolmentEnded
    before, enrolment.due_on = enrolment.due_on, due_on
    if before != due_on:
        days = [{"due_on": day.isoformat() if day else None} for day in (before, due_on)]
        audit.record(by, "learning:enrolment:set_due", enrolment, now=now, before=days[0], after=days[1])


def record(
    enrolment: Enrolment, item: str, *, passed: bool, fraction: float | None, is_hers: bool = True, now: datetime
) -> None:
    """Store what became of an item; then see whether the course is completed. What is passed stays passed.

    `is_hers` says that the learner does it herself, here and now: it is where she stopped. Where a trainer has said
    otherwise, her word holds. Safe to call twice; the row of the enrolment is locked, so that two at once complete it once.
    """
    enrolment = _locked(enrolment.id)
    now = _after_all(enrolment, now)
    row, word = _record_of(enrolment.id, item, now), queries.find_word(enrolment.id, item)
    row.fraction, row.recorded_at = fraction, now
    _settle(row, passed or row.passed if word is None else word.passed, now)
    if is_hers:
        enrolment.last_item, enrolment.last_seen_at = item, now
    db.session.flush()
    if enrolment.completed_at is None and enrolment.withdrawn_at is None:
        _complete(enrolment, by=Actor(enrolment.learner_id, enrolment.learner.name) if is_hers else SYSTEM, now=now)


def record_practice(enrolment: Enrolment, item: str, *, is_hers: bool = True, now: datetime) -> None:
    """Store that an item was practised: it is neither passed nor failed by that, and what it was worth before stays."""
    enrolment = _locked(enrolment.id)
    now = _after_all(enrolment, now)
    row = _record_of(enrolment.id, item, now)
    row.recorded_at, row.done_at = now, row.done_at or now
    if is_hers:
        enrolment.last_item, enrolment.last_seen_at = item, now


def next_moment(enrolment_id: int, now: datetime) -> datetime:
    """Now, for whatever is written about the enrolment next; its row is locked until the transaction ends."""
    return _after_all(_locked(enrolment_id), now)


def _after_all(enrolment: Enrolment, now: datetime) -> datetime:
    """Now, but after everything that was recorded of the enrolment so far.

    The clock was read before the row was locked, so that another may have recorded something in between: without this the
    moment of the completion would lie before what completed it, or something later would seem to have been part of it.
    """
    query = select(func.max(ItemRecord.recorded_at)).where(ItemRecord.enrolment_id == enrolment.id)
    moments = [moment for moment in (db.session.scalar(query), enrolment.completed_at) if moment is not None]
    latest = max(moments, default=now)
    return latest + timedelta(microseconds=1) if now <= latest < now + WAITED else now


def _record_of(enrolment_id: int, item: str, now: datetime) -> ItemRecord:
    values = {"enrolment_id": enrolment_id, "item": item, "passed": False, "fraction": None, "recorded_at": now}
    insert_if_absent(ItemRecord, values, ("enrolment_id", "item"))
    query = select(ItemRecord).where(ItemRecord.enrolment_id == enrolment_id, ItemRecord.item == item)
    return db.session.scalars(query).one()


def _settle(row: ItemRecord, passed: bool, now: datetime) -> None:
    if passed != row.passed:
        row.passed, row.done_at = passed, now if passed else None


def override(enrolment: Enrolment, item: str, *, passed: bool, reason: str, by: Actor, now: datetime) -> None:
    """A trainer says that an item counts as passed, or does not, whatever its result; that holds until the next word.

    The score stays what it is. Saying the same again changes nothing. Completed never becomes uncompleted: over
    an enrolment that has ended nothing is decided any more.
    """
    enrolment = _locked(enrolment.id)
    if enrolment.completed_at is not None or enrolment.withdrawn_at is not None:
        raise NothingToDecide
    if enrolment.learner_id == by.id or by.id is None:
        raise NotForOneself
    word = queries.find_word(enrolment.id, item)
    if word is not None and (word.passed, word.reason) == (passed, reason):
        return
    now = _after_all(enrolment, now)
    made = Override(enrolment_id=enrolment.id, item=item, passed=passed, reason=reason, at=now, by_id=by.id)
    db.session.add(made)
    row = _record_of(enrolment.id, item, now)
    row.recorded_at = now
    _settle(row, passed, now)
    db.session.flush()
    after = {"enrolment_id": enrolment.id, "item": item, "passed": passed}
    audit.record(by, "learning:item:override", made, now=now, after=after)
    _complete(enrolment, by=by, now=now)


def reevaluate(enrolment_id: int, *, now: datetime) -> None:
    """Complete an open enrolment that has everything, without the learner having to do anything more."""
    enrolment = _locked(enrolment_id)
    if enrolment.completed_at is None and enrolment.withdrawn_at is None:
        _complete(enrolment, by=SYSTEM, now=_after_all(enrolment, now))


def _complete(enrolment: Enrolment, *, by: Actor, now: datetime) -> None:
    """Everything required of the latest revision is done: once and for good."""
    revision_id = db.session.scalars(select(Course.revision_id).where(Course.id == enrolment.course_id)).one()
    doc, done = load_document(revision_id), queries.records(enrolment.id)
    if not progress(doc, done).is_complete:
        return
    enrolment.completed_at, enrolment.completed_revision_id = now, revision_id
    enrolment.fraction = grade(doc, done)
    db.session.flush()
    audit.record(by, "learning:enrolment:complete", enrolment, now=now)
    publish(CourseCompleted(enrolment.id))
