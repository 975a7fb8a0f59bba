"""Runs of drills, and the decisions that they consist of."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.content.models import Course, Revision
from lms.core.db import FrozenModel, Model
from lms.learning.models import Enrolment
from lms.people.models import User

OPEN = text("ended_at IS NULL")


class DrillRun(Model):
    """One go at a drill. It pins the revision; where it stands follows from its decisions."""

    __tablename__ = "drill_run"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "item", "number"),
        Index("one_open_drill_run", "enrolment_id", "item", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("drill_runs_of_learner", "learner_id", "ended_at"),
    )

    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    learner_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    item: Mapped[str] = mapped_column(String(100))
    number: Mapped[int]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    fraction: Mapped[float | None]
    """What the first scale came to, 0 to 1; None while the run is open."""
    passed: Mapped[bool | None]

    enrolment: Mapped[Enrolment] = relationship()
    learner: Mapped[User] = relationship()
    course: Mapped[Course] = relationship()
    revision: Mapped[Revision] = relationship()


class DrillDecision(FrozenModel):
    """One decision of a run; the choice is told by its place in the scene of the pinned revision."""

    __tablename__ = "drill_decision"
    __table_args__ = (
        UniqueConstraint("run_id", "step"),
        CheckConstraint("step > 0", name="counted_from_one"),
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("drill_run.id"))
    step: Mapped[int]
    scene: Mapped[str] = mapped_column(String(100))
    choice: Mapped[int]
    story_minutes: Mapped[int]
    """The story's clock when it was made, in minutes since its beginning."""
    decided_at: Mapped[datetime]
