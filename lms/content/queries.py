"""Reading courses, their revisions and what was rendered of them."""

from collections.abc import Mapping
from typing import Any

from flask import abort, g
from sqlalchemy import Row, func, select
from sqlalchemy.orm import aliased

from lms.content import rendering
from lms.content.models import (
    Course,
    CourseFile,
    CourseMember,
    Draft,
    DraftFile,
    LocalValue,
    Part,
    Publication,
    Rendering,
    Revision,
)
from lms.content.parts import digests_in, together
from lms.content.rules import is_servable
from lms.core.db import db
from lms.course.document import CourseDoc, load
from lms.course.shelf import Shelf
from lms.people.models import User

Pieces = dict[str, Any]
# Revisions never change, so what is read of them once may stay in memory. Keys hold the digest, not only
# the number: two databases in one process (tests, a restore) must not meet.
_documents: Shelf[tuple[int, str], CourseDoc] = Shelf(64)
_pieces: Shelf[tuple[int, str, str], Pieces] = Shelf(512)
_files: Shelf[tuple[int, str], dict[str, str]] = Shelf(64)
_urls: Shelf[tuple[int, str], dict[str, str]] = Shelf(64)


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
    digest = digest or _digest(revision_id)
    found = _documents.find((revision_id, digest))
    if found is None:
        stored = db.session.scalars(select(Revision.document).where(Revision.id == revision_id)).one()
        rows = db.session.execute(select(Part.digest, Part.data).where(Part.digest.in_(digests_in(stored))))
        parts = {row.digest: row.data for row in rows}
        found = _documents.put((revision_id, digest), load(together(stored, parts)))
    return found


def load_documents(wanted: Mapping[int, str]) -> dict[int, CourseDoc]:
    """The documents of many revisions, {id: digest}; two statements for all that do not stand in memory."""
    found = {number: _documents.find((number, digest)) for number, digest in wanted.items()}
    missing = [number for number, doc in found.items() if doc is None]
    if missing:
        query = select(Revision.id, Revision.document).where(Revision.id.in_(missing))
        stored = {row.id: row.document for row in db.session.execute(query)}
        names = {name for document in stored.values() for name in digests_in(document)}
        rows = db.session.execute(select(Part.digest, Part.data).where(Part.digest.in_(names)))
        parts = {row.digest: row.data for row in rows}
        for number, document in stored.items():
            found[number] = _documents.put((number, wanted[number]), load(together(document, parts)))
    return {number: doc for number, doc in found.items() if doc is not None}


def _digest(revision_id: int) -> str:
    return db.session.scalars(select(Revision.digest).where(Revision.id == revision_id)).one()


def pieces(revision_id: int, item: str, digest: str | None = None) -> Pieces:
    """The rendered pieces of an item: {"body": html} of a lesson, {question id: {…}} of a quiz."""
    digest = digest or _digest(revision_id)
    found = _pieces.find((revision_id, digest, item))
    if found is None:
        by = rendering.recipe(load_document(revision_id, digest), item, files(revision_id, digest))
        found = db.session.scalar(select(Rendering.pieces).where(Rendering.key == by.key))
        if found is None:  # published under another renderer
            found = rendering.made(by)
        _pieces.put((revision_id, digest, item), found)
    return found


def rendered(keys: list[str]) -> set[str]:
    """Those of the keys under which a rendering stands."""
    return set(db.session.scalars(select(Rendering.key).where(Rendering.key.in_(keys))))


def files(revision_id: int, digest: str) -> dict[str, str]:
    """The files of a revision: path → SHA-256."""
    found = _files.find((revision_id, digest))
    if found is None:
        stored = db.session.scalars(select(Revision.files).where(Revision.id == revision_id)).one()
        found = _files.put((revision_id, digest), stored)
    return found


def file_urls(revision_id: int, digest: str) -> dict[str, str]:
    """The addresses of a revision's pictures and downloads, by path."""
    found = _urls.find((revision_id, digest))
    if found is None:
        stored = files(revision_id, digest)
        urls = {path: rendering.file_url(sha256, path) for path, sha256 in stored.items() if is_servable(path)}
        found = _urls.put((revision_id, digest), urls)
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


def current_revisions() -> list[Row]:
    """What learners read: id, digest and files of each course's revision."""
    query = select(Revision.id, Revision.digest, Revision.files).join(Course, Course.revision_id == Revision.id)
    return list(db.session.execute(query.order_by(Revision.id)))


def courses(viewer_id: int | None = None) -> list[Row]:
    """Every course with its current revision and open draft; of one person, those that she works on, with her role."""
    query = (
        select(
            Course.id, Course.slug, Course.title, Course.is_open, Course.retired_at, Revision.number,
            Revision.published_at, Revision.note, User.name.label("published_by"), Draft.changed_at.label("draft_at"),
        )
        .outerjoin(Revision, Revision.id == Course.revision_id)
        .outerjoin(User, User.id == Revision.published_by_id)
        .outerjoin(Draft, (Draft.course_id == Course.id) & Draft.discarded_at.is_(None))
        .order_by(Course.folded, Course.id)
    )  # fmt: skip
    if viewer_id is not None:
        mine = (CourseMember.course_id == Course.id) & (CourseMember.user_id == viewer_id)
        query = query.add_columns(CourseMember.role).join(CourseMember, mine)
    return list(db.session.execute(query))


def kept_by(viewer_id: int, slug: str | None = None) -> list[Row]:
    """What learners read of the courses that she works on and nobody retired, or of one of them."""
    query = (
        select(
            Course.id, Course.slug, Course.title, Course.revision_id, Revision.digest, Revision.published_at,
            CourseMember.role,
        )
        .join(Revision, Revision.id == Course.revision_id)
        .join(CourseMember, (CourseMember.course_id == Course.id) & (CourseMember.user_id == viewer_id))
        .where(Course.retired_at.is_(None))
        .order_by(Course.folded, Course.id)
    )  # fmt: skip
    if slug is not None:
        query = query.where(Course.slug == slug)
    return list(db.session.execute(query))


PAGES_BESIDE = {"can-xem-lai", "moi", "tai-len"}
"""Pages that stand where a course of this id would."""


def free_slug(wanted: str) -> str:
    """The id, or with a number behind it when a course has it already."""
    taken = set(db.session.scalars(select(Course.slug).where(Course.slug.startswith(wanted, autoescape=True))))
    taken |= PAGES_BESIDE
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return wanted if wanted not in taken else next(slug for slug in numbered if slug not in taken)


def find_revision(revision_id: int | None) -> Row | None:
    """Id, digest and files of a revision."""
    if revision_id is None:
        return None
    return db.session.execute(
        select(Revision.id, Revision.digest, Revision.files).where(Revision.id == revision_id)
    ).first()


def get_revision(course_id: int, number: int) -> Revision:
    """A revision of the course by its number, or 404."""
    query = select(Revision).where(Revision.course_id == course_id, Revision.number == number)
    return db.session.scalar(query) or abort(404)


_approver = aliased(User)


def revisions(course: Course) -> list[Row]:
    """The history of a course, newest first."""
    first = (  # an older content that came back was approved each time
        select(func.min(Publication.id))
        .where(Publication.course_id == course.id, Publication.approved_by_id.is_not(None))
        .group_by(Publication.revision_id)
    )
    query = (
        select(
            Revision.id,
            Revision.number,
            Revision.digest,
            Revision.note,
            Revision.is_material,
            Revision.published_at,
            User.name,
            _approver.name.label("approved_by"),
        )
        .outerjoin(User, User.id == Revision.published_by_id)
        .outerjoin(Publication, (Publication.revision_id == Revision.id) & Publication.id.in_(first))
        .outerjoin(_approver, _approver.id == Publication.approved_by_id)
        .where(Revision.course_id == course.id)
        .order_by(Revision.number.desc())
    )
    return list(db.session.execute(query))


def may_serve(digest: str, name: str, *, viewer_id: int) -> bool:
    """Whether the file belongs to a published course, or to a draft that the viewer works on."""
    query = select(CourseFile.id).where(CourseFile.digest == digest, CourseFile.name == name)
    if db.session.scalar(query.limit(1)) is not None:
        return True
    paths = db.session.scalars(
        select(DraftFile.path)
        .join(Draft, Draft.id == DraftFile.draft_id)
        .join(CourseMember, (CourseMember.course_id == Draft.course_id) & (CourseMember.user_id == viewer_id))
        .where(DraftFile.digest == digest)
        .limit(100)
    )
    return any(path.rsplit("/", 1)[-1] == name and is_servable(path) for path in paths)
