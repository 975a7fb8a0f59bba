"""Courses, their immutable revisions, and what waits to be published."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.core.db import FrozenModel, Model
from lms.people.models import User


class Course(Model):
    """A course through all its revisions; retired, never deleted. `slug` is the id that its text carries."""

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
    """The rendered pieces of one item of a revision, by renderer version: {piece: html}."""

    __tablename__ = "rendering"
    __table_args__ = (UniqueConstraint("revision_id", "item", "renderer"),)

    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    item: Mapped[str] = mapped_column(String(100))
    renderer: Mapped[int]
    pieces: Mapped[dict[str, Any]]


class CourseFile(Model):
    """A picture or download that pages may link to; what a request is checked against, in one look-up.

    Never the texts themselves: quizzes hold their keys. Rows of a draft are for trainers and go with it.
    """

    __tablename__ = "course_file"
    __table_args__ = (UniqueConstraint("digest", "name", "slug"), Index("files_of_draft", "slug", "is_published"))

    digest: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(300))
    slug: Mapped[str] = mapped_column(String(100))
    is_published: Mapped[bool]


class Draft(Model):
    """What a trainer uploaded and has not published; one per course, replaced by the next upload."""

    __tablename__ = "draft"

    slug: Mapped[str] = mapped_column(String(100), unique=True)
    title: Mapped[str] = mapped_column(String(300))
    digest: Mapped[str] = mapped_column(String(64))
    files: Mapped[dict[str, Any]]
    document: Mapped[dict[str, Any]]
    problems: Mapped[list[Any]]
    uploaded_at: Mapped[datetime]
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    uploaded_by: Mapped[User | None] = relationship()


class LocalValue(Model):
    """What a name in braces stands for in this administration; filled in once for all courses."""

    __tablename__ = "local_value"

    name: Mapped[str] = mapped_column(String(60), unique=True)
    value: Mapped[str]
