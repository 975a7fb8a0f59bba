"""What of a course is printed, as PDFs that a job draws and that are kept."""

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from lms.core import clock
from lms.core.i18n import _
from lms.core.text import ascii_name
from lms.course.printouts import Kind, kinds
from lms.handouts import service
from lms.learning.queries import Standing, get_standing
from lms.web.access import signed_in
from lms.web.pages import fresh

bp = Blueprint("handouts", __name__, template_folder="templates")
Answer = str | tuple[str, int] | AnyResponse


@bp.get("/khoa-hoc/<slug>/<kind>.pdf")
@signed_in
def printout(slug: str, kind: str) -> Answer:
    """The PDF for those who take the course; while it is being drawn, a page that says so and tries again."""
    standing = _opened(slug, kind)
    if standing.enrolment is None:
        flash(_("Enrol in the course to read its lessons."), "notice")
        return redirect(url_for("learning.course", slug=slug), 303)
    key = service.current_key(standing.course.id, standing.course.digest, standing.doc, Kind(kind))
    if key is not None and key in request.if_none_match:
        return Response(status=304)
    data = service.load(standing.course.id, Kind(kind), key) if key else None
    if key is None or data is None:
        return _not_there(standing, kind)
    response = Response(data, mimetype="application/pdf")
    response.set_etag(key)
    name = f"{kind}_{ascii_name(standing.doc.title)[:80].strip('-')}.pdf"
    response.headers["Content-Disposition"] = f"inline; filename={name}"
    return response


@bp.post("/khoa-hoc/<slug>/<kind>.pdf")
@signed_in
def draw(slug: str, kind: str) -> Answer:
    """To the PDF; what it says today is drawn first, where that was not done yet."""
    standing = _opened(slug, kind)
    if standing.enrolment is None:
        abort(404)
    course = standing.course
    if service.current_key(course.id, course.digest, standing.doc, Kind(kind)) is None:
        service.ask(course.id, Kind(kind), now=clock.now())
    return redirect(url_for(".printout", slug=slug, kind=kind), 303)


def _not_there(standing: Standing, kind: str) -> AnyResponse:
    course_id = standing.course.id
    is_made = service.is_being_made(course_id, Kind(kind))
    page = render_template(
        "handouts/being_made.html", slug=standing.course.slug, kind=kind, is_made=is_made,
        has_failed=not is_made and service.has_failed(course_id, Kind(kind)),
    )  # fmt: skip
    answer = fresh(page, 202)
    if is_made:
        answer.headers["Refresh"] = "3"
    return answer


def _opened(slug: str, kind: str) -> Standing:
    standing = get_standing(current_user.id, slug)
    return standing if kind in kinds(standing.doc) else abort(404)
