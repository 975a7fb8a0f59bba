"""Multiple choice: the right options share the points, wrong ticks take away."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar, Self

from lms.course import numerals
from lms.course.problems import N_
from lms.course.questions.base import Answer, BadQuestion, Block, Feedback, Mark, facts, yes_or_no
from lms.course.questions.choices import Choice, ChoiceQuestion, choices, nothing_right, too_few


@dataclass(frozen=True, kw_only=True)
class MultipleChoice(ChoiceQuestion):
    """Choose all right options; part of them earns part of the points."""

    kind: ClassVar[str] = "multiple_choice"
    settings: ClassVar[frozenset[str]] = frozenset({"shuffle", "select"})

    @classmethod
    def from_block(cls, block: Block) -> Self:
        options = choices(block)
        if len(options) < 2:
            raise too_few(block)
        if block.settings.get("select", "many") != "many":
            raise BadQuestion(
                block.line,
                N_("question “%(title)s”: “select=%(value)s” is not known; write “select=many” or leave it out"),
                {"title": block.title, "value": block.settings["select"]},
            )
        check_weights(block, options)
        return cls(options=options, **facts(cls, block) | {"shuffle": yes_or_no(block, "shuffle", default=True)})

    def own_settings(self) -> dict[str, str]:
        ticked = sum(option.ticked for option in self.options)
        return super().own_settings() | ({} if ticked > 1 else {"select": "many"})

    def is_right(self, place: int) -> bool:
        return is_right(self.options[place])

    def shares(self) -> tuple[Fraction, ...]:
        """Ticks share what the weights leave; a wrong option costs as much as one right option, unless weighed.

        Weights that were rounded (33,33% three times) are stretched: all right options together are worth everything.
        """
        ticked = sum(option.ticked for option in self.options)
        right = sum(is_right(option) for option in self.options)
        total = Fraction(weighed(self.options))
        stretch = 1 if ticked or not total else 1 / total
        return tuple(
            (1 - total) / ticked
            if option.ticked
            else -Fraction(1, right)
            if option.weight is None
            else Fraction(option.weight) * (stretch if option.weight > 0 else 1)
            for option in self.options
        )

    def read(self, raw: Sequence[str], order: Sequence[int] = ()) -> Answer:
        return self.places(raw, order) or None

    def chosen(self, answer: Answer) -> list[int]:
        """The options an answer names; nothing for what is not an answer to this question."""
        if not isinstance(answer, list | tuple):
            return []
        places = range(len(self.options))
        return sorted({place for place in answer if type(place) is int and place in places})

    def grade(self, answer: Answer) -> Mark:
        shares = self.shares()
        total = sum((shares[place] for place in self.chosen(answer)), Fraction(0))
        return Mark(float(min(Fraction(1), max(Fraction(0), total))))

    def feedback(self, answer: Answer, order: Sequence[int] = ()) -> Feedback:
        return self.explained(self.chosen(answer), self.grade(answer).fraction, order)


def is_right(option: Choice) -> bool:
    return option.ticked or (option.weight is not None and option.weight > 0)


def weighed(options: Sequence[Choice]) -> Decimal:
    """What the options with a positive weight are worth together."""
    return sum((option.weight for option in options if option.weight and option.weight > 0), Decimal(0))


def check_weights(block: Block, options: Sequence[Choice]) -> None:
    """All right options together are worth exactly the points of the question."""
    total = weighed(options)
    if any(option.ticked for option in options):
        if total >= 1:
            raise BadQuestion(
                block.answer_line,
                N_(
                    "question “%(title)s”: the weights add up to %(total)s%%, which leaves nothing for “[x]”; "
                    "lower them, or weigh every right option"
                ),
                {"title": block.title, "total": numerals.comma(total * 100)},
            )
    elif total == 0:
        raise nothing_right(block)
    elif not Decimal("0.99") <= total <= 1:
        raise BadQuestion(
            block.answer_line,
            N_("question “%(title)s”: the weights add up to %(total)s%%; make it 100%%"),
            {"title": block.title, "total": numerals.comma(total * 100)},
        )
