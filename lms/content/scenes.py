"""A drill as pages draw it: the scene with what has happened so far, and what is to be said of a run that is over."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from markupsafe import Markup

from lms.core import clock
from lms.core.i18n import _
from lms.course import drills
from lms.course.document import Choice, Drill
from lms.course.drill_ways import ways
from lms.course.drills import STEPS_LIMIT, Happened, Judged, Play, Step
from lms.web.filters import duration

Pieces = Mapping[str, Any]
Fill = Callable[[str], str]


def sent_places(form: Mapping[str, str]) -> tuple[int, ...]:
    """The decisions that a form holds: those before in `path`, the new one in `choice`; nonsense ends them."""
    found: list[int] = []
    for written in [*form.get("path", "").split(","), form.get("choice", "")][: STEPS_LIMIT + 1]:
        if written and not (written.isascii() and written.isdigit() and len(written) < 4):
            break
        found += [int(written)] if written else []
    return tuple(found)


def moment(drill: Drill, minutes: int) -> datetime:
    """A minute of the story as a moment in Việt Nam."""
    return drills.moment(drill, minutes).replace(tzinfo=clock.VIETNAM)


def scene(drill: Drill, made: Pieces, run: Play, fill: Fill) -> dict[str, Any]:
    """What `scene` of ui/drill.html shows: the log, what the last decision did, the situation and its choices."""
    here, state = drill.by_id[run.state.scene], run.state
    return {
        "number": len(run.steps) + 1,
        "path": ",".join(str(one.place) for one in run.steps),
        "now": moment(drill, state.minutes),
        "title": here.title,
        "text": Markup(fill(made[here.id]["text"])),
        "choices": [
            {"place": place, "text": Markup(fill(made[here.id]["choices"][place]["text"]))}
            for place, _choice in drills.offered(drill, state)
        ],
        "log": _log(drill, made, run, fill),
        "consequence": _consequence(drill, made, run.steps[-1], fill) if run.steps else None,
        "deadlines": [
            _deadline(drill, one) for one in drills.deadlines(drill, state, is_over=False) if one.due is not None
        ],
    }


def cited(drill: Drill, view: Mapping[str, Any]) -> tuple[str, ...]:
    """The laws that the scene cites, what came of the last decision included."""
    told = view["consequence"]
    html = [view["text"], *([told["reason"], *(event["text"] for event in told["happened"])] if told else [])]
    return tuple(one for one in drill.cites if any(f'"#can-cu-{one}"' in text for text in html))


def _log(drill: Drill, made: Pieces, run: Play, fill: Fill) -> list[dict[str, Any]]:
    """What happened, oldest first; an entry of another day than the one before names its day."""
    rows: list[tuple[int, str, str]] = [_told(made, one, fill) for one in run.opening]
    rows = [(0, "scene", drill.scenes[0].title), *rows]
    for step in run.steps:
        rows.append((step.before.minutes, "choice", fill(_piece(made, step)["text"])))
        rows += [_told(made, one, fill) for one in step.happened if one.scene != step.after.scene]
        rows.append((step.after.minutes, "scene", drill.by_id[step.after.scene].title))
        rows += [_told(made, one, fill) for one in step.happened if one.scene == step.after.scene]
    entries: list[dict[str, Any]] = []
    day: date | None = None
    for minutes, kind, text in rows:
        at = moment(drill, minutes)
        shown = text if kind == "scene" else Markup(text)
        entries.append({"at": at, "day": at if at.date() != day else None, "kind": kind, "text": shown})
        day = at.date()
    return entries


def _told(made: Pieces, one: Happened, fill: Fill) -> tuple[int, str, str]:
    return one.minutes, "event", fill(made[one.scene]["injects"][one.place])


def _piece(made: Pieces, step: Step) -> dict[str, str]:
    piece: dict[str, str] = made[step.scene.id]["choices"][step.place]
    return piece


def _consequence(drill: Drill, made: Pieces, step: Step, fill: Fill) -> dict[str, Any]:
    piece = _piece(made, step)
    return {
        "text": Markup(fill(piece["text"])),
        "reason": Markup(fill(piece["reason"])),
        "changes": changes(step.choice),
        "is_good": _first(drill, step.choice) > 0,
        "happened": [
            {"at": moment(drill, one.minutes), "text": Markup(fill(made[one.scene]["injects"][one.place]))}
            for one in step.happened
        ],
    }


def changes(choice: Choice) -> list[str]:
    """What a choice brings, in words: points scale by scale, and the time that it takes."""
    gains = [f"{gain.scale} {'+' if gain.points > 0 else '−'}{abs(gain.points)}" for gain in choice.gains]
    time = [_("takes %(time)s", time=duration(choice.minutes))] if choice.minutes else []
    return [*gains, *time]


def _first(drill: Drill, choice: Choice) -> int:
    return sum(gain.points for gain in choice.gains if gain.scale == drill.scales[0])


def _deadline(drill: Drill, judged: Judged) -> dict[str, Any]:
    return {
        "name": judged.deadline.name,
        "hours": judged.deadline.hours,
        "met": judged.met.value,
        "due": None if judged.due is None else moment(drill, judged.due),
        "done": None if judged.done is None else moment(drill, judged.done),
    }


def debrief(drill: Drill, made: Pieces, run: Play, fill: Fill) -> dict[str, Any]:
    """What `debrief` of ui/drill.html shows: the result, both ways, scales, deadlines and marks of the run."""
    found, last = drills.outcome(drill, run.state), drill.by_id[run.state.scene]
    best = drills.play(drill, ways(drill).best)
    return {
        "band": found.band,
        "passed": found.passed,
        "fraction": found.fraction,
        "least": drill.pass_points,
        "points": found.points,
        "most": drills.points(drill, best.state)[0][1],
        "began": moment(drill, 0),
        "ended": moment(drill, run.state.minutes),
        "took": duration(run.state.minutes),
        "t0": None if run.state.t0 is None else moment(drill, run.state.t0),
        "deadlines": [_deadline(drill, one) for one in found.deadlines],
        "flags": [flag.replace("_", " ") for flag in sorted(run.state.flags)],
        "steps": _steps(drill, made, run, fill),
        "best": _steps(drill, made, best, fill),
        "is_best": found.points[0][1] >= drills.points(drill, best.state)[0][1],
        "ending": {"title": last.title, "text": Markup(fill(made[last.id]["text"]))},
        "log": _log(drill, made, run, fill),
    }


def _steps(drill: Drill, made: Pieces, run: Play, fill: Fill) -> list[dict[str, Any]]:
    """Decision by decision; `verdict` compares it with the best that the scene offered then."""
    rows = []
    for number, step in enumerate(run.steps, start=1):
        offers = [_first(drill, choice) for _place, choice in drills.offered(drill, step.before)]
        earned = _first(drill, step.choice)
        rows.append(
            {
                "number": number,
                "at": moment(drill, step.before.minutes),
                "scene": step.scene.title,
                "text": Markup(fill(_piece(made, step)["text"])),
                "reason": Markup(fill(_piece(made, step)["reason"])),
                "changes": changes(step.choice),
                "verdict": "best" if earned >= max(offers) else "good" if earned > 0 else "bad",
            }
        )
    return rows


def tried(drill: Drill, made: Pieces, places: Sequence[int], fill: Fill) -> dict[str, Any]:
    """A run that is kept nowhere, as far as its decisions can be made."""
    run = drills.play(drill, drills.possible(drill, places))
    is_over = drills.is_over(drill, run.state)
    is_broken = is_over and not drill.by_id[run.state.scene].is_ending
    return {
        "scene": scene(drill, made, run, fill),
        "debrief": debrief(drill, made, run, fill) if is_over and not is_broken and ways(drill).best else None,
    }


def every_scene(drill: Drill, made: Pieces, fill: Fill) -> list[dict[str, Any]]:
    """The whole drill for its author, scene by scene, with what each choice needs and changes."""
    return [
        {
            "id": one.id,
            "title": one.title,
            "text": Markup(fill(made[one.id]["text"])),
            "injects": [
                {"minutes": inject.minutes, "text": Markup(fill(html))}
                for inject, html in zip(one.injects, made[one.id]["injects"], strict=False)
            ],
            "choices": [
                {
                    "target": choice.target,
                    "text": Markup(fill(html["text"])),
                    "reason": Markup(fill(html["reason"])),
                    "changes": changes(choice),
                    "needs": choice.needs,
                    "forbids": choice.forbids,
                }
                for choice, html in zip(one.choices, made[one.id]["choices"], strict=False)
            ],
        }
        for one in drill.by_id.values()
    ]
