"""Every consequence that crosses features, and every kind of job, on one page."""

from lms.assessment import tasks as assessment
from lms.certificates import tasks as certificates
from lms.content import publications
from lms.content.events import CoursePublished
from lms.core.bus import Reactions
from lms.core.jobs import Handler
from lms.handouts import tasks as handouts
from lms.learning import tasks as learning
from lms.learning.events import CourseCompleted

REACTIONS: Reactions = {
    CoursePublished: (learning.reevaluate_on_publish,),
    CourseCompleted: (certificates.issue_on_completion,),
}

HANDLERS: dict[str, Handler] = {
    publications.JOB: publications.publish_due,
    "learning.reevaluate": learning.reevaluate,
    "handouts.draw": handouts.draw,
    "assessment.close": assessment.close,
    "assessment.release": assessment.release,
    "assessment.dry_run": assessment.dry_run,
    "assessment.regrade": assessment.regrade,
    "assessment.statistics": assessment.work_out_statistics,
    "certificates.render": certificates.render,
    "certificates.issue_waiting": certificates.issue_waiting,
}
