"""Reading runs: one's own only."""

from flask import abort
from sqlalchemy import Row, bindparam, func, literal, null, select

from lms.assessment.models import Attempt
from lms.content.models import Course, Revision
from lms.core.db import db
from lms.drills.models import DrillDecision, DrillRun
from lms.learning.models import Enrolment
from lms.people.models import User

_RUN = (
    select(
        DrillRun.id, DrillRun.enrolment_id, DrillRun.item, DrillRun.number, DrillRun.started_at, DrillRun.ended_at,
        DrillRun.fraction, DrillRun.passed, DrillRun.revision_id, Revision.digest, Course.slug,
        Course.title.label("course_title"), User.name.label("learner"), Enrolment.completed_at,
    )
    .join(Revision, Revision.id == DrillRun.revision_id)
    .join(Course, Course.id == DrillRun.course_id)
    .join(User, User.id == DrillRun.learner_id)
    .join(Enrolment, Enrolment.id == DrillRun.enrolment_id)
    .where(DrillRun.id == bindparam("run"), DrillRun.learner_id == bindparam("learner"))
)  # fmt: skip


def get_run(learner_id: int, run_id: int) -> Row:
    """One's own run with its course and revision, or 404."""
    return db.session.execute(_RUN, {"run": run_id, "learner": learner_id}).first() or abort(404)


_DECISIONS = (
    select(DrillDecision.choice, DrillDecision.decided_at)
    .where(DrillDecision.run_id == bindparam("run"))
    .order_by(DrillDecision.step)
)


def decisions(run_id: int) -> list[Row]:
    """What was decided, in order."""
    return list(db.session.execute(_DECISIONS, {"run": run_id}))


_RUNS = (
    select(DrillRun.id, DrillRun.number, DrillRun.started_at, DrillRun.ended_at, DrillRun.fraction, DrillRun.passed)
    .where(DrillRun.enrolment_id == bindparam("enrolment"), DrillRun.item == bindparam("item"))
    .order_by(DrillRun.number.desc())
    .limit(bindparam("limit"))
)
SHOWN_RUNS = 20


def runs(enrolment_id: int, item: str) -> list[Row]:
    """The newest runs of an enrolment at a drill, newest first."""
    return list(db.session.execute(_RUNS, {"enrolment": enrolment_id, "item": item, "limit": SHOWN_RUNS}))


OPEN_RUNS = (
    select(
        literal("drill").label("kind"), DrillRun.id, DrillRun.started_at, null().label("deadline_at"),
        Course.title.label("course_title"),
    )
    .join(Course, Course.id == DrillRun.course_id)
    .join(Enrolment, Enrolment.id == DrillRun.enrolment_id)
    .where(
        DrillRun.learner_id == bindparam("learner"), DrillRun.ended_at.is_(None),
        Enrolment.withdrawn_at.is_(None), Enrolment.completed_at.is_(None),
    )
)  # fmt: skip
"""What the learner began and did not end; a run that is played for practice, after the course, is nothing to do."""


def count_open(course_id: int) -> tuple[int, int]:
    """How many attempts at quizzes and how many runs of drills of the course are open, in one statement."""
    attempts = select(func.count()).where(Attempt.course_id == course_id, Attempt.submitted_at.is_(None))
    runs = select(func.count()).where(DrillRun.course_id == course_id, DrillRun.ended_at.is_(None))
    found = db.session.execute(select(attempts.scalar_subquery(), runs.scalar_subquery())).one()
    return found[0], found[1]
