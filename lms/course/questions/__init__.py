"""The question types: one file per type, all with the same five verbs."""

import re
from dataclasses import replace

from lms.course.questions.base import (
    Answer,
    BadAnswer,
    BadQuestion,
    Block,
    Feedback,
    Item,
    Mark,
    OptionFeedback,
    Question,
    Shape,
    View,
)
from lms.course.questions.cloze import Cloze
from lms.course.questions.essay import Essay
from lms.course.questions.file import FileUpload
from lms.course.questions.matching import Matching
from lms.course.questions.multiple_choice import MultipleChoice
from lms.course.questions.numeric import Numeric, looks_numeric
from lms.course.questions.ordering import Ordering
from lms.course.questions.short_text import ShortText
from lms.course.questions.single_choice import SingleChoice
from lms.course.questions.true_false import TrueFalse, is_true_false

__all__ = [
    "TYPES",
    "Answer",
    "BadAnswer",
    "BadQuestion",
    "Block",
    "Feedback",
    "Item",
    "Mark",
    "OptionFeedback",
    "Question",
    "Shape",
    "View",
    "from_block",
]

TYPES: dict[str, type[Question]] = {
    type_.kind: type_
    for type_ in (
        SingleChoice, MultipleChoice, TrueFalse, ShortText, Numeric, Matching, Ordering, Cloze, Essay, FileUpload,
    )
}  # fmt: skip
BY_SHAPE: dict[Shape, type[Question]] = {Shape.PAIRS: Matching, Shape.STEPS: Ordering, Shape.GAPS: Cloze}
IS_FILE = re.compile(r"(?:tệp|files?)\b", re.IGNORECASE)


def from_block(block: Block, section: str = "") -> Question:
    """The shape of the answer is the type."""
    return replace(type_of(block).from_block(block), section=section)


def type_of(block: Block) -> type[Question]:
    if block.shape in BY_SHAPE:
        return BY_SHAPE[block.shape]
    if block.shape is Shape.RESPONSE:
        return FileUpload if IS_FILE.match(block.response) else Essay
    if block.shape is Shape.ANSWER:
        return Numeric if block.items and all(looks_numeric(item.text) for item in block.items) else ShortText
    if is_true_false([item.text for item in block.items]) and "select" not in block.settings:
        return TrueFalse
    ticked = sum((item.mark or "").strip().lower() == "x" for item in block.items)
    return MultipleChoice if ticked > 1 or "select" in block.settings else SingleChoice
