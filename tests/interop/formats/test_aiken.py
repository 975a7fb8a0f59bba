"""Aiken: three kinds of lines, and the mistakes that others let pass."""

import pytest

from lms.interop.formats import aiken

GOOD = "Thủ đô?\nA) Huế\nB) Hà Nội\nANSWER: B\n"


def read(text):
    return aiken.read(text.encode() if isinstance(text, str) else text, "de.txt")


def understood(text):
    """Each question as its text, its options and the right one."""
    found, problems = read(text)
    assert not [str(problem) for problem in problems if problem.is_error]
    said = [one.to_json() for one in found]
    assert all(one["type"] == "single_choice" and one["format"] == "plain" for one in said)
    return [
        (
            one["text"],
            [answer["text"] for answer in one["answers"]],
            [answer["text"] for answer in one["answers"] if answer["weight"] == 100],
        )
        for one in said
    ]


CAPITAL = ("Thủ đô?", ["Huế", "Hà Nội"], ["Hà Nội"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD, [CAPITAL]),
        ("\ufeff" + GOOD.replace("\n", "\r\n"), [CAPITAL]),
        (GOOD.strip().replace("\n", "\r"), [CAPITAL]),
        (GOOD + GOOD, [CAPITAL, CAPITAL]),
        ("\n\nThủ đô?\n\nA. Huế\n\nB.Hà Nội\nANSWER:B\n\n", [CAPITAL]),
        ("  Thủ đô?\t\n A)  Huế \n\tB)\tHà Nội\n ANSWER:   B  ", [CAPITAL]),
        ("x < y & z?\nA) <b>\nB) a -> b # = ~ { }\nANSWER: A", [("x < y & z?", ["<b>", "a -> b # = ~ { }"], ["<b>"])]),
        ("a) b?\nA) x\nB) y\nANSWER: A", [("a) b?", ["x", "y"], ["x"])]),
        ("1. Q\nA) x\nB) y\nANSWER: A.", [("1. Q", ["x", "y"], ["x"])]),
        ("é\nA) x\nB) y\nANSWER: A", [("é", ["x", "y"], ["x"])]),
    ],
)
def test_a_question_is_read_as_it_is_meant(text, expected):
    assert understood(text) == expected


def test_twenty_six_options_are_taken():
    options = "\n".join(f"{letter}) lựa chọn {letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert understood(f"Q?\n{options}\nANSWER: Z")[0][2] == ["lựa chọn Z"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "no question"),
        ("Q?\nA) x\nB) y\nANSWER: A\xff".encode("latin-1"), 4, "not UTF-8"),
        ("Q?\nvà nữa\nA) x\nB) y\nANSWER: A", 2, "one line"),
        ("Q?\nA) x\nvà nữa\nB) y\nANSWER: A", 3, "neither an option"),
        ("Q?\nA) x\nB) y\nC) z\nD) t\nANSWER: E", 6, "no option E; the last one is D"),
        ("Q?\nA) x\nB) y\nANSWER: b", 4, "capital letter"),
        ("Q?\nA) x\nB) y\nANSWER:", 4, "capital letter"),
        ("Q?\nA) x\nB) y\nAnswer: B", 4, "capital letters"),
        ("Q?\na) x\nb) y\nANSWER: B", 2, "capital letters"),
        ("Q?\nA) x\nANSWER: A", 3, "at least two"),
        ("Q?\nANSWER: A", 2, "at least two"),
        ("Q?\nA) x\nC) y\nANSWER: A", 3, "should be “B”"),
        ("Q?\nA) x\nA) y\nANSWER: A", 3, "should be “B”"),
        ("Q?\nA)\nB) y\nANSWER: B", 2, "no text"),
        ("A. Hỏi?\nA) x\nB) y\nANSWER: A", 1, "cannot begin with a letter"),
        ("ANSWER: A", 1, "without a question"),
        ("Q?\nA) x\nB) y", 1, "not finished"),
        (f"Q?\nA) x\nB) y\n{GOOD}", 4, "neither an option"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_nothing_is_taken(text, line, words):
    found, problems = read(text)
    assert found == ()
    assert problems[0].line == line
    assert words in problems[0].text()


def test_one_bad_question_keeps_all_out_and_is_told_once():
    found, problems = read(f"{GOOD}\nHai?\nba\nbốn\nnăm\nANSWER: A\n\n{GOOD}")
    assert found == ()
    assert [problem.line for problem in problems] == [7]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("Q?\n-\nA) x\nB) y\nANSWER: A", 2, "as short as"),
        ("Q?\nA) x\nB) y\nANSWER: A vì x", 4, "behind it was left out"),
    ],
)
def test_what_is_not_read_is_told(text, line, words):
    found, problems = read(text)
    assert found
    assert [(problem.line, words in problem.text()) for problem in problems] == [(line, True)]


def test_what_is_written_is_read_again():
    found, _ = read(GOOD + "Hai?\nA. x\nB. y\nANSWER: A")
    data, problems = aiken.write(found)
    assert (data.decode(), problems) == (GOOD + "\nHai?\nA) x\nB) y\nANSWER: A\n", [])
    assert read(data)[0] == found
