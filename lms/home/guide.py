"""The guide for trainers: a course of our own in the package, read once and shown without being published."""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lms.content import disk, rendering
from lms.content.rules import INTRODUCTION, is_servable
from lms.course.document import CourseDoc, Lesson, Quiz
from lms.course.parse import parse
from lms.course.questions import Question

FOLDER = Path(__file__).with_name("guide")
ADDRESS = "/tro-giup/soan-bai"
"""Where the guide stands; kept in what is rendered of it, so it must stay what the routes say (tested)."""


@dataclass(frozen=True)
class Guide:
    """The document, and its pictures and downloads by the last part of their path."""

    doc: CourseDoc
    files: dict[str, bytes]
    digests: dict[str, str]
    """Of each file, by path."""


@dataclass(frozen=True)
class Page:
    """One page as HTML; its self-checks by number stand between the texts, as `cut_at_checks` cuts them."""

    body: list[str | int]
    questions: tuple[Question, ...]
    pieces: dict[str, Any]
    """What each question shows, by its id."""

    def question(self, question_id: str) -> Question | None:
        """The self-check of this id."""
        return next((one for one in self.questions if one.id == question_id), None)


@cache
def guide() -> Guide:
    """The guide, read from the package by whoever asks first."""
    source = disk.read(FOLDER)
    doc, problems = parse(source)
    if doc is None:  # the installation is broken
        raise ValueError(f"the guide cannot be read: {problems}")
    served = {path: data for path, data in source.items() if is_servable(path)}
    return Guide(
        doc=doc,
        files={_name(path): data for path, data in served.items()},
        digests={path: hashlib.sha256(data).hexdigest() for path, data in served.items()},
    )


@cache
def introduction() -> str:
    """What stands before the contents."""
    body: str = _rendered(INTRODUCTION)["body"]
    return body


def find_page(item: str) -> Page | None:
    """A lesson or quiz of the guide, by its id."""
    found = guide().doc.item(item)
    return _page(found) if isinstance(found, Lesson | Quiz) else None


@cache
def _page(item: Lesson | Quiz) -> Page:
    made = _rendered(item.id)
    if isinstance(item, Quiz):  # every question with its answer at once
        places = [part for number in range(len(item.questions)) for part in (number, "")]
        return Page([made[rendering.QUIZ_TEXT]["body"], *places], item.questions, made)
    return Page(rendering.cut_at_checks(made["body"]), item.checks, made["checks"])


def _rendered(item: str) -> dict[str, Any]:
    """The pieces of an item or of the introduction, their links leading to the guide's own pages and files."""
    made: dict[str, Any] = _here(rendering.pieces(guide().doc, item, guide().digests))
    return made


def contents(current: str) -> list[dict[str, Any]]:
    """The parts with their pages, as ui/progress.html draws entries."""
    doc = guide().doc
    numbers = {entry.item: number for number, entry in enumerate(doc.items, start=1)}
    return [
        {
            "title": part.title,
            "entries": [_entry(doc, entry.item, numbers[entry.item], current) for entry in part.entries],
        }
        for part in doc.parts
    ]


def _entry(doc: CourseDoc, item: str | None, number: int, current: str) -> dict[str, Any]:
    found = doc.item(item or "")
    return {
        "title": found.title if found else "",
        "url": f"{ADDRESS}/{item}",
        "number": number,
        "minutes": found.minutes if found else None,
        "kind": "quiz" if isinstance(found, Quiz) else "lesson",
        "state": "todo",
        "current": item == current,
        "facts": [],
        "note": "",
    }


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


@cache
def _moves() -> dict[str, str]:
    """From the addresses of a published course to those of the guide."""
    doc, digests = guide().doc, guide().digests
    items = {rendering.item_url(doc, entry.item): f"{ADDRESS}/{entry.item}" for entry in doc.items if entry.item}
    return items | {rendering.file_url(digests[path], path): f"{ADDRESS}/tep/{_name(path)}" for path in digests}


def _here(made: Any) -> Any:
    if isinstance(made, dict):
        return {name: _here(part) for name, part in made.items()}
    if isinstance(made, list):
        return [_here(part) for part in made]
    known = "|".join(map(re.escape, _moves()))
    return re.sub(rf'(?<==")(?:{known})(?=["#])', lambda found: _moves()[found[0]], made)
