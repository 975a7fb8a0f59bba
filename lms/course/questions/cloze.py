"""Cloze: gaps in the text are filled in, by typing, by choosing, or with a number."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Self

from lms.course.problems import N_
from lms.course.questions.base import (
    ROWS_LIMIT,
    TEXT_LIMIT,
    Answer,
    BadAnswer,
    BadQuestion,
    Block,
    Feedback,
    Gap,
    Item,
    Mark,
    Question,
    RowFeedback,
    facts,
    one_line,
    plain,
    yes_or_no,
)
from lms.course.questions.numeric import learner_readings, looks_numeric, span
from lms.course.questions.short_text import ANYTHING, comparable, fits, unquoted

GAP = re.compile(r"(?<!\\)\[\[([^\[\]]*)\]\]")
CODE = re.compile(r"(?ms)^[ ]{0,3}(```+|~~~+).*?(?:^[ ]{0,3}\1[`~]*[ ]*$|\Z)|(`+)(?!`).+?(?<!`)\2(?!`)")
STARRED = re.compile(r"\*(?!\*)(.+)(?<!\*)\*$")
PLACE = "\ue000{}\ue001"
"""Where a gap stands in the rendered text: letters for private use, which no renderer touches."""


@dataclass(frozen=True, kw_only=True)
class Blank:
    """One gap and what is right in it."""

    written: str
    """Between the brackets, as the author wrote it."""
    answers: tuple[str, ...]
    """Accepted texts; for a list of words, the right one."""
    words: tuple[str, ...] = ()
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str = ""

    def is_right(self, given: str, *, case: bool) -> bool:
        """Whether this is accepted; a number that reads two ways counts if either reading is right."""
        if self.low is not None and self.high is not None:
            return any(self.low <= value <= self.high for value in learner_readings(given, self.unit))
        if self.words:
            return given in self.answers
        text = comparable(given, case=case)
        return bool(text) and any(fits(comparable(answer, case=case), text) for answer in self.answers)


@dataclass(frozen=True, kw_only=True)
class Cloze(Question):
    """Fill in the gaps; every right one earns its share."""

    kind: ClassVar[str] = "cloze"
    settings: ClassVar[frozenset[str]] = frozenset({"case"})

    blanks: tuple[Blank, ...]
    case: bool = False

    @classmethod
    def from_block(cls, block: Block) -> Self:
        found = list(gaps(block.stem))
        if len(found) > ROWS_LIMIT:
            raise BadQuestion(
                block.line,
                N_("question “%(title)s” has more than %(limit)s gaps; split it"),
                {"title": block.title, "limit": ROWS_LIMIT},
            )
        blanks = tuple(
            blank(block, match[1], block.line + 1 + block.stem[: match.start()].count("\n")) for match in found
        )
        return cls(blanks=blanks, case=yes_or_no(block, "case", default=False), **facts(cls, block))

    def own_settings(self) -> dict[str, str]:
        return {"case": "yes"} if self.case else {}

    def answer_lines(self) -> list[str]:
        return []  # the gaps stand in the text

    def shown(self, order: Sequence[int]) -> dict[str, Any]:
        """Words in the order of the alphabet, so that their order tells nothing."""
        shown = tuple(Gap(words=ordered(blank), is_number=blank.low is not None) for blank in self.blanks)
        return {"gaps": shown}

    def shown_stem(self) -> str:
        return self.stem_with(PLACE.format)

    def stem_with(self, put: Any) -> str:
        """The text with `put(place)` in place of each gap."""
        parts, last = [], 0
        for place, match in enumerate(gaps(self.stem)):
            parts += [self.stem[last : match.start()], put(place)]
            last = match.end()
        return "".join([*parts, self.stem[last:]])

    def read(self, raw: Sequence[str], order: Sequence[int] = ()) -> Answer:
        """What stands in each gap, None for one left open."""
        found: list[str | None] = []
        for value, blank in zip(raw, self.blanks, strict=False):
            if len(value) > TEXT_LIMIT:
                raise BadAnswer(
                    N_("The answer is longer than %(limit)s characters; shorten it."), {"limit": TEXT_LIMIT}
                )
            text = one_line(value)
            if text and blank.words and text not in blank.words:
                raise BadAnswer(N_("This answer does not belong to the question; reload the page and choose again."))
            found.append(text or None)
        found += [None] * (len(self.blanks) - len(found))
        return found if any(found) else None

    def entered(self, answer: Answer, order: Sequence[int] = ()) -> list[str]:
        return [text or "" for text in self.given(answer)] if answer else []

    def in_words(self, answer: Answer, order: Sequence[int] = ()) -> str:
        return " · ".join(text or "…" for text in self.given(answer)) if answer else ""

    def given(self, answer: Answer) -> list[str | None]:
        """One text or None for each gap; None for what is not an answer to this question."""
        found = answer if isinstance(answer, list) else []
        texts = [text if isinstance(text, str) and text else None for text in found[: len(self.blanks)]]
        return texts + [None] * (len(self.blanks) - len(texts))

    def grade(self, answer: Answer) -> Mark:
        pairs = zip(self.blanks, self.given(answer), strict=True)
        return Mark(
            sum(bool(text) and blank.is_right(text, case=self.case) for blank, text in pairs if text) / len(self.blanks)
        )

    def feedback(self, answer: Answer, order: Sequence[int] = ()) -> Feedback:
        rows = tuple(
            RowFeedback(
                label=str(number),
                given=text or "",
                right=blank.answers[0],
                is_right=bool(text) and blank.is_right(text or "", case=self.case),
            )
            for number, (blank, text) in enumerate(zip(self.blanks, self.given(answer), strict=True), start=1)
        )
        return Feedback(
            fraction=self.grade(answer).fraction,
            options=(),
            given=self.in_words(answer),
            right=" · ".join(row.right for row in rows),
            explanation=self.explanation,
            rows=rows,
        )


def gaps(stem: str) -> list[re.Match[str]]:
    """Every gap outside code."""
    code = [match.span() for match in CODE.finditer(stem)]
    return [m for m in GAP.finditer(stem) if not any(start <= m.start() < end for start, end in code)]


def ordered(blank: Blank) -> tuple[str, ...]:
    return tuple(sorted(blank.words, key=lambda word: (word.casefold(), word)))


def blank(block: Block, written: str, line: int) -> Blank:
    """One gap: typed, a list of words with the right one in stars, or a number."""
    parts = [part.strip() for part in re.split(r"(?<!\\)\|", written)]
    texts = [one_line(part.replace("\\|", "|")) for part in parts]
    said = {"title": block.title, "written": written.strip()[:60]}
    if not all(texts):
        raise BadQuestion(
            line, N_("question “%(title)s”: the gap “[[%(written)s]]” holds an empty answer; write it"), said
        )
    starred = [match[1].strip() for text in texts if (match := STARRED.match(text))]
    if starred:
        words = tuple(match[1].strip() if (match := STARRED.match(text)) else text for text in texts)
        if len(starred) > 1 or len(words) < 2 or len(set(words)) < len(words):
            raise BadQuestion(
                line,
                N_(
                    "question “%(title)s”: in “[[%(written)s]]” exactly one of two or more words stands in stars: “[[*right* | wrong]]”"
                ),
                said,
            )
        return Blank(written=written, answers=(starred[0],), words=words)
    if len(texts) == 1 and looks_numeric(texts[0]):
        low, high, unit, right = span(block, Item(line=line, text=texts[0]))
        return Blank(written=written, answers=(right,), low=low, high=high, unit=unit)
    answers = tuple(unquoted(text) for text in texts)
    if any(not answer.replace(ANYTHING, "").strip() for answer in answers):
        raise BadQuestion(
            line, N_("question “%(title)s”: “…” alone accepts every answer; write what must stand in it"), said
        )
    return Blank(written=written, answers=tuple(plain(answer) for answer in answers))
