"""Every way through a drill: what can be reached, where it gets stuck, and the way that earns most.

Ways are searched over situations: a scene with those of the flags set so far that a choice may still ask for. Their
number is bounded, and so are the rounds in which the best way is sought, so that no text keeps the reader waiting.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from lms.course.document import Choice, Drill
from lms.course.drills import is_open

SITUATIONS_LIMIT = 4_000
ROUNDS_LIMIT = 25

Situation = tuple[str, frozenset[str]]
Worth = tuple[int, int, int]
"""Points on the first scale, points on the others together, minutes saved: the first that differs decides."""


@dataclass(frozen=True)
class Edge:
    """A choice that a situation offers."""

    place: int
    choice: Choice
    target: Situation


Map = dict[Situation, tuple[Edge, ...]]


@dataclass(frozen=True)
class Ways:
    """What the search found."""

    reached: frozenset[str] = frozenset()
    """Scenes that a learner can come to."""
    offered: frozenset[tuple[str, int]] = frozenset()
    """Choices that a learner can meet, by scene and place."""
    stuck: tuple[Situation, ...] = ()
    """Situations with choices of which none is offered."""
    lost: frozenset[str] = frozenset()
    """Scenes from which, at least once, no ending can be reached."""
    circle: tuple[str, ...] = ()
    """Scenes in whose circle points are earned without end."""
    best: tuple[int, ...] = ()
    """The choices of the way that earns most, by their places; empty when there is no ending."""
    most: int | None = None
    """What it earns on the first scale."""
    is_whole: bool = True
    """False when there are more situations than are searched."""


@lru_cache(maxsize=64)
def ways(drill: Drill) -> Ways:
    """Search once for each drill."""
    if not drill.scenes:
        return Ways()
    found = _explored(drill)
    if found is None:
        return Ways(is_whole=False)
    endings = [one for one in found if drill.by_id[one[0]].is_ending]
    stuck = [one for one, edges in found.items() if not edges and not drill.by_id[one[0]].is_ending]
    saved = _leading_to(found, endings)
    best, most, circle, is_whole = _best(drill, found, endings)
    return Ways(
        reached=frozenset(scene for scene, _ in found),
        offered=frozenset((scene, edge.place) for (scene, _), edges in found.items() for edge in edges),
        stuck=tuple(stuck),
        lost=frozenset(one[0] for one in found if one not in saved) if endings else frozenset(),
        circle=circle,
        best=best,
        most=most,
        is_whole=is_whole,
    )


def _asked_later(drill: Drill) -> dict[str, frozenset[str]]:
    """Scene by scene the flags that it, or one that may follow, asks for."""
    asked = {
        scene.id: {flag for choice in scene.choices for flag in (*choice.needs, *choice.forbids)}
        for scene in drill.by_id.values()
    }
    before: dict[str, set[str]] = {name: set() for name in asked}
    for scene in drill.by_id.values():
        for choice in scene.choices:
            if choice.target in before:
                before[choice.target].add(scene.id)
    waiting = deque(asked)
    while waiting:
        name = waiting.popleft()
        for earlier in before[name]:
            if not asked[name] <= asked[earlier]:
                asked[earlier] |= asked[name]
                waiting.append(earlier)
    return {name: frozenset(flags) for name, flags in asked.items()}


def _explored(drill: Drill) -> Map | None:
    """Every situation with what it offers, in an order in which a way without circles only goes forward."""
    asked = _asked_later(drill)
    start: Situation = (drill.scenes[0].id, frozenset())
    found: Map = {start: _edges(drill, start, asked)}
    order: list[Situation] = []
    stack: list[tuple[Situation, Iterator[Edge]]] = [(start, iter(found[start]))]
    while stack:
        here, rest = stack[-1]
        edge = next(rest, None)
        if edge is None:
            order.append(here)
            stack.pop()
        elif edge.target not in found:
            if len(found) >= SITUATIONS_LIMIT:
                return None
            found[edge.target] = _edges(drill, edge.target, asked)
            stack.append((edge.target, iter(found[edge.target])))
    return {one: found[one] for one in reversed(order)}


def _edges(drill: Drill, here: Situation, asked: Mapping[str, frozenset[str]]) -> tuple[Edge, ...]:
    scene, flags = here
    return tuple(
        Edge(place, choice, (choice.target, flags.union(choice.sets) & asked[choice.target]))
        for place, choice in enumerate(drill.by_id[scene].choices)
        if choice.target in asked and is_open(choice, flags)
    )


def _leading_to(found: Map, endings: Iterable[Situation]) -> set[Situation]:
    """The situations from which one of the endings can be reached."""
    before: dict[Situation, list[Situation]] = {one: [] for one in found}
    for one, edges in found.items():
        for edge in edges:
            before[edge.target].append(one)
    seen = set(endings)
    waiting = deque(seen)
    while waiting:
        for one in before[waiting.popleft()]:
            if one not in seen:
                seen.add(one)
                waiting.append(one)
    return seen


def _worth(drill: Drill, choice: Choice) -> Worth:
    first = sum(gain.points for gain in choice.gains if gain.scale == drill.scales[0])
    return first, sum(gain.points for gain in choice.gains) - first, -choice.minutes


def _best(
    drill: Drill, found: Map, endings: list[Situation]
) -> tuple[tuple[int, ...], int | None, tuple[str, ...], bool]:
    """The best way, what it earns, the circle in which points grow for ever, and whether the search came to an end."""
    start = next(iter(found))
    worth: dict[Situation, Worth] = {start: (0, 0, 0)}
    came: dict[Situation, tuple[Situation, int]] = {}
    edges = [(one, edge, _worth(drill, edge.choice)) for one, outs in found.items() for edge in outs]
    for _ in range(ROUNDS_LIMIT):
        changed = False
        for one, edge, more in edges:
            here = worth.get(one)
            if here is None:
                continue
            reached = (here[0] + more[0], here[1] + more[1], here[2] + more[2])
            if edge.target not in worth or reached > worth[edge.target]:
                worth[edge.target], changed = reached, True
                came[edge.target] = (one, edge.place)
        if not changed:
            break
        if circle := _circle(came):
            return (), None, circle, True
    else:
        return (), None, (), False
    if not endings:
        return (), None, (), True
    last = max(endings, key=lambda one: worth[one])
    return _back(came, last, start), worth[last][0], (), True


def _back(came: Mapping[Situation, tuple[Situation, int]], last: Situation, start: Situation) -> tuple[int, ...]:
    places: list[int] = []
    while last != start:
        last, place = came[last]
        places.append(place)
    return tuple(reversed(places))


def _circle(came: Mapping[Situation, tuple[Situation, int]]) -> tuple[str, ...]:
    """Scenes that came from each other in a circle: going round it earned something."""
    known: set[Situation] = set()
    for one in came:
        path: dict[Situation, None] = {}
        here: Situation | None = one
        while here is not None and here not in known and here not in path:
            path[here] = None
            here = came[here][0] if here in came else None
        if here is not None and here in path:
            places = list(path)
            return tuple(dict.fromkeys(scene for scene, _ in reversed(places[places.index(here) :])))
        known.update(path)
    return ()
