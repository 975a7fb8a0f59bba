"""Bad input, large input and many readers at once: each is told or shown, in time that grows with the text."""

import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.course import markdown
from lms.course.markdown import _House, _Where, render
from lms.course.parse import parse
from lms.course.reading import TEXT_LIMIT
from lms.course.source import Source

COURSE = "---\nformat: 1\nid: mau\ntitle: Mẫu\n---\n\n- [Bài](bài một.md)\n- [Thi](thi.md)\n"
LESSON = "---\nid: bai\ntitle: Bài\nminutes: 5\n---\n\n## Mở đầu\n\nMột đoạn.\n"
QUIZ = "---\nid: thi\nkind: quiz\ntitle: Thi\n---\n\n## Câu {#c1}\nHỏi?\n\n- [x] đúng\n- [ ] sai\n"
FILES = {"course.md": COURSE, "bài một.md": LESSON, "thi.md": QUIZ}


def read(**changed):
    """Parse the small course; every problem stands at a line that there is."""
    files = {path: changed.get(path.split(".")[0].replace(" ", "_"), text) for path, text in FILES.items()}
    source = Source({path: text if isinstance(text, bytes) else text.encode() for path, text in files.items()})
    doc, problems = parse(source)
    for problem in problems:
        text = source.get(problem.path, b"").decode("utf-8", "replace")
        assert 1 <= problem.line <= max(1, len(text.splitlines()) + 1), str(problem)
        assert "%(" not in problem.text()
    return doc, problems


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: text.replace("\n", "\r\n").replace("- [", "-\t["),
    ],
    ids=["CRLF", "BOM", "NFD", "tab"],
)
def test_what_an_editor_does_to_a_file_is_mended_or_told(change):
    doc, _ = read(bài_một=change(LESSON), thi=change(QUIZ))
    assert doc is not None
    assert [lesson.title for lesson in doc.lessons] == ["Bài"]


@pytest.mark.parametrize(
    "front",
    ["id: [", "id: bai\nid: bai", "title: *x", "id: &a !!python/object:os.system", "? x", "{", "\tid: x", "- a", "id: >\n x", "%YAML 9"],
)  # fmt: skip
def test_broken_front_matter_is_told_and_raises_nothing(front):
    _, problems = read(bài_một=f"---\n{front}\n---\nMột đoạn.\n")
    assert problems


def test_double_ids_and_circles_are_told():
    _, problems = read(bài_một=LESSON.replace("id: bai", "id: thi"))
    assert problems
    circle = COURSE.replace("(thi.md)", "(course.md)")
    doc, problems = parse(
        Source({**{path: text.encode() for path, text in FILES.items()}, "course.md": circle.encode()})
    )
    assert doc is None or problems


def test_a_lesson_of_five_megabytes_is_refused_and_the_largest_allowed_is_shown_in_bounded_time():
    body = ("Cơ quan **tiếp nhận** phản ánh của công dân.\n\n" * 150_000)[:5_000_000]
    start = time.process_time()
    doc, problems = read(bài_một=LESSON + body)
    assert time.process_time() - start < 2
    assert [lesson.title for lesson in doc.lessons] == []
    assert [(p.path, p.line, p.level) for p in problems if "1000 kB" in p.text()] == [("bài một.md", 1, "error")]
    largest = LESSON + body[: TEXT_LIMIT // 2]
    largest += "." * (TEXT_LIMIT - len(largest.encode()))
    doc, _ = read(bài_một=largest)
    assert doc.lessons[0].title == "Bài"
    render(body[:1_000_000])
    assert time.process_time() - start < 20


def test_a_quiz_of_ten_thousand_lines_grows_with_its_lines():
    took = []
    for count in (250, 1250):  # eight lines a question
        body = "".join(
            f"## Câu {n} {{#c{n}}}\nTình huống số {n} xảy ra, làm gì?\n\n- [x] một {n}\n- [ ] hai\n- [ ] ba\n\n> Vì thế.\n"
            for n in range(count)
        )
        start = time.process_time()
        doc, _ = read(thi="---\nid: thi\nkind: quiz\ntitle: Thi\n---\n\n" + body)
        for question in doc.quizzes[0].questions:
            render(question.view().stem)
        took.append(time.process_time() - start)
        assert len(doc.quizzes[0].questions) == count
    assert took[1] < 10
    assert took[1] < 15 * max(took[0], 0.05), took


@pytest.mark.parametrize(
    "piece",
    ["a\n---\n", "# a\n", "- a\n", "- a\n+ b\n", "> a\n\n", "```\na\n```\n", "***\n", "1. a\n\n   b\n", "++a++ ", "{{a}} ",
     "| a |\n", "chữ *a* _b_ `c`\n", "<a:", "&", "`", "~~a ", "!!! ghi-nho\n    a\n\n", "a  \n", "    a\n", ">", "\\"],
)  # fmt: skip
def test_rendering_grows_with_the_text_whatever_is_repeated(piece):
    start = time.process_time()
    render(piece * 3000)
    assert time.process_time() - start < 6


def slowly(text):
    """A reader of its own for each text, and no way around it."""
    return markdown.CLEANER.clean(_House().convert(text, _Where("", {}, {}, (), "vi", {})))


PLAIN = st.text(alphabet=st.sampled_from("aBđêĐ9 1.,;:?!%/“”‘’…–—→()'\"-\n\n*#_=²٣ạ\u0301\u00a0"), max_size=40)
MARKED = st.lists(
    st.sampled_from(["a ", "**b** ", "- x\n", "\n", "\n\n", "1. y\n", "[a]: /b\n", "[a]", "x[^1] ", "[^1]: z\n", "## T\n", "```\nc\n```\n",
                     "| a |\n|--|\n| b |\n", "!!! luu-y\n    d\n", "{{ten}} ", "[@nd] ", "`e` ", "<", "&amp; ", "  \n", "++f++ "]), max_size=8,
).map("".join)  # fmt: skip


@given(PLAIN)
@settings(max_examples=400, deadline=None)
def test_the_short_way_of_plain_texts_ends_where_the_long_one_does(text):
    assert render(text) == slowly(text)


@given(st.lists(MARKED, max_size=3))
@settings(max_examples=80, deadline=None)
def test_a_reader_remembers_nothing_of_the_text_before(texts):
    for text in texts:
        assert render(text) == slowly(text)


def test_readers_in_many_threads_do_not_mix():
    texts = [
        f"## Mục {n}\n\nSố **{n}**[^1] và [liên kết][a].\n\n[^1]: Chú {n}\n\n[a]: https://example.vn/{n}\n"
        for n in range(60)
    ]
    alone = [render(text) for text in texts]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(render, texts * 5)) == alone * 5


def test_a_text_that_broke_a_reader_leaves_the_next_one_whole():
    assert render("> " * 2000 + "\n" + "a\n: b\n" * 700).startswith("<")
    assert render("**a**") == "<p><strong>a</strong></p>"


@pytest.mark.parametrize("path", sorted(Path("tests/samples/fuzz").glob("*.quiz")), ids=lambda path: path.stem)
def test_what_fuzzing_found_raises_nothing_any_more(path):
    body = path.read_text("utf-8")
    read(thi="---\nid: thi\nkind: quiz\ntitle: Thi\n---\n\n" + body)
    render(body)
