"""A document's items as HTML pieces, with the addresses of its files and lessons in place."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import quote, unquote

from markupsafe import Markup

from lms.content.parts import digest_of
from lms.content.rules import INTRODUCTION, is_servable, is_video
from lms.core import blobs
from lms.course.document import CONVERTER, CourseDoc, Drill, Item, Lesson, Quiz, Scene
from lms.course.lessons import PLACE as CHECK_PLACE
from lms.course.lessons import with_places
from lms.course.markdown import RENDERER, render, render_inline
from lms.course.questions import Feedback, Question
from lms.course.questions.cloze import PLACE

CHECK = re.compile("<p>" + CHECK_PLACE.format(r"(\d+)") + "</p>")
GAP = re.compile(PLACE.format(r"(\d+)"))


UNRENDERED = frozenset({"minutes", "practice", "objectives", "tags"})
"""What a lesson says of itself beside its text: the page shows it, the rendering does not hold it."""


def file_url(digest: str, path: str) -> str:
    """The address of a course file: by content, so that browsers may keep it for ever."""
    return f"/tep/{digest}/{quote(path.rsplit('/', 1)[-1])}"


def item_url(doc: CourseDoc, item: str) -> str:
    """The page of an item; kept with the rendering, so it must stay what the routes say (tested)."""
    place = {Quiz: "bai-kiem-tra", Drill: "dien-tap"}.get(type(doc.item(item)), "khoa-hoc")
    return f"/{place}/{doc.id}/{item}"


@dataclass(frozen=True)
class Recipe:
    """All that the pieces of an item are made from; `key` is its digest, with the renderer's version."""

    item: Item | str
    """A lesson, quiz or drill, or the text of the course's introduction."""
    where: dict[str, Any]
    key: str


def recipe(doc: CourseDoc, item: str, files: Mapping[str, str], size_of: Callable[[str], int] = blobs.size) -> Recipe:
    """How the item is rendered; `files` is path → digest.

    Of the course's files, items and laws it holds only those that the item's text names: what else changes in
    the course, its rendering stays the same one.
    """
    found = doc.introduction if item == INTRODUCTION else doc.item(item)
    if found is None:
        raise KeyError(item)
    data = found if isinstance(found, str) else CONVERTER.unstructure(found)
    if isinstance(found, Lesson):
        data = {name: value for name, value in data.items() if name not in UNRENDERED}
    said = unquote(unescape("\n".join(_strings(data)))).replace("\\", "")
    named = {path: digest for path, digest in files.items() if is_servable(path) and _stem(path) in said}
    where = {
        "base": "course.md" if isinstance(found, str) else found.path,
        "files": {path: file_url(digest, path) for path, digest in named.items()},
        "items": {entry.path: item_url(doc, entry.item) for entry in doc.items if entry.item and _stem(entry.path) in said},
        "references": tuple(one for one in doc.references if f"[@{one.id}" in said),
        "language": doc.language,
        "sizes": {file_url(digest, path): size_of(digest) for path, digest in named.items() if is_video(path)},
    }  # fmt: skip
    made_of = [
        RENDERER,
        type(found).__name__,
        data,
        {**where, "references": CONVERTER.unstructure(where["references"])},
    ]
    return Recipe(found, where, digest_of(made_of))


def _strings(data: Any) -> Iterator[str]:
    """Every text in the value."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from _strings(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _strings(value)


def _stem(path: str) -> str:
    """The name without its ending: subtitles go with the video of their name."""
    name = path.rsplit("/", 1)[-1]
    return name.rpartition(".")[0] or name


def made(by: Recipe) -> dict[str, Any]:
    """The pieces: {"body": html} of a lesson or introduction with its self-checks, {id: {…}} of what a quiz or drill holds."""
    if isinstance(by.item, str):
        return {"body": render(by.item, **by.where)}
    if isinstance(by.item, Quiz):
        return _quiz(by.item, by.where)
    if isinstance(by.item, Drill):
        return _drill(by.item, by.where)
    checks = {one.id: _question(one, by.where) for one in by.item.checks}
    return {"body": render(with_places(by.item.text), **by.where), "checks": checks}


def pieces(
    doc: CourseDoc, item: str, files: Mapping[str, str], size_of: Callable[[str], int] = blobs.size
) -> dict[str, Any]:
    """The pieces of one item, or of the course's introduction, made now."""
    return made(recipe(doc, item, files, size_of))


QUIZ_TEXT = ""
"""The key of a quiz's own text among the pieces of its questions: no question has it as id."""


def _quiz(quiz: Quiz, where: dict[str, Any]) -> dict[str, Any]:
    """What each question shows, options and feedback in the order of the document."""
    own = {QUIZ_TEXT: {"body": render(quiz.introduction, **where)}}
    return own | {question.id: _question(question, where) for question in quiz.questions}


DRILL_TEXT = ""
"""The key of a drill's own text among its scenes."""


def _drill(drill: Drill, where: dict[str, Any]) -> dict[str, Any]:
    """What each scene shows, injects and choices in the order of the document."""
    own = {DRILL_TEXT: {"body": render(drill.introduction, **where)}}
    return own | {scene.id: _scene(scene, where) for scene in reversed(drill.scenes)}


def _scene(scene: Scene, where: dict[str, Any]) -> dict[str, Any]:
    return {
        "text": render(scene.text, **where),
        "injects": [render(inject.text, **where) for inject in scene.injects],
        "choices": [
            {"text": render_inline(choice.text, **where), "reason": render(choice.reason, **where)}
            for choice in scene.choices
        ],
    }


def _question(question: Question, where: dict[str, Any]) -> dict[str, Any]:
    return {
        "stem": render(question.view().stem, **where),
        **{name: [render_inline(text, **where) for text in texts] for name, texts in question.texts().items()},
        "explanation": render(question.explanation, **where),
        "hint": render_inline(question.hint, **where),
    }


def shown(piece: Mapping[str, Any], order: Sequence[int], fill: Callable[[str], str]) -> dict[str, Any]:
    """What a question shows before it is answered, options in the order of the paper: no feedback, no explanation."""
    return {
        **stem(fill(piece["stem"])),
        "options": [Markup(fill(piece["options"][place])) for place in order] if piece.get("options") else [],
        "rows": [Markup(fill(text)) for text in piece.get("rows", ())],
        "hint": Markup(fill(piece["hint"])),
    }


def cut_at_checks(html: str) -> list[str | int]:
    """The body of a lesson cut at its self-checks: text, number of the self-check, text, …, text."""
    return [part if place % 2 == 0 else int(part) for place, part in enumerate(CHECK.split(html))]


def reviewed(
    piece: Mapping[str, Any], said: Feedback, order: Sequence[int], fill: Callable[[str], str]
) -> dict[str, Any]:
    """What a question shows after it was answered; `said` is what its type says of the answer."""
    options = [
        {
            "text": Markup(fill(piece["options"][place])),
            "chosen": option.chosen,
            "right": option.right,
            "feedback": Markup(fill(piece["feedback"][place])),
        }
        for place, option in zip(order if said.options else (), said.options, strict=True)
    ]
    return {
        "fraction": said.fraction,
        "stem": stem(fill(piece["stem"]))["stem"],
        "options": options,
        "rows": said.rows,
        "given": said.given,
        "right": said.right,
        "explanation": Markup(fill(piece["explanation"])),
    }


def stem(html: str) -> dict[str, Any]:
    """The text of a question, whole with its gaps numbered, and cut at them: text, gap, text, gap, …, text."""
    cut = GAP.split(html)
    parts = [Markup(part) if place % 2 == 0 else int(part) for place, part in enumerate(cut)]
    return {"stem": Markup(GAP.sub(lambda gap: f"<b>[{int(gap[1]) + 1}]</b>", html)), "parts": parts}


def every_item(doc: CourseDoc) -> list[str]:
    """Everything that has pieces."""
    return [INTRODUCTION, *(entry.item for entry in doc.items if entry.item)]
