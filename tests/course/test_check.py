"""What a good editor would say of a course: each remark with its line, and none where all is well."""

import time
from datetime import date

import pytest

from lms.content import disk
from lms.course import check
from lms.course.parse import parse
from lms.course.reading import Memory
from lms.course.source import Source
from lms.settings import ROOT

COURSE = "---\nformat: 1\nid: mau\ntitle: Khóa\n---\n\n## Phần\n- [Bài](bai/1.md)\n- [Hai](bai/2.md)\n- [Thi](thi.md)\n"
HEAD = "---\nid: mot\ntitle: Bài một\nminutes: 5\n---\n\n"
LAWS = (
    "- id: nd331\n  number: 331/2026/NĐ-CP\n  name: Nghị định\n  in_force_from: 2026-08-19\n  checked_on: 2026-11-23\n"
    "- id: cu\n  number: 1/2017\n  name: Cũ\n  in_force_from: 2017-01-01\n  in_force_to: 2026-01-01\n  checked_on: 2026-11-23\n"
)
QUIZ = "---\nid: thi\nkind: quiz\ntitle: Thi\n---\n\n"
ONE = "## Câu {n} {{#c{n}}}\nHỏi {n}?\n\n- [x] một phương án dài\n- [ ] hai\n- [ ] ba một phương án dài hơn\n\n"
FILES = {
    "course.md": COURSE,
    "bai/1.md": HEAD + "Chữ.\n",
    "bai/2.md": "---\nid: hai\ntitle: Bài hai\n---\n\nMột đoạn.\n\n## Mở đầu\n\nHai đoạn.\n\n## Mở đầu\n\nBa.\n",
    "thi.md": QUIZ + ONE.format(n=1),
    "references.yaml": LAWS,
    "media/a.png": "x",
    "media/phim.mp4": "x",
    "media/co phu de.mp4": "x",
    "media/co phu de.vtt": "WEBVTT\n",
}


def course(**changed: str | None) -> Source:
    """The sound course with some files changed, added, or with None taken away; “__” stands for “/” and “_” for “.”."""
    return made({name.replace("__", "/").replace("_", "."): text for name, text in changed.items()})


def made(changed: dict[str, str | None]) -> Source:
    return Source({path: text.encode() for path, text in {**FILES, **changed}.items() if text is not None})


def said(source: Source) -> list[str]:
    return [f"{'E' if problem.is_error else 'W'} {problem}" for problem in parse(source, Memory())[1]]


def test_a_sound_course_hears_nothing():
    assert said(course()) == []


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("![](../media/a.png)", 7, "E picture has no description"),
        ("![a](../media/a.png)", 7, "W does not say what the picture shows"),
        ("![Hình 1](../media/a.png)", 7, "W does not say what the picture shows"),
        ("![Sơ đồ mạng](https://x.vn/a.png)", 7, "E pictures come with the course"),
        ("![Biểu mẫu](<../media/co phu de.vtt>)", 7, "E cannot be shown"),
        ("![Phim hướng dẫn](../media/phim.mp4)", 7, "E no subtitles"),
        ("![Sơ đồ](../media/A.png)", 7, "E did you mean “media/a.png”"),
        ("![Sơ đồ](..\\media\\a.png)", 7, "E there is no file"),
        ("[Mẫu đơn](../media/mau.docx)", 7, "E there is no file “media/mau.docx”"),
        ("[![Sơ đồ](../media/b.png)](2.md)", 7, "E there is no file “media/b.png”"),
        ("[mẫu]: ../media/mau.docx", 7, "E there is no file"),
        ("[tại đây](2.md)", 7, "W do not say where the link leads"),
        ("[](2.md)", 7, "E the link has no words"),
        ("[Trang]()", 7, "E the link leads nowhere"),
        ("[Trang](javascript:alert)", 7, "E nowhere a browser may go"),
        ("[Trang](file:///C:/a.docx)", 7, "E nowhere a browser may go"),
        ("[Trang này](1.md)", 7, "W the page on which it stands"),
        ("[Bài hai](2.md#muc-mo-dau-3)", 7, "W did you mean “#muc-mo-dau"),
        ("[Bên dưới](#muc-khong-co)", 7, "W has no heading “#muc-khong-co”"),
        ("Xem https://chinhphu.vn/van-ban.", 7, "W is no link as it stands"),
        ("Xem [@nd332].", 7, "E did you mean “[@nd331]”"),
        ("Xem [@zzz Đ1].", 7, "E is not in references.yaml; add it"),
        ("TODO: viết tiếp", 7, "W “TODO” was left in the text"),
        ("Số điện thoại: xxx", 7, "W “xxx” was left in the text"),
        ("Mục này (bổ sung sau)", 7, "W was left in the text"),
        ("## Mục\n\n#### Nhỏ", 9, "W heading level is skipped"),
        ("##Mục", 7, "W this is shown as a heading"),
        ("## ", 7, "W the heading has no words"),
        ("# Bài một", 7, "W the heading repeats the title"),
        ("```\nmã", 7, "E is not closed"),
        ("Chữ.\n\n```quiz\n## A {#a}\n- [x] a\n- [ ] b\n", 9, "E is not closed"),
        ("| a | b |\n|---|---|\n| 1 | 2 | 3 |", 9, "E the row has 3 cells"),
        ("| a | b |\n|---|---|\n| 1 |", 9, "W the row has 1 cells"),
        ("| a | b |\n|---|\n| 1 | 2 |", 7, "E is not shown as a table"),
        ("| a | b |\n|---|---|\n| 1 | 2 |\nliền bảng", 10, "W the row has 1 cells"),
        ("!!! ghichu\n    Chữ", 7, "W is no kind of box"),
        ("!!! ghi-nho\nChữ", 7, "E the box is empty"),
        ('!!! ghi-nho "Nhớ\n    Chữ', 7, "E this is shown as it stands"),
        ("Chữ[^1] và hết.", 7, "W the footnote “[^1]” is written nowhere"),
        (" ".join(["chữ"] * 46), 7, "W a sentence of 46 words"),
        ("\n".join(["chữ " * 20 + "."] * 8), 7, "W a paragraph of"),
        ("", 5, "E the lesson is empty"),
        ("\n\n".join(["Chữ chữ chữ chữ. " * 10] * 40), 4, "W reading takes about"),
    ],
)
def test_a_lesson_is_told_what_is_wrong_and_where(text, line, words):
    found = [problem for problem in said(course(bai__1_md=HEAD + text)) if "bai/1.md" in problem]
    assert len(found) == 1, found
    level, rest = words.split(" ", 1)
    assert found[0].startswith(f"{level} bai/1.md:{line}: ")
    assert rest in found[0]


@pytest.mark.parametrize(
    "text",
    [
        "[Bài hai](2.md#muc-mo-dau) và [nữa](2.md#muc-mo-dau-2), [@nd331 Đ31.3], `[x](khong-co.md)`, `https://gia.vn`",
        "[Phim](<../media/co phu de.mp4>) ![Phim ngắn](../media/co phu de.mp4 'Tựa đề')",
        "<https://chinhphu.vn> [Trang](https://chinhphu.vn/a_(b)) [thư](mailto:a@b.vn) \\[x](y) [ ] [x]",
        "```\n[x](khong-co.md) TODO\n| a | b |\n|---|\n```",
        "Chữ[^1].\n\n[^1]: Chú thích.",
        "| a | b |\n|---|:-:|\n| `x|y` | c \\| d |\n\nChữ | chữ.",
        '!!! ghi-nho "Tựa"\n    Chữ.\n\n    ```\n    mã\n    ```\n\n??? "Mở ra"\n    Chữ.\n\n!!! luu-y\n\n    Chữ.',
        "Số 0905 xxx xxx, 12/xxx/2026, XXXL.\n\n## Một **đậm** `mã`\n\n[về](#muc-mot-dam-ma)",
        "```quiz\n## A {#a}\n- [x] a\n- [ ] b\n```\n\nSau câu tự kiểm tra.",
        "- Mục\n\n    ```\n    [x](khong-co.md)\n    ```\n\n- Mục hai",
    ],
)
def test_what_is_well_written_hears_nothing(text):
    assert said(course(bai__1_md=HEAD + text + "\n")) == []


def test_what_follows_a_self_check_is_checked_too():
    text = "```quiz\n## A {#a}\n- [x] a\n- [ ] b\n```\n\n[Mẫu](khong-co.docx)\n"
    assert [problem[:13] for problem in said(course(bai__1_md=HEAD + text))] == ["E bai/1.md:13"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (QUIZ + "##Câu {#a}\nHỏi?", 7, "E a heading needs a space"),
        (QUIZ + "## Câu {#a}\nHỏi?\n\n-\t[x] một\n-\t[ ] hai", 10, "E a tab stands after the mark"),
        (QUIZ + "## Câu {#a #b}\nHỏi?\n\n- [x] một\n- [ ] hai", 7, "E two ids"),
        (QUIZ + "## Câu {# a}\nHỏi?\n\n- [x] một\n- [ ] hai", 7, "E has no id"),
        (QUIZ + "## Câu {#A}\nHỏi?\n\n- [x] một\n- [ ] hai", 7, "E may only have a–z"),
        (QUIZ + "## Câu {#mot}\nHỏi?\n\n- [x] một\n- [ ] hai", 7, "E stands already at bai/1.md:2"),
        (QUIZ + "## Câu {#a}\n\n- [x] một\n- [ ] hai", 7, "E has no text"),
        (QUIZ + "## Câu {#a}\nHỏi?\n\n- [x] một\n- [ ] Một", 7, "E stands twice"),
        (QUIZ + "## Câu {#a}\nHỏi?\n\n- [x] Tất cả các ý trên\n- [ ] một", 7, "W speaks of an order"),
        (QUIZ + "## Câu {#a}\nHỏi?\n\n- [x] Cả A, B và C\n- [ ] một", 7, "W speaks of an order"),
        (QUIZ + "## Câu {#a}\nHỏi ~~~\n\n~~~\n- [x] một\n- [ ] hai", 10, "E is not closed"),
        (QUIZ.replace("title", "draw: 1 tagged kho\ntitle") + ONE.format(n=1), 4, "E no question has the tag “kho”"),
        (QUIZ.replace("title", "draw:\n  - 1\n  - 1 from Luật\ntitle") + ONE.format(n=1), 6, "E in the section “Luật”"),
        (QUIZ.replace("title", "draw: 2\ntitle") + ONE.format(n=1), 4, "E asks for more than the 1 questions"),
        (QUIZ.replace("title", "show: answers\ntitle") + ONE.format(n=1), 4, "W tells the right answers"),
        (QUIZ.replace("title", "pass: 0%\ntitle") + ONE.format(n=1), 4, "W lets everybody pass"),
        (
            QUIZ.replace("title", "minutes: 1\ntitle") + "".join(ONE.format(n=n) for n in range(9)),
            4,
            "W too short for 9",
        ),
        (
            QUIZ + "".join(ONE.format(n=n).replace("[x] một", "[x] một phương án rất dài, một") for n in range(4)),
            1,
            "W the longest option is right",
        ),
        (
            QUIZ.replace("title", "shuffle: none\ntitle") + "".join(ONE.format(n=n) for n in range(4)),
            1,
            "W the first option is right",
        ),
        (
            QUIZ + "".join(f"## C {{#c{n}}}\nHỏi {n}?\n\n- [x] Đúng\n- [ ] Sai\n\n" for n in range(4)),
            1,
            "W has the same answer",
        ),
        (QUIZ + "## A {#a}\nHỏi?\n\n1. một\n2. hai\n\n## B {#b}\nHỏi?\n\n1. ba\n2. bốn", 7, "W another question has"),
    ],
)
def test_a_quiz_is_told_what_is_wrong_and_where(text, line, words):
    level, rest = words.split(" ", 1)
    found = [problem for problem in said(course(thi_md=text)) if problem.startswith(f"{level} thi.md:{line}: ")]
    assert any(rest in problem for problem in found), said(course(thi_md=text))


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"bai/2.md": None}, "E course.md:9: there is no file “bai/2.md”"),
        ({"bai/2.md": None, "Bai/2.md": FILES["bai/2.md"]}, "E course.md:9: there is no file “bai/2.md”; did you mean"),
        ({"course.md": COURSE + "- [Lại](bai/1.md)\n"}, "E course.md:11: “bai/1.md” stands twice"),
        ({"course.md": COURSE + "- [Lại](course.md)\n"}, "E course.md:11: the outline cannot hold itself"),
        ({"course.md": COURSE + "## Trống\n"}, "W course.md:11: the part “Trống” holds nothing"),
        ({"course.md": COURSE + "Chữ\n"}, "E course.md:11: the outline holds links only"),
        ({"course.md": COURSE.replace("title", "hours: 9\ntitle")}, "W bai/2.md:1: minutes is missing"),
        (
            {"course.md": COURSE.replace("title", "grade_from: mot\ntitle")},
            "E course.md:4: grade_from: there is no quiz",
        ),
        ({"course.md": COURSE.replace("title", "complete: 0%\ntitle")}, "E course.md:4: complete: write “all”"),
        ({"course.md": COURSE.replace("title", "hours: NaN\ntitle")}, "E course.md:4: hours: “NaN” is not a number"),
        (
            {"course.md": COURSE.replace("title", "complete: 1e1%\ntitle")},
            "E course.md:4: complete: “1e1%” is not a per",
        ),
        ({"course.md": COURSE.replace("title", "\tid: x\ntitle")}, "E course.md:4: a tab stands here"),
        (
            {"course.md": COURSE.replace("id: mau", "id: mot")},
            "E bai/1.md:2: the id “mot” stands already at course.md:3",
        ),
        ({"bai/3.md": HEAD}, "W bai/3.md:1: the file is in no outline"),
        ({"bai/3.md": HEAD, "bai/1.md": HEAD + "[Ba](3.md)"}, "E bai/1.md:7: “bai/3.md” is in no outline"),
        ({"Media/a.png": "x"}, "W media/a.png:1: the name differs"),
        ({"bai/2.md": FILES["bai/2.md"].replace("Bài hai", "BÀI MỘT")}, "W bai/2.md:1: “bai/1.md” has the same title"),
        ({"media/phim.vtt": "1\n00:00"}, "E media/phim.vtt:1: these are no subtitles"),
        ({"media/b.png": "x" * 60_001}, "W media/b.png:1: the picture has 60 kB"),
        (
            {"references.yaml": LAWS.replace("id: cu", "id: c ũ")},
            "E references.yaml:6: the id “c ũ” can be cited by nobody",
        ),
        ({"references.yaml": LAWS.replace("2026-01-01", "2016-01-01")}, "E references.yaml:6: in_force_to lies before"),
        (
            {"references.yaml": LAWS.replace("  name: Cũ", "\tname: Cũ")},
            "E references.yaml:8: this line breaks the form",
        ),
    ],
)
def test_the_course_is_told_what_is_wrong_and_where(changed, wanted):
    if "Media/a.png" in changed:  # whichever comes second is told
        wanted = "W Media/a.png:1: the name differs"
    assert any(problem.startswith(wanted) for problem in said(made(changed))), said(made(changed))


def test_a_missing_course_is_said_whatever_else_is_wrong():
    assert said(Source({"bai.md": b"\xef\xbb\xbfx"}))[-1].startswith("E course.md:1: there is no course.md")


def test_the_sample_course_hears_nothing_on_the_day_it_was_checked():
    sample = disk.read(ROOT / "tests" / "samples" / "ung-cuu-su-co")
    doc, problems = parse(sample)
    assert [str(problem) for problem in [*problems, *check.law(doc, date(2026, 11, 28))]] == []


def test_repealed_law_is_told_in_lessons_and_questions():
    text = FILES["thi.md"].replace("Hỏi 1?", "Hỏi theo [@cu]?")
    doc, _ = parse(course(bai__1_md=HEAD + "Chữ.\n\nXem [@cu Đ1] và [@nd331].\n", thi_md=text))
    assert [str(problem)[:12] for problem in check.law(doc, date(2026, 11, 28))] == ["bai/1.md:9: ", "thi.md:7: 1/"]
    assert len(check.law(doc, date(2027, 11, 28))) == 3


def test_unknown_local_values_are_told_with_their_line():
    source = course(bai__1_md=HEAD + "Gọi {{sdt}} hoặc {{kenh}}, `{{ma}}`.\n")
    doc, _ = parse(source)
    assert [str(problem)[:30] for problem in check.local(doc, source, {"sdt"})] == ["bai/1.md:7: “{{kenh}}” is no l"]


def test_ids_that_changed_since_the_course_was_published_are_told():
    published, _ = parse(course())
    assert check.changed_ids(published, published) == []
    doc, _ = parse(course(thi_md=FILES["thi.md"].replace("{#c1}", "{#moi}"), bai__2_md=None))
    found = [str(problem) for problem in check.changed_ids(doc, published)]
    assert found[0].startswith("course.md:1: “Bài hai”, published with the id “hai”, is gone")
    assert found[1].startswith("thi.md:7: “Câu 1” was published with the id “c1” and now has “moi”")
    other, _ = parse(course(thi_md=QUIZ + "## Câu 1 {#c1}\nHỏi?\n\nĐáp án: 3\n"))
    assert ["another kind" in str(problem) for problem in check.changed_ids(other, published)] == [True]


HOSTILE = [
    "[" * 500_000, "[a" * 250_000, "![" * 250_000, "[@a " * 120_000, "[@a" + " " * 500_000, "[x](" + " " * 500_000,
    "[x](a)" * 80_000, "`" * 500_000, " ".join("`" * n for n in range(1, 900)), "| " * 250_000, "#" * 500_000,
    "## a" + " " * 500_000 + "b", "x\n===\n" * 80_000, "## a {#b}\n" * 50_000, "!!! a\n" * 80_000, "[^a]" * 120_000,
    "http://a" * 60_000, "```quiz\n" * 60_000, "- [x] a\n" * 60_000, "{" * 500_000, "a " * 250_000, "\n" * 500_000,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:8]))
def test_no_text_takes_ages(text):
    started = time.process_time()
    parse(course(bai__1_md=HEAD + text[:80_000], thi_md=QUIZ + text[:80_000]), Memory())
    assert time.process_time() - started < 5
