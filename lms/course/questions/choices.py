"""What the types with options share: boxes to tick, shown positions, feedback by option."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lms.course.problems import N_
from lms.course.questions.base import (
    Answer,
    BadQuestion,
    Block,
    Feedback,
    Item,
    OptionFeedback,
    Question,
    item_lines,
    positions,
    share,
    shuffled,
    weight,
)

OPTION_LIMIT = 100


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One option: ticked as right, or weighed by the author, or neither."""

    text: str
    ticked: bool = False
    weight: Decimal | None = None
    feedback: str = ""

    def lines(self) -> list[str]:
        """The option as an author writes it."""
        mark = "x" if self.ticked else " " if self.weight is None else share(self.weight)
        return item_lines(f"- [{mark}] ", self.text, self.feedback)


@dataclass(frozen=True, kw_only=True)
class ChoiceQuestion(Question):
    """A question whose answer is one or more of its options."""

    options: tuple[Choice, ...]

    def order(self, seed: str | int) -> tuple[int, ...]:
        return shuffled(self, len(self.options), seed)

    def shown(self, order: Sequence[int]) -> dict[str, Any]:
        return {"options": tuple(self.options[place].text for place in order)}

    def texts(self) -> Mapping[str, tuple[str, ...]]:
        return {
            "options": tuple(option.text for option in self.options),
            "feedback": tuple(option.feedback for option in self.options),
        }

    def entered(self, answer: Answer, order: Sequence[int] = ()) -> list[str]:
        chosen = answer if isinstance(answer, list) else [answer]
        return [str(shown) for shown, place in enumerate(order) if place in chosen]

    def in_words(self, answer: Answer, order: Sequence[int] = ()) -> str:
        return ", ".join(chr(ord("A") + int(value)) for value in self.entered(answer, order))

    def own_settings(self) -> dict[str, str]:
        return {} if self.shuffle or "shuffle" not in self.settings else {"shuffle": "no"}

    def answer_lines(self) -> list[str]:
        return [line for option in self.options for line in option.lines()]

    def places(self, raw: Sequence[str], order: Sequence[int]) -> list[int]:
        """Which options were chosen, each once, in the order of the document."""
        found = set()
        for value in raw:
            if not value.strip():
                continue
            found.add(value)
        return sorted({order[place] for place in positions(sorted(found), len(order)) if place is not None})

    def shares(self) -> tuple[Fraction, ...]:
        """What each option adds to the mark or takes from it."""
        raise NotImplementedError

    def is_right(self, place: int) -> bool:
        raise NotImplementedError

    def explained(self, chosen: Sequence[int], fraction: float | None, order: Sequence[int]) -> Feedback:
        shares = self.shares()
        right = [place for place in order if self.is_right(place)]
        return Feedback(
            fraction=fraction,
            options=tuple(
                OptionFeedback(
                    text=self.options[place].text,
                    chosen=place in chosen,
                    right=self.is_right(place),
                    weight=float(shares[place]),
                    feedback=self.options[place].feedback,
                )
                for place in order
            ),
            given="; ".join(self.options[place].text for place in order if place in chosen),
            right="; ".join(self.options[place].text for place in right),
            explanation=self.explanation,
        )


def choices(block: Block) -> tuple[Choice, ...]:
    """The options of the answer block, each with a box."""
    if len(block.items) > OPTION_LIMIT:
        raise BadQuestion(
            block.answer_line,
            N_("question “%(title)s” has more than %(limit)s options; keep the most telling ones"),
            {"title": block.title, "limit": OPTION_LIMIT},
        )
    return tuple(choice(block, item) for item in block.items)


def choice(block: Block, item: Item) -> Choice:
    if item.mark is None:
        raise BadQuestion(
            item.line,
            N_("question “%(title)s”: the option “%(option)s” has no tick box; write “- [ ] …” or “- [x] …”"),
            {"title": block.title, "option": brief(item.text)},
        )
    if not item.text:
        raise BadQuestion(
            item.line,
            N_("question “%(title)s”: an option has no text; write it after the box, or remove the line"),
            {"title": block.title},
        )
    mark = item.mark.strip().lower()
    share = weight(block, item)
    if share is None and mark not in ("", "x"):
        raise BadQuestion(
            item.line,
            N_("question “%(title)s”: “[%(mark)s]” is not a tick box; write “[x]”, “[ ]” or a share such as “[50%%]”"),
            {"title": block.title, "mark": brief(mark)},
        )
    return Choice(text=item.text, ticked=mark == "x", weight=share, feedback=item.feedback)


def nothing_right(block: Block) -> BadQuestion:
    return BadQuestion(
        block.answer_line,
        N_("question “%(title)s” has no right answer; tick at least one box: “- [x] …”"),
        {"title": block.title},
    )


def too_few(block: Block) -> BadQuestion:
    return BadQuestion(
        block.answer_line,
        N_("question “%(title)s” has only one option; add at least one more: “- [ ] …”"),
        {"title": block.title},
    )


def brief(text: str) -> str:
    """The first words, for a message."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:57].rstrip() + "…"
