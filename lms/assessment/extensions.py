"""Giving a person or a unit more time, more attempts or a later close at a quiz."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from lms.assessment import excess, queries, rules
from lms.assessment.allowance import More, allowance, moved
from lms.assessment.models import Attempt, Extension
from lms.assessment.rules import GrantedMeanwhile, NothingToAddTo, NotToOneself
from lms.audit import service as audit
from lms.content.models import Course
from lms.content.queries import load_document
from lms.core import clock, jobs
from lms.core.actor import Actor
from lms.core.db import db
from lms.course.document import Quiz
from lms.learning.models import Enrolment
from lms.learning.rules import EnrolmentEnded
from lms.people.models import User
from lms.people.queries import Viewer, at_work_in, unit_name_on, units_in_scope


def extend_person(enrolment_id: int, quiz: Quiz, more: More, *, seen: int, by: Actor, now: datetime) -> Extension:
    """Give it to one person; an attempt of hers that is open ends later at once.

    `seen` is how many extensions she had when HR looked: another one since then refuses, so that pressing twice
    gives once.
    """
    enrolment = db.session.get_one(Enrolment, enrolment_id)
    course_id, learner_id = enrolment.course_id, enrolment.learner_id
    _lock(course_id)
    if learner_id == by.id:
        raise NotToOneself
    db.session.refresh(enrolment)
    if enrolment.completed_at is not None or enrolment.withdrawn_at is not None:
        raise EnrolmentEnded
    if count_of_person(enrolment_id) != seen:
        raise GrantedMeanwhile
    excess.refuse_useless(excess.cases_of_person(enrolment_id, quiz, more, now), now)
    return _give(Extension(course_id=course_id, enrolment_id=enrolment_id), quiz, more, by, now)


def extend_unit(
    course_id: int, unit_id: int, quiz: Quiz, more: More, *, seen: int, by: Actor, now: datetime
) -> Extension:
    """Give it to everybody who works in the unit or below it, also to whoever comes there later; not to the giver.

    Attempts that are open end later at once. `seen` is how many extensions the unit had in this course.
    """
    _lock(course_id)
    if count_of_unit(course_id, unit_id) != seen:
        raise GrantedMeanwhile
    cases = excess.cases_of_unit(course_id, unit_id, quiz, more, by=by, now=now)
    excess.refuse_useless(cases or excess.case_of_newcomer(course_id, unit_id, quiz, more, now), now)
    return _give(Extension(course_id=course_id, unit_id=unit_id), quiz, more, by, now)


def _lock(course_id: int) -> None:
    """No attempt of the course begins, and nothing else is given in it, until this transaction ends.

    Locks are taken in the order course, attempts, enrolment, as saving and submitting do.
    """
    db.session.execute(select(Course.id).where(Course.id == course_id).with_for_update(key_share=True))


def _give(made: Extension, quiz: Quiz, more: More, by: Actor, now: datetime) -> Extension:
    nothing = (
        (more.minutes and quiz.minutes is None)
        or (more.attempts and quiz.attempts is None)
        or (more.closes_at and quiz.closes is None)
        or not (more.minutes or more.attempts or more.closes_at)
    )
    if nothing:
        raise NothingToAddTo
    made.item, made.reason, made.granted_at, made.granted_by_id = quiz.id, more.reason, now, by.id
    made.extra_minutes, made.extra_attempts, made.closes_at = more.minutes, more.attempts, more.closes_at
    attempts = _locked_open(made, now)
    db.session.add(made)
    db.session.flush()
    for attempt in attempts:
        _move(attempt, now)
    after = {
        "item": quiz.id, "minutes": more.minutes, "attempts": more.attempts,
        "closes_at": more.closes_at.isoformat() if more.closes_at else None,
        "enrolment_id": made.enrolment_id, "unit_id": made.unit_id,
    }  # fmt: skip
    audit.record(by, "assessment:extension:grant", made, now=now, after=after)
    return made


def _locked_open(made: Extension, now: datetime) -> list[Attempt]:
    """The open attempts of those to whom it is given, locked."""
    whose = (
        Attempt.enrolment_id == made.enrolment_id
        if made.unit_id is None
        else Attempt.learner_id.in_(at_work_in(made.unit_id, clock.day_of(now)))
    )
    query = select(Attempt).where(
        Attempt.course_id == made.course_id, Attempt.item == made.item, Attempt.submitted_at.is_(None), whose
    )
    locked = query.order_by(Attempt.id).with_for_update().execution_options(populate_existing=True)
    return list(db.session.scalars(locked))


def _move(attempt: Attempt, now: datetime) -> None:
    """The deadline follows what holds now, by the rules that the attempt began with; its closing follows the deadline."""
    quiz = load_document(attempt.revision_id).quiz(attempt.item)
    if quiz is None:
        raise LookupError(f"revision {attempt.revision_id} has no quiz {attempt.item}")
    enrolled_at = db.session.scalars(select(Enrolment.enrolled_at).where(Enrolment.id == attempt.enrolment_id)).one()
    allowed = allowance(quiz, enrolled_at, queries.extra_of(attempt.enrolment_id, attempt.item, now))
    ends = moved(attempt.deadline_at, allowed.must_end_by(attempt.started_at))
    if ends is not None and ends != attempt.deadline_at:
        attempt.deadline_at = ends
        jobs.put_off("assessment.close", attempt.id, now=now, run_at=ends + rules.GRACE)


def count_of_person(enrolment_id: int) -> int:
    """How many extensions were given to the enrolment itself."""
    query = select(func.count()).select_from(Extension).where(Extension.enrolment_id == enrolment_id)
    return db.session.scalar(query) or 0


def count_of_unit(course_id: int, unit_id: int) -> int:
    """How many extensions were given to this very unit in the course."""
    query = (
        select(func.count())
        .select_from(Extension)
        .where(Extension.course_id == course_id, Extension.unit_id == unit_id)
    )
    return db.session.scalar(query) or 0


def _given(condition: Any, day: Any) -> list[Row]:
    """Extensions with who gave them and the unit, oldest first."""
    names = unit_name_on(day).subquery()
    query = (
        select(
            Extension.enrolment_id, Extension.unit_id, Extension.item, Extension.extra_minutes, Extension.extra_attempts, Extension.closes_at, Extension.reason,
            Extension.granted_at, User.name.label("granted_by"), names.c.name.label("unit_name"),
        )
        .outerjoin(User, User.id == Extension.granted_by_id)
        .outerjoin(names, names.c.unit_id == Extension.unit_id)
        .where(condition)
        .order_by(Extension.id)
    )  # fmt: skip
    return list(db.session.execute(query))


def given_to_person(enrolment_id: int) -> list[Row]:
    """Everything that holds for the enrolment, of her own and of her units; whoever asks has her in scope."""
    day = clock.today()
    return _given(queries.applies(enrolment_id, day), day)


def given_to_units(viewer: Viewer, course_id: int) -> list[Row]:
    """What was given in the course to units in the viewer's scope."""
    day = clock.today()
    in_scope = Extension.unit_id.in_(units_in_scope(viewer, day))
    return _given((Extension.course_id == course_id) & in_scope, day)


def count_learning_in(course_id: int, unit_id: int, now: datetime) -> int:
    """How many people in the unit and below take the course now."""
    query = (
        select(func.count())
        .select_from(Enrolment)
        .where(
            Enrolment.course_id == course_id, Enrolment.completed_at.is_(None), Enrolment.withdrawn_at.is_(None),
            Enrolment.learner_id.in_(at_work_in(unit_id, clock.day_of(now))),
        )
    )  # fmt: skip
    return db.session.scalar(query) or 0
