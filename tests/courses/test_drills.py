"""The drills of the courses: long enough to be one, judged by the clock of the law, with an ending for how well one does."""

import random

import pytest

from lms.content import disk
from lms.course import drills
from lms.course.drill_ways import ways
from lms.course.parse import parse
from lms.settings import ROOT

FOLDERS = sorted(path.parent for path in (ROOT / "courses").glob("*/course.md"))
DRILLS = [
    pytest.param(drill, id=f"{folder.name}/{drill.id}")
    for folder in FOLDERS
    for drill in parse(disk.read(folder))[0].drills
]
PLAYS = 3_000
LONGEST = 200


def played(drill, dice):
    """A run that decides by chance, to its ending."""
    state = drills.begin(drill)
    for _step in range(LONGEST):
        if drills.is_over(drill, state):
            return drills.outcome(drill, state), state
        state = drills.step(drill, state, dice.choice(drills.offered(drill, state))[0])
    raise AssertionError(f"no ending after {LONGEST} decisions")


def test_four_drills_come_with_the_product():
    assert sorted(param.values[0].id for param in DRILLS) == [
        "dt-dem-truoc-ky-hop", "dt-ma-doc", "dt-ngay-han-chot", "dt-thu-cua-giam-doc",
    ]  # fmt: skip


@pytest.mark.parametrize("drill", DRILLS)
def test_a_drill_has_scenes_events_scales_and_the_deadlines_of_24_and_72_hours(drill):
    assert len(drill.scenes) >= 12
    assert sum(len(scene.injects) for scene in drill.scenes) >= 2
    assert len(drill.scales) >= 2
    assert sorted({deadline.hours for deadline in drill.deadlines}) == [24, 72]
    assert any(choice.starts_deadlines for scene in drill.scenes for choice in scene.choices)


@pytest.mark.parametrize("drill", DRILLS)
def test_every_choice_has_its_reason(drill):
    silent = [choice.text for scene in drill.scenes for choice in scene.choices if not choice.reason.strip()]
    assert silent == []


@pytest.mark.parametrize("drill", DRILLS)
def test_every_scene_is_reached_and_the_best_way_earns_the_best_band(drill):
    found = ways(drill)
    assert found.is_whole
    assert found.reached == {scene.id for scene in drill.scenes}
    assert (found.stuck, found.lost, found.circle) == ((), frozenset(), ())
    best = drills.outcome(drill, drills.play(drill, found.best).state)
    assert best.band == drill.bands[0].name
    assert best.passed


@pytest.mark.parametrize("drill", DRILLS)
def test_every_band_is_what_somebody_comes_to(drill):
    dice = random.Random(1)
    outcomes = [played(drill, dice)[0] for _ in range(PLAYS)]
    best = drills.outcome(drill, drills.play(drill, ways(drill).best).state)
    assert {outcome.band for outcome in [*outcomes, best]} == {band.name for band in drill.bands}
    assert len(drill.bands) == 3
