"""The trainer's courses: begin one, bring one along, see how it stands; course files; local values."""

from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from lms.content import drafting, drafts, media, members, publications, queries, service, starters
from lms.content.bench import bench
from lms.content.forms import NewCourseForm, UploadForm
from lms.content.rules import COURSE_ROLE_LABELS, WRITERS, CourseRole, SlugTaken, count_errors, delivery
from lms.core import blobs, clock
from lms.core.db import begin_writing
from lms.core.i18n import _
from lms.core.permissions import Permission
from lms.core.text import normalise
from lms.core.text import slug as slug_of
from lms.course.desk import TITLE_LIMIT
from lms.course.document import CourseDoc
from lms.course.parse import parse
from lms.course.problems import Problem
from lms.course.source import Source, from_zip, to_zip
from lms.web.access import requires, signed_in, slow_first

bp = Blueprint("content", __name__, template_folder="templates")
Answer = str | tuple[str, int] | AnyResponse


@bp.get("/soan")
@requires(Permission.COURSE_WRITE)
def courses() -> Answer:
    """The courses that one works on, and the places to begin one or bring one along."""
    return _courses_page()


def _courses_page(
    new: NewCourseForm | None = None, form: UploadForm | None = None, problems: list[Problem] | None = None
) -> str:
    return render_template(
        "content/courses.html",
        new=new or NewCourseForm(formdata=None),
        upload_form=form or UploadForm(formdata=None),
        form=form or new,
        problems=shown(problems or []),
        courses=queries.courses(current_user.id),
        labels=COURSE_ROLE_LABELS,
    )


def shown(problems: list[Problem]) -> list[dict[str, Any]]:
    """Problems in the reader's language, in order."""
    return [{"path": p.path, "line": p.line, "level": p.level.value, "text": p.text(_)} for p in sorted(problems)]


@bp.post("/soan/moi")
@requires(Permission.COURSE_WRITE)
def create() -> Answer:
    """Begin a course: its id is made of the title, its first lesson waits to be written."""
    form = NewCourseForm()
    if not form.validate():
        return _courses_page(new=form), 422
    slug = queries.free_slug(slug_of(form.title.data)[:60].strip("-") or "khoa-hoc")
    files = drafting.laid_out(starters.course(slug, form.title.data))
    drafting.create(slug, form.title.data, files, by=current_user, now=clock.now())
    flash(_("The course is begun. Write its first lesson here; learners see nothing until you publish."), "ok")
    return redirect(url_for("desk.edit", slug=slug, path=starters.FIRST_LESSON), 303)


@bp.post("/soan/tai-len")
@requires(Permission.COURSE_WRITE)
@slow_first
def upload() -> Answer:
    """Read the zip, keep it as the draft of its course, show what is wrong with it."""
    form = UploadForm()
    if not form.validate():
        return _courses_page(form=form), 422
    source, problems = from_zip(form.file.data.read())
    doc, notes = None, list[Problem]()
    if source is not None:
        source, notes = media.cleaned(source)
        doc, problems = parse(source)
        problems = [*notes, *problems]
    if source is None or doc is None or not doc.id or count_errors(notes):
        form.file.errors = [
            _("This file is no course that can be read. What is wrong stands below; nothing was changed.")
        ]
        return _courses_page(form=form, problems=problems), 422
    drafting.refuse_over(sum(source.size(path) for path in source), current_app.config["SETTINGS"].course_quota_mib)
    files = drafting.laid_out(source)
    begin_writing()
    undo = _keep(doc, files)
    message = _("The draft stands. What is wrong with it is listed below.") if problems else _("The draft stands.")
    for note in notes:
        flash(f"{note.path}: {note.text(_)}", "notice")
    flash({"text": message, "undo_url": undo} if undo else message, "ok")
    return redirect(url_for(".course", slug=doc.id), 303)


def _keep(doc: CourseDoc, files: list[drafting.Laid]) -> str | None:
    """The files become the draft of the course that they carry the id of; the way back, if a draft was replaced."""
    if queries.find_course(doc.id) is None:
        drafting.create(doc.id, (doc.title or doc.id)[:TITLE_LIMIT], files, by=current_user, now=clock.now())
        return None
    if doc.id not in {row.slug for row in queries.courses(current_user.id)}:
        raise SlugTaken(slug=doc.id)
    course, _role = members.get_worked_on(current_user, doc.id, WRITERS)
    before = drafts.find_draft(course.id)
    drafting.replace(course, files, by=current_user, now=clock.now())
    return url_for("release.take_back", slug=doc.id, draft_id=before.id) if before else None


@bp.get("/soan/<slug>")
@requires(Permission.COURSE_WRITE)
def course(slug: str) -> Answer:
    """One course: its draft and what is wrong with it, what waits to be published, who works on it, its history."""
    found, role = members.get_worked_on(current_user, slug)
    draft = drafts.find_draft(found.id)
    return render_template(
        "content/course.html",
        course=found,
        role=role,
        labels=COURSE_ROLE_LABELS,
        bench=bench(found, role, draft) if draft else None,
        waiting=publications.find_open(found.id),
        revisions=queries.revisions(found),
        now=clock.now(),
    )


@bp.post("/soan/<slug>/mo")
@requires(Permission.COURSE_WRITE)
def set_open(slug: str) -> Answer:
    """Let learners enrol themselves, or not."""
    course, _role = members.get_worked_on(current_user, slug, {CourseRole.OWNER})
    is_open = request.form.get("is_open") == "1"
    service.set_open(course, is_open=is_open, by=current_user, now=clock.now())
    flash(_("Learners may enrol themselves.") if is_open else _("Only HR enrols people now."), "ok")
    return redirect(url_for(".course", slug=slug), 303)


@bp.post("/soan/<slug>/luu-tru")
@requires(Permission.COURSE_WRITE)
def set_retired(slug: str) -> Answer:
    """Retire the course, or take learners again, as the button says: pressed twice it does the same."""
    course, _role = members.get_worked_on(current_user, slug, {CourseRole.OWNER})
    wanted = request.form.get("is_retired") == "1"
    if wanted == (course.retired_at is not None):
        return redirect(url_for(".course", slug=slug), 303)
    if wanted:
        service.retire(course, by=current_user, now=clock.now())
        flash(
            _("The course is retired: nobody new enrols, those who take it may finish. The same button reopens it."),
            "ok",
        )
    else:
        service.reopen(course, by=current_user, now=clock.now())
        flash(_("The course takes learners again."), "ok")
    return redirect(url_for(".course", slug=slug), 303)


@bp.get("/soan/<slug>/phien-ban/<int:number>.zip")
@requires(Permission.COURSE_WRITE)
def download(slug: str, number: int) -> Answer:
    """A revision as the zip that it was."""
    found, _role = members.get_worked_on(current_user, slug)
    return _zip(drafts.source_at(queries.get_revision(found.id, number).id), f"{slug}-{number}.zip")


@bp.get("/soan/<slug>/ban-nhap.zip")
@requires(Permission.COURSE_WRITE)
def download_draft(slug: str) -> Answer:
    """The draft as a zip, which comes back the same."""
    found, _role = members.get_worked_on(current_user, slug)
    return _zip(drafts.source_of(drafts.get_draft(found.id).id), f"{slug}.zip")


def _zip(source: Source, name: str) -> Response:
    response = Response(to_zip(source), mimetype="application/zip")
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response


@bp.get("/tep/<digest>/<path:name>")
@signed_in
def file(digest: str, name: str) -> Answer:
    """A picture or download of a course; kept by browsers for ever, since its address is its content."""
    if not queries.may_serve(digest, normalise(name), viewer_id=current_user.id):
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
