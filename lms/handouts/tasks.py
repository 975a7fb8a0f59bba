"""Jobs of printouts: safe to run twice."""

from lms.content.events import CoursePublished
from lms.content.queries import load_document
from lms.core import clock
from lms.course.printouts import Kind, kinds
from lms.handouts import service


def draw_on_publish(event: CoursePublished) -> None:
    """Whoever prints should not have to wait."""
    for kind in kinds(load_document(event.revision_id)):
        service.ask(event.course_id, kind, now=clock.now())


def draw(subject: str) -> None:
    """Draw one printout of a course."""
    course_id, _dot, kind = subject.partition(".")
    service.draw(int(course_id), Kind(kind), now=clock.now())
