"""Numeric: a number within a tolerance or a range; the unit is shown and need not be typed."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Self

from lms.course import numerals
from lms.course.problems import N_
from lms.course.questions.base import (
    Answer,
    BadQuestion,
    Block,
    Feedback,
    Item,
    Mark,
    Question,
    exact,
    facts,
    one_line,
    typed,
)

WRITTEN_LIMIT = 100
NUMBER = r"[+\-−]?\d{1,20}(?:[., \u00a0]\d{1,20}){0,8}"
UNIT = r"[^\W\d_%‰°]?[%‰°]?(?:[^\W\d_]|[/·%‰°²³.]){0,15}[23]?(?: [^\W\d_][^\W\d_/·²³.]{0,15}[23]?){0,2}"
WRITTEN = re.compile(
    rf"(?P<first>{NUMBER}) ?(?P<unit>{UNIT})"
    rf"(?: ?(?P<sign>±|\+/-|\+-|\.\.) ?(?P<second>{NUMBER}) ?(?P<unit2>{UNIT}))?"
)
UNASKED_UNIT = re.compile(r"(?<=\d) ?[^\W\d_]{1,15}\.?$")
"""One word behind the number, where the question asks for none; anything longer may be a second answer."""
POWER = re.compile(r"(?P<number>.*[\d.,]) ?(?:e|[x*×·] ?10 ?(?:\^|\*\*)) ?(?P<power>[+\-−–]?\d{1,2})")
"""As calculators show it: “1,5e3”, “1,5×10^3”."""
NO_WHOLE = re.compile(r"^([+\-−–]?)(?=[.,]\d)")
NO_REST = re.compile(r"(?<=\d)[.,]$")
DASHED = re.compile(rf"{NUMBER} ?[-–—] ?{NUMBER} ?{UNIT}")


@dataclass(frozen=True, kw_only=True)
class Numeric(Question):
    """Type a number."""

    kind: ClassVar[str] = "numeric"

    low: Decimal
    high: Decimal
    unit: str = ""
    right: str

    @classmethod
    def from_block(cls, block: Block) -> Self:
        if len(block.items) > 1:
            raise BadQuestion(
                block.answer_line,
                N_(
                    "question “%(title)s” has several numbers as answers; write a range such as “9..10”, "
                    "or put each in quotation marks to compare them as text"
                ),
                {"title": block.title},
            )
        item = block.items[0]
        if item.mark is not None:
            raise BadQuestion(
                item.line,
                N_("question “%(title)s”: a number cannot carry a share “[%(mark)s]”; remove it"),
                {"title": block.title, "mark": item.mark},
            )
        low, high, unit, right = span(block, item)
        return cls(low=low, high=high, unit=unit, right=right, **facts(cls, block))

    def shown(self, order: Sequence[int]) -> dict[str, Any]:
        return {"unit": self.unit}

    def answer_lines(self) -> list[str]:
        low, high = self.low, self.high
        written = numerals.comma_unmistakable
        if low == high and "±" not in self.right and " – " not in self.right:
            said = written(low)
        elif "±" in self.right:
            said = f"{written((low + high) / 2)} ± {written((high - low) / 2)}"
        else:
            said = f"{written(low)}..{written(high)}"
        return [f"Đáp án: {said} {self.unit}".rstrip()]

    def read(self, raw: Sequence[str], order: Sequence[int] = ()) -> Answer:
        return typed(raw) or None

    def grade(self, answer: Answer) -> Mark:
        """A number that reads two ways counts if either reading is right."""
        values = learner_readings(answer, self.unit) if isinstance(answer, str) else ()
        return Mark(float(any(self.low <= value <= self.high for value in values)))

    def feedback(self, answer: Answer, order: Sequence[int] = ()) -> Feedback:
        return Feedback(
            fraction=self.grade(answer).fraction,
            options=(),
            given=answer if isinstance(answer, str) else "",
            right=self.right,
            explanation=self.explanation,
        )


def looks_numeric(text: str) -> bool:
    """Whether an accepted answer is a number to be measured rather than a text to be compared."""
    text = one_line(text)
    return len(text) <= WRITTEN_LIMIT and bool(WRITTEN.fullmatch(text) or DASHED.fullmatch(text))


def span(block: Block, item: Item) -> tuple[Decimal, Decimal, str, str]:
    """The lowest and highest right value, the unit, and the key as it is shown."""
    written = one_line(item.text)
    said = {"title": block.title, "written": written}
    parts = WRITTEN.fullmatch(written)
    if not parts:
        raise BadQuestion(
            item.line,
            N_(
                "question “%(title)s”: is “%(written)s” a range or a text? Write “18..22” for a range, or put it in quotation marks"
            ),
            said,
        )
    unit = parts["unit"] or parts["unit2"] or ""
    if parts["unit"] and parts["unit2"] and folded(parts["unit"]) != folded(parts["unit2"]):
        raise BadQuestion(item.line, N_("question “%(title)s”: “%(written)s” has two different units; keep one"), said)
    first = value(block, item, parts["first"])
    if not parts["sign"]:
        return first, first, unit, f"{numerals.comma(first)} {unit}".strip()
    second = value(block, item, parts["second"])
    if parts["sign"] == "..":
        if second < first:
            raise BadQuestion(
                item.line,
                N_(
                    "question “%(title)s”: the range “%(written)s” ends before it begins; write the smaller number first"
                ),
                said,
            )
        return first, second, unit, f"{numerals.comma(first)} – {numerals.comma(second)} {unit}".strip()
    shown = f"{numerals.comma(first)} ± {numerals.comma(abs(second))} {unit}".strip()
    return first - abs(second), first + abs(second), unit, shown


def value(block: Block, item: Item, written: str) -> Decimal:
    digits = written.strip().lstrip("+-−")
    found = exact(block, item.line, written)
    if found is None or (len(digits) > 1 and digits[0] == "0" and digits[1].isdigit()):
        raise BadQuestion(
            item.line,
            N_(
                "question “%(title)s”: is “%(written)s” a number or a text? Write it without spaces and leading zeros, or in quotation marks"
            ),
            {"title": block.title, "written": written.strip()},
        )
    return found


def learner_readings(text: str, unit: str) -> tuple[Decimal, ...]:
    """What a learner may have meant; the unit may be there or not, with or without accents."""
    text = folded(one_line(text)[:WRITTEN_LIMIT])
    if found := typed_numbers(text):
        return found
    if unit:
        return typed_numbers(text.removesuffix(folded(unit)))
    return typed_numbers(UNASKED_UNIT.sub("", text))


def typed_numbers(text: str) -> tuple[Decimal, ...]:
    """What a learner may type beyond what an author may: a power of ten, and nothing on one side of the comma."""
    text, power = text.strip(), 0
    if parts := POWER.fullmatch(text):
        text, power = parts["number"], int(parts["power"].translate(numerals.MINUS))
    found = numerals.readings(NO_REST.sub("", NO_WHOLE.sub(r"\g<1>0", text)))
    return tuple(value.scaleb(power) for value in found) if power else found


def folded(text: str) -> str:
    """Without case, accents and typographic variants, to compare units."""
    text = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    return "".join(c for c in text if not unicodedata.combining(c))
