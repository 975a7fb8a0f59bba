"""Working statistics out of what is stored, a thousand attempts at a time, and keeping them until they are worked out again.

The first attempt of each enrolment counts: later ones have seen the answers. Time is told by when answers were given, each
after the one before it in the same attempt; who changes an answer counts with the last time only.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select

from lms.assessment.models import Attempt, Grade, Response, StoredStatistics
from lms.assessment.statistics import (
    Column,
    OptionShare,
    QuestionStatistics,
    QuizStatistics,
    Verdict,
    of_question,
    of_quiz,
)
from lms.content.models import Revision
from lms.content.queries import load_document
from lms.core import jobs
from lms.core.db import db, insert
from lms.course.questions.choices import ChoiceQuestion

JOB = "assessment.statistics"
EVERY = timedelta(hours=1)
"""How long new results wait at most until the statistics know of them."""
AT_ONCE = 1_000


@dataclass(frozen=True)
class Told:
    """The statistics of a quiz: of the whole and of each question by its id."""

    quiz: QuizStatistics
    questions: Mapping[str, QuestionStatistics]


def ask(revision_id: int, item: str, *, now: datetime, at_once: bool = False) -> None:
    """Have them worked out: within the hour, or now."""
    if at_once:
        jobs.enqueue(JOB, f"{revision_id}:{item}:now", now=now)
    else:
        jobs.enqueue(JOB, f"{revision_id}:{item}", now=now, run_at=now + EVERY)


def work_out(revision_id: int, item: str) -> Told | None:
    """From every first attempt that is graded; None for a quiz that the revision does not have, or that is practice."""
    quiz = load_document(revision_id).quiz(item)
    if quiz is None or quiz.practice:
        return None
    columns = {question.id: Column() for question in quiz.questions}
    fractions, passed = array("d"), 0
    points = {question.id: array("d") for question in quiz.questions}
    worth = {question.id: float(question.points) for question in quiz.questions}
    for rows in _batches(revision_id, item):
        answers = _answers([row.id for row in rows])
        for row in rows:
            fractions.append(row.fraction)
            passed += row.passed
            _add(worth, row, answers[row.id], columns, points)
    asked_alike = all(len(row) == len(fractions) for row in points.values())
    return Told(
        of_quiz(fractions, passed, list(points.values()) if asked_alike else None),
        {question.id: of_question(columns[question.id], *_options(question)) for question in quiz.questions},
    )


def _options(question: Any) -> tuple[int, list[int]]:
    if not isinstance(question, ChoiceQuestion):
        return 0, []
    count = len(question.options)
    return count, [place for place in range(count) if question.is_right(place)]


def _batches(revision_id: int, item: str) -> Iterator[Sequence[Row]]:
    newest = select(func.max(Grade.id)).where(Grade.attempt_id == Attempt.id).correlate(Attempt).scalar_subquery()
    query = (
        select(Attempt.id, Attempt.started_at, Grade.fraction, Grade.passed, Grade.marks)
        .join(Grade, Grade.id == newest)
        .where(Attempt.revision_id == revision_id, Attempt.item == item, Attempt.number == 1)
        .order_by(Attempt.id)
        .limit(AT_ONCE)
    )
    after = 0
    while rows := db.session.execute(query.where(Attempt.id > after)).all():
        yield rows
        after = rows[-1].id


def _answers(attempt_ids: Sequence[int]) -> dict[int, list[tuple[datetime, str, Any]]]:
    """When which question was answered, and how, by attempt and in the order of time."""
    found: dict[int, list[tuple[datetime, str, Any]]] = {attempt_id: [] for attempt_id in attempt_ids}
    query = select(Response.attempt_id, Response.question, Response.answer, Response.given_at, Response.saved_at).where(
        Response.attempt_id.in_(attempt_ids)
    )
    for row in db.session.execute(query):
        found[row.attempt_id].append((row.given_at or row.saved_at, row.question, row.answer))
    for some in found.values():
        some.sort(key=lambda one: one[0])
    return found


def _add(
    worth: Mapping[str, float], row: Row, answers: Sequence[tuple[datetime, str, Any]], columns: Mapping[str, Column],
    points: Mapping[str, array],
) -> None:  # fmt: skip
    """One attempt into the columns of the questions that it asked."""
    marks = {name: mark for name, mark in row.marks.items() if mark is not None and name in worth}
    earned, most = sum(marks[name] * worth[name] for name in marks), sum(worth[name] for name in marks)
    given, before, seconds = {}, row.started_at, {}
    for at, name, answer in answers:
        given[name], seconds[name], before = answer, (at - before).total_seconds(), at
    for name, mark in marks.items():
        others = most - worth[name]
        rest = (earned - mark * worth[name]) / others if others else 0.0
        columns[name].add(mark, rest, _chosen(given.get(name)), seconds.get(name))
        points[name].append(mark * worth[name])


def _chosen(answer: Any) -> list[int]:
    """The options of a stored answer; texts and rows have none."""
    places = answer if isinstance(answer, list) else [answer]
    return [place for place in places if type(place) is int]


def keep(revision_id: int, item: str, told: Told, *, now: datetime) -> None:
    """In place of what was known before."""
    data = {"quiz": asdict(told.quiz), "questions": {name: asdict(one) for name, one in told.questions.items()}}
    values = {"computed_at": now, "data": data}
    statement = insert(StoredStatistics).values(revision_id=revision_id, item=item, **values)
    db.session.execute(statement.on_conflict_do_update(index_elements=["revision_id", "item"], set_=values))


def told(data: Mapping[str, Any]) -> Told:
    """What was kept."""
    return Told(
        QuizStatistics(**{**data["quiz"], "histogram": tuple(data["quiz"]["histogram"])}),
        {name: _question(one) for name, one in data["questions"].items()},
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
