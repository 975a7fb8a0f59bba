"""Who works on a course: finding a course through one's part in it, and giving parts to others."""

from collections.abc import Collection
from datetime import datetime

from flask import abort
from sqlalchemy import Row, Select, delete, func, select

from lms.audit import service as audit
from lms.content.models import Course, CourseMember
from lms.content.rules import CourseRole, LastOwner, NotATrainer, NotYours
from lms.core.actor import Actor
from lms.core.db import db, insert
from lms.people.models import RoleGrant, User
from lms.people.rules import Role

EVERY_ROLE = frozenset(CourseRole)


def get_worked_on(viewer: Actor, slug: str, among: Collection[CourseRole] = EVERY_ROLE) -> tuple[Course, CourseRole]:
    """The course and the viewer's part in it: 404 for others' courses, NotYours when the part does not allow it."""
    query = (
        select(Course, CourseMember.role)
        .join(CourseMember, CourseMember.course_id == Course.id)
        .where(Course.slug == slug, CourseMember.user_id == viewer.id)
    )
    found = db.session.execute(query).first()
    if found is None:
        abort(404)
    role = CourseRole(found.role)
    if role not in among:
        raise NotYours
    return found[0], role


def members(course_id: int) -> list[Row]:
    """Everybody who works on the course: owners first, then by name."""
    order = db.case({CourseRole.OWNER: 0, CourseRole.CO_AUTHOR: 1}, value=CourseMember.role, else_=2)
    query = (
        select(CourseMember.user_id, CourseMember.role, CourseMember.added_at, User.name, User.email, User.phone)
        .join(User, User.id == CourseMember.user_id)
        .where(CourseMember.course_id == course_id)
        .order_by(order, User.sort_key, User.id)
    )
    return list(db.session.execute(query))


def is_trainer(user_id: int) -> bool:
    """Whether the person may work on courses at all."""
    return db.session.scalar(_able().where(User.id == user_id)) is not None


def _able() -> Select:
    """The ids of those who may work on courses: trainers whose account is open."""
    trains = (RoleGrant.user_id == User.id) & (RoleGrant.role == Role.TRAINER)
    return select(User.id).join(RoleGrant, trains).where(User.deactivated_at.is_(None))


def set_member(course: Course, user: User, role: CourseRole, *, by: Actor, now: datetime) -> None:
    """Give the trainer this part in the course, in place of another that she may have had."""
    if not is_trainer(user.id):
        raise NotATrainer(name=user.name)
    if role is not CourseRole.OWNER:
        _refuse_last_owner(course, user.id)
    values = {"course_id": course.id, "user_id": user.id, "role": role.value, "added_at": now}
    statement = insert(CourseMember).values(**values)
    db.session.execute(
        statement.on_conflict_do_update(index_elements=["course_id", "user_id"], set_={"role": role.value})
    )
    audit.record(
        by, "content:member:set", course, now=now, label=course.slug, after={"user_id": user.id, "role": role.value}
    )


def remove_member(course: Course, user_id: int, *, by: Actor, now: datetime) -> None:
    """She works on the course no more; what she wrote stays."""
    _refuse_last_owner(course, user_id)
    db.session.execute(delete(CourseMember).where(CourseMember.course_id == course.id, CourseMember.user_id == user_id))
    audit.record(by, "content:member:remove", course, now=now, label=course.slug, before={"user_id": user_id})


def make_owner(course: Course, user_id: int | None, *, now: datetime) -> None:
    """Whoever makes a course owns it; the system owns none."""
    if user_id is None:
        return
    values = {"course_id": course.id, "user_id": user_id, "role": CourseRole.OWNER.value, "added_at": now}
    db.session.execute(
        insert(CourseMember).values(**values).on_conflict_do_nothing(index_elements=["course_id", "user_id"])
    )


def _refuse_last_owner(course: Course, leaving_id: int) -> None:
    """Owners are counted under the course's lock, so that two who leave at once do not both go."""
    db.session.execute(select(Course.id).where(Course.id == course.id).with_for_update())
    owners = select(CourseMember.user_id).where(
        CourseMember.course_id == course.id,
        CourseMember.role == CourseRole.OWNER.value,
        CourseMember.user_id.in_(_able()),
    )
    if set(db.session.scalars(owners)) <= {leaving_id}:
        raise LastOwner


def ownerless() -> int:
    """How many courses nobody can work on; the administrator gives them an owner."""
    owned = select(CourseMember.course_id).where(
        CourseMember.role == CourseRole.OWNER.value, CourseMember.user_id.in_(_able())
    )
    return db.session.scalar(select(func.count()).select_from(Course).where(Course.id.not_in(owned))) or 0
