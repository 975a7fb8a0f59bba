"""GIFT as people write it: every escape, sign and ending, and every mistake with its line."""

import pytest

from lms.interop.formats import gift


def read(text):
    data = text.encode() if isinstance(text, str) else text
    return gift.read(data, "de.gift")


def understood(text):
    """The questions as JSON, without what every one of them has."""
    found, problems = read(text)
    assert not [str(problem) for problem in problems if problem.is_error]
    silent = {"format": "moodle", "points": 1}
    return [{key: value for key, value in one.to_json().items() if silent.get(key) != value} for one in found]


def one(text):
    (found,) = understood(text)
    return found


def answers(*rows):
    keys = ("text", "weight", "feedback")
    return [dict(zip(keys, row, strict=False)) for row in rows]


CHOICE = {"type": "single_choice", "text": "Q"}
TRUE = {"type": "true_false", "text": "Q", "correct": True}
FALSE = {"type": "true_false", "text": "Q", "correct": False}
TYPED = {"type": "short_text", "text": "Q", "case_sensitive": False}
ESSAY = {"type": "essay", "text": "Q"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Types, in the order in which they are asked for
        ("Chỉ là lời dẫn", {"type": "description", "text": "Chỉ là lời dẫn", "points": 0}),
        ("Q {}", ESSAY),
        ("Q { }", ESSAY),
        ("Q {####g}", ESSAY | {"general_feedback": "g"}),
        ("Q {=a ~b}", CHOICE | {"answers": answers(("a", 100), ("b", 0))}),
        ("Q {~a =b ~c}", CHOICE | {"answers": answers(("a", 0), ("b", 100), ("c", 0))}),
        ("Q {=a =b ~c}", CHOICE | {"answers": answers(("a", 100), ("b", 100), ("c", 0))}),
        (
            "Q {~%50%a ~%50%b ~%-100%c ~d}",
            {"type": "multiple_choice", "text": "Q", "answers": answers(("a", 50), ("b", 50), ("c", -100), ("d", 0))},
        ),
        (
            "Q {~%33.33333%a ~%33.33333%b ~%33.33333%c}",
            {"type": "multiple_choice", "text": "Q", "answers": answers(*((x, 33.33333) for x in "abc"))},
        ),
        ("Q {T}", TRUE),
        ("Q {TRUE}", TRUE),
        ("Q {F}", FALSE),
        ("Q {\nFALSE\n}", FALSE),
        (
            "Q {T#khi sai#khi đúng####chung}",
            TRUE | {"feedback_if_true": "khi đúng", "feedback_if_false": "khi sai", "general_feedback": "chung"},
        ),
        ("Q {F#khi sai#khi đúng}", FALSE | {"feedback_if_true": "khi sai", "feedback_if_false": "khi đúng"}),
        ("Q {T##đúng}", TRUE | {"feedback_if_true": "đúng"}),
        ("Q {=a}", TYPED | {"answers": answers(("a", 100))}),
        ("Q {a}", TYPED | {"answers": answers(("a", 100))}),
        ("Q {0}", TYPED | {"answers": answers(("0", 100))}),
        ("Q {true}", TYPED | {"answers": answers(("true", 100))}),
        (
            r"Q {=a =%50%b*#nửa =%0%\*}",
            TYPED | {"answers": answers(("a", 100), ("b*", 50, "nửa"), (r"\*", 0))},
        ),
        ("Q {=a -> 1 =b -> 2}", {"type": "matching", "text": "Q", "pairs": [["a", "1"], ["b", "2"]]}),
        (
            "Q {=a->1\n= -> 3\n=[html]b -> 2}",
            {
                "type": "matching",
                "text": "Q",
                "pairs": [["a", "1"], ["b", "2"]],
                "pair_formats": ["moodle", "html"],
                "distractors": ["3"],
            },
        ),
        # The blank at the start, in the middle, at the end
        ("{=a ~b} là Q", CHOICE | {"text": "_____ là Q", "answers": answers(("a", 100), ("b", 0))}),
        ("Q {=a ~b} là", CHOICE | {"text": "Q _____ là", "answers": answers(("a", 100), ("b", 0))}),
        ("Q {=a ~b}.", CHOICE | {"text": "Q _____.", "answers": answers(("a", 100), ("b", 0))}),
        # What only looks like a sign
        ("Q -> R {=a ~b}", CHOICE | {"text": "Q -> R", "answers": answers(("a", 100), ("b", 0))}),
        (
            "50% = 1.5 # ~ ? {=50% ~60%}",
            CHOICE | {"text": "50% = 1.5 # ~ ?", "answers": answers(("50%", 100), ("60%", 0))},
        ),
        ("[lạ] Q {=[x]a ~[HTML]b}", CHOICE | {"text": "[lạ] Q", "answers": answers(("[x]a", 100), ("[HTML]b", 0))}),
        ("Q {=%50%a ~b}", CHOICE | {"answers": answers(("%50%a", 100), ("b", 0))}),
        # Escapes, in each place where they may stand
        (
            r"::a\:\:b:: \#\=\{\}\~\: {=\#\=\{\}\~\:#\#\=\{\}\~\: ~\\n\n.}",
            {
                "type": "single_choice",
                "name": "a::b",
                "text": "#={}~:",
                "answers": answers(("#={}~:", 100, "#={}~:"), ("\\n\n.", 0)),
            },
        ),
        (r"Q {=a\\#b ~c}", CHOICE | {"answers": answers(("a\\", 100, "b"), ("c", 0))}),
        (r"\LaTeX $\frac\{1\}\{2\}$ {}", ESSAY | {"text": r"\LaTeX $\frac{1}{2}$"}),
        (r"C:\\Users\\nam D:\tmp {}", ESSAY | {"text": r"C:\Users\nam D:\tmp"}),
        (r"Xem https\://a.vn/?x\=1 {}", ESSAY | {"text": "Xem https://a.vn/?x=1"}),
        (r"Q {=https\://a.vn/?x\=1 ~b}", CHOICE | {"answers": answers(("https://a.vn/?x=1", 100), ("b", 0))}),
        ("Xem https://a.vn/?x=1 {}", ESSAY | {"text": "Xem https://a.vn/?x=1"}),
        (
            '[html]<pre>if (a) \\{ b \\}</pre><p style="color\\:red">\\{"k"\\: 1\\}</p> {T}',
            TRUE | {"format": "html", "text": '<pre>if (a) { b }</pre><p style="color:red">{"k": 1}</p>'},
        ),
        # Markup: the question's, and each answer's and feedback's own
        (
            "[markdown]Q {=[plain]a#[html]<b>f</b> ~b#g####[moodle]h}",
            CHOICE
            | {
                "format": "markdown",
                "answers": [
                    {"text": "a", "format": "plain", "weight": 100, "feedback": "<b>f</b>", "feedback_format": "html"},
                    {"text": "b", "weight": 0, "feedback": "g"},
                ],
                "general_feedback": "h",
                "general_feedback_format": "moodle",
            },
        ),
        # Feedback over several lines, the last #### wins
        ("Q {=a#một\nhai ~b}", CHOICE | {"answers": answers(("a", 100, "một\nhai"), ("b", 0))}),
        ("Q {=a ~b####x####y}", CHOICE | {"answers": answers(("a", 100), ("b", 0, "###x")), "general_feedback": "y"}),
        # Names
        ("::Tên:: Q {}", ESSAY | {"name": "Tên"}),
        (":::: Q {}", ESSAY),
        # Comments: at the start of a line, inside the answers, never inside a line
        ("// đầu\nQ {\n// giữa\n=a\n  // cuối\n~b}", CHOICE | {"answers": answers(("a", 100), ("b", 0))}),
        ("Q // nữa {=a//b ~c}", CHOICE | {"text": "Q // nữa", "answers": answers(("a//b", 100), ("c", 0))}),
        ("Một\n// hai\nba {}", ESSAY | {"text": "Một\nba"}),
        (
            "// câu 7 [id:c-7] [tag:khó] và [tag:a\\]b] [tag: mạng ]\nQ {}",
            ESSAY | {"id": "c-7", "tags": ["khó", "a]b", "mạng"]},
        ),
        # Letters of every kind stay as they are
        ("Nghie\u0302\u0323p {}", ESSAY | {"text": "Nghie\u0302\u0323p"}),
        ("🙂 \u05e9\u05dc\u05d5\u05dd \u00a0x\u00a0 {}", ESSAY | {"text": "🙂 \u05e9\u05dc\u05d5\u05dd \u00a0x\u00a0"}),
    ],
)
def test_a_question_is_read_as_it_is_meant(text, expected):
    assert one(text) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("#5", [{"value": 5, "tolerance": 0, "weight": 100}]),
        ("#0", [{"value": 0, "tolerance": 0, "weight": 100}]),
        ("#-3.5:0.25", [{"value": -3.5, "tolerance": 0.25, "weight": 100}]),
        ("#1e-3:1E-4", [{"value": 0.001, "tolerance": 0.0001, "weight": 100}]),
        ("#.5:5.", [{"value": 0.5, "tolerance": 5, "weight": 100}]),
        ("#1..4", [{"value": 2.5, "tolerance": 1.5, "weight": 100}]),
        ("#-5..-3", [{"value": -4, "tolerance": 1, "weight": 100}]),
        ("#0.1..0.2", [{"value": 0.15, "tolerance": 0.05, "weight": 100}]),
        (
            "#=1822:0#đúng =%50%1822:2#gần ~#khác",
            [
                {"value": 1822, "tolerance": 0, "weight": 100, "feedback": "đúng"},
                {"value": 1822, "tolerance": 2, "weight": 50, "feedback": "gần"},
                {"value": "*", "weight": 0, "feedback": "khác"},
            ],
        ),
        (
            "#=1#a\n=%0%*#b",
            [
                {"value": 1, "tolerance": 0, "weight": 100, "feedback": "a"},
                {"value": "*", "weight": 0, "feedback": "b"},
            ],
        ),
        (
            "#3:2\n=%50%4",
            [{"value": 3, "tolerance": 2, "weight": 100}, {"value": 4, "tolerance": 0, "weight": 50}],
        ),
    ],
)
def test_a_number_has_a_value_and_a_tolerance(written, expected):
    assert one(f"Q {{{written}}}") == {"type": "numeric", "text": "Q", "answers": expected}


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("a/b", ["a", "b"]),
        ("$course$/top/Mạng//LAN/Câu dễ", ["Mạng/LAN", "Câu dễ"]),
        ("top/a", ["a"]),
        ("$module$/ a / b ", ["a", "b"]),
        ("a/// b", ["a/", "b"]),
        (r"\=1", ["=1"]),
    ],
)
def test_a_category_is_a_list_of_names(path, names):
    assert one(f"$CATEGORY: {path}\n\nQ {{}}")["category"] == names


def test_a_category_holds_until_the_next_one():
    found = understood("Q {}\n\n// từ đây\n$CATEGORY: a\n\nR {}\n\nS {}\n\n$CATEGORY: $course$/top\n\nT {}")
    assert [question.get("category") for question in found] == [None, ["a"], ["a"], None]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("first", ["", "\ufeff"], ids=["plain", "BOM"])
@pytest.mark.parametrize("last", ["", "\n", "\n\n"], ids=["no end", "end", "blank end"])
def test_line_endings_and_marks_mean_nothing(ending, first, last):
    text = first + ending.join(["", "::a:: Q {", "=a", "~b", "}", "  ", "R", "0", "S {}"]) + last.replace("\n", ending)
    found = understood(text)
    assert [question["text"] for question in found] == ["Q", "R\n0\nS"]
    assert found[0]["name"] == "a"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "no question"),
        ("// chỉ có chú thích\n", 1, "no question"),
        (b"Q {=a ~b}\n\nR\xff {T}", 3, "not UTF-8"),
        (b"\xef\xbb\xbfQ\r\n\r\n\xff", 3, "not UTF-8"),
        ("Q {}\n\nQ {#abc}", 3, "not a number"),
        ("Q {#3,5}", 1, "not a number"),
        ("Q {#}", 1, "no number"),
        ("Q {#5:}", 1, "not a number"),
        ("Q {#1e999}", 1, "not a number"),
        ("Q {#5:-1}", 1, "accepts nothing"),
        ("Q {#4..1}", 1, "accepts nothing"),
        ("Q {#5 ~6}", 1, "behind “~”"),
        ("Q\n{=a ~b}\nvà {=c ~d}", 3, "second"),
        ("<style>p {color: red}</style> Q {T}", 1, "second"),
        ("::a::Q {T}\n::b::R {F}", 2, "blank line between two questions"),
        ("Q {=a\n\n~b}", 1, "not closed"),
        ("Q =a ~b}", 1, "no “{” before"),
        ("}Q{", 1, "no “{” before"),
        ("Q {=a ~b}\n$CATEGORY: x", 2, "blank line"),
        ("$CATEGORY: x\n::a:: Q {=a ~b}", 2, "blank line"),
        ("Q {\n~a\n~%150%b\n}", 3, "share of the points"),
        ("Q {~a ~b}", 1, "no right answer"),
        ("Q {~%100%a}", 1, "only one answer"),
        ("Q {=a ~#f}", 1, "no text"),
        ("Q {=}", 1, "no answer"),
        ("Q {=a -> 1}", 1, "only one pair"),
        ("Q {\n=a -> 1\n=b\n}", 3, "no “->”"),
        ("Q {\n=a -> 1\n=b ->\n}", 3, "nothing stands behind"),
        ("Q {= -> 1 = -> 2}", 1, "nothing to match"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_nothing_is_taken(text, line, words):
    text = text if isinstance(text, bytes) or "{" not in text else f"{text}\n\nTốt {{=a ~b}}"
    found, problems = read(text)
    assert found == ()
    errors = [(problem.line, problem.text()) for problem in problems if problem.is_error]
    assert errors[0][0] == line
    assert words in errors[0][1]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("Q {\n=a#xem x~y\n=b}", 2, "in the feedback"),
        ("Q {\n=a#xem ?x=1\n~b}", 2, "in the feedback"),
        ("Q {\n=a#từ 1 ~ 2\n~b}", 2, "in the feedback"),
        ("Q {=a -> 1#b =c -> 2}", 1, "matching has no feedback"),
        ("// [id:x] [tag:y]\n\nQ {}", 1, "blank line follows"),
        ("// [id:x] [id:y]\nQ {}", 2, "more than one id"),
        ("Q {true}", 1, "TRUE or FALSE"),
        ("Q {Sai#x}", 1, "TRUE or FALSE"),
        ("Q {=%50%a ~b}", 1, "takes no weight"),
        ("Q {a ~b =c}", 1, "before the first sign"),
        ("Q {=a ~b ~}", 1, "empty answer"),
        ("Q {=a{b ~c}", 1, "read as a sign"),
        ("::Q {}", 1, "name is not closed"),
        ("{T}", 1, "no text"),
        ("Q {#5 ~#khác =6}", 1, "write it last"),
    ],
)
def test_what_may_be_meant_otherwise_is_told(text, line, words):
    found, problems = read(text)
    assert found
    assert [(problem.line, words in problem.text()) for problem in problems] == [(line, True)]


@pytest.mark.parametrize(
    "text",
    [
        "Q {=a#good ~b#bad ~c#worse}",
        "Q { = yes # right ~ no # wrong }",
        "Q {\n  =yellow # right; good!\n  ~red # wrong\n}",
        "Q {#=1#a =%50%2#b ~#c}",
        "Q {T#x#y}",
    ],
)
def test_what_is_written_as_usual_raises_no_question(text):
    assert read(text)[1] == []


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("::a\\:b::[html]Q {=x ~y}", "::a\\:b::[html]Q{\n\t=x\n\t~y\n}\n"),
        ("Q {~%50%a ~%50%b ~c}", "[moodle]Q{\n\t~%50%a\n\t~%50%b\n\t~c\n}\n"),
        ("Q {~%0%%50%a =b}", "[moodle]Q{\n\t~%0%%50%a\n\t=b\n}\n"),
        ("Q {=[moodle][html]a ~b}", "[moodle]Q{\n\t=[moodle][html]a\n\t~b\n}\n"),
        ("Q {~%100%a =b}", "[moodle]Q{\n\t~%100%a\n\t=b\n}\n"),
        ("Q {T##y####g}", "[moodle]Q{TRUE##y####g}\n"),
        ("Q {F#x}", "[moodle]Q{FALSE#x}\n"),
        ("Q {#1..2 ~#f}", "[moodle]Q{#\n\t=%100%1.5:0.5\n\t~#f\n}\n"),
        ("Q {a->b}", "[moodle]Q{%100%a->b}\n"),
        ("Một\nhai\\\\ {####c}", "[moodle]Một\\nhai\\\\{####c}\n"),
        (
            "$CATEGORY: a//b/c\n\n// [id:x] [tag:y\\]]\nQ {}",
            "$CATEGORY: $course$/top/a//b/c\n\n// [id:x] [tag:y\\]]\n[moodle]Q{}\n",
        ),
    ],
)
def test_what_is_written_is_what_moodle_reads(text, written):
    found, _ = read(text)
    data, problems = gift.write(found)
    assert (data.decode(), problems) == (written, [])
    assert read(data)[0] == found
