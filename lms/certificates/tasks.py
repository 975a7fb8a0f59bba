"""Jobs of certificates: each safe to run twice."""

from lms.certificates import service
from lms.core import clock
from lms.core.db import begin_writing
from lms.learning.events import CourseCompleted


def issue_on_completion(event: CourseCompleted) -> None:
    """Completion issues the certificate, in the same transaction."""
    service.issue(event.enrolment_id, now=clock.now())


def render(subject: str) -> None:
    """Make and store the PDF of a certificate."""
    service.render(int(subject), now=clock.now())


def issue_waiting(_subject: str) -> None:
    """Issue what completed before there was an issuer."""
    begin_writing()
    service.issue_waiting(now=clock.now())
