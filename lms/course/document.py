"""CourseDoc: a course after parsing, as frozen values; what is stored with a revision and read ever after."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

import cattrs

from lms.course.questions import TYPES, Question

STALE_AFTER = timedelta(days=180)
VERSION = 1

Show = Literal["nothing", "score", "mistakes", "answers"]
Shuffle = Literal["none", "questions", "options", "both"]


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A law or standard that lessons cite, with the dates between which it is in force."""

    id: str
    number: str
    name: str
    in_force_from: date
    in_force_to: date | None = None
    replaced_by: str | None = None
    checked_on: date
    note: str | None = None

    def is_repealed(self, today: date) -> bool:
        """The last day in force is still in force."""
        return self.in_force_to is not None and self.in_force_to < today

    def is_stale(self, today: date) -> bool:
        """Whether nobody has looked for longer than half a year if the text still holds."""
        return today - self.checked_on > STALE_AFTER


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the outline; without an item it is a download."""

    title: str
    item: str | None
    path: str
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Part:
    title: str | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True)
class Lesson:
    id: str
    title: str
    path: str
    minutes: int | None = None
    objectives: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    text: str
    line: int = 1
    cites: tuple[str, ...] = ()
    local_names: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Quiz:
    id: str
    title: str
    path: str
    pass_percent: Decimal = Decimal(60)
    minutes: int | None = None
    attempts: int | None = None
    grade: Literal["highest"] = "highest"
    show: Show = "mistakes"
    shuffle: Shuffle = "options"
    introduction: str = ""
    questions: tuple[Question, ...] = ()
    local_names: tuple[str, ...] = ()

    @property
    def points(self) -> Decimal:
        return sum((question.points for question in self.questions), Decimal(0))

    def question(self, question_id: str) -> Question | None:
        return next((question for question in self.questions if question.id == question_id), None)

    def draw(self, seed: str | int) -> tuple[Question, ...]:
        """The questions of one attempt, in the order in which it shows them."""
        drawn = list(self.questions)
        if self.shuffle in ("questions", "both"):
            random.Random(f"{seed}:{self.id}").shuffle(drawn)  # noqa: S311 - a fair order, not a secret
        return tuple(drawn)


@dataclass(frozen=True, kw_only=True)
class CourseDoc:
    id: str
    title: str
    language: Literal["vi", "en"] = "vi"
    hours: Decimal | None = None
    audience: str = ""
    objectives: tuple[str, ...] = ()
    content_group: int | None = None
    complete: int = 100
    grade_from: str | None = None
    valid_months: int | None = None
    certificate: Literal["self", "none"] = "self"
    introduction: str = ""
    parts: tuple[Part, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    quizzes: tuple[Quiz, ...] = ()
    references: tuple[Reference, ...] = ()
    introduction_local_names: tuple[str, ...] = ()

    @cached_property
    def items(self) -> tuple[Entry, ...]:
        """What is learnt and tracked, in the order of the outline."""
        return tuple(entry for part in self.parts for entry in part.entries if entry.item)

    @cached_property
    def _by_id(self) -> dict[str, Lesson | Quiz]:
        items: tuple[Lesson | Quiz, ...] = (*self.lessons, *self.quizzes)
        return {item.id: item for item in items}

    def item(self, item_id: str) -> Lesson | Quiz | None:
        return self._by_id.get(item_id)

    def lesson(self, item_id: str) -> Lesson | None:
        found = self.item(item_id)
        return found if isinstance(found, Lesson) else None

    def quiz(self, item_id: str) -> Quiz | None:
        found = self.item(item_id)
        return found if isinstance(found, Quiz) else None

    @property
    def minutes(self) -> int:
        """What the required items take together, as far as they say."""
        required = (self.item(entry.item or "") for entry in self.items if not entry.optional)
        return sum(item.minutes or 0 for item in required if item)

    @property
    def local_names(self) -> tuple[str, ...]:
        """Every `{{name}}` that the course uses, each once."""
        items = (item.local_names for item in self._by_id.values())
        groups = (self.introduction_local_names, *items)
        return tuple(dict.fromkeys(name for group in groups for name in group))


def is_question(type_: Any) -> bool:
    """The abstract type: its values are written with their kind and read by it."""
    return type_ is Question


def converter() -> cattrs.Converter:
    made = cattrs.Converter(unstruct_collection_overrides={tuple: list}, forbid_extra_keys=True, omit_if_default=False)
    made.register_unstructure_hook(Decimal, str)
    made.register_structure_hook(Decimal, lambda value, _: Decimal(value))
    made.register_unstructure_hook(date, date.isoformat)
    made.register_structure_hook(date, lambda value, _: date.fromisoformat(value))
    made.register_unstructure_hook_func(
        is_question, lambda question: {"kind": question.kind, **made.unstructure(question, type(question))}
    )
    made.register_structure_hook_func(
        is_question,
        lambda value, _: made.structure({k: v for k, v in value.items() if k != "kind"}, TYPES[value["kind"]]),
    )
    return made


CONVERTER = converter()


def dump(doc: CourseDoc) -> dict[str, Any]:
    """The document as JSON values, stored with the revision."""
    return {"version": VERSION, **CONVERTER.unstructure(doc)}


def load(data: dict[str, Any]) -> CourseDoc:
    """The document that was dumped; a version from the future is refused."""
    if data.get("version") != VERSION:
        raise ValueError(f"unknown version of the stored document: {data.get('version')!r}")
    return CONVERTER.structure({k: v for k, v in data.items() if k != "version"}, CourseDoc)
