"""Drills as a state machine: what is offered, what a choice does, what a run is worth.

Points are summed exactly, and only the sum is kept within 0 and 100: were each step kept within them, a grave first
mistake would cost nothing because nothing was there to lose, and the order of decisions would change their worth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lms.course.document import Choice, Deadline, Drill, Scene

MOST = 100
"""Every scale goes from 0 to this."""
STEPS_LIMIT = 500
"""A run that goes round in circles ends here at the latest."""


class NotOffered(Exception):
    """The choice does not exist, or not in this state."""


class Met(StrEnum):
    """What became of a deadline."""

    NOT_BEGUN = "not_begun"
    RUNNING = "running"
    MET = "met"
    MISSED = "missed"


@dataclass(frozen=True, kw_only=True)
class State:
    """Where a run stands; minutes count from the beginning of the story."""

    scene: str
    minutes: int = 0
    sums: tuple[int, ...]
    """One for each scale, not limited."""
    flags: frozenset[str] = frozenset()
    t0: int | None = None
    done: tuple[tuple[str, int], ...] = ()
    """Deadlines whose work was done, and when; the first time counts."""


@dataclass(frozen=True)
class Happened:
    """An inject in the minute in which it happened."""

    minutes: int
    scene: str
    place: int
    """Which of the scene's injects, from 0."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One decision of a run, with what happened while its minutes passed."""

    scene: Scene
    place: int
    """Which of the scene's choices, from 0."""
    choice: Choice
    before: State
    after: State
    happened: tuple["Happened", ...]
    """Injects that the story clock passed."""


@dataclass(frozen=True, kw_only=True)
class Play:
    """Decisions played from the beginning."""

    steps: tuple[Step, ...]
    state: State
    opening: tuple[Happened, ...]
    """What happens as the first scene begins."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A deadline of a run: due and done in minutes of the story, None while they are not known."""

    deadline: Deadline
    met: Met
    due: int | None
    done: int | None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a finished run is worth."""

    points: tuple[tuple[str, int], ...]
    """Scale by scale, within 0 and 100."""
    fraction: float
    passed: bool
    band: str
    deadlines: tuple[Judged, ...]


def begin(drill: Drill) -> State:
    """The state at the start of the first scene."""
    return State(scene=drill.scenes[0].id, sums=(0,) * len(drill.scales))


def offered(drill: Drill, state: State) -> list[tuple[int, Choice]]:
    """The choices that can be made now, each with its place in the scene."""
    scene = drill.scene(state.scene)
    found = enumerate(scene.choices) if scene else ()
    return [(place, choice) for place, choice in found if is_open(choice, state.flags) and drill.scene(choice.target)]


def is_open(choice: Choice, flags: frozenset[str]) -> bool:
    """Whether the flags let it be made."""
    return flags.issuperset(choice.needs) and flags.isdisjoint(choice.forbids)


def step(drill: Drill, state: State, place: int) -> State:
    """The state after the choice at this place of the scene; NotOffered when it cannot be made."""
    choice = dict(offered(drill, state)).get(place)
    if choice is None:
        raise NotOffered
    sums = dict(zip(drill.scales, state.sums, strict=True))
    for gain in choice.gains:
        sums[gain.scale] = sums.get(gain.scale, 0) + gain.points
    minutes, done = state.minutes + choice.minutes, dict(state.done)
    for name in choice.meets:
        done.setdefault(name, minutes)
    return State(
        scene=choice.target,
        minutes=minutes,
        sums=tuple(sums[scale] for scale in drill.scales),
        flags=state.flags.union(choice.sets),
        t0=state.minutes if choice.starts_deadlines and state.t0 is None else state.t0,
        done=tuple(done.items()),
    )


def play(drill: Drill, places: Sequence[int]) -> Play:
    """The run of these decisions; NotOffered when one of them cannot be made."""
    state, told, steps = begin(drill), _Told(drill), list[Step]()
    told.enter(state)
    opening = told.until(state.minutes)
    for place in places:
        after, scene = step(drill, state, place), drill.by_id[state.scene]
        happened = told.until(after.minutes)
        told.enter(after)
        happened += told.until(after.minutes)
        steps.append(
            Step(scene=scene, place=place, choice=scene.choices[place], before=state, after=after, happened=happened)
        )
        state = after
    return Play(steps=tuple(steps), state=state, opening=opening)


def possible(drill: Drill, places: Sequence[int]) -> Sequence[int]:
    """These decisions up to the first that cannot be made."""
    state = begin(drill)
    for number, place in enumerate(places):
        try:
            state = step(drill, state, place)
        except NotOffered:
            return places[:number]
    return places


class _Told:
    """Injects wait, also when their scene is left, until the story clock passes them; each happens once."""

    def __init__(self, drill: Drill) -> None:
        self._drill = drill
        self._entered: set[str] = set()
        self._waiting: list[Happened] = []

    def enter(self, state: State) -> None:
        if state.scene not in self._entered:
            self._entered.add(state.scene)
            injects = self._drill.by_id[state.scene].injects
            self._waiting += [
                Happened(state.minutes + inject.minutes, state.scene, place) for place, inject in enumerate(injects)
            ]

    def until(self, minutes: int) -> tuple[Happened, ...]:
        past = sorted((one for one in self._waiting if one.minutes <= minutes), key=lambda one: one.minutes)
        self._waiting = [one for one in self._waiting if one.minutes > minutes]
        return tuple(past)


def is_over(drill: Drill, state: State) -> bool:
    """Whether nothing can be decided any more: an ending, or a scene that offers nothing in this state."""
    return not offered(drill, state)


def moment(drill: Drill, minutes: int) -> datetime:
    """A minute of the story on the clock of the story."""
    return datetime.fromisoformat(drill.starts) + timedelta(minutes=minutes)


def points(drill: Drill, state: State) -> tuple[tuple[str, int], ...]:
    """Scale by scale, within 0 and 100."""
    return tuple((scale, max(0, min(MOST, total))) for scale, total in zip(drill.scales, state.sums, strict=True))


def deadlines(drill: Drill, state: State, *, is_over: bool) -> tuple[Judged, ...]:
    """How each deadline stands. One that no choice does the work of is met by ending in time."""
    named = {name for scene in drill.scenes for choice in scene.choices for name in choice.meets}
    return tuple(_judged(one, state, has_work=one.name in named, is_over=is_over) for one in drill.deadlines)


def _judged(deadline: Deadline, state: State, *, has_work: bool, is_over: bool) -> Judged:
    if state.t0 is None:
        return Judged(deadline=deadline, met=Met.NOT_BEGUN, due=None, done=None)
    due, done = state.t0 + deadline.hours * 60, dict(state.done).get(deadline.name)
    if not has_work and is_over:
        done = state.minutes
    if done is not None:
        return Judged(deadline=deadline, met=Met.MET if done <= due else Met.MISSED, due=due, done=done)
    is_missed = is_over or state.minutes > due
    return Judged(deadline=deadline, met=Met.MISSED if is_missed else Met.RUNNING, due=due, done=None)


def outcome(drill: Drill, state: State) -> Outcome:
    """What the run is worth that ended in this state; the first scale decides."""
    every = points(drill, state)
    first = every[0][1] if every else 0
    return Outcome(
        points=every,
        fraction=first / MOST,
        passed=first >= drill.pass_points,
        band=next((band.name for band in drill.bands if first >= band.least), ""),
        deadlines=deadlines(drill, state, is_over=True),
    )
