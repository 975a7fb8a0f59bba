"""Matching: each row is matched with its partner; distractors are partners of no row."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from lms.course.problems import N_
from lms.course.questions.base import (
    ROWS_LIMIT,
    Answer,
    BadQuestion,
    Block,
    Feedback,
    Item,
    Mark,
    Question,
    RowFeedback,
    facts,
    item_lines,
    plain,
    positions,
    shuffled,
    yes_or_no,
)

ARROW = re.compile(r"(?<!\\)(?:->|→)")


@dataclass(frozen=True, kw_only=True)
class Matching(Question):
    """Match each row with one of the partners; every right pair earns its share."""

    kind: ClassVar[str] = "matching"
    settings: ClassVar[frozenset[str]] = frozenset({"shuffle"})

    rows: tuple[str, ...]
    matches: tuple[str, ...]
    """The partner of each row."""
    distractors: tuple[str, ...] = ()

    @classmethod
    def from_block(cls, block: Block) -> Self:
        pairs = [pair(block, item) for item in block.items]
        rows = tuple((left, right) for left, right in pairs if left)
        distractors = tuple(right for left, right in pairs if not left)
        if len(rows) < 2:
            raise BadQuestion(
                block.answer_line,
                N_("question “%(title)s” has fewer than two pairs; write at least two: “- left -> right”"),
                {"title": block.title},
            )
        if len(pairs) > ROWS_LIMIT:
            raise BadQuestion(
                block.answer_line,
                N_("question “%(title)s” has more than %(limit)s pairs; split it"),
                {"title": block.title, "limit": ROWS_LIMIT},
            )
        if len({left for left, _ in rows}) < len(rows):
            raise BadQuestion(
                block.answer_line,
                N_("question “%(title)s”: the same left side stands twice, so it has two right answers; change one"),
                {"title": block.title},
            )
        partners = {plain(right) for _, right in rows}
        for distractor in distractors:
            if plain(distractor) in partners:
                raise BadQuestion(
                    block.answer_line,
                    N_("question “%(title)s”: the distractor “%(text)s” is also a right partner; take it out"),
                    {"title": block.title, "text": plain(distractor)[:60]},
                )
        return cls(
            rows=tuple(left for left, _ in rows),
            matches=tuple(right for _, right in rows),
            distractors=distractors,
            **facts(cls, block) | {"shuffle": yes_or_no(block, "shuffle", default=True)},
        )

    @property
    def partners(self) -> tuple[str, ...]:
        """What can be chosen, each once: the rows' partners in their order, then the distractors."""
        return tuple(dict.fromkeys(plain(text) for text in (*self.matches, *self.distractors)))

    def own_settings(self) -> dict[str, str]:
        return {} if self.shuffle else {"shuffle": "no"}

    def answer_lines(self) -> list[str]:
        pairs = zip((*self.rows, *[""] * len(self.distractors)), (*self.matches, *self.distractors), strict=True)
        items = (f"{escaped(left)} -> {right}".removeprefix(" ") for left, right in pairs)
        return [line for item in items for line in item_lines("- ", item)]

    def order(self, seed: str | int) -> tuple[int, ...]:
        return shuffled(self, len(self.partners), seed)

    def shown(self, order: Sequence[int]) -> dict[str, Any]:
        return {"options": self.rows, "partners": tuple(self.partners[place] for place in order)}

    def texts(self) -> Mapping[str, tuple[str, ...]]:
        return {"rows": self.rows}

    def read(self, raw: Sequence[str], order: Sequence[int] = ()) -> Answer:
        """For each row the place of its partner among `partners`, None for a row left open."""
        chosen = [None if shown is None else order[shown] for shown in positions(raw[: len(self.rows)], len(order))]
        chosen += [None] * (len(self.rows) - len(chosen))
        return chosen if any(place is not None for place in chosen) else None

    def entered(self, answer: Answer, order: Sequence[int] = ()) -> list[str]:
        shown: dict[int | None, str] = {place: str(index) for index, place in enumerate(order)}
        return [shown.get(place, "") for place in self.chosen(answer)] if answer else []

    def in_words(self, answer: Answer, order: Sequence[int] = ()) -> str:
        chosen = self.chosen(answer)
        said = ((row, place) for row, place in zip(self.rows, chosen, strict=True) if place is not None)
        return "; ".join(f"{plain(row)} → {self.partners[place]}" for row, place in said)

    def chosen(self, answer: Answer) -> list[int | None]:
        """One partner or None for each row; None for what is not an answer to this question."""
        given = answer if isinstance(answer, list) else []
        places = range(len(self.partners))
        found = [place if type(place) is int and place in places else None for place in given[: len(self.rows)]]
        return found + [None] * (len(self.rows) - len(found))

    def right(self) -> list[int]:
        """The partner of each row."""
        return [self.partners.index(plain(text)) for text in self.matches]

    def grade(self, answer: Answer) -> Mark:
        good = sum(given == right for given, right in zip(self.chosen(answer), self.right(), strict=True))
        return Mark(good / len(self.rows))

    def feedback(self, answer: Answer, order: Sequence[int] = ()) -> Feedback:
        chosen = self.chosen(answer)
        rows = tuple(
            RowFeedback(
                label=plain(row),
                given="" if given is None else self.partners[given],
                right=self.partners[right],
                is_right=given == right,
            )
            for row, given, right in zip(self.rows, chosen, self.right(), strict=True)
        )
        return Feedback(
            fraction=self.grade(answer).fraction,
            options=(),
            given=self.in_words(answer, order),
            right="; ".join(f"{row.label} → {row.right}" for row in rows),
            explanation=self.explanation,
            rows=rows,
        )


def pair(block: Block, item: Item) -> tuple[str, str]:
    """Left and right side; the left one is empty for a distractor."""
    parts = ARROW.split(item.text, maxsplit=1)
    left, right = (part.replace("\\->", "->").replace("\\→", "→").strip() for part in (*parts, "")[:2])
    if len(parts) < 2 or not right:
        raise BadQuestion(
            item.line,
            N_(
                "question “%(title)s”: “%(text)s” is no pair; write “- left -> right”, or “- -> right” for a distractor"
            ),
            {"title": block.title, "text": plain(item.text)[:60]},
        )
    return left, right


def escaped(text: str) -> str:
    """A left side whose own arrows do not part it."""
    return text.replace("->", "\\->").replace("→", "\\→")
