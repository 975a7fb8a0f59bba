"""Writing drafts: every save names the version it saw, and what it replaces is kept."""

import hashlib
import posixpath
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from lms.audit import service as audit
from lms.content import drafts, members, service
from lms.content.models import Course, Draft, DraftFile, DraftSave
from lms.content.queries import PAGES_BESIDE
from lms.content.rules import (
    SAVE_KEPT_FOR,
    TEXT_LIMIT,
    BadPath,
    DraftChanged,
    FileExists,
    FileGone,
    NeededFile,
    QuotaUsedUp,
    SlugTaken,
    TooLarge,
    suffix,
)
from lms.core import blobs
from lms.core.actor import Actor
from lms.core.db import db, insert, insert_if_absent
from lms.core.errors import Refused
from lms.core.i18n import _l
from lms.course import archive
from lms.course.source import AUTHORED, Source, repaired

COURSE = "course.md"
PATH = re.compile(r"[^/\\:*?\"<>|\x00-\x1f\x7f]+(/[^/\\:*?\"<>|\x00-\x1f\x7f]+){0,9}")
RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
"""Names that Windows refuses, whatever their ending."""
PATH_LIMIT = 240
MEBIBYTE = 1024 * 1024


class Conflict(Refused):
    """Somebody else saved the file since this trainer opened it: `theirs` is what stands now."""

    message = _l("%(name)s changed this file meanwhile. Both versions are below; nothing is lost.")

    def __init__(self, theirs: DraftFile) -> None:
        self.theirs = theirs
        super().__init__(name=theirs.changed_by.name if theirs.changed_by else "—")


@dataclass(frozen=True)
class Laid:
    """A file ready for a draft: its text, or the digest of what lies among the blobs."""

    path: str
    digest: str
    size: int
    text: str | None = None


def laid_out(source: Source) -> list[Laid]:
    """The files of a course, texts as text and the rest stored by content; belongs outside the write transaction."""
    found = []
    for path in sorted(source):
        if path.lower().endswith(AUTHORED) and (text := _plain(source[path])) is not None:
            found.append(_text(path, text))
        else:
            found.append(Laid(path, source.stored(path) or blobs.put(source[path]), source.size(path)))
    return found


def _plain(data: bytes) -> str | None:
    """The text in LF and NFC; None for bytes that are no UTF-8, or that no database keeps as text."""
    try:
        text = repaired(data).decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _text(path: str, text: str) -> Laid:
    data = text.encode()
    return Laid(path, hashlib.sha256(data).hexdigest(), len(data), text)


# Whole drafts


def begin(course: Course, files: Sequence[Laid], base_id: int | None, *, by: Actor, now: datetime) -> Draft:
    """The open draft of the course, made of these files when there is none yet."""
    values = {
        "course_id": course.id, "base_id": base_id, "opened_at": now, "changed_at": now,
        "changed_by_id": by.id,
    }  # fmt: skip
    statement = insert(Draft).values(**values)
    once = statement.on_conflict_do_nothing(index_elements=["course_id"], index_where=Draft.discarded_at.is_(None))
    is_new = db.session.execute(once.returning(Draft.course_id)).first() is not None
    draft = drafts.get_draft(course.id)
    if is_new:
        _lay(draft, files, by=by, now=now)
    return draft


def _lay(draft: Draft, files: Sequence[Laid], *, by: Actor, now: datetime) -> None:
    version = _next_version(draft.course_id)
    rows = [
        {"draft_id": draft.id, "path": one.path, "version": version, "text": one.text, "digest": one.digest, "size": one.size,
         "changed_at": now, "changed_by_id": by.id}
        for one in files
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(DraftFile), rows)


def create(slug: str, title: str, files: Sequence[Laid], *, by: Actor, now: datetime) -> Draft:
    """A new course: its row, its owner and its first draft."""
    if slug in PAGES_BESIDE or not service.insert_course(slug, title, now=now):
        raise SlugTaken(slug=slug)
    course = service.make_course(slug, title, now=now)
    members.make_owner(course, by.id, now=now)
    draft = begin(course, files, None, by=by, now=now)
    audit.record(by, "content:course:create", course, now=now, label=slug)
    return draft


def replace(course: Course, files: Sequence[Laid], *, by: Actor, now: datetime) -> Draft:
    """A draft of these files in place of the open one, which is discarded and can be taken back."""
    service.lock(course)
    if (open_one := drafts.find_draft(course.id, to_change=True)) is not None:
        discard(open_one, by=by, now=now)
    draft = begin(course, files, course.revision_id, by=by, now=now)
    audit.record(by, "content:draft:replace", draft, now=now, label=course.slug)
    return draft


def discard(draft: Draft, *, by: Actor, now: datetime) -> None:
    """Give the draft up; `take_back` undoes it."""
    drafts.get_draft(draft.course_id, to_change=True)
    draft.discarded_at = now
    db.session.flush()
    forget_texts(draft, draft.base.files.values() if draft.base else ())
    audit.record(by, "content:draft:discard", draft, now=now, label=draft.course.slug)


def take_back(course: Course, draft_id: int, *, by: Actor, now: datetime) -> Draft:
    """The discarded draft is the open one again; what was opened meanwhile is discarded in its place."""
    service.lock(course)
    wanted = db.session.scalar(select(Draft).where(Draft.id == draft_id, Draft.course_id == course.id))
    if wanted is None:
        raise DraftChanged
    open_one = drafts.find_draft(course.id, to_change=True)
    if open_one is not None and open_one.id != wanted.id:
        discard(open_one, by=by, now=now)
    newer = _next_version(course.id)  # an editor that is still open on either draft must not fit the other
    db.session.execute(
        update(DraftFile).where(DraftFile.draft_id == wanted.id).values(version=DraftFile.version + newer)
    )
    wanted.discarded_at = None
    audit.record(by, "content:draft:take_back", wanted, now=now, label=course.slug)
    return wanted


def forget_texts(draft: Draft, stored: Iterable[str]) -> None:
    """A draft that is closed keeps no copy of what lies among the blobs already."""
    texts = update(DraftFile).where(DraftFile.draft_id == draft.id, DraftFile.digest.in_(set(stored)))
    db.session.execute(texts.values(text=None))


# Single files


def save_text(draft: Draft, path: str, text: str, *, seen: int, by: Actor, now: datetime) -> int:
    """Store the text and return the file's new version; Conflict when it is no longer the version that was seen.

    Saving what stands already is no conflict and changes nothing.
    """
    if not path.lower().endswith(AUTHORED):
        raise BadPath(path=path[:80])  # what media hold is looked at when they are uploaded
    made = _written(path, text)
    file = drafts.find_file(draft.id, path, to_change=True)
    if file is None:
        raise FileGone(path=path)
    if file.digest == made.digest:
        return file.version
    if file.version != seen:
        raise Conflict(file)
    _keep(file, by=by, now=now)
    file.version, file.text, file.digest, file.size = seen + 1, made.text, made.digest, made.size
    file.changed_at, file.changed_by_id = now, by.id
    _touch(draft, by=by, now=now)
    return seen + 1


def _written(path: str, text: str) -> Laid:
    """What was typed, without what no database keeps as text; TooLarge when it is more than one can edit."""
    made = _text(path, _plain(text.replace("\0", "").encode("utf-8", "replace")) or "")
    if made.size > TEXT_LIMIT:
        raise TooLarge(limit=TEXT_LIMIT // 1000)
    return made


def _keep(file: DraftFile, *, by: Actor, now: datetime, always: bool = False) -> None:
    """Remember what stands, unless the same person has just begun to change it."""
    last = db.session.execute(
        select(DraftSave.saved_at, DraftSave.saved_by_id)
        .where(DraftSave.draft_id == file.draft_id, DraftSave.path == file.path)
        .order_by(DraftSave.version.desc())
        .limit(1)
    ).first()
    is_recent = last is not None and last.saved_by_id == by.id and now - last.saved_at < SAVE_KEPT_FOR
    if file.changed_by_id == by.id and is_recent and not always:
        return
    values = {
        "draft_id": file.draft_id, "path": file.path, "version": file.version, "text": file.text, "digest": file.digest,
        "size": file.size, "saved_at": now, "saved_by_id": by.id,
    }  # fmt: skip
    insert_if_absent(DraftSave, values, ("draft_id", "path", "version"))


def _touch(draft: Draft, *, by: Actor, now: datetime) -> None:
    draft.changed_at, draft.changed_by_id = now, by.id


def add_text(draft: Draft, path: str, text: str, *, by: Actor, now: datetime) -> None:
    """A new text file."""
    add(draft, [_written(_checked(path), text)], by=by, now=now)


def add(draft: Draft, files: Sequence[Laid], *, by: Actor, now: datetime) -> None:
    """New files; FileExists when one stands already."""
    version = _next_version(draft.course_id)
    for one in files:
        _refuse_alike(draft, one.path)
        values: dict[str, Any] = {
            "draft_id": draft.id, "path": one.path, "version": version, "text": one.text,
            "digest": one.digest, "size": one.size, "changed_at": now, "changed_by_id": by.id,
        }  # fmt: skip
        if not insert_if_absent(DraftFile, values, ("draft_id", "path")):
            raise FileExists(path=one.path)
    _touch(draft, by=by, now=now)


def _next_version(course_id: int) -> int:
    """A version that no file of the course ever had: an editor that was left open fits no other draft."""
    of_course = select(Draft.id).where(Draft.course_id == course_id)
    newest = (
        db.session.scalar(select(func.max(table.version)).where(table.draft_id.in_(of_course))) or 0
        for table in (DraftFile, DraftSave)
    )
    return max(newest) + 1


def _refuse_alike(draft: Draft, path: str, besides: str = "") -> None:
    """Paths that a folder could not hold beside each other: the same but for capitals, or a file and a folder."""
    folded = path.casefold()
    there = select(DraftFile.path).where(DraftFile.draft_id == draft.id, DraftFile.path != besides)
    for other in db.session.scalars(there):
        known = other.casefold()
        if known == folded or known.startswith(f"{folded}/") or folded.startswith(f"{known}/"):
            raise FileExists(path=other)


def remove(draft: Draft, path: str, *, by: Actor, now: datetime) -> int:
    """Take the file out; the version under which it is kept, to put it back with `put_back`."""
    if path == COURSE:
        raise NeededFile
    file = drafts.find_file(draft.id, path, to_change=True)
    if file is None:
        raise FileGone(path=path)
    _keep(file, by=by, now=now, always=True)
    version = file.version
    db.session.execute(delete(DraftFile).where(DraftFile.id == file.id))
    _touch(draft, by=by, now=now)
    return version


def put_back(draft: Draft, path: str, version: int, *, by: Actor, now: datetime) -> None:
    """An earlier content becomes the file's newest; what stood is kept in its turn."""
    kept = drafts.find_save(draft.id, path, version)
    if kept is None:
        raise FileGone(path=path)
    file = drafts.find_file(draft.id, path, to_change=True)
    if file is None:
        add(draft, [Laid(path, kept.digest, kept.size, kept.text)], by=by, now=now)
        return
    _keep(file, by=by, now=now, always=True)
    file.version, file.text, file.digest, file.size = file.version + 1, kept.text, kept.digest, kept.size
    file.changed_at, file.changed_by_id = now, by.id
    _touch(draft, by=by, now=now)


def rename(draft: Draft, path: str, to: str, *, by: Actor, now: datetime) -> str:
    """Give the file another path; its earlier contents stay under the old one. Returns the path as it is kept."""
    if path == COURSE:
        raise NeededFile
    target = _checked(to)
    if suffix(target) != suffix(path):
        raise BadPath(path=target[:80])
    file = drafts.find_file(draft.id, path, to_change=True)
    if file is None:
        raise FileGone(path=path)
    if target == path:
        return path
    _refuse_alike(draft, target, besides=path)
    _keep(file, by=by, now=now, always=True)
    file.path, file.version = target, _next_version(draft.course_id)
    file.changed_at, file.changed_by_id = now, by.id
    _touch(draft, by=by, now=now)
    db.session.flush()
    return target


def _checked(path: str) -> str:
    """The path in one form; BadPath for one that could not go out as a folder."""
    plain = posixpath.normpath(path.strip().replace("\\", "/")) if path.strip() else ""
    parts = plain.split("/")
    is_bad = not PATH.fullmatch(plain) or len(plain) > PATH_LIMIT or any(part.startswith(".") for part in parts)
    odd = any(part != part.strip() or part.endswith(".") or RESERVED.fullmatch(part) for part in parts)
    if is_bad or odd or archive.is_ignored(plain):
        raise BadPath(path=path[:80])
    return plain


def refuse_over_quota(draft: Draft, adding: int, limit_mib: int) -> None:
    """Media of a course share a limit; texts weigh nothing beside them."""
    query = select(func.coalesce(func.sum(DraftFile.size), 0)).where(DraftFile.draft_id == draft.id)
    refuse_over((db.session.scalar(query) or 0) + adding, limit_mib)


def refuse_over(size: int, limit_mib: int) -> None:
    """So many bytes are too much for the files of one course."""
    if size > limit_mib * MEBIBYTE:
        raise QuotaUsedUp(size=-(-size // MEBIBYTE), limit=limit_mib)
