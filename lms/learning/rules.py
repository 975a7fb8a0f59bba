"""Who may enrol, and again, and where a learner stands."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from lms.core.clock import add_months
from lms.core.errors import Refused
from lms.core.i18n import _l

RENEW_BEFORE = timedelta(days=60)
"""How long before a completion expires HR may give the course again."""


class Status(StrEnum):
    """Where a learner stands in a course; finishing late still counts as done."""

    ACTIVE = "active"
    OVERDUE = "overdue"
    DONE = "done"


class AlreadyEnrolled(Refused):
    """One open enrolment for each person and course."""

    message = _l("This person already takes the course.")


class StillValid(Refused):
    """A completion is worth something until it expires."""

    message = _l("This course is completed, and that still holds. It can be taken again when it expires.")


class NotOpen(Refused):
    """Only HR enrols people in this course."""

    message = _l("This course is not open for enrolling oneself. Ask the HR officer of your unit.")


class CourseRetired(Refused):
    """Nobody new enrols in a retired course."""

    message = _l("This course is retired and takes nobody new.")


class EnrolmentEnded(Refused):
    """What is completed or withdrawn has no day due, and cannot be withdrawn."""

    message = _l("This enrolment is over: the course is completed, or the person was withdrawn from it.")


class NotForOneself(Refused):
    """Whoever would profit does not decide."""

    message = _l("Nobody decides about her own results. Ask another trainer of the course.")
    status = 403


class NothingToDecide(Refused):
    """What is completed stays completed; who was withdrawn learns no more."""

    message = _l(
        "This enrolment is over, so nothing is decided about its items any more. A certificate given wrongly is revoked by HR."
    )


class NotFinishedBefore(Refused):
    """Reading is what is finished by pressing the button; a quiz or drill is finished by passing it."""

    message = _l("A quiz is done when it is passed.")


def status(completed_at: datetime | None, due_on: date | None, today: date) -> Status:
    """Where a learner stands; the day due still counts as in time."""
    if completed_at is not None:
        return Status.DONE
    return Status.OVERDUE if due_on is not None and due_on < today else Status.ACTIVE


def expires_on(completed_on: date, valid_months: int | None) -> date | None:
    """The last day on which the completion holds; None when it holds for good."""
    return add_months(completed_on, valid_months) if valid_months else None


def may_renew(expires_on: date | None, today: date, *, is_self: bool = False, by_unit: bool = False) -> bool:
    """Whether somebody who completed a course may take it again.

    By herself she waits until it has expired; HR renews from two months before. One that holds for good is given
    again only to people who are picked one by one, because a whole unit hardly means it.
    """
    if expires_on is None:
        return not is_self and not by_unit
    return today > expires_on if is_self else today >= expires_on - RENEW_BEFORE
