"""The trainer's pages: upload, problems, preview, publish; course files; local values."""

from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from lms.content import queries, rendering, service
from lms.content.forms import PublishForm, UploadForm
from lms.content.models import Course, Draft, Revision
from lms.content.rules import INTRODUCTION, count_errors, delivery
from lms.core import blobs, clock
from lms.core.db import begin_writing, db
from lms.core.i18n import _
from lms.core.permissions import Permission
from lms.core.text import normalise
from lms.course.document import CourseDoc, Quiz, load
from lms.course.markdown import fill
from lms.course.parse import parse
from lms.course.problems import Level, Problem
from lms.course.source import Source, from_zip, to_zip
from lms.web.access import requires, signed_in, slow_first

bp = Blueprint("content", __name__, template_folder="templates")
Answer = str | tuple[str, int] | AnyResponse


@bp.get("/soan")
@requires(Permission.COURSE_WRITE)
def courses() -> Answer:
    """All courses, and the place to upload one."""
    return _courses_page(UploadForm())


def _courses_page(form: UploadForm, problems: list[Problem] | None = None) -> str:
    shown = _shown(problems or [])
    return render_template(
        "content/courses.html", form=form, problems=shown, courses=queries.courses(), drafts=queries.new_drafts()
    )


def _shown(problems: list[Problem]) -> list[dict[str, Any]]:
    """Problems in the reader's language, errors first within the list's own order."""
    return [{"path": p.path, "line": p.line, "level": p.level.value, "text": p.text(_)} for p in sorted(problems)]


@bp.post("/soan/tai-len")
@requires(Permission.COURSE_WRITE)
@slow_first
def upload() -> Answer:
    """Read the zip, keep it as a draft, show what is wrong with it."""
    form = UploadForm()
    if not form.validate():
        return _courses_page(form), 422
    source, problems = from_zip(form.file.data.read())
    doc = None
    if source is not None:
        doc, problems = parse(source)
    if source is None or doc is None or not doc.id:
        form.file.errors = [
            _("This file is no course that can be read. What is wrong stands below; nothing was changed.")
        ]
        return _courses_page(form, problems), 422
    prepared = service.prepare(source, doc, problems)
    begin_writing()
    service.save_draft(prepared, by=current_user, now=clock.now())
    return redirect(url_for(".draft", slug=doc.id), 303)


@bp.get("/soan/<slug>")
@requires(Permission.COURSE_WRITE)
def draft(slug: str) -> Answer:
    """One course: what waits, its problems, its history."""
    return _draft_page(slug, PublishForm())


def _draft_page(slug: str, form: PublishForm) -> str:
    waiting, course = queries.find_draft(slug), queries.find_course(slug)
    if waiting is None and course is None:
        abort(404)
    problems = _problems(waiting) if waiting else []
    doc = load(waiting.document) if waiting else None
    return render_template(
        "content/draft.html",
        slug=slug,
        draft=waiting,
        doc=doc,
        course=course,
        problems=_shown(problems),
        errors=count_errors(problems),
        revisions=queries.revisions(course) if course else [],
        form=form,
    )


def _problems(waiting: Draft) -> list[Problem]:
    return [Problem(p["path"], p["line"], Level(p["level"]), p["message"], p["values"]) for p in waiting.problems]


@bp.post("/soan/<slug>/xuat-ban")
@requires(Permission.COURSE_WRITE)
@slow_first
def publish(slug: str) -> Answer:
    """Make the draft the revision that learners read."""
    form = PublishForm()
    if not form.validate():
        return _draft_page(slug, form), 422
    waiting = service.same_draft(slug, request.form.get("digest", ""))
    source = Source({path: blobs.get(digest) for path, digest in waiting.files.items()})
    prepared = service.prepare(source, load(waiting.document), _problems(waiting))
    begin_writing()
    service.same_draft(slug, prepared.digest)
    revision = service.publish(
        prepared, by=current_user, now=clock.now(), note=form.note.data, is_material=form.weight.data == "material"
    )
    flash(
        _("Published as revision %(number)d. Attempts that are open keep their questions.", number=revision.number),
        "ok",
    )
    return redirect(url_for(".draft", slug=slug), 303)


@bp.get("/soan/<slug>/xem-truoc", defaults={"item": INTRODUCTION})
@bp.get("/soan/<slug>/xem-truoc/<item>")
@requires(Permission.COURSE_WRITE)
def preview(slug: str, item: str) -> Answer:
    """An item of the draft as a learner will see it; nothing is recorded."""
    waiting = queries.get_draft(slug)
    doc = load(waiting.document)
    found = doc.item(item)
    if found is None and item != INTRODUCTION:
        abort(404)
    pieces = rendering.pieces(doc, item, waiting.files)
    if isinstance(found, Quiz):
        return _quiz_preview(slug, doc, found, pieces)
    body = fill(pieces["body"], queries.local_values(), _("not filled in yet"))
    title = found.title if found else doc.title
    return render_template("content/preview.html", slug=slug, doc=doc, title=title, body=body, item=item)


def _quiz_preview(slug: str, doc: CourseDoc, quiz: Quiz, pieces: dict[str, Any]) -> str:
    """Every question as it will be asked, without its key."""
    fill_in = partial(fill, values=queries.local_values(), missing_label=_("not filled in yet"))
    orders = {q.id: q.order(slug) for q in quiz.questions}
    shown = [(q.view(orders[q.id]), rendering.shown(pieces[q.id], orders[q.id], fill_in)) for q in quiz.questions]
    return render_template(
        "content/preview_quiz.html", slug=slug, doc=doc, quiz=quiz, pieces=pieces, questions=shown, item=quiz.id
    )


@bp.post("/soan/<slug>/mo")
@requires(Permission.COURSE_WRITE)
def set_open(slug: str) -> Answer:
    """Let learners enrol themselves, or not."""
    course, is_open = queries.get_course(slug), request.form.get("is_open") == "1"
    service.set_open(course, is_open=is_open, by=current_user, now=clock.now())
    flash(_("Learners may enrol themselves.") if is_open else _("Only HR enrols people now."), "ok")
    return redirect(url_for(".draft", slug=slug), 303)


@bp.post("/soan/<slug>/luu-tru")
@requires(Permission.COURSE_WRITE)
def set_retired(slug: str) -> Answer:
    """Retire the course, or take learners again, as the button says: pressed twice it does the same."""
    course, wanted = queries.get_course(slug), request.form.get("is_retired") == "1"
    if wanted == (course.retired_at is not None):
        return redirect(url_for(".draft", slug=slug), 303)
    if wanted:
        service.retire(course, by=current_user, now=clock.now())
        flash(
            _("The course is retired: nobody new enrols, those who take it may finish. The same button reopens it."),
            "ok",
        )
    else:
        service.reopen(course, by=current_user, now=clock.now())
        flash(_("The course takes learners again."), "ok")
    return redirect(url_for(".draft", slug=slug), 303)


@bp.get("/soan/<slug>/phien-ban/<int:number>.zip")
@requires(Permission.COURSE_WRITE)
def download(slug: str, number: int) -> Answer:
    """A revision as the zip that it was."""
    query = (
        db.select(Revision.files)
        .join(Course, Course.id == Revision.course_id)
        .where(Course.slug == slug, Revision.number == number)
    )
    files = db.session.scalar(query)
    if files is None:
        abort(404)
    data = to_zip(Source({path: blobs.get(digest) for path, digest in files.items()}))
    response = Response(data, mimetype="application/zip")
    response.headers["Content-Disposition"] = f"attachment; filename={slug}-{number}.zip"
    return response


@bp.get("/tep/<digest>/<path:name>")
@signed_in
def file(digest: str, name: str) -> Answer:
    """A picture or download of a course; kept by browsers for ever, since its address is its content."""
    if not queries.may_serve(digest, normalise(name), drafts=current_user.may(Permission.COURSE_WRITE)):
        abort(404)
    sent = delivery(name)
    response = send_file(
        blobs.path(digest),
        mimetype=sent.mimetype,
        as_attachment=not sent.is_inline,
        download_name=name,
        conditional=True,
        etag=digest,
    )
    response.headers.update(sent.headers)
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


@bp.get("/quan-tri/bien-dia-phuong")
@requires(Permission.LOCAL_VALUES_WRITE)
def local_values() -> Answer:
    """What the courses' names in braces stand for here."""
    return render_template("content/local_values.html", names=queries.local_names(), values=queries.local_values())


@bp.post("/quan-tri/bien-dia-phuong")
@requires(Permission.LOCAL_VALUES_WRITE)
def set_local_values() -> Answer:
    """Fill them in."""
    typed = {
        name: normalise(request.form.get(name, ""))[:500] for name in queries.local_names() if name in request.form
    }
    service.set_local_values(typed, by=current_user, now=clock.now())
    flash(_("The local values are saved; lessons show them from now on."), "ok")
    return redirect(url_for(".local_values"), 303)
