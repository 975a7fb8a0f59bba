"""What a file of questions says, whatever its format: frozen values in the file's own text and order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from lms.course.problems import N_


class Type(StrEnum):
    """The question types, named as everywhere in the product; a description asks nothing."""

    SINGLE_CHOICE = "single_choice"
    MULTIPLE_CHOICE = "multiple_choice"
    TRUE_FALSE = "true_false"
    SHORT_TEXT = "short_text"
    NUMERIC = "numeric"
    MATCHING = "matching"
    ORDERING = "ordering"
    CLOZE = "cloze"
    ESSAY = "essay"
    FILE = "file"
    DESCRIPTION = "description"


WORDS = {
    Type.SINGLE_CHOICE: N_("single choice"),
    Type.MULTIPLE_CHOICE: N_("multiple choice"),
    Type.TRUE_FALSE: N_("true/false"),
    Type.SHORT_TEXT: N_("short text"),
    Type.NUMERIC: N_("number"),
    Type.MATCHING: N_("matching"),
    Type.ORDERING: N_("ordering"),
    Type.CLOZE: N_("text with gaps"),
    Type.ESSAY: N_("essay"),
    Type.FILE: N_("file upload"),
    Type.DESCRIPTION: N_("text without a question"),
}
"""What people call them."""


class Markup(StrEnum):
    """How a text is to be read. `moodle` is HTML whose line breaks count and whose addresses become links."""

    HTML = "html"
    MOODLE = "moodle"
    PLAIN = "plain"
    MARKDOWN = "markdown"


CHOICES = (Type.SINGLE_CHOICE, Type.MULTIPLE_CHOICE)
ANYTHING = "*"
"""As the value of a number: whatever no other answer took."""


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that came inside the file, beside the text that shows it."""

    name: str
    folder: str = "/"
    data: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Text:
    """A text with the markup that it is to be read by, and the files it shows."""

    text: str = ""
    markup: Markup
    files: tuple[Attachment, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text or self.files)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer with what it is worth in percent; numbers have a value, all others a text."""

    text: Text | None = None
    weight: Decimal
    feedback: Text | None = None
    value: Decimal | str | None = None
    tolerance: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Pair:
    left: Text
    right: str


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A place to fill in; `start` and `end` tell where in the question's text it stands."""

    type: Type
    points: Decimal
    answers: tuple[Answer, ...]
    case_sensitive: bool | None = None
    shuffle: bool | None = None
    layout: str = ""
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Hint:
    text: Text
    shows_count: bool = False
    clears_wrong: bool = False


@dataclass(frozen=True, kw_only=True)
class Unit:
    """The unit of a number, and what one of the answer's own unit is in it."""

    name: str
    multiplier: Decimal


@dataclass(frozen=True, kw_only=True)
class Response:
    """What may be handed in to be marked by a person; None where the file is silent."""

    editor: str = "editor"
    required: bool | None = None
    lines: int | None = None
    least_words: int | None = None
    most_words: int | None = None
    files: int | None = None
    files_required: int | None = None
    file_types: str = ""
    most_bytes: int | None = None
    grader_info: Text | None = None
    template: Text | None = None


@dataclass(frozen=True, kw_only=True)
class ExchangeQuestion:
    """One question of such a file; what its type or its format does not have stays empty."""

    type: Type
    line: int = field(default=0, compare=False)
    name: str = ""
    text: Text
    points: Decimal = Decimal(1)
    tags: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    id: str = ""

    answers: tuple[Answer, ...] = ()
    pairs: tuple[Pair, ...] = ()
    distractors: tuple[str, ...] = ()
    steps: tuple[Text, ...] = ()
    correct: bool | None = None
    feedback_if_true: Text | None = None
    feedback_if_false: Text | None = None
    gaps: tuple[Gap, ...] = ()
    units: tuple[Unit, ...] = ()
    response: Response | None = None

    general_feedback: Text | None = None
    correct_feedback: Text | None = None
    partially_correct_feedback: Text | None = None
    incorrect_feedback: Text | None = None
    hints: tuple[Hint, ...] = ()
    shuffle: bool | None = None
    case_sensitive: bool | None = None
    numbering: str = ""
    penalty: Decimal | None = None
    hidden: bool = False

    @property
    def label(self) -> str:
        """What it is called in a message: its name, else its first words."""
        words = " ".join((self.name or self.text.text).split())
        return words if len(words) <= LABEL else words[: LABEL - 1].rstrip() + "…"

    @property
    def texts(self) -> tuple[Text, ...]:
        """Every text of the question, in the order in which a file has them."""
        response = self.response or Response()
        answers = [*self.answers, *(answer for gap in self.gaps for answer in gap.answers)]
        found = (
            self.text,
            *(text for answer in answers for text in (answer.text, answer.feedback)),
            *(pair.left for pair in self.pairs),
            *self.steps,
            self.feedback_if_true, self.feedback_if_false, self.general_feedback,
            self.correct_feedback, self.partially_correct_feedback, self.incorrect_feedback,
            *(hint.text for hint in self.hints),
            response.grader_info, response.template,
        )  # fmt: skip
        return tuple(text for text in found if text is not None)

    def to_json(self) -> dict[str, Any]:
        """As JSON values: only what applies, weights in percent, a text's markup only where it is not the question's."""
        own = self.text.markup
        said: dict[str, Any] = {
            "type": self.type.value,
            "name": self.name,
            "text": self.text.text,
            "format": own.value,
            "points": number(self.points),
            "tags": list(self.tags),
            "category": list(self.category),
            "id": self.id,
            "answers": [_answer(answer, own if self.type in CHOICES else None) for answer in self.answers],
            "pairs": [[pair.left.text, pair.right] for pair in self.pairs],
            "pair_formats": _markups([pair.left for pair in self.pairs], own),
            "distractors": list(self.distractors),
            "steps": [step.text for step in self.steps],
            "correct": self.correct,
            **_text("feedback_if_true", self.feedback_if_true, own),
            **_text("feedback_if_false", self.feedback_if_false, own),
            **_text("general_feedback", self.general_feedback, own),
            **_text("correct_feedback", self.correct_feedback, own),
            **_text("partially_correct_feedback", self.partially_correct_feedback, own),
            **_text("incorrect_feedback", self.incorrect_feedback, own),
            "hints": [hint.text.text for hint in self.hints],
            "hint_formats": _markups([hint.text for hint in self.hints], own),
            "gaps": [_gap(gap) for gap in self.gaps],
            "units": [{"name": unit.name, "multiplier": number(unit.multiplier)} for unit in self.units],
            "response": _response(self.response, own),
            "shuffle": self.shuffle,
            "case_sensitive": self.case_sensitive,
            "numbering": self.numbering,
            "penalty": number(self.penalty),
            "hidden": self.hidden or None,
            "files": [
                {"name": file.name, "folder": file.folder, "size": len(file.data)}
                for text in self.texts
                for file in text.files
            ],
        }
        return {key: value for key, value in said.items() if key in ALWAYS or value not in NOTHING}


LABEL = 60
ALWAYS = ("type", "text", "points")
NOTHING: Sequence[Any] = (None, "", [], {})


def number(value: Decimal | None) -> int | float | None:
    """A number as JSON has it: 1 rather than 1.0."""
    if value is None:
        return None
    whole = value == value.to_integral_value() and abs(value) < 10**15
    return int(value) if whole else float(value)


def _text(key: str, text: Text | None, own: Markup | None) -> dict[str, Any]:
    """A text, and its markup where that is another than the question's."""
    if text is None or not text.text:
        return {}
    return {key: text.text, **({f"{key}_format": text.markup.value} if own and text.markup != own else {})}


def _markups(texts: Sequence[Text], own: Markup) -> list[str]:
    """The markup of each, when one of them differs from the question's."""
    return [text.markup.value for text in texts] if any(text.markup != own for text in texts) else []


def _answer(answer: Answer, own: Markup | None) -> dict[str, Any]:
    """The markup matters for what is shown, not for what is typed."""
    said: dict[str, Any] = {}
    if answer.text is not None:
        said["text"] = answer.text.text
        if own and answer.text.markup != own:
            said["format"] = answer.text.markup.value
    if answer.value is not None:
        said["value"] = number(answer.value) if isinstance(answer.value, Decimal) else answer.value
    if answer.tolerance is not None:
        said["tolerance"] = number(answer.tolerance)
    said["weight"] = number(answer.weight)
    return said | _text("feedback", answer.feedback, own)


def _gap(gap: Gap) -> dict[str, Any]:
    said = {
        "type": gap.type.value,
        "points": number(gap.points),
        "answers": [_answer(answer, None) for answer in gap.answers],
        "case_sensitive": gap.case_sensitive,
        "shuffle": gap.shuffle,
        "layout": gap.layout,
    }
    return {key: value for key, value in said.items() if value not in NOTHING}


def _response(response: Response | None, own: Markup) -> dict[str, Any]:
    if response is None:
        return {}
    said = {
        "editor": response.editor,
        "required": response.required,
        "lines": response.lines,
        "least_words": response.least_words,
        "most_words": response.most_words,
        "files": response.files,
        "files_required": response.files_required,
        "file_types": response.file_types,
        "most_bytes": response.most_bytes,
        **_text("grader_info", response.grader_info, own),
        **_text("template", response.template, own),
    }
    return {key: value for key, value in said.items() if value not in NOTHING}
