"""What is done of a course: percent, what is missing, complete or not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lms.course.document import CourseDoc, Entry


@dataclass(frozen=True)
class Word:
    """What a trainer said about an item of one learner, against or beside its result."""

    passed: bool
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Done:
    """One item of one learner: read or passed, and for a quiz what its attempts are worth."""

    passed: bool
    fraction: float | None = None
    word: Word | None = None


@dataclass(frozen=True)
class Requirements:
    """What completing a course takes, and how far it is met: the one place where that is decided."""

    needed: int
    """So many of the required items…"""
    required: int
    """…of so many."""
    got: int
    missing: tuple[str, ...]
    grade_from: str | None
    """The quiz that gives the grade; it must be passed even where a percentage of the items is enough."""
    is_grade_passed: bool

    @property
    def are_enough(self) -> bool:
        """Whether enough of the items are done."""
        return self.required > 0 and self.got >= self.needed

    @property
    def are_met(self) -> bool:
        """Whether the course is complete."""
        return self.are_enough and (self.grade_from is None or self.is_grade_passed)


def finished(doc: CourseDoc, done: Mapping[str, Done]) -> set[str]:
    """The items that show a tick: passed, or practised where that is all that is asked."""
    return {item for item, state in done.items() if state.passed or (state.word is None and _is_practice(doc, item))}


def _is_practice(doc: CourseDoc, item: str) -> bool:
    quiz = doc.quiz(item)
    return quiz is not None and quiz.practice


def requirements(doc: CourseDoc, done: Mapping[str, Done]) -> Requirements:
    """Optional items and practice never count."""
    passed = {item for item, state in done.items() if state.passed}
    required = [entry for entry in doc.items if doc.is_required(entry)]
    missing = tuple(item_id(entry) for entry in required if entry.item not in passed)
    return Requirements(
        needed=-(-len(required) * doc.complete // 100),
        required=len(required),
        got=len(required) - len(missing),
        missing=missing,
        grade_from=doc.grade_from,
        is_grade_passed=doc.grade_from in passed,
    )


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
    """How much of the requirements is met, and what comes next."""
    asked = requirements(doc, done)
    share = 100 * asked.got // asked.needed if asked.needed else 0
    return Progress(
        percent=100 if asked.are_met else min(share, 99),
        done=tuple(item_id(entry) for entry in doc.items if entry.item in finished(doc, done)),
        missing=asked.missing,
        is_complete=asked.are_met,
        minutes_left=sum(minutes(doc, item) for item in asked.missing),
        next_item=asked.missing[0] if asked.missing else None,
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
