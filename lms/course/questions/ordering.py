"""Ordering: steps are put into the order in which they were written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, Self

from lms.course.problems import N_
from lms.course.questions.base import (
    ROWS_LIMIT,
    WRONG_PAGE,
    Answer,
    BadAnswer,
    BadQuestion,
    Block,
    Feedback,
    Mark,
    Question,
    RowFeedback,
    facts,
    item_lines,
    plain,
    positions,
    shuffled,
)


@dataclass(frozen=True, kw_only=True)
class Ordering(Question):
    """Put the steps in order; as written is the right order."""

    kind: ClassVar[str] = "ordering"

    steps: tuple[str, ...]

    @classmethod
    def from_block(cls, block: Block) -> Self:
        steps = tuple(item.text for item in block.items)
        if len(steps) < 2:
            raise BadQuestion(
                block.answer_line,
                N_("question “%(title)s” has only one step; write at least two"),
                {"title": block.title},
            )
        if len(steps) > ROWS_LIMIT:
            raise BadQuestion(
                block.answer_line,
                N_("question “%(title)s” has more than %(limit)s steps; split it"),
                {"title": block.title, "limit": ROWS_LIMIT},
            )
        if len(set(steps)) < len(steps):
            raise BadQuestion(
                block.answer_line,
                N_("question “%(title)s”: the same step stands twice, so no order is the right one; change one"),
                {"title": block.title},
            )
        return cls(steps=steps, **facts(cls, block))

    def answer_lines(self) -> list[str]:
        return [line for number, step in enumerate(self.steps, 1) for line in item_lines(f"{number}. ", step)]

    def order(self, seed: str | int) -> tuple[int, ...]:
        """Never the right order itself: as shown counts as not answered yet."""
        found = shuffled(self, len(self.steps), seed)
        return found if list(found) != sorted(found) else (*found[1:], found[0])

    def shown(self, order: Sequence[int]) -> dict[str, Any]:
        return {"options": tuple(self.steps[place] for place in order)}

    def texts(self) -> Mapping[str, tuple[str, ...]]:
        return {"options": self.steps}

    def read(self, raw: Sequence[str], order: Sequence[int] = ()) -> Answer:
        """The steps in the order given; None for the order in which they were shown."""
        found = [place for place in positions(raw, len(order)) if place is not None]
        if not found or found == list(range(len(order))):
            return None
        if sorted(found) != list(range(len(order))):
            raise BadAnswer(WRONG_PAGE)
        return [order[place] for place in found]

    def entered(self, answer: Answer, order: Sequence[int] = ()) -> list[str]:
        given = self.given(answer)
        return [str(list(order).index(place)) for place in given] if given else []

    def in_words(self, answer: Answer, order: Sequence[int] = ()) -> str:
        return " → ".join(plain(self.steps[place]) for place in self.given(answer))

    def given(self, answer: Answer) -> list[int]:
        """The order given; empty for what is not an answer to this question."""
        good = isinstance(answer, list) and all(type(place) is int for place in answer)
        return list(answer) if good and sorted(answer) == list(range(len(self.steps))) else []  # type: ignore[arg-type]

    def grade(self, answer: Answer) -> Mark:
        """The share of steps that follow directly on the step they belong after.

        So one step out of place costs little, and an order by chance earns one step's share on average.
        """
        given = self.given(answer)
        if not given:
            return Mark(0.0)
        good = sum(after == before + 1 for before, after in pairwise(given))
        return Mark(good / (len(self.steps) - 1))

    def feedback(self, answer: Answer, order: Sequence[int] = ()) -> Feedback:
        given: list[int | None] = [*self.given(answer)] or [None] * len(self.steps)
        rows = tuple(
            RowFeedback(
                label=str(number + 1),
                given="" if place is None else plain(self.steps[place]),
                right=plain(step),
                is_right=place == number,
            )
            for number, (step, place) in enumerate(zip(self.steps, given, strict=True))
        )
        return Feedback(
            fraction=self.grade(answer).fraction,
            options=(),
            given=self.in_words(answer, order),
            right=" → ".join(row.right for row in rows),
            explanation=self.explanation,
            rows=rows,
        )
