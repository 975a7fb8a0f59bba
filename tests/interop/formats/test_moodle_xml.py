"""Moodle XML: what each element means, what old files have, and what is never let in."""

import base64

import pytest

from lms.interop.formats import moodle_xml


def read(text):
    return moodle_xml.read(text.encode() if isinstance(text, str) else text, "de.xml")


def quiz(kind, inner="", name="T", text="Q"):
    head = f"<name><text>{name}</text></name>" if name else ""
    body = f"<questiontext><text>{text}</text></questiontext>" if text is not None else ""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n<question type="{kind}">{head}{body}{inner}</question>\n</quiz>\n'


SILENT = {"name": "T", "text": "Q", "format": "html", "points": 1}


def one(text):
    """The question as JSON, without what every one of them has."""
    found, problems = read(text)
    assert not [str(problem) for problem in problems if problem.is_error]
    (question,) = found
    return {key: value for key, value in question.to_json().items() if SILENT.get(key) != value}


def answer(fraction, text, more=""):
    return f'<answer fraction="{fraction}"><text>{text}</text>{more}</answer>'


TWO = answer(100, "a") + answer(0, "b")
A_B = [{"text": "a", "weight": 100}, {"text": "b", "weight": 0}]
CHOICE = {"type": "single_choice", "answers": A_B, "shuffle": False}
ESSAY = {"type": "essay", "response": {"editor": "editor", "required": True}}


@pytest.mark.parametrize(
    ("kind", "inner", "expected"),
    [
        ("description", "", {"type": "description", "points": 0}),
        ("description", "<defaultgrade>1</defaultgrade>", {"type": "description", "points": 0}),
        ("multichoice", TWO, CHOICE),
        ("multichoice", f"{TWO}<single>true</single><shuffleanswers>true</shuffleanswers>", CHOICE | {"shuffle": True}),
        ("multichoice", f"{TWO}<single>1</single><shuffleanswers>0</shuffleanswers>", CHOICE),
        ("multichoice", f"{TWO}<single>false</single>", CHOICE | {"type": "multiple_choice"}),
        ("multichoice", f"{TWO}<single>0</single>", CHOICE | {"type": "multiple_choice"}),
        ("multichoice", f"{TWO}<answernumbering>ABCD</answernumbering>", CHOICE | {"numbering": "ABCD"}),
        (
            "multichoice",
            "<single>false</single>"
            + "".join(answer("33.33333", x) for x in "abc")
            + answer("-33.33333", "d", "<feedback><text>f</text></feedback>"),
            {
                "type": "multiple_choice",
                "shuffle": False,
                "answers": [{"text": x, "weight": 33.33333} for x in "abc"]
                + [{"text": "d", "weight": -33.33333, "feedback": "f"}],
            },
        ),
        (
            "multichoice",
            (
                f"{TWO}<correctfeedback><text>c</text></correctfeedback><partiallycorrectfeedback><text>p</text></partiallycorrectfeedback>"
                "<incorrectfeedback><text>i</text></incorrectfeedback><shownumcorrect/>"
            ),
            CHOICE | {"correct_feedback": "c", "partially_correct_feedback": "p", "incorrect_feedback": "i"},
        ),
        (
            "truefalse",
            answer(100, "true", "<feedback><text>đúng</text></feedback>")
            + answer(0, "false", "<feedback><text>sai</text></feedback>"),
            {"type": "true_false", "correct": True, "feedback_if_true": "đúng", "feedback_if_false": "sai"},
        ),
        ("truefalse", answer(100, "false") + answer(0, "true"), {"type": "true_false", "correct": False}),
        ("truefalse", answer(0, "True") + answer(100, "False"), {"type": "true_false", "correct": False}),
        ("truefalse", answer(0, "Richtig") + answer(100, "Falsch"), {"type": "true_false", "correct": False}),
        (
            "shortanswer",
            answer(100, "a*") + answer("50", r"\*"),
            {
                "type": "short_text",
                "answers": [{"text": "a*", "weight": 100}, {"text": r"\*", "weight": 50}],
                "case_sensitive": False,
            },
        ),
        (
            "shortanswer",
            answer(100, "a") + "<usecase>1</usecase>",
            {"type": "short_text", "answers": [{"text": "a", "weight": 100}], "case_sensitive": True},
        ),
        (
            "numerical",
            answer(100, "3.14", "<tolerance>0.01</tolerance>") + answer(0, "*", "<feedback><text>f</text></feedback>"),
            {
                "type": "numeric",
                "answers": [
                    {"value": 3.14, "tolerance": 0.01, "weight": 100},
                    {"value": "*", "weight": 0, "feedback": "f"},
                ],
            },
        ),
        (
            "numerical",
            "<answer>-1e-3<fraction>0.5</fraction><tolerance></tolerance></answer>" + answer(100, 0),
            {
                "type": "numeric",
                "answers": [
                    {"value": -0.001, "tolerance": 0, "weight": 50},
                    {"value": 0, "tolerance": 0, "weight": 100},
                ],
            },
        ),
        (
            "numerical",
            answer(100, 5)
            + "<units><unit><multiplier>1</multiplier><unit_name>m</unit_name></unit>"
            + "<unit><multiplier>0.001</multiplier><unit_name>km</unit_name></unit></units><showunits>0</showunits>",
            {
                "type": "numeric",
                "answers": [{"value": 5, "tolerance": 0, "weight": 100}],
                "units": [{"name": "m", "multiplier": 1}, {"name": "km", "multiplier": 0.001}],
            },
        ),
        (
            "matching",
            (
                '<subquestion format="plain_text"><text>a</text><answer><text>1</text></answer></subquestion>'
                "<subquestion><text></text><answer><text>3</text></answer></subquestion>"
                "<subquestion><text>b</text><answer><text>2</text></answer></subquestion>"
            ),
            {
                "type": "matching",
                "pairs": [["a", "1"], ["b", "2"]],
                "pair_formats": ["plain", "html"],
                "distractors": ["3"],
                "shuffle": True,
            },
        ),
        (
            "match",
            "<subquestion><text>a</text><answer><text>1</text></answer></subquestion>" * 2
            + "<shuffleanswers>false</shuffleanswers>",
            {"type": "matching", "pairs": [["a", "1"], ["a", "1"]], "shuffle": False},
        ),
        ("essay", "", ESSAY),
        (
            "essay",
            (
                "<responseformat>editorfilepicker</responseformat><responserequired>0</responserequired><minwordlimit>10</minwordlimit>"
                "<maxwordlimit>20</maxwordlimit><attachments>-1</attachments><attachmentsrequired>1</attachmentsrequired>"
                "<filetypeslist>.pdf,.docx</filetypeslist><maxbytes>1000</maxbytes><responsefieldlines>15</responsefieldlines>"
                '<graderinfo format="html"><text>g</text></graderinfo><responsetemplate><text>t</text></responsetemplate>'
            ),
            {
                "type": "essay",
                "response": {
                    "editor": "editorfilepicker",
                    "required": False,
                    "lines": 15,
                    "least_words": 10,
                    "most_words": 20,
                    "files": -1,
                    "files_required": 1,
                    "file_types": ".pdf,.docx",
                    "most_bytes": 1000,
                    "grader_info": "g",
                    "template": "t",
                },
            },
        ),
        (
            "essay",
            "<responseformat>noinline</responseformat><attachments>2</attachments>",
            {"type": "file", "response": {"editor": "noinline", "required": True, "files": 2}},
        ),
        # What every type has
        ("essay", "<defaultgrade>2.5000000</defaultgrade>", ESSAY | {"points": 2.5}),
        ("essay", "<defaultgrade>0</defaultgrade>", ESSAY | {"points": 0}),
        ("essay", "<penalty>0.33</penalty>", ESSAY | {"penalty": 0.3333333}),
        ("essay", "<penalty>0.1</penalty><hidden>1</hidden>", ESSAY | {"penalty": 0.1, "hidden": True}),
        ("essay", "<idnumber> x-1 </idnumber>", ESSAY | {"id": "x-1"}),
        (
            "essay",
            "<tags><tag><text>a</text></tag><tag><text>b</text></tag></tags><coursetags><tag><text>a</text></tag></coursetags>",
            ESSAY | {"tags": ["a", "b"]},
        ),
        (
            "essay",
            '<generalfeedback format="markdown"><text>g</text></generalfeedback>',
            ESSAY | {"general_feedback": "g", "general_feedback_format": "markdown"},
        ),
        (
            "essay",
            (
                "<hint><text>h1</text><shownumcorrect/><clearwrong/></hint><hint><text></text></hint>"
                "<hint><hintcontent><text>h2</text></hintcontent></hint>"
            ),
            ESSAY | {"hints": ["h1", "h2"]},
        ),
    ],
)
def test_an_element_means_what_moodle_means_by_it(kind, inner, expected):
    assert one(quiz(kind, inner)) == expected


@pytest.mark.parametrize(
    ("attribute", "shown"),
    [
        ("", "html"),
        (' format="html"', "html"),
        (' format="moodle_auto_format"', "moodle"),
        (' format="plain_text"', "plain"),
        (' format="markdown"', "markdown"),
        (' format="wiki_like"', "plain"),
        (' format="khác"', "html"),
    ],
)
def test_markup_is_named_and_inherited(attribute, shown):
    text = quiz("multichoice", TWO + "<generalfeedback><text>g</text></generalfeedback>").replace(
        "<questiontext>", f"<questiontext{attribute}>"
    )
    found, problems = read(text)
    said = found[0].to_json()
    assert said["format"] == shown
    assert "format" not in said["answers"][0]
    assert "general_feedback_format" not in said
    assert [problem.line for problem in problems] == ([3] if "wiki" in attribute or "khác" in attribute else [])


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("<![CDATA[<p>a</p>]]>", "<p>a</p>"),
        ("<![CDATA[a]]]]><![CDATA[>b]]>", "a]]>b"),
        ("&lt;p&gt; &amp;nbsp; &#272;", "<p> &nbsp; Đ"),
        ("a &amp; b", "a & b"),
        ("\n  a\n b  \n", "a\n b"),
        ("\u00a0a\u00a0", "\u00a0a\u00a0"),
    ],
)
def test_texts_are_what_xml_means(written, text):
    assert one(quiz("description", text=written))["text"] == text
    assert one(quiz("description", name=written))["name"] == text


def test_categories_hold_for_the_questions_after_them():
    category = '<question type="category"><category><text>{}</text></category></question>'
    found, problems = read(
        "<quiz>"
        '<question type="description"><questiontext><text>1</text></questiontext></question>'
        + category.format("$course$/top/A//B/C")
        + '<question type="description"><questiontext><text>2</text></questiontext></question>'
        + '<question type="category"><category>D</category><info><text>i</text></info></question>'
        + '<question type="description"><questiontext><text>3</text></questiontext></question></quiz>'
    )
    assert [question.category for question in found] == [(), ("A/B", "C"), ("D",)]
    assert ["description of the category “D”" in problem.text() for problem in problems] == [True]


PICTURE = base64.b64encode(b"\x89PNG").decode()


def test_files_come_with_the_text_that_shows_them():
    file = f'<file name="sơ đồ.png" path="/" encoding="base64">{PICTURE[:3]}\n{PICTURE[3:]}</file>'
    text = '<![CDATA[<img src="@@PLUGINFILE@@/s%C6%A1%20%C4%91%E1%BB%93.png">]]></text>' + file
    found, problems = read(
        quiz(
            "multichoice", TWO.replace("<text>b</text>", "<text>b</text>" + file.replace("sơ đồ", "b")), text=text
        ).replace("</file></text>", "</file>")
    )
    assert problems == []
    assert found[0].text.files[0].data == b"\x89PNG"
    assert found[0].to_json()["files"] == [
        {"name": "sơ đồ.png", "folder": "/", "size": 4},
        {"name": "b.png", "folder": "/", "size": 4},
    ]


def test_a_picture_of_an_old_file_is_shown_where_it_belongs():
    said = one(quiz("description", f"<image>a/b.png</image><image_base64>{PICTURE}</image_base64>"))
    assert said["text"] == 'Q <img src="@@PLUGINFILE@@/a_b.png" />'
    assert said["files"] == [{"name": "a_b.png", "folder": "/", "size": 4}]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "no question"),
        ("  \n", 1, "no question"),
        ("<quiz></quiz>", 1, "no question"),
        ("Q?\nA) x", 1, "XML is broken"),
        ("<html>\n</html>", 1, "<html>"),
        ("<quiz>\n<question type='essay'>\n</quiz>", 3, "XML is broken"),
        ("<quiz>\n<question type='essay'>&nbsp;</question></quiz>", 2, "&…;"),
        ("<quiz>\n<question type='essay'><name>a & b</name></question></quiz>", 2, "XML is broken"),
        (b"<quiz>\n<question type='essay'><name><text>\xff</text></name></question></quiz>", 2, "not UTF-8"),
        ('<?xml version="1.0" encoding="tam-ky"?>\n<quiz/>', 1, "encoding"),
        ("<quiz>" + "<a>" * 30, 1, "deeper"),
        (quiz("multichoice", TWO, text="<p>a</p>"), 3, "CDATA"),
        (quiz("multichoice", answer(100, "a")), 3, "only one answer"),
        (quiz("multichoice", f"\n{TWO}\n" + answer(150, "x")), 5, "share of the points"),
        (quiz("multichoice", f"\n{TWO}\n" + answer("nửa", "x")), 5, "share of the points"),
        (quiz("multichoice", f"\n{TWO}\n" + answer(50, "")), 5, "no text"),
        (quiz("truefalse", answer(100, "true") + answer(100, "false")), 3, "exactly one"),
        (quiz("truefalse"), 3, "exactly one"),
        (quiz("shortanswer"), 3, "no answer"),
        (quiz("numerical", answer(100, "ba")), 3, "not a number"),
        (quiz("numerical", answer(100, "3,14")), 3, "not a number"),
        (quiz("numerical", answer(100, 3, "\n<tolerance>x</tolerance>")), 4, "not a number"),
        (
            quiz("matching", "<subquestion><text>a</text><answer><text>1</text></answer></subquestion>"),
            3,
            "only one pair",
        ),
        (quiz("matching", "\n<subquestion><text>a</text></subquestion>"), 4, "nothing is matched"),
        (quiz("essay", "\n<defaultgrade>hai</defaultgrade>"), 4, "not a number"),
        (quiz("essay", "<defaultgrade>-1</defaultgrade>"), 3, "less than 0"),
        (quiz("cloze"), 3, "no gap"),
        (quiz("cloze", text="a\n{1:SA:=x"), 4, "not closed"),
        (quiz("cloze", text="a\n\n{1:NM:=ba}"), 5, "not a number"),
        (quiz("cloze", text="{1:SA:x}"), 3, "no right answer"),
        (quiz("cloze", text="{1:MC:=x}"), 3, "at least two"),
        (quiz("cloze", text="{1:SA:=}"), 3, "empty answer"),
        (
            quiz("essay", '\n<generalfeedback><text>g</text><file name="../a">eA==</file></generalfeedback>'),
            4,
            "name for a file",
        ),
        (
            quiz("essay", '\n<generalfeedback><text>g</text><file name="a" path="/../">eA==</file></generalfeedback>'),
            4,
            "name for a file",
        ),
        (quiz("essay", '\n<generalfeedback><text>g</text><file name="a">e*</file></generalfeedback>'), 4, "damaged"),
        (
            quiz("essay", '\n<generalfeedback><text>g</text><file name="a" encoding="x">eA</file></generalfeedback>'),
            4,
            "base64",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_and_nothing_is_taken(text, line, words):
    found, problems = read(text)
    assert found == ()
    errors = [(problem.line, problem.text()) for problem in problems if problem.is_error]
    assert [(errors[0][0], words in errors[0][1])] == [(line, True)], errors


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE quiz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE quiz SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE quiz [<!ENTITY % x SYSTEM "http://a.invalid/x.dtd"> %x;]>',
        "<!DOCTYPE quiz>",
    ],
)
def test_a_document_type_is_refused_where_it_begins(doctype):
    found, problems = read(f'<?xml version="1.0"?>\n{doctype}\n<quiz><question type="essay"/></quiz>')
    assert found == ()
    assert [(problem.line, "document type" in problem.text()) for problem in problems] == [(2, True)]


@pytest.mark.parametrize(
    "kind", ["calculated", "calculatedmulti", "ddwtos", "ddmarker", "gapselect", "ordering", "stack"]
)
def test_a_type_that_is_not_ours_is_left_out_by_name_and_line(kind):
    text = quiz("essay").replace("</quiz>", f'<question type="{kind}"><name><text>Lạ</text></name></question></quiz>')
    found, problems = read(text)
    assert len(found) == 1
    assert [(problem.line, problem.level.value) for problem in problems] == [(4, "warning")]
    assert kind in problems[0].text()
    assert "Lạ" in problems[0].text()


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (quiz("essay", "\n<lạ>x</lạ>"), 4, "<lạ>"),
        (quiz("essay").replace("</quiz>", "<lạ/></quiz>"), 4, "<lạ>"),
        (quiz("essay", text=""), 3, "no text"),
        (quiz("multichoice", answer(50, "a") + answer(0, "b")), 3, "worth all points"),
        (quiz("multichoice", answer(0, "a") + answer(0, "b")), 3, "no right answer"),
        (quiz("multichoice", TWO + "\n" + answer(0, "")), 4, "empty answer"),
        (quiz("essay", text="<![CDATA[\n<img src='@@PLUGINFILE@@/a.png'>]]>"), 4, "did not come"),
        (quiz("essay", "\n<image>a.png</image>"), 4, "not in the file"),
        (quiz("cloze", "<defaultgrade>5</defaultgrade>", text="{2:SA:=x}"), 3, "2 points"),
        (quiz("numerical", answer(100, 1) + "<unitgradingtype>1</unitgradingtype>"), 3, "unit"),
    ],
)
def test_what_is_not_taken_is_told(text, line, words):
    found, problems = read(text)
    assert found
    assert [(problem.line, words in problem.text()) for problem in problems] == [(line, True)]


def test_lines_are_right_in_a_long_file():
    many = quiz("essay", "\n" * 70_000).replace("</quiz>", "\n<question type='stack'/></quiz>")
    assert read(many)[1][0].line == 70_005


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_an_encoding_that_the_file_names_is_followed(encoding):
    text = quiz("description", text="é").replace("UTF-8", encoding.removesuffix("-sig"))
    assert one(text.encode(encoding))["text"] == "é"


# Gaps


def gaps(text):
    said = one(quiz("cloze", text=f"<![CDATA[{text}]]>"))
    assert said["text"] == text
    return said.get("points", 1), said["gaps"]


def words(*rows):
    return [dict(zip(("text", "weight", "feedback"), row, strict=False)) for row in rows]


@pytest.mark.parametrize(
    ("text", "kind", "answers", "more"),
    [
        ("{1:SHORTANSWER:=a}", "short_text", words(("a", 100)), {"case_sensitive": False}),
        ("{:SA:%100%a~%50%b#nửa~*#sai}", "short_text", words(("a", 100), ("b", 50, "nửa"), ("*", 0, "sai")), {"case_sensitive": False}),
        ("{1:MW:=a}", "short_text", words(("a", 100)), {"case_sensitive": False}),
        ("{1:SHORTANSWER_C:=a}", "short_text", words(("a", 100)), {"case_sensitive": True}),
        ("{1:SAC:=a}", "short_text", words(("a", 100)), {"case_sensitive": True}),
        ("{1:MWC:=a}", "short_text", words(("a", 100)), {"case_sensitive": True}),
        ("{1:MC:=a~b}", "single_choice", words(("a", 100), ("b", 0)), {"shuffle": False, "layout": "dropdown"}),
        ("{1:MULTICHOICE_VS:=a~b}", "single_choice", words(("a", 100), ("b", 0)), {"shuffle": True, "layout": "vertical"}),
        ("{1:MCV:=a~b}", "single_choice", words(("a", 100), ("b", 0)), {"shuffle": False, "layout": "vertical"}),
        ("{1:MCHS:=a~b}", "single_choice", words(("a", 100), ("b", 0)), {"shuffle": True, "layout": "horizontal"}),
        ("{1:MR:=a~=b~c}", "multiple_choice", words(("a", 50), ("b", 50), ("c", 0)), {"shuffle": False, "layout": "vertical"}),
        ("{1:MULTIRESPONSE_HS:=a~%50%b~%-50%c}", "multiple_choice", words(("a", 66.66667), ("b", 33.33333), ("c", -50)), {"shuffle": True, "layout": "horizontal"}),
        ("{1:NUMERICAL:=3.14:0.01#f}", "numeric", [{"value": 3.14, "tolerance": 0.01, "weight": 100, "feedback": "f"}], {}),
        ("{1:NM:=-1,5~%50%*}", "numeric", [{"value": -1.5, "tolerance": 0, "weight": 100}, {"value": "*", "weight": 50}], {}),
        (r"{1:SA:=\}\~\#x\\#f\}\#}", "short_text", words((r"}~#x\#f}#", 100)), {"case_sensitive": False}),
        ("{1:SA:=a &lt; &#1085; &amp; b#x &gt; y}", "short_text", words(("a < н & b", 100, "x > y")), {"case_sensitive": False}),
        ("{1:SA:=%50%}", "short_text", words(("%50%", 100)), {"case_sensitive": False}),
        ("{1:SA:%33,5%a~=b}", "short_text", words(("a", 33.5), ("b", 100)), {"case_sensitive": False}),
    ],
)  # fmt: skip
def test_a_gap_is_read_as_it_is_meant(text, kind, answers, more):
    assert gaps(f"Trước {text} sau.") == (1, [{"type": kind, "points": 1, "answers": answers, **more}])


def test_the_gaps_together_are_worth_the_points():
    points, found = gaps("{2:SA:=a} {SA} {:SA:=b}\n{0:SA:=c}{3:NM:=1}")
    assert points == 6
    assert [gap.get("points") for gap in found] == [2, 1, 0, 3]


def test_a_gap_of_a_plug_in_is_left_out_by_name():
    text = quiz("cloze", text="a\n{1:REGEXP:=x}").replace("</quiz>", quiz("essay").split("<quiz>")[1])
    found, problems = read(text)
    assert [question.type.value for question in found] == ["essay"]
    assert [(problem.line, "REGEXP" in problem.text()) for problem in problems] == [(4, True)]
