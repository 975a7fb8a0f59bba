"""What people typed into a question, put together the way grading compares it. Pure.

Typed text may hold anything: a name, a telephone number, a complaint. So only what `LEAST_PEOPLE` different people typed
is ever kept or shown, and it is shown as grading compares it, never as one person wrote it.
"""

from array import array
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lms.course.numerals import comma
from lms.course.questions import Question
from lms.course.questions.cloze import Blank, Cloze
from lms.course.questions.numeric import Numeric, learner_readings
from lms.course.questions.short_text import ShortText, comparable

LEAST_PEOPLE = 3
MOST_ANSWERS = 10
NOTHING = -1


@dataclass(frozen=True)
class Box:
    """One place to type into: what stands in it, how that is compared, and what it is worth."""

    given: Callable[[Any], str | None]
    compared: Callable[[str], str]
    worth: Callable[[str], float]


def boxes(question: Question) -> list[Box]:
    """Where something is typed; none in questions whose answers are chosen or read by a person."""
    if isinstance(question, Cloze):
        return [_gap(question, place) for place in range(len(question.blanks))]
    if isinstance(question, Numeric):
        return [
            Box(_text, lambda text: _number(text, question.unit), lambda text: question.grade(text).fraction or 0.0)
        ]
    if isinstance(question, ShortText):
        return [
            Box(
                _text,
                lambda text: comparable(text, case=question.case),
                lambda text: question.grade(text).fraction or 0.0,
            )
        ]
    return []


def _text(answer: Any) -> str | None:
    return answer if isinstance(answer, str) else None


def _gap(question: Cloze, place: int) -> Box:
    blank = question.blanks[place]
    return Box(
        lambda answer: question.given(answer)[place],
        lambda text: _in_gap(blank, text, case=question.case),
        lambda text: float(blank.is_right(text, case=question.case)),
    )


def _in_gap(blank: Blank, text: str, *, case: bool) -> str:
    if blank.low is not None:
        return _number(text, blank.unit)
    return text if blank.words else comparable(text, case=case)


def _number(text: str, unit: str) -> str:
    """The number without its unit, both where it reads two ways; what is no number is compared as text."""
    found = learner_readings(text, unit)
    return " / ".join(comma(value) for value in found) if found else comparable(text, case=False)


@dataclass
class Typed:
    """All that was typed into one box, attempt by attempt."""

    box: Box
    given: array = field(default_factory=lambda: array("l"))
    """Places in `texts`; NOTHING where nothing was typed."""
    texts: list[str] = field(default_factory=list)
    worth: list[float] = field(default_factory=list)
    people: list[set[int]] = field(default_factory=list)
    """Who typed each, no more of them than need be known."""
    _places: dict[str, int] = field(default_factory=dict)
    _seen: dict[str, int] = field(default_factory=dict)

    def add(self, answer: Any, person: int) -> None:
        """One more attempt."""
        text = self.box.given(answer)
        place = self._place(text) if text else NOTHING
        self.given.append(place)
        if place != NOTHING and len(self.people[place]) < LEAST_PEOPLE:
            self.people[place].add(person)

    def _place(self, text: str) -> int:
        if text in self._seen:
            return self._seen[text]
        key = self.box.compared(text)
        if not key:
            return NOTHING
        if key not in self._places:
            self._places[key] = len(self.texts)
            self.texts.append(key)
            self.worth.append(self.box.worth(text))
            self.people.append(set())
        self._seen[text] = self._places[key]
        return self._seen[text]

    def frequent(self) -> list[tuple[int, int]]:
        """(place, how often) of what enough people typed, the most frequent first."""
        counts = Counter(place for place in self.given if place != NOTHING and len(self.people[place]) >= LEAST_PEOPLE)
        return sorted(counts.items(), key=lambda one: (-one[1], self.texts[one[0]]))[:MOST_ANSWERS]
