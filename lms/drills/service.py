"""Beginning a run, and deciding in it."""

from datetime import datetime

from flask import abort
from sqlalchemy import func, select

from lms.content.queries import load_document
from lms.core.db import db
from lms.course import drills
from lms.course.document import Drill
from lms.course.drills import NotOffered, State
from lms.drills.models import DrillDecision, DrillRun
from lms.drills.rules import NoSuchChoice, NotThisStepYet, RunOver
from lms.learning import service as learning
from lms.learning.models import Enrolment


def begin(enrolment_id: int, revision_id: int, drill: Drill, *, now: datetime) -> DrillRun:
    """Open the next run, or go on with the open one: starting twice starts once.

    The enrolment's row is locked, so that parallel requests count runs one after another.
    """
    enrolment = db.session.scalars(select(Enrolment).where(Enrolment.id == enrolment_id).with_for_update()).one()
    mine = (DrillRun.enrolment_id == enrolment.id, DrillRun.item == drill.id)
    standing = db.session.scalar(select(DrillRun).where(*mine, DrillRun.ended_at.is_(None)))
    if standing is not None:
        return standing
    last = db.session.scalar(select(func.max(DrillRun.number)).where(*mine)) or 0
    run = DrillRun(
        enrolment_id=enrolment.id,
        learner_id=enrolment.learner_id,
        course_id=enrolment.course_id,
        revision_id=revision_id,
        item=drill.id,
        number=last + 1,
        started_at=now,
    )
    db.session.add(run)
    db.session.flush()
    return run


def decide(learner_id: int, run_id: int, *, step: int, choice: int, now: datetime) -> bool:
    """Make a decision, once; False when that step was decided before with another choice, which stays.

    `step` is the one that the page showed, counted from 1. The row of the run is locked, so that of two requests
    for the same step the second finds it decided.
    """
    query = select(DrillRun).where(DrillRun.id == run_id, DrillRun.learner_id == learner_id).with_for_update()
    run = db.session.scalar(query) or abort(404)
    rows = select(DrillDecision.choice).where(DrillDecision.run_id == run.id).order_by(DrillDecision.step)
    places = list(db.session.scalars(rows))
    if 1 <= step <= len(places):
        return places[step - 1] == choice
    if run.ended_at is not None:
        raise RunOver
    if step != len(places) + 1:
        raise NotThisStepYet
    drill = load_document(run.revision_id).drill(run.item)
    if drill is None:
        raise LookupError(f"revision {run.revision_id} has no drill {run.item}")
    before = drills.play(drill, places).state
    try:
        after = drills.step(drill, before, choice)
    except NotOffered:
        raise NoSuchChoice from None
    db.session.add(
        DrillDecision(
            run_id=run.id, step=step, scene=before.scene, choice=choice, story_minutes=before.minutes, decided_at=now
        )
    )
    db.session.flush()
    if drills.is_over(drill, after) or step >= drills.STEPS_LIMIT:
        _end(run, drill, after, now)
    return True


def _end(run: DrillRun, drill: Drill, state: State, now: datetime) -> None:
    """The run is worth what it came to; of all runs the best counts."""
    now = learning.next_moment(run.enrolment_id, now)
    found = drills.outcome(drill, state)
    run.ended_at, run.fraction, run.passed = now, found.fraction, found.passed
    db.session.flush()
    best = select(func.max(DrillRun.fraction)).where(
        DrillRun.enrolment_id == run.enrolment_id, DrillRun.item == run.item, DrillRun.ended_at.is_not(None)
    )
    learning.record(run.enrolment, run.item, passed=found.passed, fraction=db.session.scalar(best), now=now)
