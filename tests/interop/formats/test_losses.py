"""Nothing is left out of a file without a word."""

import pytest

from lms.interop.formats import FORMATS, aiken, gift, moodle_xml
from lms.interop.formats.losses import legal, snapped


def from_gift(text):
    return gift.read(text.encode())[0]


def from_xml(inner, kind="multichoice"):
    text = f'<quiz><question type="{kind}"><name><text>T</text></name><questiontext><text>Q</text></questiontext>{inner}</question></quiz>'
    found, problems = moodle_xml.read(text.encode())
    assert found, problems
    return found


TWO = '<answer fraction="100"><text>a</text></answer><answer fraction="0"><text>b</text></answer>'


@pytest.mark.parametrize(
    ("inner", "kind", "words"),
    [
        (f"{TWO}<defaultgrade>2.5</defaultgrade>", "multichoice", "count 1 instead of 2.5"),
        (f"{TWO}<correctfeedback><text>x</text></correctfeedback>", "multichoice", "right, partly right and wrong"),
        (f"{TWO}<hint><text>x</text></hint>", "multichoice", "hints"),
        (f"{TWO}<shuffleanswers>0</shuffleanswers>", "multichoice", "keep their order"),
        (f"{TWO}<answernumbering>123</answernumbering>", "multichoice", "“123”"),
        (f"{TWO}<penalty>0.5</penalty>", "multichoice", "penalty"),
        (f"{TWO}<hidden>1</hidden>", "multichoice", "hidden"),
        ('<answer fraction="100"><text>a</text></answer><usecase>1</usecase>', "shortanswer", "upper and lower case"),
        (
            '<answer fraction="100"><text>1</text></answer><units><unit><unit_name>mm</unit_name></unit></units>',
            "numerical",
            "mm",
        ),
        ("<minwordlimit>50</minwordlimit>", "essay", "how long"),
        ("<graderinfo><text>x</text></graderinfo>", "essay", "those who mark"),
        ("<responsetemplate><text>x</text></responsetemplate>", "essay", "template"),
        ("<generalfeedback><text>x</text></generalfeedback>", "description", "general feedback"),
    ],
)
def test_gift_says_what_it_cannot_hold(inner, kind, words):
    data, problems = gift.write(
        from_xml(inner + ("<shuffleanswers>1</shuffleanswers>" if "shuffle" not in inner else ""), kind)
    )
    assert data
    assert [words in problem.text() for problem in problems] == [True]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("::T::Hỏi {=a#f ~b}", 2),
        ("Hỏi {=a ~%50%b}", 1),
        ("[html]Q<br>R {=a ~b}", 1),
        ("[plain]Q\\nR {=a ~b}", 1),
        ("$CATEGORY: x\n\n// [id:i] [tag:t]\n[plain]Hỏi{=a ~b ####g}", 4),
    ],
)
def test_aiken_says_what_it_cannot_hold(text, count):
    found = from_gift(text.replace("{=a", "{=[plain]a").replace("~b", "~[plain]b"))
    data, problems = aiken.write(found)
    assert data
    plain = "[plain]" in text or "[html]" in text
    assert len(problems) == count + (0 if plain else 1), problems


@pytest.mark.parametrize(
    "text", ["Q {}", "Q {T}", "Q {=a}", "Q {=a =b ~c}", "A) Q {=a ~b}", "ANSWER\\: Q {=a ~b}", "? {=a ~b}"]
)
def test_what_aiken_cannot_write_is_left_out_by_name(text):
    data, problems = aiken.write(from_gift(text))
    assert data == b""
    assert [("left out" in problem.text()) for problem in problems] == [True]


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_loses_a_question_in_silence(name):
    """Gaps are GIFT's and Aiken's loss; the words say which question and which type."""
    found = from_xml("<questiontext><text>{1:SA:=a}</text></questiontext>", "description")
    cloze = moodle_xml.read(
        b'<quiz><question type="cloze"><name><text>K</text></name><questiontext><text>{1:SA:=a}</text></questiontext></question></quiz>'
    )[0]
    data, problems = FORMATS[name].write((*cloze, *found))
    kept = len(FORMATS[name].read(data, "")[0])
    assert kept + sum("left out: " in problem.text() for problem in problems) == 2


@pytest.mark.parametrize(
    ("weight", "nearest", "is_told"),
    [
        ("33.33", "33.33333", False),
        ("-16.67", "-16.66667", False),
        ("45", "40", True),
        ("99", "100", True),
        ("0", "0", False),
    ],
)
def test_weights_become_those_that_moodle_takes(weight, nearest, is_told):
    (question,) = from_gift("Q {=a ~b}")
    value, problems = snapped(question, type(question.points)(weight))
    assert str(value) == nearest
    assert bool(problems) is is_told


def test_a_negative_weight_stays_negative():
    assert legal(-from_gift("Q {=a ~b}")[0].points * 50) == -50


@pytest.mark.parametrize(
    ("inner", "kind"),
    [
        (
            '<answer fraction="100"><text>a-&gt;b</text></answer><answer fraction="50"><text>c</text></answer>',
            "shortanswer",
        ),
        ('<answer fraction="50"><text>a</text></answer><answer fraction="0"><text>b</text></answer>', "multichoice"),
    ],
)
def test_what_gift_cannot_write_is_left_out_by_name(inner, kind):
    data, problems = gift.write(from_xml(inner + "<shuffleanswers>1</shuffleanswers>", kind))
    assert data == b""
    assert ["left out" in problem.text() for problem in problems] == [True]


def test_an_arrow_on_the_left_of_a_pair_is_changed_and_told():
    (found,) = from_xml(
        "<subquestion><text>a-&gt;b</text><answer><text>1</text></answer></subquestion>"
        "<subquestion><text>c</text><answer><text>2 -&gt; 3</text></answer></subquestion>",
        "matching",
    )
    data, problems = gift.write([found])
    assert ["→" in problem.text() for problem in problems] == [True]
    assert gift.read(data)[0][0].to_json()["pairs"] == [["a→b", "1"], ["c", "2 -> 3"]]
