"""What many attempts tell of a quiz and its questions: classical test theory on plain numbers.

Scores are fractions from 0 to 1, or points; nothing is said of fewer than `LEAST` attempts.
"""

import math
import operator
import statistics
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from lms.assessment.answer_times import LONGEST_SECONDS
from lms.assessment.typed_answers import NOTHING, Typed

LEAST = 30
"""Attempts below which chance says more than the question does."""
EXTREME = 0.27
"""The share of attempts in the upper and in the lower group (Kelley, The selection of upper and lower groups for the
validation of test items, 1939): there the difference of the groups is surest."""
TOO_EASY, TOO_HARD = 0.95, 0.20
"""Nearly everybody, or fewer than guessing among five options would bring."""
WEAK = 0.20
"""Discrimination below which a question is poor and wants rewriting (Ebel and Frisbie, Essentials of Educational Measurement)."""
UNUSED = 0.02
"""An option that fewer choose is no temptation and could go."""
AGAINST = 1.645
"""A correlation is negative beyond chance when r·√n is below −1.645: chance alone does that once in twenty times."""
BINS = 10
MANY = 0.10
"""A typed answer that fewer of the best give is theirs alone, no matter for the key."""
RISES = 2.576
"""The difference of two shares is beyond chance when z is above it: chance alone does that five times in a thousand, and ten
answers are looked at."""


class Verdict(StrEnum):
    """What a trainer should do about a question, the most pressing first."""

    CHECK_KEY = "check_key"
    TOO_HARD = "too_hard"
    WEAK = "weak"
    TOO_EASY = "too_easy"
    UNUSED = "unused"
    GOOD = "good"
    CORRECTED = "corrected"
    """Nothing: everyone has its points, or it does not count; its marks say no more about it."""


class Separation(StrEnum):
    """How well a question tells the strong from the weak, by D (Ebel and Frisbie's bounds)."""

    VERY_GOOD = "very_good"
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    REVERSED = "reversed"


@dataclass
class Column:
    """Everything that was answered to one question, attempt by attempt."""

    marks: array = field(default_factory=lambda: array("d"))
    rest: array = field(default_factory=lambda: array("d"))
    """The score of the attempt without this question, 0 to 1."""
    chosen: array = field(default_factory=lambda: array("Q"))
    """The options ticked, one bit each; 0 where none was, or the question has none."""
    seconds: array = field(default_factory=lambda: array("d"))
    """How long it took; NaN where that is not known."""
    typed: Sequence[Typed] = ()
    """What was typed into each of its boxes; filled beside it."""

    def add(self, mark: float, rest: float, chosen: Sequence[int] = (), seconds: float | None = None) -> None:
        """One more attempt."""
        is_sane = seconds is not None and 0 < seconds <= LONGEST_SECONDS
        self.marks.append(mark)
        self.rest.append(rest)
        self.chosen.append(sum(1 << place for place in chosen if 0 <= place < 64))
        self.seconds.append(seconds if is_sane and seconds is not None else math.nan)


@dataclass(frozen=True)
class OptionShare:
    """How many of the low, middle and high third, and of all, chose an option, 0 to 1."""

    low: float
    middle: float
    high: float
    all: float


@dataclass(frozen=True)
class TypedAnswer:
    """What many typed, as grading compares it, what it is worth, and who typed it."""

    text: str
    worth: float
    count: int
    share: OptionShare


@dataclass(frozen=True)
class QuestionStatistics:
    """One question; None where nothing can be said."""

    count: int
    facility: float | None = None
    deviation: float | None = None
    discrimination: float | None = None
    correlation: float | None = None
    seconds: float | None = None
    options: tuple[OptionShare, ...] = ()
    verdict: Verdict | None = None
    suspect: int | None = None
    """The option that the verdict speaks of, by its place in the document."""
    typed: tuple[tuple[TypedAnswer, ...], ...] = ()
    """For each place to type into what was typed there most often."""
    unknown: str | None = None
    """The typed answer that the key may have to know."""


@dataclass(frozen=True)
class QuizStatistics:
    """A whole quiz; scores are fractions of its points."""

    count: int
    passed: float | None = None
    mean: float | None = None
    median: float | None = None
    deviation: float | None = None
    alpha: float | None = None
    error: float | None = None
    """Standard error of measurement."""
    histogram: tuple[int, ...] = ()


def of_question(column: Column, options: int = 0, right: Sequence[int] = ()) -> QuestionStatistics:
    """What the answers to a question tell; `options` is how many it has, `right` the places of the right ones."""
    count = len(column.marks)
    if count < LEAST:
        return QuestionStatistics(count)
    known = [one for one in column.seconds if not math.isnan(one)]
    shares = option_shares(column.chosen, column.rest, options)
    facility, apart = statistics.fmean(column.marks), discrimination(column.marks, column.rest)
    with_rest = correlation(column.marks, column.rest)
    is_against = with_rest is not None and with_rest * math.sqrt(count) < -AGAINST
    verdict, suspect = judge(facility, apart, shares, right, is_against=is_against)
    typed, unknown = _of_typed(column)
    return QuestionStatistics(
        count=count,
        facility=facility,
        deviation=math.sqrt(_variance(column.marks)),
        discrimination=apart,
        correlation=with_rest,
        seconds=statistics.median(known) if len(known) >= LEAST else None,
        options=shares,
        verdict=verdict if unknown is None else Verdict.CHECK_KEY,
        suspect=suspect,
        typed=typed,
        unknown=unknown,
    )


def _of_typed(column: Column) -> tuple[tuple[tuple[TypedAnswer, ...], ...], str | None]:
    """What was typed into each box, and the first answer that the key may have to know."""
    if not column.typed:
        return (), None
    thirds, found, unknown = Thirds.of(column.rest), [], None
    for typed in column.typed:
        answers = typed_answers(typed, thirds)
        right = thirds.share(
            [place for place, key in enumerate(typed.given) if key != NOTHING and typed.worth[key] > 0]
        )
        unknown = unknown or missing_from_key(answers, right, thirds.size)
        found.append(answers)
    return tuple(found), unknown


def of_quiz(fractions: Sequence[float], passed: int, points: Sequence[Sequence[float]] | None) -> QuizStatistics:
    """A quiz from the results of its attempts; `points` has the rows that `cronbach` wants, None where there are none."""
    count = len(fractions)
    if count < LEAST:
        return QuizStatistics(count)
    deviation = math.sqrt(_variance(fractions))
    alpha = cronbach(points, count) if points is not None else None
    histogram = [0] * BINS
    for one in fractions:
        histogram[min(BINS - 1, int(one * BINS + 1e-9))] += 1
    return QuizStatistics(
        count=count,
        passed=passed / count,
        mean=statistics.fmean(fractions),
        median=statistics.median(fractions),
        deviation=deviation,
        alpha=alpha,
        error=None if alpha is None else deviation * math.sqrt(min(1.0, max(0.0, 1 - alpha))),
        histogram=tuple(histogram),
    )


def discrimination(marks: Sequence[float], scores: Sequence[float]) -> float:
    """The upper-lower index D: mean mark of the best 27 % less that of the weakest 27 %, −1 to 1.

    Johnson's index with Kelley's groups. Those who tie at the border of a group count with their mean, so that the order
    of the rows changes nothing.
    """
    size = max(1, round(EXTREME * len(marks)))
    return _mean_of_first(marks, [-one for one in scores], size) - _mean_of_first(marks, scores, size)


def _mean_of_first(marks: Sequence[float], scores: Sequence[float], size: int) -> float:
    """The mean mark of the `size` lowest scores."""
    border = sorted(scores)[size - 1]
    inside = [mark for mark, score in zip(marks, scores, strict=True) if score < border]
    at_border = [mark for mark, score in zip(marks, scores, strict=True) if score == border]
    return (math.fsum(inside) + (size - len(inside)) * statistics.fmean(at_border)) / size


def correlation(marks: Sequence[float], rest: Sequence[float]) -> float | None:
    """Corrected item–total correlation: Pearson's r of the mark and the score without the question.

    For marks of 0 and 1 it is the point-biserial correlation. None when either does not vary.
    """
    try:
        return max(-1.0, min(1.0, statistics.correlation(marks, rest)))
    except statistics.StatisticsError:
        return None


def cronbach(rows: Sequence[Sequence[float]], count: int) -> float | None:
    """Cronbach's alpha (Coefficient alpha and the internal structure of tests, 1951): k/(k−1) · (1 − Σσᵢ²/σ²).

    A row for each question with the points of every one of `count` attempts. Questions that are drawn for one another are
    one row, which holds several points of each attempt side by side. Moodle runs alpha over the positions of the quiz,
    whatever question stood there (Quiz statistics calculations, coefficient of internal consistency); here a row counts
    with the mean over all ways of putting what was drawn into positions. With one row that is the reliability of questions
    nested in persons (Cronbach, Rajaratnam and Gleser, Theory of generalizability, 1963), ICC(1,k) of Shrout and Fleiss,
    Intraclass correlations, 1979: that one draws easier questions than another counts as error. Where nearly all of a pool
    are drawn it says rather too little.
    None for fewer than two questions, rows that do not fit the attempts, or totals that do not vary.
    """
    if count < 2 or any(len(row) % count for row in rows):
        return None
    widths = [len(row) // count for row in rows]
    k = sum(widths)
    totals = [0.0] * count
    for row, width in zip(rows, widths, strict=True):
        for place in range(width):
            totals = list(map(operator.add, totals, row[place::width]))
    whole = _variance(totals)
    if k < 2 or whole <= 1e-12:
        return None
    inside = math.fsum(_inside(row, width, count) for row, width in zip(rows, widths, strict=True) if width)
    return k / (k - 1) * (1 - inside / whole)


def _variance(values: Sequence[float]) -> float:
    """With n − 1; exact enough, and ten times as quick as the library's, which reckons in fractions."""
    mean = statistics.fmean(values)
    return math.fsum((one - mean) ** 2 for one in values) / (len(values) - 1)


def _inside(row: Sequence[float], width: int, count: int) -> float:
    """The variances of the positions of a row together, the mean over all orders in which attempts may fill them.

    (SST − SSW/n)/(n − 1), with the squares around the mean of all and around the mean of each attempt.
    """
    if width == 1:
        return _variance(row)
    mean = statistics.fmean(row)
    of_all = math.fsum((one - mean) ** 2 for one in row)
    means = [math.fsum(row[start : start + width]) / width for start in range(0, len(row), width)]
    within = math.fsum((one - means[place // width]) ** 2 for place, one in enumerate(row))
    return (of_all - within / count) / (count - 1)


def _places(scores: Sequence[float], size: int) -> list[float]:
    """How much of each is among the `size` lowest: 1 or 0, and those at the border share the places that are left."""
    border = sorted(scores)[size - 1]
    inside, tied = sum(score < border for score in scores), sum(score == border for score in scores)
    part = (size - inside) / tied
    return [1.0 if score < border else part if score == border else 0.0 for score in scores]


@dataclass(frozen=True)
class Thirds:
    """The low and the high third of attempts, each attempt with how much of it is in them.

    Those who tie at the border of a third count in part, so that the order of the rows changes nothing.
    """

    size: int
    low: Sequence[float]
    high: Sequence[float]

    @classmethod
    def of(cls, rest: Sequence[float]) -> Self:
        """By the score without the question; there are three attempts or more."""
        size = len(rest) // 3
        return cls(size, _places(rest, size), _places([-one for one in rest], size))

    def share(self, who: Sequence[int]) -> OptionShare:
        """How many of each third, and of all, are among these attempts."""
        count = len(self.low)
        lows, highs = math.fsum(self.low[place] for place in who), math.fsum(self.high[place] for place in who)
        middle = max(0.0, len(who) - lows - highs) / (count - 2 * self.size)
        return OptionShare(lows / self.size, middle, highs / self.size, len(who) / count)


def option_shares(chosen: Sequence[int], rest: Sequence[float], options: int) -> tuple[OptionShare, ...]:
    """For each option how many of the low, middle and high third of the rest score chose it."""
    if not options or len(rest) < 3:
        return ()
    thirds = Thirds.of(rest)
    return tuple(
        thirds.share([place for place, ticked in enumerate(chosen) if ticked >> option & 1])
        for option in range(min(options, 64))
    )


def typed_answers(typed: Typed, thirds: Thirds) -> tuple[TypedAnswer, ...]:
    """What was typed most often into one box, by thirds."""
    often = dict(typed.frequent())
    who: dict[int, list[int]] = {key: [] for key in often}
    for place, key in enumerate(typed.given):
        if key in who:
            who[key].append(place)
    return tuple(TypedAnswer(typed.texts[key], typed.worth[key], often[key], thirds.share(who[key])) for key in often)


def missing_from_key(answers: Sequence[TypedAnswer], right: OptionShare, size: int) -> str | None:
    """The worthless answer that the best give so often that it may be right: a word for it that the key does not know.

    Either more of the best give it than what counts as right, and no fewer than of the weakest; or it rises from the
    weakest to the best beyond chance (the two-proportion z test with pooled variance), as mistakes do not.
    """

    def is_missing(share: OptionShare) -> bool:
        pooled = (share.low + share.high) / 2
        error = math.sqrt(2 * pooled * (1 - pooled) / size)
        leads = share.high > right.high and share.high >= share.low
        return share.high >= MANY and (leads or (error > 0 and (share.high - share.low) / error > RISES))

    doubted = [one for one in answers if not one.worth and is_missing(one.share)]
    return max(doubted, key=lambda one: one.share.high).text if doubted else None


def separation(apart: float) -> Separation:
    """D in a word."""
    if apart < 0:
        return Separation.REVERSED
    bounds = ((0.4, Separation.VERY_GOOD), (0.3, Separation.GOOD), (WEAK, Separation.FAIR))
    return next((word for least, word in bounds if apart >= least), Separation.POOR)


def judge(
    facility: float, apart: float, shares: Sequence[OptionShare], right: Sequence[int], *, is_against: bool = False
) -> tuple[Verdict, int | None]:
    """What to do about a question, and which option it is about.

    The key is doubted when a wrong option draws the best more than the right one and does not fade with ability, as the
    wrong options of a question that is merely hard do; or when the marks go against the rest of the score (`is_against`).
    """
    wrong = [place for place in range(len(shares)) if place not in right]
    if len(right) == 1 and wrong and right[0] < len(shares):
        tempting = max(wrong, key=lambda place: shares[place].high)
        drawn = shares[tempting]
        if drawn.high > shares[right[0]].high and drawn.high >= drawn.low:
            return Verdict.CHECK_KEY, tempting
    if is_against:
        return Verdict.CHECK_KEY, None
    if facility < TOO_HARD:
        return Verdict.TOO_HARD, None
    if facility > TOO_EASY:
        return Verdict.TOO_EASY, None
    if apart < WEAK:
        return Verdict.WEAK, None
    unused = [place for place in wrong if shares[place].all < UNUSED]
    return (Verdict.UNUSED, unused[0]) if unused else (Verdict.GOOD, None)
