"""Uploading, publishing and retiring courses; filling in local values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select

from lms.audit import service as audit
from lms.content import queries, rendering
from lms.content.events import CoursePublished
from lms.content.models import Course, CourseFile, Draft, LocalValue, Rendering, Revision
from lms.content.rules import AlreadyRetired, CannotPublish, DraftReplaced, NotRetired, count_errors, is_servable
from lms.core import blobs, bus, text
from lms.core.actor import Actor
from lms.core.db import db, insert_if_absent
from lms.course.desk import TITLE_LIMIT
from lms.course.document import CourseDoc, dump
from lms.course.markdown import RENDERER
from lms.course.problems import Problem
from lms.course.source import Source


@dataclass(frozen=True)
class Prepared:
    """A course that is parsed, stored as blobs and rendered: all the slow work, done before any write."""

    doc: CourseDoc
    digest: str
    files: Mapping[str, str]
    problems: Sequence[Problem]
    renderings: Mapping[str, dict]


def prepare(source: Source, doc: CourseDoc, problems: Sequence[Problem]) -> Prepared:
    """Store the files by content and render every item; belongs outside the write transaction."""
    plain, _repairs = source.normalised()
    files = {path: blobs.put(data) for path, data in sorted(plain.items())}
    has_errors = count_errors(problems) > 0
    made = {} if has_errors else {item: rendering.pieces(doc, item, files) for item in rendering.every_item(doc)}
    return Prepared(doc, source.digest(), files, tuple(problems), made)


def publish(
    prepared: Prepared, *, by: Actor, now: datetime, note: str | None = None, is_material: bool = True
) -> Revision:
    """Make the prepared course the one that learners read.

    The same contents as the current revision make nothing new; those of an older one make that one
    current again. Errors refuse.
    """
    if errors := count_errors(prepared.problems):
        raise CannotPublish(count=errors)
    course = _course(prepared.doc, now)
    revision = db.session.scalar(
        select(Revision).where(Revision.course_id == course.id, Revision.digest == prepared.digest)
    )
    db.session.execute(delete(Draft).where(Draft.slug == course.slug, Draft.digest == prepared.digest))
    if revision is not None and revision.id == course.revision_id:
        return revision
    if revision is None:
        revision = _new_revision(course, prepared, by=by, now=now, note=note, is_material=is_material)
    before = course.revision_id
    course.title, course.folded, course.revision_id = prepared.doc.title, text.fold(prepared.doc.title), revision.id
    db.session.flush()
    audit.record(
        by, "content:revision:publish", course, now=now, label=course.slug,
        before={"revision_id": before}, after={"revision_id": revision.id, "number": revision.number},
    )  # fmt: skip
    bus.publish(CoursePublished(course.id, revision.id))
    return revision


def _course(doc: CourseDoc, now: datetime) -> Course:
    """The course's row, locked until the transaction ends so that revisions are numbered one after another."""
    values = {"slug": doc.id, "title": doc.title, "folded": text.fold(doc.title), "is_open": True, "created_at": now}
    insert_if_absent(Course, values, ("slug",))
    return db.session.scalars(select(Course).where(Course.slug == doc.id).with_for_update()).one()


def _new_revision(
    course: Course, prepared: Prepared, *, by: Actor, now: datetime, note: str | None, is_material: bool
) -> Revision:
    last = db.session.scalar(select(func.max(Revision.number)).where(Revision.course_id == course.id)) or 0
    revision = Revision(
        course_id=course.id,
        number=last + 1,
        digest=prepared.digest,
        title=prepared.doc.title,
        files=dict(prepared.files),
        document=dump(prepared.doc),
        minutes=prepared.doc.minutes,
        item_count=len(prepared.doc.items),
        note=note or None,
        is_material=is_material,
        published_at=now,
        published_by_id=by.id,
    )
    db.session.add(revision)
    db.session.flush()
    for item, pieces in prepared.renderings.items():
        db.session.add(Rendering(revision_id=revision.id, item=item, renderer=RENDERER, pieces=pieces))
    _allow(course.slug, prepared.files, is_published=True)
    return revision


def _allow(slug: str, files: Mapping[str, str], *, is_published: bool) -> None:
    """Let browsers ask for the pictures and downloads among the files."""
    for path, digest in files.items():
        if not is_servable(path):
            continue
        name = path.rsplit("/", 1)[-1]
        same = select(CourseFile).where(CourseFile.digest == digest, CourseFile.name == name, CourseFile.slug == slug)
        row = db.session.scalar(same)
        if row is None:
            db.session.add(CourseFile(digest=digest, name=name, slug=slug, is_published=is_published))
        elif is_published:
            row.is_published = True


def save_draft(prepared: Prepared, *, by: Actor, now: datetime) -> Draft:
    """Keep what was uploaded, in place of an older upload of the course."""
    slug = prepared.doc.id
    draft = queries.find_draft(slug) or Draft(slug=slug)
    draft.title = (prepared.doc.title or slug)[:TITLE_LIMIT]  # a draft may have a title that cannot be published
    draft.digest, draft.files = prepared.digest, dict(prepared.files)
    draft.document = dump(prepared.doc)
    draft.problems = [
        {"path": p.path, "line": p.line, "level": p.level.value, "message": p.message, "values": dict(p.values)}
        for p in prepared.problems
    ]
    draft.uploaded_at, draft.uploaded_by_id = now, by.id
    db.session.add(draft)
    db.session.execute(delete(CourseFile).where(CourseFile.slug == slug, CourseFile.is_published.is_(False)))
    _allow(slug, prepared.files, is_published=False)
    db.session.flush()
    audit.record(by, "content:draft:save", draft, now=now, label=slug)
    return draft


def same_draft(slug: str, digest: str) -> Draft:
    """The draft, when it still is what the trainer looked at."""
    draft = queries.get_draft(slug)
    if draft.digest != digest:
        raise DraftReplaced
    return draft


def retire(course: Course, *, by: Actor, now: datetime) -> None:
    """Nobody enrols any more; those who did may finish, and certificates stay."""
    if course.retired_at is not None:
        raise AlreadyRetired
    course.retired_at = now
    audit.record(by, "content:course:retire", course, now=now, label=course.slug)


def reopen(course: Course, *, by: Actor, now: datetime) -> None:
    """A retired course takes learners again."""
    if course.retired_at is None:
        raise NotRetired
    course.retired_at = None
    audit.record(by, "content:course:reopen", course, now=now, label=course.slug)


def set_open(course: Course, *, is_open: bool, by: Actor, now: datetime) -> None:
    """Whether learners may enrol themselves."""
    course.is_open = is_open
    audit.record(by, "content:course:set_open", course, now=now, label=course.slug, after={"is_open": is_open})


def set_local_values(values: Mapping[str, str], *, by: Actor, now: datetime) -> None:
    """Fill in what names in braces stand for; an empty one is forgotten."""
    rows = {row.name: row for row in db.session.scalars(select(LocalValue))}
    for name, value in values.items():
        row = rows.get(name)
        if (row.value if row else "") == value:
            continue
        if row is None:
            row = LocalValue(name=name, value=value)
            db.session.add(row)
        row.value = value
        db.session.flush()
        audit.record(by, "content:local_value:set", row, now=now, label=name)
        if not value:
            db.session.delete(row)
