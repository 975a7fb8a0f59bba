"""Deadlines, limits, papers and grading: decided on plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from lms.core.errors import Refused
from lms.core.i18n import _l
from lms.course.document import Quiz
from lms.course.questions import Answer

GRACE = timedelta(minutes=10)
"""How long after the deadline the server waits before it closes an attempt that nobody submits."""


class NoAttemptsLeft(Refused):
    """The quiz may be taken so often and no more."""

    message = _l(
        "All %(count)d attempts are used. Read the lessons again and ask the HR officer of your unit if you need another."
    )


class NoLimit(Refused):
    """There is nothing to add to."""

    message = _l("This quiz may be taken as often as one likes.")


class NotToOneself(Refused):
    """Whoever would profit does not decide."""

    message = _l("Nobody gives attempts to herself. Ask another HR officer or the administrator.")
    status = 403


class GrantedMeanwhile(Refused):
    """The button was pressed twice, or somebody else was faster."""

    message = _l(
        "Attempts were given in the meantime. See below how it stands; give more only if they are still missing."
    )


class AttemptOver(Refused):
    """What is submitted, or past its deadline, takes no more answers."""

    message = _l("This attempt is over; it takes no more answers.")


def deadline(started_at: datetime, minutes: int | None) -> datetime | None:
    """When the time is up; None for a quiz without a limit."""
    return started_at + timedelta(minutes=minutes) if minutes else None


def is_over(deadline_at: datetime | None, now: datetime) -> bool:
    """Whether the time is up; the moment itself still counts."""
    return deadline_at is not None and now > deadline_at


def is_closed(deadline_at: datetime | None, now: datetime) -> bool:
    """Whether the grace after the deadline is over too: nothing is taken any more."""
    return deadline_at is not None and now > deadline_at + GRACE


def counts(deadline_at: datetime | None, now: datetime, given_at: datetime | None) -> bool:
    """Whether an answer that arrives now counts: in time, or held back by the line and given in time.

    The browser's word for when it was given is a claim; rows saved after the deadline can be told apart.
    """
    if not is_over(deadline_at, now):
        return True
    return (
        deadline_at is not None and given_at is not None and given_at <= deadline_at and not is_closed(deadline_at, now)
    )


def seconds_left(deadline_at: datetime | None, now: datetime) -> int | None:
    """Whole seconds until the deadline, never below zero; None without a limit."""
    return None if deadline_at is None else max(0, int((deadline_at - now).total_seconds()))


def make_paper(quiz: Quiz, seed: str) -> list[dict[str, Any]]:
    """The questions of an attempt and the order of their options, as they are shown: [{question, order}, …]."""
    shuffles = quiz.shuffle in ("options", "both")
    return [
        {"question": question.id, "order": list(question.order(seed) if shuffles else _as_written(question))}
        for question in quiz.draw(seed)
    ]


def _as_written(question: Any) -> Sequence[int]:
    return sorted(question.order(""))


@dataclass(frozen=True)
class Result:
    """What an attempt is worth; marks are fractions by question id, None where a person still has to mark."""

    points: float
    most: float
    fraction: float
    passed: bool
    marks: dict[str, float | None]


def grade_paper(quiz: Quiz, paper: Sequence[Mapping[str, Any]], answers: Mapping[str, Answer]) -> Result:
    """Every question of the paper graded; an unanswered one earns nothing.

    Points are added as decimals and compared exactly, so that 80% of 12 points is never missed by a rounding.
    """
    points = most = Decimal(0)
    marks: dict[str, float | None] = {}
    for entry in paper:
        question = quiz.question(entry["question"])
        if question is None:
            raise LookupError(f"the paper asks {entry['question']}, which its revision does not have")
        fraction = question.grade(answers.get(question.id)).fraction
        marks[question.id] = fraction
        most += question.points
        points += question.points * Decimal(str(round(fraction or 0.0, 9)))
    share = points / most if most else Decimal(0)
    return Result(float(points), float(most), float(share), share * 100 >= quiz.pass_percent, marks)
