"""Who takes which course and how far they are, from what the viewer may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Row, Select, and_, case, func, or_, select, true

from lms.content.models import Course, Revision
from lms.content.queries import load_document
from lms.core import clock, text
from lms.core.db import db, is_valid_on
from lms.course.completion import Done, progress
from lms.learning.models import Enrolment, ItemRecord
from lms.learning.outline import steps
from lms.people.models import Assignment, User
from lms.people.queries import Viewer, ids_in_scope, unit_name_on, units_below

STATES = ("active", "overdue", "done")


@dataclass(frozen=True)
class Filter:
    """What the table is narrowed to; the unit stands for all below it, start and end are days of completion."""

    course_id: int | None = None
    unit_id: int | None = None
    state: str = ""
    words: str = ""
    start: date | None = None
    end: date | None = None


def completion(viewer: Viewer, chosen: Filter, day: date) -> Select:
    """One row for each enrolment in scope, as it stood at the end of the day and with the unit of that day.

    Whoever left the viewer's units since then is shown too, but only people in scope today have a page to open.
    """
    names = unit_name_on(day).subquery()
    post = and_(
        Assignment.user_id == User.id,
        Assignment.is_primary.is_(True),
        is_valid_on(Assignment.valid_from, Assignment.valid_to, day),
    )
    query = (
        select(
            User.sort_key,
            Enrolment.id,
            User.id.label("person_id"),
            User.name,
            names.c.name.label("unit_name"),
            Assignment.position,
            Course.title.label("course_title"),
            Course.revision_id,
            Revision.digest,
            Enrolment.enrolled_at,
            Enrolment.due_on,
            case((_is_done(day), Enrolment.completed_at)).label("completed_at"),
            case((_is_done(day), Enrolment.fraction)).label("fraction"),
            _state(day).label("state"),
            _is_mine(viewer, day).label("has_page"),
        )
        .select_from(Enrolment)
        .join(User, User.id == Enrolment.learner_id)
        .join(Course, Course.id == Enrolment.course_id)
        .join(Revision, Revision.id == Course.revision_id)
        .outerjoin(Assignment, post)
        .outerjoin(names, names.c.unit_id == Assignment.unit_id)
        .where(
            Enrolment.enrolled_at < clock.end_of(day),
            or_(Enrolment.withdrawn_at.is_(None), Enrolment.withdrawn_at >= clock.end_of(day)),
        )
    )
    if not viewer.sees_everyone:
        query = query.where(Enrolment.learner_id.in_(ids_in_scope(viewer, day)))
    return _narrow(query, chosen, day)


def _is_mine(viewer: Viewer, day: date) -> object:
    if viewer.sees_everyone or day == clock.today():
        return true()
    return User.id.in_(ids_in_scope(viewer))


def _is_done(day: date) -> object:
    return and_(Enrolment.completed_at.is_not(None), Enrolment.completed_at < clock.end_of(day))


def _state(day: date) -> object:
    late = and_(Enrolment.due_on.is_not(None), Enrolment.due_on < day)
    return case((_is_done(day), "done"), (late, "overdue"), else_="active")


def _narrow(query: Select, chosen: Filter, day: date) -> Select:
    if chosen.course_id:
        query = query.where(Enrolment.course_id == chosen.course_id)
    if chosen.unit_id:
        query = query.where(Assignment.unit_id.in_(units_below((chosen.unit_id,), day)))
    if chosen.state in STATES:
        query = query.where(_state(day) == chosen.state)
    if chosen.start:
        query = query.where(_is_done(day), Enrolment.completed_at >= clock.start_of(chosen.start))
    if chosen.end:
        query = query.where(_is_done(day), Enrolment.completed_at < clock.end_of(chosen.end))
    for word in text.fold(chosen.words).split():
        query = query.where(User.folded.contains(word, autoescape=True))
    return query


def totals(query: Select) -> dict[str, int]:
    """How many rows are in each state."""
    rows = query.subquery()
    counted: dict[str, int] = dict(db.session.execute(select(rows.c.state, func.count()).group_by(rows.c.state)).all())
    return {state: counted.get(state, 0) for state in STATES}


def done_steps(rows: Iterable[Row], day: date) -> dict[int, tuple[int, int]]:
    """(done, required) items of each row's enrolment at the end of the day, in one statement for all of them."""
    rows = list(rows)
    done: dict[int, dict[str, Done]] = {row.id: {} for row in rows}
    if not rows:
        return {}
    found = select(ItemRecord.enrolment_id, ItemRecord.item, ItemRecord.fraction).where(
        ItemRecord.enrolment_id.in_(done), ItemRecord.passed.is_(True), ItemRecord.done_at < clock.end_of(day)
    )
    for record in db.session.execute(found):
        done[record.enrolment_id][record.item] = Done(passed=True, fraction=record.fraction)
    docs = {row.revision_id: load_document(row.revision_id, row.digest) for row in rows}
    return {row.id: steps(docs[row.revision_id], progress(docs[row.revision_id], done[row.id])) for row in rows}
