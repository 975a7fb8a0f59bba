"""Missing ids are written where they belong, and nothing else is touched."""

import pytest

from lms.course.identify import with_ids
from lms.course.parse import parse
from lms.course.reading import Memory
from lms.course.source import Source

COURSE = "---\nformat: 1\ntitle: Khóa mẫu\n---\n\n- [Bài](bai/01.md)\n- [Thi](thi.md)\n"
LESSON = (
    "---\ntitle: Đón tiếp công dân\nminutes: 5\n---\n\nMột đoạn.\n\n```quiz\n## Hỏi ai?\n- [x] anh\n- [ ] em\n```\n"
)
QUIZ = """---
id:
kind: quiz
title: Khóa mẫu
---

## Câu một {.kho points=2}
Chọn đi?

- [x] một
- [ ] hai

## Câu một
Chọn nữa?

- [x] ba
- [ ] bốn

## Đã có {#cau-mot-2}
Chọn hoài?

- [x] năm
- [ ] sáu
"""
FILES = {"course.md": COURSE, "bai/01.md": LESSON, "thi.md": QUIZ}


def source(ends: str = "\n", start: str = "") -> Source:
    return Source({path: (start + text.replace("\n", ends)).encode() for path, text in FILES.items()})


def test_ids_are_made_of_titles_and_differ():
    fixed, written = with_ids(source())
    assert fixed["course.md"].decode().split("\n")[1] == "id: khoa-mau"
    assert fixed["bai/01.md"].decode().split("\n")[1] == "id: don-tiep-cong-dan"
    assert "## Hỏi ai? {#hoi-ai}\n" in fixed["bai/01.md"].decode()
    lines = fixed["thi.md"].decode().split("\n")
    assert lines[1] == "id: khoa-mau-2"
    assert lines[6] == "## Câu một {#cau-mot .kho points=2}"
    assert lines[12] == "## Câu một {#cau-mot-3}"
    for one in written:
        assert one.values["id"] in fixed[one.path].decode().split("\n")[one.line - 1]


def test_only_the_lines_of_the_ids_change():
    fixed, written = with_ids(source())
    for path, text in FILES.items():
        before, after = text.split("\n"), fixed[path].decode().split("\n")
        assert len([line for line in after if line not in before]) == sum(one.path == path for one in written)


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_a_second_run_changes_nothing_and_no_id_is_missing(ends, start):
    fixed, written = with_ids(source(ends, start), Memory())
    assert len(written) == 6
    assert with_ids(fixed, Memory()) == (fixed, [])
    _, problems = parse(fixed)
    assert not [str(problem) for problem in problems if problem.is_error]
    assert all(data.startswith(start.encode()) for data in fixed.values())
    if ends != "\n":
        assert all(ends.encode() in data for data in fixed.values())


@pytest.mark.parametrize(
    "text", ["", "không có gì", "---\ntitle: A", "---", "\x00", "---\nid: Sai Rồi\ntitle: A\n---\n"]
)
def test_what_has_no_place_for_an_id_is_left_as_it_is(text):
    broken = Source({**source(), "thi.md": text.encode()})
    assert with_ids(broken)[0]["thi.md"] == text.encode()


def test_files_that_are_no_text_are_left_alone():
    broken = Source({"course.md": b"---\nformat: 1\n---\n\n- [a](a.md)\n- [b](b.md)\n", "a.md": b"\xff\xfe"})
    fixed, _ = with_ids(broken)
    assert fixed["a.md"] == b"\xff\xfe"
    assert with_ids(Source({})) == (Source({}), [])
