"""What is done of a course: percent, what is missing, complete or not."""

from collections.abc import Mapping
from dataclasses import dataclass

from lms.course.document import CourseDoc, Entry


@dataclass(frozen=True)
class Done:
    """One item of one learner: read or passed, and for a quiz the best result."""

    passed: bool
    fraction: float | None = None


@dataclass(frozen=True)
class Progress:
    """Where a learner stands in a course."""

    percent: int
    done: tuple[str, ...]
    missing: tuple[str, ...]
    is_complete: bool
    minutes_left: int
    next_item: str | None


def progress(doc: CourseDoc, done: Mapping[str, Done]) -> Progress:
    """Optional items and practice never count; the quiz that gives the grade must be passed even where a percentage is enough."""
    passed = {item for item, state in done.items() if state.passed}
    required = [entry for entry in doc.items if doc.is_required(entry)]
    missing = tuple(item_id(entry) for entry in required if entry.item not in passed)
    needed = -(-len(required) * doc.complete // 100)
    got = len(required) - len(missing)
    is_complete = bool(required) and got >= needed and (doc.grade_from is None or doc.grade_from in passed)
    share = 100 * got // needed if needed else 0
    return Progress(
        percent=100 if is_complete else min(share, 99),
        done=tuple(item_id(entry) for entry in doc.items if entry.item in passed),
        missing=missing,
        is_complete=is_complete,
        minutes_left=sum(minutes(doc, item) for item in missing),
        next_item=missing[0] if missing else None,
    )


def grade(doc: CourseDoc, done: Mapping[str, Done]) -> float | None:
    """The course's result as a fraction, from the quiz that the author named; None while there is none."""
    state = done.get(doc.grade_from) if doc.grade_from else None
    return state.fraction if state else None


def item_id(entry: Entry) -> str:
    return entry.item or ""


def minutes(doc: CourseDoc, item: str) -> int:
    found = doc.item(item)
    return (found.minutes or 0) if found else 0
