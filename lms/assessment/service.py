"""Beginning, saving and submitting attempts."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import abort
from sqlalchemy import bindparam, func, select

from lms.assessment import gathering, queries, rules
from lms.assessment.allowance import Allowance, allowance
from lms.assessment.models import Attempt, AwaitedMark, Grade, HandedIn, ReplacedResponse, Response
from lms.assessment.rules import AttemptOver, Closed, NoAttemptsLeft, NotOpenYet, Result
from lms.content.models import Course, Revision
from lms.content.queries import load_document
from lms.core import jobs
from lms.core.db import db
from lms.core.i18n import format_datetime
from lms.course.document import Quiz
from lms.course.problems import N_
from lms.course.questions import Answer, BadAnswer, Question
from lms.course.questions.base import WRONG_PAGE
from lms.learning import service as learning
from lms.learning.models import Enrolment

LONG_TEXT, KEPT_EVERY = 300, timedelta(minutes=1)
"""Of texts from so many letters on, what was replaced is kept once in that time; of everything else always."""


def begin(enrolment_id: int, revision_id: int, quiz: Quiz, *, now: datetime) -> Attempt:
    """Open the next attempt, or go on with the open one: starting twice starts once.

    The enrolment's row is locked, so that parallel requests count attempts one after another; the course's is
    held against extensions (`extensions`), so that none is given between reading them and opening the attempt.
    """
    course = select(Course.id).join(Enrolment, Enrolment.course_id == Course.id).where(Enrolment.id == enrolment_id)
    db.session.execute(course.with_for_update(read=True, of=Course))
    enrolment = db.session.scalars(select(Enrolment).where(Enrolment.id == enrolment_id).with_for_update()).one()
    mine = (Attempt.enrolment_id == enrolment.id, Attempt.item == quiz.id)
    standing = db.session.scalar(select(Attempt).where(*mine, Attempt.submitted_at.is_(None)))
    if standing is not None:
        return standing
    pinned = (
        select(Attempt.revision_id, Revision.digest).join(Revision, Revision.id == Attempt.revision_id).where(*mine)
    )
    begun = [queries.was_practice(row.revision_id, row.digest, quiz.id) for row in db.session.execute(pinned)]
    allowed = allowance(quiz, enrolment.enrolled_at, queries.extra_of(enrolment.id, quiz.id, now))
    _refuse(allowed, begun.count(quiz.practice), now)
    seed = secrets.token_hex(16)
    papers = db.session.scalars(select(Attempt.paper).where(*mine).order_by(Attempt.number)) if quiz.draws else ()
    seen = [{entry["question"] for entry in paper} for paper in papers]
    attempt = Attempt(
        enrolment_id=enrolment.id,
        learner_id=enrolment.learner_id,
        course_id=enrolment.course_id,
        revision_id=revision_id,
        item=quiz.id,
        number=len(begun) + 1,
        is_first=not quiz.practice and all(begun),
        seed=seed,
        paper=rules.make_paper(quiz, seed, seen),
        started_at=now,
        deadline_at=allowed.must_end_by(now),
    )
    db.session.add(attempt)
    db.session.flush()
    if attempt.deadline_at is not None:
        jobs.enqueue("assessment.close", attempt.id, now=now, run_at=attempt.deadline_at + rules.GRACE)
    return attempt


def _refuse(allowed: Allowance, used: int, now: datetime) -> None:
    """What the start page says, once more: it may have been open for long."""
    if allowed.attempts is not None and used >= allowed.attempts:
        raise NoAttemptsLeft(count=allowed.attempts)
    if allowed.opens_at is not None and now < allowed.opens_at:
        raise NotOpenYet(moment=format_datetime(allowed.opens_at))
    if allowed.closes_at is not None and now >= allowed.closes_at:
        raise Closed(moment=format_datetime(allowed.closes_at))


@dataclass(frozen=True)
class Given:
    """An answer as it came: shown position of the question (from 1), values of the form, the revision that it saw."""

    question: int
    values: Sequence[str]
    revision: int
    at: datetime | None = None


@dataclass(frozen=True)
class Saved:
    """What became of it: what holds now; `message` is set when it was not stored because it cannot be."""

    question: int
    revision: int
    values: Sequence[str]
    conflict: bool = False
    """Another page had saved in between: the newest answer holds, what it replaced is kept."""
    message: BadAnswer | None = None


# Built once, because building a statement takes longer than running it.
_LOCKED = (
    select(Attempt, Revision.digest)
    .join(Revision, Revision.id == Attempt.revision_id)
    .where(Attempt.id == bindparam("attempt"), Attempt.learner_id == bindparam("learner"))
    .with_for_update(of=Attempt)
)
_HELD = select(Response).where(
    Response.attempt_id == bindparam("attempt"), Response.question.in_(bindparam("questions", expanding=True))
)


def locked(learner_id: int, attempt_id: int) -> tuple[Attempt, Quiz]:
    """One's own attempt, its row locked until the transaction ends, and the quiz as it was begun; 404 otherwise."""
    row = db.session.execute(_LOCKED, {"attempt": attempt_id, "learner": learner_id}).first() or abort(404)
    return row.Attempt, quiz_of(row.Attempt, row.digest)


def save(learner_id: int, attempt_id: int, given: Sequence[Given], *, now: datetime) -> tuple[Attempt, list[Saved]]:
    """Store answers; each question has its own revision, the newest wins and what it replaced is kept.

    The same answer again changes nothing. One that cannot be (an invented option or question, or given too
    late) is reported, the others are stored. AttemptOver when nothing is taken any more.
    """
    attempt, quiz = locked(learner_id, attempt_id)
    if attempt.submitted_at is not None or rules.is_closed(attempt.deadline_at, now):
        raise AttemptOver
    asked = {attempt.paper[one.question - 1]["question"] for one in given if 1 <= one.question <= len(attempt.paper)}
    rows = db.session.scalars(_HELD, {"attempt": attempt.id, "questions": sorted(asked)}) if asked else ()
    held = {row.question: row for row in rows}
    return attempt, [_save_one(attempt, quiz, held, answer, now) for answer in given]


def _save_one(attempt: Attempt, quiz: Quiz, held: dict[str, Response], given: Given, now: datetime) -> Saved:
    if not 1 <= given.question <= len(attempt.paper):
        message = BadAnswer(N_("The attempt has no such question; reload the page."))
        return Saved(given.question, given.revision, given.values, message=message)
    entry = attempt.paper[given.question - 1]
    question = quiz.question(entry["question"])
    if question is None:
        raise LookupError(f"the paper asks {entry['question']}, which its revision does not have")
    row = held.get(question.id)
    try:
        answer = _read(attempt, question, entry["order"], given, now)
    except BadAnswer as bad:
        return Saved(given.question, row.revision if row else 0, given.values, message=bad)
    if row is not None and given.revision < row.revision and _is_older(given.at, row.given_at):
        # Sent before what is stored and overtaken on the way.
        return Saved(given.question, row.revision, question.entered(row.answer, entry["order"]), conflict=True)
    if row is None and answer is None:
        return Saved(given.question, 0, given.values)
    return _store(attempt, question.id, row, held, given, answer, now)


def _read(attempt: Attempt, question: Question, order: Sequence[int], given: Given, now: datetime) -> Answer:
    """The answer as it is stored; BadAnswer for one that cannot be, or comes too late."""
    if not rules.counts(attempt.deadline_at, now, given.at):
        raise BadAnswer(N_("The time was up before this answer was given; it does not count."))
    answer = question.read(list(given.values), order)
    strange = set(question.files(answer)) - handed_in(attempt.id, question.id) if question.files(answer) else ()
    if strange:
        raise BadAnswer(WRONG_PAGE)
    return answer


def handed_in(attempt_id: int, question: str) -> set[str]:
    """`digest/name` of the files that were sent for the question: no other may be named in an answer."""
    query = select(HandedIn.digest, HandedIn.name).where(
        HandedIn.attempt_id == attempt_id, HandedIn.question == question
    )
    return {f"{row.digest}/{row.name}" for row in db.session.execute(query)}


def _store(
    attempt: Attempt, question: str, row: Response | None, held: dict[str, Response], given: Given, answer: Answer,
    now: datetime,
) -> Saved:  # fmt: skip
    """The newest answer, with what it replaces kept beside it."""
    if row is None:
        row = Response(
            attempt_id=attempt.id, question=question, revision=1, answer=answer, saved_at=now, given_at=given.at
        )
        held[question] = row
        db.session.add(row)
        return Saved(given.question, 1, given.values)
    if row.answer == answer:
        return Saved(given.question, row.revision, given.values)
    conflict = given.revision < row.revision
    if conflict or not _is_in_the_writing(row):
        replaced = ReplacedResponse(
            attempt_id=attempt.id, question=question, revision=row.revision, answer=row.answer, saved_at=row.saved_at
        )
        db.session.add(replaced)
    row.answer, row.revision, row.saved_at, row.given_at = answer, row.revision + 1, now, given.at
    return Saved(given.question, row.revision, given.values, conflict=conflict)


def _is_in_the_writing(row: Response) -> bool:
    """Whether it is a long text of which an earlier state was kept within the minute: every few seconds it is saved anew."""
    if not isinstance(row.answer, str) or len(row.answer) < LONG_TEXT:
        return False
    kept = select(func.max(ReplacedResponse.saved_at)).where(
        ReplacedResponse.attempt_id == row.attempt_id, ReplacedResponse.question == row.question
    )
    last = db.session.scalar(kept)
    return last is not None and row.saved_at - last < KEPT_EVERY


def _is_older(at: datetime | None, stored: datetime | None) -> bool:
    return at is not None and stored is not None and at < stored


def submit(learner_id: int, attempt_id: int, *, now: datetime) -> Attempt:
    """Grade the attempt, once; submitting again changes nothing."""
    attempt, quiz = locked(learner_id, attempt_id)
    if attempt.submitted_at is None:
        _close(attempt, quiz, "learner" if not rules.is_over(attempt.deadline_at, now) else "deadline", now)
    return attempt


def close_overdue(attempt_id: int, *, now: datetime) -> None:
    """Close an attempt whose time and grace are over with what was saved, even if nobody comes back."""
    attempt = db.session.scalar(select(Attempt).where(Attempt.id == attempt_id).with_for_update())
    if attempt is not None and attempt.submitted_at is None and rules.is_closed(attempt.deadline_at, now):
        _close(attempt, quiz_of(attempt), "deadline", now)


def _close(attempt: Attempt, quiz: Quiz, how: str, now: datetime) -> None:
    """Nothing is taken any more: graded at once, or when people have marked what they must."""
    corrected = queries.corrected(queries.corrections(attempt.course_id, attempt.item), attempt.revision_id)
    result = rules.grade_paper(quiz, attempt.paper, queries.answers(attempt.id), corrected=corrected)
    attempt.submitted_at, attempt.submitted_how = now, how
    for question in result.awaited:
        wait = AwaitedMark(
            attempt_id=attempt.id, course_id=attempt.course_id, item=attempt.item, question=question, since=now
        )
        db.session.add(wait)
    if not result.awaited:
        grade(attempt, quiz, result, is_hers=how == "learner", now=now)


def quiz_of(attempt: Attempt, digest: str | None = None) -> Quiz:
    """The quiz as it was when the attempt was begun; the digest of its revision, where it is known, spares a query."""
    quiz = load_document(attempt.revision_id, digest).quiz(attempt.item)
    if quiz is None:
        raise LookupError(f"revision {attempt.revision_id} has no quiz {attempt.item}")
    return quiz


def grade(
    attempt: Attempt,
    quiz: Quiz,
    result: Result,
    *,
    correction_id: int | None = None,
    is_hers: bool = True,
    now: datetime,
) -> None:
    """Write the result down beside those before it, the newest of which counts, and tell learning.

    `is_hers` says that the learner is here and has just submitted. The enrolment is locked first: two grades of one learner
    at once would each miss the other in what the attempts are worth together. Practice is recorded and passes nothing,
    whatever the quiz becomes later.
    """
    now = learning.next_moment(attempt.enrolment_id, now)
    db.session.add(
        Grade(
            attempt_id=attempt.id,
            points=result.points,
            most_points=result.most,
            fraction=result.fraction,
            passed=result.passed,
            marks=result.marks,
            graded_at=now,
            correction_id=correction_id,
        )
    )
    db.session.flush()
    if attempt.is_first:
        gathering.ask(attempt.revision_id, attempt.item, now=now)
    if quiz.practice:
        learning.record_practice(attempt.enrolment, attempt.item, is_hers=is_hers, now=now)
        return
    like = queries.taken(attempt.enrolment_id, attempt.item).like(quiz)
    fractions = [past.fraction for past in like if past.fraction is not None]
    fraction, passed = rules.overall(quiz, fractions)
    learning.record(attempt.enrolment, attempt.item, passed=passed, fraction=fraction, is_hers=is_hers, now=now)
