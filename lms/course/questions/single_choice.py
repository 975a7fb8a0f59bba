"""Single choice: one option is right, others may be worth a part of the points."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Self

from lms.course.problems import N_
from lms.course.questions.base import Answer, BadAnswer, BadQuestion, Block, Feedback, Mark, facts, yes_or_no
from lms.course.questions.choices import ChoiceQuestion, choices, nothing_right, too_few


@dataclass(frozen=True, kw_only=True)
class SingleChoice(ChoiceQuestion):
    """Choose the one right option."""

    kind: ClassVar[str] = "single_choice"
    settings: ClassVar[frozenset[str]] = frozenset({"shuffle"})

    @classmethod
    def from_block(cls, block: Block) -> Self:
        options = choices(block)
        if len(options) < 2:
            raise too_few(block)
        full = [option for option in options if option.ticked or option.weight == 1]
        if not full and any(option.weight and option.weight > 0 for option in options):
            raise BadQuestion(
                block.answer_line,
                N_(
                    "question “%(title)s”: no option is worth all points; tick one “[x]”, "
                    "or add “select=many” to the heading if several belong together"
                ),
                {"title": block.title},
            )
        if not full:
            raise nothing_right(block)
        return cls(options=options, **facts(cls, block) | {"shuffle": yes_or_no(block, "shuffle", default=True)})

    def is_right(self, place: int) -> bool:
        return self.options[place].ticked or self.options[place].weight == 1

    def shares(self) -> tuple[Fraction, ...]:
        return tuple(Fraction(1) if option.ticked else Fraction(option.weight or 0) for option in self.options)

    def read(self, raw: Sequence[str], order: Sequence[int] = ()) -> Answer:
        chosen = self.places(raw, order)
        if len(chosen) > 1:
            raise BadAnswer(N_("Choose one option only."))
        return chosen[0] if chosen else None

    def chosen(self, answer: Answer) -> list[int]:
        """The option an answer names; nothing for what is not an answer to this question."""
        if type(answer) is int and 0 <= answer < len(self.options):
            return [answer]
        return []

    def grade(self, answer: Answer) -> Mark:
        shares = self.shares()
        return Mark(float(max(Fraction(0), sum(shares[place] for place in self.chosen(answer)))))

    def feedback(self, answer: Answer, order: Sequence[int] = ()) -> Feedback:
        return self.explained(self.chosen(answer), self.grade(answer).fraction, order)
