"""A drill: its rules, the scene, deciding, the debrief, the minutes."""

from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from lms.content import rendering, scenes
from lms.content.preview import legal_basis
from lms.content.queries import load_document, local_values, pieces
from lms.core import clock
from lms.core.i18n import _, speaking
from lms.course import drills
from lms.course.document import CourseDoc, Drill
from lms.course.drills import Play
from lms.course.markdown import fill
from lms.drills import minutes as document
from lms.drills import queries, service
from lms.learning.outline import url_of
from lms.learning.queries import get_standing
from lms.people.queries import find_post
from lms.web.access import signed_in
from lms.web.pages import as_id, fresh
from lms.web.security import limiter

bp = Blueprint("drills", __name__, template_folder="templates")
Answer = str | tuple[str, int] | AnyResponse


@bp.get("/dien-tap/<slug>/<item>")
@signed_in
def drill(slug: str, item: str) -> Answer:
    """Every rule of the drill in words, the runs so far, and the one button."""
    standing = get_standing(current_user.id, slug)
    found = standing.doc.drill(item)
    if found is None:
        abort(404)
    if standing.enrolment is None:
        flash(_("Enrol in the course to take part in its drills."), "notice")
        return redirect(url_for("learning.course", slug=slug), 303)
    past = queries.runs(standing.enrolment.enrolment_id, item)
    made = pieces(standing.course.revision_id, item, standing.course.digest)
    after = standing.next_item
    return render_template(
        "drills/drill.html",
        standing=standing,
        drill=found,
        starts=scenes.moment(found, 0),
        introduction=_filled(made[rendering.DRILL_TEXT]["body"]),
        past=past,
        open=next((run for run in past if run.ended_at is None), None),
        counted=standing.done.get(item),
        next_url=url_of(standing, after) if after and after != item else None,
    )


def _filled(html: str) -> str:
    return fill(html, local_values(), _("not filled in yet"))


@bp.post("/dien-tap/<slug>/<item>/bat-dau")
@signed_in
def begin(slug: str, item: str) -> Answer:
    """Open a run, or go on with the open one."""
    standing = get_standing(current_user.id, slug)
    found = standing.doc.drill(item)
    if found is None or standing.enrolment is None:
        abort(404)
    run = service.begin(standing.enrolment.enrolment_id, standing.course.revision_id, found, now=clock.now())
    return redirect(url_for(".run", run_id=run.id), 303)


def _drill_of(row: Row) -> tuple[CourseDoc, Drill]:
    doc = load_document(row.revision_id, row.digest)
    return doc, doc.drill(row.item) or abort(404)


def _played(row: Row, found: Drill) -> tuple[Play, list[Row]]:
    decided = queries.decisions(row.id)
    return drills.play(found, [one.choice for one in decided]), decided


@bp.get("/luot-dien-tap/<int:run_id>")
@signed_in
def run(run_id: int) -> Answer:
    """The scene in which the run stands, with what came of the last decision."""
    row = queries.get_run(current_user.id, run_id)
    if row.ended_at is not None:
        return redirect(url_for(".debrief", run_id=run_id), 303)
    doc, found = _drill_of(row)
    played, _decided = _played(row, found)
    if drills.is_over(found, played.state):  # ended in another tab since the row was read
        return redirect(url_for(".debrief", run_id=run_id), 303)
    fill_in = partial(fill, values=local_values(), missing_label=_("not filled in yet"))
    view = scenes.scene(found, pieces(row.revision_id, row.item, row.digest), played, fill_in)
    shown = replace(found, cites=scenes.cited(found, view))
    return fresh(render_template("drills/scene.html", run=row, drill=found, view=view, **legal_basis(doc, shown)))


@bp.post("/luot-dien-tap/<int:run_id>")
@signed_in
def decide(run_id: int) -> Answer:
    """Make the decision of a step; sent again it changes nothing."""
    step, choice = as_id(request.form.get("step", "")) or 0, _place(request.form.get("choice", ""))
    if not service.decide(current_user.id, run_id, step=step, choice=choice, now=clock.now()):
        flash(_("That step was decided already; your first decision counts. Here is how the drill stands."), "notice")
    return redirect(url_for(".run", run_id=run_id), 303)


def _place(written: str) -> int:
    """The place of a choice; one that no scene has for what is no number."""
    return int(written) if written.isascii() and written.isdigit() and len(written) < 4 else -1


@bp.get("/luot-dien-tap/<int:run_id>/ket-qua")
@signed_in
def debrief(run_id: int) -> Answer:
    """The result, the way that was taken and the best one, and the reason of each decision."""
    row, told = _told(run_id)
    if told is None:
        return redirect(url_for(".run", run_id=run_id), 303)
    return fresh(render_template("drills/debrief.html", run=row, **told))


@bp.get("/luot-dien-tap/<int:run_id>/bien-ban")
@signed_in
def minutes(run_id: int) -> Answer:
    """The same as minutes to be printed and filed."""
    row, told = _told(run_id)
    if told is None:
        return redirect(url_for(".run", run_id=run_id), 303)
    return fresh(render_template("drills/minutes.html", run=row, **told))


@bp.get("/luot-dien-tap/<int:run_id>/bien-ban.pdf")
@signed_in
@limiter.limit("20 per minute", key_func=lambda: str(current_user.get_id()))
def minutes_pdf(run_id: int) -> Answer:
    """The same as a document with a head, numbered pages and places to sign."""
    with speaking("vi"):
        row, told = _told(run_id)
        if told is None:
            return redirect(url_for(".run", run_id=run_id), 303)
        post = find_post(current_user.id, clock.day_of(row.ended_at))
        drawn = document.draw(row, told, post, request.url_root)
    response = Response(drawn, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f"attachment; filename={document.file_name(row, told['drill'].title)}"
    response.headers["Cache-Control"] = "no-store"
    return response


def _told(run_id: int) -> tuple[Row, dict[str, Any] | None]:
    """One's own run and what is to be said of it; None while it is open."""
    row = queries.get_run(current_user.id, run_id)
    if row.ended_at is None:
        return row, None
    doc, found = _drill_of(row)
    played, decided = _played(row, found)
    fill_in = partial(fill, values=local_values(), missing_label=_("not filled in yet"))
    told = scenes.debrief(found, pieces(row.revision_id, row.item, row.digest), played, fill_in)
    for step, decision in zip(told["steps"], decided, strict=True):
        step["decided_at"] = decision.decided_at
    return row, {"told": told, "drill": found, **legal_basis(doc, found)}
