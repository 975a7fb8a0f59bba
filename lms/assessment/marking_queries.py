"""Reading what waits for marks: only of courses that the viewer writes, and never with a learner's name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort
from sqlalchemy import Row, and_, case, exists, func, select

from lms.assessment.models import Attempt, AwaitedMark, HandedIn, HandMark, Marking, MarkRelease, Response
from lms.content.models import Course, CourseMember, Revision
from lms.content.rules import WRITERS
from lms.core.actor import Actor
from lms.core.db import db

_HERE = (Marking.attempt_id == AwaitedMark.attempt_id) & (Marking.question == AwaitedMark.question)
MARKED = exists().where(_HERE, Marking.is_complete)


def quizzes(viewer: Actor) -> list[Row]:
    """The quizzes with answers that wait, the longest waiting first: how many, how many of them somebody has marked."""
    query = (
        select(
            Course.slug, Course.title.label("course_title"), Course.revision_id, AwaitedMark.item,
            func.count(AwaitedMark.id).label("waiting"), func.count(case((MARKED, 1))).label("marked"),
            func.min(AwaitedMark.since).label("since"),
        )
        .join(Course, Course.id == AwaitedMark.course_id)
        .join(CourseMember, and_(CourseMember.course_id == Course.id, CourseMember.user_id == viewer.id))
        .where(CourseMember.role.in_([role.value for role in WRITERS]))
        .group_by(Course.id, Course.slug, Course.title, Course.revision_id, AwaitedMark.item)
        .order_by(func.min(AwaitedMark.since))
    )  # fmt: skip
    return list(db.session.execute(query))


@dataclass(frozen=True)
class Waiting:
    """One answer in the queue of a quiz."""

    attempt_id: int
    question: str
    since: datetime
    learner_id: int
    by_me: bool
    """Marked to the end by the viewer."""
    begun: bool
    """The viewer has given something."""
    by_others: int
    is_releasing: bool


def waiting(course_id: int, item: str, viewer: Actor) -> list[Waiting]:
    """Every answer of the quiz that waits, the longest waiting first; one's own answers are for others to mark."""
    mine = Marking.marker_id == viewer.id
    query = (
        select(
            AwaitedMark.attempt_id, AwaitedMark.question, AwaitedMark.since, Attempt.learner_id,
            func.count(case((mine & Marking.is_complete, 1))), func.count(case((mine, 1))),
            func.count(case((~mine & Marking.is_complete, 1))), func.count(Marking.release_id),
        )
        .join(Attempt, Attempt.id == AwaitedMark.attempt_id)
        .outerjoin(Marking, _HERE)
        .where(AwaitedMark.course_id == course_id, AwaitedMark.item == item, Attempt.learner_id != viewer.id)
        .group_by(AwaitedMark.id, AwaitedMark.attempt_id, AwaitedMark.question, AwaitedMark.since, Attempt.learner_id)
        .order_by(AwaitedMark.since, AwaitedMark.id)
    )  # fmt: skip
    return [
        Waiting(row[0], row[1], row[2], row[3], bool(row[4]), bool(row[5]), row[6], bool(row[7]))
        for row in db.session.execute(query)
    ]


def get_answer(course_id: int, item: str, question: str, attempt_id: int) -> Row:
    """An answer with its paper and revision, and since when it waits (None once it is marked); 404 for any other."""
    query = (
        select(
            Attempt.id, Attempt.learner_id, Attempt.number, Attempt.paper, Attempt.revision_id, Attempt.submitted_at,
            Revision.digest, Response.answer, AwaitedMark.since,
        )
        .join(Revision, Revision.id == Attempt.revision_id)
        .outerjoin(Response, and_(Response.attempt_id == Attempt.id, Response.question == question))
        .outerjoin(AwaitedMark, and_(AwaitedMark.attempt_id == Attempt.id, AwaitedMark.question == question))
        .where(
            Attempt.id == attempt_id, Attempt.course_id == course_id, Attempt.item == item,
            Attempt.submitted_at.is_not(None),
        )
    )  # fmt: skip
    return db.session.execute(query).first() or abort(404)


def markings(attempt_id: int, question: str) -> Sequence[Marking]:
    """What people give so far, oldest first."""
    query = select(Marking).where(Marking.attempt_id == attempt_id, Marking.question == question).order_by(Marking.id)
    return db.session.scalars(query).all()


def comments(course_id: int, item: str, question: str, viewer: Actor, most: int = 8) -> list[str]:
    """What the viewer has said of other answers to the question, the most used first, to say it again."""
    query = (
        select(Marking.comment)
        .join(Attempt, Attempt.id == Marking.attempt_id)
        .where(
            Attempt.course_id == course_id, Attempt.item == item, Marking.question == question,
            Marking.marker_id == viewer.id, Marking.comment != "",
        )
        .group_by(Marking.comment)
        .order_by(func.count().desc(), func.max(Marking.id).desc())
        .limit(most)
    )  # fmt: skip
    return list(db.session.scalars(query))


def releases(course_id: int, item: str, most: int = 5) -> list[Row]:
    """The newest releases with how many attempts each holds."""
    drafts = select(func.count(Marking.attempt_id.distinct())).where(Marking.release_id == MarkRelease.id)
    counted = select(func.count(HandMark.attempt_id.distinct())).where(HandMark.release_id == MarkRelease.id)
    query = (
        select(
            MarkRelease.id, MarkRelease.released_at, MarkRelease.takes_effect_at, MarkRelease.done_at,
            (drafts.scalar_subquery() + counted.scalar_subquery()).label("attempts"),
        )
        .where(MarkRelease.course_id == course_id, MarkRelease.item == item, MarkRelease.undone_at.is_(None))
        .order_by(MarkRelease.id.desc())
        .limit(most)
    )  # fmt: skip
    return list(db.session.execute(query))


def marked(course_id: int, item: str, viewer: Actor, most: int = 100) -> list[Row]:
    """Answers whose marks count, the newest first, for looking at one again."""
    query = (
        select(HandMark.attempt_id, HandMark.question, func.max(HandMark.marked_at).label("marked_at"))
        .join(Attempt, Attempt.id == HandMark.attempt_id)
        .where(Attempt.course_id == course_id, Attempt.item == item, Attempt.learner_id != viewer.id)
        .group_by(HandMark.attempt_id, HandMark.question)
        .order_by(func.max(HandMark.id).desc())
        .limit(most)
    )
    return list(db.session.execute(query))


def get_file(attempt_id: int, question: str | None, digest: str, learner_id: int | None = None) -> Row:
    """A file that was handed in, of one's own attempt when `learner_id` is said; 404 for any other."""
    wanted: list[Any] = [HandedIn.attempt_id == attempt_id, HandedIn.digest == digest]
    wanted += [HandedIn.question == question] if question is not None else []
    wanted += [Attempt.learner_id == learner_id] if learner_id is not None else []
    query = (
        select(HandedIn.digest, HandedIn.name, HandedIn.size)
        .join(Attempt, Attempt.id == HandedIn.attempt_id)
        .where(*wanted)
        .order_by(HandedIn.id)
    )
    return db.session.execute(query).first() or abort(404)
