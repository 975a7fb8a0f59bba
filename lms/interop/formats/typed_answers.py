"""Typed answers of elsewhere: how an author writes them here, and which of them fit the same words or numbers.

Where two that are worth different points do, Moodle lets the first of them count and we the best, which is told.
"""

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations, takewhile

from lms.course import numerals
from lms.course.questions.base import one_line
from lms.course.questions.numeric import looks_numeric
from lms.course.questions.short_text import ANYTHING as REST
from lms.course.questions.short_text import comparable, fits
from lms.interop.formats.exchange import ANYTHING, Answer

WILDCARD = re.compile(r"(?<!\\)\*+")
LOOKED_AT = 100
"""So many answers are compared with each other; nobody writes more by hand."""


def measured(answer: Answer) -> str:
    """A number with its tolerance, as an author writes it."""
    value = answer.value if isinstance(answer.value, Decimal) else Decimal(0)
    margin = f" ± {numerals.comma_unmistakable(answer.tolerance)}" if answer.tolerance else ""
    return f"{numerals.comma_unmistakable(value)}{margin}"


def pattern(text: str) -> str:
    """“*” stands for anything there, “…” here."""
    return WILDCARD.sub("…", text).replace("\\*", "*")


def shown(answer: Answer) -> str:
    """An answer, for a message."""
    if answer.value is not None:
        return measured(answer) if answer.value != ANYTHING else ANYTHING
    return one_line(answer.text.text)[:60] if answer.text else ""


def typed(text: str) -> str:
    """An accepted text in a gap; between quotation marks where it would be read as something else."""
    text = text.replace("|", "\\|")
    return f"“{text}”" if looks_numeric(text) or text[:1] in '*"“' else text


def contested(said: Sequence[tuple[str, Decimal]], *, case: bool) -> tuple[str, str] | None:
    """The first two texts, “…” standing for anything, between which another rule chooses another weight."""
    known = [(text, comparable(text, case=case), weight) for text, weight in said]
    for (text, one, weight), (other_text, other, other_weight) in combinations(known, 2):
        if weight == other_weight or not meet(one, other):
            continue
        if weight < other_weight or (one == other and letters(text, case=case) != letters(other_text, case=case)):
            return text, other_text
    return None


def meet(one: str, other: str) -> bool:
    """Whether some text fits both."""
    if REST not in one:
        return fits(other, one)
    if REST not in other:
        return fits(one, other)
    head, *_, tail = one.split(REST)
    other_head, *_, other_tail = other.split(REST)
    return (head.startswith(other_head) or other_head.startswith(head)) and (
        tail.endswith(other_tail) or other_tail.endswith(tail)
    )


def letters(text: str, *, case: bool) -> str:
    """A text as Moodle compares it: every space and every place of a tone mark counts."""
    return unicodedata.normalize("NFC", text if case else text.casefold())


def taken_before(answers: Sequence[Answer], right: Answer) -> Answer | None:
    """A wrong number that stands before the right one and shares some numbers with it."""
    before = takewhile(lambda answer: answer is not right, answers)
    return next((answer for answer in before if answer.weight <= 0 and share_numbers(answer, right)), None)


def share_numbers(one: Answer, other: Answer) -> bool:
    if not isinstance(one.value, Decimal) or not isinstance(other.value, Decimal):
        return True
    return abs(one.value - other.value) <= (one.tolerance or 0) + (other.tolerance or 0)
