"""What of a course can be printed: the handout of all its lessons, and the job aid of what they ask to be remembered."""

import re
from collections.abc import Iterator
from enum import StrEnum

from lms.course.document import CourseDoc, Lesson

CALLOUT = re.compile(r"^[ >]*!!! ?ghi-nho\b", re.IGNORECASE | re.MULTILINE)


class Kind(StrEnum):
    """What is printed; the value is its address."""

    HANDOUT = "tai-lieu-phat-tay"
    JOB_AID = "to-viec-can-lam"


def kinds(doc: CourseDoc) -> list[Kind]:
    """What there is to print."""
    texts = [lesson.text for _number, lesson in lessons(doc)]
    handout = [Kind.HANDOUT] if texts else []
    return [*handout, Kind.JOB_AID] if any(map(has_key_points, texts)) else handout


def lessons(doc: CourseDoc) -> Iterator[tuple[int, Lesson]]:
    """Every lesson of the outline with its number in it, as learners see it."""
    for number, entry in enumerate(doc.items, start=1):
        lesson = doc.lesson(entry.item or "")
        if lesson is not None:
            yield number, lesson


def has_key_points(text: str) -> bool:
    """Whether a lesson has a callout “ghi-nho”."""
    return CALLOUT.search(text) is not None
