"""Reading enrolments and progress, always of the viewer or of people in her scope."""

from dataclasses import dataclass

from flask import abort
from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import aliased

from lms.content.models import Course, Revision
from lms.content.queries import load_document
from lms.core import text
from lms.core.db import db
from lms.course.completion import Done, Progress, progress
from lms.course.document import CourseDoc
from lms.learning.models import Enrolment, ItemRecord
from lms.people.queries import Viewer, ids_in_scope

_LATEST = Enrolment.id.desc()


def find_enrolment(learner_id: int, course_id: int) -> Enrolment | None:
    """The person's newest enrolment in the course that was not withdrawn."""
    query = select(Enrolment).where(
        Enrolment.learner_id == learner_id, Enrolment.course_id == course_id, Enrolment.withdrawn_at.is_(None)
    )
    return db.session.scalar(query.order_by(_LATEST).limit(1))


def get_enrolment(learner_id: int, slug: str) -> Enrolment:
    """The same by the course's slug, or 404."""
    query = (
        select(Enrolment)
        .join(Course, Course.id == Enrolment.course_id)
        .where(Enrolment.learner_id == learner_id, Course.slug == slug, Enrolment.withdrawn_at.is_(None))
    )
    return db.session.scalar(query.order_by(_LATEST).limit(1)) or abort(404)


@dataclass(frozen=True)
class Standing:
    """A published course, the viewer's enrolment in it, and what of it is done: one page's worth."""

    course: Row
    doc: CourseDoc
    enrolment: Row | None
    done: dict[str, Done]

    @property
    def progress(self) -> Progress:
        """What is done and missing of the latest revision."""
        return progress(self.doc, self.done)

    @property
    def next_item(self) -> str | None:
        """Where to go on: the first required item that is not done."""
        return self.progress.next_item


_mine = aliased(Enrolment)
_NEWEST_OF_VIEWER = (
    select(func.max(_mine.id))
    .where(_mine.learner_id == bindparam("viewer"), _mine.course_id == Course.id, _mine.withdrawn_at.is_(None))
    .correlate(Course)
    .scalar_subquery()
)
# Built once: every page of a course runs these, and building a statement takes longer than running it.
_STANDING = (
    select(
        Course.id, Course.slug, Course.title, Course.is_open, Course.retired_at, Course.revision_id,
        Revision.digest, Revision.published_at, Enrolment.id.label("enrolment_id"), Enrolment.enrolled_at,
        Enrolment.due_on, Enrolment.completed_at, Enrolment.last_item,
    )
    .join(Revision, Revision.id == Course.revision_id)
    .outerjoin(Enrolment, Enrolment.id == _NEWEST_OF_VIEWER)
    .where(Course.slug == bindparam("slug"))
)  # fmt: skip
_RECORDS = select(ItemRecord.item, ItemRecord.passed, ItemRecord.fraction).where(
    ItemRecord.enrolment_id == bindparam("enrolment")
)


def get_standing(viewer_id: int, slug: str) -> Standing:
    """Two statements: the course with the viewer's newest enrolment, and its records; 404 when unpublished."""
    row = db.session.execute(_STANDING, {"viewer": viewer_id, "slug": slug}).first()
    if row is None:
        abort(404)
    enrolled = row.enrolment_id is not None
    done = records(row.enrolment_id) if enrolled else {}
    return Standing(row, load_document(row.revision_id, row.digest), row if enrolled else None, done)


def records(enrolment_id: int) -> dict[str, Done]:
    """What is done, by item."""
    rows = db.session.execute(_RECORDS, {"enrolment": enrolment_id})
    return {row.item: Done(row.passed, row.fraction) for row in rows}


_NEWEST = (
    select(func.max(Enrolment.id).label("id"))
    .where(Enrolment.learner_id == bindparam("viewer"), Enrolment.withdrawn_at.is_(None))
    .group_by(Enrolment.course_id)
    .subquery()
)
_MINE = aliased(Enrolment, select(Enrolment).join(_NEWEST, _NEWEST.c.id == Enrolment.id).subquery())
_CATALOGUE = (
    select(
        Course.id, Course.slug, Course.title, Course.is_open, Course.revision_id, Revision.digest,
        Revision.minutes, Revision.item_count, _MINE.id.label("enrolment_id"), _MINE.due_on, _MINE.completed_at,
    )
    .join(Revision, Revision.id == Course.revision_id)
    .outerjoin(_MINE, _MINE.course_id == Course.id)
    .where((Course.retired_at.is_(None)) | (_MINE.id.is_not(None)))
    .order_by(Course.folded, Course.id)
)  # fmt: skip


def catalogue(viewer_id: int, words: str = "") -> list[Row]:
    """Published courses with the viewer's newest enrolment: those she takes, and those that are not retired."""
    query = _CATALOGUE
    for word in text.fold(words).split():
        query = query.where(Course.folded.contains(word, autoescape=True))
    return list(db.session.execute(query, {"viewer": viewer_id}))


_DONE = select(ItemRecord.enrolment_id, ItemRecord.item, ItemRecord.passed, ItemRecord.fraction).where(
    ItemRecord.enrolment_id.in_(bindparam("enrolments", expanding=True))
)


def done_of(enrolment_ids: list[int]) -> dict[int, dict[str, Done]]:
    """The records of several enrolments in one statement."""
    found: dict[int, dict[str, Done]] = {enrolment_id: {} for enrolment_id in enrolment_ids}
    if found:
        for row in db.session.execute(_DONE, {"enrolments": enrolment_ids}):
            found[row.enrolment_id][row.item] = Done(row.passed, row.fraction)
    return found


def get_overseen(viewer: Viewer, enrolment_id: int) -> Enrolment:
    """An enrolment of a person in the viewer's scope, or 404."""
    query = select(Enrolment).where(Enrolment.id == enrolment_id, Enrolment.learner_id.in_(ids_in_scope(viewer)))
    return db.session.scalar(query) or abort(404)


def enrolments_of(learner_id: int) -> list[Row]:
    """Everything a person takes, took or was withdrawn from, newest first; whoever asks has her in scope."""
    query = (
        select(
            Enrolment.id, Course.slug, Course.title, Course.revision_id, Revision.digest, Enrolment.enrolled_at, Enrolment.due_on,
            Enrolment.completed_at, Enrolment.fraction, Enrolment.withdrawn_at,
        )
        .join(Course, Course.id == Enrolment.course_id)
        .join(Revision, Revision.id == Course.revision_id)
        .where(Enrolment.learner_id == learner_id)
        .order_by(_LATEST)
    )  # fmt: skip
    return list(db.session.execute(query))


def assignable() -> list[Row]:
    """Courses that people can be enrolled in."""
    query = select(Course.id, Course.slug, Course.title).where(
        Course.revision_id.is_not(None), Course.retired_at.is_(None)
    )
    return list(db.session.execute(query.order_by(Course.folded, Course.id)))
