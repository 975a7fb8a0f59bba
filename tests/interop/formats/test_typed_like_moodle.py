"""Texts and numbers that are typed: graded as Moodle documents it, or the import says where they are not.

Sources as in test_grading_like_moodle.py; each test names its own.
"""

import re
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.interop.formats.test_course_text import course, taken
from tests.interop.formats.test_grading_like_moodle import earned, imported, left_out, table
from tests.interop.formats.test_moodle_xml import answer, quiz

# Short answers


def short(*rows, case=False):
    inner = "".join(answer(weight, text) for text, weight in rows)
    return quiz("shortanswer", f"<usecase>{int(case)}</usecase>{inner}")


@pytest.mark.parametrize(
    ("key", "case", "rows"),
    [
        ("Hà Nội", False, [("Hà Nội", 1), ("  hà nội ", 1), ("HÀ NỘI", 1), ("Ha Noi", 0), ("Hà Nội.", 0), ("", 0)]),
        ("Hà Nội", True, [("Hà Nội", 1), (" Hà Nội ", 1), ("hà nội", 0), ("HÀ NỘI", 0)]),
        ("đ*u", False, [("đầu", 1), ("Đu", 1), ("điện đầu", 1), ("đầu tiên", 0), ("dầu", 0)]),
        ("*nội vụ*", False, [("Sở Nội vụ", 1), ("nội vụ", 1), ("Bộ Nội vụ cũ", 1), ("nội", 0)]),
        (r"2\*3", False, [("2*3", 1), ("2x3", 0), ("23", 0)]),
        (r"5\**", False, [("5*", 1), ("5*7", 1), ("57", 0)]),
        ("a**c", False, [("abc", 1), ("ac", 1), ("ab", 0)]),
        ("[a-z].?", False, [("[a-z].?", 1), ("b.", 0)]),
        ("0", False, [("0", 1), ("0.0", 0), ("", 0)]),
    ],
)
def test_a_typed_text_is_compared_as_moodle_compares_it(key, case, rows):
    r"""shortanswer/question.php, compare_string_with_wildcard, and its test: trimmed, NFC, “*” any run of signs, “\*” a star.

    The manual (docs.moodle.org, Short-Answer question type) names the star, its escape and the switch for upper case.
    """
    one, told = imported(short((key, 100), case=case))
    assert told == ""
    table(one, *[((given,), fraction) for given, fraction in rows])


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_the_form_of_the_letters_does_not_matter(form):
    """shortanswer/question.php, safe_normalize: key and response both become NFC first."""
    key = unicodedata.normalize("NFD", "Nguyễn Thị Ngưỡng")
    one, _ = imported(short((key, 100), case=True))
    table(one, ((unicodedata.normalize(form, "Nguyễn Thị Ngưỡng"),), 1), (("Nguyên Thi Nguong",), 0))


def test_a_part_of_the_points_goes_to_a_text_that_is_nearly_right():
    """questionbase.php, question_graded_by_strategy: the fraction of the answer that fits, 0 where none does."""
    one, told = imported(short(("nghị quyết", 100), ("nghi quyet", 80), ("quyết định", "33.33333"), ("*", 0)))
    assert told == ""
    rows = [("Nghị quyết", 1), ("nghi quyet", 0.8), ("quyết định", 0.33333), ("thông tư", 0), ("", 0)]
    table(one, *[((given,), fraction) for given, fraction in rows])


def test_a_star_alone_may_give_a_part_to_everybody_who_writes_something():
    """shortanswer/question.php: “*” fits every response; one that is empty is not graded and earns nothing."""
    one, told = imported(short(("kế hoạch", 100), ("*", 10)))
    assert told == ""
    table(one, (("Kế hoạch",), 1), (("gì đó",), 0.1), (("",), 0))
    assert "accepts every answer" in left_out(short(("*", 100)))


@pytest.mark.parametrize(
    ("rows", "case", "given", "in_moodle", "here"),
    [
        ([("Hà*", 50), ("Hà Nội", 100)], False, "Hà Nội", 0.5, 1),
        ([("Hà Nội cũ", 0), ("Hà*", 100)], False, "Hà Nội cũ", 0, 1),
        ([("*", 0), ("Hà", 100)], False, "Hà", 0, 1),
        ([("a*c", 20), ("ab*", 100)], False, "abc", 0.2, 1),
        ([("hòa", 100), ("hoà", 0)], False, "hoà", 0, 1),
        ([("hòa", 100), ("hoà", 50)], True, "hoà", 0.5, 1),
    ],
)
def test_where_the_order_of_the_answers_decides_in_moodle_it_is_told(rows, case, given, in_moodle, here):
    """questionbase.php, question_first_matching_answer_grading_strategy: the first answer that fits counts.

    Here the best that fits does, and hoà and hòa are one word. Files that show the difference are named.
    """
    assert moodle_short(rows, case, given) == in_moodle
    one, told = imported(short(*rows, case=case))
    assert "the one worth more counts" in told
    assert earned(one, given) == here


@pytest.mark.parametrize(
    "rows",
    [
        [("Hà Nội", 100), ("Hà*", 50)],
        [("Hà Nội", 100), ("*", 0)],
        [("a*c", 50), ("b*", 100)],
        [("a", 0), ("b", 100)],
        [("a*", 100), ("*c", 100)],
    ],
)
def test_where_the_order_decides_nothing_nothing_is_told(rows):
    """The same strategy: here the best that fits is the first that fits, or only one fits."""
    assert imported(short(*rows))[1] == ""


def test_a_space_beside_a_star_is_told_because_it_need_not_be_typed_here():
    """shortanswer/question.php: “Hà * Nội” has two spaces there; here “…” between words may also stand for none."""
    one, told = imported(short(("Hà * Nội", 100)))
    assert "space beside “…”" in told
    assert moodle_short([("Hà * Nội", 100)], False, "Hà Nội") == 0
    table(one, (("Hà Nội",), 1), (("Hà cổ Nội",), 1))


def test_dots_that_stand_for_anything_here_are_told():
    """shortanswer/question.php knows no “…”."""
    assert "“…” in the answer" in imported(short(("vân vân…", 100)))[1]


def test_many_answers_of_unlike_worth_are_told_without_comparing_each_with_each():
    """The strategy of the first answer, once more; nobody writes 101 answers by hand."""
    told = imported(short(*[(f"câu {n}", 100 if n % 2 else 50) for n in range(101)]))[1]
    assert "more than 100 answers" in told


def moodle_short(rows, case, given):
    """The documented rule, written anew: the first pattern that fits the trimmed text."""
    for text, weight in rows:
        pieces = [re.escape(piece.replace("\\*", "*")) for piece in re.split(r"(?<!\\)\*+", text)]
        if re.fullmatch(".*".join(pieces), given.strip(), 0 if case else re.IGNORECASE):
            return weight / 100
    return 0


KEYS = st.lists(st.sampled_from(["an", "Bắc", "*", "b", r"\*"]), min_size=1, max_size=4).map("".join)
TYPED = st.lists(st.sampled_from(["an", "bắc", "Bắc", "b", "*"]), max_size=5).map("".join)


@given(st.lists(st.tuples(KEYS, st.sampled_from([100, 50, 0])), min_size=1, max_size=4), st.booleans(), TYPED)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_the_answers_texts_are_graded_as_in_moodle_or_it_is_told(rows, case, given):
    """shortanswer/question.php and the strategy of the first answer, over any keys with stars."""
    made = taken(short(*rows, case=case), "moodlexml")
    if made.problems:
        return
    (one,) = course(made.text)[0]
    assert earned(one, given) == (moodle_short(rows, case, given) if given else 0)


# Numbers


def number(*rows, more=""):
    inner = "".join(answer(weight, value, f"<tolerance>{margin}</tolerance>") for value, margin, weight in rows)
    return quiz("numerical", inner + more)


@pytest.mark.parametrize(
    ("value", "margin", "rows"),
    [
        ("297", "2", [("297", 1), ("295", 1), ("299", 1), ("294.99", 0), ("299,01", 0), ("", 0), ("không rõ", 0)]),
        ("3.14", "0.005", [("3.14", 1), ("3,14", 1), ("3,145", 1), ("3.135", 1), ("3,1451", 0), ("3", 0)]),
        ("-0.5", "0", [("-0.5", 1), ("-0,5", 1), ("-.5", 1), ("−,5", 1), ("0.5", 0), ("-0,50", 1)]),
        ("0", "0", [("0", 1), ("0,0", 1), ("-0", 1), ("0,001", 0)]),
        ("1500", "0", [("1500", 1), ("1.5e3", 1), ("1,5E3", 1), ("1.5x10^3", 1), ("1,5 × 10^3", 1), ("1,5*10**3", 1), ("15e2.", 0), ("1e3", 0)]),
        ("0.002", "0", [("2e-3", 1), ("2×10^-3", 1), ("0,002", 1), (".002", 1), ("2e3", 0)]),
        ("5", "0", [("5.", 1), ("5,", 1), ("5 kg", 1), ("5kg", 1), ("+5", 1), ("5 5", 0), ("năm", 0)]),
        ("1234567", "0", [("1,234,567", 1), ("1 234 567", 1), ("1234567", 1)]),
    ],
)  # fmt: skip
def test_a_number_is_right_within_its_tolerance_however_it_is_typed(value, margin, rows):
    """numerical/question.php, get_tolerance_interval (nominal): from value − error to value + error, both included.

    numerical/questiontype.php, apply_units: spaces go, a lone comma is the decimal mark, e, x10^ and *10** are powers.
    """
    one, told = imported(number((value, margin, 100)))
    assert told == ""
    table(one, *[((given,), fraction) for given, fraction in rows])


@pytest.mark.parametrize(("given", "moodle", "here"), [("6.200", 6.2, 1), ("6,200", 6.2, 1), ("1.234,5", 1.2345, 1)])
def test_numbers_may_also_be_grouped_as_in_vietnamese(given, moodle, here):
    """apply_units takes a point for the decimal mark; here what reads two ways counts if either reading is right."""
    key = "6200" if "6" in given else "1234.5"
    assert abs(Decimal(key) - Decimal(str(moodle))) > 1
    one, _ = imported(number((key, 0, 100)))
    assert earned(one, given) == here
    one, _ = imported(number((str(moodle), 0, 100)))
    assert earned(one, given) == (1 if "6" in given else 0)


def test_a_range_of_gift_is_its_middle_and_half_its_width():
    """format/gift/format.php: “3..4” accepts both ends and all between."""
    one, told = imported("Bao nhiêu? {#3..4}", "gift")
    assert told == ""
    table(one, (("3",), 1), (("4",), 1), (("3,5",), 1), (("2,99",), 0), (("4,01",), 0))


def test_numbers_that_are_nearly_right_earn_nothing_here_and_that_is_told():
    """numerical/question.php, get_matching_answer: a second, wider answer may earn a part there."""
    one, told = imported(number(("297", "1", 100), ("297", "5", 50), ("*", 0, 0)))
    assert "here one number is right; left out: 297 ± 5" in told
    table(one, (("297",), 1), (("300",), 0), (("1",), 0))
    one, told = imported("Bao nhiêu? {#=3:0 =%50%4:0}", "gift")
    assert "left out: 4" in told
    table(one, (("3",), 1), (("4",), 0))
    assert "no number in it is worth all points" in left_out(number(("297", "1", 50)))


@pytest.mark.parametrize(
    ("rows", "is_told"),
    [
        ([("10", "0", 0), ("10", "1", 100)], True),
        ([("12", "1", 0), ("10", "1", 100)], True),
        ([("*", "0", 0), ("10", "1", 100)], True),
        ([("12,1".replace(",", "."), "1", 0), ("10", "1", 100)], False),
        ([("10", "1", 100), ("10", "2", 0)], False),
    ],
)
def test_a_wrong_number_that_is_asked_before_the_right_one_is_told(rows, is_told):
    """numerical/question.php, get_matching_answer: the first answer within tolerance counts, also one worth nothing."""
    told = imported(number(*rows))[1]
    assert ("the one worth more counts" in told) is is_told
    assert bool(told) is is_told


def test_units_that_are_graded_or_counted_are_told():
    """numerical/question.php, apply_unit_penalty, and apply_units: a unit may cost points or multiply the number."""
    units = "<units><unit><multiplier>1</multiplier><unit_name>m</unit_name></unit><unit><multiplier>0.001</multiplier><unit_name>km</unit_name></unit></units>"
    one, told = imported(number(("5", 0, 100), more=units + "<unitgradingtype>1</unitgradingtype>"))
    assert "left out: km" in told
    table(one, (("5",), 1), (("5 m",), 1), (("5 km",), 0))


AMOUNTS = st.decimals(-20, 20, places=1)


@given(
    st.lists(
        st.tuples(AMOUNTS, st.sampled_from(["0", "0.5", "2"]), st.sampled_from([100, 50, 0])), min_size=1, max_size=3
    ),
    AMOUNTS,
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_the_numbers_they_are_graded_as_in_moodle_or_it_is_told(rows, given):
    """numerical/question.php: the first answer whose interval holds the number."""
    made = taken(number(*rows), "moodlexml")
    if made.problems:
        return
    (one,) = course(made.text)[0]
    fitting = (weight / 100 for value, margin, weight in rows if abs(given - value) <= Decimal(margin))
    assert earned(one, str(given).replace(".", ",")) == next(fitting, 0)


# Gaps that are typed into


def with_a_right_one(answers):
    """The answers, of which the last is right where none was."""
    return answers if any(weight for *_, weight in answers) else [*answers[:-1], (*answers[-1][:-1], 100)]


WEIGHT = st.sampled_from([100, 0])
TEXTS = st.lists(st.tuples(st.sampled_from(["an", "an*", "*b", "bắc"]), WEIGHT), min_size=1, max_size=3).map(
    with_a_right_one
)
NUMBERS = st.lists(st.tuples(st.integers(0, 9), st.sampled_from([0, 1, 3]), WEIGHT), min_size=1, max_size=2).map(
    with_a_right_one
)


@given(st.lists(st.tuples(st.integers(1, 2), TEXTS, NUMBERS), min_size=1, max_size=3), st.data())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_the_gaps_they_are_graded_as_in_moodle_or_it_is_told(rows, data):
    """multianswer/question.php: each gap by the rules of its own type, weighed by the number before its first colon."""
    text, given, good = "", [], 0
    for points, texts, numbers in rows:
        text += f" {{{points}:SA:{'~'.join(f'%{weight}%{key}' for key, weight in texts)}}}"
        text += f" {{{points}:NM:{'~'.join(f'%{weight}%{value}:{margin}' for value, margin, weight in numbers)}}}"
        word, value = data.draw(st.sampled_from(["an", "anb", "Bắc", "c", ""])), data.draw(st.integers(0, 9))
        given += [word, str(value)]
        good += points * (moodle_short(texts, False, word) if word else 0)
        good += points * next((weight / 100 for key, margin, weight in numbers if abs(value - key) <= margin), 0)
    made = taken(quiz("cloze", text=f"<![CDATA[{text}]]>"), "moodlexml")
    if made.problems:
        return
    (one,) = course(made.text)[0]
    assert earned(one, *given) == pytest.approx(good / sum(2 * points for points, *_ in rows))
