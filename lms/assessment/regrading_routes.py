"""Correcting a question after it was asked: what it would change first, then the new grades."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from lms.assessment import queries, regrading
from lms.assessment.forms import CorrectionForm
from lms.assessment.models import QuestionCorrection
from lms.assessment.regrading import DryRun
from lms.assessment.rules import CORRECTION_LABELS, Correction, NoNewKey, NothingChanges
from lms.content import members
from lms.content.models import Course
from lms.content.queries import load_document
from lms.content.rules import WRITERS
from lms.content.service import lock
from lms.core import clock
from lms.core.db import begin_writing
from lms.core.i18n import _
from lms.core.permissions import Permission
from lms.course.document import Quiz
from lms.web.access import requires, slow_first
from lms.web.forms import choices

bp = Blueprint("regrading", __name__)
Answer = str | tuple[str, int] | AnyResponse
SHOWN = 200


def _opened(slug: str, item: str) -> tuple[Course, Quiz]:
    course, _role = members.get_worked_on(current_user, slug, WRITERS)
    quiz = load_document(course.revision_id).quiz(item) if course.revision_id else None
    return course, quiz or abort(404)


def _form(quiz: Quiz) -> CorrectionForm:
    form = CorrectionForm(request.form if request.method == "POST" else request.args)
    form.question.choices = choices((one.id, one.title) for one in quiz.questions)
    form.how.choices = choices((one.value, str(label)) for one, label in CORRECTION_LABELS.items())
    return form


@bp.get("/soan/<slug>/tinh-lai/<item>")
@requires(Permission.COURSE_WRITE)
def quiz(slug: str, item: str) -> Answer:
    """Which question, and what is to be done; with both said, whose result would change."""
    course, found = _opened(slug, item)
    form = _form(found)
    made = queries.corrections(course.id, item)
    if "question" not in request.args or not (form.question.validate(form) and form.how.validate(form)):
        return _page(course, found, form, made)
    try:
        run = regrading.dry_run(course, item, form.question.data, Correction(form.how.data), made)
    except NoNewKey as refusal:
        form.how.errors = [refusal.text]
        return _page(course, found, form, made)
    return _page(course, found, form, made, run)


def _page(
    course: Course, found: Quiz, form: CorrectionForm, made: list[QuestionCorrection], run: DryRun | None = None
) -> str:
    return render_template(
        "assessment/regrade.html",
        course=course,
        quiz=found,
        form=form,
        run=run,
        seen=_seen(course, made),
        how=CORRECTION_LABELS[Correction(form.how.data)] if run else "",
        shown=run.changes[:SHOWN] if run else (),
        made=[(one, CORRECTION_LABELS[Correction(one.how)]) for one in reversed(made)],
        titles={question.id: question.title for question in found.questions},
    )


def _seen(course: Course, made: list[QuestionCorrection]) -> str:
    """What a dry run was worked out of: the revision that is published, and the newest correction."""
    return f"{course.revision_id}.{made[-1].id if made else 0}"


@bp.post("/soan/<slug>/tinh-lai/<item>")
@requires(Permission.COURSE_WRITE)
@slow_first
def correct(slug: str, item: str) -> Answer:
    """Decide it; the grades follow in the background."""
    course, found = _opened(slug, item)
    form, made = _form(found), queries.corrections(course.id, item)
    if not (form.question.validate(form) and form.how.validate(form)):
        return _page(course, found, form, made), 422
    how = Correction(form.how.data)
    run = regrading.dry_run(course, item, form.question.data, how, made)
    if not run.does_something:
        raise NothingChanges
    if not form.validate():
        return _page(course, found, form, made, run), 422
    seen = _seen(course, made)
    if form.seen.data != seen:
        flash(_("The course or its corrections changed meanwhile. See below what would change now."), "notice")
        return _page(course, found, form, made, run), 409
    begin_writing()
    course, _quiz = _opened(slug, item)
    lock(course)
    if _seen(course, queries.corrections(course.id, item)) != seen:
        flash(_("The course or its corrections changed meanwhile. See below what would change now."), "notice")
        return redirect(url_for(".quiz", slug=slug, item=item), 303)
    regrading.correct(
        course, item, form.question.data, how, reason=form.reason.data, by=current_user, now=clock.now()
    )  # fmt: skip
    flash(_("It is decided. The results are being worked out again; the old ones are kept."), "ok")
    return redirect(url_for(".quiz", slug=slug, item=item), 303)
