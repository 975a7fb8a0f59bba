"""Courses, who works on them, their immutable revisions, and the drafts that become the next one."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.content.rules import PublicationState
from lms.core.db import FrozenModel, Model
from lms.people.models import User

NOT_DISCARDED = sql("discarded_at IS NULL")


class Course(Model):
    """A course through all its revisions; retired, never deleted. `slug` is the id that its text carries.

    It stands from its first draft on; learners see it once it has a revision.
    """

    __tablename__ = "course"

    slug: Mapped[str] = mapped_column(String(100), unique=True)
    title: Mapped[str] = mapped_column(String(300))
    folded: Mapped[str] = mapped_column(String(300))
    revision_id: Mapped[int | None] = mapped_column(ForeignKey("revision.id", use_alter=True))
    is_open: Mapped[bool] = mapped_column(default=True)
    """Learners may enrol themselves."""
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]

    revision: Mapped["Revision | None"] = relationship(foreign_keys=[revision_id], post_update=True)


class CourseMember(Model):
    """Somebody who works on a course; what each role may is in `rules`."""

    __tablename__ = "course_member"
    __table_args__ = (UniqueConstraint("course_id", "user_id"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    added_at: Mapped[datetime]

    user: Mapped[User] = relationship()


class Part(FrozenModel):
    """One lesson or quiz of parsed courses, under the SHA-256 of its JSON: revisions share what did not change."""

    __tablename__ = "part"

    digest: Mapped[str] = mapped_column(String(64), unique=True)
    data: Mapped[dict[str, Any]]


class Revision(FrozenModel):
    """What was published once; never changed. `document` is the parsed course, so that a later parser changes no grade."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("course_id", "digest"), UniqueConstraint("course_id", "number"))

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(300))
    files: Mapped[dict[str, Any]]
    """path → SHA-256 of the blob."""
    document: Mapped[dict[str, Any]]
    """With the digest of its `Part` in place of each lesson and quiz."""
    minutes: Mapped[int]
    item_count: Mapped[int]
    """With `minutes`, what lists tell of the course without opening its document."""
    note: Mapped[str | None]
    is_material: Mapped[bool] = mapped_column(default=True)
    published_at: Mapped[datetime]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    course: Mapped[Course] = relationship(foreign_keys=[course_id])
    published_by: Mapped[User | None] = relationship()


class Rendering(FrozenModel):
    """The rendered pieces of an item, {piece: html}, under the digest of all that they were made from."""

    __tablename__ = "rendering"

    key: Mapped[str] = mapped_column(String(64), unique=True)
    pieces: Mapped[dict[str, Any]]


class CourseFile(Model):
    """A picture or download that learners' pages may link to; what a request is checked against, in one look-up.

    Never the texts themselves: quizzes hold their keys.
    """

    __tablename__ = "course_file"
    __table_args__ = (UniqueConstraint("digest", "name"),)

    digest: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(300))


class Draft(Model):
    """What becomes the next revision of a course; one is open at a time, and one that was given up can be taken back."""

    __tablename__ = "draft"
    __table_args__ = (
        Index("one_open_draft", "course_id", unique=True, sqlite_where=NOT_DISCARDED, postgresql_where=NOT_DISCARDED),
    )

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    base_id: Mapped[int | None] = mapped_column(ForeignKey("revision.id"))
    """The revision that it began as."""
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    discarded_at: Mapped[datetime | None]

    course: Mapped[Course] = relationship()
    base: Mapped[Revision | None] = relationship()
    changed_by: Mapped[User | None] = relationship()


class DraftFile(Model):
    """One file of a draft. `version` goes up with each save: a save names the one it saw, so nobody overwrites unseen."""

    __tablename__ = "draft_file"
    __table_args__ = (UniqueConstraint("draft_id", "path"), Index("draft_files_by_digest", "digest"))

    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"))
    path: Mapped[str] = mapped_column(String(300))
    version: Mapped[int]
    text: Mapped[str | None]
    """What authors write; None for media, which lie among the blobs."""
    digest: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    changed_by: Mapped[User | None] = relationship()


class DraftSave(FrozenModel):
    """What a save replaced or a removal took away; one for each person and five minutes of work on a file."""

    __tablename__ = "draft_save"
    __table_args__ = (UniqueConstraint("draft_id", "path", "version"),)

    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"))
    path: Mapped[str] = mapped_column(String(300))
    version: Mapped[int]
    text: Mapped[str | None]
    digest: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    saved_at: Mapped[datetime]
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    saved_by: Mapped[User | None] = relationship()


class Publication(Model):
    """A request to publish what a draft held: waiting for its hour or a second person, published, or withdrawn."""

    __tablename__ = "publication"
    __table_args__ = (Index("publications_of_course", "course_id"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    files: Mapped[dict[str, Any]]
    """path → SHA-256 of the blob, as it stood when asked."""
    digest: Mapped[str] = mapped_column(String(64))
    note: Mapped[str]
    is_material: Mapped[bool]
    publish_at: Mapped[datetime | None]
    needs_approval: Mapped[bool]
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    published_at: Mapped[datetime | None]
    revision_id: Mapped[int | None] = mapped_column(ForeignKey("revision.id"))
    withdrawn_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    """Its hour came and the course could not be published: the page says why."""

    course: Mapped[Course] = relationship()
    asked_by: Mapped[User | None] = relationship(foreign_keys=[asked_by_id])
    approved_by: Mapped[User | None] = relationship(foreign_keys=[approved_by_id])

    @property
    def state(self) -> PublicationState:
        """Where it stands."""
        if self.published_at is not None:
            return PublicationState.PUBLISHED
        if self.withdrawn_at is not None:
            return PublicationState.WITHDRAWN
        if self.failed_at is not None:
            return PublicationState.FAILED
        if self.needs_approval and self.approved_at is None:
            return PublicationState.AWAITS_APPROVAL
        return PublicationState.SCHEDULED


class DeadLink(Model):
    """A link to the outside that somebody found dead; the server itself visits nothing."""

    __tablename__ = "dead_link"
    __table_args__ = (UniqueConstraint("course_id", "url"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    url: Mapped[str] = mapped_column(String(500))
    note: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    recorded_by: Mapped[User | None] = relationship()


class LocalValue(Model):
    """What a name in braces stands for in this administration; filled in once for all courses."""

    __tablename__ = "local_value"

    name: Mapped[str] = mapped_column(String(60), unique=True)
    value: Mapped[str]
