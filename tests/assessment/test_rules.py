"""Deadlines, windows, draws, penalties and what several attempts are worth: by hand-computed tables."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from lms.assessment import rules
from lms.course.document import Draw, Quiz, When
from tests.course.test_question_types import SINGLE, question

START = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def quiz(count=4, **more):
    questions = tuple(
        replace(question(SINGLE), id=f"c{n}", section="A" if n < 2 else "B", tags=("kho",) if n % 2 else ())
        for n in range(count)
    )
    return Quiz(id="thi", title="Thi", path="thi.md", questions=questions, **more)


@pytest.mark.parametrize(
    ("minutes", "closes", "left"),
    [(None, None, None), (30, None, 30), (30, 10, 10), (None, 10, 10), (5, 10, 5)],
)
def test_the_deadline_is_the_first_of_minutes_and_closing(minutes, closes, left):
    closes_at = START + closes * MINUTE if closes else None
    found = rules.deadline(START, minutes, closes_at)
    assert found == (START + left * MINUTE if left else None)


def test_days_after_enrolling_end_with_the_day_in_vietnam():
    late = datetime(2026, 12, 1, 18, 30, tzinfo=UTC)  # already 2 December in Việt Nam
    assert rules.moment(When(days=7), late) == datetime(2026, 12, 8, 17, 0, tzinfo=UTC)
    assert rules.moment(When(moment="2026-12-01T08:00:00"), late) == datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
    assert rules.moment(None, late) is None


@pytest.mark.parametrize(
    ("after", "given", "counts"),
    [(-1, None, True), (1, None, False), (1, -1, True), (1, 1, False), (9, -1, True), (11, -1, False)],
)
def test_an_answer_held_back_by_the_line_counts_within_the_grace_if_given_in_time(after, given, counts):
    deadline = START + 30 * MINUTE
    given_at = deadline + given * MINUTE if given is not None else None
    assert rules.counts(deadline, deadline + after * MINUTE, given_at) is counts


@pytest.mark.parametrize(
    ("method", "fractions", "fraction", "passed"),
    [
        ("highest", [0.5, 0.9, 0.7], 0.9, True), ("last", [0.9, 0.5], 0.5, False), ("first", [0.5, 1.0], 0.5, False),
        ("average", [0.5, 0.7, 0.9], 0.7, True), ("average", [0.5, 0.6], 0.55, False),
    ],
)  # fmt: skip
def test_several_attempts_are_worth_what_the_author_chose(method, fractions, fraction, passed):
    assert rules.overall(quiz(grade=method), fractions) == (pytest.approx(fraction), passed)


@pytest.mark.parametrize(
    ("answers", "penalty", "points"),
    [
        ({}, 25, 0), ({"c0": 0, "c1": 0}, 25, 2), ({"c0": 0, "c1": 2}, 25, 0.75), ({"c0": 2, "c1": 2}, 25, 0),
        ({"c0": 1, "c1": 2}, 0, 0.5), ({"c0": 0, "c1": 0, "c2": 2, "c3": None}, 50, 1.5),
    ],
)  # fmt: skip
def test_a_wrong_answer_costs_the_penalty_and_none_costs_nothing(answers, penalty, points):
    asked = quiz(penalty_percent=Decimal(penalty))
    paper = [{"question": f"c{n}", "order": [0, 1, 2]} for n in range(4)]
    assert rules.grade_paper(asked, paper, answers).points == pytest.approx(points)


def test_a_draw_takes_what_it_says_and_nothing_twice():
    asked = quiz(8, draws=(Draw(count=1, section="A"), Draw(count=2, section="B", tag="kho"), Draw(count=1, tag="kho")))
    drawn = {tuple(one.id for one in asked.draw(seed)) for seed in range(200)}
    assert all(len(set(ids)) == 4 for ids in drawn)
    assert len(drawn) == 5  # every draw that there can be
    assert asked.draw("x") == asked.draw("x")
    assert asked.asked == 4
    for ids in drawn:
        assert sum(id_ in ("c0", "c1") for id_ in ids) >= 1


@pytest.mark.parametrize(
    ("show", "show_when", "passed", "closed", "practice", "shown"),
    [
        ("mistakes", "at once", False, False, False, "mistakes"), ("answers", "passed", False, False, False, "score"),
        ("answers", "passed", True, False, False, "answers"), ("mistakes", "closed", True, False, False, "score"),
        ("mistakes", "closed", False, True, False, "mistakes"), ("nothing", "passed", False, False, False, "nothing"),
        ("nothing", "at once", False, False, True, "answers"),
    ],
)  # fmt: skip
def test_the_result_tells_what_the_author_lets_it(show, show_when, passed, closed, practice, shown):
    asked = quiz(show=show, show_when=show_when, practice=practice)
    assert rules.shows(asked, passed=passed, is_closed=closed) == shown
