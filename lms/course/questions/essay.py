"""Essay: a text that a person marks, by a rubric if the author wrote one."""

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
    BadAnswer,
    BadQuestion,
    Block,
    Feedback,
    Mark,
    Question,
    exact,
    facts,
    plain,
)

ESSAY_LIMIT = 50_000
WORDING = re.compile(
    r"(?:tự luận|essay)(?:[,;]?[ ]+(?:(?P<from>\d{1,5})[ ]*[-–][ ]*(?P<to>\d{1,5})|"
    r"(?:tối đa|at most|up to)[ ]+(?P<most>\d{1,5})|(?:tối thiểu|ít nhất|at least)[ ]+(?P<least>\d{1,5}))[ ]*(?:từ|words?))?$",
    re.IGNORECASE,
)
CRITERION = re.compile(
    r"(?P<points>\d+(?:[.,]\d+)?)[ ]*(?:điểm|đ|points?|pts?)[ ]*[:.–-][ ]*(?P<text>.+)$", re.IGNORECASE | re.DOTALL
)


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """One line of a rubric: what earns how many points."""

    points: Decimal
    text: str


@dataclass(frozen=True, kw_only=True)
class Essay(Question):
    """Write a text; a person marks it."""

    kind: ClassVar[str] = "essay"

    least_words: int | None = None
    most_words: int | None = None
    rubric: tuple[Criterion, ...] = ()

    @classmethod
    def from_block(cls, block: Block) -> Self:
        said = WORDING.match(block.response)
        if said is None:
            raise BadQuestion(
                block.answer_line,
                N_(
                    "question “%(title)s”: “%(text)s” is not understood; write for example “Trả lời: tự luận, 100–500 từ”"
                ),
                {"title": block.title, "text": block.response[:60]},
            )
        least, most = said["from"] or said["least"], said["to"] or said["most"]
        if least and most and int(least) > int(most):
            raise BadQuestion(
                block.answer_line,
                N_("question “%(title)s”: the fewest words are more than the most; write the smaller number first"),
                {"title": block.title},
            )
        rubric, shared = read_rubric(block)
        return cls(
            least_words=int(least) if least else None,
            most_words=int(most) if most else None,
            rubric=rubric,
            **facts(cls, block) | shared,
        )

    @property
    def needs_person(self) -> bool:
        return True

    @property
    def criteria(self) -> tuple[tuple[Decimal, str], ...]:
        return tuple((one.points, plain(one.text)) for one in self.rubric) or super().criteria

    def answer_lines(self) -> list[str]:
        words = (
            f", {self.least_words}–{self.most_words} từ"
            if self.least_words is not None and self.most_words is not None
            else f", tối đa {self.most_words} từ"
            if self.most_words is not None
            else f", ít nhất {self.least_words} từ"
            if self.least_words is not None
            else ""
        )
        return [f"Trả lời: tự luận{words}", *rubric_lines(self.rubric)]

    def shown(self, order: Sequence[int]) -> dict[str, Any]:
        return {"limits": {"least_words": self.least_words, "most_words": self.most_words, "characters": ESSAY_LIMIT}}

    def read(self, raw: Sequence[str], order: Sequence[int] = ()) -> Answer:
        """The text, its lines kept; too many or too few words are told to the learner and stored all the same."""
        text = "\n".join(value for value in raw if isinstance(value, str))
        if len(text) > ESSAY_LIMIT:
            raise BadAnswer(N_("The answer is longer than %(limit)s characters; shorten it."), {"limit": ESSAY_LIMIT})
        kept = "".join(
            c
            for c in text.replace("\r\n", "\n").replace("\r", "\n")
            if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")
        )
        return unicodedata.normalize("NFC", kept).strip() or None

    def in_words(self, answer: Answer, order: Sequence[int] = ()) -> str:
        text = " ".join(answer.split()) if isinstance(answer, str) else ""
        return text if len(text) <= 120 else text[:117].rstrip() + "…"

    def grade(self, answer: Answer) -> Mark:
        """Nothing written earns nothing; everything else waits for a person."""
        return Mark(None if isinstance(answer, str) and answer else 0.0)

    def feedback(self, answer: Answer, order: Sequence[int] = ()) -> Feedback:
        return Feedback(
            fraction=self.grade(answer).fraction,
            options=(),
            given=answer if isinstance(answer, str) else "",
            right="",
            explanation=self.explanation,
        )


def read_rubric(block: Block) -> tuple[tuple[Criterion, ...], dict[str, Any]]:
    """The rubric, and the question's points where the heading is silent: what the criteria add up to."""
    criteria = []
    for item in block.items:
        match = CRITERION.match(item.text)
        points = exact(block, item.line, match["points"]) if match else None
        if match is None or points is None or points <= 0:
            raise BadQuestion(
                item.line,
                N_("question “%(title)s”: a line of the rubric says points and for what: “- 4 điểm: …”"),
                {"title": block.title},
            )
        criteria.append(Criterion(points=points, text=match["text"].strip()))
    total = sum((criterion.points for criterion in criteria), Decimal(0))
    if not criteria or "points" not in block.settings:
        return tuple(criteria), {"points": total} if criteria else {}
    if total != exact(block, block.line, block.settings["points"]):
        raise BadQuestion(
            block.answer_line,
            N_(
                "question “%(title)s”: the rubric adds up to %(total)s points, the heading says points=%(points)s; make them equal"
            ),
            {"title": block.title, "total": numerals.comma(total), "points": block.settings["points"]},
        )
    return tuple(criteria), {}


def rubric_lines(rubric: Sequence[Criterion]) -> list[str]:
    """The rubric as an author writes it."""
    written = [f"- {numerals.comma_unmistakable(one.points)} điểm: {one.text}".replace("\n", "\n  ") for one in rubric]
    return ["", "Thang điểm:", "", *(line for text in written for line in text.split("\n"))] if rubric else []
