"""Links to the outside that people found dead: recorded by hand, cleared by hand; the server visits nothing."""

from datetime import datetime

from flask import abort
from sqlalchemy import Row, delete, select

from lms.audit import service as audit
from lms.content.models import Course, CourseMember, DeadLink
from lms.core.actor import Actor
from lms.core.db import db, insert
from lms.people.models import User


def urls(course_id: int) -> frozenset[str]:
    """The dead addresses of a course."""
    return frozenset(db.session.scalars(select(DeadLink.url).where(DeadLink.course_id == course_id)))


def kept_by(viewer_id: int, course_id: int | None = None) -> list[Row]:
    """What is recorded for the courses that she works on, or for one of them, newest first."""
    query = (
        select(
            DeadLink.id, DeadLink.course_id, DeadLink.url, DeadLink.note, DeadLink.recorded_at,
            User.name.label("recorded_by"),
        )
        .join(CourseMember, (CourseMember.course_id == DeadLink.course_id) & (CourseMember.user_id == viewer_id))
        .outerjoin(User, User.id == DeadLink.recorded_by_id)
        .order_by(DeadLink.recorded_at.desc(), DeadLink.id.desc())
    )  # fmt: skip
    if course_id is not None:
        query = query.where(DeadLink.course_id == course_id)
    return list(db.session.execute(query))


def get_dead_link(course_id: int, link_id: int) -> DeadLink:
    """A record of the course, or 404."""
    query = select(DeadLink).where(DeadLink.id == link_id, DeadLink.course_id == course_id)
    return db.session.scalar(query) or abort(404)


def record(course: Course, url: str, note: str, *, by: Actor, now: datetime) -> int:
    """The link is dead; recorded twice it stands once, with the newer note. Returns the record's number."""
    said = {"note": note, "recorded_at": now, "recorded_by_id": by.id}
    statement = insert(DeadLink).values(course_id=course.id, url=url, **said)
    db.session.execute(statement.on_conflict_do_update(index_elements=["course_id", "url"], set_=said))
    audit.record(by, "content:dead_link:record", course, now=now, label=course.slug, after={"url": url, "note": note})
    query = select(DeadLink.id).where(DeadLink.course_id == course.id, DeadLink.url == url)
    return db.session.scalars(query).one()


def clear(course: Course, link: DeadLink, *, by: Actor, now: datetime) -> None:
    """The link works again, or was recorded by mistake."""
    before = {"url": link.url, "note": link.note}
    db.session.execute(delete(DeadLink).where(DeadLink.id == link.id))
    audit.record(by, "content:dead_link:clear", course, now=now, label=course.slug, before=before)
