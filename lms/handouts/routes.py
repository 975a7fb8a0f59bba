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
    found = service.find(standing.course.id, standing.course.digest, standing.doc, Kind(kind))
    if found is None:
        is_made = service.is_being_made(standing.course.id, Kind(kind))
        answer = fresh(render_template("handouts/being_made.html", slug=slug, kind=kind, is_made=is_made), 202)
        if is_made:
            answer.headers["Refresh"] = "3"
        return answer
    response = Response(found.data, mimetype="application/pdf")
    response.set_etag(found.key)
    name = f"{kind}_{ascii_name(standing.doc.title)[:80].strip('-')}.pdf"
    response.headers["Content-Disposition"] = f"inline; filename={name}"
    return response.make_conditional(request)


@bp.post("/khoa-hoc/<slug>/<kind>.pdf")
@signed_in
def draw(slug: str, kind: str) -> Answer:
    """Let it be drawn anew: a local name has changed since, or it was never drawn."""
    standing = _opened(slug, kind)
    if standing.enrolment is None:
        abort(404)
    service.ask(standing.course.id, Kind(kind), now=clock.now())
    return redirect(url_for(".printout", slug=slug, kind=kind), 303)


def _opened(slug: str, kind: str) -> Standing:
    standing = get_standing(current_user.id, slug)
    return standing if kind in kinds(standing.doc) else abort(404)
