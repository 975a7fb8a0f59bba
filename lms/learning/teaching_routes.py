"""A trainer looks after the learners of her course: who stands where, and deciding about an item against its result."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from lms.content.members import get_worked_on
from lms.content.models import Course
from lms.content.queries import load_document
from lms.content.rules import WRITERS
from lms.core import clock
from lms.core.i18n import _
from lms.core.permissions import Permission
from lms.course.completion import finished, progress, requirements
from lms.course.document import CourseDoc
from lms.learning import queries, service
from lms.learning.forms import OverrideForm
from lms.learning.models import Enrolment
from lms.learning.outline import item_title, steps
from lms.people.models import User
from lms.web.access import requires
from lms.web.forms import choices
from lms.web.pages import paged

bp = Blueprint("teaching", __name__, template_folder="templates")
Answer = str | tuple[str, int] | AnyResponse


@bp.get("/soan/<slug>/hoc-vien")
@requires(Permission.COURSE_WRITE)
def learners(slug: str) -> Answer:
    """Who takes the course, and how far each is."""
    course, _role = get_worked_on(current_user, slug, WRITERS)
    words = request.args.get("tim", "").strip()[:100]
    page = paged(queries.learners(course.id, words), [User.sort_key, Enrolment.id])
    counts = {}
    if course.revision_id:
        doc, done = load_document(course.revision_id), queries.done_of([row.id for row in page.rows])
        counts = {row.id: steps(doc, progress(doc, done[row.id])) for row in page.rows}
    return render_template("learning/learners.html", course=course, page=page, words=words, steps=counts)


@bp.get("/soan/<slug>/hoc-vien/<int:enrolment_id>")
@requires(Permission.COURSE_WRITE)
def learner(slug: str, enrolment_id: int) -> Answer:
    """One learner's items, what was said about them, and the form to decide about one."""
    course, _role = get_worked_on(current_user, slug, WRITERS)
    found = queries.get_taught(course.id, enrolment_id)
    return _learner_page(course, found, OverrideForm(formdata=None, item=request.args.get("bai")))


def _learner_page(course: Course, found: Enrolment, form: OverrideForm) -> str:
    doc, done = _doc(course), queries.records(found.id)
    form.item.choices = choices(_titles(doc).items())
    return render_template(
        "learning/learner.html",
        course=course,
        enrolment=found,
        learner=found.learner,
        doc=doc,
        done=done,
        finished=finished(doc, done),
        asked=requirements(doc, done),
        titles=_titles(doc),
        said=queries.overrides_of(found.id),
        form=form,
    )


def _doc(course: Course) -> CourseDoc:
    return load_document(course.revision_id)


def _titles(doc: CourseDoc) -> dict[str, str]:
    return {entry.item: item_title(doc, entry.item) for entry in doc.items if entry.item}


@bp.post("/soan/<slug>/hoc-vien/<int:enrolment_id>")
@requires(Permission.COURSE_WRITE)
def decide(slug: str, enrolment_id: int) -> Answer:
    """The item counts as passed, or does not, whatever its result."""
    course, _role = get_worked_on(current_user, slug, WRITERS)
    found, form = queries.get_taught(course.id, enrolment_id), OverrideForm()
    form.item.choices = choices(_titles(_doc(course)).items())
    if not form.validate():
        return _learner_page(course, found, form), 422
    service.override(
        found, form.item.data, passed=form.decision.data == "yes", reason=form.reason.data, by=current_user,
        now=clock.now(),
    )  # fmt: skip
    flash(_("The decision is recorded; the learner and HR see it with your name and the reason."), "ok")
    return redirect(url_for(".learner", slug=slug, enrolment_id=enrolment_id), 303)
