"""Reading drafts: what is in them, what they changed, and the course that their files make."""

from collections.abc import Mapping
from functools import partial

from flask import abort
from sqlalchemy import Row, select
from sqlalchemy.orm import joinedload

from lms.content.models import Draft, DraftFile, DraftSave, Revision
from lms.core import blobs
from lms.core.db import db
from lms.course.source import Held, Source
from lms.people.models import User


def find_draft(course_id: int, *, to_change: bool = False) -> Draft | None:
    """The draft that is open for the course, with the files that it began as.

    `to_change` lets nobody publish it or give it up, or write to it, until the transaction ends.
    """
    query = select(Draft).where(Draft.course_id == course_id, Draft.discarded_at.is_(None))
    query = query.options(joinedload(Draft.base).load_only(Revision.files, Revision.digest))
    if to_change:
        query = query.with_for_update(of=Draft).execution_options(populate_existing=True)
    return db.session.scalar(query)


def get_draft(course_id: int, *, to_change: bool = False) -> Draft:
    """The open draft, or 404."""
    return find_draft(course_id, to_change=to_change) or abort(404)


def find_file(draft_id: int, path: str, *, to_change: bool = False) -> DraftFile | None:
    """One file of a draft; `to_change` keeps others from changing it until the transaction ends."""
    query = select(DraftFile).where(DraftFile.draft_id == draft_id, DraftFile.path == path)
    if to_change:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(query)


def files_of(draft_id: int) -> list[Row]:
    """The files of a draft without their texts, by path."""
    query = select(DraftFile.path, DraftFile.version, DraftFile.digest, DraftFile.size, DraftFile.changed_at).where(
        DraftFile.draft_id == draft_id
    )
    return list(db.session.execute(query.order_by(DraftFile.path)))


def source_of(draft_id: int) -> Source:
    """The course that the draft's files make; media are read only by whoever asks for their bytes."""
    return contents(draft_id)[0]


def contents(draft_id: int) -> tuple[Source, dict[str, str]]:
    """The course that the draft's files make, and the digest of each file."""
    query = select(DraftFile.path, DraftFile.text, DraftFile.digest, DraftFile.size)
    rows = db.session.execute(query.where(DraftFile.draft_id == draft_id)).all()
    files = {row.path: held(row.digest, row.size) if row.text is None else row.text.encode() for row in rows}
    return Source(files), {row.path: row.digest for row in rows}


def source_at(revision_id: int) -> Source:
    """The course as a revision published it."""
    stored = db.session.scalars(select(Revision.files).where(Revision.id == revision_id)).one()
    return Source({path: held(digest, blobs.size(digest)) for path, digest in stored.items()})


def held(digest: str, size: int) -> Held:
    """A file among the blobs."""
    return Held(digest, size, partial(blobs.get, digest))


def text_of(file: DraftFile | DraftSave) -> str | None:
    """What an author wrote; None for what is no text."""
    if file.text is not None:
        return file.text
    try:
        return blobs.get(file.digest).decode("utf-8")
    except UnicodeDecodeError:
        return None


def changed_paths(draft: Draft, now: Mapping[str, str]) -> set[str]:
    """Files whose digests differ from what the draft began as: changed, new and taken out."""
    base = draft.base.files if draft.base else {}
    return {path for path in base.keys() | now.keys() if base.get(path) != now.get(path)}


def saves_of(draft_id: int, path: str) -> list[Row]:
    """Earlier contents of a file, newest first."""
    query = (
        select(DraftSave.version, DraftSave.saved_at, DraftSave.size, User.name)
        .outerjoin(User, User.id == DraftSave.saved_by_id)
        .where(DraftSave.draft_id == draft_id, DraftSave.path == path)
    )
    return list(db.session.execute(query.order_by(DraftSave.version.desc()).limit(100)))


def find_save(draft_id: int, path: str, version: int) -> DraftSave | None:
    """One earlier content of a file."""
    return db.session.scalar(
        select(DraftSave).where(DraftSave.draft_id == draft_id, DraftSave.path == path, DraftSave.version == version)
    )


def removed_paths(draft_id: int) -> list[str]:
    """Files that somebody took out of the draft and can put back."""
    there = select(DraftFile.path).where(DraftFile.draft_id == draft_id)
    query = select(DraftSave.path).where(DraftSave.draft_id == draft_id, DraftSave.path.not_in(there)).distinct()
    return list(db.session.scalars(query.order_by(DraftSave.path)))
