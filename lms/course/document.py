"""CourseDoc: a course after parsing, as frozen values; what is stored with a revision and read ever after."""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

import cattrs

from lms.course.questions import TYPES, Question

STALE_AFTER = timedelta(days=180)
VERSION = 1

Show = Literal["nothing", "score", "mistakes", "answers"]
Shuffle = Literal["none", "questions", "options", "both"]
Grading = Literal["highest", "last", "first", "average"]


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A law or standard that lessons cite, with the dates between which it is in force."""

    id: str
    number: str
    name: str
    in_force_from: date
    in_force_to: date | None = None
    replaced_by: str | None = None
    checked_on: date
    note: str | None = None

    def is_repealed(self, today: date) -> bool:
        """The last day in force is still in force."""
        return self.in_force_to is not None and self.in_force_to < today

    def is_stale(self, today: date) -> bool:
        """Whether nobody has looked for longer than half a year if the text still holds."""
        return today - self.checked_on > STALE_AFTER


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the outline; without an item it is a download."""

    title: str
    item: str | None
    path: str
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Part:
    title: str | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True, kw_only=True)
class When:
    """A moment, as clocks in Việt Nam show it (ISO 8601 without zone), or so many days after enrolling."""

    moment: str | None = None
    days: int | None = None


@dataclass(frozen=True, kw_only=True)
class Draw:
    """So many questions of a section, of a tag, or of both."""

    count: int
    section: str = ""
    tag: str = ""

    def takes(self, question: Question) -> bool:
        """Whether the question may be drawn by it."""
        return self.section in ("", question.section) and (not self.tag or self.tag in question.tags)


@dataclass(frozen=True, kw_only=True)
class Lesson:
    id: str
    title: str
    path: str
    minutes: int | None = None
    practice: int | None = None
    """Minutes of the work that follows the reading."""
    objectives: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    text: str
    line: int = field(default=1, compare=False)
    cites: tuple[str, ...] = ()
    local_names: tuple[str, ...] = ()
    checks: tuple[Question, ...] = ()
    """The self-checks, in the order in which they stand."""


@dataclass(frozen=True, kw_only=True)
class Quiz:
    id: str
    title: str
    path: str
    pass_percent: Decimal = Decimal(60)
    minutes: int | None = None
    attempts: int | None = None
    grade: Grading = "highest"
    show: Show = "mistakes"
    show_when: Literal["at once", "passed", "closed"] = "at once"
    shuffle: Shuffle = "options"
    draws: tuple[Draw, ...] = ()
    penalty_percent: Decimal = Decimal(0)
    opens: When | None = None
    closes: When | None = None
    practice: bool = False
    introduction: str = ""
    questions: tuple[Question, ...] = ()
    local_names: tuple[str, ...] = ()

    @property
    def points(self) -> Decimal:
        return sum((question.points for question in self.questions), Decimal(0))

    def question(self, question_id: str) -> Question | None:
        return next((question for question in self.questions if question.id == question_id), None)

    def draw(self, seed: str | int, seen: Sequence[Collection[str]] = ()) -> tuple[Question, ...]:
        """The questions of one attempt, in the order in which it shows them; the same for the same seed and `seen`.

        `seen` are the question ids of the learner's earlier attempts, oldest first. Of what fits a draw and no
        draw before it has taken, the questions never seen come first, then those seen least often, of these the
        ones seen longest ago; where that leaves a choice, the seed decides.
        """
        chance = random.Random(f"{seed}:{self.id}")  # noqa: S311 - a fair draw, not a secret
        drawn = list(self.questions)
        if self.draws:
            familiar = _familiar(seen)
            taken: set[str] = set()
            for draw in self.draws:
                fitting = [one for one in self.questions if draw.takes(one) and one.id not in taken]
                chance.shuffle(fitting)
                fitting.sort(key=lambda one: familiar.get(one.id, (0, 0)))
                taken |= {one.id for one in fitting[: draw.count]}
            drawn = [one for one in self.questions if one.id in taken]
        if self.shuffle in ("questions", "both"):
            chance.shuffle(drawn)
        return tuple(drawn)

    @property
    def asked(self) -> int:
        """How many questions an attempt asks."""
        return sum(draw.count for draw in self.draws) if self.draws else len(self.questions)


def _familiar(seen: Sequence[Collection[str]]) -> dict[str, tuple[int, int]]:
    """Question id → in how many of the attempts it was asked, and which was the last."""
    found: dict[str, tuple[int, int]] = {}
    for number, ids in enumerate(seen, start=1):
        for one in set(ids):
            found[one] = (found.get(one, (0, 0))[0] + 1, number)
    return found


@dataclass(frozen=True, kw_only=True)
class Gain:
    """Points that a choice adds to a scale, or takes from it."""

    scale: str
    points: int


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A way from one scene to another, and what it changes."""

    text: str
    target: str
    gains: tuple[Gain, ...] = ()
    minutes: int = 0
    starts_deadlines: bool = False
    """T0: the deadlines count from the moment before the choice takes its minutes."""
    sets: tuple[str, ...] = ()
    meets: tuple[str, ...] = ()
    """The deadlines whose work is done when its minutes are over."""
    needs: tuple[str, ...] = ()
    forbids: tuple[str, ...] = ()
    """Flags that must and must not be set for it to be offered."""
    reason: str = ""
    line: int = field(default=1, compare=False)


@dataclass(frozen=True, kw_only=True)
class Inject:
    """What happens so many minutes after the scene began, whatever is done."""

    minutes: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A situation; without choices it is an ending."""

    id: str
    title: str
    text: str
    injects: tuple[Inject, ...] = ()
    choices: tuple[Choice, ...] = ()
    line: int = field(default=1, compare=False)

    @property
    def is_ending(self) -> bool:
        return not self.choices


@dataclass(frozen=True, kw_only=True)
class Band:
    """What a result from so many points on is called."""

    least: int
    name: str


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """What has to be done within so many hours of T0."""

    hours: int
    name: str


@dataclass(frozen=True, kw_only=True)
class Drill:
    """An incident, decision by decision; the first scene is the start."""

    id: str
    title: str
    path: str
    minutes: int | None = None
    """How long it takes a learner; the story's own time is in the choices."""
    starts: str = ""
    """When the story begins, as clocks in Việt Nam show it (ISO 8601 without zone)."""
    scales: tuple[str, ...] = ()
    bands: tuple[Band, ...] = ()
    pass_points: int = 50
    deadlines: tuple[Deadline, ...] = ()
    introduction: str = ""
    scenes: tuple[Scene, ...] = ()
    cites: tuple[str, ...] = ()
    local_names: tuple[str, ...] = ()

    @cached_property
    def by_id(self) -> dict[str, Scene]:
        return {scene.id: scene for scene in reversed(self.scenes)}

    def scene(self, scene_id: str) -> Scene | None:
        return self.by_id.get(scene_id)


Item = Lesson | Quiz | Drill


@dataclass(frozen=True, kw_only=True)
class CourseDoc:
    id: str
    title: str
    language: Literal["vi", "en"] = "vi"
    hours: Decimal | None = None
    audience: str = ""
    objectives: tuple[str, ...] = ()
    content_group: int | None = None
    complete: int = 100
    grade_from: str | None = None
    valid_months: int | None = None
    certificate: Literal["self", "none"] = "self"
    introduction: str = ""
    parts: tuple[Part, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    quizzes: tuple[Quiz, ...] = ()
    drills: tuple[Drill, ...] = ()
    references: tuple[Reference, ...] = ()
    introduction_local_names: tuple[str, ...] = ()

    @cached_property
    def items(self) -> tuple[Entry, ...]:
        """What is learnt and tracked, in the order of the outline."""
        return tuple(entry for part in self.parts for entry in part.entries if entry.item)

    @cached_property
    def _by_id(self) -> dict[str, Item]:
        return {item.id: item for item in self.every_item}

    @property
    def every_item(self) -> tuple[Item, ...]:
        """What is learnt, kind by kind."""
        return (*self.lessons, *self.quizzes, *self.drills)

    def item(self, item_id: str) -> Item | None:
        return self._by_id.get(item_id)

    def lesson(self, item_id: str) -> Lesson | None:
        found = self.item(item_id)
        return found if isinstance(found, Lesson) else None

    def quiz(self, item_id: str) -> Quiz | None:
        found = self.item(item_id)
        return found if isinstance(found, Quiz) else None

    def drill(self, item_id: str) -> Drill | None:
        found = self.item(item_id)
        return found if isinstance(found, Drill) else None

    def is_required(self, entry: Entry) -> bool:
        """Whether the course asks for it: optional items and practice quizzes are offers."""
        quiz = self.quiz(entry.item or "")
        return not entry.optional and not (quiz is not None and quiz.practice)

    @property
    def minutes(self) -> int:
        """What the required items take together, as far as they say."""
        required = (self.item(entry.item or "") for entry in self.items if self.is_required(entry))
        return sum(item.minutes or 0 for item in required if item)

    @property
    def practice(self) -> int:
        """Minutes of work that required lessons ask for beside them."""
        lessons = (self.lesson(entry.item or "") for entry in self.items if self.is_required(entry))
        return sum(lesson.practice or 0 for lesson in lessons if lesson)

    @property
    def local_names(self) -> tuple[str, ...]:
        """Every `{{name}}` that the course uses, each once."""
        items = (item.local_names for item in self._by_id.values())
        groups = (self.introduction_local_names, *items)
        return tuple(dict.fromkeys(name for group in groups for name in group))


def is_question(type_: Any) -> bool:
    """The abstract type: its values are written with their kind and read by it."""
    return type_ is Question


def converter() -> cattrs.Converter:
    made = cattrs.Converter(unstruct_collection_overrides={tuple: list}, forbid_extra_keys=True, omit_if_default=False)
    made.register_unstructure_hook(Decimal, str)
    made.register_structure_hook(Decimal, lambda value, _: Decimal(value))
    made.register_unstructure_hook(date, date.isoformat)
    made.register_structure_hook(date, lambda value, _: date.fromisoformat(value))
    made.register_unstructure_hook_func(
        is_question, lambda question: {"kind": question.kind, **made.unstructure(question, type(question))}
    )
    made.register_structure_hook_func(
        is_question,
        lambda value, _: made.structure({k: v for k, v in value.items() if k != "kind"}, TYPES[value["kind"]]),
    )
    return made


CONVERTER = converter()


def dump(doc: CourseDoc) -> dict[str, Any]:
    """The document as JSON values, stored with the revision."""
    return {"version": VERSION, **CONVERTER.unstructure(doc)}


def load(data: dict[str, Any]) -> CourseDoc:
    """The document that was dumped; a version from the future is refused."""
    if data.get("version") != VERSION:
        raise ValueError(f"unknown version of the stored document: {data.get('version')!r}")
    return CONVERTER.structure({k: v for k, v in data.items() if k != "version"}, CourseDoc)
