"""An item of a draft as a learner will see it; what is typed into it is marked and kept nowhere."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from flask import url_for

from lms.content import queries, rendering, scenes
from lms.content.rules import INTRODUCTION
from lms.content.self_checks import Answered, drawn
from lms.core import clock
from lms.core.i18n import _
from lms.course.document import CourseDoc, Drill, Lesson, Quiz
from lms.course.lessons import fenced
from lms.course.markdown import fill
from lms.course.questions import Question


def legal_basis(doc: CourseDoc, item: Lesson | Drill) -> dict[str, Any]:
    """The laws that an item cites, in its order, the day up to which all were checked, and today."""
    references = [reference for cite in item.cites for reference in doc.references if reference.id == cite]
    checked_on = min((reference.checked_on for reference in references), default=None)
    return {"references": references, "checked_on": checked_on, "today": clock.today()}


def _by_place(lesson: Lesson) -> list[Question | None]:
    """The self-check of each fence in the text; None where it is half written and no question yet."""
    spans = ((lesson.line + first, lesson.line + last) for first, last in fenced(lesson.text))
    return [next((one for one in lesson.checks if first <= one.line <= last), None) for first, last in spans]


def preview(
    doc: CourseDoc,
    item: str,
    files: Mapping[str, str],
    *,
    slug: str,
    answers: Mapping[str, Answered] | None = None,
    decided: Sequence[int] = (),
) -> dict[str, Any]:
    """What the part `content/_preview.html` shows of an item, or of the course's own introduction."""
    found = None if item == INTRODUCTION else doc.item(item)
    fill_in = partial(fill, values=queries.local_values(), missing_label=_("not filled in yet"))
    made, said = rendering.pieces(doc, item, files), answers or {}

    def question(one: Question, piece: Mapping[str, Any]) -> dict[str, Any]:
        url = url_for("desk.try_item", slug=slug, item=item, question=one.id)
        return drawn(one, piece, said.get(one.id), fill_in, url=url)

    if isinstance(found, Quiz):
        text = fill_in(made[rendering.QUIZ_TEXT]["body"])
        checks = [question(one, made[one.id]) for one in found.questions]
        return {"quiz": found, "title": found.title, "text": text, "checks": checks}
    if isinstance(found, Drill):
        return {
            **_drill(found, made, decided, fill_in, url_for("desk.try_drill", slug=slug, item=item)),
            **legal_basis(doc, found),
        }
    body = rendering.cut_at_checks(fill_in(made["body"]))
    if isinstance(found, Lesson):
        placed = [question(one, made["checks"][one.id]) if one else None for one in _by_place(found)]
        return {"lesson": found, "title": found.title, "body": body, "checks": placed, **legal_basis(doc, found)}
    return {"course": doc, "title": doc.title, "body": body, "checks": []}


def _drill(
    drill: Drill, made: Mapping[str, Any], decided: Sequence[int], fill_in: Callable[[str], str], url: str
) -> dict[str, Any]:
    """The drill as far as it is written; one without a scene cannot be tried yet."""
    return {
        "drill": drill,
        "title": drill.title,
        "text": fill_in(made[rendering.DRILL_TEXT]["body"]),
        "run": scenes.tried(drill, made, decided, fill_in) if drill.scenes else None,
        "scenes": scenes.every_scene(drill, made, fill_in),
        "url": url,
        "checks": [],
    }
