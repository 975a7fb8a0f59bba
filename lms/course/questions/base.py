"""Question: data and the verbs that every type has: from_block, view, read, grade, feedback, and two ways back.

`entered` is the way back from what is stored to what the form shows, `answer_lines` the way back to what an author writes.
"""

import random
import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Self

from lms.course import numerals
from lms.course.problems import N_, Problem, Values, error, filled, same

Answer = str | int | list[Any] | None
"""What is stored: a JSON value in the order of the document, never of the screen; None is unanswered."""

TEXT_LIMIT = 1_000
ROWS_LIMIT = 100
POINTS_LIMIT = 1_000
WRONG_PAGE = N_("This answer does not belong to the question; reload the page and choose again.")


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
    PAIRS = "pairs"
    STEPS = "steps"
    GAPS = "gaps"
    RESPONSE = "response"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One option, accepted answer, pair or step, or one line of a rubric, as it was written."""

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
    end: int = 0
    """The last line that belongs to it: an edit by a form replaces the lines from `line` to here."""
    response: str = ""
    """What stands behind “Trả lời:”."""
    stem: str = ""
    tags: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    explanation: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Gap:
    """A place in the text to fill in; with words to choose from, or to type into."""

    words: tuple[str, ...] = ()
    is_number: bool = False


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
    partners: tuple[str, ...] = ()
    """What the rows of a matching question are matched with, in the order shown."""
    gaps: tuple[Gap, ...] = ()
    limits: Mapping[str, Any] = field(default_factory=dict)
    """How long a text, how many files, of which kinds and of what size."""


@dataclass(frozen=True)
class Mark:
    """How much of the points an answer earns, from 0 to 1; None when a person has to say."""

    fraction: float | None


@dataclass(frozen=True)
class OptionFeedback:
    """One option after submission, in the order in which it was shown."""

    text: str
    chosen: bool
    right: bool
    weight: float
    feedback: str


@dataclass(frozen=True)
class RowFeedback:
    """One row, step or gap after submission: plain texts."""

    label: str
    given: str
    right: str
    is_right: bool


@dataclass(frozen=True)
class Feedback:
    """What the learner may see after submission; texts are Markdown except `given`, which is the learner's."""

    fraction: float | None
    options: tuple[OptionFeedback, ...]
    given: str
    right: str
    explanation: str
    rows: tuple[RowFeedback, ...] = ()


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
    section: str = ""
    line: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

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

    @abstractmethod
    def answer_lines(self) -> list[str]:
        """The answer block as an author writes it; `from_block` reads it as this question again."""

    def own_settings(self) -> dict[str, str]:
        """The settings of the heading that differ from when nothing is said; `points` and tags are everybody's."""
        return {}

    def entered(self, answer: Answer, order: Sequence[int] = ()) -> list[str]:
        """What the form shows of a stored answer: what `read` would read as it again."""
        return [answer] if isinstance(answer, str) else []

    def in_words(self, answer: Answer, order: Sequence[int] = ()) -> str:
        """The answer on one line, for looking it over before submitting; empty when there is none."""
        return " · ".join(value for value in self.entered(answer, order) if value)

    def texts(self) -> Mapping[str, tuple[str, ...]]:
        """The Markdown beside stem, explanation and hint, by name, in the order of the document."""
        return {}

    def order(self, seed: str | int) -> tuple[int, ...]:
        """The order in which this attempt shows the options; empty for a question without options."""
        return ()

    def view(self, order: Sequence[int] = ()) -> View:
        return View(
            kind=self.kind,
            id=self.id,
            title=self.title,
            stem=self.shown_stem(),
            points=float(self.points),
            hint=self.hint,
            **self.shown(order),
        )

    def shown_stem(self) -> str:
        """The text as the learner gets it, with nothing of the key in it."""
        return self.stem

    def shown(self, order: Sequence[int]) -> dict[str, Any]:
        """The fields of the view that this type has and others have not."""
        return {}

    @property
    def needs_person(self) -> bool:
        """Whether a person has to mark the answer."""
        return False

    @property
    def criteria(self) -> tuple[tuple[Decimal, str], ...]:
        """What a person gives points for: most points and for what, in plain words; the whole where no rubric says more."""
        return ((self.points, ""),)

    def files(self, answer: Answer) -> tuple[str, ...]:
        """`digest/name` of every file that the answer holds."""
        return ()


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
        "end": block.end,
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


def share(value: Decimal) -> str:
    """A weight as it stands in a box: “50%”."""
    return numerals.comma_unmistakable(value * 100) + "%"


def item_lines(mark: str, text: str, feedback: str = "") -> list[str]:
    """An item of a list as an author writes it: further lines and the feedback are indented."""
    first, *more = text.split("\n")
    quoted = [f"  > {line}".rstrip() for line in feedback.split("\n")] if feedback else []
    return [f"{mark}{first}", *(f"  {line}" for line in more), *quoted]


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


MARKS = re.compile(r"(\*\*|__|~~|`)(?=\S)(.+?)(?<=\S)\1|(?<![\w*])\*(?=\S)(.+?)(?<=\S)\*(?![\w*])")
LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


def plain(text: str) -> str:
    """Markdown on one line without its marks, for places that hold no markup, such as a drop-down list."""
    return one_line(MARKS.sub(lambda m: m[2] or m[3], LINK.sub(r"\1", text)))


def positions(raw: Sequence[str], most: int) -> list[int | None]:
    """Shown positions in the order sent, None for what was left open; BadAnswer for what no page sends."""
    found: list[int | None] = []
    for value in raw:
        if not value.strip():
            found.append(None)
        elif value.isascii() and value.isdigit() and len(value) <= 3 and int(value) < most:
            found.append(int(value))
        else:
            raise BadAnswer(WRONG_PAGE)
    return found


def shuffled(question: Question, count: int, seed: str | int) -> tuple[int, ...]:
    places = list(range(count))
    if question.shuffle:
        random.Random(f"{seed}:{question.id}").shuffle(places)  # noqa: S311 - a fair order, not a secret
    return tuple(places)
