"""Writing: what was made or imported here becomes text that reads as the same course again."""

import unicodedata
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.content import disk
from lms.course.document import CourseDoc, Draw, Entry, Lesson, Part, Quiz, Reference, When
from lms.course.parse import parse
from lms.course.questions import TYPES
from lms.course.source import Source
from lms.course.write import write
from lms.settings import ROOT
from tests.course.test_question_types import ALL, question


def again(doc, **media):
    found, problems = parse(Source({**write(doc).files, **media}))
    assert [str(p) for p in problems if p.is_error] == []
    return found


def test_the_sample_course_survives_being_written():
    source = disk.read(ROOT / "tests" / "samples" / "ung-cuu-su-co")
    doc, _ = parse(source)
    media = {path: data for path, data in source.items() if not path.endswith((".md", ".yaml"))}
    assert again(doc, **media) == doc


words = st.text(st.characters(categories=["L", "N"], include_characters=" -,.?“”ăđệ"), min_size=1, max_size=30).map(
    lambda text: unicodedata.normalize("NFC", " ".join(text.split())) or "chữ"
)
ids = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,4}){0,2}", fullmatch=True)


@st.composite
def quizzes(draw, identity, path):
    kinds = draw(
        st.lists(st.sampled_from([kind for kind in TYPES if kind not in ("essay", "file")]), min_size=1, max_size=8)
    )
    questions = []
    for number, kind in enumerate(kinds):
        made = question(ALL[kind])
        questions.append(
            replace(
                made,
                id=f"{identity}-cau-{number}",
                title=draw(words.filter(lambda text: "{" not in text)),
                section=draw(st.sampled_from(["", "Phần A"])) if number == 0 else questions[-1].section,
                points=draw(st.sampled_from([Decimal(1), Decimal(2), Decimal("1.5")])),
                tags=tuple(draw(st.lists(ids, max_size=2, unique=True))),
                hint=draw(st.one_of(st.just(""), words)),
                explanation=draw(st.one_of(st.just(""), words)),
            )
        )
    return Quiz(
        id=identity,
        title=draw(words),
        path=path,
        pass_percent=draw(st.sampled_from([Decimal(60), Decimal(80), Decimal("66.7")])),
        minutes=draw(st.one_of(st.none(), st.integers(1, 600))),
        attempts=draw(st.one_of(st.none(), st.integers(1, 100))),
        grade=draw(st.sampled_from(["highest", "last", "first", "average"])),
        show=draw(st.sampled_from(["nothing", "score", "mistakes", "answers"])),
        shuffle=draw(st.sampled_from(["none", "questions", "options", "both"])),
        penalty_percent=draw(st.sampled_from([Decimal(0), Decimal(25)])),
        opens=draw(st.sampled_from([None, When(moment="2026-12-01T08:00:00"), When(days=7)])),
        practice=draw(st.booleans()),
        draws=draw(st.sampled_from([(), (Draw(count=1),)])),
        introduction=draw(st.one_of(st.just(""), words)),
        questions=tuple(questions),
    )


@st.composite
def courses(draw):
    lessons = tuple(
        Lesson(
            id=f"bai-{n}",
            title=draw(words),
            path=f"bài/{n} học.md",
            minutes=draw(st.one_of(st.none(), st.integers(1, 60))),
            objectives=tuple(draw(st.lists(words, max_size=3))),
            tags=tuple(draw(st.lists(ids, max_size=2, unique=True))),
            text="\n" + "\n\n".join(draw(st.lists(words, min_size=1, max_size=3))) + "\n",
        )
        for n in range(draw(st.integers(1, 3)))
    )
    quiz = draw(quizzes("thi", "thi.md"))
    entries = [
        Entry(title=draw(words), item=one.id, path=one.path, optional=draw(st.booleans())) for one in (*lessons, quiz)
    ]
    entries[0] = replace(entries[0], optional=False)
    return CourseDoc(
        id=draw(ids),
        title=draw(words),
        language=draw(st.sampled_from(["vi", "en"])),
        hours=draw(st.sampled_from([None, Decimal(16), Decimal("1.5")])),
        audience=draw(st.one_of(st.just(""), words)),
        objectives=tuple(draw(st.lists(words, max_size=3))),
        complete=draw(st.sampled_from([100, 80])),
        valid_months=draw(st.sampled_from([None, 24])),
        certificate=draw(st.sampled_from(["self", "none"])),
        introduction=draw(st.one_of(st.just(""), words.filter(lambda text: text[0] != "-"))),
        parts=(Part(title=draw(st.one_of(st.none(), words)), entries=tuple(entries)),),
        lessons=lessons,
        quizzes=(quiz,),
        references=(
            Reference(id="nd1", number="1/2026/NĐ-CP", name="Về: “việc” \\ #1", in_force_from=date(2026, 1, 1), checked_on=date(2026, 11, 1)),
        ),
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(courses())
def test_a_course_that_is_written_is_read_as_the_same(doc):
    assert again(doc) == doc


@pytest.mark.parametrize("kind", TYPES)
def test_an_edit_by_a_form_replaces_just_the_lines_of_its_question(kind):
    made = question(ALL[kind])
    assert made.line == 1
    assert made.end == ALL[kind].count("\n") + 2
