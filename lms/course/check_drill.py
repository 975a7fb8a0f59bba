"""A drill by itself: scenes and choices that lead nowhere, flags and deadlines that mean nothing, points that cannot be."""

from collections import Counter
from collections.abc import Iterator

from lms.course.document import Drill, Scene
from lms.course.drill_ways import SITUATIONS_LIMIT, Ways, ways
from lms.course.drills import MOST, Met, deadlines, play
from lms.course.frontmatter import FrontMatter
from lms.course.problems import N_, Problem, error, warning

FEW = 4
NAMED_LIMIT = 40


def look(drill: Drill, facts: FrontMatter) -> Iterator[Problem]:
    """What a good editor would say of the drill alone."""
    if not drill.scenes:
        return
    yield from _ids(drill)
    yield from _targets(drill)
    for scene in drill.scenes:
        yield from _scene(drill, scene)
    yield from _flags(drill)
    yield from _deadlines(drill, facts)
    yield from _given_away(drill)
    if all(drill.scene(choice.target) for scene in drill.scenes for choice in scene.choices):
        yield from _roads(drill, facts, ways(drill))


def _ids(drill: Drill) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for scene in drill.scenes:
        if scene.id and scene.id in seen:
            message = N_("drill: the scene #%(id)s stands already at line %(place)s; choose another id")
            yield error(drill.path, scene.line, message, id=scene.id, place=seen[scene.id])
        seen.setdefault(scene.id, scene.line)


def _named(ids: list[str]) -> str:
    shown = ", ".join(f"#{one}" for one in ids[:NAMED_LIMIT] if one)
    return f"{shown}, …" if len(ids) > NAMED_LIMIT else shown or "–"


def _targets(drill: Drill) -> Iterator[Problem]:
    there = _named([scene.id for scene in drill.scenes])
    for scene in drill.scenes:
        for choice in scene.choices:
            if drill.scene(choice.target) is None:
                message = N_("drill: there is no scene #%(id)s; the scenes are: %(there)s")
                yield error(drill.path, choice.line, message, id=choice.target[:60], there=there)
    if drill.scenes[0].is_ending:
        message = N_("drill: the first scene has no choices, so nothing is decided; write them under what happens")
        yield error(drill.path, drill.scenes[0].line, message)
    elif not any(scene.is_ending for scene in drill.scenes):
        message = N_("drill: it has no ending; write a scene without choices to which the last choices lead")
        yield error(drill.path, drill.scenes[-1].line, message)


def _scene(drill: Drill, scene: Scene) -> Iterator[Problem]:
    if not scene.text:
        message = N_("drill: the scene “%(title)s” has no text; write under the heading what happens")
        yield error(drill.path, scene.line, message, title=scene.title[:80])
    seen = Counter(choice.text.casefold() for choice in scene.choices)
    for choice in scene.choices:
        if not choice.reason:
            message = N_("drill: the choice “%(text)s” has no reason; write below it “  > …” why it is good or bad")
            yield warning(drill.path, choice.line, message, text=choice.text[:60])
        if seen[choice.text.casefold()] > 1 and not (choice.needs or choice.forbids):
            message = N_("drill: the choice “%(text)s” stands twice in the scene; change one")
            yield error(drill.path, choice.line, message, text=choice.text[:60])


def _flags(drill: Drill) -> Iterator[Problem]:
    known = sorted({flag for scene in drill.scenes for choice in scene.choices for flag in choice.sets})
    for scene in drill.scenes:
        for choice in scene.choices:
            for flag in dict.fromkeys((*choice.needs, *choice.forbids)):
                if flag not in known:
                    message = N_("drill: the flag “%(flag)s” is asked for and never set; the flags are: %(there)s")
                    there = ", ".join(known[:NAMED_LIMIT]) or "–"
                    yield error(drill.path, choice.line, message, flag=flag, there=there)


def _deadlines(drill: Drill, facts: FrontMatter) -> Iterator[Problem]:
    choices = [choice for scene in drill.scenes for choice in scene.choices]
    t0 = next((choice for choice in choices if choice.starts_deadlines), None)
    line = facts.line("deadlines")
    if drill.deadlines and t0 is None:
        message = N_("drill: the deadlines never begin; write “· T0” behind the choices from which they count")
        yield error(drill.path, line, message)
    elif t0 is not None and not drill.deadlines:
        message = N_("drill: T0 begins deadlines and there are none; add “deadlines: 24 giờ …” at the top")
        yield warning(drill.path, t0.line, message)
    done = {name for choice in choices for name in choice.meets}
    for one in drill.deadlines:
        if one.name not in done:
            message = N_(
                "drill: no choice does what “%(name)s” asks, so it counts as met when the drill ends in time; write “· xong %(name)s” behind the choices that do it"
            )
            yield warning(drill.path, line, message, name=one.name)


def _given_away(drill: Drill) -> Iterator[Problem]:
    """What lets one play well without thinking."""
    places, longest = [], []
    for scene in drill.scenes:
        if len(scene.choices) > 1:
            worth = [sum(gain.points for gain in one.gains if gain.scale == drill.scales[0]) for one in scene.choices]
            lengths = [len(one.text) for one in scene.choices]
            places.append(worth.index(max(worth)))
            longest.append(lengths.index(max(lengths)) == places[-1])
    if len(places) >= FEW and len(set(places)) == 1:
        message = N_("drill: in every scene the choice in the same place is the best; vary their order")
        yield warning(drill.path, 1, message)
    elif len(longest) >= FEW and all(longest):
        message = N_("drill: in every scene the longest choice is the best, which gives it away; vary their length")
        yield warning(drill.path, 1, message)


def _roads(drill: Drill, facts: FrontMatter, found: Ways) -> Iterator[Problem]:
    """What only shows when every way is walked."""
    if not found.is_whole:
        message = N_(
            "drill: it has more ways than can be looked through (%(limit)s situations); use fewer flags or split it"
        )
        yield error(drill.path, 1, message, limit=SITUATIONS_LIMIT)
        return
    for scene in drill.scenes:
        if scene.id not in found.reached:
            message = N_("drill: nobody reaches the scene #%(id)s; let a choice lead to it, or take it out")
            yield error(drill.path, scene.line, message, id=scene.id[:60])
        elif scene.id in found.lost and not scene.is_ending:
            message = N_("drill: from the scene #%(id)s no ending can be reached; let a choice lead on to one")
            yield error(drill.path, scene.line, message, id=scene.id[:60])
        for place, choice in enumerate(scene.choices):
            if scene.id in found.reached and drill.scene(choice.target) and (scene.id, place) not in found.offered:
                message = N_("drill: nobody is ever offered the choice “%(text)s”; look at its condition")
                yield warning(drill.path, choice.line, message, text=choice.text[:60])
    yield from _stuck(drill, found)
    if found.circle:
        message = N_("drill: going round %(scenes)s earns points each time; let a choice of the circle be made once")
        line = drill.by_id[found.circle[0]].line
        yield error(drill.path, line, message, scenes=" → ".join(f"#{one}" for one in found.circle[:NAMED_LIMIT]))
    yield from _worth(drill, facts, found)


def _stuck(drill: Drill, found: Ways) -> Iterator[Problem]:
    for name, flags in dict(reversed(found.stuck)).items():
        scene = drill.by_id[name]
        if any(drill.scene(choice.target) for choice in scene.choices):
            message = N_(
                "drill: with the flags %(flags)s the scene #%(id)s offers no choice; write one without a condition"
            )
            yield error(drill.path, scene.line, message, id=name, flags=", ".join(sorted(flags)) or "–")


def _worth(drill: Drill, facts: FrontMatter, found: Ways) -> Iterator[Problem]:
    """What the best way earns, against the pass mark, the bands and the end of the scale."""
    if found.most is None:
        return
    if found.most < drill.pass_points:
        message = N_("drill: nobody can pass: the best way earns %(most)s points and %(least)s are asked")
        yield error(drill.path, facts.line("pass"), message, most=found.most, least=drill.pass_points)
    elif drill.pass_points == 0:
        yield warning(drill.path, facts.line("pass"), N_("drill: pass: 0 lets everybody pass; write more points"))
    if found.most > MOST:
        message = N_("drill: the best way earns %(most)s points, and what goes beyond 100 does not count; give less")
        yield warning(drill.path, facts.line("pass"), message, most=found.most)
    for band in drill.bands:
        if found.most < band.least <= MOST:
            message = N_("drill: nobody reaches the band “%(name)s”: the best way earns %(most)s points")
            yield warning(drill.path, facts.line("bands"), message, name=band.name, most=found.most)
    end = play(drill, found.best).state
    for judged in deadlines(drill, end, is_over=True):
        if judged.met is Met.MISSED:
            message = N_("drill: the way that earns most misses the deadline “%(name)s”; look at its minutes")
            yield warning(drill.path, facts.line("deadlines"), message, name=judged.deadline.name)
