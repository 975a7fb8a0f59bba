"""Enrolling, recording what is done, completing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from lms.audit import service as audit
from lms.content.models import Course
from lms.content.queries import load_document
from lms.core.actor import Actor
from lms.core.bus import publish
from lms.core.db import db, insert_if_absent
from lms.course.completion import grade, progress
from lms.learning import queries
from lms.learning.events import CourseCompleted, Enrolled
from lms.learning.models import Enrolment, ItemRecord
from lms.learning.rules import AlreadyEnrolled, CourseRetired, NotOpen


def enrol(learner_id: int, course: Course, *, by: Actor, due_on: date | None = None, now: datetime) -> Enrolment:
    """Give a person a course, once; learners may only take open ones themselves."""
    if course.retired_at is not None or course.revision_id is None:
        raise CourseRetired
    if by.id == learner_id and not course.is_open:
        raise NotOpen
    if _find_open(learner_id, course.id) is not None:
        raise AlreadyEnrolled
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


def _find_open(learner_id: int, course_id: int) -> int | None:
    return db.session.scalar(
        select(Enrolment.id).where(
            Enrolment.learner_id == learner_id,
            Enrolment.course_id == course_id,
            Enrolment.completed_at.is_(None),
            Enrolment.withdrawn_at.is_(None),
        )
    )


@dataclass(frozen=True)
class Outcome:
    """How many were newly enrolled, and how many took the course already."""

    enrolled: int
    already: int


def enrol_many(learner_ids: Iterable[int], course: Course, *, by: Actor, due_on: date | None, now: datetime) -> Outcome:
    """Give a course to everyone who neither takes it nor has finished it."""
    enrolled = already = 0
    for learner_id in learner_ids:
        if queries.find_enrolment(learner_id, course.id) is not None:
            already += 1
            continue
        enrol(learner_id, course, by=by, due_on=due_on, now=now)
        enrolled += 1
    return Outcome(enrolled, already)


def withdraw(enrolment: Enrolment, *, by: Actor, now: datetime) -> None:
    """End an enrolment that is not completed; what was done is kept."""
    enrolment.withdrawn_at = now
    audit.record(by, "learning:enrolment:withdraw", enrolment, now=now)


def record(enrolment: Enrolment, item: str, *, passed: bool, fraction: float | None, now: datetime) -> None:
    """Store what became of an item; then see whether the course is completed. What is passed stays passed.

    Safe to call twice; the row of the enrolment is locked, so that two at once complete it once.
    """
    enrolment = db.session.scalars(
        select(Enrolment)
        .where(Enrolment.id == enrolment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    values = {"enrolment_id": enrolment.id, "item": item, "passed": False, "fraction": None, "recorded_at": now}
    insert_if_absent(ItemRecord, values, ("enrolment_id", "item"))
    row = db.session.scalars(
        select(ItemRecord).where(ItemRecord.enrolment_id == enrolment.id, ItemRecord.item == item)
    ).one()
    row.fraction, row.recorded_at = fraction, now
    if passed and not row.passed:
        row.passed, row.done_at = True, now
    enrolment.last_item, enrolment.last_seen_at = item, now
    db.session.flush()
    if enrolment.completed_at is None and enrolment.withdrawn_at is None:
        _complete(enrolment, now)


def _complete(enrolment: Enrolment, now: datetime) -> None:
    """Everything required of the latest revision is done: once and for good."""
    revision_id = db.session.scalars(select(Course.revision_id).where(Course.id == enrolment.course_id)).one()
    doc, done = load_document(revision_id), queries.records(enrolment.id)
    if not progress(doc, done).is_complete:
        return
    enrolment.completed_at, enrolment.completed_revision_id = now, revision_id
    enrolment.fraction = grade(doc, done)
    db.session.flush()
    audit.record(Actor(enrolment.learner_id, enrolment.learner.name), "learning:enrolment:complete", enrolment, now=now)
    publish(CourseCompleted(enrolment.id))
