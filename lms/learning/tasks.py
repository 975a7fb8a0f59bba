"""Jobs of learning: each safe to run twice."""

from lms.content.events import CoursePublished
from lms.core import clock, jobs
from lms.core.db import begin_writing
from lms.learning import queries, service

AT_ONCE = 50
"""Enrolments of one job: each batch is a transaction of its own, so that learners can save in between."""


def reevaluate_on_publish(event: CoursePublished) -> None:
    """Whoever lacks nothing of the new revision is not left waiting for the next click that will never come."""
    if queries.open_enrolments(event.course_id, after=0, limit=1):
        jobs.enqueue("learning.reevaluate", f"{event.course_id} {event.revision_id} 0", now=clock.now())


def reevaluate(subject: str) -> None:
    """Complete the open enrolments of a course that now have everything, a batch after another."""
    course_id, revision_id, after = map(int, subject.split())
    enrolments = queries.open_enrolments(course_id, after=after, limit=AT_ONCE)
    complete = queries.complete_among(course_id, enrolments)
    begin_writing()
    now = clock.now()
    for enrolment_id in complete:
        service.reevaluate(enrolment_id, now=now)
    if len(enrolments) == AT_ONCE:
        jobs.enqueue("learning.reevaluate", f"{course_id} {revision_id} {enrolments[-1]}", now=now)
