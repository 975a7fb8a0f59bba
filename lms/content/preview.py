"""An item of a draft as a learner will see it; what is typed into it is marked and kept nowhere."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import url_for

from lms.content import queries, rendering
from lms.content.rules import INTRODUCTION
from lms.content.self_checks import Answered, drawn
from lms.core import clock
from lms.core.i18n import _
from lms.course.document import CourseDoc, Lesson, Quiz
from lms.course.lessons import fenced
from lms.course.markdown import fill
from lms.course.questions import Question


def legal_basis(doc: CourseDoc, lesson: Lesson) -> dict[str, Any]:
    """The laws that a lesson cites, in its order, the day up to which all were checked, and today."""
    references = [reference for cite in lesson.cites for reference in doc.references if reference.id == cite]
    checked_on = min((reference.checked_on for reference in references), default=None)
    return {"references": references, "checked_on": checked_on, "today": clock.today()}


def _by_place(lesson: Lesson) -> list[Question | None]:
    """The self-check of each fence in the text; None where it is half written and no question yet."""
    spans = ((lesson.line + first, lesson.line + last) for first, last in fenced(lesson.text))
    return [next((one for one in lesson.checks if first <= one.line <= last), None) for first, last in spans]


def preview(
    doc: CourseDoc, item: str, files: Mapping[str, str], *, slug: str, answers: Mapping[str, Answered] | None = None
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
    body = rendering.cut_at_checks(fill_in(made["body"]))
    if isinstance(found, Lesson):
        placed = [question(one, made["checks"][one.id]) if one else None for one in _by_place(found)]
        return {"lesson": found, "title": found.title, "body": body, "checks": placed, **legal_basis(doc, found)}
    return {"course": doc, "title": doc.title, "body": body, "checks": []}
