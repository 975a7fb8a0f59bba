"""Matching, ordering, cloze, essay and file: graded as a person would, hiding the key, written back as they were read."""

import json
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.course.blocks import block, chunks
from lms.course.questions import TYPES, BadAnswer, BadQuestion, Question, from_block

MATCHING = "Ghép đi.\n\n- Quyết định -> QĐ\n- **Thông báo** -> TB\n- Tờ trình → TTr\n- -> TTg"
ORDERING = "Xếp đi.\n\n1. Chào hỏi\n2. Nghe\n3. Ghi sổ\n4. Hẹn"
CLOZE = (
    "Thủ đô là [[Hà Nội | Ha Noi]].\nNgười ký là [[*Chủ tịch* | Thư ký | Lái xe]], luật có [[9 ± 1]] chương. `a[[0]]`"
)
ESSAY = "Trình bày.\n\nTrả lời: tự luận, 100–500 từ\n\nThang điểm:\n\n- 4 điểm: căn cứ\n- 6 điểm: quy trình"
FILE = "Nộp biên bản.\n\nTrả lời: tệp .docx .pdf, tối đa 2 tệp, 5 MB"
SINGLE = "Hỏi?\n\n- [x] đúng\n  > Phải.\n- [50%] gần đúng\n- [ ] sai"
MULTIPLE = "Hỏi?\n\n- [x] một\n- [x] hai\n- [-50%] ba\n- [ ] bốn"
TEXT = "Hỏi?\n\nĐáp án:\n\n- Hà Nội\n  > Thủ đô.\n- [80%] rút … mạng\n- [50%] “2013”"
NUMBER = "Hỏi?\n\nĐáp án: 297 ± 2 mm"
TRUE_FALSE = "Trời xanh.\n\n- [x] Đúng\n- [ ] Sai"
ALL = {
    "single_choice": SINGLE, "multiple_choice": MULTIPLE, "true_false": TRUE_FALSE, "short_text": TEXT, "numeric": NUMBER,
    "matching": MATCHING, "ordering": ORDERING, "cloze": CLOZE, "essay": ESSAY, "file": FILE,
}  # fmt: skip


def question(body: str, heading: str = "Câu {#c}") -> Question:
    made, problems = block("thi.md", chunks(f"## {heading}\n{body}\n", 1)[1])
    assert made is not None, [str(problem) for problem in problems]
    return from_block(made)


def places(asked: Question) -> tuple[int, ...]:
    return tuple(sorted(asked.order("")))


def test_every_type_has_an_example_here():
    assert list(ALL) == list(TYPES)
    assert {kind: question(body).kind for kind, body in ALL.items()} == {kind: kind for kind in TYPES}


@pytest.mark.parametrize(
    ("body", "raw", "fraction"),
    [
        (MATCHING, ["0", "1", "2"], 1),
        (MATCHING, ["0", "2", "1"], 1 / 3),
        (MATCHING, ["0", "", ""], 1 / 3),
        (MATCHING, ["3", "3", "3"], 0),
        (MATCHING, ["0", "0", "0"], 1 / 3),  # one partner everywhere earns one row only
        ("Ghép.\n\n- a -> x\n- b -> x\n- c -> y", ["0", "0", "1"], 1),
        (ORDERING, ["0", "1", "2", "3"], 0),  # as it was shown: not answered
        (ORDERING, ["1", "2", "3", "0"], 2 / 3),
        (ORDERING, ["3", "2", "1", "0"], 0),
        (ORDERING, ["0", "1", "3", "2"], 1 / 3),
        (CLOZE, ["ha noi", "Chủ tịch", "9"], 1),
        (CLOZE, ["HÀ NỘI", "Thư ký", "10,0"], 2 / 3),
        (CLOZE, ["Huế", "", "12"], 0),
    ],
)
def test_rows_steps_and_gaps_earn_their_share(body, raw, fraction):
    asked = question(body)
    assert asked.grade(asked.read(raw, places(asked))).fraction == pytest.approx(fraction)


def test_the_right_order_is_never_shown():
    asked = question(ORDERING)
    assert all(list(asked.order(seed)) != [0, 1, 2, 3] for seed in range(500))
    assert asked.grade([0, 1, 2, 3]).fraction == 1


def test_what_a_person_must_mark_waits_for_her_and_nothing_earns_nothing():
    for body in (ESSAY, FILE):
        asked = question(body)
        assert asked.needs_person
        assert asked.grade(None).fraction == 0
    assert question(ESSAY).grade("Một bài.").fraction is None
    assert question(ESSAY).points == 10
    assert question(FILE).grade([{"digest": "0" * 64, "name": "a.pdf"}]).fraction is None


def test_an_essay_keeps_its_lines_and_a_megabyte_is_refused():
    asked = question(ESSAY)
    assert asked.read([" Một\r\n\r\nhai \x00"]) == "Một\n\nhai"
    with pytest.raises(BadAnswer):
        asked.read(["x" * 1_000_000])


@pytest.mark.parametrize(
    ("kind", "other"),
    [
        ("matching", MATCHING.replace("-> QĐ", "-> Q").replace("-> TB", "-> QĐ").replace("-> Q\n", "-> TB\n")),
        ("ordering", ORDERING.replace("Nghe", "N").replace("Ghi sổ", "Nghe").replace("2. N\n", "2. Ghi sổ\n")),
        ("cloze", CLOZE.replace("*Chủ tịch* | Thư ký", "Chủ tịch | *Thư ký*").replace("Hà Nội | Ha Noi", "Huế")),
    ],
)
def test_the_view_tells_nothing_of_the_key(kind, other):
    one, two = question(ALL[kind]), question(other)

    def seen(asked):
        view = asdict(asked.view(places(asked)))
        return json.dumps({**view, "options": sorted(view["options"]), "partners": sorted(view["partners"])})

    assert seen(one) == seen(two)


@pytest.mark.parametrize("kind", TYPES)
def test_what_was_read_is_written_back_and_read_as_the_same(kind):
    asked = question(ALL[kind])
    again = question("\n\n".join(filter(None, [asked.stem, "\n".join(asked.answer_lines())])))
    assert replace(again, line=0, end=0, points=asked.points) == replace(asked, line=0, end=0)


@pytest.mark.parametrize("kind", TYPES)
@given(raw=st.lists(st.one_of(st.text(max_size=5), st.sampled_from([str(n) for n in range(6)])), max_size=6))
def test_no_answer_breaks_a_type_and_what_is_stored_comes_back_into_the_form(kind, raw):
    asked = question(ALL[kind])
    order = asked.order("hạt")
    try:
        answer = asked.read(raw, order)
    except BadAnswer:
        return
    json.dumps(answer)
    fraction = asked.grade(answer).fraction
    assert fraction is None or 0 <= fraction <= 1
    assert asked.read(asked.entered(answer, order), order) == answer
    feedback = asked.feedback(answer, order)
    assert feedback.fraction == fraction
    assert bool(asked.in_words(answer, order)) == (answer is not None)


@pytest.mark.parametrize("answer", [None, "x", 3, [], [99, -1], ["a", None], [{"digest": "x"}], [True]])
@pytest.mark.parametrize("kind", ["matching", "ordering", "cloze"])
def test_a_stored_answer_of_another_type_earns_nothing_and_raises_nothing(kind, answer):
    assert question(ALL[kind]).grade(answer).fraction == 0


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("Ghép.\n\n- a -> x", "fewer than two pairs"),
        ("Ghép.\n\n- a -> x\n- a -> y", "stands twice"),
        ("Ghép.\n\n- a -> x\n- b -> y\n- -> x", "also a right partner"),
        ("Xếp.\n\n1. một\n2. một", "stands twice"),
        ("Đây là [[ | b]].", "empty answer"),
        ("Đây là [[…]].", "accepts every answer"),
        ("Đây là [[*a*]].", "exactly one"),
        ("Viết.\n\nTrả lời: tự luận, 500–100 từ", "fewest words"),
        ("Viết.\n\nTrả lời: tự luận\n\nThang điểm:\n\n- căn cứ", "line of the rubric"),
        ("Nộp.\n\nTrả lời: tệp .exe", "carry programs"),
        ("Nộp.\n\nTrả lời: tệp, tối đa 99 tệp", "at most"),
    ],
)
def test_what_is_no_question_is_told_with_its_cure(body, words):
    with pytest.raises(BadQuestion) as bad:
        question(body)
    assert words in bad.value.problem("thi.md").text()


def test_a_gap_is_told_at_its_own_line():
    with pytest.raises(BadQuestion) as bad:
        question("Một.\nHai.\nBa [[*a*]].")
    assert bad.value.line == 4


def test_brackets_and_arrows_can_be_literal():
    asked = question("Gõ `[[ -f x ]]` hay \\[[không]]?\n\n- [x] một \\-> hai\n- [ ] ba")
    assert asked.kind == "single_choice"
    asked = question("Ghép.\n\n- a \\-> b -> c\n- d -> e")
    assert asked.rows == ("a -> b", "d")
