"""What of a course can be printed: the handout of all its lessons, and the job aid of what they ask to be remembered."""

import re
import textwrap
from collections.abc import Iterator
from enum import StrEnum

from lms.course.document import CourseDoc, Lesson
from lms.course.fences import Fence

CALLOUT = re.compile(r"!!!\s+ghi-nho\b")


class Kind(StrEnum):
    """What is printed; the value is its address."""

    HANDOUT = "tai-lieu-phat-tay"
    JOB_AID = "to-viec-can-lam"


def kinds(doc: CourseDoc) -> list[Kind]:
    """What there is to print."""
    texts = [lesson.text for _number, lesson in lessons(doc)]
    handout = [Kind.HANDOUT] if texts else []
    return [*handout, Kind.JOB_AID] if any(key_points(text) for text in texts) else handout


def lessons(doc: CourseDoc) -> Iterator[tuple[int, Lesson]]:
    """Every lesson of the outline with its number in it, as learners see it."""
    for number, entry in enumerate(doc.items, start=1):
        lesson = doc.lesson(entry.item or "")
        if lesson is not None:
            yield number, lesson


def key_points(text: str) -> str:
    """The Markdown inside every callout “ghi-nho” of a lesson, one after another; empty where there is none."""
    found: list[str] = []
    fence, is_inside = Fence(), False
    for line in text.split("\n"):
        is_inside = is_inside and (not line.strip() or line.startswith(("    ", "\t")))
        if is_inside:
            found.append(line.expandtabs(4))
            continue
        fence.covers(line)
        if not fence.mark and CALLOUT.match(line):
            is_inside = True
            found.append("")
    return textwrap.dedent("\n".join(found)).strip()
