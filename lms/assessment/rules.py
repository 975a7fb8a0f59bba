"""Deadlines, limits, papers and grading: decided on plain values."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from lms.core import clock
from lms.core.errors import Refused
from lms.core.i18n import _l
from lms.course.document import Quiz, When
from lms.course.numerals import comma
from lms.course.questions import Answer, Question
from lms.course.questions.choices import ChoiceQuestion

UNDO = timedelta(minutes=10)
"""How long a release of marks can be taken back; learners see them after it."""
FAR_APART = Decimal("0.2")
"""Two people who mark an answer differ much when they differ by this share of its points."""
POINTS = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,2})?")
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


class StillClosed(Refused):
    """Minutes and attempts at what has closed are worth nothing."""

    message = _l(
        "The quiz closed at %(moment)s, so nobody could use what you give. Write a later close too and give both together."
    )
    status = 422


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


class NotAFile(Refused):
    """A file that is not taken; why, and what to do."""

    message = _l("%(name)s: %(why)s")
    status = 422


class NothingToRelease(Refused):
    """Results are told when every answer of an attempt is marked."""

    message = _l("No attempt is marked to its end yet. Mark every answer of an attempt, then release it.")


class ReleaseInEffect(Refused):
    """What learners have seen is not taken back, only marked again."""

    message = _l("These marks count already. Open the answer and mark it again if one of them is wrong.")


class Released(Refused):
    """What is about to be told is changed only after it was taken back."""

    message = _l("These marks are being released. Take the release back first, or wait until it counts.")


class NotOwnAnswer(Refused):
    """Whoever would profit does not mark."""

    message = _l("Nobody marks her own answers. Another trainer of the course does.")
    status = 403


class NoNewKey(Refused):
    """Answers that mean something else under the new question cannot be compared with its key."""

    message = _l(
        "The question has changed by more than its key, or its type does not allow that. Let everyone have its points, or "
        "leave it out."
    )


class NothingChanges(Refused):
    """Nobody's result would be another one."""

    message = _l("No result changes by that; nothing was done.")


class ChangedMeanwhile(Refused):
    """Another revision or correction came in between looking and deciding."""

    message = _l("The course or its corrections changed at this moment. Go back and look again at what would change.")


class BadPoints(Refused):
    """What was typed is no number of points that can be given here."""

    message = _l("“%(written)s” is no number of points from 0 to %(most)s. Write for example 1.5.")
    status = 422


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


def read_points(written: str, most: Decimal) -> Decimal | None:
    """Points as a person types them, with comma or dot; None where nothing is typed. BadPoints for anything else."""
    text = " ".join(written.split()).replace(",", ".")
    if not text:
        return None
    value = Decimal(text) if POINTS.fullmatch(text) else None
    if value is None or value > most:
        raise BadPoints(written=written[:20], most=comma(most))
    return value


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

    @property
    def awaited(self) -> tuple[str, ...]:
        """The questions that a person still has to mark."""
        return tuple(question for question, fraction in self.marks.items() if fraction is None)


class Correction(StrEnum):
    """What is done about a question that turned out to be wrong."""

    EVERYONE = "everyone"
    DROP = "drop"
    NEW_KEY = "new_key"


CORRECTION_LABELS = {
    Correction.EVERYONE: _l("Everyone gets its points"),
    Correction.DROP: _l("The question does not count"),
    Correction.NEW_KEY: _l("Its answers are compared with the key as it is published now"),
}


@dataclass(frozen=True)
class Corrected:
    """How a question counts after all; `key` is the question whose key is right, for a new key."""

    how: Correction
    key: Question | None = None


REKEYED = frozenset({"single_choice", "multiple_choice", "true_false", "short_text", "numeric"})
"""Types whose stored answers mean the same under another key."""


def can_rekey(asked: Question, now: Question | None) -> bool:
    """Whether answers to the question as it was asked can be compared with its key as it is now."""
    if now is None or asked.kind != now.kind or asked.kind not in REKEYED:
        return False
    return asked.texts().get("options") == now.texts().get("options")


def grade_paper(
    quiz: Quiz,
    paper: Sequence[Mapping[str, Any]],
    answers: Mapping[str, Answer],
    by_hand: Mapping[str, Decimal] | None = None,
    corrected: Mapping[str, Corrected] | None = None,
    kept: Mapping[str, float | None] | None = None,
) -> Result:
    """Every question of the paper graded; an unanswered one earns nothing, a wrong one may cost a penalty.

    `by_hand` holds the points that people gave, by question; `kept` the marks of an earlier grade, which stand where nothing
    was corrected, however answers are compared by now. Points are added as decimals and compared exactly, so that
    80% of 12 points is never missed by a rounding. A question that was dropped has no mark and no points.
    """
    given, corrections, earlier = by_hand or {}, corrected or {}, kept or {}
    points = most = Decimal(0)
    marks: dict[str, float | None] = {}
    for entry in paper:
        question = quiz.question(entry["question"])
        if question is None:
            raise LookupError(f"the paper asks {entry['question']}, which its revision does not have")
        correction = corrections.get(question.id)
        if correction and correction.how is Correction.DROP:
            continue
        if correction is None and not question.needs_person and question.id in earlier:
            fraction = earlier[question.id]
        else:
            fraction = _fraction(question, correction, answers.get(question.id))
        most += question.points
        if fraction is None and question.id in given:
            marks[question.id] = float(given[question.id] / question.points)
            points += given[question.id]
            continue
        marks[question.id] = fraction
        points += question.points * Decimal(str(round(fraction or 0.0, 9)))
        if fraction == 0 and answers.get(question.id) is not None:
            points -= question.points * quiz.penalty_percent / 100
    points = max(points, Decimal(0))
    share = points / most if most else Decimal(0)
    return Result(float(points), float(most), float(share), share * 100 >= quiz.pass_percent, marks)


def _fraction(question: Question, correction: Corrected | None, answer: Answer) -> float | None:
    if correction and correction.how is Correction.EVERYONE:
        return 1.0
    key = correction.key if correction else None
    return (key if key and can_rekey(question, key) else question).grade(answer).fraction
