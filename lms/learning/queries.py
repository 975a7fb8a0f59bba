"""Reading enrolments and progress, always of the viewer or of people in her scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import abort
from sqlalchemy import Row, Select, bindparam, func, literal, select, union_all
from sqlalchemy.orm import aliased

from lms.content.models import Course, CourseMember, Revision
from lms.content.queries import load_document
from lms.core import clock, text
from lms.core.db import db
from lms.course.completion import Done, Progress, Requirements, Word, progress, requirements
from lms.course.document import CourseDoc
from lms.learning.models import Enrolment, ItemRecord, Override
from lms.learning.rules import expires_on
from lms.people.models import User
from lms.people.queries import Viewer, ids_in_scope

_LATEST = Enrolment.id.desc()


def get_enrolment(learner_id: int, slug: str) -> Enrolment:
    """The person's newest enrolment in the course that was not withdrawn, or 404."""
    query = (
        select(Enrolment)
        .join(Course, Course.id == Enrolment.course_id)
        .where(Enrolment.learner_id == learner_id, Course.slug == slug, Enrolment.withdrawn_at.is_(None))
    )
    return db.session.scalar(query.order_by(_LATEST).limit(1)) or abort(404)


def get_overseen(viewer: Viewer, enrolment_id: int) -> Enrolment:
    """An enrolment of somebody in the viewer's scope, withdrawn or not, or 404."""
    query = select(Enrolment).where(Enrolment.id == enrolment_id, Enrolment.learner_id.in_(ids_in_scope(viewer)))
    return db.session.scalar(query) or abort(404)


@dataclass(frozen=True)
class Latest:
    """How somebody's newest enrolment in a course stands, for enrolling her again."""

    is_open: bool
    expires_on: date | None


_CHUNK = 500


def latest_enrolments(course_id: int, learner_ids: Sequence[int]) -> dict[int, Latest]:
    """The newest enrolment of each of the people that was not withdrawn; those who have none are left out."""
    found: dict[int, Latest] = {}
    for start in range(0, len(learner_ids), _CHUNK):
        newest = (
            select(func.max(Enrolment.id))
            .where(
                Enrolment.course_id == course_id,
                Enrolment.learner_id.in_(learner_ids[start : start + _CHUNK]),
                Enrolment.withdrawn_at.is_(None),
            )
            .group_by(Enrolment.learner_id)
        )
        rows = db.session.execute(
            select(Enrolment.learner_id, Enrolment.completed_at, Enrolment.completed_revision_id, Revision.digest)
            .outerjoin(Revision, Revision.id == Enrolment.completed_revision_id)
            .where(Enrolment.id.in_(newest))
        )
        for row in rows:
            if row.completed_at is None:
                found[row.learner_id] = Latest(is_open=True, expires_on=None)
                continue
            months = load_document(row.completed_revision_id, row.digest).valid_months
            found[row.learner_id] = Latest(False, expires_on(clock.day_of(row.completed_at), months))
    return found


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
    def requirements(self) -> Requirements:
        """What completing the course takes, and how far it is met."""
        return requirements(self.doc, self.done)

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
_NEWEST_WORD = (
    select(func.max(Override.id))
    .where(Override.enrolment_id == ItemRecord.enrolment_id, Override.item == ItemRecord.item)
    .correlate(ItemRecord)
    .scalar_subquery()
)
_RECORDS = (
    select(
        ItemRecord.item, ItemRecord.passed, ItemRecord.fraction, Override.passed.label("said"), Override.reason,
        User.name.label("said_by"), Override.at,
    )
    .outerjoin(Override, Override.id == _NEWEST_WORD)
    .outerjoin(User, User.id == Override.by_id)
    .where(ItemRecord.enrolment_id == bindparam("enrolment"))
)  # fmt: skip


def get_standing(viewer_id: int, slug: str) -> Standing:
    """Two statements: the course with the viewer's newest enrolment, and its records; 404 when unpublished."""
    row = db.session.execute(_STANDING, {"viewer": viewer_id, "slug": slug}).first()
    if row is None:
        abort(404)
    enrolled = row.enrolment_id is not None
    done = records(row.enrolment_id) if enrolled else {}
    return Standing(row, load_document(row.revision_id, row.digest), row if enrolled else None, done)


def records(enrolment_id: int) -> dict[str, Done]:
    """What is done, by item, with what a trainer said last."""
    rows = db.session.execute(_RECORDS, {"enrolment": enrolment_id})
    return {row.item: Done(row.passed, row.fraction, _word(row)) for row in rows}


def _word(row: Row) -> Word | None:
    return None if row.said is None else Word(row.said, row.reason, row.said_by, row.at)


def find_word(enrolment_id: int, item: str) -> Override | None:
    """The override that holds, the newest."""
    query = select(Override).where(Override.enrolment_id == enrolment_id, Override.item == item)
    return db.session.scalar(query.order_by(Override.id.desc()).limit(1))


def overrides_of(enrolment_id: int) -> list[Row]:
    """Everything that trainers said about items of the enrolment, oldest first."""
    query = (
        select(Override.item, Override.passed, Override.reason, Override.at, User.name.label("by"))
        .join(User, User.id == Override.by_id)
        .where(Override.enrolment_id == enrolment_id)
        .order_by(Override.id)
    )
    return list(db.session.execute(query))


def learners(course_id: int, words: str = "") -> Select:
    """Everybody who takes or took the course, withdrawn people left out; only for its trainers."""
    query = (
        select(User.sort_key, User.name, Enrolment.id, Enrolment.completed_at, Enrolment.due_on, Enrolment.enrolled_at)
        .join(User, User.id == Enrolment.learner_id)
        .where(Enrolment.course_id == course_id, Enrolment.withdrawn_at.is_(None))
    )
    for word in text.fold(words).split():
        query = query.where(User.folded.contains(word, autoescape=True))
    return query


def get_taught(course_id: int, enrolment_id: int) -> Enrolment:
    """An enrolment in the course, or 404; whoever asks works on the course."""
    query = select(Enrolment).where(Enrolment.id == enrolment_id, Enrolment.course_id == course_id)
    return db.session.scalar(query) or abort(404)


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


def open_enrolments(course_id: int, *, after: int, limit: int) -> list[int]:
    """Ids of the next enrolments in the course that are neither completed nor withdrawn."""
    query = select(Enrolment.id).where(
        Enrolment.course_id == course_id,
        Enrolment.completed_at.is_(None),
        Enrolment.withdrawn_at.is_(None),
        Enrolment.id > after,
    )
    return list(db.session.scalars(query.order_by(Enrolment.id).limit(limit)))


def count_learning(course_id: int) -> int:
    """How many people take the course now."""
    query = (
        select(func.count())
        .select_from(Enrolment)
        .where(Enrolment.course_id == course_id, Enrolment.completed_at.is_(None), Enrolment.withdrawn_at.is_(None))
    )
    return db.session.scalar(query) or 0


def complete_among(course_id: int, enrolment_ids: list[int]) -> list[int]:
    """Those of the enrolments that have everything the newest revision asks."""
    doc = load_document(db.session.scalars(select(Course.revision_id).where(Course.id == course_id)).one())
    return [one for one, done in done_of(enrolment_ids).items() if progress(doc, done).is_complete]


@dataclass(frozen=True)
class Finishing:
    """How many people took a course long enough, and how many of them finished each of its items."""

    people: int
    finished: dict[str, int]


def finishing(viewer_id: int, *, enrolled_before: datetime) -> dict[int, Finishing]:
    """By course, of all that the viewer works on, in one statement; courses that nobody took for so long are left out."""
    mine = select(CourseMember.course_id).where(CourseMember.user_id == viewer_id)
    people = func.count(Enrolment.learner_id.distinct()).label("people")
    taken = (
        Enrolment.course_id.in_(mine),
        Enrolment.withdrawn_at.is_(None),
        Enrolment.enrolled_at < enrolled_before,
    )
    everybody = select(Enrolment.course_id, literal("").label("item"), people).where(*taken)
    by_item = (
        select(Enrolment.course_id, ItemRecord.item, people)
        .join(ItemRecord, ItemRecord.enrolment_id == Enrolment.id)
        .where(*taken, ItemRecord.done_at.is_not(None))
    )
    both = union_all(everybody.group_by(Enrolment.course_id), by_item.group_by(Enrolment.course_id, ItemRecord.item))
    counts: dict[int, dict[str, int]] = {}
    for course_id, item, count in db.session.execute(both):
        counts.setdefault(course_id, {})[item] = count
    return {course_id: Finishing(items.pop("", 0), items) for course_id, items in counts.items()}


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
