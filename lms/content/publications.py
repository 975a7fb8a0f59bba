"""Asking for a publication, approving and withdrawing it, and carrying it out when its hour has come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from lms.audit import service as audit
from lms.content import drafting, drafts, service
from lms.content.models import Course, Draft, Publication, Revision
from lms.content.rules import (
    AlreadySettled,
    CannotPublish,
    DraftChanged,
    NothingChanged,
    PublicationState,
    SecondPersonNeeded,
    SlugChanged,
    count_errors,
)
from lms.core import blobs, clock, jobs
from lms.core.actor import SYSTEM, Actor
from lms.core.db import begin_writing, db
from lms.course.parse import parse
from lms.course.source import Source
from lms.people.models import User

JOB = "content.publish"
OPEN = (PublicationState.AWAITS_APPROVAL, PublicationState.SCHEDULED, PublicationState.FAILED)


@dataclass(frozen=True)
class Wish:
    """What the trainer says about a publication; `publish_at` None means at once."""

    note: str
    is_material: bool
    publish_at: datetime | None = None


def prepared(source: Source) -> service.Prepared:
    """The slow work of a publication; CannotPublish when the course has errors."""
    doc, problems = parse(source)
    if doc is None or count_errors(problems):
        raise CannotPublish(count=count_errors(problems))
    return service.prepare(source, doc, problems)


def ask(
    course: Course, ready: service.Prepared, wish: Wish, *, needs_approval: bool, by: Actor, now: datetime
) -> Publication:
    """Publish the prepared draft, or note that it is to be published, for a second person or a later hour.

    A course has one open request at a time: a new one takes the place of the one before.
    """
    if ready.doc.id != course.slug:
        raise SlugChanged(slug=course.slug)
    service.lock(course)
    draft = drafts.get_draft(course.id, to_change=True)
    if drafts.source_of(draft.id).digest() != ready.digest:
        raise DraftChanged
    current = db.session.get(Revision, course.revision_id) if course.revision_id else None
    if current is not None and current.digest == ready.digest:
        raise NothingChanged
    if (waiting := find_open(course.id)) is not None:
        withdraw(waiting, by=by, now=now)
    service.store_renderings(ready.renderings)
    made = Publication(
        course_id=course.id, files=dict(ready.files), digest=ready.digest, note=wish.note, is_material=wish.is_material,
        publish_at=wish.publish_at, needs_approval=needs_approval, asked_at=now, asked_by_id=by.id,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    audit.record(
        by, "content:publication:ask", made, now=now, label=course.slug,
        after={"digest": ready.digest, "publish_at": wish.publish_at.isoformat() if wish.publish_at else None},
    )  # fmt: skip
    if made.state is PublicationState.SCHEDULED:
        _go_on(made, ready, now=now)
    return made


def approve(publication: Publication, ready: service.Prepared, *, by: Actor, now: datetime) -> None:
    """The second person says yes; it is published at once, or when its hour comes."""
    if publication.state is not PublicationState.AWAITS_APPROVAL:
        raise AlreadySettled
    if publication.asked_by_id == by.id:
        raise SecondPersonNeeded
    publication.approved_at, publication.approved_by_id = now, by.id
    db.session.flush()
    audit.record(by, "content:publication:approve", publication, now=now, label=publication.course.slug)
    _go_on(publication, ready, now=now)


def withdraw(publication: Publication, *, by: Actor, now: datetime) -> None:
    """It will not be published; the draft stays as it is."""
    if publication.state not in OPEN:
        raise AlreadySettled
    publication.withdrawn_at = now
    db.session.flush()
    audit.record(by, "content:publication:withdraw", publication, now=now, label=publication.course.slug)


def _go_on(publication: Publication, ready: service.Prepared, *, now: datetime) -> None:
    """Publish now, or leave it to the job at its hour."""
    if publication.publish_at is not None and publication.publish_at > now:
        jobs.enqueue(JOB, publication.id, now=now, run_at=publication.publish_at)
    else:
        _publish(publication, ready, now=now)


def _publish(publication: Publication, ready: service.Prepared, *, now: datetime) -> None:
    asked_by = db.session.get(User, publication.asked_by_id) if publication.asked_by_id else None
    by = Actor(asked_by.id, asked_by.name) if asked_by else SYSTEM
    revision = service.publish(ready, by=by, now=now, note=publication.note, is_material=publication.is_material)
    publication.published_at, publication.revision_id = now, revision.id
    draft = drafts.find_draft(publication.course_id, to_change=True)
    if draft is not None:
        _settle(draft, publication, revision, now=now)
    db.session.flush()


def _settle(draft: Draft, publication: Publication, revision: Revision, *, now: datetime) -> None:
    """A draft that was published is done; one that went on meanwhile goes on from the new revision."""
    if drafts.source_of(draft.id).digest() == publication.digest:
        draft.discarded_at = now
        drafting.forget_texts(draft, publication.files.values())
    else:
        draft.base_id = revision.id


def publish_due(subject: str) -> None:
    """The job: publish at the hour that was asked for. Safe to run twice; what was withdrawn stays unpublished."""
    publication = db.session.get(Publication, int(subject))
    if publication is None or publication.state is not PublicationState.SCHEDULED:
        return
    try:
        ready = prepared(source_of(publication.files))
    except CannotPublish:  # a later version of the product found errors where there were none
        ready = None
    begin_writing()
    publication = db.session.get_one(Publication, int(subject), with_for_update=True)
    if publication.state is not PublicationState.SCHEDULED:
        return
    now = clock.now()
    if ready is None:
        publication.failed_at = now
    elif publication.publish_at is None or publication.publish_at <= now:
        _publish(publication, ready, now=now)


def source_of(files: Mapping[str, str]) -> Source:
    """The course in stored files."""
    return Source({path: drafts.held(digest, blobs.size(digest)) for path, digest in files.items()})


def find_open(course_id: int) -> Publication | None:
    """The request that waits for approval or its hour, or failed and waits to be looked at."""
    query = select(Publication).where(
        Publication.course_id == course_id, Publication.published_at.is_(None), Publication.withdrawn_at.is_(None)
    )
    return db.session.scalar(query.order_by(Publication.id.desc()).limit(1))


def get_open(course_id: int, publication_id: int) -> Publication:
    """The open request that the page showed; AlreadySettled when it is no longer that one."""
    found = find_open(course_id)
    if found is None or found.id != publication_id:
        raise AlreadySettled
    db.session.refresh(found, with_for_update=True)  # the job may be at it
    return found
