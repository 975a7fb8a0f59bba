"""Publishing and retiring courses; filling in local values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from lms.audit import service as audit
from lms.content import queries, rendering
from lms.content.events import CoursePublished
from lms.content.models import Course, CourseFile, LocalValue, Part, Rendering, Revision
from lms.content.parts import apart
from lms.content.rules import AlreadyRetired, CannotPublish, NotRetired, count_errors, is_servable
from lms.core import blobs, bus, text
from lms.core.actor import Actor
from lms.core.db import Model, begin_writing, db, insert, insert_if_absent
from lms.course.document import CourseDoc, dump
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
    """The pieces that are not stored yet, by the key of their recipe."""


def prepare(source: Source, doc: CourseDoc, problems: Sequence[Problem]) -> Prepared:
    """Store the files by content and render what was never rendered; belongs outside the write transaction."""
    plain, _repairs = source.normalised()
    files = {path: plain.stored(path) or blobs.put(plain[path]) for path in sorted(plain)}
    made = {} if count_errors(problems) else _not_rendered_yet(doc, files)
    return Prepared(doc, source.digest(), files, tuple(problems), made)


def _not_rendered_yet(doc: CourseDoc, files: Mapping[str, str]) -> dict[str, dict]:
    recipes = {by.key: by for by in (rendering.recipe(doc, item, files) for item in rendering.every_item(doc))}
    stand = queries.rendered(list(recipes))
    return {key: rendering.made(by) for key, by in recipes.items() if key not in stand}


def publish(
    prepared: Prepared, *, by: Actor, now: datetime, note: str | None = None, is_material: bool = True
) -> Revision:
    """Make the prepared course the one that learners read.

    The same contents as the current revision make nothing new; those of an older one make that one
    current again. Errors refuse.
    """
    if errors := count_errors(prepared.problems):
        raise CannotPublish(count=errors)
    course = make_course(prepared.doc.id, prepared.doc.title, now=now)
    revision = db.session.scalar(
        select(Revision).where(Revision.course_id == course.id, Revision.digest == prepared.digest)
    )
    if revision is not None and revision.id == course.revision_id:
        return revision
    store_renderings(prepared.renderings)
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


def make_course(slug: str, title: str, *, now: datetime) -> Course:
    """The course's row, locked until the transaction ends so that revisions are numbered one after another."""
    insert_course(slug, title, now=now)
    query = select(Course).where(Course.slug == slug).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def insert_course(slug: str, title: str, *, now: datetime) -> bool:
    """Whether the course is new; of two who begin one with the same id, one is told."""
    values = {"slug": slug, "title": title, "folded": text.fold(title), "is_open": True, "created_at": now}
    return insert_if_absent(Course, values, ("slug",))


def lock(course: Course) -> None:
    """Let one transaction after another change what hangs on the course; its row is read again."""
    db.session.refresh(course, with_for_update=True)


def _new_revision(
    course: Course, prepared: Prepared, *, by: Actor, now: datetime, note: str | None, is_material: bool
) -> Revision:
    last = db.session.scalar(select(func.max(Revision.number)).where(Revision.course_id == course.id)) or 0
    document, parts = apart(dump(prepared.doc))
    _store(Part, [{"digest": digest, "data": data} for digest, data in parts.items()], "digest")
    revision = Revision(
        course_id=course.id,
        number=last + 1,
        digest=prepared.digest,
        title=prepared.doc.title,
        files=dict(prepared.files),
        document=document,
        minutes=prepared.doc.minutes,
        item_count=len(prepared.doc.items),
        note=note or None,
        is_material=is_material,
        published_at=now,
        published_by_id=by.id,
    )
    db.session.add(revision)
    db.session.flush()
    shown = {(digest, path.rsplit("/", 1)[-1]) for path, digest in prepared.files.items() if is_servable(path)}
    _store(CourseFile, [{"digest": digest, "name": name} for digest, name in sorted(shown)], "digest", "name")
    return revision


def store_renderings(made: Mapping[str, dict]) -> None:
    """Keep what was rendered; somebody else may have kept the same meanwhile."""
    _store(Rendering, [{"key": key, "pieces": pieces} for key, pieces in sorted(made.items())], "key")


def _store(table: type[Model], rows: list[dict[str, Any]], *keys: str) -> None:
    """Insert the rows that do not stand yet."""
    if rows:
        db.session.execute(insert(table).on_conflict_do_nothing(index_elements=list(keys)), rows)


def render_current() -> int:
    """Render what learners read and no rendering stands for, after an upgrade brought another renderer; how many items."""
    made: dict[str, dict] = {}
    for revision in queries.current_revisions():
        doc = queries.load_document(revision.id, revision.digest)
        made |= _not_rendered_yet(doc, revision.files)
    begin_writing()
    store_renderings(made)
    return len(made)


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
