"""Whatever stands in a file: it is read or refused with a line, quickly, and never with a crash."""

import json
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lms.interop.formats import FORMATS
from lms.interop.formats.reading import PROBLEMS_LIMIT

SECONDS = 2.0
MEGABYTE = 1_000_000

gift_words = st.sampled_from([
    "{", "}", "=", "~", "#", "####", "->", "::", ":", "\\", "\\n", "\\{", "%50%", "%-33.333%", "%150%", "//", "\n", "\n\n",
    "\r\n", "\r", "$CATEGORY: a//b/c", "[html]", "[plain]", "[id:x]", "[tag:\\]y]", "T", "FALSE", "1..2", "3:0.1", "1e-3",
    "1e400", "*", " ", "\t", "\0", "\u00a0", "Câu hỏi", "é", "\ufeff", "\u2028", "0",
])  # fmt: skip
aiken_words = st.sampled_from([
    "Câu hỏi?", "A) ", "B. ", "C)", "a) ", "ANSWER: ", "ANSWER:", "A", "B", "Z", "b", "\n", "\n\n", "\r", " ", "x", "\0", "é",
])  # fmt: skip
xml_words = st.sampled_from([
    "<quiz>", "</quiz>", "</question>", "<name><text>T</text></name>", "<questiontext format='html'><text>", "</text></questiontext>",
    "{1:SA:=a}", "{2:MC:=a~b#", "}", "{:NM:=1:x}", "{1:MR:~%1%a~b}", "<![CDATA[", "]]>", "&amp;", "&lt;", "&x;", "&#0;", "&#10;",
    "<answer fraction='100'><text>", "<answer fraction='-5e3'>", "</text></answer>", "</answer>", "<feedback>", "</feedback>",
    "<file name='a/../b' encoding='base64'>", "<file name='a'>", "eA==", "</file>", "<tolerance>", "</tolerance>", "<single>0</single>",
    "<subquestion><text>a</text><answer><text>b</text></answer></subquestion>", "<defaultgrade>1e999</defaultgrade>", "\n", "é", "1",
    "<!DOCTYPE quiz>", "<hint>", "</hint>", "<tags><tag><text>t</text></tag></tags>", "<image>x</image>", "true", "false", "<?x?>", "<!--", "-->",
    *(f"<question type='{kind}'>" for kind in ("multichoice", "truefalse", "shortanswer", "numerical", "matching", "essay", "cloze", "category", "lạ")),
])  # fmt: skip


def joined(words):
    return st.lists(words, max_size=60).map("".join)


def check(name, data):
    """What every reading keeps to."""
    found, problems = FORMATS[name].read(data, "tep")
    last = data.count(b"\n") + data.count(b"\r") + 1
    assert all(1 <= problem.line <= last for problem in problems), problems
    assert all(problem.text() and problem.path == "tep" for problem in problems)
    assert len(problems) <= PROBLEMS_LIMIT + 1
    assert problems == sorted(problems)
    if any(problem.is_error for problem in problems):
        assert found == ()
    json.dumps([question.to_json() for question in found], allow_nan=False)
    written, losses = FORMATS[name].write(found)
    if len(found) > sum("left out" in problem.text() for problem in losses):
        assert FORMATS[name].read(written, "")[0]


@settings(deadline=None)
@given(joined(gift_words))
@example("{#=%50%1:0.5#a ~#b ~#c}")
@example("::a::{=->=->}")
def test_gift_never_raises(text):
    check("gift", text.encode())


@settings(deadline=None)
@given(joined(aiken_words))
def test_aiken_never_raises(text):
    check("aiken", text.encode())


@settings(deadline=None)
@given(joined(xml_words))
def test_moodle_xml_never_raises(text):
    check("moodlexml", text.encode())
    check("moodlexml", f"<quiz><question type='cloze'>{text}".encode())


@pytest.mark.parametrize("name", FORMATS)
@settings(deadline=None)
@given(data=st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_bytes_of_any_kind_never_raise(name, data):
    check(name, data)


def filled(start, piece, end=""):
    """A megabyte of one piece."""
    size = (MEGABYTE - len(start) - len(end)) // len(piece)
    return (start + piece * size + end).encode()


WORST = {
    "gift": [
        ("Q {", "=", "}"), ("Q {", "~", "}"), ("Q {", "=a#b~c", "}"), ("", "{", ""), ("", "}", ""), ("", "{}", ""), ("", "\\", "{}"),
        ("", "\\\\", "{}"), ("Q {=", "#", "}"), ("Q {", "####", "}"), ("Q {=a", "->", "}"), ("Q {", "=a->b", "}"), ("// ", "[id:", "\nQ {}"),
        ("// ", "[tag:a]", "\nQ {}"), ("// [id:", "\\]", "\nQ {}"), ("", "//\n", ""), ("", "//x\n\n", ""), ("", "::", ""), ("", "Q {}\n\n", ""),
        ("", "Q {=a ~b}\n\n", ""), ("", "Q {#x}\n\n", ""), ("", "Q\n", "{}"), ("Q {#", "1", "}"), ("Q {#", "=1", "}"), ("Q {#1 ~#", "~", "}"),
        ("Q {~%", "1", "%a}"), ("$CATEGORY: ", "/", "\n\nQ {}"), ("$CATEGORY: ", "a/", "\n\nQ {}"), ("[", "[html]", "{}"), ("Q {T", "#", "}"),
        ("Q {=a#", "b ~ c ", "}"), ("", " ", "Q {}"), ("", "\r", "Q {}"), ("Q {=a#", "x=", "~b}"),
    ],
    "aiken": [
        ("Q?\n", "A) x\n", "ANSWER: A"), ("", "Qx?\nA) x\nB) y\nANSWER: A\n", ""), ("", "ANSWER: A\n", ""), ("", "A) x\n", ""), ("", "x\n", ""),
        ("", "xx\n", ""), ("", "x", "\nA) x\nB) y\nANSWER: A"), ("", " ", ""), ("", "\r", ""), ("Q?\nA) x\nB) y\nANSWER: A", " ", "x"),
        ("Q?\nA) ", "\t", "\nB) y\nANSWER: A"),
    ],
    "moodlexml": [
        ("", "<quiz>", ""), ("<quiz>", "<a/>", "</quiz>"), ("<quiz><question>", "<a/>", "</question></quiz>"), ("<quiz>", "<question/>", "</quiz>"),
        ("<quiz>", '<question type="essay"/>', "</quiz>"), ("<quiz>", '<question type="stack"/>', "</quiz>"), ("<quiz ", "a", "/>"),
        ("<quiz>", "&amp;", "</quiz>"), ("<quiz>", "<!-- -->", "</quiz>"), ("<quiz><!--", "-", "></quiz>"),
        ("<quiz><question type='essay'>", "<hint><text>a</text></hint>", "</question></quiz>"),
        ("<quiz><question type='multichoice'>", "<answer fraction='100'><text>a</text></answer>", "</question></quiz>"),
        *((f"<quiz><question type='cloze'><questiontext><text>{start}", piece, f"{end}</text></questiontext></question></quiz>")
          for start, piece, end in (
            ("", "{1:SA:=a", ""), ("", "{1:SA:=a}", ""), ("{1:SA:", "=a~", "=b}"), ("{1:SA:=a", "#", "}"), ("{1:SA:=a#", "b#", "}"),
            ("{1:SA:=", "\\}", "}"), ("{1:SA:=", "&amp;", "}"), ("", "{1:", ""), ("", "{", ""), ("{1:MC:", "~", "}"), ("{1:MC:%", "1", "%a}"),
          )),
        ("<quiz><question type='essay'><questiontext><text>", "@@PLUGINFILE@@/a ", "</text></questiontext></question></quiz>"),
        ("<quiz><question type='essay'><questiontext><text>", "@@PLUGINFILE@@/", "</text></questiontext></question></quiz>"),
        ("<quiz><question type='essay'><questiontext><text>\n@@PLUGINFILE@@/", "a&amp;#1", "</text></questiontext></question></quiz>"),
        ("<quiz><question type='essay'><questiontext><text/><file name='a'>", "eA==\n", "</file></questiontext></question></quiz>"),
        ("<quiz><question type='category'><category><text>", "a//b/", "</text></category></question></quiz>"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "pieces"),
    [(name, pieces) for name, all_pieces in WORST.items() for pieces in all_pieces],
    ids=lambda value: value if isinstance(value, str) else "".join(value).encode("unicode_escape").decode()[-60:],
)
def test_a_megabyte_of_the_worst_is_read_in_two_seconds(name, pieces):
    data = filled(*pieces)
    start = time.process_time()
    FORMATS[name].read(data, "tep")
    assert time.process_time() - start < SECONDS


def test_many_different_missing_files_are_told_and_cost_little():
    shown = "".join(f"@@PLUGINFILE@@/{number} " for number in range(40_000))
    data = (
        f"<quiz><question type='essay'><questiontext><text>\n{shown}</text></questiontext></question></quiz>".encode()
    )
    start = time.process_time()
    problems = FORMATS["moodlexml"].read(data, "")[1]
    assert time.process_time() - start < SECONDS
    assert 1 < len(problems) < 100
