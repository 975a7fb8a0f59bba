"""The pages that combine features."""

from operator import itemgetter

from flask import Blueprint, flash, jsonify, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy import text
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse
from wtforms import SelectChoice

from lms.audit import service as audit
from lms.audit.models import AuditEntry
from lms.audit.queries import actions, entries
from lms.certificates.routes import STATUS_WORDS
from lms.content.queries import get_course
from lms.core import clock, jobs
from lms.core.db import db
from lms.core.errors import Refused
from lms.core.i18n import _
from lms.core.permissions import Permission
from lms.home import guide_routes, queries
from lms.home.doings import DOINGS, THINGS
from lms.home.forms import AuditFilter, Sample
from lms.learning import service as learning
from lms.learning.forms import EnrolOneForm
from lms.learning.queries import assignable
from lms.web.access import public, requires, signed_in
from lms.web.forms import choices
from lms.web.pages import paged

bp = Blueprint("home", __name__, template_folder="templates")
bp.register_blueprint(guide_routes.bp)


@bp.get("/")
@public
def root() -> AnyResponse:
    """The first page: the tasks of whoever is signed in, else signing in."""
    return redirect(url_for(".start" if current_user.is_authenticated else "people.sign_in"), 303)


@bp.get("/viec-can-lam")
@signed_in
def start() -> str:
    """What to do next, first the attempt that was interrupted."""
    return render_template("home/start.html", tasks=queries.tasks(current_user, clock.now()))


@bp.get("/theo-doi/nguoi/<int:user_id>")
@requires(Permission.PEOPLE_READ)
def person(user_id: int) -> str:
    """One person: post, courses, certificates, and what HR can do for her."""
    return _person_page(user_id, EnrolOneForm(formdata=None))


def _person_page(user_id: int, form: EnrolOneForm) -> str:
    found = queries.person(current_user, user_id, clock.now())
    form.course.choices = _not_taken(found)
    return render_template("home/person.html", person=found, form=form, status_words=STATUS_WORDS)


def _not_taken(found: queries.Person) -> list[SelectChoice]:
    if found.user.deactivated_at is not None:
        return []
    return choices([(row.slug, row.title) for row in assignable() if row.slug not in found.open_courses])


@bp.post("/theo-doi/nguoi/<int:user_id>")
@requires(Permission.ENROL_OTHERS)
def enrol_person(user_id: int) -> str | tuple[str, int] | AnyResponse:
    """Give the person a course."""
    form = EnrolOneForm()
    form.today = clock.today()
    form.course.choices = _not_taken(queries.person(current_user, user_id, clock.now()))
    if not form.validate():
        return _person_page(user_id, form), 422
    course = get_course(form.course.data)
    try:
        enrolment = learning.enrol(user_id, course, by=current_user, due_on=form.due_on.data, now=clock.now())
    except Refused as refusal:
        form.course.errors = [refusal.text]
        return _person_page(user_id, form), refusal.status
    text = _("%(who)s is enrolled in “%(course)s”.", who=enrolment.learner.name, course=course.title)
    flash({"text": text, "undo_url": url_for("learning.withdraw", enrolment_id=enrolment.id)}, "ok")  # type: ignore[arg-type]
    return redirect(url_for(".person", user_id=user_id), 303)


@bp.get("/tro-giup")
@public
def help_page() -> str:
    """How to use the product, on one page."""
    return render_template("home/help.html")


@bp.get("/_ui")
@public
def gallery() -> str:
    """Every part that pages are made of, in every state."""
    chosen, wrong = (
        Sample(MultiDict({"s-trang-thai": "active"}), prefix="s-"),
        Sample(MultiDict({"w-tu": "31/31/2026"}), prefix="w-"),
    )
    wrong.validate()
    return render_template("gallery.html", chosen=chosen, wrong=wrong, day=clock.today())


@bp.get("/healthz")
@public
def health() -> AnyResponse:
    """200 when the database answers: for watchdogs."""
    db.session.execute(text("SELECT 1"))
    return jsonify(status="ok")


@bp.get("/quan-tri/nhat-ky")
@requires(Permission.AUDIT_READ)
def audit_trail() -> str | tuple[str, int]:
    """Who did what to what, newest first; with a filter that cannot be read only what is wrong with it."""
    form = AuditFilter()
    known = sorted(((action, str(DOINGS.get(action, action))) for action in actions()), key=itemgetter(1))
    form.action.choices = choices([("", _("Everything")), *known])
    if not form.validate():
        return render_template("home/audit_trail.html", form=form, page=None), 422
    chosen = entries(actor=form.actor.data or "", action=form.action.data, start=form.start.data, end=form.end.data)
    page = paged(chosen, [AuditEntry.id], descending=True)
    return render_template("home/audit_trail.html", form=form, page=page, doings=DOINGS, things=THINGS)


@bp.get("/quan-tri/he-thong")
@requires(Permission.SYSTEM_READ)
def system() -> str:
    """How the system is: work that waits, work that was given up."""
    return render_template("home/system.html", waiting=jobs.count_waiting(clock.now()), given_up=jobs.failed())


@bp.post("/quan-tri/he-thong/viec/<int:job_id>/lai")
@requires(Permission.SYSTEM_READ)
def retry_job(job_id: int) -> AnyResponse:
    """Let a given-up job run again."""
    now = clock.now()
    if job := jobs.retry(job_id, now=now):
        audit.record(current_user, "core:job:retry", job, now=now, label=job.kind)
        flash(_("The job will run again in a moment."), "ok")
    return redirect(url_for(".system"), 303)
