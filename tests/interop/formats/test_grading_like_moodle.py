"""What comes from Moodle is graded as Moodle documents it, or the import says where it is not.

The rules were read in Moodle's own question types (github.com/moodle/moodle, question/type/*/question.php, the tests
beside them, and question/type/questionbase.php) and in its manual (docs.moodle.org). Each test names its source; the
questions, answers and numbers here are our own, and every number was computed by hand.
"""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.assessment import rules
from lms.course.document import Quiz
from lms.interop.formats import gift, moodle_xml
from tests.interop.formats.test_course_text import course, errors, taken
from tests.interop.formats.test_moodle_xml import answer, quiz

ROUNDED = 0.0001
"""Moodle keeps 33.33333, we 33,33: a hundredth of a percent."""
MIXED = "<shuffleanswers>1</shuffleanswers>"


def imported(text, name="moodlexml"):
    """The only question of the text after it went through the import and into a course, and what the import told."""
    made = taken(text, name)
    asked, problems = course(made.text)
    assert errors(problems) == []
    (one,) = asked
    return one, " ".join(problem.text() for problem in made.problems)


def left_out(text, name="moodlexml"):
    """What the import says about a question that it does not take."""
    made = taken(text, name)
    assert made.count == 0
    return " ".join(problem.text() for problem in made.problems)


def earned(question, *given):
    """What the form's values earn, through the same steps as an attempt: read, stored, graded as a paper of 12 points."""
    order = tuple(sorted(question.order("")))
    value = question.read(list(given), order)
    asked = Quiz(id="thi", title="Thi", path="thi.md", questions=(question,))
    result = rules.grade_paper(asked, [{"question": question.id, "order": order}], {question.id: value})
    assert 0 <= result.points <= result.most
    return result.marks[question.id]


def table(question, *rows):
    """Each row: what was given, what it earns."""
    found = {given: earned(question, *given) for given, _ in rows}
    assert found == {given: pytest.approx(fraction, abs=ROUNDED) for given, fraction in rows}


# Choices


def options(*rows, single=True, more=MIXED):
    inner = "".join(answer(weight, text) for text, weight in rows)
    return quiz("multichoice", f"<single>{str(single).lower()}</single>{more}{inner}")


def test_one_choice_earns_its_own_share():
    """multichoice/question.php, single: the fraction of the chosen answer; nothing chosen earns 0."""
    one, told = imported(options(("30 ngày", 100), ("45 ngày", "33.33333"), ("60 ngày", 0)))
    assert told == ""
    table(one, (("0",), 1), (("1",), 0.33333), (("2",), 0), ((), 0))


def test_several_answers_that_are_each_worth_all_are_each_right():
    """multichoice/question.php, single: only the chosen fraction counts, however many answers have 100."""
    one, told = imported("Cấp nào ban hành? {=Bộ =Tỉnh ~%50%Huyện ~Thôn}", "gift")
    assert told == ""
    table(one, (("0",), 1), (("1",), 1), (("2",), 0.5), (("3",), 0))


def test_a_choice_that_costs_points_in_moodle_costs_none_here_and_that_is_told():
    """multichoice/question.php, get_min_fraction of the single question: a wrong choice may be worth less than 0.

    Here no answer is: a quiz may set one penalty for all its wrong answers instead.
    """
    one, told = imported(options(("Đóng dấu", 100), ("Ký nháy", 0), ("Bỏ qua", "-33.33333")))
    assert "choosing Bỏ qua cost points" in told
    table(one, (("0",), 1), (("1",), 0), (("2",), 0))
    one, told = imported(options(("Đúng", 100), ("Sai", -50)))
    assert "choosing Sai cost points" in told
    assert one.kind == "true_false"
    table(one, (("0",), 1), (("1",), 0))


def test_what_cannot_earn_everything_is_left_out_by_name():
    """multichoice/edit_multichoice_form.php asks for one answer of 100%; a file may lack it."""
    assert "no option is worth all points" in left_out(options(("một", 50), ("hai", 0)))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # Even halves; a wrong one costs what the file says, here less than a right one earns.
        (
            [("a", 50), ("b", 50), ("c", -25), ("d", 0)],
            [("01", 1), ("0", 0.5), ("012", 0.75), ("02", 0.25), ("2", 0), ("23", 0), ("013", 1), ("0123", 0.75)],
        ),
        # Three thirds make a whole, and a wrong third takes one away.
        (
            [("a", "33.33333"), ("b", "33.33333"), ("c", "33.33333"), ("d", "-33.33333")],
            [("012", 1), ("01", 2 / 3), ("0123", 2 / 3), ("03", 0), ("3", 0)],
        ),
        # Uneven shares, and a wrong one that takes everything.
        (
            [("a", 50), ("b", "33.33333"), ("c", "16.66667"), ("d", -100)],
            [("012", 1), ("01", 0.83333), ("12", 0.5), ("2", 0.16667), ("0123", 0), ("3", 0)],
        ),
        # One right answer among several boxes.
        ([("a", 100), ("b", -50), ("c", 0)], [("0", 1), ("01", 0.5), ("02", 1), ("1", 0), ("12", 0)]),
    ],
)
def test_several_choices_add_up_and_stay_between_nothing_and_everything(rows, expected):
    """multichoice/question.php, multi: the sum of the ticked fractions, cut to 0…1; nothing ticked earns 0.

    The manual (docs.moodle.org, Multiple Choice question type) says so too: a negative total counts as zero.
    """
    one, told = imported(options(*rows, single=False))
    assert told == ""
    table(one, *[(tuple(places), fraction) for places, fraction in expected], ((), 0))


def test_the_key_earns_exactly_everything_though_its_shares_were_rounded():
    """question/engine/states.php: above 0.999999 an answer is right, so 50 + 33.33333 + 16.66667 is."""
    one, _ = imported(options(("a", 50), ("b", "33.33333"), ("c", "16.66667"), ("d", 0), single=False))
    assert earned(one, "0", "1", "2") == 1


def test_right_options_that_add_up_to_more_or_less_share_the_whole_and_that_is_told():
    """multichoice/question.php, multi: of two answers of 100% one is enough there; here both are asked for."""
    one, told = imported(options(("a", 100), ("b", 100), ("c", 0), single=False))
    assert "added up to 200%" in told
    table(one, (("0",), 0.5), (("0", "1"), 1), (("2",), 0))
    one, told = imported(options(("a", 40), ("b", 40), ("c", 0), single=False))
    assert "added up to 80%" in told
    assert earned(one, "0", "1") == 1


WHOLES = st.sampled_from(
    ["100", "50 50", "25 75", "33.33333 33.33333 33.33333", "66.66667 33.33333", "50 33.33333 16.66667"]
)
WRONG = st.lists(st.sampled_from(["0", "-20", "-33.33333", "-50", "-100"]), max_size=3)


@given(WHOLES, WRONG, st.booleans(), st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_the_weights_choices_are_graded_as_in_moodle_or_it_is_told(whole, wrong, single, data):
    """multichoice/question.php, both kinds: the fractions of what was chosen, for several cut to 0…1."""
    weights = data.draw(st.permutations([*(["100"] if single else whole.split()), *wrong, "0"]))
    rows = [(f"câu {place}", weight) for place, weight in enumerate(weights)]
    one, told = imported(options(*rows, single=single))
    assert bool(told) is (single and any(weight[0] == "-" for weight in weights))
    places = data.draw(st.sets(st.integers(0, len(weights) - 1), max_size=1 if single else None))
    total = sum((Fraction(weights[place]) / 100 for place in places), Fraction(0))
    expected = float(min(Fraction(1), max(Fraction(0), total)))
    given = data.draw(st.permutations([str(place) for place in places]))
    assert earned(one, *given) == pytest.approx(expected, abs=6 * ROUNDED)


# True or false


@pytest.mark.parametrize(("right", "fractions"), [("true", (1, 0)), ("false", (0, 1))])
def test_a_statement_is_right_or_not(right, fractions):
    """truefalse/question.php: the right response earns 1, the other and none earn 0."""
    wrong = "false" if right == "true" else "true"
    one, told = imported(quiz("truefalse", answer(100, right) + answer(0, wrong)))
    assert told == ""
    assert [option.text for option in one.options] == ["Đúng", "Sai"]
    table(one, (("0",), fractions[0]), (("1",), fractions[1]), ((), 0))
    one, told = imported(f"Văn bản này còn hiệu lực. {{{right.upper()}}}", "gift")
    table(one, (("0",), fractions[0]), (("1",), fractions[1]), ((), 0))


# Pairs and steps


def pairs(*rows):
    return quiz(
        "matching",
        "".join(
            f"<subquestion><text>{left}</text><answer><text>{right}</text></answer></subquestion>"
            for left, right in rows
        )
        + MIXED,
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (pairs(("Nghị định", "Chính phủ"), ("Thông tư", "Bộ"), ("Luật", "Quốc hội"), ("", "Sở")), "moodlexml"),
        ("Ghép {=Nghị định -> Chính phủ =Thông tư -> Bộ =Luật -> Quốc hội = -> Sở}", "gift"),
    ],
)
def test_every_right_pair_earns_its_share(text, name):
    """match/question.php, get_num_parts_right: right rows over all rows; a row left open or wrong costs nothing more."""
    one, told = imported(text, name)
    assert told == ""
    assert one.partners == ("Chính phủ", "Bộ", "Quốc hội", "Sở")
    table(
        one,
        (("0", "1", "2"), 1),
        (("0", "1", ""), 2 / 3),
        (("0", "2", "1"), 1 / 3),
        (("0", "0", "0"), 1 / 3),
        (("3", "3", "3"), 0),
        (("1", "2", "0"), 0),
        ((), 0),
    )


def test_two_rows_may_have_the_same_partner():
    """match/questiontype.php makes one choice of equal answers, so either row is right with it."""
    one, told = imported(pairs(("Phường", "cấp xã"), ("Thị trấn", "cấp xã"), ("Tỉnh", "cấp tỉnh")))
    assert told == ""
    table(one, (("0", "0", "1"), 1), (("0", "1", "1"), 2 / 3))


@pytest.mark.parametrize(
    ("rows", "words"),
    [([("a", "1"), ("b", "2"), ("", "1")], "also a right partner"), ([("a", "1"), ("a", "2")], "stands twice")],
)
def test_pairs_that_have_no_one_key_are_left_out_by_name(rows, words):
    """match/question.php would take the first; here a row has one partner."""
    assert words in left_out(pairs(*rows))


def test_steps_are_written_anew_and_that_is_told():
    """ordering/question.php came with Moodle 4.4; neither its XML nor “{>…” of GIFT is read."""
    text = quiz("essay").replace(
        "</quiz>", '<question type="ordering"><name><text>Bước</text></name></question></quiz>'
    )
    assert any("“ordering”" in problem.text() for problem in moodle_xml.read(text.encode(), "")[1])
    problems = gift.read("Xếp {>ALL VERTICAL một\nhai\nba}".encode(), "")[1]
    assert ["“>” begins steps" in problem.text() for problem in problems] == [True]


# Gaps


def gaps(text):
    return quiz("cloze", text=f"<![CDATA[{text}]]>")


def test_gaps_share_the_points_and_one_left_open_costs_its_share_only():
    """multianswer/question.php, grade_response: the sum of the gaps' marks over the sum of their weights."""
    one, told = imported(
        gaps(
            "Thủ đô là {2:SA:=Hà Nội~=Thăng Long}, {2:MC:=Bộ~Sở~Phòng} ban hành, trong {2:NM:=30:5} ngày, mã {2:SA:=A*}."
        )
    )
    assert told == ""
    assert one.points == 8
    table(
        one,
        (("hà nội", "Bộ", "30", "ab"), 1),
        (("Thăng Long", "Sở", "35", ""), 0.5),
        (("", "", "25", ""), 0.25),
        (("Huế", "Phòng", "36", "b"), 0),
        ((), 0),
    )


def test_upper_case_counts_in_a_gap_that_says_so():
    """The manual (docs.moodle.org, Embedded Answers (Cloze) question type): SHORTANSWER_C tells upper from lower case."""
    one, told = imported(gaps("Ký hiệu {1:SHORTANSWER_C:=QĐ}"))
    assert told == ""
    table(one, (("QĐ",), 1), (("qđ",), 0))


@pytest.mark.parametrize(
    ("text", "words", "given", "here"),
    [
        ("{3:SA:=a} {1:SA:=b}", "different points", ("a", ""), 0.5),
        ("{1:SA:=a~%50%b}", "left out: b", ("b",), 0),
        ("{1:MC:=a~=b~c}", "one word or number is right; left out: b", ("a",), 1),
        ("{1:MC:=a~=a~c}", "one word or number is right; left out: a", ("a",), 1),
        ("{1:MC:=a~%50%b~c}", "left out: b", ("c",), 0),
        ("{1:MC:=a~%-50%b}", "choosing b cost points", ("b",), 0),
        ("{1:NM:=3~=5}", "one word or number is right; left out: 5", ("5",), 0),
        ("{1:NM:%0%3~=3:1}", "the one worth more counts", ("3",), 1),
        ("{1:SA:%0%a~=a*}", "the one worth more counts", ("a",), 1),
        ("{1:SA:=a * b}", "space beside “…”", ("a b",), 1),
        ("{1:SA:=a} {1:SAC:=b}", "upper and lower case now differ", ("A", "b"), 0.5),
    ],
)
def test_where_a_gap_is_graded_otherwise_it_is_told(text, words, given, here):
    """multianswer/question.php grades each gap as a question of its own type, by that type's rules and its own weight."""
    one, told = imported(gaps(text))
    assert words in told
    assert earned(one, *given) == here


def test_a_gap_with_several_right_words_is_left_out_by_name():
    """multianswer: MULTIRESPONSE is a multiple choice with several answers inside the text."""
    assert "several right words" in left_out(gaps("{1:MR:=a~=b~c}"))


# Marked by a person, or not at all


def test_an_essay_waits_for_a_person_and_an_empty_one_earns_nothing():
    """essay/question.php uses the behaviour manualgraded: no grade before somebody gives one; gave up without a text.

    Blanks alone are a text there, which a person gives nothing; here they are none.
    """
    one, told = imported(quiz("essay", "<defaultgrade>4</defaultgrade>"))
    assert (told, one.points) == ("", 4)
    assert one.grade(one.read(["Trình bày"])).fraction is None
    assert one.grade(one.read(["  "])).fraction == 0
    asked = Quiz(id="thi", title="Thi", path="thi.md", questions=(one,))
    paper = [{"question": one.id, "order": []}]
    result = rules.grade_paper(asked, paper, {one.id: "Trình bày"}, {one.id: Decimal("2.5")})
    assert (result.points, result.most, result.awaited) == (2.5, 4, ())


def test_a_text_without_a_question_is_worth_nothing_and_asks_nothing():
    """description/question.php has no mark; here it introduces the quiz, or is left out by name."""
    text = quiz("description", text="Đọc kỹ đề.").replace("</quiz>", quiz("essay").split("<quiz>")[1])
    made = taken(text, "moodlexml")
    assert (made.count, made.problems) == (1, [])
    assert made.text.startswith("Đọc kỹ đề.")


# A whole paper


def test_points_of_a_paper_add_up_as_moodle_adds_marks():
    """mod/quiz adds mark × fraction of each question; the grade is that sum over the sum of all marks."""
    inner = "<defaultgrade>{}</defaultgrade>"
    text = (
        "<quiz>"
        + "".join(
            part.split("<quiz>")[1].replace("</quiz>", "")
            for part in (
                options(("a", 100), ("b", 50), more=MIXED + inner.format("2.5")),
                options(("c", "33.33333"), ("d", "33.33333"), ("e", "33.33333"), ("g", 0), single=False),
                quiz("numerical", answer(100, 7, "<tolerance>1</tolerance>") + inner.format("3.0000000")),
                quiz("truefalse", answer(100, "true") + answer(0, "false") + inner.format("0.5")),
            )
        )
        + "</quiz>"
    )
    made = taken(text, "moodlexml")
    assert made.problems == []
    questions, _ = course(made.text)
    asked = Quiz(id="thi", title="Thi", path="thi.md", questions=questions, pass_percent=Decimal(71))
    paper = [{"question": one.id, "order": sorted(one.order(""))} for one in questions]
    given = dict(zip([one.id for one in questions], [1, [0, 2], "8", 1], strict=True))
    result = rules.grade_paper(asked, paper, given)
    assert result.most == 7
    assert result.points == pytest.approx(2.5 / 2 + 2 / 3 + 3)  # half of 2.5, two thirds of 1, all of 3, nothing of 0.5
    assert not result.passed  # 4.917 of 7 points are 70.2%


@pytest.mark.parametrize(
    ("written", "told"), [("0.3333333", ""), ("0.5", "penalty for another try"), ("1", "penalty for another try")]
)
def test_the_penalty_for_another_try_is_told_where_it_was_chosen(written, told):
    """question/behaviour/interactive takes it for each further try; a quiz of ours takes one try, as deferred feedback does."""
    said = imported(options(("a", 100), ("b", 0), more=f"{MIXED}<penalty>{written}</penalty>"))[1]
    assert (told in said) if told else said == ""


@pytest.mark.parametrize(
    ("written", "points", "told"), [("2.5", "2.5", False), ("0", "1", True), ("0.333", "0.33", True)]
)
def test_points_that_we_cannot_hold_are_told(written, points, told):
    """question.defaultmark has seven decimals there and may be 0."""
    one, said = imported(options(("a", 100), ("b", 0), more=f"{MIXED}<defaultgrade>{written}</defaultgrade>"))
    assert one.points == Decimal(points)
    assert ("points became" in said) is told
