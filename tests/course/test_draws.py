"""Fair draws: as many as each line says, nothing twice, what was never asked first, and the same for the same seed."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lms.course.document import CourseDoc, Draw, Entry, Lesson, Part, Quiz
from lms.course.reread import lessons_for
from tests.course.test_question_types import SINGLE, question

PLAIN = question(SINGLE)


def asked(name, section="", tags=()):
    return PLAIN.__class__(**{**vars(PLAIN), "id": name, "section": section, "tags": tuple(tags)})


@st.composite
def quizzes(draw):
    """Sections and tags at will, and draws that the check lets through: at the worst enough is left for each."""
    questions = tuple(
        asked(f"c{n}", draw(st.sampled_from(["A", "B"])), draw(st.sets(st.sampled_from(["kho", "de"]))))
        for n in range(draw(st.integers(1, 14)))
    )
    draws = tuple(
        Draw(count=draw(st.integers(1, 5)), section=draw(st.sampled_from(["", "A", "B"])), tag=draw(st.sampled_from(["", "kho"])))
        for _ in range(draw(st.integers(1, 3)))
    )  # fmt: skip
    for place, one in enumerate(draws):
        fitting = [q for q in questions if one.takes(q)]
        gone = sum(min(before.count, sum(before.takes(q) for q in fitting)) for before in draws[:place])
        assume(len(fitting) - gone >= one.count)
    shuffle = draw(st.sampled_from(["none", "questions", "options", "both"]))
    return Quiz(id="thi", title="Thi", path="t.md", questions=questions, draws=draws, shuffle=shuffle)


def histories(quiz):
    return st.lists(st.sets(st.sampled_from([one.id for one in quiz.questions])), max_size=6)


def times(seen, one):
    return sum(one in ids for ids in seen)


@settings(max_examples=300, deadline=None)
@given(quizzes().flatmap(lambda quiz: st.tuples(st.just(quiz), histories(quiz), st.integers(0, 10**6))))
def test_every_draw_is_met_nothing_comes_twice_and_the_unseen_comes_first(made):
    quiz, seen, seed = made
    drawn = quiz.draw(seed, seen)
    ids = [one.id for one in drawn]
    assert len(set(ids)) == len(ids) == quiz.asked
    assert quiz.draw(seed, seen) == drawn, "the same for the same seed and history"
    if len(quiz.draws) == 1:
        (only,) = quiz.draws
        pool = [one for one in quiz.questions if only.takes(one)]
        assert all(one in pool for one in drawn)
        left = [one for one in pool if one not in drawn]
        most = max((times(seen, one.id) for one in drawn), default=0)
        assert all(times(seen, one.id) >= most for one in left), "what was asked less often is not passed over"
    for only in quiz.draws:
        assert sum(only.takes(one) for one in drawn) >= only.count


def test_attempts_go_through_the_whole_pool_before_anything_comes_again():
    quiz = Quiz(
        id="thi", title="Thi", path="t.md", questions=tuple(asked(f"c{n}") for n in range(12)), draws=(Draw(count=4),)
    )
    for start in range(50):
        seen = []
        for attempt in range(6):
            seen.append([one.id for one in quiz.draw(f"{start}-{attempt}", seen)])
        assert len({one for ids in seen[:3] for one in ids}) == 12
        assert set(seen[3]) == set(seen[0]), "then what was asked longest ago"


def test_draws_side_by_side_each_avoid_what_was_seen():
    questions = (*(asked(f"a{n}", "A") for n in range(4)), *(asked(f"b{n}", "B", ["kho"]) for n in range(6)))
    quiz = Quiz(
        id="thi", title="Thi", path="t.md", questions=questions, draws=(Draw(count=2, section="A"), Draw(count=3, tag="kho"))
    )  # fmt: skip
    for seed in range(100):
        first = [one.id for one in quiz.draw(seed)]
        second = [one.id for one in quiz.draw(seed + 1, [first])]
        assert not set(first) & set(second)


def test_every_seed_draws_every_question_about_as_often():
    quiz = Quiz(id="t", title="T", path="t", questions=tuple(asked(f"c{n}") for n in range(10)), draws=(Draw(count=3),))
    counts = {}
    for seed in range(3000):
        for one in quiz.draw(seed):
            counts[one.id] = counts.get(one.id, 0) + 1
    assert all(800 < count < 1000 for count in counts.values()), counts


@pytest.mark.parametrize(
    ("tags", "found"),
    [((), []), (("bai-hai",), ["bai-hai"]), (("mat-khau",), ["bai-mot", "bai-ba"]), (("khac",), []),
     (("bai-hai", "mat-khau"), ["bai-mot", "bai-hai", "bai-ba"]), (("la",), [])],
)  # fmt: skip
def test_a_question_leads_back_to_the_lessons_of_its_tags_in_their_order(tags, found):
    lessons = {
        "bai-ba": ("mat-khau", "thu"), "bai-mot": ("mat-khau",), "bai-hai": (), "la": ("la",),
    }  # fmt: skip
    doc = CourseDoc(
        id="k", title="K",
        lessons=tuple(Lesson(id=one, title=one, path=f"{one}.md", tags=tags_, text="x") for one, tags_ in lessons.items()),
        parts=(Part(title=None, entries=tuple(Entry(title=one, item=one, path=f"{one}.md") for one in ("bai-mot", "bai-hai", "bai-ba"))),),
    )  # fmt: skip
    assert [one.id for one in lessons_for(doc, asked("c", tags=tags))] == found
