"""Attempts, answers, and the grades made of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.content.models import Course, Revision
from lms.core.db import FrozenModel, Model
from lms.learning.models import Enrolment
from lms.people.models import User

OPEN = text("submitted_at IS NULL")


class Attempt(Model):
    """One go at a quiz. It pins the revision, the seed and the paper; once submitted it is never changed."""

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "item", "number"),
        Index("one_open_attempt", "enrolment_id", "item", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("attempts_of_learner", "learner_id", "submitted_at"),
        Index("attempts_of_quiz", "revision_id", "item", "is_first", "submitted_at"),
    )

    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    learner_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    item: Mapped[str] = mapped_column(String(100))
    number: Mapped[int]
    is_first: Mapped[bool]
    """Her first at a quiz that counts, whatever she practised before: what statistics are worked out of."""
    seed: Mapped[str] = mapped_column(String(40))
    paper: Mapped[list[Any]]
    """[{"question": id, "order": [2, 0, 1]}, …] in the order shown."""
    started_at: Mapped[datetime]
    deadline_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    submitted_how: Mapped[str | None] = mapped_column(String(10))
    """learner, or deadline when the server closed it."""

    enrolment: Mapped[Enrolment] = relationship()
    learner: Mapped[User] = relationship()
    course: Mapped[Course] = relationship()
    revision: Mapped[Revision] = relationship()


class Extension(FrozenModel):
    """More time or attempts at a quiz, or a later close, for a person or for a unit with all below it, and why.

    Never changed and never taken back; `allowance` says what several are worth together.
    """

    __tablename__ = "extension"
    __table_args__ = (
        CheckConstraint("(enrolment_id IS NULL) <> (unit_id IS NULL)", name="person_or_unit"),
        CheckConstraint("extra_minutes >= 0 AND extra_attempts >= 0", name="takes_nothing_away"),
        CheckConstraint("extra_minutes > 0 OR extra_attempts > 0 OR closes_at IS NOT NULL", name="gives_something"),
        Index("extensions_of_enrolment", "enrolment_id", "item"),
        Index("extensions_of_unit", "course_id", "item", "unit_id"),
    )

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    item: Mapped[str] = mapped_column(String(100))
    enrolment_id: Mapped[int | None] = mapped_column(ForeignKey("enrolment.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    extra_minutes: Mapped[int]
    extra_attempts: Mapped[int]
    closes_at: Mapped[datetime | None]
    reason: Mapped[str]
    granted_at: Mapped[datetime]
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class Response(Model):
    """The answer that holds to one question of an attempt; `revision` rises with every save."""

    __tablename__ = "response"
    __table_args__ = (UniqueConstraint("attempt_id", "question"),)

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    question: Mapped[str] = mapped_column(String(100))
    revision: Mapped[int]
    answer: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    saved_at: Mapped[datetime]
    given_at: Mapped[datetime | None]
    """When the browser says it was given: a claim, not proof."""


class ReplacedResponse(FrozenModel):
    """An answer that a later one replaced; kept, never changed."""

    __tablename__ = "replaced_response"
    __table_args__ = (UniqueConstraint("attempt_id", "question", "revision"),)

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    question: Mapped[str] = mapped_column(String(100))
    revision: Mapped[int]
    answer: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    saved_at: Mapped[datetime]


class HandedIn(FrozenModel):
    """A file that a learner sent for a question. Its bytes lie among the blobs, and are only ever given out as an attachment."""

    __tablename__ = "handed_in"
    __table_args__ = (UniqueConstraint("attempt_id", "question", "digest", "name"),)

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    question: Mapped[str] = mapped_column(String(100))
    digest: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int]
    sent_at: Mapped[datetime]


class AwaitedMark(Model):
    """An answer that waits for a person's mark; gone once the mark counts. The queue of those who mark."""

    __tablename__ = "awaited_mark"
    __table_args__ = (
        UniqueConstraint("attempt_id", "question"),
        Index("awaited_marks_of_quiz", "course_id", "item", "question"),
    )

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    item: Mapped[str] = mapped_column(String(100))
    question: Mapped[str] = mapped_column(String(100))
    since: Mapped[datetime]


class MarkRelease(Model):
    """Marks of a quiz that are told to the learners together; it can be taken back until it takes effect."""

    __tablename__ = "mark_release"
    __table_args__ = (Index("mark_releases_of_quiz", "course_id", "item"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    item: Mapped[str] = mapped_column(String(100))
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    released_at: Mapped[datetime]
    takes_effect_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]


class Marking(Model):
    """What one person thinks of an answer so far: a draft, hers alone until it is released."""

    __tablename__ = "marking"
    __table_args__ = (
        UniqueConstraint("attempt_id", "question", "marker_id"),
        Index("markings_of_release", "release_id"),
    )

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    question: Mapped[str] = mapped_column(String(100))
    marker_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    points: Mapped[list[Any]]
    """For each line of the rubric, or for the whole, a decimal as text; None where nothing is given yet."""
    comment: Mapped[str]
    is_complete: Mapped[bool]
    saved_at: Mapped[datetime]
    release_id: Mapped[int | None] = mapped_column(ForeignKey("mark_release.id"))


class HandMark(FrozenModel):
    """A mark that counts, by one person; another may follow it, and the newest release of a question counts."""

    __tablename__ = "hand_mark"
    __table_args__ = (UniqueConstraint("release_id", "attempt_id", "question", "marker_id"),)

    release_id: Mapped[int] = mapped_column(ForeignKey("mark_release.id"))
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    question: Mapped[str] = mapped_column(String(100))
    marker_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    points: Mapped[list[Any]]
    comment: Mapped[str]
    marked_at: Mapped[datetime]


class QuestionCorrection(Model):
    """What was decided about a question that turned out wrong, by whom and why; the newest one of a question holds.

    It holds for attempts at the revisions up to the one that was published then; later ones ask a mended question.
    Only how far the regrading has come changes.
    """

    __tablename__ = "question_correction"
    __table_args__ = (Index("corrections_of_quiz", "course_id", "item"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    item: Mapped[str] = mapped_column(String(100))
    question: Mapped[str] = mapped_column(String(100))
    how: Mapped[str] = mapped_column(String(20))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    """The last revision it holds for, and whose key is the right one."""
    reason: Mapped[str]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    regraded: Mapped[int]
    """How many grades it has changed so far."""
    done_at: Mapped[datetime | None]


class DryRun(Model):
    """What a correction would change, worked out by a job while its trainer watches; a cache that can be thrown away."""

    __tablename__ = "dry_run"
    __table_args__ = {"sqlite_autoincrement": True}
    # An address that was shown never comes to mean another run.

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    item: Mapped[str] = mapped_column(String(100))
    question: Mapped[str] = mapped_column(String(100))
    how: Mapped[str] = mapped_column(String(20))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    """The published revision, and below the newest correction, that it was worked out of."""
    correction_id: Mapped[int | None] = mapped_column(ForeignKey("question_correction.id"))
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    total: Mapped[int]
    """How many attempts there were to look at when it was asked for."""
    looked_at: Mapped[int] = mapped_column(default=0)
    asked: Mapped[int] = mapped_column(default=0)
    """Of those looked at: how many were asked the question."""
    changed: Mapped[int] = mapped_column(default=0)
    passing: Mapped[int] = mapped_column(default=0)
    failing: Mapped[int] = mapped_column(default=0)
    freed: Mapped[int] = mapped_column(default=0)
    """Answers that would no longer wait for a person's mark."""
    changes: Mapped[list[Any]]
    """The most telling of the results that would change: attempt, and fraction and passing before and after."""
    reason: Mapped[str | None]
    """What was typed for a run that grew old meanwhile."""
    done_at: Mapped[datetime | None]

    @property
    def does_something(self) -> bool:
        """Whether anything would be another than it is."""
        return bool(self.changed or self.freed)


class Grade(FrozenModel):
    """The result of an attempt; a regrade adds another, the newest counts."""

    __tablename__ = "grade"
    __table_args__ = (Index("grades_of_attempt", "attempt_id"),)

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    points: Mapped[float]
    most_points: Mapped[float]
    fraction: Mapped[float]
    passed: Mapped[bool]
    marks: Mapped[dict[str, Any]]
    """question id → fraction."""
    graded_at: Mapped[datetime]
    correction_id: Mapped[int | None] = mapped_column(ForeignKey("question_correction.id"))
    """Why it was graded again, where a question was corrected."""


class StoredStatistics(Model):
    """The statistics of a quiz in one revision as they were last worked out; a cache that can be thrown away."""

    __tablename__ = "quiz_statistics"
    __table_args__ = (UniqueConstraint("revision_id", "item"),)

    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    item: Mapped[str] = mapped_column(String(100))
    computed_at: Mapped[datetime]
    data: Mapped[dict[str, Any]]
