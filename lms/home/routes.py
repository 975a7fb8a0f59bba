"""The pages that combine features."""

from datetime import date, datetime

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import text
from werkzeug.wrappers import Response as AnyResponse

from lms.audit import service as audit
from lms.audit.models import AuditEntry
from lms.audit.queries import entries
from lms.core import clock, jobs
from lms.core.db import db
from lms.core.i18n import _
from lms.core.permissions import Permission
from lms.home import queries
from lms.web.access import public, requires, signed_in
from lms.web.pages import paged

bp = Blueprint("home", __name__, template_folder="templates")


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


@bp.get("/tro-giup")
@public
def help_page() -> str:
    """How to use the product, on one page."""
    return render_template("home/help.html")


@bp.get("/_ui")
@public
def gallery() -> str:
    """Every part that pages are made of, in every state."""
    return render_template("gallery.html")


@bp.get("/healthz")
@public
def health() -> AnyResponse:
    """200 when the database answers: for watchdogs."""
    db.session.execute(text("SELECT 1"))
    return jsonify(status="ok")


@bp.get("/quan-tri/nhat-ky")
@requires(Permission.AUDIT_READ)
def audit_trail() -> str:
    """Who did what to what, newest first."""
    chosen = {
        "actor": request.args.get("nguoi", ""),
        "action": request.args.get("viec", ""),
        "start": _day("tu"),
        "end": _day("den"),
    }
    page = paged(entries(**chosen), [AuditEntry.id], descending=True)
    return render_template("home/audit_trail.html", page=page, chosen=chosen)


def _day(name: str) -> date | None:
    """A day of the query string; what is not one counts as not given."""
    try:
        return datetime.strptime(request.args.get(name, ""), "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None


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
