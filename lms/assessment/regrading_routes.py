"""Correcting a question after it was asked: what it would change first, then the new grades."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from lms.assessment import dry_runs, queries, regrading
from lms.assessment.forms import CorrectionForm, ReasonForm
from lms.assessment.models import DryRun
from lms.assessment.rules import CORRECTION_LABELS, ChangedMeanwhile, Correction, NoNewKey, NothingChanges
from lms.content import members
from lms.content.models import Course
from lms.content.queries import load_document
from lms.content.rules import WRITERS
from lms.content.service import lock
from lms.core import clock
from lms.core.db import begin_writing
from lms.core.i18n import _, _l
from lms.core.permissions import Permission
from lms.course.document import Quiz
from lms.web.access import requires, slow_first
from lms.web.forms import choices
from lms.web.pages import as_id, asked_id, fresh

bp = Blueprint("regrading", __name__)
Answer = str | tuple[str, int] | AnyResponse
GONE = _l("What you looked at is no longer there. Choose again what to look at.")


def _opened(slug: str, item: str) -> tuple[Course, Quiz]:
    course, _role = members.get_worked_on(current_user, slug, WRITERS)
    quiz = load_document(course.revision_id).quiz(item) if course.revision_id else None
    return course, quiz or abort(404)


def _asked(quiz: Quiz) -> CorrectionForm:
    form = CorrectionForm(request.form)
    form.question.choices = choices((one.id, one.title) for one in quiz.questions)
    form.how.choices = choices((one.value, str(label)) for one, label in CORRECTION_LABELS.items())
    return form


@bp.get("/soan/<slug>/tinh-lai/<item>")
@requires(Permission.COURSE_WRITE)
def quiz(slug: str, item: str) -> Answer:
    """Which question, and what is to be done; or how far a dry run is, then whose result would change."""
    course, found = _opened(slug, item)
    number = asked_id("thu")
    run = dry_runs.find(course, item, number)
    if run is None:
        if number is not None:
            flash(GONE, "notice")
        return _page(course, found, _asked(found))
    return _run_page(course, found, run, ReasonForm(reason=run.reason))


@bp.post("/soan/<slug>/tinh-lai/<item>/thu")
@requires(Permission.COURSE_WRITE)
@slow_first
def look(slug: str, item: str) -> Answer:
    """Find out what a correction would change; nothing changes by it."""
    course, found = _opened(slug, item)
    form = _asked(found)
    if not form.validate():
        return _page(course, found, form), 422
    try:
        planned = dry_runs.plan(course, item, form.question.data, Correction(form.how.data))
    except NoNewKey as refusal:
        form.how.errors = [refusal.text]
        return _page(course, found, form), 422
    begin_writing()
    return _to_run(slug, item, dry_runs.ask(planned, by=current_user, now=clock.now()))


def _to_run(slug: str, item: str, run: DryRun) -> AnyResponse:
    return redirect(url_for(".quiz", slug=slug, item=item, thu=run.id), 303)


def _page(course: Course, found: Quiz, form: CorrectionForm) -> str:
    return render_template("assessment/regrade.html", form=form, **_of_quiz(course, found))


def _of_quiz(course: Course, found: Quiz) -> dict[str, Any]:
    return {
        "course": course,
        "quiz": found,
        "made": [(one, CORRECTION_LABELS[Correction(one.how)]) for one in queries.corrections(course.id, found.id)],
        "titles": {question.id: question.title for question in found.questions},
    }  # fmt: skip


def _run_page(course: Course, found: Quiz, run: DryRun, form: ReasonForm) -> AnyResponse:
    is_going = run.done_at is None and not dry_runs.gave_up(run)
    of_quiz = _of_quiz(course, found)
    page = render_template(
        "assessment/dry_run.html",
        run=run,
        form=form,
        is_going=is_going,
        is_stale=dry_runs.is_stale(run, course, [one for one, _label in of_quiz["made"]]),
        how=CORRECTION_LABELS[Correction(run.how)],
        shown=dry_runs.changes(run) if run.done_at else (),
        **of_quiz,
    )
    answer = fresh(page, 422 if form.errors else 200)
    if is_going:
        answer.headers["Refresh"] = "5"
    return answer


@bp.post("/soan/<slug>/tinh-lai/<item>")
@requires(Permission.COURSE_WRITE)
@slow_first
def correct(slug: str, item: str) -> Answer:
    """Decide what a dry run has shown; the grades follow in the background."""
    course, found = _opened(slug, item)
    run, form = dry_runs.find(course, item, as_id(request.form.get("thu", ""))), ReasonForm(request.form)
    if run is None:
        flash(GONE, "notice")
        return redirect(url_for(".quiz", slug=slug, item=item), 303)
    if dry_runs.is_stale(run, course, queries.corrections(course.id, item)):
        return _look_again(course, item, run, form.reason.data)
    if run.done_at is None:
        return _to_run(slug, item, run)
    if not run.does_something:
        raise NothingChanges
    if not form.validate():
        return _run_page(course, found, run, form)
    how, question = Correction(run.how), run.question
    begin_writing()
    course, _quiz = _opened(slug, item)
    lock(course)
    run = dry_runs.find(course, item, run.id)
    if run is None or dry_runs.is_stale(run, course, queries.corrections(course.id, item)):
        raise ChangedMeanwhile
    regrading.correct(course, item, question, how, reason=form.reason.data, by=current_user, now=clock.now())
    flash(_("It is decided. The results are being worked out again; the old ones are kept."), "ok")
    return redirect(url_for(".quiz", slug=slug, item=item), 303)


def _look_again(course: Course, item: str, run: DryRun, reason: str | None) -> AnyResponse:
    """What stands now may be another thing: the same is asked again, and what was typed is kept."""
    try:
        planned = dry_runs.plan(course, item, run.question, Correction(run.how), reason)
    except NoNewKey as refusal:
        flash(refusal.text, "error")
        return redirect(url_for(".quiz", slug=course.slug, item=item), 303)
    begin_writing()
    again = dry_runs.ask(planned, by=current_user, now=clock.now())
    flash(_("The course or its corrections changed meanwhile. See below what would change now."), "notice")
    return _to_run(course.slug, item, again)
