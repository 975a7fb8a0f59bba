"""What comes in becomes a quiz that a course can hold, and what goes out can come in again."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings

from lms.course import write
from lms.course.parse import parse
from lms.course.source import Source
from lms.interop.formats import FORMATS, gift, moodle_xml
from lms.interop.formats.course_text import course_text
from lms.interop.formats.exchange import Answer, Attachment, ExchangeQuestion, Hint, Markup, Pair, Text, Type
from lms.interop.formats.from_course import exchanged
from tests.interop.formats.test_moodle_xml import answer, quiz
from tests.interop.formats.test_round_trips import gift_questions, xml_questions
from tests.interop.formats.test_samples import SAMPLES

COURSE = "---\nformat: 1\nid: khoa-hoc-cua-bai-thu\ntitle: K\n---\n\n- [Thi](kiem-tra/thi.md)\n"
HEAD = "---\nid: thi\nkind: quiz\ntitle: Thi\n---\n\n"


def course(text, files=None):
    """The questions of a course with such a quiz, and what is wrong with it."""
    files = {f"kiem-tra/{path}": data for path, data in (files or {}).items()}
    source = Source({"course.md": COURSE.encode(), "kiem-tra/thi.md": (HEAD + text).encode(), **files})
    doc, problems = parse(source)
    return (doc.quizzes[0].questions if doc and doc.quizzes else ()), problems


def errors(problems):
    """What keeps the quiz from being published; that this version keeps no essays is not the text's fault."""
    return [str(one) for one in problems if one.is_error and "marked by a person" not in one.text()]


def taken(text, name="gift", **how):
    found, problems = FORMATS[name].read(text.encode(), "")
    assert not [str(problem) for problem in problems if problem.is_error]
    return course_text(found, **how)


@pytest.mark.parametrize(("name", "path"), SAMPLES, ids=lambda value: getattr(value, "name", value))
def test_a_sample_becomes_a_quiz_without_errors(name, path):
    found, _ = FORMATS[name].read(path.read_bytes(), path.name)
    made = course_text(found)
    asked, problems = course(made.text, made.files)
    assert errors(problems) == []
    assert len(asked) == made.count
    assert [question.kind for question in asked] == [
        one.type.value for one in found if one.type is not Type.DESCRIPTION
    ]
    assert made.text == path.with_suffix(".md").read_text("utf-8")


@pytest.mark.parametrize(("name", "path"), SAMPLES, ids=lambda value: getattr(value, "name", value))
def test_a_sample_that_became_ours_goes_out_and_comes_back_the_same(name, path):
    made = course_text(FORMATS[name].read(path.read_bytes(), path.name)[0])
    asked, _ = course(made.text, made.files)
    out = [
        exchanged(question, path="kiem-tra/thi.md", files={f"kiem-tra/{p}": d for p, d in made.files.items()})[0]
        for question in asked
    ]
    data, losses = moodle_xml.write(out)
    again = course_text(moodle_xml.read(data)[0])
    same, problems = course(again.text, again.files)
    assert errors(problems) == []
    assert [write.question(question) for question in same] == [write.question(question) for question in asked]
    assert [problem.text() for problem in losses if "left out" in problem.text()] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Q {=a ~b}", "- [x] a\n- [ ] b"),
        ("Q {=a =b ~c}", "- [x] a\n- [100%] b\n- [ ] c"),
        ("Q {=a ~%50%b ~%-25%c}", "- [x] a\n- [50%] b\n- [-25%] c"),
        ("Q {~%50%a ~%50%b ~c}", "- [x] a\n- [x] b\n- [0%] c"),
        ("Q {~%50%a ~%50%b ~%-50%c}", "- [x] a\n- [x] b\n- [ ] c"),
        ("Q {~%60%a ~%40%b ~%-100%c}", "- [60%] a\n- [40%] b\n- [-100%] c"),
        ("Q {~%66.66667%a ~%33.33333%b}", "- [66,66%] a\n- [33,33%] b"),
        ("Q {~%100%a ~%-100%c}", "- [x] a\n- [ ] c"),
        ("Q {=a\\nb#f\\ng ~c}", "- [x] a\n  b\n  > f\n  > g\n- [ ] c"),
        ("Q {T#x#y}", "- [x] Đúng\n  > y\n- [ ] Sai\n  > x"),
        ("Q {=Đúng ~Sai}", "- [x] Đúng\n- [ ] Sai"),
        ("Q {=a =%50%b*c}", "Đáp án:\n\n- “a”\n- [50%] “b…c”"),
        ("Q {=2013}", "Đáp án:\n\n- “2013”"),
        (r"Q {=\*}", "Đáp án:\n\n- “*”"),
        ("Q {#3.14:0.005}", "Đáp án: 3,14 ± 0,0050"),
        ("Q {#6200}", "Đáp án: 6200"),
        ("Q {#18..22.5}", "Đáp án: 20,25 ± 2,25"),
        ("Q {#-1e-3}", "Đáp án: -0,0010"),
        ("Q {=a->1 =b->2 =->3}", "- a -> 1\n- b -> 2\n- -> 3"),
        ("Q {=[html]a -\\> b -> 1 =c->2}", "- a -\\\\> b -> 1\n- c -> 2"),
        ("Q {}", "Trả lời: tự luận"),
        ("Q {####[html]<p>a</p><p>b</p>}", "Trả lời: tự luận\n\n> a\n>\n> b"),
    ],
)
def test_answers_are_written_as_an_author_writes_them(text, expected):
    made = taken(f"::T::{text}")
    assert made.text.partition("}\nQ\n\n")[2] == f"{expected}\n"
    assert errors(course(made.text)[1]) == []


def test_heading_section_and_introduction_say_the_rest():
    made = taken(
        "Lời dẫn <b>chung</b>.\n\n$CATEGORY: A/B//C\n\n// [id:x 1] [tag:khó lắm] [tag:a]\n::Tên {1}::Q{T}\n\n"
        "::Tên {1}::R{T}\n\n$CATEGORY: $course$/top\n\nS{F}"
    )
    headings = [line for line in made.text.split("\n") if line.startswith("#")]
    assert made.text.startswith("Lời dẫn **chung**.\n\n# A / B/C\n\n")
    assert headings == [
        "# A / B/C", "## Tên {1} {#x-1 .khó-lắm .a}", "## Tên {1} {#ten-1}", "# Khác", "## Câu 3 {#cau-3}",
    ]  # fmt: skip
    assert [problem.text() for problem in made.problems] == ["question “Tên {1}”: the id “x 1” became “x-1”"]
    asked, problems = course(made.text)
    assert [question.section for question in asked] == ["A / B/C", "A / B/C", "Khác"]
    assert errors(problems) == []


def test_ids_differ_from_those_that_are_there():
    made = taken("::A::Q{T}\n\n::A::R{T}\n\n// [id:b]\nS{T}", taken={"a", "b"})
    assert re.findall(r"\{#(\S+)\}", made.text) == ["a-2", "a-3", "b-2"]


def test_english_courses_get_english_words():
    made = taken("$CATEGORY: A\n\nQ{T}\n\nR{}\n\n$CATEGORY: top\n\nS{F}", language="en")
    assert "- [x] True\n- [ ] False" in made.text
    assert "## Question 1 {#question-1}" in made.text
    assert "# Other" in made.text


GAPPED = "Nước {1:SA:=H2O~%50%nước#f}; {1:MCS:=a~b}; {1:NM:=9:1}; {1:SA:=2013}; {1:SA:=*x*}"


@pytest.mark.parametrize(
    ("kind", "inner", "text", "expected"),
    [
        ("cloze", "", GAPPED, "## T {#t points=5}\nNước [[H2O]]; [[*a* | b]]; [[9 ± 1]]; [[“2013”]]; [[…x…]]"),
        ("cloze", "", "{1:SAC:=a~=b}", "## T {#t case=yes}\n[[a | b]]"),
        ("cloze", "", "[[a]] {1:MC:=a|b~c}", "## T {#t}\n\\[\\[a]] [[*a\\|b* | c]]"),
        ("essay", "<minwordlimit>50</minwordlimit>", "Q", "## T {#t}\nQ\n\nTrả lời: tự luận, ít nhất 50 từ"),
        ("essay", "<maxwordlimit>50</maxwordlimit>", "Q", "## T {#t}\nQ\n\nTrả lời: tự luận, tối đa 50 từ"),
        (
            "essay",
            "<responseformat>noinline</responseformat><attachments>-1</attachments><filetypeslist>.PDF;.odt</filetypeslist>",
            "Q",
            "## T {#t}\nQ\n\nTrả lời: tệp .pdf .odt, tối đa 10 tệp, 5 MB",
        ),
        (
            "numerical",
            answer(100, 5) + "<units><unit><multiplier>1</multiplier><unit_name>km/h</unit_name></unit></units>",
            "Q",
            "## T {#t}\nQ\n\nĐáp án: 5 km/h",
        ),
        (
            "multichoice",
            answer(100, "&lt;p&gt;a&lt;/p&gt;") + answer(0, "b") + "<hint><text>h1</text></hint><hint><text>h2</text></hint>",
            "&lt;ul&gt;&lt;li&gt;x&lt;/li&gt;&lt;/ul&gt;&lt;p&gt;Chọn&lt;/p&gt;&lt;ol&gt;&lt;li&gt;y&lt;/li&gt;&lt;/ol&gt;",
            "## T {#t shuffle=no}\n- x\n\nChọn\n\n 1. y\n\n- [x] a\n- [ ] b\n\n> Gợi ý: h1\n>\n> h2",
        ),
        ("shortanswer", answer(100, "a") + "<usecase>1</usecase>", "Q", "## T {#t case=yes}\nQ\n\nĐáp án:\n\n- “a”"),
        ("multichoice", answer(100, "a") + answer(0, "b") + "<defaultgrade>1.125</defaultgrade>", "Q", "## T {#t points=1.12 shuffle=no}\nQ\n\n- [x] a\n- [ ] b"),
    ],
)  # fmt: skip
def test_what_only_moodle_xml_says_is_written_too(kind, inner, text, expected):
    made = taken(quiz(kind, inner, text=f"<![CDATA[{text}]]>" if "&lt;" not in text else text), "moodlexml")
    assert made.text == f"{expected}\n"
    assert errors(course(made.text)[1]) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Q {=a ~b}\n\nLời dẫn", "between questions there is none"),
        ("Q {=%50%a}", "no answer worth all points"),
        ("Q {#=%50%5}", "no number in it is worth all"),
        ("Q {=%100%*}", "accepts every answer"),
        ("Q {=a->1 =->2}", "fewer than two pairs"),
        ("Q {=a->1 =a->2}", "left side stands twice"),
        ("Q {#1e200}", "cannot hold it"),
    ],
)
def test_what_cannot_be_ours_is_left_out_by_name(text, words):
    made = taken(f"::T::{text}")
    assert [problem for problem in made.problems if words in problem.text()]
    assert all(not problem.is_error for problem in made.problems)
    assert made.count == text.count("{=a ~b}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Q {#=5 =%50%6}", "left out: 6"),
        ("Q {#=5#đúng ~#sai}", "feedback of its answers was left out"),
        ("Q {=a =%0%*#sai}", "the feedback for “…”"),
        ("Q {=a…b}", "stands for anything here"),
        ("Q {~%50%a ~%25%b}", "added up to 75%"),
        ("Q {~%100%a ~%100%b}", "added up to 200%"),
        ("[markdown]a <b>c</b> {T}", "HTML"),
    ],
)
def test_what_is_lost_is_told(text, words):
    made = taken(f"::T::{text}")
    assert made.count == 1
    assert [problem for problem in made.problems if words in problem.text()], made.problems


@pytest.mark.parametrize(
    ("inner", "kind", "words"),
    [
        ("<attachments>1</attachments>", "essay", "files that could be handed in"),
        ("<responseformat>noinline</responseformat><filetypeslist>document,.pdf</filetypeslist>", "essay", "left out: document"),
        ("<responseformat>noinline</responseformat><attachments>50</attachments>", "essay", "at most 10 files"),
        ("<graderinfo><text>x</text></graderinfo>", "essay", "those who mark"),
        ("<defaultgrade>0</defaultgrade>", "essay", "0 points became 1"),
        (answer(100, 1) + "<units><unit><unit_name>m</unit_name></unit><unit><multiplier>1000</multiplier><unit_name>km</unit_name></unit></units>", "numerical", "left out: km"),
        ("<hint><text>a</text></hint><hint><text>b</text></hint>", "essay", "one hint"),
        ("<penalty>0.5</penalty>", "essay", "penalty"),
    ],
)  # fmt: skip
def test_what_moodle_xml_says_and_we_cannot_is_told(inner, kind, words):
    made = taken(quiz(kind, inner), "moodlexml")
    assert made.count == 1
    assert [problem for problem in made.problems if words in problem.text()], made.problems


@pytest.mark.parametrize(
    ("info", "points", "rubric"),
    [
        ("- 4 điểm: a\n- 6 điểm: b", 10, "\n\nThang điểm:\n\n- 4 điểm: a\n- 6 điểm: b"),
        (
            "&lt;ul&gt;&lt;li&gt;2,5 points: a&lt;/li&gt;&lt;li&gt;0,5 đ: b&lt;/li&gt;&lt;/ul&gt;",
            3,
            "\n\nThang điểm:\n\n- 2,5 điểm: a\n- 0,5 điểm: b",
        ),
        ("- 4 điểm: a\n- 6 điểm: b", 5, ""),
        ("- 4 điểm: a\nChấm kỹ", 4, ""),
    ],
)
def test_points_for_those_who_mark_become_a_rubric_where_they_add_up(info, points, rubric):
    markup = ' format="markdown"' if "&" not in info else ""
    inner = f"<defaultgrade>{points}</defaultgrade><graderinfo{markup}><text>{info}</text></graderinfo>"
    made = taken(quiz("essay", inner), "moodlexml")
    assert made.text.rstrip("\n").endswith(f"Trả lời: tự luận{rubric}")
    assert bool(rubric) is not any("those who mark" in problem.text() for problem in made.problems)


def test_gaps_that_differ_from_ours_are_told():
    made = taken(quiz("cloze", text="{1:SA:=a~%50%b#f} {2:SAC:=c}"), "moodlexml")
    said = " ".join(problem.text() for problem in made.problems)
    assert made.count == 1
    assert all(
        words in said
        for words in ("left out: b", "different points", "lower case now differ", "feedback of its answers")
    )


def test_a_gap_with_several_right_words_is_left_out_by_name():
    made = taken(quiz("cloze", text="{1:MR:=a~=b~c}"), "moodlexml")
    assert (made.text, made.count) == ("", 0)
    assert "several right words" in made.problems[0].text()


def picture(name, data, folder="/"):
    return Attachment(name=name, folder=folder, data=data)


def test_files_come_along_once_each_under_plain_names():
    text = (
        "![a](@@PLUGINFILE@@/%E1%BA%A2nh%20M%E1%BB%9Bi.PNG) ![b](@@PLUGINFILE@@/x/b.png) ![c](@@PLUGINFILE@@/fehlt.png)"
    )
    files = (picture("Ảnh Mới.PNG", b"1"), picture("b.png", b"2", "/x/"))
    one = ExchangeQuestion(
        type=Type.TRUE_FALSE,
        name="T",
        text=Text(text=text, markup=Markup.MARKDOWN, files=files),
        correct=True,
        feedback_if_true=Text(
            text="<img src='@@PLUGINFILE@@/b.png' alt='b'>", markup=Markup.HTML, files=(picture("b.png", b"3"),)
        ),
        general_feedback=Text(text="<img alt='d' src='data:image/png;base64,MQ=='>", markup=Markup.HTML),
    )
    made = course_text([one], media="../media")
    assert made.files == {"../media/anh-moi.png": b"1", "../media/b.png": b"2", "../media/b-2.png": b"3"}
    assert "![a](../media/anh-moi.png) ![b](../media/b.png) ![c](@@PLUGINFILE@@/fehlt.png)" in made.text
    assert "![b](../media/b-2.png)" in made.text
    assert "![d](../media/anh-moi.png)" in made.text


@pytest.mark.parametrize(
    ("text", "stem"),
    [
        ("# Tựa\nQ\n- a\n  - b\n1. c\n> d", "**Tựa**\nQ\n - a\n   - b\n 1. c\n > d"),
        ("```\n# x\n- [x] y\n```\nQ", "```\n# x\n- [x] y\n```\nQ"),
        ("- [x] a\n\nĐáp án: b\n\n[[c]] {{d}} [@e]", "- \\[x] a\n\nĐáp án&#58; b\n\n\\[\\[c]] \\{\\{d}} [&#64;e]"),
        ("```\nkhông đóng", "```\nkhông đóng\n```"),
    ],
)
def test_markdown_of_elsewhere_means_the_same_here(text, stem):
    one = ExchangeQuestion(type=Type.TRUE_FALSE, name="T", text=Text(text=text, markup=Markup.MARKDOWN), correct=True)
    made = course_text([one])
    assert made.text == f"## T {{#t}}\n{stem}\n\n- [x] Đúng\n- [ ] Sai\n"
    assert errors(course(made.text)[1]) == []


def test_an_order_of_steps_can_be_held():
    steps = tuple(Text(text=text, markup=Markup.PLAIN) for text in ("một", "hai"))
    one = ExchangeQuestion(type=Type.ORDERING, name="T", text=Text(text="Q", markup=Markup.PLAIN), steps=steps)
    made = course_text([one])
    assert made.text == "## T {#t}\nQ\n\n1. một\n2. hai\n"
    assert one.to_json()["steps"] == ["một", "hai"]


@settings(deadline=None)
@given(gift_questions())
def test_whatever_gift_says_becomes_ours_or_is_left_out_by_name(question):
    holds(question)


@settings(deadline=None)
@given(xml_questions())
def test_whatever_moodle_xml_says_becomes_ours_or_is_left_out_by_name(question):
    holds(question)


def holds(question):
    """A course takes the text as one question of its type; or there is none, and a word why."""
    made = course_text([question])
    assert made.count or made.problems or question.type is Type.DESCRIPTION
    if made.count:
        asked, problems = course(made.text, made.files)
        told_by_the_check = ("has no text", "picture", "there is no file", "stands twice")
        assert [text for text in errors(problems) if not any(words in text for words in told_by_the_check)] == []
        assert [one.kind for one in asked] in ([question.type.value], ["true_false"])


# Out of a course


ALL_TYPES = """
## Một {#mot .a .b points=2}
Ảnh ![sơ đồ](../media/so-do.png), đọc [bài](../bai/1.md), {{ten}} và [@nd1].

- [x] đúng
  > tốt
- [50%] gần
- [ ] sai

> Gợi ý: nhìn *kỹ*

> Vì thế.

## Nhiều {#nhieu shuffle=no}
Q1

- [x] a
- [x] b
- [x] c
- [-50%] d
- [ ] e

## Đúng sai {#ds}
Q2

- [ ] Đúng
- [x] Sai
  > ừ

## Chữ {#chu case=yes}
Q3

Đáp án:

- “a … *b*”
- [80%] “c”

## Số {#so}
Q4

Đáp án: 18..22,5 mm

## Ghép {#ghep}
Q5

- a \\-> b -> 1
- c -> 2
- -> 3

## Thứ tự {#thu-tu}
Q6

1. một
2. hai

## Chỗ trống {#cho points=6}
[[Hà Nội | Ha…Noi]], [[*a~b* | c}]], [[9 ± 0,5]]

## Luận {#luan points=10}
Q7

Trả lời: tự luận, 100–500 từ

Thang điểm:

- 4 điểm: căn cứ
- 6 điểm: quy trình

## Tệp {#tep}
Q8

Trả lời: tệp .pdf .docx, tối đa 2 tệp, 5 MB
"""


def out():
    asked, problems = course(ALL_TYPES)
    assert len(asked) == 10, [str(problem) for problem in problems]
    files = {"media/so-do.png": b"\x89PNG", "bai/1.md": b"x"}
    return [exchanged(question, path="kiem-tra/thi.md", files=files) for question in asked]


def test_every_type_goes_out_as_what_it_is():
    said = [one.to_json() for one, _ in out()]
    expected = json.loads(Path("tests/samples/course/all-types.json").read_text("utf-8"))
    assert said == expected


def test_what_only_our_courses_say_is_told():
    told = [(problem.text(), problem.line) for _, problems in out() for problem in problems]
    assert [text for text, _ in told] == [
        "question “Một”: elsewhere these are shown as they are written: {{ten}}, [@nd1]",
        "question “Một”: elsewhere there is no “bai/1.md”; its link became plain text",
    ]
    assert {line for _, line in told} == {8}


@pytest.mark.parametrize(
    ("name", "kept", "lost"),
    [("moodlexml", 9, {"ordering"}), ("gift", 7, {"ordering", "cloze", "file"}), ("aiken", 1, None)],
)
def test_what_a_format_has_no_type_for_is_left_out_by_name(name, kept, lost):
    data, problems = FORMATS[name].write(one for one, _ in out())
    assert len(FORMATS[name].read(data, "")[0]) == kept
    types = {problem.values["type"] for problem in problems if "type" in problem.values}
    assert lost is None or types == lost


def test_a_quiz_comes_back_from_moodle_xml_as_it_went():
    data, _ = moodle_xml.write(one for one, _ in out())
    made = course_text(moodle_xml.read(data)[0])
    went = [question for question in course(ALL_TYPES)[0] if question.kind != "ordering"]
    came = course(made.text, made.files)[0]
    assert [one.kind for one in came] == [one.kind for one in went]
    assert [(one.id, one.title, one.points, one.tags, one.explanation, one.hint) for one in came] == [
        (one.id, one.title, one.points, one.tags, one.explanation, one.hint) for one in went
    ]
    same = [write.question(one) for one in came]
    assert [text for text in same if text in ALL_TYPES] == [text for text in same if not re.match("## (Một|Số)", text)]


def test_gaps_go_out_with_points_that_moodle_takes():
    asked, _ = course("## C {#c points=3}\n[[a]] [[b]]\n")
    one, problems = exchanged(asked[0])
    assert one.text.text == "{1:SHORTANSWER:=a} {1:SHORTANSWER:=b}"
    assert one.points == Decimal(2)
    assert ["3 points became 2" in problem.text() for problem in problems] == [True]


def test_pairs_hints_and_weights_of_ours_are_those_of_moodle():
    one = ExchangeQuestion(
        type=Type.MATCHING,
        text=Text(text="Q", markup=Markup.MARKDOWN),
        pairs=tuple(Pair(left=Text(text=x, markup=Markup.MARKDOWN), right=x) for x in "ab"),
        hints=(Hint(text=Text(text="h", markup=Markup.MARKDOWN)),),
    )
    data, _ = moodle_xml.write([one])
    assert moodle_xml.read(data)[0][0].pairs == one.pairs
    three = ExchangeQuestion(
        type=Type.MULTIPLE_CHOICE,
        text=Text(text="Q", markup=Markup.PLAIN),
        answers=tuple(Answer(text=Text(text=x, markup=Markup.PLAIN), weight=Decimal("33.33333")) for x in "abc"),
    )
    assert gift.write([three])[1] == []
