"""Parsing: what authors write becomes a document or a problem with its line, never an exception."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.content import disk
from lms.course.document import dump, load
from lms.course.parse import parse
from lms.course.source import Source
from lms.settings import ROOT

COURSE = b"""---
format: 1
id: mau
title: Kh\xc3\xb3a m\xe1\xba\xabu
grade_from: thi
---

## Ph\xe1\xba\xa7n 1
- [B\xc3\xa0i](bai.md)
- [Thi](thi.md)
"""
LESSON = "---\nid: bai\ntitle: Bài\nminutes: 5\n---\n\n## Mở đầu\n\nMột đoạn.\n".encode()
QUIZ = """---
id: thi
kind: quiz
title: Thi
---

## A {#a}
Chọn đi?

- [x] một
- [ ] hai
"""


def course(**changed: bytes) -> Source:
    files = {"course.md": COURSE, "bai.md": LESSON, "thi.md": QUIZ.encode()}
    return Source(files | {name.replace("_", "."): data for name, data in changed.items()})


def problems(source: Source) -> list[str]:
    return [str(problem) for problem in parse(source)[1]]


def test_a_good_course_has_no_problem_and_survives_storing():
    doc, found = parse(course())
    assert found == []
    assert load(json.loads(json.dumps(dump(doc)))) == doc


def test_the_sample_course_is_without_any_problem():
    doc, found = parse(disk.read(ROOT / "tests" / "samples" / "ung-cuu-su-co"))
    assert [str(problem) for problem in found] == []
    assert len(doc.lessons) == 5
    assert len(doc.quizzes[0].questions) == 12
    assert load(json.loads(json.dumps(dump(doc)))) == doc


@pytest.mark.parametrize(
    ("quiz", "line", "words"),
    [
        (QUIZ.replace("[x]", "[ ]"), 10, "no right answer"),
        (QUIZ.replace("- [ ] hai", "- hai"), 11, "no tick box"),
        (QUIZ.replace("- [x] một\n- [ ] hai", "Đáp án: 6.200"), 10, "6200"),
        (QUIZ.replace("{#a}", ""), 7, "no id"),
        (QUIZ.replace("- [x] một\n- [ ] hai", "một\nhai"), 7, "no answer block"),
        (QUIZ.replace("- [x] một\n- [ ] hai", "1. một"), 10, "only one step"),
        (QUIZ.replace("- [x] một\n- [ ] hai", "- một -> 1\n- hai"), 11, "no pair"),
        (QUIZ.replace("Chọn đi?\n\n- [x] một\n- [ ] hai", "Thủ đô là\n[[*Hà Nội* | *Huế*]]."), 9, "in stars"),
        (QUIZ.replace("- [x] một\n- [ ] hai", "Trả lời: tùy"), 10, "not understood"),
        (QUIZ.replace("kind: quiz", "kind: dril"), 3, "dril"),
        (QUIZ.replace("title: Thi", "title: Thi\nmau: xanh"), 5, "not known here"),
        (QUIZ.replace("- [ ] hai", "- [ ] hai\n\nĐáp án: hai"), 13, "two answer blocks"),
    ],
)
def test_a_mistake_is_told_with_its_line(quiz, line, words):
    found = [problem for problem in problems(course(thi_md=quiz.encode())) if problem.startswith("thi.md:")]
    assert any(problem.startswith(f"thi.md:{line}: ") and words in problem for problem in found), found


def test_a_link_to_a_missing_file_is_a_problem():
    found = problems(course(course_md=COURSE + b"- [Kh\xc3\xa1c](khac.md)\n"))
    assert any("khac.md" in problem for problem in found)


def test_line_ends_and_normal_form_change_no_digest():
    crlf = course(bai_md=b"\xef\xbb\xbf" + LESSON.replace(b"\n", b"\r\n"))
    assert crlf.digest() == course().digest()
    assert len(problems(crlf)) == 2  # repaired, and said


@given(st.text(), st.text())
def test_nothing_an_author_writes_raises(lesson, quiz):
    parse(course(bai_md=lesson.encode("utf-8", "replace"), thi_md=(QUIZ + quiz).encode("utf-8", "replace")))


@given(st.binary(max_size=400))
def test_no_bytes_raise(data):
    parse(Source({"course.md": data, "references.yaml": data, "bai.md": data}))


@given(
    st.lists(
        st.sampled_from([*QUIZ.split("\n"), "# P", "Đáp án: 1", "> x", "  > y", "- [50%] z", "```", "[[a|b]]"]),
        max_size=40,
    )
)
def test_no_shuffled_quiz_raises(lines):
    parse(course(thi_md="\n".join(lines).encode()))
