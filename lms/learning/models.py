"""Who takes which course, and what of it is done."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.content.models import Course, Revision
from lms.core.db import FrozenModel, Model
from lms.people.models import User

OPEN = text("completed_at IS NULL AND withdrawn_at IS NULL")


class Enrolment(Model):
    """One person taking one course, once; kept for good. After it is completed another may follow."""

    __tablename__ = "enrolment"
    __table_args__ = (
        Index("one_open_enrolment", "learner_id", "course_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("enrolments_of_course", "course_id", "completed_at"),
        Index("enrolments_of_learner", "learner_id", "course_id", "id"),
    )

    learner_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    enrolled_at: Mapped[datetime]
    enrolled_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    due_on: Mapped[date | None]
    last_item: Mapped[str | None] = mapped_column(String(100))
    """Where she stopped."""
    last_seen_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    completed_revision_id: Mapped[int | None] = mapped_column(ForeignKey("revision.id"))
    fraction: Mapped[float | None]
    """The grade at completion, 0 to 1; None for courses that are not graded."""
    withdrawn_at: Mapped[datetime | None]

    learner: Mapped[User] = relationship(foreign_keys=[learner_id])
    course: Mapped[Course] = relationship()
    completed_revision: Mapped[Revision | None] = relationship()


class ItemRecord(Model):
    """What a learner has of one item: the best result so far, and when it was first done."""

    __tablename__ = "item_record"
    __table_args__ = (UniqueConstraint("enrolment_id", "item"),)

    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    item: Mapped[str] = mapped_column(String(100))
    passed: Mapped[bool]
    fraction: Mapped[float | None]
    recorded_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Override(FrozenModel):
    """A trainer's word on one item of one person, with the reason; it holds whatever else is recorded, until the next."""

    __tablename__ = "override"
    __table_args__ = (Index("overrides_of_enrolment", "enrolment_id", "item"),)

    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    item: Mapped[str] = mapped_column(String(100))
    passed: Mapped[bool]
    reason: Mapped[str]
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
