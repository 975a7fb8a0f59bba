"""The form of a question: it writes the text that an author would, and touches no other line of the file."""

import unicodedata
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.course import write
from lms.course.blocks import block, chunks
from lms.course.parse import parse
from lms.course.question_form import CELLS, FIXED, LIMITS, Filled, as_kind, fields, from_form, offered, pressed
from lms.course.question_text import free_id, kept, made, written
from lms.course.questions import TYPES, from_block
from lms.course.questions.choices import Choice
from lms.course.questions.cloze import Cloze
from lms.course.questions.essay import Criterion, Essay
from lms.course.questions.file import FileUpload
from lms.course.questions.matching import Matching
from lms.course.questions.multiple_choice import MultipleChoice
from lms.course.questions.ordering import Ordering
from lms.course.questions.short_text import Accepted, ShortText
from lms.course.questions.single_choice import SingleChoice
from lms.course.questions.true_false import TrueFalse
from lms.course.source import Source
from lms.course.splice import Place, append, block_at, located, places, remove, splice
from tests.course.test_question_types import ALL, question

HEAD = "---\nid: thi\nkind: quiz\ntitle: Thi\n---\n"
LESSON = "---\nid: mot\ntitle: Một\n---\n\nĐọc đi.\n\n```quiz\n## Hỏi {#tk}\n- [x] Đúng rồi\n- [ ] Chưa\n```\n\nHết.\n"


def read(text):
    """The one question of a block."""
    return from_block(block("thi.md", chunks(text, 1)[1])[0])


def posted(filled, **more):
    """What a browser sends of the form."""
    form = {
        "kind": [filled.kind], "shown": [filled.kind], "id": [filled.id], "title": [filled.title], "tags": [filled.tags],
        "points": [filled.points], "stem": [filled.stem.replace("\n", "\r\n")], "hint": [filled.hint],
        "explanation": [filled.explanation.replace("\n", "\r\n")],
        **{f"limit-{name}": [value] for name, value in filled.limits.items()},
        **{f"row-{n}-{cell}": [value.replace("\n", "\r\n")] for n, row in enumerate(filled.rows) for cell, value in row.items()},
        **({"shuffle": ["1"]} if filled.shuffle else {}), **({"case": ["1"]} if filled.case else {}),
    }  # fmt: skip
    if filled.kind == "true_false":
        form["right"] = [str(n) for n, row in enumerate(filled.rows) if row["mark"] == "x"]
    return form | {name: [value] for name, value in more.items()}


# Questions of every kind, as rich as the format allows

words = st.text(st.characters(categories=["L", "N"], include_characters=" -,.?“”ăđệ"), min_size=1, max_size=20).map(
    lambda text: "c" + unicodedata.normalize("NFC", " ".join(text.split()))
)
prose = st.lists(words, min_size=1, max_size=3).map("\n".join)
paragraphs = st.lists(prose, min_size=1, max_size=3).map("\n\n".join)
tags = st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,6}", fullmatch=True), max_size=2, unique=True).map(tuple)
some = {"min_size": 2, "max_size": 5, "unique": True}
maybe = st.one_of(st.just(""), prose)
worth = st.sampled_from([Decimal("0.5"), Decimal("0.333"), Decimal("0.125"), Decimal(1)])


@st.composite
def choices(draw, right):
    texts = draw(st.lists(prose, min_size=right + 1, max_size=6, unique=True))
    marks = st.sampled_from([None, Decimal("-0.5"), Decimal(-1)])
    return tuple(
        Choice(text=text, ticked=place < right, weight=None if place < right else draw(marks), feedback=draw(maybe))
        for place, text in enumerate(texts)
    )


@st.composite
def questions(draw):  # noqa: PLR0911 - a case for each kind
    kind = draw(st.sampled_from(list(TYPES)))
    shared = {
        "id": draw(st.sampled_from(["c", "cau-1", "viec-dau-tien"])),
        "title": draw(words),
        "stem": draw(paragraphs),
        "points": draw(st.sampled_from([Decimal(1), Decimal(10), Decimal("1.5"), Decimal("1.125"), Decimal("0.25")])),
        "tags": draw(tags),
        "hint": draw(maybe),
        "explanation": draw(st.one_of(st.just(""), paragraphs)),
    }
    shuffle = draw(st.booleans())
    rubric = tuple(Criterion(points=draw(worth), text=draw(prose)) for _ in range(draw(st.integers(0, 3))))
    by_person = shared | ({"points": sum((one.points for one in rubric), Decimal(0))} if rubric else {})
    match kind:
        case "single_choice":
            return SingleChoice(**shared, shuffle=shuffle, options=draw(choices(1)))
        case "multiple_choice":
            return MultipleChoice(**shared, shuffle=shuffle, options=draw(choices(draw(st.integers(1, 3)))))
        case "true_false":
            made_ = question(ALL[kind])
            options = tuple(replace(one, feedback=draw(maybe)) for one in draw(st.permutations(made_.options)))
            return TrueFalse(**shared, options=options)
        case "short_text":
            answers = [Accepted(text=draw(words)), *(
                Accepted(text=draw(words), weight=draw(worth), feedback=draw(maybe)) for _ in range(draw(st.integers(0, 3)))
            )]  # fmt: skip
            return ShortText(**shared, answers=tuple(answers), case=draw(st.booleans()))
        case "numeric":
            said = draw(st.sampled_from(["297 ± 2 mm", "18..22,5", "72 giờ", "9 ± 0", "5..5", "-3,5", "6,2000 m²"]))
            return replace(question(f"Hỏi?\n\nĐáp án: {said}"), **shared)
        case "matching":
            lefts, rights = draw(st.lists(words, **some)), draw(st.lists(prose, **some))
            pairs = list(zip(lefts, rights * 3, strict=False))
            return Matching(
                **shared, shuffle=shuffle, rows=tuple(left for left, _ in pairs) , matches=tuple(right for _, right in pairs),
                distractors=tuple(draw(st.lists(words.map(lambda text: f"thừa {text}"), max_size=2, unique=True))),
            )  # fmt: skip
        case "ordering":
            return Ordering(**shared, steps=tuple(draw(st.lists(prose, **some))))
        case "cloze":
            stem = f"{shared['stem']}\n{draw(st.sampled_from(['[[Hà Nội | Ha Noi]]', 'là [[*a* | b]].', '[[9 ± 1]] chương']))}"
            blanks = question(stem).blanks
            return Cloze(**shared | {"stem": stem}, blanks=blanks, case=draw(st.booleans()))
        case "essay":
            least, most = draw(st.sampled_from([(None, None), (100, 500), (None, 300), (50, None)]))
            return Essay(**by_person, least_words=least, most_words=most, rubric=rubric)
    suffixes = draw(st.sampled_from([(), (".docx", ".pdf")]))
    return FileUpload(**by_person, suffixes=suffixes, most_files=2, most_mib=10, rubric=rubric)


@settings(max_examples=300, deadline=None)
@given(questions())
def test_a_question_that_went_through_the_form_is_the_same_question(asked):
    assert read(written(fields(asked))) == asked


@settings(max_examples=300, deadline=None)
@given(questions())
def test_the_form_and_the_browser_change_nothing_that_was_not_typed(asked):
    source = write.question(asked) if asked.kind not in ("matching", "numeric") else written(fields(asked))
    filled = from_form(posted(offered(fields(asked))))
    assert [row for _, row in filled.given] == list(fields(asked).rows)
    again = made(filled, source=source)
    assert again.wrong == ()
    assert again.question == asked
    assert again.block == source


@pytest.mark.parametrize("kind", TYPES)
def test_the_form_writes_what_the_writer_writes(kind):
    asked = question(ALL[kind])
    assert written(fields(asked)) == write.question(asked)


def test_every_kind_has_its_cells():
    assert list(CELLS) == list(TYPES)


@pytest.mark.parametrize("kind", TYPES)
def test_what_was_not_changed_keeps_the_author_s_own_words(kind):
    source = f"## Câu {{#c}}\n\n{ALL[kind]}\n\n> Gợi ý: nghĩ đi\n\n> Vì thế."
    before = fields(read(source))
    changed = made(replace(before, hint="nghĩ nữa đi"), source=source)
    assert changed.block == source.replace("nghĩ đi", "nghĩ nữa đi")
    changed = made(replace(before, explanation="", hint=""), source=source)
    assert changed.block == source.partition("\n\n> Gợi ý")[0]
    changed = made(replace(before, tags="de .kho", title="Câu khác"), source=source)
    assert changed.block.partition("\n")[2] == source.partition("\n")[2]
    if kind != "cloze":
        changed = made(replace(before, stem="Hỏi khác?\n\nHỏi nữa?"), source=source)
        assert ALL[kind].partition("\n\n")[2] in changed.block
        assert changed.question.stem == "Hỏi khác?\n\nHỏi nữa?"


def test_a_number_stays_as_it_was_written():
    source = "## Câu {#c}\nHỏi?\n\nĐáp án: 9 ± 0 mm"
    assert made(replace(fields(read(source)), stem="Bao nhiêu?"), source=source).block == source.replace(
        "Hỏi", "Bao nhiêu"
    )
    assert fields(read(source)).rows == ({"text": "9 ± 0 mm"},)


# What people type

LINES = st.sampled_from([
    "", "  ", "chữ", "## Câu khác {#x}", "# Phần", "- [x] a", "- [ ] b", "1. một", "- a -> b", "- mục", "> trích", "Đáp án: 5",
    "Trả lời: tự luận", "Thang điểm:", "Gợi ý: x", "```", "```quiz", "~~~", "````", "[[gap]]", "`[[ -f x ]]`", "{#a .b}", "{#",
    "  thụt", "\tthụt", "a -> b", "\\->", "→", "|", "a | b", "“”", '"5"', "5 ± 1", "6.200", "Đúng", "Sai", "---", "\\## x", "***",
    "[x]", "] x", "x]", "\x00", "\u2028", "\ue000", "points=2", "x" * 300, "{{ten}}", "![](x.png)", "<b>", "Hint: x", "=", "%", "-",
])  # fmt: skip
TYPED = st.one_of(words, st.lists(LINES | st.text(max_size=8), min_size=1, max_size=4).map("\n".join))


@st.composite
def typed_forms(draw):
    kind = draw(st.sampled_from(list(CELLS)))
    start = posted(offered(fields(question(ALL[kind]))))
    changes = draw(st.dictionaries(st.sampled_from(sorted(start)), TYPED, max_size=4))
    changes |= {"stem": draw(TYPED)} if draw(st.booleans()) else {}
    return start | {name: [value] for name, value in changes.items() if name not in ("kind", "shown", "id")}


AROUND = "# Phần một\n\n## Trước {#truoc}\nHỏi?\n\n- [x] a\n- [ ] b\n\n"
AFTER = "\n\n\n## Sau {#sau}\nHỏi?\n\n1. a\n2. b\n\n# Phần hai\n\n## Cuối {#cuoi}\n[[gap]]\n"


@settings(max_examples=400, deadline=None)
@given(typed_forms())
def test_whatever_is_typed_is_kept_as_typed_or_refused_with_a_reason(form):
    filled = from_form(form)
    result = made(filled, source="## Câu {#c}\n" + ALL[filled.kind])
    if result.wrong:
        assert all("%(" not in one.text() and one.text() and one.field for one in result.wrong)
        return
    one = fields(result.question)
    assert (one.kind, one.title, one.stem, one.hint, one.explanation) == (
        filled.kind, filled.title, filled.stem, filled.hint, filled.explanation,
    )  # fmt: skip
    assert len(one.rows) == len(filled.given)
    text = f"{HEAD}\n{AROUND}## Câu {{#c}}\n{ALL[filled.kind]}{AFTER}"
    changed = splice(text, located(text, "c"), result.block)
    assert changed == f"{HEAD}\n{AROUND}{result.block}{AFTER}"
    assert [place.id for place in places(changed)] == ["truoc", "c", "sau", "cuoi"]
    assert read(block_at(changed, located(changed, "c"))) == result.question
    assert block_at(changed, located(changed, "truoc")) == block_at(text, located(text, "truoc"))


@settings(max_examples=200, deadline=None)
@given(typed_forms(), st.sampled_from(["```", "````", "~~~"]))
def test_a_self_check_stays_within_its_fence(form, fence):
    filled = from_form(form)
    result = made(filled, source="## Câu {#c}\n" + ALL[filled.kind], fence=fence)
    if result.wrong:
        return
    text = LESSON.replace("```", fence)
    changed = splice(text, located(text, "tk"), result.block)
    (place,) = places(changed)
    assert place.fence == fence
    assert read(block_at(changed, place)) == result.question
    assert changed.endswith(f"\n{fence}\n\nHết.\n")


@given(st.dictionaries(st.one_of(st.text(max_size=12), st.from_regex(r"row-\d{1,5}-(text|mark|left)", fullmatch=True)),
                       st.lists(st.text(max_size=9), max_size=2), max_size=30))  # fmt: skip
def test_no_form_that_anybody_sends_raises(form):
    filled = from_form(form)
    assert len(filled.rows) <= 101
    pressed(filled, form)
    made(filled)


def test_a_thousand_rows_are_cut_to_what_the_parser_refuses():
    form = {f"row-{n}-text": ["x"] for n in range(5000)} | {"kind": ["ordering"], "title": ["Câu"]}
    filled = from_form(form)
    assert len(filled.rows) == 101
    assert "more than" in made(replace(filled, rows=tuple({"text": str(n)} for n in range(101)))).wrong[0].text()


@pytest.mark.parametrize(
    ("kind", "change", "field", "words"),
    [
        ("single_choice", {"stem": "Hỏi?\n## Câu hai {#x}"}, "stem", "another question"),
        ("single_choice", {"stem": "Hỏi?\n```\nmã"}, "stem", "not closed"),
        ("single_choice", {"stem": "Chọn:\n\n- cái này"}, "stem", "part of the answers"),
        ("ordering", {"stem": "Xếp:\n\n1. cái này"}, "stem", "part of the answers"),
        ("single_choice", {"stem": "Điền [[vào]]"}, "stem", "gap"),
        ("single_choice", {"row-1-text": "hai\n\nba"}, "row-1-text", "Row 2"),
        ("single_choice", {"row-1-text": "hai\n> ba"}, "row-1-text", "Row 2"),
        ("single_choice", {"row-1-mark": "x"}, "row-1-mark", "one right option"),
        ("single_choice", {"row-0-mark": "120%"}, "row-0-text", "not a share"),
        ("single_choice", {"title": ""}, "title", "title is missing"),
        ("single_choice", {"tags": "a}b"}, "tags", "tag"),
        ("single_choice", {"points": "6.200"}, "points", "6200"),
        ("single_choice", {"points": "nhiều"}, "points", "how many points"),
        ("single_choice", {"points": "2 } x"}, "points", "how many points"),
        ("single_choice", {"points": "2000"}, "points", "number of points"),
        ("single_choice", {"stem": "Hỏi?\n\nĐáp án: 5"}, "stem", "part of the answers"),
        ("single_choice", {"explanation": "Gợi ý: nghĩ"}, "hint", "hint"),
        ("multiple_choice", {"row-0-mark": "", "row-1-mark": ""}, "row-0-text", "right answer"),
        ("short_text", {"row-0-weight": "50"}, "row-0-text", "all points"),
        ("numeric", {"row-0-text": ""}, "row-0-text", "missing"),
        ("numeric", {"row-0-text": "Hà Nội"}, "kind", "another kind"),
        ("matching", {"row-0-right": ""}, "row-0-left", "no pair"),
        ("cloze", {"stem": "Thủ đô là Hà Nội."}, "stem", "no gap"),
        ("cloze", {"stem": "Là [[Hà Nội]].\n\n> trích"}, "stem", "part of the answers"),
        ("essay", {"limit-least_words": "nhiều"}, "limit-least_words", "whole number"),
        ("essay", {"row-0-points": "bốn"}, "row-0-points", "points and for what"),
        ("file", {"limit-suffixes": ".exe"}, "limit-suffixes", "carry programs"),
    ],
)
def test_what_cannot_be_kept_is_told_at_its_field(kind, change, field, words):
    form = posted(fields(question(ALL[kind])), **change)
    if kind == "essay":
        form.pop("points")
    (first, *_) = made(from_form(form)).wrong
    assert (first.field, words in first.text()) == (field, True), (first.field, first.text())


def test_an_id_is_made_of_the_title_and_taken_once():
    assert free_id("Việc đầu tiên ở phường Đông", {}) == "viec-dau-tien-o-phuong-dong"
    assert free_id("Việc", {"viec": ("a.md", 1), "viec-2": ("a.md", 9)}) == "viec-3"
    assert free_id("???", {}) == "cau-1"
    taken = {"c": ("thi.md", 4), "d": ("thi.md", 9)}
    filled = fields(question(ALL["numeric"]))
    assert made(filled, source="## Câu {#c}\n" + ALL["numeric"], taken=taken).wrong == ()
    (wrong,) = made(replace(filled, id="d"), source="## Câu {#c}\n" + ALL["numeric"], taken=taken).wrong
    assert (wrong.field, "thi.md:9" in wrong.text()) == ("id", True)
    (wrong,) = made(replace(filled, id="Ba Đình")).wrong
    assert wrong.field == "id"


def test_what_a_person_marks_is_no_self_check():
    (wrong,) = made(fields(question(ALL["essay"])), fence="```").wrong
    assert (wrong.field, "marked at once" in wrong.text()) == ("kind", True)


def test_the_points_of_an_essay_are_the_sum_of_its_rubric():
    form = posted(fields(question(ALL["essay"])), **{"row-1-points": "8"})
    assert made(from_form(form)).question.points == 12


# Buttons

OPEN = offered(fields(question(ALL["single_choice"])))


@pytest.mark.parametrize(
    ("button", "texts", "focus"),
    [
        ({"add": "1"}, ["đúng", "gần đúng", "sai", "", ""], "row-4-text"),
        ({"remove": "1"}, ["đúng", "sai", ""], "row-1-text"),
        ({"up": "2"}, ["đúng", "sai", "gần đúng", ""], "row-1-text"),
        ({"up": "0"}, ["đúng", "gần đúng", "sai", ""], "row-0-text"),
        ({"down": "0"}, ["gần đúng", "đúng", "sai", ""], "row-1-text"),
        ({"remove": "99"}, ["đúng", "gần đúng", "sai", ""], ""),
        ({"down": "x"}, ["đúng", "gần đúng", "sai", ""], ""),
    ],
)
def test_the_buttons_of_the_rows_work_without_a_script(button, texts, focus):
    form = posted(OPEN, **button)
    after, place = pressed(from_form(form), form)
    assert [row["text"] for row in after.rows] == texts
    assert place == focus


def test_saving_is_no_button_of_the_rows():
    form = posted(OPEN, save="1")
    assert pressed(from_form(form), form) is None


def test_another_kind_keeps_what_both_have_and_is_looked_at_before_it_is_saved():
    form = posted(OPEN, kind="ordering", save="1")
    after, _ = pressed(from_form(form), form)
    assert [row["text"] for row in after.rows] == ["đúng", "gần đúng", "sai", ""]
    assert (after.kind, after.title, after.stem) == ("ordering", "Câu", "Hỏi?")
    pairs = as_kind(after, "matching")
    assert [row["left"] for row in pairs.rows][:3] == ["đúng", "gần đúng", "sai"]
    assert [row["text"] for row in as_kind(pairs, "true_false").rows] == ["Đúng", "Sai"]


@pytest.mark.parametrize("start", CELLS)
@pytest.mark.parametrize("end", CELLS)
def test_every_kind_becomes_every_other(start, end):
    after = as_kind(offered(fields(question(ALL[start]))), end)
    assert all(tuple(row) == CELLS[end] for row in after.rows)
    assert tuple(after.limits) == LIMITS.get(end, ())
    assert len(after.rows) == FIXED.get(end, len(after.rows))
    made(after)


# The file around it

QUIZ = f"{HEAD}\n{AROUND}## Câu {{#c}}\n{ALL['numeric']}{AFTER}"


def test_a_question_is_found_by_its_id_or_by_any_of_its_lines():
    place = located(QUIZ, "c")
    assert place == Place(15, 18, "c")
    assert {line for line in range(1, 40) if located(QUIZ, line) == place} == {15, 16, 17, 18}
    assert located(QUIZ, "") is None
    assert located(LESSON, "tk") == Place(9, 11, "tk", "```")


def test_a_new_question_stands_at_the_end_of_its_section():
    new = "## Mới {#moi}\n[[x]]"
    text = append(QUIZ, new, section="Phần một")
    assert [place.id for place in places(text)] == ["truoc", "c", "sau", "moi", "cuoi"]
    assert text.replace(f"{new}\n\n", "") == QUIZ
    text = append(QUIZ, new)
    assert text == f"{QUIZ}\n{new}\n"
    assert append(HEAD, new) == f"{HEAD}\n{new}\n"


def test_a_new_self_check_stands_below_the_paragraph_of_the_cursor():
    new = "## Mới {#moi}\nMã:\n\n```\nls\n```\n\nlà [[x]]"
    for line, ids in ((6, ["moi", "tk"]), (9, ["tk", "moi"]), (0, ["tk", "moi"]), (999, ["tk", "moi"])):
        text = append(LESSON, new, line=line)
        assert [place.id for place in places(text)] == ids
        assert block_at(text, located(text, "moi")) == new
        assert "````quiz" in text
        assert remove(text, located(text, "moi")).replace("\n", "") == LESSON.replace("\n", "")


def test_a_question_that_is_taken_out_leaves_the_others_as_they_were():
    assert remove(QUIZ, located(QUIZ, "c")) == f"{HEAD}\n{AROUND}{AFTER.lstrip()}"
    assert remove(QUIZ, located(QUIZ, "cuoi")) == QUIZ.partition("\n\n## Cuối")[0] + "\n"
    assert remove(LESSON, located(LESSON, "tk")) == LESSON.partition("```")[0] + "Hết.\n"


def test_the_line_ends_of_windows_stay():
    text = QUIZ.replace("\n", "\r\n")
    after = splice(text, located(text, "c"), "## Câu {#c}\n[[mới]]")
    assert after == splice(QUIZ, located(QUIZ, "c"), "## Câu {#c}\n[[mới]]").replace("\n", "\r\n")
    assert append(text, "## Mới {#moi}\n[[x]]").count("\n") == append(text, "## Mới {#moi}\n[[x]]").count("\r\n")


def test_the_whole_course_reads_the_edit_and_nothing_else_changes():
    course = b"---\nformat: 1\nid: mau\ntitle: M\n---\n\n- [Thi](thi.md)\n"
    source = lambda text: Source({"course.md": course, "thi.md": text.encode()})  # noqa: E731
    before, _ = parse(source(QUIZ))
    place = located(QUIZ, "c")
    filled = replace(fields(before.quizzes[0].question("c")), stem="Khổ A4 dài bao nhiêu?", points="2")
    result = made(filled, source=block_at(QUIZ, place))
    after, problems = parse(source(splice(QUIZ, place, result.block)))
    assert not [problem for problem in problems if problem.is_error]
    assert after.quizzes[0].question("c") == replace(result.question, section="Phần một")
    others = [one for one in after.quizzes[0].questions if one.id != "c"]
    assert others == [one for one in before.quizzes[0].questions if one.id != "c"]


def test_parts_are_kept_one_by_one():
    source = "## Câu  {#c  .a}\n\nHỏi?\n\n* [X] một\n* [ ] hai\n\n\n> Vì thế."
    asked = read(source)
    assert kept(replace(fields(asked), stem="Hỏi gì?"), source, asked) == source.replace("Hỏi?", "Hỏi gì?")
    one = fields(asked)
    rows = ({**one.rows[0], "text": "mốt"}, one.rows[1])
    assert kept(replace(one, rows=rows), source, asked) == source.replace(
        "* [X] một\n* [ ] hai", "- [x] mốt\n- [ ] hai"
    )
    assert isinstance(one, Filled)
