"""The job of printouts: safe to run twice."""

from lms.core import clock
from lms.course.printouts import Kind
from lms.handouts import service


def draw(subject: str) -> None:
    """Draw one printout of a course."""
    course_id, _dot, kind = subject.partition(".")
    service.draw(int(course_id), Kind(kind), now=clock.now())
