"""What content tells the rest."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CoursePublished:
    """Learners read another revision of the course from now on."""

    course_id: int
    revision_id: int
