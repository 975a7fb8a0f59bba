"""Statistics: every formula against figures worked out by hand, and against what must always hold."""

import math
import random
import statistics as reference
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.assessment.answer_times import seconds_each
from lms.assessment.statistics import (
    LEAST,
    Column,
    OptionShare,
    TypedAnswer,
    Verdict,
    correlation,
    cronbach,
    discrimination,
    judge,
    missing_from_key,
    of_question,
    of_quiz,
    option_shares,
    separation,
)

START = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
MARKS = st.lists(st.tuples(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0, 1)), min_size=LEAST, max_size=80)


def test_the_index_compares_the_best_and_the_weakest_27_percent():
    """Ten people by score: 27 % of ten are three. Best three: 1, 1, 0 → 2/3. Weakest three: 0, 1, 0 → 1/3. D = 1/3."""
    scores = [0.9, 0.8, 0.7, 0.6, 0.55, 0.5, 0.4, 0.3, 0.2, 0.1]
    marks = [1, 1, 0, 1, 0, 1, 1, 0, 1, 0]
    assert discrimination(marks, scores) == pytest.approx(1 / 3)


def test_those_who_tie_at_the_border_of_a_group_count_with_their_mean():
    """Upper group of three: 0.9 (mark 1), then two of the three at 0.5, whose marks 1, 0, 0 have the mean 1/3.

    (1 + 2·1/3)/3 = 5/9. Lower group of three: 0.1, 0.1, 0.1 with marks 0, 0, 1 → 1/3. D = 5/9 − 3/9 = 2/9.
    """
    scores = [0.9, 0.5, 0.5, 0.5, 0.4, 0.4, 0.3, 0.1, 0.1, 0.1]
    marks = [1, 1, 0, 0, 1, 0, 0, 0, 0, 1]
    assert discrimination(marks, scores) == pytest.approx(2 / 9)


def test_the_point_biserial_is_the_one_of_the_textbooks():
    """r = (M₁ − M₀)/s · √(pq), with s of the whole group (n in the denominator).

    Scores 1 2 3 4 5, marks 0 0 1 0 1: M₁ = 4, M₀ = 7/3, s = √2, p = 2/5: (5/3)/√2 · √(6/25) = 0.57735.
    """
    assert correlation([0, 0, 1, 0, 1], [1, 2, 3, 4, 5]) == pytest.approx((5 / 3) / math.sqrt(2) * math.sqrt(6 / 25))


def test_alpha_is_worked_out_by_hand():
    """Three questions, four people; variances with n − 1.

    q1 1 1 0 1: ¼ + … = 0.25; q2 1 0 0 1: 1/3; q3 1 1 0 0: 1/3; together 0.91667. Totals 3 2 0 2: mean 1.75,
    squares 1.5625 + .0625 + 3.0625 + .0625 = 4.75, /3 = 1.58333. α = 3/2 · (1 − 0.91667/1.58333) = 0.63158.
    """
    assert cronbach([[1, 1, 0, 1], [1, 0, 0, 1], [1, 1, 0, 0]], 4) == pytest.approx(0.6315789)


def test_alpha_of_marks_of_0_and_1_is_kuder_richardson_20():
    chance = random.Random(5)
    rows = [[float(chance.random() < 0.2 + 0.1 * n) for _ in range(50)] for n in range(6)]
    totals = [sum(column) for column in zip(*rows, strict=True)]
    pq = sum(reference.fmean(row) * (1 - reference.fmean(row)) for row in rows)
    assert cronbach(rows, 50) == pytest.approx(6 / 5 * (1 - pq / reference.pvariance(totals)))


def test_questions_that_say_the_same_have_alpha_1_and_no_error():
    rows = [[1.0, 0.0] * 20] * 3
    assert cronbach(rows, 40) == pytest.approx(1)
    assert of_quiz([1.0, 0.0] * 20, 20, rows).error == pytest.approx(0, abs=1e-7)


SHROUT = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
"""Six who are judged by four (Shrout and Fleiss, Intraclass correlations, 1979, table 2)."""


def test_the_table_of_shrout_and_fleiss_has_their_reliabilities():
    """The same four questions for all are ICC(3,4) = 0.91; any four for each are ICC(1,4) = 0.44."""
    alike = [list(row) for row in zip(*SHROUT, strict=True)]
    assert cronbach(alike, 6) == pytest.approx(0.91, abs=0.005)
    drawn = [[one for row in SHROUT for one in row]]
    assert cronbach(drawn, 6) == pytest.approx(0.44, abs=0.005)


def test_a_drawn_row_counts_with_the_mean_over_all_its_orders():
    """Four people, a question that all have and two that are drawn; alpha is linear in what is averaged.

    Drawn 11 10 01 00: SST = 8·¼ = 2, SSW = ½ + ½ = 1, (2 − ¼)/3 = 0.58333. Common 1 1 0 0: 1/3. Totals 3 2 1 0: 5/3.
    α = 3/2 · (1 − 0.91667/1.66667) = 0.675, the mean over the 16 orders.
    """
    common, drawn = [1, 1, 0, 0], [(1, 1), (1, 0), (0, 1), (0, 0)]
    told = cronbach([common, [one for pair in drawn for one in pair]], 4)
    assert told == pytest.approx(0.675)
    turned = [
        [pair[::-1] if turn else pair for pair, turn in zip(drawn, turns, strict=True)]
        for turns in product((0, 1), repeat=4)
    ]
    each = [cronbach([common, *map(list, zip(*pairs, strict=True))], 4) for pairs in turned]
    assert reference.fmean(each) == pytest.approx(told)


def test_drawn_questions_have_the_reliability_that_their_variances_give():
    """Ability with variance 1 and questions' ease and chance with 4 in 10 drawn: 1/(1 + 4/10) = 0.714."""
    chance = random.Random(11)
    row = [ability + chance.gauss(0, 2) for ability in (chance.gauss(0, 1) for _ in range(20_000)) for _ in range(10)]
    assert cronbach([row], 20_000) == pytest.approx(1 / 1.4, abs=0.01)


@pytest.mark.parametrize("rows", [[[1, 0, 1]], [[1, 1, 1], [0, 0, 0]], [[1], [0]]])
def test_alpha_is_not_told_where_it_means_nothing(rows):
    assert cronbach(rows, len(rows[0])) is None


def test_options_are_counted_by_thirds_of_the_rest_score():
    """Nine people by score; option 0 is chosen by 0, 1 and 3 of the three thirds."""
    chosen = [2, 2, 2, 1, 2, 2, 1, 1, 1]
    rest = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    first, second = option_shares(chosen, rest, 2)
    assert first == OptionShare(low=0, middle=pytest.approx(1 / 3), high=1, all=pytest.approx(4 / 9))
    assert second.low == 1


def test_who_ties_at_the_border_of_a_third_counts_in_part_whatever_the_order():
    """Six people, thirds of two. Rest 1 5 5 5 5 9: low is the 1 and a quarter of each 5, high the 9 and a quarter of each.

    Option 0 is chosen by the 1 and one 5: low (1 + 1/4)/2 = 5/8, high (1/4)/2 = 1/8, middle (2 − 5/4 − 1/4)/2 = 1/4.
    """
    chosen, rest = [1, 1, 0, 0, 0, 0], [1, 5, 5, 5, 5, 9]
    told = OptionShare(low=5 / 8, middle=1 / 4, high=1 / 8, all=pytest.approx(1 / 3))
    assert option_shares(chosen, rest, 1) == (told,)
    assert option_shares([0, 0, 0, 0, 1, 1], [9, 5, 5, 5, 5, 1], 1) == (told,)


def test_nothing_is_said_of_29_attempts():
    column = Column()
    for place in range(LEAST - 1):
        column.add(place % 2, place / LEAST)
    assert of_question(column, 2, [0]).facility is None
    assert of_question(column, 2, [0]).verdict is None
    assert of_quiz([0.5] * (LEAST - 1), 3, None).mean is None


def test_the_quiz_has_the_figures_of_the_statistics_library():
    chance = random.Random(2)
    fractions = [chance.random() for _ in range(101)]
    told = of_quiz(fractions, 40, None)
    assert told.mean == pytest.approx(reference.mean(fractions))
    assert told.median == reference.median(fractions)
    assert told.deviation == pytest.approx(reference.stdev(fractions))
    assert sum(told.histogram) == 101
    assert told.alpha is None
    assert told.passed == pytest.approx(40 / 101)


def test_full_marks_stand_in_the_last_bin_and_tenths_in_their_own():
    told = of_quiz([1.0] * 10 + [0.3] * 10 + [0.7] * 10, 20, None)
    assert (told.histogram[9], told.histogram[3], told.histogram[7]) == (10, 10, 10)


def share(high, whole=0.3):
    return OptionShare(low=0.3, middle=0.3, high=high, all=whole)


@pytest.mark.parametrize(
    ("facility", "apart", "shares", "right", "verdict"),
    [
        (0.5, 0.4, [share(0.3), share(0.6)], [0], (Verdict.CHECK_KEY, 1)),
        (0.5, -0.1, [], [], (Verdict.WEAK, None)),
        (0.1, 0.4, [], [], (Verdict.TOO_HARD, None)),
        (0.97, 0.1, [], [], (Verdict.TOO_EASY, None)),
        (0.5, 0.19, [], [], (Verdict.WEAK, None)),
        (0.6, 0.4, [share(0.9), share(0.1), share(0, 0.01)], [0], (Verdict.UNUSED, 2)),
        (0.6, 0.4, [share(0.9), share(0.1)], [0], (Verdict.GOOD, None)),
        (0.6, 0.4, [share(0.5), share(0.6), share(0.5)], [0, 2], (Verdict.GOOD, None)),
    ],
)
def test_the_verdict_names_what_to_do(facility, apart, shares, right, verdict):
    assert judge(facility, apart, shares, right) == verdict


def test_a_hard_question_whose_wrong_option_fades_with_ability_has_no_wrong_key():
    right, wrong = (
        OptionShare(low=0.1, middle=0.2, high=0.42, all=0.24),
        OptionShare(low=0.8, middle=0.6, high=0.45, all=0.6),
    )
    assert judge(0.24, 0.32, [right, wrong], [0]) == (Verdict.GOOD, None)


def test_a_correlation_below_zero_by_chance_alone_blames_no_key():
    """r = −0.1 in 100 attempts is r·√n = −1, which chance does often; r = −1 it never is."""
    chance, column = random.Random(3), Column()
    for _ in range(100):
        column.add(float(chance.random() < 0.97), chance.random())
    assert of_question(column).verdict is Verdict.TOO_EASY
    turned = Column()
    for place in range(100):
        turned.add(float(place < 60), place / 100)
    assert of_question(turned).verdict is Verdict.CHECK_KEY


def test_seconds_are_counted_from_the_answer_before():
    """c came with b in one form and has no time of its own; d took more than an hour."""
    saved = [("b", 90), ("a", 30), ("c", 90), ("d", 4_000)]
    rows = [(name, START + timedelta(seconds=at), None) for name, at in saved]
    assert seconds_each(START, rows) == {"a": 30, "b": 60}


def test_answers_that_a_broken_line_held_back_are_told_apart_by_the_browsers_clock():
    """Its clock is 100 s slow; a came at once, b and c together when the line was back."""
    saved = [("a", 30, -70), ("b", 500, 0), ("c", 500, 45)]
    rows = [(name, *(START + timedelta(seconds=at) for at in (stored, told))) for name, stored, told in saved]
    assert seconds_each(START, rows) == {"a": 30, "b": 70, "c": 45}


def test_times_that_cannot_be_are_left_out():
    column = Column()
    for place in range(LEAST):
        column.add(1, 0.5, seconds=20 + place)
    for odd in (-5, 0, 90_000, None):
        column.add(0, 0.5, seconds=odd)
    assert of_question(column).seconds == 34.5


def answer(high, low=0.0, worth=0, text="tt giám sát"):
    return TypedAnswer(text, worth, 20, OptionShare(low=low, middle=0.1, high=high, all=0.1))


@pytest.mark.parametrize(
    ("answers", "right", "size", "doubted"),
    [
        ([answer(0.6)], 0.3, 10, "tt giám sát"),  # leads
        ([answer(0.6, low=0.7)], 0.3, 100, None),  # leads, but fades
        ([answer(0.6, worth=1)], 0.3, 100, None),  # counts already
        ([answer(0.6, worth=0.5)], 0.3, 100, None),
        ([answer(0.2, low=0.02)], 0.7, 100, "tt giám sát"),  # rises: z = 0.18/√(2·0.11·0.89/100) = 4.07
        ([answer(0.2, low=0.1)], 0.7, 100, None),  # z = 0.1/√(2·0.15·0.85/100) = 1.98
        ([answer(0.09)], 0.05, 1000, None),  # few
        ([answer(1.0, low=1.0)], 0.0, 10, "tt giám sát"),
        ([answer(0.5), answer(0.6, text="phòng")], 0.1, 10, "phòng"),
        ([], 0.0, 10, None),
    ],
)
def test_the_key_is_doubted_for_an_answer_that_the_best_give_more_than_the_weakest(answers, right, size, doubted):
    assert missing_from_key(answers, OptionShare(0, 0, right, right), size) == doubted


@pytest.mark.parametrize(
    ("apart", "word"),
    [(0.4, "very_good"), (0.3, "good"), (0.2, "fair"), (0.19, "poor"), (0, "poor"), (-0.01, "reversed")],
)
def test_discrimination_has_a_word(apart, word):
    assert separation(apart) == word


@given(MARKS)
def test_figures_stay_within_their_bounds_whatever_comes(rows):
    marks, rest = [mark for mark, _ in rows], [one for _, one in rows]
    assert -1 <= discrimination(marks, rest) <= 1
    r = correlation(marks, rest)
    assert r is None or -1 <= r <= 1


@given(MARKS, st.randoms())
def test_the_order_of_the_attempts_changes_nothing(rows, chance):
    mixed = list(rows)
    chance.shuffle(mixed)
    first, second = ([list(column) for column in zip(*some, strict=True)] for some in (rows, mixed))
    assert discrimination(*first) == pytest.approx(discrimination(*second), abs=1e-9)
    for before, after in zip(*(_shares(marks, rest) for marks, rest in (first, second)), strict=True):
        assert vars(before) == pytest.approx(vars(after), abs=1e-9)


def _shares(marks, rest):
    return option_shares([1 << int(2 * mark) for mark in marks], rest, 3)
