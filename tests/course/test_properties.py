"""Promises over whatever an author, a learner or a broken disk may come up with."""

import json
from contextlib import suppress
from dataclasses import asdict
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lms.assessment import rules
from lms.content import disk, rendering
from lms.course import numerals
from lms.course.blocks import block, chunks
from lms.course.completion import Done, grade, progress
from lms.course.document import CourseDoc, Entry, Lesson, Part, Quiz, dump, load
from lms.course.frontmatter import read
from lms.course.parse import parse
from lms.course.questions import BadQuestion, from_block
from lms.course.questions.choices import ChoiceQuestion
from lms.course.source import Source, from_zip, to_zip
from lms.settings import ROOT

SAMPLE = disk.read(ROOT / "tests" / "samples" / "ung-cuu-su-co")
DOC, _ = parse(SAMPLE)
TEXTS = sorted(path for path in SAMPLE if path.endswith((".md", ".yaml")))
ODD = st.sampled_from([
    "---", "- [x]", "- [ ] ", "- [50%] x", "- [999%] x", "Đáp án:", "Đáp án: 1 | 2", "Đáp án: 6.200", "Đáp án: 9..1 mm", "## ",
    "## Câu {#a}", "## Câu {#a .b points=0}", "{#", "> ", "  > x", "[[a|b]]", "1. a -> b", "```", "~~~", "```quiz", "[@x]",
    "![](x.png)", "- [Bài](../../etc/passwd)", "- [Bài](bai/01-su-co-va-quy-dinh.md)", "key: value", "id: a", "minutes: -1",
    "pass: 1e9%", "hours: NaN", "format: 2", "kind: drill", "\tx", "Trả lời:", "# ", "### x", "- id: [", "in_force_from: 2026-13-40",
    "\ufeff", "\u2028", "\x00", "{{a}}", "*(không bắt buộc)*", "!!! x", "| a |",
])  # fmt: skip
LINES = ODD | st.text(alphabet=st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=25)


@st.composite
def mutated(draw):
    """The sample course after somebody edited it without looking."""
    files = dict(SAMPLE)
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(TEXTS))
        lines = files[path].decode("utf-8", "replace").split("\n")
        at = draw(st.integers(0, len(lines) - 1))
        what = draw(st.sampled_from(["delete", "double", "insert", "replace", "swap", "cut", "gone", "indent"]))
        if what == "delete":
            del lines[at]
        elif what == "double":
            lines.insert(at, lines[at])
        elif what == "insert":
            lines.insert(at, draw(LINES))
        elif what == "replace":
            lines[at] = draw(LINES)
        elif what == "swap":
            other = draw(st.integers(0, len(lines) - 1))
            lines[at], lines[other] = lines[other], lines[at]
        elif what == "cut":
            lines = lines[:at]
        elif what == "indent":
            lines[at] = "    " + lines[at]
        files[path] = "\n".join(lines).encode()
        if what == "gone" and path != "course.md":
            del files[path]
            break
    return Source(files)


@given(mutated())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_course_edited_without_looking_is_read_or_explained(source):
    doc, problems = parse(source)
    for problem in problems:
        text = source.get(problem.path, b"").decode("utf-8", "replace")
        assert 1 <= problem.line <= text.count("\n") + 1, str(problem)
        assert problem.path in source or problem.line == 1
        assert "%(" not in problem.text(), "every value of the message is filled in"
    if doc is not None:
        assert load(json.loads(json.dumps(dump(doc)))) == doc


@given(mutated())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_read_can_be_shown(source):
    doc, _ = parse(source)
    assert doc is not None
    for entry in doc.items:
        if source.get(entry.path) != SAMPLE.get(entry.path):
            rendering.pieces(doc, entry.item, {})


@given(st.binary(max_size=300))
def test_no_file_that_calls_itself_a_zip_raises(data):
    from_zip(data)


@given(st.integers(0, 10**6), st.integers(1, 255))
@settings(max_examples=150, deadline=None)
def test_no_damaged_zip_raises(place, flip):
    data = bytearray(ZIPPED)
    data[place % len(data)] ^= flip
    found, problems = from_zip(bytes(data))
    assert found is not None or problems


ZIPPED = to_zip(Source({"course.md": b"x", "bai/mot.md": "Một".encode(), "media/a.png": b"\x89PNG" * 9}))
NAMES = st.text(alphabet="abcđê0-_. ", min_size=1, max_size=8).filter(
    lambda name: name.strip(".") and not name.startswith("._")
)


@given(st.dictionaries(NAMES, st.binary(max_size=40), min_size=1, max_size=5))
@settings(deadline=None)
def test_a_course_survives_being_packed_and_unpacked(files):
    source = Source({"course.md": b"x", **files})
    again, problems = from_zip(to_zip(source))
    assert problems == []
    assert dict(again) == dict(source)
    assert again.digest() == source.digest()


@given(st.lists(LINES, max_size=12), st.text(max_size=60))
def test_front_matter_is_cut_where_it_ends_and_tells_its_lines(lines, body):
    text = "\n".join(["---", *lines, "---"]) + "\n" + body
    found, problems = read("x.md", text)
    rows = text.split("\n")
    assert found.body == "\n".join(rows[found.body_line - 1 :])
    for key in found.values:
        assert rows[found.line(key) - 1].startswith(f"{key}:")
    for problem in problems:
        assert 1 <= problem.line <= len(rows)


# Grading

MARKS = st.sampled_from(["x", " ", "50%", "25%", "-50%", "-100%", "100%", "33,3%"])


@st.composite
def choice_questions(draw):
    """Any question with options that an author may write, and the texts of its boxes."""
    marks = draw(st.lists(MARKS, min_size=2, max_size=7))
    many = draw(st.sampled_from(["", " select=many"]))
    made = asked(marks, many)
    assume(made is not None)
    return made, marks, many


def asked(marks, settings_=""):
    options = "\n".join(f"- [{mark}] Phương án {place}" for place, mark in enumerate(marks))
    chunk = chunks(f"## Câu {{#c{settings_}}}\nHỏi?\n\n{options}\n", 1)[1]
    made, problems = block("thi.md", chunk)
    assert made is not None, problems
    try:
        return from_block(made)
    except BadQuestion:
        return None


@given(choice_questions(), st.data())
def test_an_answer_earns_between_nothing_and_everything_however_it_was_shown(made, data):
    question, marks, _ = made
    places = sorted(
        data.draw(st.sets(st.integers(0, len(marks) - 1), max_size=None if "multiple" in question.kind else 1))
    )
    first = sorted(question.order(""))
    second = data.draw(st.permutations(first))
    answers, fractions = [], []
    for order in (first, second):
        shown = [str(order.index(place)) for place in places]
        for values in (shown, shown[::-1]):
            answer = question.read(values, order)
            answers.append(answer)
            fractions.append(question.grade(answer).fraction)
    assert all(answer == answers[0] for answer in answers), "what is stored knows nothing of the screen"
    assert all(fraction == fractions[0] for fraction in fractions)
    assert 0 <= fractions[0] <= 1
    stored = json.loads(json.dumps(answers[0]))
    assert question.grade(stored).fraction == fractions[0]


@given(choice_questions())
def test_exactly_the_right_options_earn_everything(made):
    question, marks, _ = made
    right = [place for place in range(len(marks)) if question.is_right(place)]
    order = sorted(question.order(""))
    if question.kind != "multiple_choice":
        right = right[:1]
    answer = question.read([str(place) for place in right], order)
    assert question.grade(answer).fraction == 1
    assert question.grade(None).fraction == 0


@given(choice_questions(), st.data())
def test_the_page_is_the_same_whichever_options_are_right(made, data):
    question, marks, many = made
    other = asked(data.draw(st.permutations(marks)), many)
    assume(other is not None and other.kind == question.kind)
    order = data.draw(st.permutations(range(len(marks))))
    assert json.dumps(asdict(question.view(order))) == json.dumps(asdict(other.view(order)))
    seed = data.draw(st.text(max_size=5))
    assert question.order(seed) == other.order(seed)


TYPED = st.sampled_from(["Hà Nội", "Huế | Vinh", "72 giờ", "18..22 giờ", "5 ± 1 giờ", '"72 giờ"', "rút … mạng"])


@given(TYPED, TYPED, st.text(max_size=12))
def test_the_page_of_a_typed_question_tells_nothing_but_the_unit(first, second, typed):
    views, kinds = [], []
    for answer in (first, second):
        made, _ = block("thi.md", chunks(f"## Câu {{#c}}\nHỏi?\n\nĐáp án: {answer}\n", 1)[1])
        question = from_block(made)
        kinds.append(question.kind)
        views.append(json.dumps(asdict(question.view())))
        assert 0 <= question.grade(question.read([typed])).fraction <= 1
    assume(kinds[0] == kinds[1])
    assert views[0] == views[1]


@given(
    st.integers(1, 40), st.integers(0, 40), st.decimals(0, 100, places=1), st.sampled_from(["1", "2", "0,5", "1,25"])
)
def test_the_pass_mark_is_never_missed_by_a_rounding(count, right, percent, points):
    right = min(right, count)
    questions = []
    for number in range(count):
        text = f"## Câu {{#c{number} points={points}}}\nHỏi?\n\n- [x] đúng\n- [ ] sai\n"
        questions.append(from_block(block("thi.md", chunks(text, 1)[1])[0]))
    quiz = Quiz(id="thi", title="Thi", path="thi.md", pass_percent=percent, questions=tuple(questions))
    paper = rules.make_paper(quiz, "seed")
    result = rules.grade_paper(quiz, paper, {f"c{number}": 0 for number in range(right)})
    assert result.passed == (Fraction(right, count) >= Fraction(percent) / 100)
    assert result.fraction == pytest.approx(right / count)


@given(st.text(max_size=8), st.sampled_from(["none", "questions", "options", "both"]))
def test_a_paper_asks_every_question_once_and_shows_every_option_once(seed, shuffle):
    quiz = Quiz(**{**vars(DOC.quizzes[0]), "shuffle": shuffle})
    paper = rules.make_paper(quiz, seed)
    assert sorted(entry["question"] for entry in paper) == sorted(question.id for question in quiz.questions)
    for entry in paper:
        question = quiz.question(entry["question"])
        count = len(question.options) if isinstance(question, ChoiceQuestion) else 0
        assert sorted(entry["order"]) == list(range(count))
        if shuffle in {"none", "questions"}:
            assert list(entry["order"]) == list(range(count))
    assert rules.make_paper(quiz, seed) == paper


# Completion


@st.composite
def courses(draw):
    """A course of lessons and one quiz, with any items optional and any share enough."""
    count = draw(st.integers(1, 6))
    entries = [Entry(title="x", item=f"b{n}", path=f"b{n}.md", optional=draw(st.booleans())) for n in range(count)]
    entries.append(Entry(title="x", item="thi", path="thi.md", optional=draw(st.booleans())))
    return CourseDoc(
        id="mau",
        title="Mẫu",
        complete=draw(st.integers(0, 100)),
        grade_from=draw(st.sampled_from([None, "thi"])),
        parts=(Part(title=None, entries=tuple(entries)),),
        lessons=tuple(Lesson(id=f"b{n}", title="x", path=f"b{n}.md", text="", minutes=5) for n in range(count)),
        quizzes=(Quiz(id="thi", title="x", path="thi.md", minutes=10),),
    )


@given(courses(), st.data())
def test_doing_more_never_takes_anything_away(doc, data):
    order = data.draw(st.permutations([entry.item for entry in doc.items]))
    done, last = {}, progress(doc, {})
    for item in order:
        done[item] = Done(passed=True, fraction=0.5)
        now = progress(doc, done)
        assert now.percent >= last.percent
        assert now.minutes_left <= last.minutes_left
        assert now.is_complete or not last.is_complete
        assert (now.percent == 100) is now.is_complete
        last = now
    assert last.is_complete is any(not entry.optional for entry in doc.items)
    assert last.missing == ()
    assert grade(doc, done) == (0.5 if doc.grade_from else None)


@given(courses(), st.sets(st.sampled_from(["b0", "b1", "b2", "thi", "cu"])))
def test_what_left_the_course_neither_helps_nor_hinders(doc, items):
    done = {item: Done(passed=True) for item in items}
    known = {item: state for item, state in done.items() if doc.item(item)}
    assert progress(doc, done) == progress(doc, known)


# Numbers


@given(st.decimals(-(10**6), 10**6, places=3))
def test_a_number_reads_as_it_is_shown(value):
    assert value in numerals.readings(numerals.comma(value))
    shown = numerals.comma_unmistakable(value)
    if abs(value) >= 1 or value == 0:
        assert numerals.number(shown) == value
    assert not numerals.comma(value).endswith((",0", ",00", ",000", ","))


@given(st.text(max_size=30))
def test_no_text_raises_as_a_number(text):
    for value in numerals.readings(text):
        assert value.is_finite()
    with suppress(numerals.AmbiguousNumber):
        numerals.number(text)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("6.200", ["6.2", "6200"]), ("6200", ["6200"]), ("6,2", ["6.2"]), ("1.234.567,89", ["1234567.89"]),
        ("1,234,567.89", ["1234567.89"]), ("1 234", ["1234"]), ("−5", ["-5"]), ("0.500", ["0.5"]), ("1.23.4", []), ("", []),
        ("mười", []), ("1.234.567", ["1234567"]), ("12.34.567", []), ("1,5,", []),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text, values):
    assert sorted(numerals.readings(text)) == sorted(Decimal(value) for value in values)
