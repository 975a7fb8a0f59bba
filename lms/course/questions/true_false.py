"""True/false: a statement is right or it is not; the two options keep their order."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from lms.course.problems import N_
from lms.course.questions.base import BadQuestion, Block, facts
from lms.course.questions.choices import choices, nothing_right
from lms.course.questions.single_choice import SingleChoice

PAIRS = ({"đúng", "sai"}, {"true", "false"})


def is_true_false(texts: Sequence[str]) -> bool:
    """Exactly Đúng and Sai, or True and False, in either order."""
    folded = {unicodedata.normalize("NFC", text).strip().casefold() for text in texts}
    return len(texts) == 2 and folded in PAIRS


@dataclass(frozen=True, kw_only=True)
class TrueFalse(SingleChoice):
    """Tell whether the statement is right."""

    kind: ClassVar[str] = "true_false"
    settings: ClassVar[frozenset[str]] = frozenset()

    shuffle: bool = False

    @classmethod
    def from_block(cls, block: Block) -> Self:
        options = choices(block)
        ticked = sum(option.ticked for option in options)
        if any(option.weight is not None for option in options) or ticked > 1:
            raise BadQuestion(
                block.answer_line,
                N_("question “%(title)s”: a statement is either true or false; tick exactly one box “[x]”"),
                {"title": block.title},
            )
        if not ticked:
            raise nothing_right(block)
        return cls(options=options, **facts(cls, block))

    def order(self, seed: str | int) -> tuple[int, ...]:
        return tuple(range(len(self.options)))
