"""A question as the fields of a form: what stands in each, what was typed, and what the buttons of its rows do."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from lms.course import numerals
from lms.course.questions import Question
from lms.course.questions.base import ROWS_LIMIT, one_line, share
from lms.course.questions.choices import ChoiceQuestion
from lms.course.questions.essay import Criterion, Essay
from lms.course.questions.file import FileUpload
from lms.course.questions.matching import Matching
from lms.course.questions.numeric import Numeric
from lms.course.questions.ordering import Ordering
from lms.course.questions.short_text import ShortText

OPTION = ("text", "mark", "feedback")
CELLS: dict[str, tuple[str, ...]] = {
    "single_choice": OPTION,
    "multiple_choice": OPTION,
    "true_false": OPTION,
    "short_text": ("text", "weight", "feedback"),
    "numeric": ("text",),
    "matching": ("left", "right"),
    "ordering": ("text",),
    "cloze": (),
    "essay": ("points", "text"),
    "file": ("points", "text"),
}
"""What the rows of each kind are made of; a kind without cells has no rows, its gaps stand in the stem."""
SETTINGS = {
    "single_choice": "shuffle",
    "multiple_choice": "shuffle",
    "matching": "shuffle",
    "short_text": "case",
    "cloze": "case",
}
LIMITS = {"essay": ("least_words", "most_words"), "file": ("suffixes", "most_files", "most_mib")}
FIXED = {"true_false": 2, "numeric": 1}
"""Kinds with so many rows, no more and no less."""
OFFERED = {"short_text": 2, "essay": 0, "file": 0}
"""How many rows a new question offers, where it is not four."""
ONE_LINE = frozenset({"mark", "weight", "points"})
NAME = re.compile(r"row-(\d{1,4})-([a-z]{1,10})")
TRUE_FALSE = ("Đúng", "Sai")
Row = Mapping[str, str]
Posted = Mapping[str, Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What stands in the form: plain texts, as they are shown and typed."""

    kind: str
    id: str = ""
    title: str = ""
    points: str = "1"
    tags: str = ""
    stem: str = ""
    rows: tuple[Row, ...] = ()
    """Options, accepted answers, pairs, steps, or the lines of a rubric; an empty one counts for nothing."""
    limits: Row = field(default_factory=dict)
    shuffle: bool = True
    case: bool = False
    explanation: str = ""
    hint: str = ""

    @property
    def given(self) -> tuple[tuple[int, Row], ...]:
        """The rows with something in them, each with its place in the form; where their number is fixed, all."""
        kept = enumerate(self.rows)
        return tuple((place, row) for place, row in kept if self.kind in FIXED or any(row.values()))


def fields(question: Question) -> Filled:
    """The form of a question."""
    return Filled(
        kind=question.kind,
        id=question.id,
        title=question.title,
        points=numerals.comma_unmistakable(question.points),
        tags=" ".join(question.tags),
        stem=question.stem,
        rows=tuple(_rows(question)),
        limits=_limits(question),
        shuffle=question.shuffle if SETTINGS.get(question.kind) == "shuffle" else True,
        case=getattr(question, "case", False),
        explanation=question.explanation,
        hint=question.hint,
    )


def _rows(question: Question) -> Iterator[Row]:
    match question:
        case ChoiceQuestion():
            for option in question.options:
                mark = "x" if option.ticked else "" if option.weight is None else share(option.weight)
                yield {"text": option.text, "mark": mark, "feedback": option.feedback}
        case ShortText():
            for answer in question.answers:
                weight = "" if answer.weight == 1 else share(answer.weight)
                yield {"text": answer.text, "weight": weight, "feedback": answer.feedback}
        case Numeric():
            yield {"text": _number(question)}
        case Matching():
            lefts = (*question.rows, *[""] * len(question.distractors))
            for left, right in zip(lefts, (*question.matches, *question.distractors), strict=True):
                yield {"left": left, "right": right}
        case Ordering():
            yield from ({"text": step} for step in question.steps)
        case Essay() | FileUpload():
            yield from (_criterion(one) for one in question.rubric)


def _criterion(one: Criterion) -> Row:
    return {"points": numerals.comma_unmistakable(one.points), "text": one.text}


def _number(question: Numeric) -> str:
    """The answer as an author writes it; “9 ± 0” and “9..9” too stay what they are."""
    low, high = question.low, question.high
    written = numerals.comma_unmistakable
    if "±" in question.right:
        said = f"{written((low + high) / 2)} ± {written((high - low) / 2)}"
    elif " – " in question.right:
        said = f"{written(low)}..{written(high)}"
    else:
        said = written(low)
    return f"{said} {question.unit}".rstrip()


def _limits(question: Question) -> Row:
    match question:
        case Essay():
            words = {name: getattr(question, name) for name in LIMITS["essay"]}
            return {name: "" if number is None else str(number) for name, number in words.items()}
        case FileUpload():
            sizes = {"most_files": str(question.most_files), "most_mib": str(question.most_mib)}
            return {"suffixes": " ".join(question.suffixes), **sizes}
    return {}


# What was posted


def from_form(form: Posted) -> Filled:
    """What was typed; rows are read from row-0-text, row-0-mark, … in the order of their numbers, as many as may be."""
    kind = _one(form, "kind") if _one(form, "kind") in CELLS else "single_choice"
    shown = _one(form, "shown") if _one(form, "shown") in CELLS else kind
    stem = _prose(_raw(form, "stem")).rstrip()
    filled = Filled(
        kind=shown,
        id=_one(form, "id"),
        title=_one(form, "title"),
        points=_one(form, "points") or "1",
        tags=" ".join(word.lstrip(".#") for word in re.split(r"[\s,;]+", _one(form, "tags")) if word.strip(".#")),
        stem=stem.lstrip("\n") if shown == "cloze" else stem.strip(),
        rows=_posted_rows(form, shown),
        limits={name: _limit(name, _one(form, f"limit-{name}")) for name in LIMITS.get(shown, ())},
        shuffle="shuffle" in form if SETTINGS.get(shown) == "shuffle" else True,
        case="case" in form and SETTINGS.get(shown) == "case",
        explanation=_prose(_raw(form, "explanation")).strip(),
        hint=_prose(_raw(form, "hint")).strip(),
    )
    return _summed(filled)


def _posted_rows(form: Posted, kind: str) -> tuple[Row, ...]:
    """One more than the parser takes is enough for it to say that they are too many."""
    cells = CELLS[kind]
    found = (NAME.fullmatch(name) for name in form)
    places = sorted({int(match[1]) for match in found if match and match[2] in cells})[: ROWS_LIMIT + 1]
    rows = tuple({cell: _cell(form, kind, place, cell) for cell in cells} for place in places)
    if kind == "true_false":
        right = _one(form, "right")
        rows = tuple(
            {**row, "mark": "x" if str(place) == right else ""} for place, row in zip(places, rows, strict=True)
        )
    return rows[: FIXED[kind]] if kind in FIXED else rows


def _cell(form: Posted, kind: str, place: int, cell: str) -> str:
    value = _raw(form, f"row-{place}-{cell}")
    if cell in ONE_LINE or kind == "numeric" or (kind == "short_text" and cell == "text"):
        value = one_line(value)
        return f"{value}%" if cell == "weight" and value.replace(",", "").isdigit() else value
    return "\n".join(line.rstrip() for line in _prose(value).strip().split("\n"))


def _limit(name: str, value: str) -> str:
    """Suffixes with their dots, however they were typed: “docx, .PDF”."""
    if name != "suffixes":
        return value
    return " ".join(dict.fromkeys(f".{word.lstrip('.*').lower()}" for word in re.split(r"[\s,;]+", value) if word))


def _summed(filled: Filled) -> Filled:
    """A rubric says what the question is worth: the points are its sum, as far as it can be read."""
    if filled.kind not in LIMITS or not filled.given:
        return filled
    try:
        worth = [numerals.number(row["points"]) for _, row in filled.given]
    except numerals.AmbiguousNumber:
        return filled
    total = sum((one or Decimal(0) for one in worth), Decimal(0))
    return replace(filled, points=numerals.comma_unmistakable(total)) if total > 0 else filled


def _raw(form: Posted, name: str) -> str:
    return next(iter(form.get(name, ())), "")


def _one(form: Posted, name: str) -> str:
    return one_line(_raw(form, name))


def _prose(value: str) -> str:
    """Lines as typed, in NFC, without what no keyboard types."""
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in value if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return unicodedata.normalize("NFC", kept)


# Rows and their buttons


def offered(filled: Filled) -> Filled:
    """The form as it is opened: with empty rows to fill in, none where the kind fixes their number."""
    if not CELLS[filled.kind]:
        return replace(filled, rows=())
    if filled.kind == "true_false" and not filled.rows:
        return replace(filled, rows=tuple({**_empty(filled.kind), "text": word} for word in TRUE_FALSE))
    least = FIXED.get(filled.kind) or max(OFFERED.get(filled.kind, 4), len(filled.rows) + 1)
    more = max(0, least - len(filled.rows))
    return replace(filled, rows=(*filled.rows, *(_empty(filled.kind) for _ in range(more))))


def pressed(filled: Filled, form: Posted) -> tuple[Filled, str] | None:
    """The form after a button of its rows or another kind, and the field to go on with; None when it is to be saved."""
    kind = _one(form, "kind")
    if kind in CELLS and kind != filled.kind:
        return as_kind(filled, kind), "kind"
    rows = list(filled.rows)
    first = next(iter(CELLS[filled.kind]), "")
    if "add" in form and first and filled.kind not in FIXED and len(rows) < ROWS_LIMIT:
        return replace(filled, rows=(*rows, _empty(filled.kind))), f"row-{len(rows)}-{first}"
    for button, step in (("remove", 0), ("up", -1), ("down", 1)):
        written = _one(form, button)
        if not (written.isascii() and written.isdigit() and len(written) <= 4 and int(written) < len(rows)):
            continue
        place = int(written)
        row = rows.pop(place)
        to = min(max(place + step, 0), len(rows))
        if step:
            rows.insert(to, row)
        return replace(filled, rows=tuple(rows)), f"row-{min(to, len(rows) - 1)}-{first}" if rows else "add"
    return (filled, "") if form.keys() & {"add", "remove", "up", "down", "change"} else None


def as_kind(filled: Filled, kind: str) -> Filled:
    """The same question as another kind: what both have stays."""

    def moved(row: Row) -> Row:
        text = row.get("text") or row.get("left", "")
        return {cell: row.get(cell, text if cell in ("text", "left") else "") for cell in CELLS[kind]}

    rows = tuple(moved(row) for _, row in filled.given)
    rows = rows[: FIXED.get(kind, ROWS_LIMIT)] if CELLS[kind] and kind not in ("true_false", *LIMITS) else ()
    return offered(replace(filled, kind=kind, rows=rows, limits=dict.fromkeys(LIMITS.get(kind, ()), "")))


def _empty(kind: str) -> Row:
    return dict.fromkeys(CELLS[kind], "")
