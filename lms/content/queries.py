"""Reading courses, their revisions and what was rendered of them."""

from typing import Any

from flask import abort, g
from sqlalchemy import Row, select

from lms.content import rendering
from lms.content.models import Course, CourseFile, Draft, LocalValue, Rendering, Revision
from lms.content.rules import is_servable
from lms.core.db import db
from lms.course.document import CourseDoc, load
from lms.course.markdown import RENDERER
from lms.course.shelf import Shelf
from lms.people.models import User

Pieces = dict[str, Any]
# Revisions never change, so what is read of them once may stay in memory. Keys hold the digest, not only
# the number: two databases in one process (tests, a restore) must not meet.
_documents: Shelf[tuple[int, str], CourseDoc] = Shelf(64)
_pieces: Shelf[tuple[int, str, str], Pieces] = Shelf(512)
_files: Shelf[tuple[int, str], dict[str, str]] = Shelf(64)


def find_course(slug: str) -> Course | None:
    """A course by the id that its text carries."""
    return db.session.scalar(select(Course).where(Course.slug == slug))


def get_course(slug: str) -> Course:
    """A course, or 404."""
    return find_course(slug) or abort(404)


def get_published(slug: str) -> Row:
    """The columns that a learner's page needs of a published course, or 404."""
    row = db.session.execute(
        select(
            Course.id, Course.slug, Course.title, Course.is_open, Course.retired_at, Course.revision_id,
            Revision.digest, Revision.published_at,
        )
        .join(Revision, Revision.id == Course.revision_id)
        .where(Course.slug == slug)
    ).first()  # fmt: skip
    return row or abort(404)


def load_document(revision_id: int, digest: str | None = None) -> CourseDoc:
    """The document of a revision; without a query when its digest is given and it stands in memory."""
    digest = digest or db.session.scalars(select(Revision.digest).where(Revision.id == revision_id)).one()
    found = _documents.find((revision_id, digest))
    if found is None:
        found = load(db.session.scalars(select(Revision.document).where(Revision.id == revision_id)).one())
        _documents.put((revision_id, digest), found)
    return found


def pieces(revision_id: int, item: str, digest: str | None = None) -> Pieces:
    """The rendered pieces of an item: {"body": html} of a lesson, {question id: {…}} of a quiz."""
    digest = digest or db.session.scalars(select(Revision.digest).where(Revision.id == revision_id)).one()
    key = (revision_id, digest, item)
    found = _pieces.find(key)
    if found is None:
        query = select(Rendering.pieces).where(
            Rendering.revision_id == revision_id, Rendering.item == item, Rendering.renderer == RENDERER
        )
        found = db.session.scalar(query)
        if found is None:  # published under another renderer
            files = db.session.scalars(select(Revision.files).where(Revision.id == revision_id)).one()
            found = rendering.pieces(load_document(revision_id, digest), item, files)
        _pieces.put(key, found)
    return found


def file_urls(revision_id: int, digest: str) -> dict[str, str]:
    """The addresses of a revision's pictures and downloads, by path."""
    found = _files.find((revision_id, digest))
    if found is None:
        stored = db.session.scalars(select(Revision.files).where(Revision.id == revision_id)).one()
        found = {path: rendering.file_url(sha256, path) for path, sha256 in stored.items() if is_servable(path)}
        _files.put((revision_id, digest), found)
    return found


_LOCAL_VALUES = select(LocalValue.name, LocalValue.value)


def local_values() -> dict[str, str]:
    """What names in braces stand for here; read once per request."""
    if "local_values" not in g:
        g.local_values = dict(db.session.execute(_LOCAL_VALUES).all())
    return g.local_values


def local_names() -> list[str]:
    """Every name that a published course uses or that has a value."""
    names = set(local_values())
    for row in db.session.execute(select(Revision.id, Revision.digest).join(Course, Course.revision_id == Revision.id)):
        names |= set(load_document(row.id, row.digest).local_names)
    return sorted(names)


def courses() -> list[Row]:
    """Every course with its current revision, for trainers."""
    query = (
        select(
            Course.slug, Course.title, Course.is_open, Course.retired_at, Revision.number, Revision.published_at,
            Revision.note, User.name.label("published_by"), Draft.uploaded_at.label("draft_at"),
        )
        .outerjoin(Revision, Revision.id == Course.revision_id)
        .outerjoin(User, User.id == Revision.published_by_id)
        .outerjoin(Draft, Draft.slug == Course.slug)
        .order_by(Course.folded, Course.id)
    )  # fmt: skip
    return list(db.session.execute(query))


def new_drafts() -> list[Draft]:
    """Drafts of courses that were never published."""
    query = select(Draft).outerjoin(Course, Course.slug == Draft.slug).where(Course.id.is_(None)).order_by(Draft.title)
    return list(db.session.scalars(query))


def find_draft(slug: str) -> Draft | None:
    """What waits to be published of a course."""
    return db.session.scalar(select(Draft).where(Draft.slug == slug))


def get_draft(slug: str) -> Draft:
    """The draft, or 404."""
    return find_draft(slug) or abort(404)


def revisions(course: Course) -> list[Row]:
    """The history of a course, newest first."""
    query = (
        select(
            Revision.id,
            Revision.number,
            Revision.digest,
            Revision.note,
            Revision.is_material,
            Revision.published_at,
            User.name,
        )
        .outerjoin(User, User.id == Revision.published_by_id)
        .where(Revision.course_id == course.id)
        .order_by(Revision.number.desc())
    )
    return list(db.session.execute(query))


def may_serve(digest: str, name: str, *, drafts: bool) -> bool:
    """Whether the file belongs to a published course, or to a draft when asked by a trainer."""
    query = select(CourseFile.id).where(CourseFile.digest == digest, CourseFile.name == name)
    if not drafts:
        query = query.where(CourseFile.is_published.is_(True))
    return db.session.scalar(query.limit(1)) is not None
