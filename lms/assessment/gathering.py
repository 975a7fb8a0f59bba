"""Working statistics out of what is stored, a thousand attempts at a time, and keeping them until they are worked out again.

The first attempt of each enrolment counts: later ones have seen the answers (so does Moodle unless told otherwise). Whoever
takes the course anew when a certificate has run out counts anew: whether she still knows it is what is asked. Attempts at
revisions in which the quiz asked the same count together, so that a typing error mended elsewhere loses no figures.
"""

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import aliased

from lms.assessment import queries
from lms.assessment.answer_times import seconds_each
from lms.assessment.models import Attempt, Grade, Response, StoredStatistics
from lms.assessment.rules import Corrected, Correction, can_rekey
from lms.assessment.statistics import (
    Column,
    OptionShare,
    QuestionStatistics,
    QuizStatistics,
    TypedAnswer,
    Verdict,
    of_question,
    of_quiz,
)
from lms.assessment.typed_answers import Typed, boxes
from lms.content.models import Revision
from lms.content.queries import load_document
from lms.core import jobs
from lms.core.db import db, insert
from lms.course.asked import asked
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
    newest_grade: int = 0
    """Later grades may not be in it."""


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
    newest_grade = db.session.scalar(select(func.max(Grade.id))) or 0
    alike = _alike(revision_id, quiz)
    corrected = _corrected(alike, item)
    judged = [question for question in quiz.questions if not _is_settled(corrected.get(question.id))]
    keyed = {question.id: _keyed(question, corrected) for question in judged}
    columns = {name: Column(typed=[Typed(box) for box in boxes(question)]) for name, question in keyed.items()}
    worth = {question.id: float(question.points) for question in judged}
    fractions, passed, alike_rows = array("d"), 0, Rows(parallel(quiz))
    for rows in _batches(list(alike), item):
        answers = _answers([row.id for row in rows])
        for row in rows:
            fractions.append(row.fraction)
            passed += row.passed
            alike_rows.add(_add(worth, row, answers[row.id], columns))
    found = {name: of_question(columns[name], *_options(question)) for name, question in keyed.items()}
    settled = QuestionStatistics(0, verdict=Verdict.CORRECTED)
    return Told(
        of_quiz(fractions, passed, alike_rows.points()),
        {question.id: found.get(question.id, settled) for question in quiz.questions},
        sorted(alike.values(), reverse=True),
        newest_grade,
    )


def parallel(quiz: Quiz) -> dict[str, str]:
    """Question → the row it counts in: its own, or that of all questions that draws may take in its place.

    Draws that have a question in common are one row; a row of which all are drawn is none.
    """
    pools: list[tuple[int, set[str]]] = []
    for draw in quiz.draws:
        count, names = draw.count, {question.id for question in quiz.questions if draw.takes(question)}
        touching = [pool for pool in pools if pool[1] & names]
        pools = [pool for pool in pools if not pool[1] & names]
        pools.append((count + sum(pool[0] for pool in touching), names.union(*(pool[1] for pool in touching))))
    rows = {question.id: question.id for question in quiz.questions}
    for count, names in pools:
        if count < len(names):
            rows |= dict.fromkeys(names, min(names))
    return rows


class Rows:
    """What attempts earned, in the rows that reliability is worked out of."""

    def __init__(self, row_of: Mapping[str, str]) -> None:
        self._row_of = row_of
        self._rows: dict[str, array] = {}
        self._shape: Counter[str] | None = None
        self._is_even = True

    def add(self, points: Mapping[str, float]) -> None:
        """One more attempt, question → what it earned."""
        shape = Counter(self._row_of[name] for name in points)
        self._shape = shape if self._shape is None else self._shape
        self._is_even = self._is_even and shape == self._shape
        for name, worth in points.items():
            self._rows.setdefault(self._row_of[name], array("d")).append(worth)

    def points(self) -> list[array] | None:
        """The rows; None where attempts were asked unlike numbers of questions, so that their totals say nothing."""
        return list(self._rows.values()) if self._is_even else None


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
    """All that an answer may depend on, and what may be drawn in its place; what is told after it is not in it."""
    questions = tuple((asked(question), *(draw.takes(question) for draw in quiz.draws)) for question in quiz.questions)
    return questions, quiz.draws, quiz.minutes, quiz.penalty_percent, quiz.practice


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


def _keyed(question: Question, corrected: Mapping[str, Corrected]) -> Question:
    """The question with the key that holds after all."""
    found = corrected.get(question.id)
    return found.key if found and found.key and can_rekey(question, found.key) else question


def _options(keyed: Question) -> tuple[int, list[int]]:
    """How many options it has, and the places of the right ones."""
    if not isinstance(keyed, ChoiceQuestion):
        return 0, []
    count = len(keyed.options)
    return count, [place for place in range(count) if keyed.is_right(place)]


def _batches(revision_ids: Sequence[int], item: str) -> Iterator[Sequence[Row]]:
    """The newest first attempts that are submitted and graded, each with its newest grade."""
    first = (Attempt.revision_id.in_(revision_ids), Attempt.item == item, Attempt.is_first)
    which = select(Attempt.id).where(*first, Attempt.submitted_at.is_not(None)).order_by(Attempt.id.desc()).limit(MOST)
    ids = db.session.scalars(which).all()
    newest = select(func.max(Grade.id)).where(Grade.attempt_id == Attempt.id).correlate(Attempt).scalar_subquery()
    query = select(Attempt.id, Attempt.learner_id, Attempt.started_at, Grade.fraction, Grade.passed, Grade.marks).join(
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
    worth: Mapping[str, float], row: Row, answers: tuple[dict[str, Any], Saved], columns: Mapping[str, Column]
) -> dict[str, float]:
    """One attempt into the columns of the questions that it asked; what each earned of the whole result, 0 to 1."""
    marks = {name: mark for name, mark in row.marks.items() if mark is not None and name in worth}
    earned, most = sum(marks[name] * worth[name] for name in marks), sum(worth[name] for name in marks)
    given, saved = answers
    seconds = seconds_each(row.started_at, saved)
    for name, mark in marks.items():
        others = most - worth[name]
        rest = round((earned - mark * worth[name]) / others, 9) if others else 0.0  # equal scores tie
        columns[name].add(mark, rest, _chosen(given.get(name)), seconds.get(name))
        for typed in columns[name].typed:
            typed.add(given.get(name), row.learner_id)
    return {name: mark * worth[name] / most for name, mark in marks.items()} if most else {}


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
        "newest_grade": told.newest_grade,
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
        data.get("newest_grade", 0),
    )


def _question(data: Mapping[str, Any]) -> QuestionStatistics:
    return QuestionStatistics(
        **{
            **data,
            "options": tuple(OptionShare(**one) for one in data["options"]),
            "verdict": Verdict(data["verdict"]) if data["verdict"] else None,
            "typed": tuple(tuple(_typed(one) for one in box) for box in data.get("typed", ())),
        }
    )


def _typed(data: Mapping[str, Any]) -> TypedAnswer:
    return TypedAnswer(**{**data, "share": OptionShare(**data["share"])})


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


def newest_told(course_id: int, item: str) -> tuple[Row, Told] | None:
    """The figures of the newest revision that has any, with where they stand."""
    for row in stored(course_id, item):
        found = told(row.data)
        if found.quiz.mean is not None:
            return row, found
    return None


def count_since(revision_id: int, item: str, told: Told | None) -> int:
    """How many first attempts have a result that `told` does not know of: submitted, marked or corrected since.

    Those of all revisions that it counts together; while nothing is told, all that were submitted at this one. Grades are
    numbered as they come, so that only the newer ones are looked at, however many there are.
    """
    this = aliased(Revision)
    together = Revision.number.in_(told.revisions if told else ())
    revisions = (
        select(Revision.id)
        .join(this, this.course_id == Revision.course_id)
        .where(this.id == revision_id, together | (Revision.id == revision_id))
    )
    query = select(func.count()).where(
        Attempt.revision_id.in_(revisions), Attempt.item == item, Attempt.is_first, Attempt.submitted_at.is_not(None)
    )
    if told is not None:
        query = query.where(Attempt.id.in_(select(Grade.attempt_id).where(Grade.id > told.newest_grade)))
    return db.session.scalar(query) or 0
