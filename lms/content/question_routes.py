"""A question of a draft as a form: it writes the question's own lines of the file and no other."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from lms.content import drafting, drafts, members, queries, rendering
from lms.content.models import Course, Draft, DraftFile
from lms.content.rules import WRITERS, FileGone
from lms.core import clock
from lms.core.i18n import _, _l
from lms.core.permissions import Permission
from lms.course.asked import fingerprint
from lms.course.markdown import fill, render, render_inline
from lms.course.parse import parse
from lms.course.question_form import Filled, fields, from_form, offered, pressed
from lms.course.question_text import Made, made
from lms.course.questions import Question
from lms.course.splice import Place, append, block_at, is_quiz, located, places, splice
from lms.web.access import requires
from lms.web.pages import as_id

ITEM_ID = re.compile(r"^id:[ ]*([a-z0-9-]+)[ ]*$", re.MULTILINE)
bp = Blueprint("question", __name__)
Answer = str | tuple[str, int] | AnyResponse
KINDS = (
    ("single_choice", _l("One right answer")),
    ("multiple_choice", _l("Several right answers")),
    ("true_false", _l("True or false")),
    ("short_text", _l("Short text")),
    ("numeric", _l("Number")),
    ("matching", _l("Matching")),
    ("ordering", _l("Ordering")),
    ("cloze", _l("Gaps")),
    ("essay", _l("Essay, marked by a person")),
    ("file", _l("File, marked by a person")),
)


@dataclass(frozen=True)
class _Open:
    """A file of a draft, and the question in it that the form is for; None for a new one."""

    course: Course
    draft: Draft
    file: DraftFile
    text: str
    place: Place | None

    @property
    def source(self) -> str:
        return block_at(self.text, self.place) if self.place else ""

    @property
    def fence(self) -> str:
        """The fence that a self-check stands in; quizzes have none."""
        return self.place.fence if self.place else "" if is_quiz(self.text) else "```"


def _opened(slug: str, path: str) -> _Open:
    course, _role = members.get_worked_on(current_user, slug, WRITERS)
    draft = drafts.get_draft(course.id, to_change=request.method == "POST")
    file = drafts.find_file(draft.id, path)
    text = drafts.text_of(file) if file else None
    if file is None or text is None:
        raise FileGone(path=path)
    which = request.args.get("cau", "")
    place = located(text, which) if which else None
    return _Open(course, draft, file, text, place)


@bp.get("/soan/<slug>/cau-hoi/<path:path>")
@requires(Permission.COURSE_WRITE)
def form(slug: str, path: str) -> Answer:
    """The question asked for, or an empty one."""
    table = _opened(slug, path)
    if request.args.get("cau") and table.place is None:
        abort(404)
    question = _question(table)
    if table.place is not None and question is None:
        flash(_("This question has errors that only its text shows. Correct them here; then the form opens."), "notice")
        anchor = f"dong-{table.place.line}"
        return redirect(url_for("desk.edit", slug=slug, path=path, _anchor=anchor), 303)
    filled = offered(fields(question) if question else Filled(kind="single_choice"))
    return _page(table, filled, question=question)


def _question(table: _Open) -> Question | None:
    """The question as the parser reads it in its course."""
    doc, _problems = parse(drafts.source_of(table.draft.id))
    items = doc.every_item if doc else ()
    asked = [one for item in items if item.path == table.file.path for one in _asked(item)]
    return next((one for one in asked if table.place and one.id == table.place.id), None)


def _asked(item: Any) -> tuple[Question, ...]:
    found: tuple[Question, ...] = getattr(item, "questions", ()) or getattr(item, "checks", ())
    return found


def _statistics_urls(table: _Open, question: Question | None) -> dict[str, str]:
    """Where a line about the answers to this question is fetched from, and the page of all; none where nobody reads it."""
    item = ITEM_ID.search(table.text)
    if table.place is None or item is None or table.course.revision_id is None or not is_quiz(table.text):
        return {}
    where = {"slug": table.course.slug, "item": item[1]}
    stands = {"dau": fingerprint(question)} if question else {}
    return {
        "statistics": url_for("statistics.question", question=table.place.id, **where, **stands),
        "statistics_page": url_for("statistics.quiz", _anchor=f"cau-{table.place.id}", **where),
    }


@bp.post("/soan/<slug>/cau-hoi/<path:path>")
@requires(Permission.COURSE_WRITE)
def write(slug: str, path: str) -> Answer:
    """Write the question's lines; buttons of the form's rows only show it again."""
    table = _opened(slug, path)
    posted = {name: request.form.getlist(name) for name in request.form}
    filled, seen = from_form(posted), as_id(request.form.get("version", "")) or 0
    if request.args.get("cau") and table.place is None:
        flash(_("Somebody took the question out or changed its id meanwhile. What you typed stands below; saving adds it as a new question."), "notice")  # fmt: skip
        return _page(table, offered(filled), version=table.file.version), 409
    if (again := pressed(filled, posted)) is not None:
        return _page(table, again[0], focus=again[1], version=seen)
    ready = made(filled, source=table.source, fence=table.fence, taken=_taken(table))
    if ready.question is None or "look" in request.form:
        page = _page(table, offered(filled), ready=ready, question=ready.question, version=seen)
        return page, 200 if ready.question else 422
    text = splice(table.text, table.place, ready.block) if table.place else append(table.text, ready.block)
    try:
        drafting.save_text(table.draft, path, text, seen=seen, by=current_user, now=clock.now())
    except drafting.Conflict as conflict:
        name, version = conflict.values["name"], conflict.theirs.version
        flash(_("%(name)s changed the file meanwhile. Your question stands below; look at the file, then save it again.", name=name), "notice")  # fmt: skip
        return _page(table, offered(filled), question=ready.question, version=version, stands=table.source), 409
    flash(_("The question is saved."), "ok")
    place = located(text, ready.question.id)
    anchor = f"dong-{place.line}" if place else None
    return redirect(url_for("desk.edit", slug=slug, path=path, _anchor=anchor), 303)


def _taken(table: _Open) -> Mapping[str, tuple[str, int]]:
    """Every id of the course, with its place: ids of questions are unique in it."""
    doc, _problems = parse(drafts.source_of(table.draft.id))
    found = {place.id: (table.file.path, place.line) for place in places(table.text) if place.id}
    for item in doc.every_item if doc else ():
        found.setdefault(item.id, (item.path, 1))
        found |= {one.id: (item.path, one.line) for one in _asked(item) if one.id not in found}
    return found


def _page(
    table: _Open,
    filled: Filled,
    *,
    ready: Made | None = None,
    question: Question | None = None,
    focus: str = "",
    version: int | None = None,
    stands: str = "",
) -> str:
    slug, path = table.course.slug, table.file.path
    which = {"cau": table.place.id} if table.place else {}
    line = f"dong-{table.place.line}" if table.place else None
    problems = [{"field": wrong.field, "text": wrong.text(_)} for wrong in (ready.wrong if ready else ())]
    return render_template(
        "content/question_form.html",
        course=table.course,
        path=path,
        filled=filled,
        problems=problems,
        kinds=KINDS,
        version=table.file.version if version is None else version,
        stands=stands,
        is_new=table.place is None,
        focus=focus,
        look=_look(question) if question else None,
        urls={
            **_statistics_urls(table, question),
            "save": url_for(".write", slug=slug, path=path, **which),
            "back": url_for("desk.edit", slug=slug, path=path, _anchor=line),
        },
    )


def _look(question: Question) -> dict[str, Any]:
    """The question as it will be asked; links to other files are shown without their addresses."""
    order = question.order(question.id)
    fill_in = partial(fill, values=queries.local_values(), missing_label=_("not filled in yet"))
    piece = {
        "stem": render(question.view().stem),
        **{name: [render_inline(text) for text in texts] for name, texts in question.texts().items()},
        "hint": render_inline(question.hint),
    }
    return {"view": question.view(order), "html": rendering.shown(piece, order, fill_in)}
