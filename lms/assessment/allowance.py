"""What one person is allowed at one quiz: the author's rules with everything that was given beyond them. Pure."""

from dataclasses import dataclass
from datetime import datetime

from lms.assessment import rules
from lms.course.document import Quiz


@dataclass(frozen=True)
class Extra:
    """All extensions of a person at a quiz together, her own and those of the units where she works today.

    Minutes: the largest that any of them gives, never a sum. Attempts: all of them added. Close: the latest.
    So nothing that was given is ever lost by what is given later. What somebody gave to a unit does not count
    for herself.
    """

    minutes: int = 0
    attempts: int = 0
    closes_at: datetime | None = None


@dataclass(frozen=True)
class More:
    """What is given, and why."""

    minutes: int
    attempts: int
    closes_at: datetime | None
    reason: str


@dataclass(frozen=True)
class Allowance:
    """How long, how often and when: None where there is no limit."""

    minutes: int | None
    attempts: int | None
    opens_at: datetime | None
    closes_at: datetime | None
    extra_minutes: int = 0
    """How many of the minutes were added; likewise for attempts."""
    extra_attempts: int = 0
    closed_before_at: datetime | None = None
    """The author's own close, where a later one was given."""

    def must_end_by(self, started_at: datetime) -> datetime | None:
        """“Phải xong trước”: after the minutes, and never after the close."""
        return rules.deadline(started_at, self.minutes, self.closes_at)

    def is_cut_short(self, started_at: datetime) -> bool:
        """Whether the close comes before the minutes are over."""
        ends = rules.deadline(started_at, self.minutes)
        return ends is not None and self.closes_at is not None and self.closes_at < ends


def allowance(quiz: Quiz, enrolled_at: datetime, extra: Extra) -> Allowance:
    """Extra time needs a time limit, extra attempts a limit of attempts, a later close a close: else there is nothing to add to."""
    closes_at = rules.moment(quiz.closes, enrolled_at)
    later = extra.closes_at if closes_at and extra.closes_at and extra.closes_at > closes_at else None
    return Allowance(
        minutes=quiz.minutes + extra.minutes if quiz.minutes else None,
        attempts=None if quiz.attempts is None else quiz.attempts + extra.attempts,
        opens_at=rules.moment(quiz.opens, enrolled_at),
        closes_at=later or closes_at,
        extra_minutes=extra.minutes if quiz.minutes else 0,
        extra_attempts=extra.attempts if quiz.attempts is not None else 0,
        closed_before_at=closes_at if later else None,
    )


def moved(old: datetime | None, new: datetime | None) -> datetime | None:
    """The deadline of an attempt that is open while something is given: later or as it was, never earlier."""
    return old if old is None or new is None else max(old, new)
