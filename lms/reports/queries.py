"""Who takes which course and how far they are, from what the viewer may see."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, and_, case, func, or_, select

from lms.content.models import Course
from lms.core import text
from lms.core.db import db, is_valid_on
from lms.learning.models import Enrolment
from lms.people.models import Assignment, User
from lms.people.queries import Viewer, ids_in_scope, unit_name_on, units_below

STATES = ("active", "overdue", "done")


@dataclass(frozen=True)
class Filter:
    """What the table is narrowed to; the unit stands for all below it."""

    course_id: int | None = None
    unit_id: int | None = None
    state: str = ""
    words: str = ""

    def __bool__(self) -> bool:
        return any((self.course_id, self.unit_id, self.state, self.words))


def completion(viewer: Viewer, chosen: Filter, day: date) -> Select:
    """One row for each enrolment in scope that was not withdrawn, with the unit of the day."""
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
            User.name,
            names.c.name.label("unit_name"),
            Assignment.position,
            Course.title.label("course_title"),
            Enrolment.enrolled_at,
            Enrolment.due_on,
            Enrolment.completed_at,
            Enrolment.fraction,
            _state(day).label("state"),
        )
        .select_from(Enrolment)
        .join(User, User.id == Enrolment.learner_id)
        .join(Course, Course.id == Enrolment.course_id)
        .outerjoin(Assignment, post)
        .outerjoin(names, names.c.unit_id == Assignment.unit_id)
        .where(Enrolment.withdrawn_at.is_(None))
    )
    if not viewer.sees_everyone:
        query = query.where(Enrolment.learner_id.in_(ids_in_scope(viewer, day)))
    return _narrow(query, chosen, day)


def _state(day: date) -> object:
    late = and_(Enrolment.due_on.is_not(None), Enrolment.due_on < day)
    return case((Enrolment.completed_at.is_not(None), "done"), (late, "overdue"), else_="active")


def _narrow(query: Select, chosen: Filter, day: date) -> Select:
    if chosen.course_id:
        query = query.where(Enrolment.course_id == chosen.course_id)
    if chosen.unit_id:
        query = query.where(Assignment.unit_id.in_(units_below((chosen.unit_id,), day)))
    if chosen.state in STATES:
        query = query.where(_state(day) == chosen.state)
    for word in text.fold(chosen.words).split():
        query = query.where(or_(User.folded.contains(word, autoescape=True)))
    return query


def totals(query: Select) -> dict[str, int]:
    """How many rows are in each state."""
    rows = query.subquery()
    counted: dict[str, int] = dict(db.session.execute(select(rows.c.state, func.count()).group_by(rows.c.state)).all())
    return {state: counted.get(state, 0) for state in STATES}
