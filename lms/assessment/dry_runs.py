"""What a correction would change, before it changes anything: looked at in turns by a job, while its trainer watches."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select

from lms.assessment import queries, regrading, rules
from lms.assessment.models import Attempt, DryRun, Grade, QuestionCorrection
from lms.assessment.rules import Correction, NoNewKey, Result
from lms.content.models import Course, Revision
from lms.content.queries import load_document
from lms.core import jobs
from lms.core.actor import Actor
from lms.core.db import begin_writing, db
from lms.learning.models import Enrolment
from lms.people.models import User

JOB = "assessment.dry_run"
BATCHES = 10
"""How many batches one turn of the job looks at, before it tells how far it is."""
KEPT = 200
"""How many changes are kept to be shown."""


def plan(course: Course, item: str, question: str, how: Correction, reason: str | None = None) -> DryRun:
    """What is to be found out, and of how many attempts; nothing is written yet. NoNewKey when the key cannot be taken."""
    made = queries.corrections(course.id, item)
    planned = _planned(course.id, item, question, how.value, course.revision_id)
    if how is Correction.NEW_KEY:
        _refuse_strange_key(planned)
    total = select(func.count(Attempt.id)).where(*regrading.held(planned), _IS_GRADED)
    return DryRun(
        course_id=course.id, item=item, question=question, how=how.value, revision_id=course.revision_id,
        correction_id=made[-1].id if made else None, changes=[], reason=reason, total=db.session.scalar(total),
    )  # fmt: skip


def ask(run: DryRun, *, by: Actor, now: datetime) -> DryRun:
    """Let a job find it out; the person's earlier runs for the quiz go."""
    of_hers = (DryRun.course_id == run.course_id, DryRun.item == run.item, DryRun.asked_by_id == by.id)
    db.session.execute(delete(DryRun).where(*of_hers))
    run.asked_at, run.asked_by_id = now, by.id
    db.session.add(run)
    db.session.flush()
    jobs.enqueue(JOB, f"{run.id}.0", now=now)
    return run


_IS_GRADED = select(Grade.id).where(Grade.attempt_id == Attempt.id).exists()


def _planned(course_id: int, item: str, question: str, how: str, revision_id: int | None) -> QuestionCorrection:
    """The correction as it would be made; it never enters the session."""
    return QuestionCorrection(course_id=course_id, item=item, question=question, how=how, revision_id=revision_id)


def _refuse_strange_key(planned: QuestionCorrection) -> None:
    """The key as it is now must fit some revision that asked another one."""
    quiz = load_document(planned.revision_id).quiz(planned.item)
    now = quiz.question(planned.question) if quiz else None
    revisions = (
        select(Revision.id, Revision.digest)
        .join(Attempt, Attempt.revision_id == Revision.id)
        .where(Attempt.course_id == planned.course_id, Attempt.item == planned.item, Attempt.submitted_at.is_not(None))
    )
    for revision in db.session.execute(revisions.distinct()).all():
        asked_in = load_document(revision.id, revision.digest).quiz(planned.item)
        asked = asked_in.question(planned.question) if asked_in else None
        if asked is not None and rules.can_rekey(asked, now):
            return
    raise NoNewKey


def find(course: Course, item: str, run_id: int | None) -> DryRun | None:
    """The run, if it is one of this quiz."""
    query = select(DryRun).where(DryRun.id == run_id, DryRun.course_id == course.id, DryRun.item == item)
    return None if run_id is None else db.session.scalar(query)


def gave_up(run: DryRun) -> bool:
    """Whether its job failed too often; the administrator sees why."""
    return jobs.gave_up(JOB, f"{run.id}.")


def is_stale(run: DryRun, course: Course, made: Sequence[QuestionCorrection]) -> bool:
    """Whether another revision was published, or something decided, since it was asked for."""
    return (run.revision_id, run.correction_id) != (course.revision_id, made[-1].id if made else None)


def go_on(run_id: int, after: int, *, now: datetime) -> None:
    """Look at the next thousands of attempts; the rest goes on as another job."""
    run = db.session.get(DryRun, run_id)
    if run is None or run.done_at is not None:
        return
    planned = _planned(run.course_id, run.item, run.question, run.how, run.revision_id)
    standing = [*queries.corrections(run.course_id, run.item), planned]
    looked_at, asked, changes = 0, 0, []
    last: int | None = after
    for _turn in range(BATCHES):
        batch = regrading.batch(planned, last or 0)
        looked_at, asked, last = looked_at + batch.looked_at, asked + len(batch.rows), batch.last
        changes += [
            _change(row, new) for row, new in regrading.regraded(batch.rows, standing) if regrading.differs(row, new)
        ]
        if last is None:
            break
    freed = _count_freed(planned) if last is None else 0
    begin_writing()
    run = db.session.scalar(select(DryRun).where(DryRun.id == run_id).with_for_update())
    if run is None:
        return  # another one was asked for meanwhile
    _enter(run, looked_at, asked, changes)
    if last is None:
        run.freed, run.done_at = freed, now
    else:
        jobs.enqueue(JOB, f"{run.id}.{last}", now=now)


def _enter(run: DryRun, looked_at: int, asked: int, changes: list[dict[str, Any]]) -> None:
    run.looked_at += looked_at
    run.asked += asked
    run.changed += len(changes)
    run.passing += sum(one["passed"] == [False, True] for one in changes)
    run.failing += sum(one["passed"] == [True, False] for one in changes)
    run.changes = sorted([*run.changes, *changes], key=lambda one: (len(set(one["passed"])) < 2, one["attempt"]))[:KEPT]


def _change(row: Row, result: Result) -> dict[str, Any]:
    return {
        "attempt": row.id, "fraction": [row.fraction, result.fraction], "passed": [row.passed, result.passed],
    }  # fmt: skip


def _count_freed(planned: QuestionCorrection) -> int:
    quiz = load_document(planned.revision_id).quiz(planned.item)
    question = quiz.question(planned.question) if quiz else None
    if planned.how == Correction.NEW_KEY.value or (question is not None and not question.needs_person):
        return 0
    return db.session.scalar(select(func.count()).select_from(regrading.freed(planned).subquery())) or 0


def changes(run: DryRun) -> list[dict[str, Any]]:
    """The changes that were kept, with the names of those whom they concern and whether their course is completed."""
    ids = [one["attempt"] for one in run.changes]
    query = (
        select(Attempt.id, Attempt.number, User.name, Enrolment.completed_at.is_not(None).label("has_completed"))
        .join(User, User.id == Attempt.learner_id)
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .where(Attempt.id.in_(ids))
    )
    rows = {row.id: row for row in db.session.execute(query)} if ids else {}
    return [one | {"row": rows[one["attempt"]]} for one in run.changes if one["attempt"] in rows]
