"""Short text: what is typed is compared with the accepted answers; “…” in them stands for anything."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Self

from lms.course.problems import N_
from lms.course.questions.base import (
    Answer,
    BadQuestion,
    Block,
    Feedback,
    Item,
    Mark,
    Question,
    facts,
    item_lines,
    one_line,
    share,
    typed,
    weight,
    yes_or_no,
)

ANYTHING = "…"
# Two ways to place the tone mark in the same syllable (hoà, hòa): a spelling habit, not a mistake.
TONE_PLACES = tuple(
    (unicodedata.normalize("NFC", old), unicodedata.normalize("NFC", new))
    for tone in "\u0300\u0301\u0303\u0309\u0323"
    for old, new in ((f"oa{tone}", f"o{tone}a"), (f"oe{tone}", f"o{tone}e"), (f"uy{tone}", f"u{tone}y"))
)


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """One answer that earns all or a part of the points."""

    text: str
    weight: Decimal = Decimal(1)
    feedback: str = ""

    def lines(self) -> list[str]:
        """The accepted answer as an author writes it, in quotation marks so that it stays a text."""
        return item_lines("- " if self.weight == 1 else f"- [{share(self.weight)}] ", f"“{self.text}”", self.feedback)


@dataclass(frozen=True, kw_only=True)
class ShortText(Question):
    """Type a word or a few."""

    kind: ClassVar[str] = "short_text"
    settings: ClassVar[frozenset[str]] = frozenset({"case"})

    answers: tuple[Accepted, ...]
    case: bool = False

    @classmethod
    def from_block(cls, block: Block) -> Self:
        if not block.items:
            raise BadQuestion(
                block.answer_line,
                N_("question “%(title)s”: nothing stands behind “Đáp án:”; write the answer there"),
                {"title": block.title},
            )
        answers = tuple(accepted(block, item) for item in block.items)
        if not any(answer.weight == 1 for answer in answers):
            raise BadQuestion(
                block.answer_line,
                N_("question “%(title)s” has no answer worth all points; write at least one without a percentage"),
                {"title": block.title},
            )
        return cls(answers=answers, case=yes_or_no(block, "case", default=False), **facts(cls, block))

    def read(self, raw: Sequence[str], order: Sequence[int] = ()) -> Answer:
        return typed(raw) or None

    def own_settings(self) -> dict[str, str]:
        return {"case": "yes"} if self.case else {}

    def answer_lines(self) -> list[str]:
        return ["Đáp án:", "", *(line for answer in self.answers for line in answer.lines())]

    def best(self, answer: Answer) -> Accepted | None:
        """The accepted answer of the greatest weight that fits."""
        if not isinstance(answer, str) or not (given := comparable(answer, case=self.case)):
            return None
        fitting = [a for a in self.answers if fits(comparable(a.text, case=self.case), given)]
        return max(fitting, key=lambda a: a.weight, default=None)

    def grade(self, answer: Answer) -> Mark:
        best = self.best(answer)
        return Mark(float(best.weight) if best else 0.0)

    def feedback(self, answer: Answer, order: Sequence[int] = ()) -> Feedback:
        best = self.best(answer)
        said = [text for text in (best.feedback if best else "", self.explanation) if text]
        return Feedback(
            fraction=float(best.weight) if best else 0.0,
            options=(),
            given=answer if isinstance(answer, str) else "",
            right=next(a.text for a in self.answers if a.weight == 1),
            explanation="\n\n".join(said),
        )


def accepted(block: Block, item: Item) -> Accepted:
    text = unquoted(one_line(item.text))
    if not text:
        raise BadQuestion(
            item.line,
            N_("question “%(title)s”: an accepted answer is empty; write it, or remove the “|” or the line"),
            {"title": block.title},
        )
    worth = Decimal(1) if item.mark is None else weight(block, item)
    if worth is None or worth <= 0:
        raise BadQuestion(
            item.line,
            N_("question “%(title)s”: “[%(mark)s]” before an accepted answer must be a share such as “[80%%]”"),
            {"title": block.title, "mark": item.mark or ""},
        )
    if worth == 1 and not text.replace(ANYTHING, "").strip():
        raise BadQuestion(
            item.line,
            N_("question “%(title)s”: “…” alone accepts every answer; write what must stand in it"),
            {"title": block.title},
        )
    return Accepted(text=text, weight=worth, feedback=item.feedback)


def unquoted(text: str) -> str:
    for opening, closing in ('""', "“”"):
        if len(text) >= 2 and text[0] == opening and text[-1] == closing:
            return text[1:-1].strip()
    return text


def comparable(text: str, *, case: bool) -> str:
    text = one_line(text)
    text = text if case else unicodedata.normalize("NFC", text.casefold())
    for old, new in TONE_PLACES:
        text = text.replace(old, new)
    return text


def fits(pattern: str, given: str) -> bool:
    """Whether the whole text is the pattern; linear, because each piece is looked for once, leftmost first."""
    if ANYTHING not in pattern:
        return pattern == given
    # Padding makes a space beside “…” a word boundary, also at the ends.
    text = f" {given} "
    first, *middle, last = (piece if piece.strip() else "" for piece in f" {pattern} ".split(ANYTHING))
    if not text.startswith(first):
        return False
    end = len(first)
    before = first
    for piece in middle:
        start = text.find(piece, end - shared(before, piece))
        if start < 0:
            return False
        end, before = start + len(piece), piece or before
    return text.endswith(last) and len(text) - len(last) >= end - shared(before, last)


def shared(before: str, after: str) -> int:
    """“Hà … Nội” also fits “Hà Nội”: one space may end a piece and begin the next."""
    return int(before.endswith(" ") and after.startswith(" "))
