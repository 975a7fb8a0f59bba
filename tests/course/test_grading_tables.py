"""What every type of question earns, by tables computed by hand: parts, bounds, nothing, and every form of the letters."""

import json
import unicodedata
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.assessment import rules
from lms.assessment.rules import Corrected, Correction
from lms.course.document import Quiz
from lms.course.questions import TYPES
from lms.course.reading import item_page
from tests.course.test_question_types import ALL, places, question

FORMS = ("NFC", "NFD", "NFKC", "NFKD")


def earned(body, *given, heading="Câu {#c}"):
    asked = question(body, heading)
    stored = json.loads(json.dumps(asked.read(list(given), places(asked))))
    return asked.grade(stored).fraction


# Choices: (x) is ticked, a number is its share


@pytest.mark.parametrize(
    ("marks", "many", "rows"),
    [
        # One right answer of three; a share of its own; a cost never goes below nothing.
        (["x", " ", " "], "", [("", 0), ("0", 1), ("1", 0)]),
        (["x", "33,33%", "0%", "-50%"], "", [("0", 1), ("1", 0.3333), ("2", 0), ("3", 0)]),
        (["100%", " "], "", [("0", 1), ("1", 0)]),
        # Two right: each half; an unweighed wrong tick costs a half.
        (["x", "x", " ", " "], "", [("", 0), ("0", 0.5), ("01", 1), ("02", 0), ("012", 0.5), ("0123", 0), ("23", 0)]),
        # Three right: thirds that add up to exactly one.
        (
            ["x", "x", "x", " "],
            "",
            [("012", 1), ("01", 2 / 3), ("0", 1 / 3), ("0123", 2 / 3), ("013", 1 / 3), ("3", 0)],
        ),
        # Ticks share what the weights leave: 0.6 for two ticks is 0.3 each.
        (["x", "x", "40%", "-10%"], "", [("012", 1), ("01", 0.6), ("2", 0.4), ("03", 0.2), ("0123", 0.9), ("3", 0)]),
        # Weights only; those that were rounded are stretched to the whole.
        (
            ["70%", "30%", "0%", "-30%"],
            " select=many",
            [("01", 1), ("0", 0.7), ("1", 0.3), ("012", 1), ("013", 0.7), ("13", 0)],
        ),
        (["33,33%", "33,33%", "33,33%", "-100%"], " select=many", [("012", 1), ("01", 2 / 3), ("0123", 0)]),
        (["50%", "33,33%", "16,66%"], " select=many", [("012", 1), ("0", 0.5 / 0.9999), ("12", 0.4999 / 0.9999)]),
    ],
)
def test_choices_earn_their_shares(marks, many, rows):
    body = "Hỏi?\n\n" + "\n".join(f"- [{mark}] Phương án {place}" for place, mark in enumerate(marks))
    heading = f"Câu {{#c{many}}}"
    for chosen, fraction in rows:
        assert earned(body, *chosen, heading=heading) == pytest.approx(fraction, abs=1e-12), chosen


def test_a_key_of_rounded_shares_is_worth_exactly_everything():
    body = "Hỏi?\n\n- [33,3%] a\n- [33,3%] b\n- [33,3%] c\n- [ ] d"
    assert earned(body, "0", "1", "2", heading="Câu {#c select=many}") == 1


@pytest.mark.parametrize(("right", "wrong"), [("Đúng", "Sai"), ("Sai", "Đúng"), ("True", "False"), ("ĐÚNG", "sai")])
def test_a_statement_earns_everything_or_nothing_in_every_form_of_its_words(right, wrong):
    for form in FORMS:
        body = f"Trời xanh.\n\n- [x] {unicodedata.normalize(form, right)}\n- [ ] {unicodedata.normalize(form, wrong)}"
        assert question(body).kind == "true_false"
        assert [earned(body, *given) for given in ("0", "1", "")] == [1, 0, 0]


# Typed texts


@pytest.mark.parametrize(
    ("answers", "rows"),
    [
        (
            " Hà Nội",
            [("Hà Nội", 1), ("hà nội", 1), ("HÀ NỘI", 1), (" Hà \t Nội\n", 1), ("Hà\u00a0Nội", 1), ("Ha Noi", 0), ("Hà Nôi", 0), ("HàNội", 0), ("", 0), ("  ", 0)],
        ),
        (" Đắk Lắk", [("đắk lắk", 1), ("ĐẮK LẮK", 1), ("Dak Lak", 0), ("Đăk Lăk", 0)]),
        (" hoà giải", [("hòa giải", 1), ("HOÀ GIẢI", 1), ("hoa giải", 0), ("hỏa giải", 0)]),
        (" thủy sản | thuỷ lợi", [("thuỷ sản", 1), ("thủy lợi", 1), ("thùy sản", 0)]),
        (" rút … mạng", [("rút dây mạng", 1), ("rút mạng", 1), ("rút dây", 0), ("mạng", 0), ("rút dây mạng ra", 0)]),
        (" …Nội vụ", [("Sở Nội vụ", 1), ("Nội vụ", 1), ("Nội vụ tỉnh", 0)]),
        ("\n\n- nghị định\n- [80%] nghi dinh\n- [50%] … định", [("Nghị định", 1), ("nghi dinh", 0.8), ("quyết định", 0.5), ("thông tư", 0)]),
        (" “72”", [("72", 1), ("72,0", 0), ("072", 0)]),
        (" C++", [("c++", 1), ("c", 0)]),
        (" (a|b)", [("(a", 1), ("b)", 1), ("a", 0)]),
    ],
)  # fmt: skip
def test_a_typed_text_earns_what_the_best_fitting_answer_is_worth(answers, rows):
    for form in FORMS[:2]:
        body = f"Hỏi?\n\nĐáp án:{unicodedata.normalize(form, answers)}"
        for typed, fraction in rows:
            for other in FORMS[:2]:
                assert earned(body, unicodedata.normalize(other, typed)) == fraction, (form, other, typed)


def test_a_file_in_another_form_of_the_letters_holds_the_same_key():
    head = "---\nid: thi\nkind: quiz\ntitle: Thi\n---\n\n## Thủ đô {#td}\nỞ đâu?\n\nĐáp án: Hà Nội\n"
    found = [item_page("thi.md", unicodedata.normalize(form, head).encode()).item.questions for form in FORMS[:2]]
    assert found[0] == found[1]
    assert [one.grade("Hà Nội").fraction for one in (*found[0], *found[1])] == [1, 1]


def test_upper_case_counts_where_the_author_says_so_and_the_form_of_the_letters_never_does():
    body, heading = "Hỏi?\n\nĐáp án: QĐ-UBND | Hoà", "Câu {#c case=yes}"
    rows = [("QĐ-UBND", 1), ("qđ-ubnd", 0), ("Qđ-UBND", 0), ("Hòa", 1), ("hòa", 0), ("", 0)]
    for typed, fraction in rows:
        for form in FORMS[:2]:
            assert earned(body, unicodedata.normalize(form, typed), heading=heading) == fraction


def test_what_was_stored_in_another_form_of_the_letters_earns_the_same():
    """Answers that came by another way than the form, such as a restored backup."""
    for kind, stored in (("short_text", "Hà Nội"), ("cloze", ["Hà Nội", "Chủ tịch", "9"])):
        asked = question(ALL[kind])
        for form in FORMS[:2]:
            value = json.loads(unicodedata.normalize(form, json.dumps(stored, ensure_ascii=False)))
            expected = 1 if kind == "short_text" or form == "NFC" else 2 / 3  # words of a list are chosen, not typed
            assert asked.grade(value).fraction == pytest.approx(expected)


# Numbers


@pytest.mark.parametrize(
    ("key", "rows"),
    [
        ("1,5", [("1,5", 1), ("1.5", 1), ("1,50", 1), (" 1,5 ", 1), ("+1,5", 1), ("１,５", 1), ("15e-1", 1), ("1,51", 0), ("-1,5", 0), ("", 0)]),
        ("-0,5", [("-0,5", 1), ("−0.5", 1), ("–0,5", 1), ("-,5", 1), ("0,5", 0)]),
        ("6200", [("6200", 1), ("6.200", 1), ("6,200", 1), ("6 200", 1), ("6\u00a0200", 1), ("6,2e3", 1), ("6,2", 0), ("62.00", 0)]),
        ("1.234.567,89", [("1.234.567,89", 1), ("1,234,567.89", 1), ("1234567,89", 1), ("1.234.567", 0)]),
        ("297 ± 2 mm", [("295", 1), ("299", 1), ("299 mm", 1), ("299MM", 1), ("294,999", 0), ("299,0001", 0), ("297 cm", 0)]),
        ("18..22,5 giờ", [("18", 1), ("22,5 giờ", 1), ("22.5 gio", 1), ("17,99", 0), ("22,51", 0)]),
        ("0", [("0", 1), ("0,0", 1), ("-0", 1), ("không", 0), ("0,01", 0)]),
        ("5 %", [("5%", 1), ("5 %", 1), ("5", 1), ("0,05", 0)]),
    ],
)  # fmt: skip
def test_a_number_earns_everything_within_its_bounds_and_nothing_beyond(key, rows):
    for form in FORMS[:2]:
        for typed, fraction in rows:
            body = f"Hỏi?\n\nĐáp án: {key}"
            assert earned(body, unicodedata.normalize(form, typed)) == fraction, typed


@pytest.mark.parametrize(
    "typed", ["5 hay 6", "5-6", "5/6", "~5", "e5", "5e", "5e999", "1e1e1", "NaN", "∞", "0x5", "5,5,5", "..5"]
)
def test_what_is_no_one_number_earns_nothing(typed):
    assert earned("Hỏi?\n\nĐáp án: 5..6", typed) == (
        1 if typed == "5e" else 0
    )  # one letter behind a number may be a unit


# Rows, steps and gaps

FIVE = "Xếp.\n\n1. a\n2. b\n3. c\n4. d\n5. e"


@pytest.mark.parametrize(
    ("given", "fraction"),
    [
        ([0, 1, 2, 3, 4], 1),
        ([1, 2, 3, 4, 0], 0.75),
        ([4, 0, 1, 2, 3], 0.75),
        ([0, 1, 3, 2, 4], 0.25),
        ([0, 1, 2, 4, 3], 0.5),
        ([4, 3, 2, 1, 0], 0),
        ([0, 2, 4, 1, 3], 0),
        ([0, 1, 2, 3], 0),
        ([0, 0, 1, 2, 3], 0),
    ],
)
def test_steps_earn_the_share_that_directly_follows_what_it_belongs_after(given, fraction):
    """As Moodle's ordering grades “relative to the next item, excluding last” (ordering/question.php): pairs of neighbours."""
    assert question(FIVE).grade(given).fraction == fraction


@pytest.mark.parametrize(
    ("given", "fraction"),
    [([0, 1, 2], 1), ([0, 2, 1], 1 / 3), ([0, None, 2], 2 / 3), ([0], 1 / 3), ([3, 3, 3], 0), (None, 0)],
)
def test_rows_earn_their_share_and_those_left_open_cost_no_more(given, fraction):
    assert question(ALL["matching"]).grade(given).fraction == pytest.approx(fraction)


@pytest.mark.parametrize(
    ("given", "fraction"),
    [
        (("Hà Nội", "Chủ tịch", "9"), 1),
        (("ha noi", "Chủ tịch", "8,0"), 1),
        (("Hà Nội", "Chủ tịch", "10,01"), 2 / 3),
        (("", "Chủ tịch", ""), 1 / 3),
        (("Hà Nôi", "Lái xe", "chín"), 0),
        (("", "", ""), 0),
    ],
)
def test_gaps_earn_their_share_in_every_form_of_the_letters(given, fraction):
    for form in FORMS[:2]:
        typed = [unicodedata.normalize(form, text) for text in given]
        assert earned(ALL["cloze"], *typed) == pytest.approx(fraction)


# What holds for every type

KEYS = {
    "single_choice": 0, "multiple_choice": [0, 1], "true_false": 0, "short_text": "Hà Nội", "numeric": "297", "matching": [0, 1, 2],
    "ordering": [0, 1, 2, 3], "cloze": ["Hà Nội", "Chủ tịch", "9"],
}  # fmt: skip


def test_every_type_that_no_person_marks_has_its_key_here():
    assert set(TYPES) - set(KEYS) == {"essay", "file"}


@pytest.mark.parametrize("kind", KEYS)
def test_a_key_earns_exactly_everything_and_nothing_earns_nothing(kind):
    asked = question(ALL[kind])
    assert asked.grade(KEYS[kind]).fraction == 1
    assert [asked.grade(answer).fraction for answer in (None, [], "", {}, [None], True)] == [0] * 6


@pytest.mark.parametrize("kind", KEYS)
@given(seed=st.text(max_size=5))
def test_a_key_earns_everything_in_whichever_order_it_was_shown(kind, seed):
    asked = question(ALL[kind])
    order = asked.order(seed)
    assert asked.grade(asked.read(asked.entered(KEYS[kind], order), order)).fraction == 1


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 9)
    | st.floats(allow_nan=True)
    | st.sampled_from(["", "9", "Hà Nội", "1e9"]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=8,
)
SHARES = st.decimals(Decimal("0.01"), 50, places=2)


@given(st.lists(st.tuples(st.sampled_from(sorted(KEYS)), SHARES, JUNK), min_size=1, max_size=6), st.integers(0, 100))
def test_the_points_of_a_paper_stay_between_none_and_all(rows, penalty):
    """Whatever is stored, whatever a wrong answer costs, in whichever order the questions are asked."""
    asked = [replace(question(ALL[kind]), id=f"c{n}", points=most) for n, (kind, most, _) in enumerate(rows)]
    quiz = Quiz(id="thi", title="Thi", path="thi.md", questions=tuple(asked), penalty_percent=Decimal(penalty))
    paper = [{"question": one.id, "order": list(places(one))} for one in asked]
    given = {one.id: answer for one, (_, _, answer) in zip(asked, rows, strict=True)}
    result = rules.grade_paper(quiz, paper, given)
    assert 0 <= result.points <= result.most == float(sum(most for _, most, _ in rows))
    assert rules.grade_paper(quiz, paper[::-1], given).points == result.points
    keys = {one.id: KEYS[kind] for one, (kind, _, _) in zip(asked, rows, strict=True)}
    best = rules.grade_paper(quiz, paper, keys)
    assert (best.points, best.fraction, best.passed) == (best.most, 1, True)


PAPER = {"single_choice": "2", "multiple_choice": "3", "numeric": "0.5", "essay": "10"}


@pytest.mark.parametrize(
    ("answers", "penalty", "by_hand", "corrected", "points", "most"),
    [
        # 2 + 3 + 0.5 by the key, the essay waits.
        ({"single_choice": 0, "multiple_choice": [0, 1], "numeric": "297", "essay": "Bài"}, 25, {}, {}, 5.5, 15.5),
        # and 7.25 by a person
        ({"single_choice": 0, "multiple_choice": [0, 1], "numeric": "297", "essay": "Bài"}, 25, {"essay": "7.25"}, {}, 12.75, 15.5),
        # Half of 2, half of 3, and a wrong number costs a quarter of 0.5: parts are not wrong.
        ({"single_choice": 1, "multiple_choice": [0], "numeric": "300"}, 25, {}, {}, 2.375, 15.5),
        # All wrong: the penalties never go below nothing.
        ({"single_choice": 2, "multiple_choice": [3], "numeric": "x"}, 100, {}, {}, 0, 15.5),
        # One right of 2, two wrong at 20%: 2 − 0.6 − 0.1.
        ({"single_choice": 0, "multiple_choice": [2], "numeric": "1"}, 20, {}, {}, 1.3, 15.5),
        # Nothing given costs nothing.
        ({}, 100, {}, {}, 0, 15.5),
        # A dropped question neither earns, costs nor counts; one given to everybody earns all.
        ({"single_choice": 2, "numeric": "1"}, 50, {}, {"single_choice": "drop", "multiple_choice": "everyone"}, 2.75, 13.5),
        ({"single_choice": 2}, 50, {"essay": "0"}, {"single_choice": "everyone"}, 2, 15.5),
    ],
)  # fmt: skip
def test_a_paper_earns_what_a_person_would_add_up(answers, penalty, by_hand, corrected, points, most):
    asked = tuple(replace(question(ALL[kind]), id=kind, points=Decimal(worth)) for kind, worth in PAPER.items())
    quiz = Quiz(id="thi", title="Thi", path="thi.md", questions=asked, penalty_percent=Decimal(penalty))
    paper = [{"question": one.id, "order": list(places(one))} for one in asked]
    people = {kind: Decimal(given) for kind, given in by_hand.items()}
    decided = {kind: Corrected(Correction(how)) for kind, how in corrected.items()}
    result = rules.grade_paper(quiz, paper, answers, people, decided)
    assert (result.points, result.most) == (pytest.approx(points), most)
    assert result.fraction == pytest.approx(points / most)
