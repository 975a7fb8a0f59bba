"""Deadlines, limits, papers and grading: decided on plain values."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from lms.core import clock
from lms.core.errors import Refused
from lms.core.i18n import _l
from lms.course.document import Quiz, When
from lms.course.questions import Answer, Question
from lms.course.questions.choices import ChoiceQuestion

GRACE = timedelta(minutes=10)
"""How long after the deadline the server waits before it closes an attempt that nobody submits."""


class NoAttemptsLeft(Refused):
    """The quiz may be taken so often and no more."""

    message = _l(
        "All %(count)d attempts are used. Read the lessons again and ask the HR officer of your unit if you need another."
    )


class NothingToAddTo(Refused):
    """More of what has no limit is nothing."""

    message = _l("The quiz has no such limit, so there is nothing to add to.")


class NotToOneself(Refused):
    """Whoever would profit does not decide."""

    message = _l("Nobody extends the time or the attempts of herself. Ask another HR officer or the administrator.")
    status = 403


class GrantedMeanwhile(Refused):
    """The button was pressed twice, or somebody else was faster."""

    message = _l(
        "An extension was given in the meantime. See below how it stands; give more only if it is still missing."
    )


class NotOpenYet(Refused):
    """The quiz opens later."""

    message = _l("The quiz opens at %(moment)s. Come back then.")


class Closed(Refused):
    """The quiz takes no new attempts any more."""

    message = _l("The quiz closed at %(moment)s. Ask the HR officer of your unit if you still need it.")


class AttemptOver(Refused):
    """What is submitted, or past its deadline, takes no more answers."""

    message = _l("This attempt is over; it takes no more answers.")


def moment(when: When | None, enrolled_at: datetime) -> datetime | None:
    """The moment that the author wrote, for somebody who enrolled then; days after enrolling end with the day."""
    if when is None:
        return None
    if when.days is not None:
        return clock.start_of(clock.day_of(enrolled_at) + timedelta(days=when.days))
    return datetime.fromisoformat(when.moment or "").replace(tzinfo=clock.VIETNAM)


def deadline(started_at: datetime, minutes: int | None, closes_at: datetime | None = None) -> datetime | None:
    """When the time is up: after the minutes, or when the quiz closes; None where neither is set."""
    ends = [started_at + timedelta(minutes=minutes)] if minutes else []
    return min([*ends, *([closes_at] if closes_at else [])], default=None)


def overall(quiz: Quiz, fractions: Sequence[float]) -> tuple[float, bool]:
    """What all graded attempts so far, in their order, are worth together; whether that passes."""
    by_method = {
        "highest": max(fractions),
        "last": fractions[-1],
        "first": fractions[0],
        "average": sum(fractions) / len(fractions),
    }
    fraction = by_method[quiz.grade]
    return fraction, Decimal(str(round(fraction, 9))) * 100 >= quiz.pass_percent


def shows(quiz: Quiz, *, passed: bool, is_closed: bool) -> str:
    """What the result tells now: the author may hold mistakes and answers back until it is passed or closed."""
    if quiz.practice:
        return "answers"
    held_back = (quiz.show_when == "passed" and not passed) or (quiz.show_when == "closed" and not is_closed)
    return "score" if held_back and quiz.show in ("mistakes", "answers") else quiz.show


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


def make_paper(quiz: Quiz, seed: str, seen: Sequence[Collection[str]] = ()) -> list[dict[str, Any]]:
    """The questions of an attempt and the order of their options, as they are shown: [{question, order}, …].

    `seen` are the question ids of the earlier attempts, oldest first; draws avoid them.
    """
    shuffles = quiz.shuffle in ("options", "both")
    return [{"question": question.id, "order": _order(question, seed, shuffles)} for question in quiz.draw(seed, seen)]


def _order(question: Question, seed: str, shuffles: bool) -> list[int]:
    """Options as written where nothing is shuffled; what is to be ordered or matched would give its answer away."""
    order = question.order(seed)
    return sorted(order) if isinstance(question, ChoiceQuestion) and not shuffles else list(order)


@dataclass(frozen=True)
class Result:
    """What an attempt is worth; marks are fractions by question id, None where a person still has to mark."""

    points: float
    most: float
    fraction: float
    passed: bool
    marks: dict[str, float | None]


def grade_paper(quiz: Quiz, paper: Sequence[Mapping[str, Any]], answers: Mapping[str, Answer]) -> Result:
    """Every question of the paper graded; an unanswered one earns nothing, a wrong one may cost a penalty.

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
        if fraction == 0 and answers.get(question.id) is not None:
            points -= question.points * quiz.penalty_percent / 100
    points = max(points, Decimal(0))
    share = points / most if most else Decimal(0)
    return Result(float(points), float(most), float(share), share * 100 >= quiz.pass_percent, marks)
