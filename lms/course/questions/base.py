"""Question: data and the five verbs that every type has (from_block, view, read, grade, feedback)."""

import random
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Self

from lms.course import numerals
from lms.course.problems import N_, Problem, Values, error, filled, same

Answer = str | int | list[int] | None
"""What is stored: a JSON value in the order of the document, never of the screen; None is unanswered."""

TEXT_LIMIT = 1_000
POINTS_LIMIT = 1_000


class BadQuestion(Exception):
    """What the author wrote is not a question of this type."""

    def __init__(self, line: int, message: str, values: Values | None = None) -> None:
        super().__init__(message)
        self.line, self.message, self.values = line, message, dict(values or {})

    def problem(self, path: str) -> Problem:
        return error(path, self.line, self.message, **self.values)


class BadAnswer(ValueError):
    """What was sent cannot come from the page: the form was changed or is of another question."""

    def __init__(self, message: str, values: Values | None = None) -> None:
        super().__init__(message)
        self.message, self.values = message, dict(values or {})

    def text(self, translate: Callable[[str], str] = same) -> str:
        return filled(translate(self.message), self.values)


class Shape(StrEnum):
    """What the answer block looks like; with what stands in it, it decides the type."""

    TICKS = "ticks"
    ANSWER = "answer"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One option, or one accepted answer, as it was written."""

    line: int
    text: str
    mark: str | None = None  # what stands in the box: "x", "", "50%"; None without a box
    feedback: str = ""


@dataclass(frozen=True, kw_only=True)
class Block:
    """One question as the author wrote it, cut into its parts."""

    id: str
    title: str
    line: int
    shape: Shape
    items: tuple[Item, ...]
    answer_line: int
    stem: str = ""
    tags: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    explanation: str = ""
    hint: str = ""


@dataclass(frozen=True)
class View:
    """What the learner sees before submitting: nothing here tells the key."""

    kind: str
    id: str
    title: str
    stem: str
    points: float
    hint: str
    options: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True)
class Mark:
    """How much of the points an answer earns, from 0 to 1."""

    fraction: float


@dataclass(frozen=True)
class OptionFeedback:
    """One option after submission, in the order in which it was shown."""

    text: str
    chosen: bool
    right: bool
    weight: float
    feedback: str


@dataclass(frozen=True)
class Feedback:
    """What the learner may see after submission; texts are Markdown except `given`, which is the learner's."""

    fraction: float
    options: tuple[OptionFeedback, ...]
    given: str
    right: str
    explanation: str


@dataclass(frozen=True, kw_only=True)
class Question(ABC):
    """One question, whatever its type."""

    kind: ClassVar[str]
    settings: ClassVar[frozenset[str]] = frozenset()

    id: str
    title: str
    stem: str = ""
    points: Decimal = Decimal(1)
    tags: tuple[str, ...] = ()
    shuffle: bool = True
    explanation: str = ""
    hint: str = ""
    line: int = 0

    @classmethod
    @abstractmethod
    def from_block(cls, block: Block) -> Self:
        """The question an author wrote; BadQuestion says what is wrong and how to cure it."""

    @abstractmethod
    def read(self, raw: Sequence[str], order: Sequence[int] = ()) -> Answer:
        """The answer in what the form sent: shown positions or text; BadAnswer if the page cannot have sent it."""

    @abstractmethod
    def grade(self, answer: Answer) -> Mark:
        """Never raises: what cannot be read earns nothing."""

    @abstractmethod
    def feedback(self, answer: Answer, order: Sequence[int] = ()) -> Feedback:
        """What to show after submission."""

    def order(self, seed: str | int) -> tuple[int, ...]:
        """The order in which this attempt shows the options; empty for a question without options."""
        return ()

    def view(self, order: Sequence[int] = ()) -> View:
        return View(
            kind=self.kind,
            id=self.id,
            title=self.title,
            stem=self.stem,
            points=float(self.points),
            hint=self.hint,
            options=self.shown(order),
            unit=self.shown_unit(),
        )

    def shown(self, order: Sequence[int]) -> tuple[str, ...]:
        return ()

    def shown_unit(self) -> str:
        return ""

    @property
    def needs_person(self) -> bool:
        """Whether a person has to mark the answer."""
        return False


def facts(cls: type[Question], block: Block) -> dict[str, Any]:
    """The fields that all types share; settings that mean nothing for this type are refused."""
    for name in block.settings:
        if name not in cls.settings | {"points"}:
            raise BadQuestion(
                block.line,
                N_("question “%(title)s”: the setting “%(name)s” means nothing for this type of question; remove it"),
                {"title": block.title, "name": name},
            )
    return {
        "id": block.id,
        "title": block.title,
        "stem": block.stem,
        "points": points(block),
        "tags": block.tags,
        "explanation": block.explanation,
        "hint": block.hint,
        "line": block.line,
    }


def points(block: Block) -> Decimal:
    written = block.settings.get("points", "1")
    value = exact(block, block.line, written)
    if value is None or not 0 < value <= POINTS_LIMIT:
        raise BadQuestion(
            block.line,
            N_("question “%(title)s”: “points=%(value)s” is not a number of points; write for example “points=2”"),
            {"title": block.title, "value": written},
        )
    return value


def yes_or_no(block: Block, name: str, *, default: bool) -> bool:
    written = block.settings.get(name, "yes" if default else "no")
    if written not in ("yes", "no"):
        raise BadQuestion(
            block.line,
            N_("question “%(title)s”: “%(name)s=%(value)s”: write “%(name)s=yes” or “%(name)s=no”"),
            {"title": block.title, "name": name, "value": written},
        )
    return written == "yes"


def exact(block: Block, line: int, written: str) -> Decimal | None:
    """A number as an author writes it; one that reads two ways is a question back to the author."""
    try:
        return numerals.number(written)
    except numerals.AmbiguousNumber as two:
        raise BadQuestion(
            line,
            N_(
                "question “%(title)s”: is “%(written)s” %(grouped)s or %(decimal)s? Write “%(grouped)s” or “%(decimal)s”"
            ),
            {"title": block.title, "written": two.written, "grouped": two.grouped, "decimal": two.decimal},
        ) from None


def weight(block: Block, item: Item) -> Decimal | None:
    """“50%” in the box as 0.5; None for a plain tick or an empty box."""
    mark = (item.mark or "").strip()
    if not mark.endswith("%"):
        return None
    value = exact(block, item.line, mark[:-1])
    if value is None or not -100 <= value <= 100:
        raise BadQuestion(
            item.line,
            N_("question “%(title)s”: “[%(mark)s]” is not a share of the points; write from “[-100%%]” to “[100%%]”"),
            {"title": block.title, "mark": mark},
        )
    return value / 100


def typed(raw: Sequence[str]) -> str:
    """What was typed, on one line, without what no keyboard types; empty if nothing was."""
    text = "\n".join(value for value in raw if isinstance(value, str))
    if len(text) > TEXT_LIMIT:
        raise BadAnswer(N_("The answer is longer than %(limit)s characters; shorten it."), {"limit": TEXT_LIMIT})
    return one_line(text)


def one_line(text: str) -> str:
    """NFC, trimmed, spaces collapsed, control characters and broken surrogates gone."""
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)
    return " ".join(unicodedata.normalize("NFC", text).split())


def shuffled(question: Question, count: int, seed: str | int) -> tuple[int, ...]:
    places = list(range(count))
    if question.shuffle:
        random.Random(f"{seed}:{question.id}").shuffle(places)  # noqa: S311 - a fair order, not a secret
    return tuple(places)
