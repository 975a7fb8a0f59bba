"""Drawing the printouts of a course, and keeping the newest."""

import hashlib
import json
from datetime import datetime

from sqlalchemy import Row, select

from lms.content.models import Course, Revision
from lms.content.queries import load_document, local_values
from lms.core import jobs
from lms.core.db import begin_writing, db, insert
from lms.course.document import CourseDoc
from lms.course.markdown import RENDERER
from lms.course.printouts import Kind
from lms.handouts import printing
from lms.handouts.models import Printout

JOB = "handouts.draw"


def find(course_id: int, digest: str, doc: CourseDoc, kind: Kind) -> Row | None:
    """The stored PDF with its key, where it is of this revision with today's local values."""
    mine = (Printout.course_id == course_id, Printout.kind == kind.value, Printout.key == _key(digest, doc))
    return db.session.execute(select(Printout.data, Printout.key).where(*mine)).first()


def ask(course_id: int, kind: Kind, *, now: datetime) -> None:
    """Let a job draw it."""
    jobs.enqueue(JOB, f"{course_id}.{kind}", now=now)


def is_being_made(course_id: int, kind: Kind) -> bool:
    """Whether a job for it waits or works."""
    return jobs.is_waiting(JOB, f"{course_id}.{kind}")


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
    key = _key(row.digest, doc)
    data = printing.draw(doc, row.revision_id, row.digest, kind)
    begin_writing()
    values = {"key": key, "data": data, "made_at": now}
    statement = insert(Printout).values(course_id=course_id, kind=kind.value, **values)
    db.session.execute(statement.on_conflict_do_update(index_elements=["course_id", "kind"], set_=values))


def _key(digest: str, doc: CourseDoc) -> str:
    known = local_values()
    used = {name: known.get(name, "") for name in sorted(doc.local_names)}
    made_of = [digest, used, RENDERER, printing.VERSION]
    return hashlib.sha256(json.dumps(made_of, ensure_ascii=False).encode()).hexdigest()
