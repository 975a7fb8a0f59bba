"""What the types with options share: boxes to tick, shown positions, feedback by option."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from lms.course.problems import N_
from lms.course.questions.base import (
    BadAnswer,
    BadQuestion,
    Block,
    Feedback,
    Item,
    OptionFeedback,
    Question,
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


@dataclass(frozen=True, kw_only=True)
class ChoiceQuestion(Question):
    """A question whose answer is one or more of its options."""

    options: tuple[Choice, ...]

    def order(self, seed: str | int) -> tuple[int, ...]:
        return shuffled(self, len(self.options), seed)

    def shown(self, order: Sequence[int]) -> tuple[str, ...]:
        return tuple(self.options[place].text for place in order)

    def places(self, raw: Sequence[str], order: Sequence[int]) -> list[int]:
        """Which options were chosen, each once, in the order of the document."""
        found = set()
        for value in raw:
            if not value.strip():
                continue
            if not (value.isascii() and value.isdigit() and len(value) <= 3 and int(value) < len(order)):
                raise BadAnswer(N_("This answer does not belong to the question; reload the page and choose again."))
            found.add(order[int(value)])
        return sorted(found)

    def shares(self) -> tuple[Fraction, ...]:
        """What each option adds to the mark or takes from it."""
        raise NotImplementedError

    def is_right(self, place: int) -> bool:
        raise NotImplementedError

    def explained(self, chosen: Sequence[int], fraction: float, order: Sequence[int]) -> Feedback:
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
