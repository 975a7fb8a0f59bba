"""Self-checks: how one stands in a lesson, and what an answer to it is worth; told at once and kept nowhere."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lms.content import rendering
from lms.core.i18n import _
from lms.course.questions import BadAnswer, Question


@dataclass(frozen=True)
class Answered:
    """What was said to a self-check: the form's values, the answer in them, or why there is none."""

    values: list[str]
    answer: Any
    message: str


def answered(question: Question, values: Sequence[str], move: str = "") -> Answered:
    """What the form holds; `move` is what a button of an ordering question sends, and only moves a step."""
    values = _reordered(list(values), move)
    try:
        answer = question.read(values if any(values) else [], question.order(question.id))
        said = Answered(values, answer, "" if answer is not None else _("Choose or type an answer first."))
    except BadAnswer as bad:
        said = Answered(values, None, bad.text(_))
    return replace(said, answer=None, message="") if move else said


def _reordered(values: list[str], move: str) -> list[str]:
    """The steps of an ordering question after one of its buttons: “1:row:other”."""
    found = re.fullmatch(r"[0-9]{1,3}:([0-9]{1,3}):([0-9]{1,3})", move)
    row, other = (int(found[1]), int(found[2])) if found else (0, 0)
    if max(row, other) < len(values):
        values[row], values[other] = values[other], values[row]
    return values


def drawn(
    question: Question, piece: Mapping[str, Any], said: Answered | None, fill_in: Callable[[str], str], *, url: str
) -> dict[str, Any]:
    """A self-check as pages draw it: to be answered at `url`, and what the answer was worth."""
    order = question.order(question.id)
    return {
        "url": url,
        "view": question.view(order),
        "html": rendering.shown(piece, order, fill_in),
        "given": said.values if said else [],
        "error": said.message if said else "",
        "feedback": rendering.reviewed(piece, question.feedback(said.answer, order), order, fill_in)
        if said and said.answer is not None
        else None,
    }
