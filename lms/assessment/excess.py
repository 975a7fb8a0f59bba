"""Whether the close lets people use what is given: said before it is given, and refused where nobody could."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce

from sqlalchemy import ColumnElement, Row, select

from lms.assessment import queries, rules
from lms.assessment.allowance import Allowance, Extra, More, allowance
from lms.assessment.models import Attempt, Extension
from lms.assessment.rules import StillClosed
from lms.content.models import Revision
from lms.content.queries import load_document
from lms.core import clock
from lms.core.actor import Actor
from lms.core.db import db
from lms.core.i18n import format_datetime
from lms.course.document import Quiz
from lms.learning.models import Enrolment
from lms.people.queries import at_work_in, units_over

OPEN_AGAIN = timedelta(days=7)
"""How long a quiz that has closed is suggested to open again."""


@dataclass(frozen=True)
class Excess:
    """The quiz closes before what is given can be used; `enough_at` is the first close that would do."""

    closes_at: datetime
    enough_at: datetime
    is_closed: bool
    """It has closed already."""


@dataclass(frozen=True)
class Case:
    """What one person would be allowed when it is given too: at the attempt that she began then, or at the next one."""

    allowed: Allowance
    begun_at: datetime | None

    def is_closed(self, now: datetime) -> bool:
        """Whether the close has passed, so that neither minutes nor attempts help."""
        return self.allowed.closes_at is not None and self.allowed.closes_at <= now


def excess(case: Case, now: datetime) -> Excess | None:
    """Whether the close comes before the minutes of an attempt, begun then or as soon as can be, are over."""
    allowed, begun_at = case.allowed, case.begun_at
    if allowed.closes_at is None:
        return None
    if begun_at is None and case.is_closed(now):
        return Excess(allowed.closes_at, clock.end_of(clock.day_of(now + OPEN_AGAIN)), is_closed=True)
    start = begun_at or max(now, allowed.opens_at or now)
    ends = rules.deadline(start, allowed.minutes)
    if ends is None or not allowed.is_cut_short(start):
        return None
    # The form tells minutes, not seconds; and who has not begun may begin later on that day.
    whole = (ends + timedelta(minutes=1)).replace(second=0, microsecond=0)
    enough_at = whole if begun_at is not None else clock.end_of(clock.day_of(ends))
    return Excess(allowed.closes_at, enough_at, is_closed=case.is_closed(now))


def of_person(enrolment: Enrolment, quiz: Quiz, more: More, now: datetime) -> Excess | None:
    """Whether this is more than the close lets her use."""
    return _most(cases_of_person(enrolment.id, quiz, more, now), now)


def of_unit(course_id: int, unit_id: int, quiz: Quiz, more: More, *, by: Actor, now: datetime) -> Excess | None:
    """The one of all people who learn there that needs the latest close."""
    return _most(cases_of_unit(course_id, unit_id, quiz, more, by=by, now=now), now)


def _most(cases: Sequence[Case], now: datetime) -> Excess | None:
    found = (excess(case, now) for case in cases)
    return max((one for one in found if one), key=lambda one: one.enough_at, default=None)


def refuse_useless(cases: Sequence[Case], now: datetime) -> None:
    """StillClosed where nobody who would get it could use it."""
    if cases and all(case.is_closed(now) for case in cases):
        closed_at = max(case.allowed.closes_at for case in cases if case.allowed.closes_at)
        raise StillClosed(moment=format_datetime(closed_at))


def added(extra: Extra, more: More) -> Extra:
    """What it will all be worth when this is given too."""
    closes = [moment for moment in (extra.closes_at, more.closes_at) if moment]
    return Extra(max(extra.minutes, more.minutes), extra.attempts + more.attempts, max(closes, default=None))


def cases_of_person(enrolment_id: int, quiz: Quiz, more: More, now: datetime) -> list[Case]:
    """Her open attempt and the next one, with all that she was given herself and by her units."""
    rows = _learning(Enrolment.id == enrolment_id, quiz)
    extra = queries.extra_of(enrolment_id, quiz.id, now)
    return [case for row in rows for case in _cases(row, quiz, extra, more)]


def cases_of_unit(
    course_id: int, unit_id: int, quiz: Quiz, more: More, *, by: Actor, now: datetime
) -> list[Case]:  # fmt: skip
    """The same of everybody who learns in the unit and below it, but for the giver, in a few statements for all of them."""
    here = Enrolment.learner_id.in_(at_work_in(unit_id, clock.day_of(now)))
    rows = [row for row in _learning((Enrolment.course_id == course_id) & here, quiz) if row.learner_id != by.id]
    extras = _extras(course_id, quiz, rows, now)
    return [case for row in rows for case in _cases(row, quiz, extras[row.id], more)]


def _learning(whose: ColumnElement[bool], quiz: Quiz) -> Sequence[Row]:
    """Open enrolments, each with its open attempt."""
    begun = (Attempt.enrolment_id == Enrolment.id) & (Attempt.item == quiz.id) & (Attempt.submitted_at.is_(None))
    query = (
        select(
            Enrolment.id,
            Enrolment.learner_id,
            Enrolment.enrolled_at,
            Attempt.started_at,
            Attempt.revision_id,
            Revision.digest,
        )
        .outerjoin(Attempt, begun)
        .outerjoin(Revision, Revision.id == Attempt.revision_id)
        .where(whose, Enrolment.completed_at.is_(None), Enrolment.withdrawn_at.is_(None))
    )
    return db.session.execute(query).all()


def _cases(row: Row, quiz: Quiz, extra: Extra, more: More) -> list[Case]:
    """An open attempt goes by the rules that it began with, the next one by those of today."""
    all_of_it, cases = added(extra, more), []
    if row.started_at is not None:
        began_with = load_document(row.revision_id, row.digest).quiz(quiz.id)
        if began_with is None:
            raise LookupError(f"revision {row.revision_id} has no quiz {quiz.id}")
        cases.append(Case(allowance(began_with, row.enrolled_at, all_of_it), row.started_at))
    if row.started_at is None or more.attempts:
        cases.append(Case(allowance(quiz, row.enrolled_at, all_of_it), None))
    return cases


def _extras(course_id: int, quiz: Quiz, rows: Sequence[Row], now: datetime) -> Mapping[int, Extra]:
    """What each of the enrolments was given so far; as `queries.applies` says, for many at once."""
    own: dict[int, list[More]] = {}
    by_unit: dict[int, list[tuple[More, int | None]]] = {}
    for one in _given(course_id, quiz):
        more = _as_more(one)
        if one.unit_id is None:
            own.setdefault(one.enrolment_id, []).append(more)
        else:
            by_unit.setdefault(one.unit_id, []).append((more, one.granted_by_id))
    day = clock.day_of(now)
    working: dict[int, set[int]] = {unit: set(db.session.scalars(at_work_in(unit, day))) for unit in by_unit}
    extras = {}
    for row in rows:
        here = (gift for unit, gifts in by_unit.items() if row.learner_id in working[unit] for gift in gifts)
        gifts = [more for more, giver in here if giver != row.learner_id] + own.get(row.id, [])
        extras[row.id] = reduce(added, gifts, Extra())
    return extras


def case_of_newcomer(course_id: int, unit_id: int, quiz: Quiz, more: More, now: datetime) -> list[Case]:
    """What whoever comes to the unit later gets there; nothing where the close counts from her own enrolment."""
    if quiz.closes is None or quiz.closes.days is not None:
        return []
    above = set(db.session.scalars(units_over(unit_id, clock.day_of(now))))
    given = [_as_more(one) for one in _given(course_id, quiz) if one.unit_id in above]
    return [Case(allowance(quiz, now, reduce(added, [*given, more], Extra())), None)]


def _given(course_id: int, quiz: Quiz) -> Sequence[Row]:
    columns = (Extension.extra_minutes, Extension.extra_attempts, Extension.closes_at)
    query = select(Extension.enrolment_id, Extension.unit_id, Extension.granted_by_id, *columns)
    return db.session.execute(query.where(Extension.course_id == course_id, Extension.item == quiz.id)).all()


def _as_more(row: Row) -> More:
    return More(row.extra_minutes, row.extra_attempts, row.closes_at, "")
