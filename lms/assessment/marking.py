"""Marks by people: kept as drafts, released together, counted after a while in which the release can be taken back."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flask import abort
from sqlalchemy import delete, exists, select, update

from lms.assessment import queries, rules, service
from lms.assessment.models import Attempt, AwaitedMark, HandMark, Marking, MarkRelease
from lms.assessment.rules import NothingToRelease, NotOwnAnswer, Released, ReleaseInEffect
from lms.audit import service as audit
from lms.content.models import Course
from lms.core import jobs
from lms.core.actor import Actor
from lms.core.db import db, insert_if_absent
from lms.course.questions import Question

JOB = "assessment.release"
AT_ONCE = 100
"""Attempts that are graded in one transaction; more wait for the next."""


@dataclass(frozen=True)
class Place:
    """Which answer is marked: of which attempt at which quiz, to which question."""

    course_id: int
    item: str
    question: str
    attempt_id: int


def save(
    place: Place, points: Sequence[Decimal | None], comment: str, *, by: Actor, now: datetime, seen: str | None = None
) -> Marking:
    """Keep what one person gives; 404 where nothing waits, Released while it is being told to the learner.

    With `seen`, the moment of the save that it goes on from, it is a draft kept while she types: no mark yet, and left out
    when it comes after a newer save.
    """
    attempt = _awaited(place)
    if attempt.learner_id == by.id:
        raise NotOwnAnswer
    values = {"attempt_id": place.attempt_id, "question": place.question, "marker_id": by.id}
    begun = {"points": [], "comment": "", "is_complete": False, "saved_at": now}
    insert_if_absent(Marking, values | begun, ("attempt_id", "question", "marker_id"))
    is_releasing = select(Marking.id).where(
        Marking.attempt_id == place.attempt_id, Marking.question == place.question, Marking.release_id.is_not(None)
    )
    if db.session.scalar(is_releasing.limit(1)) is not None:
        raise Released
    marking = db.session.scalars(select(Marking).filter_by(**values).with_for_update()).one()
    if seen is not None and marking.points and seen != marking.saved_at.isoformat():
        return marking
    marking.points = [None if one is None else str(one) for one in points]
    marking.comment, marking.saved_at = comment, now
    marking.is_complete = seen is None and None not in points
    return marking


def _awaited(place: Place) -> Attempt:
    """The attempt, its row locked, when the answer waits for a mark; 404 otherwise."""
    waits = (
        select(AwaitedMark.id)
        .filter_by(course_id=place.course_id, item=place.item, question=place.question, attempt_id=place.attempt_id)
        .exists()
    )
    query = select(Attempt).where(Attempt.id == place.attempt_id, waits).with_for_update()
    return db.session.scalar(query) or abort(404)


def release(course: Course, item: str, *, by: Actor, now: datetime) -> MarkRelease:
    """Tell all learners whose attempts are marked to the end, together, in ten minutes.

    Nobody releases marks of her own attempts, and what is being released already is left alone.
    """
    db.session.execute(select(Course.id).where(Course.id == course.id).with_for_update(key_share=True))
    # Whoever marks one of them holds its row: what is ready is seen when all of them are ours.
    waiting = select(AwaitedMark.attempt_id).where(AwaitedMark.course_id == course.id, AwaitedMark.item == item)
    db.session.execute(select(Attempt.id).where(Attempt.id.in_(waiting)).order_by(Attempt.id).with_for_update())
    ready = ready_attempts(course.id, item, but_of=by.id)
    if not ready:
        raise NothingToRelease
    made = MarkRelease(
        course_id=course.id, item=item, released_by_id=by.id, released_at=now, takes_effect_at=now + rules.UNDO
    )
    db.session.add(made)
    db.session.flush()
    waits = select(AwaitedMark.id).where(
        AwaitedMark.attempt_id == Marking.attempt_id, AwaitedMark.question == Marking.question
    )
    db.session.execute(
        update(Marking)
        .where(Marking.attempt_id.in_(ready), Marking.is_complete, waits.exists())
        .values(release_id=made.id)
        .execution_options(synchronize_session=False)
    )
    jobs.enqueue(JOB, made.id, now=now, run_at=made.takes_effect_at)
    after = {"item": item, "attempts": len(ready)}
    audit.record(by, "assessment:marks:release", course, now=now, label=course.slug, after=after)
    return made


def ready_attempts(course_id: int, item: str, *, but_of: int | None) -> list[int]:
    """Attempts every waiting answer of which somebody has marked to the end, and nobody is releasing yet."""
    marked = exists().where(
        Marking.attempt_id == AwaitedMark.attempt_id, Marking.question == AwaitedMark.question, Marking.is_complete
    )
    released = exists().where(
        Marking.attempt_id == AwaitedMark.attempt_id, Marking.question == AwaitedMark.question, Marking.release_id > 0
    )
    here = (AwaitedMark.course_id == course_id) & (AwaitedMark.item == item)
    unready = select(AwaitedMark.attempt_id).where(here, ~marked | released)
    query = (
        select(AwaitedMark.attempt_id)
        .join(Attempt, Attempt.id == AwaitedMark.attempt_id)
        .where(here, AwaitedMark.attempt_id.not_in(unready), Attempt.learner_id != (but_of or 0))
        .distinct()
        .order_by(AwaitedMark.attempt_id)
    )
    return list(db.session.scalars(query))


def take_back(course: Course, release_id: int, *, by: Actor, now: datetime) -> MarkRelease:
    """Undo a release before it counts; the marks are drafts again. Twice is once."""
    made = _locked_release(release_id, course.id) or abort(404)
    if made.done_at is not None or made.takes_effect_at <= now:
        raise ReleaseInEffect
    if made.undone_at is not None:
        return made
    made.undone_at = now
    db.session.execute(update(Marking).where(Marking.release_id == made.id).values(release_id=None))
    audit.record(by, "assessment:marks:take_back", course, now=now, label=course.slug, after={"item": made.item})
    return made


def _locked_release(release_id: int, course_id: int | None = None) -> MarkRelease | None:
    query = select(MarkRelease).where(MarkRelease.id == release_id).with_for_update()
    return db.session.scalar(query if course_id is None else query.where(MarkRelease.course_id == course_id))


def take_effect(release_id: int, turn: int = 0, *, now: datetime) -> None:
    """The marks count: each is written down for good, and the attempts are graded. Safe to run twice.

    What is more than one transaction should hold goes on as a job of its own, the next `turn`.
    """
    made = _locked_release(release_id)
    if made is None or made.undone_at or made.done_at or now < made.takes_effect_at:
        return
    query = select(Marking).where(Marking.release_id == made.id).order_by(Marking.attempt_id, Marking.id)
    by_attempt: dict[int, list[Marking]] = defaultdict(list)
    for marking in db.session.scalars(query):
        by_attempt[marking.attempt_id].append(marking)
    at_once = list(by_attempt.items())[:AT_ONCE]
    # All of them first and in order, as a regrade takes them: enrolments are locked after attempts.
    locked = select(Attempt).where(Attempt.id.in_([attempt_id for attempt_id, _markings in at_once]))
    for attempt in db.session.scalars(locked.order_by(Attempt.id).with_for_update()).all():
        _count(attempt, by_attempt[attempt.id], made, now)
    if len(by_attempt) > AT_ONCE:
        jobs.enqueue(JOB, f"{made.id}.{turn + 1}", now=now)
    else:
        made.done_at = now


def _count(attempt: Attempt, markings: Sequence[Marking], made: MarkRelease, now: datetime) -> None:
    for one in markings:
        mark = HandMark(
            release_id=made.id, attempt_id=attempt.id, question=one.question, marker_id=one.marker_id,
            points=one.points, comment=one.comment, marked_at=one.saved_at,
        )  # fmt: skip
        db.session.add(mark)
        one.release_id = None
    told = {one.question for one in markings}
    db.session.execute(delete(AwaitedMark).where(AwaitedMark.attempt_id == attempt.id, AwaitedMark.question.in_(told)))
    db.session.flush()
    grade_if_marked(attempt, now=now)


def grade_if_marked(attempt: Attempt, *, correction_id: int | None = None, now: datetime) -> bool:
    """Grade the attempt from its answers, the marks by people and all corrections, unless an answer waits still."""
    quiz = service.quiz_of(attempt)
    given = {question: agreed(marks) for question, marks in hand_marks([attempt.id])[attempt.id].items()}
    corrected = queries.corrected(queries.corrections(attempt.course_id, attempt.item), attempt.revision_id)
    result = rules.grade_paper(quiz, attempt.paper, queries.answers(attempt.id), given, corrected)
    if result.awaited:
        return False
    service.grade(attempt, quiz, result, correction_id=correction_id, is_hers=False, now=now)
    return True


def agreed(marks: Sequence[HandMark]) -> Decimal:
    """The points of an answer: the mean of what people gave, since none of them stands above another."""
    return sum((total(mark.points) for mark in marks), Decimal(0)) / len(marks)


def total(points: Sequence[str | None]) -> Decimal:
    """What the lines of a rubric add up to."""
    return sum((Decimal(one) for one in points if one is not None), Decimal(0))


def hand_marks(attempt_ids: Sequence[int]) -> Mapping[int, Mapping[str, list[HandMark]]]:
    """Attempt → question → the marks that count: those of the newest release, in the order in which they were given."""
    found: dict[int, dict[str, list[HandMark]]] = {attempt_id: {} for attempt_id in attempt_ids}
    query = select(HandMark).where(HandMark.attempt_id.in_(attempt_ids)).order_by(HandMark.id)
    for mark in db.session.scalars(query):
        held = found[mark.attempt_id].get(mark.question, [])
        same = held and held[0].release_id == mark.release_id
        found[mark.attempt_id][mark.question] = [*held, mark] if same else [mark]
    return found


def twice_marked(course_id: int, item: str, *, but_of: int | None) -> list[tuple[int, str, list[Decimal]]]:
    """Answers in the queue that several people have marked: attempt, question, the points of each."""
    query = (
        select(Marking.attempt_id, Marking.question, Marking.points)
        .join(AwaitedMark, (AwaitedMark.attempt_id == Marking.attempt_id) & (AwaitedMark.question == Marking.question))
        .join(Attempt, Attempt.id == Marking.attempt_id)
        .where(
            AwaitedMark.course_id == course_id,
            AwaitedMark.item == item,
            Marking.is_complete,
            Attempt.learner_id != (but_of or 0),
        )
        .order_by(Marking.attempt_id, Marking.id)
    )
    found: dict[tuple[int, str], list[Decimal]] = defaultdict(list)
    for attempt_id, question, points in db.session.execute(query):
        found[attempt_id, question].append(total(points))
    return [(*key, totals) for key, totals in found.items() if len(totals) > 1]


@dataclass(frozen=True)
class Told:
    """What a learner is told of a mark: points given and possible for each line of the rubric, and what was said."""

    rows: tuple[tuple[str, Decimal, Decimal], ...]
    points: Decimal
    most: Decimal
    comments: tuple[str, ...]


def told(question: Question, marks: Sequence[HandMark]) -> Told:
    """The marks of an answer as the learner sees them; where several people marked, each line is their mean."""
    count = max(1, len(marks))
    rows = [
        (text, sum((Decimal(mark.points[place] or 0) for mark in marks), Decimal(0)) / count, most)
        for place, (most, text) in enumerate(question.criteria)
    ]
    comments = dict.fromkeys(mark.comment for mark in marks if mark.comment)
    return Told(tuple(rows), sum((row[1] for row in rows), Decimal(0)), question.points, tuple(comments))


def mark_again(place: Place, *, by: Actor, now: datetime) -> None:
    """Put a marked answer back into the queue; the old mark and grade stay, and count until the new ones do."""
    attempt = db.session.scalar(
        select(Attempt)
        .where(Attempt.id == place.attempt_id, Attempt.course_id == place.course_id, Attempt.item == place.item)
        .with_for_update()
    )
    has_mark = exists().where(HandMark.attempt_id == place.attempt_id, HandMark.question == place.question).select()
    if attempt is None or not db.session.scalar(has_mark):
        abort(404)
    if attempt.learner_id == by.id:
        raise NotOwnAnswer
    values = {
        "attempt_id": attempt.id, "course_id": attempt.course_id, "item": attempt.item, "question": place.question,
        "since": now,
    }  # fmt: skip
    if insert_if_absent(AwaitedMark, values, ("attempt_id", "question")):
        # What was given before is where each begins again, but is no mark of this round.
        db.session.execute(
            update(Marking)
            .where(Marking.attempt_id == attempt.id, Marking.question == place.question)
            .values(is_complete=False)
        )
        after = {"attempt_id": attempt.id, "question": place.question}
        audit.record(by, "assessment:marks:again", attempt, now=now, after=after)
