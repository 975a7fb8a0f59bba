"""Bringing texts and questions of other programs into a draft: looked at first, written when the trainer says so."""

import posixpath
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf.file import FileField
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response as AnyResponse
from wtforms import SelectField

from lms.content import drafting, drafts, media, members, starters
from lms.content.models import Draft
from lms.content.rules import WRITERS, FileGone, NoFile
from lms.core import blobs, clock
from lms.core.db import begin_writing
from lms.core.i18n import _, _l
from lms.core.permissions import Permission
from lms.core.text import normalise
from lms.course import linking
from lms.course.markdown import render
from lms.course.problems import Problem
from lms.course.source import Source
from lms.interop.formats import FORMATS
from lms.interop.formats.course_text import course_text
from lms.interop.formats.page import read_page
from lms.interop.formats.word import read_word
from lms.interop.told import text as told
from lms.web.access import requires, slow_first
from lms.web.forms import FilledIn, Form, LineField, choices

bp = Blueprint("interop", __name__, template_folder="templates")
Answer = str | tuple[str, int] | AnyResponse
LESSONS = (("word", _l("Word document (.docx)")), ("html", _l("Web page (.html)")))
LOOKED_AT_SECONDS = 86_400


class ImportForm(Form):
    """A file of another program, and what it is."""

    file = FileField(_l("File"), [FilledIn(_l("Choose the file."))])
    format = SelectField(
        _l("What it is"), choices=choices([*LESSONS, *((one.name, one.title) for one in FORMATS.values())])
    )
    title = LineField(_l("Title of the lesson or quiz"))


@dataclass(frozen=True)
class Understood:
    """What a file became: Markdown, the files that it shows, and everything that was lost or refused."""

    text: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    title: str = ""
    is_quiz: bool = False

    @property
    def is_refused(self) -> bool:
        """All or nothing: one error and nothing is taken."""
        return any(problem.is_error for problem in self.problems) or not self.text.strip()


def understood(format_name: str, data: bytes, name: str) -> Understood:
    """The file read as what the trainer says it is."""
    if format_name in FORMATS:
        found, problems = FORMATS[format_name].read(data, name)
        if any(problem.is_error for problem in problems):
            return Understood(problems=problems, is_quiz=True)
        made = course_text(found)
        return Understood(made.text, dict(made.files), [*problems, *made.problems], "", is_quiz=True)
    page = (
        read_word(data, name=name) if format_name == "word" else read_page(data.decode("utf-8", "replace"), name=name)
    )
    return Understood(page.markdown, dict(page.pictures), list(page.problems), page.title)


# Files


@bp.get("/soan/<slug>/nhap")
@requires(Permission.COURSE_WRITE)
def bring(slug: str) -> Answer:
    """Choose a file of another program."""
    course, _role = members.get_worked_on(current_user, slug, WRITERS)
    return render_template("interop/bring.html", course=course, form=ImportForm(formdata=None), found=None)


@bp.post("/soan/<slug>/nhap")
@requires(Permission.COURSE_WRITE)
@slow_first
def look(slug: str) -> Answer:
    """Show what would come in, and what is lost; nothing is written yet."""
    course, _role = members.get_worked_on(current_user, slug, WRITERS)
    form = ImportForm()
    if not form.validate():
        return render_template("interop/bring.html", course=course, form=form, found=None), 422
    data, name = form.file.data.read(), form.file.data.filename or ""
    found = understood(form.format.data, data, name)
    page = render_template(
        "interop/bring.html",
        course=course,
        form=form,
        found=found,
        problems=_rows(found.problems),
        html="" if found.is_quiz else render(found.text),
        digest="" if found.is_refused else _signer().dumps([current_user.id, course.id, blobs.put(data)]),
        name=name,
        title=form.title.data or found.title or name.rpartition(".")[0],
    )
    return page, 422 if found.is_refused else 200


def _signer() -> URLSafeTimedSerializer:
    """A file that was looked at is told by its digest; the signature says by whom, and for which course."""
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="bring")


def _looked_at(course_id: int) -> str:
    """The digest of the file that this person was shown for this course."""
    try:
        user_id, for_course, digest = _signer().loads(request.form.get("digest", ""), max_age=LOOKED_AT_SECONDS)
    except (BadSignature, ValueError, TypeError):
        raise NoFile from None
    if (user_id, for_course) != (current_user.id, course_id):
        raise NoFile
    return str(digest)


def _draft_now(slug: str) -> Draft:
    """The open draft of a course that the viewer still writes, after slow work."""
    course, _role = members.get_worked_on(current_user, slug, WRITERS)
    return drafts.get_draft(course.id, to_change=True)


def _rows(problems: list[Problem]) -> list[dict[str, Any]]:
    return [{"path": p.path, "line": p.line, "level": p.level.value, "text": told(p)} for p in problems]


@bp.post("/soan/<slug>/nhap/ghi")
@requires(Permission.COURSE_WRITE)
@slow_first
def take(slug: str) -> Answer:
    """Write what was looked at: a new lesson or quiz at the end of the outline, with its pictures."""
    course, _role = members.get_worked_on(current_user, slug, WRITERS)
    draft_id, name = drafts.get_draft(course.id).id, normalise(request.form.get("name", ""))[:200]
    digest = _looked_at(course.id)
    found = understood(request.form.get("format", ""), blobs.get(digest), name)
    if found.is_refused:
        raise FileGone(path=name[:80])
    there = drafts.source_of(draft_id)
    title = normalise(request.form.get("title", ""))[:200] or name.rpartition(".")[0] or "—"
    identity = starters.identity(title, {path.rsplit("/", 1)[-1].partition(".")[0] for path in there} | {slug})
    path = f"{'kiem-tra' if found.is_quiz else 'bai'}/{identity}.md"
    text, laid, notes = _brought(found.text, found.files, set(there), path)
    facts = f"---\nid: {identity}\n{'kind: quiz' + chr(10) if found.is_quiz else ''}title: {title}\n---\n\n"
    begin_writing()
    draft = _draft_now(slug)
    _add(draft, laid)
    drafting.add_text(draft, path, facts + text, by=current_user, now=clock.now())
    outline = drafts.find_file(draft.id, drafting.COURSE)
    if outline is not None and (written := drafts.text_of(outline)) is not None:
        linked = linking.with_entry(written, title, path)
        drafting.save_text(draft, drafting.COURSE, linked, seen=outline.version, by=current_user, now=clock.now())
    for note in notes:
        flash(note, "notice")
    flash(_("“%(title)s” is in the draft. Look through it; what is to be mended stands below.", title=title), "ok")
    return redirect(url_for("desk.edit", slug=slug, path=path), 303)


def _brought(
    text: str, files: dict[str, bytes], there: set[str], path: str
) -> tuple[str, list[drafting.Laid], list[str]]:
    """The text with its pictures under the names that they get in the draft; what cannot be taken is said."""
    laid, notes = [], []
    for name, data in files.items():
        try:
            taken = media.take(name, data, taken=frozenset(there))
        except media.NotTaken as refused:
            notes.append(f"{name}: {refused.text}")
            continue
        there |= set(taken.files)
        laid += drafting.laid_out(Source(taken.files))
        target = posixpath.relpath(taken.shown, posixpath.dirname(path) or ".")
        text = text.replace(f"]({name})", f"]({target})").replace(f"](<{name}>)", f"]({target})")
        text = text.replace(f"]({name} ", f"]({target} ")
    return text, laid, notes


def _add(draft: Draft, laid: list[drafting.Laid]) -> None:
    adding = sum(one.size for one in laid)
    drafting.refuse_over_quota(draft, adding, current_app.config["SETTINGS"].course_quota_mib)
    drafting.add(draft, laid, by=current_user, now=clock.now())


# What is pasted


@bp.post("/soan/<slug>/dan")
@requires(Permission.COURSE_WRITE)
@slow_first
def paste(slug: str) -> Answer:
    """HTML of the clipboard as Markdown; its pictures go into the draft."""
    course, _role = members.get_worked_on(current_user, slug, WRITERS)
    draft_id, base = drafts.get_draft(course.id).id, request.args.get("base", drafting.COURSE)
    page = read_page(request.form.get("html", ""))
    text, laid, notes = _brought(page.markdown, dict(page.pictures), set(drafts.source_of(draft_id)), base)
    if laid:
        begin_writing()
        _add(_draft_now(slug), laid)
    return jsonify(markdown=text, notes=[*(told(problem) for problem in page.problems), *notes])
