"""What learning tells the rest."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Enrolled:
    """A person takes a course."""

    enrolment_id: int


@dataclass(frozen=True)
class CourseCompleted:
    """Everything required is done; said once for each enrolment."""

    enrolment_id: int
