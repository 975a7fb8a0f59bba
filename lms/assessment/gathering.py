"""Working statistics out of what is stored, a thousand attempts at a time, and keeping them until they are worked out again.

The first attempt of each enrolment counts: later ones have seen the answers (so does Moodle unless told otherwise). Whoever
takes the course anew when a certificate has run out counts anew: whether she still knows it is what is asked. Attempts at
revisions in which the quiz asked the same count together, so that a typing error mended elsewhere loses no figures.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import aliased

from lms.assessment import queries
from lms.assessment.models import Attempt, Grade, Response, StoredStatistics
from lms.assessment.rules import Corrected, Correction, can_rekey
from lms.assessment.statistics import (
    Column,
    OptionShare,
    QuestionStatistics,
    QuizStatistics,
    Verdict,
    of_question,
    of_quiz,
    seconds_each,
)
from lms.content.models import Revision
from lms.content.queries import load_document
from lms.core import jobs
from lms.core.db import db, insert
from lms.course.document import Quiz
from lms.course.questions import Question
from lms.course.questions.choices import ChoiceQuestion

JOB = "assessment.statistics"
EVERY = timedelta(hours=1)
"""How long new results wait at most until the statistics know of them."""
AT_ONCE = 1_000
MOST = 50_000
"""The newest so many first attempts count: more would tell nothing new, and one job ends well within its lease."""
OLDER = 100
"""Earlier revisions that are looked at for the same quiz."""


@dataclass(frozen=True)
class Told:
    """The statistics of a quiz: of the whole and of each question by its id."""

    quiz: QuizStatistics
    questions: Mapping[str, QuestionStatistics]
    revisions: Sequence[int] = ()
    """The numbers of the revisions whose attempts count, the newest first."""


def ask(revision_id: int, item: str, *, now: datetime, at_once: bool = False) -> None:
    """Have them worked out: when the hour is full, or now.

    Each hour is work of its own. New results never send back to its beginning what a worker is just doing: where people
    submit all the time, it would never end.
    """
    if at_once:
        jobs.enqueue(JOB, f"{revision_id}:{item}:now", now=now)
        return
    hour = int(now.timestamp() // EVERY.total_seconds()) + 1
    run_at = datetime.fromtimestamp(hour * EVERY.total_seconds(), UTC)
    jobs.enqueue(JOB, f"{revision_id}:{item}:{hour}", now=now, run_at=run_at)


def work_out(revision_id: int, item: str) -> Told | None:
    """From every first attempt that is graded; None for a quiz that the revision does not have, or that is practice."""
    quiz = load_document(revision_id).quiz(item)
    if quiz is None or quiz.practice:
        return None
    alike = _alike(revision_id, quiz)
    corrected = _corrected(alike, item)
    judged = [question for question in quiz.questions if not _is_settled(corrected.get(question.id))]
    columns = {question.id: Column() for question in judged}
    fractions, passed = array("d"), 0
    points = {question.id: array("d") for question in judged}
    worth = {question.id: float(question.points) for question in judged}
    for rows in _batches(list(alike), item):
        answers = _answers([row.id for row in rows])
        for row in rows:
            fractions.append(row.fraction)
            passed += row.passed
            _add(worth, row, answers[row.id], columns, points)
    asked_alike = all(len(row) == len(fractions) for row in points.values())
    told = {question.id: of_question(columns[question.id], *_options(question, corrected)) for question in judged}
    settled = QuestionStatistics(0, verdict=Verdict.CORRECTED)
    return Told(
        of_quiz(fractions, passed, list(points.values()) if asked_alike else None),
        {question.id: told.get(question.id, settled) for question in quiz.questions},
        sorted(alike.values(), reverse=True),
    )


def _alike(revision_id: int, quiz: Quiz) -> dict[int, int]:
    """The revision and those right before it in which the quiz asked the same, {id: number}."""
    this = aliased(Revision)
    query = (
        select(Revision.id, Revision.number, Revision.digest)
        .join(this, (this.course_id == Revision.course_id) & (this.number >= Revision.number))
        .where(this.id == revision_id)
        .order_by(Revision.number.desc())
        .limit(OLDER)
    )
    found = {}
    for row in db.session.execute(query).all():
        before = load_document(row.id, row.digest).quiz(quiz.id)
        if before is None or _asks(before) != _asks(quiz):
            break
        found[row.id] = row.number
    return found


def _asks(quiz: Quiz) -> tuple[Any, ...]:
    """All that an answer may depend on; what is told after it does not."""
    questions = tuple(replace(question, explanation="", tags=()) for question in quiz.questions)
    return questions, quiz.draws, quiz.minutes, quiz.penalty_percent


def _corrected(alike: Mapping[int, int], item: str) -> dict[str, Corrected]:
    """What was decided about questions since; what holds for the newest of the revisions holds for all that ask the same."""
    course_id = db.session.scalars(select(Revision.course_id).where(Revision.id == max(alike))).one()
    made = queries.corrections(course_id, item)
    found: dict[str, Corrected] = {}
    for revision_id in sorted(alike, reverse=True):
        found = {**queries.corrected(made, revision_id), **found}
    return found


def _is_settled(corrected: Corrected | None) -> bool:
    return corrected is not None and corrected.how is not Correction.NEW_KEY


def _options(question: Question, corrected: Mapping[str, Corrected]) -> tuple[int, list[int]]:
    """How many options it has, and the places of the right ones, by the key that holds after all."""
    found = corrected.get(question.id)
    keyed = found.key if found and found.key and can_rekey(question, found.key) else question
    if not isinstance(keyed, ChoiceQuestion):
        return 0, []
    count = len(keyed.options)
    return count, [place for place in range(count) if keyed.is_right(place)]


def _batches(revision_ids: Sequence[int], item: str) -> Iterator[Sequence[Row]]:
    """The newest first attempts that are submitted and graded, each with its newest grade."""
    first = (Attempt.revision_id.in_(revision_ids), Attempt.item == item, Attempt.number == 1)
    which = select(Attempt.id).where(*first, Attempt.submitted_at.is_not(None)).order_by(Attempt.id.desc()).limit(MOST)
    ids = db.session.scalars(which).all()
    newest = select(func.max(Grade.id)).where(Grade.attempt_id == Attempt.id).correlate(Attempt).scalar_subquery()
    query = select(Attempt.id, Attempt.started_at, Grade.fraction, Grade.passed, Grade.marks).join(
        Grade, Grade.id == newest
    )
    for start in range(0, len(ids), AT_ONCE):
        yield db.session.execute(query.where(Attempt.id.in_(ids[start : start + AT_ONCE]))).all()


Saved = list[tuple[str, datetime, datetime | None]]


def _answers(attempt_ids: Sequence[int]) -> dict[int, tuple[dict[str, Any], Saved]]:
    """By attempt: the answers by question, and when each was stored and is said to have been given."""
    found: dict[int, tuple[dict[str, Any], Saved]] = {attempt_id: ({}, []) for attempt_id in attempt_ids}
    query = select(Response.attempt_id, Response.question, Response.answer, Response.saved_at, Response.given_at).where(
        Response.attempt_id.in_(attempt_ids)
    )
    for attempt_id, question, answer, saved_at, given_at in db.session.execute(query):
        given, saved = found[attempt_id]
        given[question] = answer
        saved.append((question, saved_at, given_at))
    return found


def _add(
    worth: Mapping[str, float], row: Row, answers: tuple[dict[str, Any], Saved], columns: Mapping[str, Column],
    points: Mapping[str, array],
) -> None:  # fmt: skip
    """One attempt into the columns of the questions that it asked."""
    marks = {name: mark for name, mark in row.marks.items() if mark is not None and name in worth}
    earned, most = sum(marks[name] * worth[name] for name in marks), sum(worth[name] for name in marks)
    given, saved = answers
    seconds = seconds_each(row.started_at, saved)
    for name, mark in marks.items():
        others = most - worth[name]
        rest = round((earned - mark * worth[name]) / others, 9) if others else 0.0  # equal scores tie
        columns[name].add(mark, rest, _chosen(given.get(name)), seconds.get(name))
        points[name].append(mark * worth[name])


def _chosen(answer: Any) -> list[int]:
    """The options of a stored answer; texts and rows have none."""
    places = answer if isinstance(answer, list) else [answer]
    return [place for place in places if type(place) is int]


def keep(revision_id: int, item: str, told: Told, *, now: datetime) -> None:
    """In place of what was known before."""
    data = {
        "quiz": asdict(told.quiz),
        "questions": {name: asdict(one) for name, one in told.questions.items()},
        "revisions": list(told.revisions),
    }
    values = {"computed_at": now, "data": data}
    statement = insert(StoredStatistics).values(revision_id=revision_id, item=item, **values)
    db.session.execute(statement.on_conflict_do_update(index_elements=["revision_id", "item"], set_=values))


def told(data: Mapping[str, Any]) -> Told:
    """What was kept."""
    return Told(
        QuizStatistics(**{**data["quiz"], "histogram": tuple(data["quiz"]["histogram"])}),
        {name: _question(one) for name, one in data["questions"].items()},
        data.get("revisions", ()),
    )


def _question(data: Mapping[str, Any]) -> QuestionStatistics:
    options = tuple(OptionShare(**one) for one in data["options"])
    verdict = Verdict(data["verdict"]) if data["verdict"] else None
    return QuestionStatistics(**{**data, "options": options, "verdict": verdict})


def stored(course_id: int, item: str | None = None) -> Sequence[Row]:
    """What is known of the course's quizzes, or of one: the newest revision first."""
    query = (
        select(
            StoredStatistics.item, StoredStatistics.computed_at, StoredStatistics.data, StoredStatistics.revision_id,
            Revision.number,
        )
        .join(Revision, Revision.id == StoredStatistics.revision_id)
        .where(Revision.course_id == course_id)
        .order_by(Revision.number.desc())
    )  # fmt: skip
    return db.session.execute(query if item is None else query.where(StoredStatistics.item == item)).all()


def count_since(revision_id: int, item: str, since: datetime | None) -> int:
    """How many first attempts were submitted since."""
    query = select(func.count()).where(
        Attempt.revision_id == revision_id, Attempt.item == item, Attempt.number == 1, Attempt.submitted_at.is_not(None)
    )
    return db.session.scalar(query if since is None else query.where(Attempt.submitted_at > since)) or 0
