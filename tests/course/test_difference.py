"""Differences of courses and texts: exact, by word, quick, and none where nothing differs."""

import random
import unicodedata
from itertools import pairwise
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.content import disk
from lms.course.difference import Kind, Op, changes, lines, rows, tokens
from lms.course.source import Source
from lms.settings import ROOT

SAMPLE = disk.read(ROOT / "tests" / "samples" / "ung-cuu-su-co")
LESSON = next(path for path in sorted(SAMPLE) if path.startswith("bai/"))
WORDS = st.sampled_from(
    ["Cán", "bộ", "xã", "mở", "thư", "lạ", " ", " ", "  ", ", ", "**", "- ", "[x]", "e\u0301", "\u0301", "\r", "\u2028"]
)
LINE = st.lists(WORDS, max_size=8).map("".join)
ENDS = st.sampled_from(["", "\n"])
TEXT = st.tuples(st.lists(LINE, max_size=12).map("\n".join), ENDS).map("".join) | st.text(max_size=30)


def marked(before, after):
    """The difference in one string, as `git diff --word-diff` would have it."""
    signs = {Op.SAME: "{}", Op.REMOVED: "[-{}-]", Op.ADDED: "{{+{}+}}"}
    return "".join(signs[piece.op].format(piece.text) for row in rows(before, after) for piece in row.segments)


def side(found, without):
    return "".join(piece.text for row in found for piece in row.segments if piece.op is not without)


@st.composite
def edited(draw):
    """A text and another that was made of it."""
    before = draw(TEXT)
    kept = before.split("\n")
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(kept)))
        kept[at : at + draw(st.integers(0, 2))] = draw(st.lists(LINE, max_size=2))
    return before, "\n".join(kept)


@given(edited() | st.tuples(TEXT, TEXT))
@settings(max_examples=400)
def test_what_is_kept_and_removed_is_the_old_text_and_what_is_kept_and_added_the_new(pair):
    before, after = pair
    found = rows(before, after)
    assert side(found, Op.ADDED) == before
    assert side(found, Op.REMOVED) == after
    for number, without in (("before", Op.ADDED), ("after", Op.REMOVED)):
        theirs = [row for row in found if getattr(row, number) is not None]
        assert [getattr(row, number) for row in theirs] == list(range(1, len(theirs) + 1))
        assert all(side([row], without).count("\n") <= 1 for row in theirs)


@given(edited())
def test_hunks_hold_every_changed_line_two_around_it_and_the_count_of_the_rest(pair):
    found, every = lines(*pair), rows(*pair)
    assert [row for hunk in found for row in hunk.rows if row.op is not Op.SAME] == [
        row for row in every if row.op is not Op.SAME
    ]
    place = 0
    for hunk in found:
        place += hunk.skipped
        assert tuple(every[place : place + len(hunk.rows)]) == hunk.rows
        place += len(hunk.rows)
        edges = [[row.op is Op.SAME for row in some] for some in (hunk.rows, hunk.rows[::-1])]
        assert all(edge.index(False) <= 2 for edge in edges)
    assert all(hunk.skipped > 1 for hunk in found[1:])


@given(TEXT)
def test_equal_texts_have_no_difference(text):
    assert lines(text, text) == ()
    assert {row.op for row in rows(text, text)} <= {Op.SAME}


@given(st.text())
def test_tokens_are_the_text_and_no_mark_leaves_its_letter(text):
    found = tokens(text)
    assert "".join(found) == text
    assert not any(unicodedata.category(token[0])[0] == "M" for token in found[1:])


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("Gọi số 113 ngay.\n", "Gọi số 114 ngay.\n", "Gọi số [-113-]{+114+} ngay.\n"),
        ("Cán bộ xã.", "Cán bộ phường.", "Cán bộ [-xã-]{+phường+}."),
        ("Không mở thư lạ.\n", "Không được mở thư lạ.\n", "Không {+được +}mở thư lạ.\n"),
        ("- [x] Huế\n", "- [ ] Huế\n", "- [[-x-]{+ +}] Huế\n"),
        ("Trong giờ làm việc, báo tin cho lãnh đạo.", "Trong giờ làm việc, gọi ngay cho lãnh đạo.",
         "Trong giờ làm việc, [-báo tin-]{+gọi ngay+} cho lãnh đạo."),
        ("hoà bình\n", "hòa bình\n", "[-hoà-]{+hòa+} bình\n"),
        (unicodedata.normalize("NFD", "Quyển sổ mới"), unicodedata.normalize("NFD", "Quyền sổ mới"),
         unicodedata.normalize("NFD", "[-Quyển-]{+Quyền+} sổ mới")),
        ("một\n", "một", "một[-\n-]"),
        ("Đoạn một.\n\nĐoạn hai.\n", "Đoạn một.\n\nThêm vào.\n\nĐoạn hai.\n", "Đoạn một.\n\n{+Thêm vào.\n+}{+\n+}Đoạn hai.\n"),
        ("Xin chào.\n", "Kết thúc bài học\n", "[-Xin chào.\n-]{+Kết thúc bài học\n+}"),
    ],
)  # fmt: skip
def test_an_edited_line_is_told_by_word(before, after, words):
    assert marked(before, after) == words


def test_edited_paragraphs_find_their_versions_when_others_come_between():
    old = ["Khi máy có dấu hiệu lạ thì rút dây mạng.", "Báo ngay cho đơn vị chuyên trách.", "Không tự cài lại máy."]
    new = [
        "Khi máy có dấu hiệu lạ thì rút dây mạng ngay.",
        "Giữ nguyên hiện trường vụ việc.",
        "Báo ngay cho Sở.",
        "Không tự cài máy.",
    ]
    found = [row for row in rows("\n\n".join(old), "\n\n".join(new)) if row.op is None]
    assert [(row.before, row.after) for row in found] == [(1, 1), (3, 5), (5, 7)]


def test_equal_courses_have_no_difference_whatever_system_saved_them():
    windows = {
        path: b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n") if path.endswith(".md") else data
        for path, data in SAMPLE.items()
    }
    assert changes(SAMPLE, SAMPLE) == ()
    assert Source(windows).digest() == SAMPLE.digest()
    assert changes(SAMPLE, Source(windows)) == ()


def test_files_are_added_removed_changed_and_renamed():
    before = {
        "a.md": b"A\n",
        "b.md": b"one two three\n",
        "c.md": b"C\n",
        "d.md": b"D d\nD e\nD f\n",
        "anh.png": b"\x89PNG1",
    }
    after = {
        "b.md": b"one 2 three four\n",
        "e.md": b"E e e\n",
        "f.md": b"D d\nD e\nD g\n",
        "g.md": b"C\n",
        "anh.png": b"\x89PNG22",
    }
    found = {change.path: change for change in changes(before, after)}
    assert list(found) == sorted(found)
    assert {path: change.kind for path, change in found.items()} == {
        "a.md": Kind.REMOVED, "anh.png": Kind.CHANGED, "b.md": Kind.CHANGED, "e.md": Kind.ADDED,
        "f.md": Kind.RENAMED, "g.md": Kind.RENAMED,
    }  # fmt: skip
    assert (found["b.md"].words_removed, found["b.md"].words_added) == (1, 2)
    assert (found["a.md"].words_removed, found["e.md"].words_added) == (1, 3)
    assert (found["f.md"].before.path, found["f.md"].words_added) == ("d.md", 1)
    assert (found["g.md"].before.path, found["g.md"].hunks) == ("c.md", ())
    picture = found["anh.png"]
    assert (picture.is_text, picture.hunks, picture.words_added) == (False, (), 0)
    assert (picture.before.size, picture.after.size) == (5, 6)
    assert picture.before.digest != picture.after.digest


def test_a_text_that_is_not_utf8_is_told_by_size_only():
    [change] = changes({"a.md": b"caf\xe9"}, {"a.md": "café".encode()})
    assert (change.is_text, change.hunks) == (False, ())


@given(st.dictionaries(st.sampled_from(["a.md", "b.md", "c.txt", "d.png"]), st.binary(max_size=8)), st.data())
def test_courses_differ_when_their_digests_do_and_the_changes_lead_from_one_to_the_other(before, data):
    after = data.draw(
        st.dictionaries(
            st.sampled_from(["a.md", "b.md", "e.md"]), st.sampled_from([*before.values(), b"x\r\n", b"x\n"])
        )
    )
    found = changes(before, after)
    assert (found == ()) == (Source(before).digest() == Source(after).digest())
    gone = {
        change.before.path
        for change in found
        if change.before and (not change.after or change.after.path != change.before.path)
    }
    come = {
        change.after.path
        for change in found
        if change.after and (not change.before or change.after.path != change.before.path)
    }
    assert before.keys() - gone | come == after.keys()
    assert all(x.path < y.path for x, y in pairwise(found))


def many(seed, count=10_000):
    chance, words = (
        random.Random(seed),
        [
            "cán",
            "bộ",
            "xã",
            "mở",
            "thư",
            "lạ",
            "báo",
            "cáo",
            "sự",
            "cố",
            "an",
            "toàn",
            "mạng",
            "máy",
            "tính",
            "dữ",
            "liệu",
            "sao",
            "lưu",
        ],
    )
    return [" ".join(chance.choices(words, k=12)) + "\n" for _ in range(count)]


EVERY = many(1)
TWO = random.Random(3).choices(["a\n", "b\n"], k=20_000)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (EVERY, [line.replace("xã", "phường") for line in EVERY]),
        (EVERY, ["mới\n", *(line.replace("xã", "phường") for line in EVERY)]),
        (EVERY, many(2)),
        (EVERY, EVERY[::-1]),
        (EVERY, random.Random(4).sample(EVERY, len(EVERY))),
        (TWO[:10_000], TWO[10_000:]),
        (["\n"] * 10_000, ["\n", "x\n"] * 5_000),
        (random.Random(5).choices(EVERY[:100], k=10_000), random.Random(6).choices(EVERY[:100], k=10_000)),
        (["".join(EVERY).replace("\n", " ")], ["".join(EVERY).replace("\n", " ").replace("xã", "phường")]),
        ([line for line in EVERY for line in (line, "\n")], [line for line in EVERY for line in (line.replace("xã", "phường"), "\n")]),
    ],
    ids=["every line edited", "and one before", "nothing kept", "backwards", "shuffled", "two lines only", "blank lines",
         "a hundred lines only", "one endless line", "paragraphs"],
)  # fmt: skip
def test_ten_thousand_lines_are_compared_at_once(before, after):
    old, new = "".join(before), "".join(after)
    start = perf_counter()
    found = rows(old, new)
    assert (
        perf_counter() - start < 5
    )  # a fifth of it on a machine that does nothing else; a square of lines takes minutes
    assert (side(found, Op.ADDED), side(found, Op.REMOVED)) == (old, new)


def test_an_edit_in_a_lesson_shows_that_line_only():
    text = SAMPLE[LESSON].decode()
    old = text.split("\n")
    at = max(range(len(old)), key=lambda n: len(old[n]))
    new = [*old]
    new[at] += " Thêm một câu."
    [hunk] = lines(text, "\n".join(new))
    [row] = [row for row in hunk.rows if row.op is not Op.SAME]
    assert (row.before, row.after) == (at + 1, at + 1)
    assert [piece.text for piece in row.segments if piece.op is Op.ADDED] == [" Thêm một câu."]
    assert len(hunk.rows) <= 5
