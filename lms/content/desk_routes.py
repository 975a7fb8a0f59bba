"""The editor: one file of a draft at a time, saved against the version that was seen, with what learners will see beside it."""

import posixpath
from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from lms.content import drafting, drafts, media, members, starters
from lms.content.bench import Bench, bench
from lms.content.forms import NewFileForm, RenameForm
from lms.content.models import Course, Draft
from lms.content.preview import preview
from lms.content.rules import INTRODUCTION, WRITERS, CourseRole, FileGone, NoFile, delivery
from lms.content.scenes import sent_places
from lms.content.self_checks import answered
from lms.core import clock
from lms.core.db import begin_reading, begin_writing, db
from lms.core.i18n import _, format_time
from lms.core.permissions import Permission
from lms.core.text import normalise
from lms.course import linking
from lms.course.asked import fingerprint
from lms.course.difference import lines
from lms.course.document import CourseDoc, Item, Lesson, Quiz
from lms.course.media import unused
from lms.course.questions import Question
from lms.course.source import Source
from lms.web.access import requires, slow_first, wants_json
from lms.web.pages import as_id, asked_id

bp = Blueprint("desk", __name__)
Answer = str | tuple[str, int] | AnyResponse | tuple[Response, int]
COURSE = drafting.COURSE
REFERENCES = "references.yaml"


def _opened(slug: str, *, to_write: bool = False) -> tuple[Course, CourseRole, Draft]:
    """The course, the viewer's part in it and its open draft."""
    course, role = members.get_worked_on(current_user, slug, WRITERS if to_write else frozenset(CourseRole))
    return course, role, drafts.get_draft(course.id, to_change=to_write)


# The page


@bp.get("/soan/<slug>/tep/<path:path>")
@requires(Permission.COURSE_WRITE)
def edit(slug: str, path: str) -> Answer:
    """A file with its line numbers, what it looks like, and what is wrong."""
    course, role = members.get_worked_on(current_user, slug)
    draft = drafts.find_draft(course.id)
    if draft is None:
        return redirect(url_for("content.course", slug=slug), 303)
    return _page(bench(course, role, draft), path)


def _page(table: Bench, path: str) -> str:
    file = drafts.find_file(table.draft.id, path)
    if file is None:
        raise FileGone(path=path)
    kind = table.kind(path)
    text = None if kind == "media" else drafts.text_of(file)
    return render_template(
        "content/editor.html",
        course=table.course,
        path=path,
        text=text,
        version=file.version,
        size=file.size,
        digest=file.digest,
        kind=kind,
        may_edit=table.may_edit,
        changed_count=len(table.changed),
        tree=table.tree(path),
        problems=table.shown_problems(),
        preview=_look(table, path),
        missing=_missing(table, path),
        insertions=starters.insertions(kind),
        saved_at=format_time(file.changed_at),
        saved_by=file.changed_by.name if file.changed_by else "",
        urls=_urls(table.course.slug, path),
    )


def _urls(slug: str, path: str) -> dict[str, str]:
    here = {"slug": slug, "path": path}
    return {
        "save": url_for(".save", **here),
        "preview": url_for(".quick_preview", **here),
        "upload": url_for(".upload", slug=slug, base=path),
        "editor": url_for(".edit", **here),
        "learner_preview": url_for(".preview_item", slug=slug),
        "paste": url_for("interop.paste", slug=slug, base=path),
        "publish": url_for("publishing.publish", slug=slug),
        "new_file": url_for(".new_file", slug=slug),
        "rename": url_for(".rename", **here),
        "delete": url_for(".remove", **here),
        "form": url_for("question.form", **here),
        "history": url_for(".saves", **here),
        "media": url_for(".files", slug=slug),
        "course": url_for("content.course", slug=slug),
    }


def _look(table: Bench, path: str) -> dict[str, Any] | None:
    """What the file looks like to a learner; None for what has no page of its own."""
    if table.doc is None:
        return None
    item = table.items.get(path)
    if path != COURSE and item is None:
        return None
    shown = preview(table.doc, item.id if item else INTRODUCTION, table.files, slug=table.course.slug)
    where = {"slug": table.course.slug, "item": item.id} if item else {"slug": table.course.slug}
    return {**shown, "url": url_for(".preview_item", **where), "figures": _figures(table, item)}


def _figures(table: Bench, item: Item | None) -> dict[str, Any] | None:
    """Where the figures of a quiz that learners have read stand, and how its questions ask now; no statement."""
    if not isinstance(item, Quiz) or item.practice or not table.is_published(item.path):
        return None
    where = {"slug": table.course.slug, "item": item.id}
    return {
        "lines": url_for("statistics.questions", **where),
        "page": url_for("statistics.quiz", **where),
        "prints": {question.id: fingerprint(question) for question in item.questions},
    }


@bp.post("/soan/<slug>/xem-nhanh/<path:path>")
@requires(Permission.COURSE_WRITE)
@slow_first  # it writes nothing
def quick_preview(slug: str, path: str) -> Answer:
    """What the typed text would look like, what is wrong with it, and the tree: three parts of the page."""
    course, role, draft = _opened(slug)
    table = bench(course, role, draft, {path: _typed()})
    return render_template(
        "content/_editor_parts.html",
        preview=_look(table, path),
        path=path,
        problems=table.shown_problems(),
        tree=table.tree(path),
        may_edit=table.may_edit,
        urls=_urls(slug, path),
        missing=_missing(table, path),
    )


def _missing(table: Bench, path: str) -> str:
    """Why there is nothing to look at."""
    if table.doc is None:
        return _("The course cannot be read yet; the problems below say why.")
    kind = table.kind(path)
    if kind == "references":
        return _("These texts are shown below the lessons that cite them.")
    if kind == "media":
        return _("Pictures and files are shown where a lesson links them.")
    return _("This file is in no outline yet, so learners do not see it. Link it in course.md.")


def _typed() -> str:
    return request.form.get("text", "").replace("\r\n", "\n")


# Saving


@bp.post("/soan/<slug>/tep/<path:path>")
@requires(Permission.COURSE_WRITE)
def save(slug: str, path: str) -> Answer:
    """Keep the text; when somebody else saved meanwhile, both versions are shown and the trainer chooses."""
    course, _role, draft = _opened(slug, to_write=True)
    if "text" not in request.form:
        abort(400)
    seen, now = as_id(request.form.get("version", "")) or 0, clock.now()
    try:
        version = drafting.save_text(draft, path, _typed(), seen=seen, by=current_user, now=now)
    except drafting.Conflict as conflict:
        return _conflict(course, conflict)
    if wants_json():
        return jsonify(version=version, saved_at=format_time(now))
    flash(_("Saved."), "ok")
    return redirect(url_for(".edit", slug=slug, path=path), 303)


def _conflict(course: Course, conflict: drafting.Conflict) -> Answer:
    theirs, mine = conflict.theirs, _typed()
    if wants_json():
        return jsonify(message=conflict.text), 409
    page = render_template(
        "content/conflict.html",
        course=course,
        path=theirs.path,
        mine=mine,
        theirs=drafts.text_of(theirs) or "",
        theirs_by=theirs.changed_by.name if theirs.changed_by else "",
        theirs_at=format_time(theirs.changed_at),
        version=theirs.version,
        hunks=lines(drafts.text_of(theirs) or "", mine),
        urls=_urls(course.slug, theirs.path),
    )
    db.session.rollback()
    begin_reading()
    return page, 409


# Files


@bp.post("/soan/<slug>/tep-moi")
@requires(Permission.COURSE_WRITE)
def new_file(slug: str) -> Answer:
    """A lesson, quiz or drill to be written, linked at the end of the outline; or the list of cited law."""
    course, role, draft = _opened(slug, to_write=True)
    form = NewFileForm()
    if form.kind.data == "references":
        drafting.add_text(draft, REFERENCES, starters.references(clock.today()), by=current_user, now=clock.now())
        return redirect(url_for(".edit", slug=slug, path=REFERENCES), 303)
    if not form.validate():
        for message in form.title.errors:
            flash(message, "error")
        return redirect(url_for(".edit", slug=slug, path=COURSE), 303)
    table = bench(course, role, draft)
    title, kind = form.title.data, form.kind.data
    name = starters.identity(
        title, {item.id for item in table.items.values()} | {_stem(path) for path in table.source} | {slug}
    )
    folder, starter = starters.KINDS[kind]
    path = f"{folder}/{name}.md"
    drafting.add_text(draft, path, starter(name, title), by=current_user, now=clock.now())
    _rewrite_outline(draft, lambda course_text: linking.with_entry(course_text, title, path))
    return redirect(url_for(".edit", slug=slug, path=path), 303)


def _stem(path: str) -> str:
    return path.rsplit("/", 1)[-1].partition(".")[0]


def _rewrite_outline(draft: Draft, change: Callable[[str], str]) -> None:
    """Let course.md follow what happened to a file."""
    file = drafts.find_file(draft.id, COURSE)
    text = drafts.text_of(file) if file else None
    if file is not None and text is not None and change(text) != text:
        drafting.save_text(draft, COURSE, change(text), seen=file.version, by=current_user, now=clock.now())


@bp.post("/soan/<slug>/doi-ten/<path:path>")
@requires(Permission.COURSE_WRITE)
def rename(slug: str, path: str) -> Answer:
    """Give the file another path; the outline follows."""
    _course, _role, draft = _opened(slug, to_write=True)
    form = RenameForm()
    if not form.validate():
        flash(form.path.errors[0], "error")
        return redirect(url_for(".edit", slug=slug, path=path), 303)
    to = drafting.rename(draft, path, form.path.data, by=current_user, now=clock.now())
    _rewrite_outline(draft, lambda text: linking.renamed(text, path, to))
    flash(_("The file is called “%(path)s” now, in the outline too.", path=to), "ok")
    return redirect(url_for(".edit", slug=slug, path=to), 303)


@bp.post("/soan/<slug>/bo/<path:path>")
@requires(Permission.COURSE_WRITE)
def remove(slug: str, path: str) -> Answer:
    """Take the file out of the draft and of the outline; one press puts it back."""
    _course, _role, draft = _opened(slug, to_write=True)
    version = drafting.remove(draft, path, by=current_user, now=clock.now())
    _rewrite_outline(draft, lambda text: linking.without_entry(text, path))
    undo = url_for(".put_back", slug=slug, path=path, version=version)
    flash({"text": _("“%(path)s” is taken out of the draft.", path=path), "undo_url": undo}, "ok")
    return redirect(url_for(".edit", slug=slug, path=COURSE), 303)


@bp.post("/soan/<slug>/dua-lai/<int:version>/<path:path>")
@requires(Permission.COURSE_WRITE)
def put_back(slug: str, version: int, path: str) -> Answer:
    """An earlier content of the file is its newest again."""
    _course, _role, draft = _opened(slug, to_write=True)
    is_new = drafts.find_file(draft.id, path) is None
    drafting.put_back(draft, path, version, by=current_user, now=clock.now())
    if is_new and path.endswith(".md"):
        _rewrite_outline(draft, lambda text: linking.with_entry(text, _stem(path), path))
    flash(_("The earlier content stands again; what it replaced is in the list of earlier contents."), "ok")
    return redirect(url_for(".edit", slug=slug, path=path), 303)


@bp.get("/soan/<slug>/ban-luu/<path:path>")
@requires(Permission.COURSE_WRITE)
def saves(slug: str, path: str) -> Answer:
    """Earlier contents of a file; the one asked for is compared with what stands."""
    course, role, draft = _opened(slug)
    file, asked = drafts.find_file(draft.id, path), asked_id("ban")
    kept = drafts.find_save(draft.id, path, asked) if asked else None
    before, after = (drafts.text_of(kept) if kept else None), (drafts.text_of(file) if file else "")
    return render_template(
        "content/saves.html",
        course=course,
        path=path,
        may_edit=role in WRITERS,
        saves=drafts.saves_of(draft.id, path),
        kept=kept,
        hunks=lines(before, after or "") if before is not None else None,
    )


# Media


@bp.get("/soan/<slug>/tep-dinh-kem")
@requires(Permission.COURSE_WRITE)
def files(slug: str) -> Answer:
    """Pictures, films and downloads of the draft: how large, and which no lesson uses."""
    course, role, draft = _opened(slug)
    table = bench(course, role, draft)
    without_use = set(unused(table.source, table.doc)) if table.doc else set()
    rows = [row for row in drafts.files_of(draft.id) if table.kind(row.path) == "media"]
    return render_template(
        "content/files.html",
        course=course,
        may_edit=table.may_edit,
        rows=rows,
        unused=without_use,
        total=sum(row.size for row in rows),
        limit_mib=current_app.config["SETTINGS"].course_quota_mib,
        removed=drafts.removed_paths(draft.id),
    )


@bp.post("/soan/<slug>/tai-tep")
@requires(Permission.COURSE_WRITE)
@slow_first
def upload(slug: str) -> Answer:
    """Take a picture, film or document into the draft, made fit for weak lines; the original lies beside it."""
    _course, _role, draft = _opened(slug, to_write=True)
    sent, base = request.files.get("file"), request.args.get("base", COURSE)
    if sent is None or not sent.filename:
        raise NoFile
    there = {row.path for row in drafts.files_of(draft.id)}
    taken = media.take(normalise(sent.filename), sent.read(), taken=frozenset(there))
    laid = drafting.laid_out(Source(taken.files))
    begin_writing()
    _course, _role, draft = _opened(slug, to_write=True)  # as it is now
    drafting.refuse_over_quota(draft, sum(one.size for one in laid), current_app.config["SETTINGS"].course_quota_mib)
    drafting.add(draft, laid, by=current_user, now=clock.now())
    notes = [note.text(_) for note in taken.notes]
    if wants_json():
        return jsonify(path=taken.shown, markdown=_markdown(taken.shown, base), notes=notes)
    for note in notes:
        flash(note, "notice")
    flash(_("The file is in the draft as “%(path)s”.", path=taken.shown), "ok")
    return redirect(url_for(".files", slug=slug), 303)


def _markdown(path: str, base: str) -> str:
    """How the file is linked from a text at `base`."""
    target = posixpath.relpath(path, posixpath.dirname(base) or ".")
    is_shown = delivery(path).is_inline and not path.endswith((".vtt", ".mp3"))
    words = _("Say what it shows") if is_shown else path.rsplit("/", 1)[-1]
    return f"{'!' if is_shown else ''}[{words}]({target})"


# Trying it out


@bp.get("/soan/<slug>/xem-truoc", defaults={"item": INTRODUCTION})
@bp.get("/soan/<slug>/xem-truoc/<item>")
@requires(Permission.COURSE_WRITE)
def preview_item(slug: str, item: str) -> Answer:
    """An item of the draft as a learner will see it; nothing is recorded."""
    return _preview_page(slug, item)


@bp.post("/soan/<slug>/xem-truoc/<item>/<question>")
@requires(Permission.COURSE_WRITE)
@slow_first  # it writes nothing
def try_item(slug: str, item: str, question: str) -> Answer:
    """What an answer is worth, told at once and kept nowhere: no attempt, no statistics."""
    return _preview_page(slug, item, question)


@bp.post("/soan/<slug>/dien-thu/<item>")
@requires(Permission.COURSE_WRITE)
@slow_first  # it writes nothing
def try_drill(slug: str, item: str) -> Answer:
    """The next scene of a drill; the decisions so far stand in the form and nowhere else."""
    return _preview_page(slug, item, decided=sent_places(request.form))


def _preview_page(slug: str, item: str, tried: str = "", decided: Sequence[int] = ()) -> str:
    course, role, draft = _opened(slug)
    table = bench(course, role, draft)
    doc = table.doc
    if doc is None or (item != INTRODUCTION and doc.item(item) is None):
        abort(404)
    answers = {
        one.id: answered(one, request.form.getlist(f"q-{one.id}"), request.form.get("move", ""))
        for one in _asked(doc, item)
        if one.id == tried
    }
    shown = preview(doc, item, table.files, slug=slug, answers=answers, decided=decided)
    path = found.path if (found := doc.item(item)) else COURSE
    return render_template("content/preview.html", course=course, doc=doc, item=item, path=path, preview=shown)


def _asked(doc: CourseDoc, item: str) -> tuple[Question, ...]:
    found = doc.item(item)
    return found.questions if isinstance(found, Quiz) else found.checks if isinstance(found, Lesson) else ()
