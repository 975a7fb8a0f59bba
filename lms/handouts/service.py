"""Drawing the printouts of a course, and keeping the newest."""

import hashlib
import json
from datetime import datetime

from flask import current_app
from sqlalchemy import select

from lms.content.models import Course, Revision
from lms.content.queries import load_document, local_values
from lms.core import clock, jobs
from lms.core.db import begin_writing, db, insert
from lms.course.document import CourseDoc
from lms.course.markdown import RENDERER
from lms.course.printouts import Kind
from lms.handouts import printing
from lms.handouts.models import Printout

JOB = "handouts.draw"


def current_key(course_id: int, digest: str, doc: CourseDoc, kind: Kind) -> str | None:
    """The key of the stored PDF, where it says what the course and its surroundings say today."""
    mine = (Printout.course_id == course_id, Printout.kind == kind.value, Printout.key == _key(digest, doc))
    return db.session.scalar(select(Printout.key).where(*mine))


def load(course_id: int, kind: Kind, key: str) -> bytes | None:
    """Its bytes; None when another took its place meanwhile."""
    mine = (Printout.course_id == course_id, Printout.kind == kind.value, Printout.key == key)
    return db.session.scalar(select(Printout.data).where(*mine))


def ask(course_id: int, kind: Kind, *, now: datetime) -> None:
    """Let a job draw it; whoever is drawing it just now is not disturbed."""
    if not is_being_made(course_id, kind):
        jobs.enqueue(JOB, f"{course_id}.{kind}", now=now)


def is_being_made(course_id: int, kind: Kind) -> bool:
    """Whether a job for it waits or works."""
    return jobs.is_waiting(JOB, f"{course_id}.{kind}")


def has_failed(course_id: int, kind: Kind) -> bool:
    """Whether drawing it was given up; the administrator sees why."""
    return jobs.gave_up(JOB, f"{course_id}.{kind}")


def draw(course_id: int, kind: Kind, *, now: datetime) -> None:
    """Draw it as the course is published now, and keep it in place of the last one."""
    row = db.session.execute(
        select(Course.revision_id, Revision.digest)
        .join(Revision, Revision.id == Course.revision_id)
        .where(Course.id == course_id)
    ).first()
    if row is None:
        return
    doc = load_document(row.revision_id, row.digest)
    if current_key(course_id, row.digest, doc, kind) is not None:
        return
    key = _key(row.digest, doc)
    data = printing.draw(doc, row.revision_id, row.digest, kind)
    begin_writing()
    values = {"key": key, "data": data, "made_at": now}
    statement = insert(Printout).values(course_id=course_id, kind=kind.value, **values)
    db.session.execute(statement.on_conflict_do_update(index_elements=["course_id", "kind"], set_=values))


def _key(digest: str, doc: CourseDoc) -> str:
    """The digest of all that is printed: the revision, names that are valid here, what became of the laws, and the looks."""
    known, site, today = local_values(), current_app.config["SETTINGS"], clock.today()
    used = {name: known.get(name, "") for name in sorted(doc.local_names)}
    laws = [(one.is_repealed(today), one.is_stale(today)) for one in doc.references]
    made_of = [digest, used, laws, site.administration, site.support, RENDERER, printing.LOOKS]
    return hashlib.sha256(json.dumps(made_of, ensure_ascii=False).encode()).hexdigest()
