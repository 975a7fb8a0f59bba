"""Who may enrol, and where a learner stands."""

from datetime import date, datetime
from enum import StrEnum

from lms.core.errors import Refused
from lms.core.i18n import _l


class Status(StrEnum):
    """Where a learner stands in a course; finishing late still counts as done."""

    ACTIVE = "active"
    OVERDUE = "overdue"
    DONE = "done"


class AlreadyEnrolled(Refused):
    """One open enrolment for each person and course."""

    message = _l("This person already takes the course.")


class NotOpen(Refused):
    """Only HR enrols people in this course."""

    message = _l("This course is not open for enrolling oneself. Ask the HR officer of your unit.")


class CourseRetired(Refused):
    """Nobody new enrols in a retired course."""

    message = _l("This course is retired and takes nobody new.")


class NotFinishedBefore(Refused):
    """Reading is what is finished by pressing the button; a quiz is finished by passing it."""

    message = _l("A quiz is done when it is passed.")


def status(completed_at: datetime | None, due_on: date | None, today: date) -> Status:
    """Where a learner stands; the day due still counts as in time."""
    if completed_at is not None:
        return Status.DONE
    return Status.OVERDUE if due_on is not None and due_on < today else Status.ACTIVE
