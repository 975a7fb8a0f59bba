"""Grading by hand-computed tables, and the promises that every type keeps."""

import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.course.blocks import block, chunks
from lms.course.questions import BadAnswer, Question, from_block
from lms.course.reading import item_page


def question(body: str, heading: str = "Câu {#c}") -> Question:
    text = f"## {heading}\nHỏi?\n\n{body}\n"
    made, problems = block("thi.md", chunks(text, 1)[1])
    assert made is not None, [str(problem) for problem in problems]
    return from_block(made)


SINGLE = "- [x] đúng\n- [50%] gần đúng\n- [ ] sai"
MANY = "- [x] một\n- [x] hai\n- [-50%] ba\n- [ ] bốn"


@pytest.mark.parametrize(
    ("body", "raw", "fraction"),
    [
        (SINGLE, ["0"], 1),
        (SINGLE, ["1"], 0.5),
        (SINGLE, ["2"], 0),
        (SINGLE, [], 0),
        (MANY, ["0", "1"], 1),
        (MANY, ["0"], 0.5),
        (MANY, ["0", "1", "2"], 0.5),
        (MANY, ["0", "3"], 0),
        (MANY, ["2", "3"], 0),
        ("- [x] Đúng\n- [ ] Sai", ["0"], 1),
        ("- [x] Đúng\n- [ ] Sai", ["1"], 0),
        ("Đáp án: Hà Nội | Ha Noi", ["  hà   nội "], 1),
        ("Đáp án: Hà Nội", ["Huế"], 0),
        ("Đáp án: rút … mạng", ["rút dây mạng"], 1),
        ("Đáp án:\n\n- 07:52\n- [50%] 08:00", ["08:00"], 0.5),
        ("Đáp án: 297 ± 2 mm", ["299"], 1),
        ("Đáp án: 297 ± 2 mm", ["299,5 mm"], 0),
        ("Đáp án: 18..22,5", ["22.5"], 1),
        ("Đáp án: 72 giờ", ["72 giờ"], 1),
        ("Đáp án: 72 giờ", ["chưa biết"], 0),
    ],
)
def test_an_answer_earns_what_a_person_would_give(body, raw, fraction):
    asked = question(body)
    order = tuple(sorted(asked.order("")))
    assert asked.grade(asked.read(raw, order)).fraction == pytest.approx(fraction)


@pytest.mark.parametrize(
    ("with_key", "without"), [(SINGLE, SINGLE.replace("[x]", "[ ]", 1).replace("[ ] sai", "[x] sai"))]
)
def test_the_view_tells_nothing_of_the_key(with_key, without):
    order = (2, 0, 1)
    assert json.dumps(asdict(question(with_key).view(order))) == json.dumps(asdict(question(without).view(order)))


@given(st.text(max_size=20))
def test_an_order_is_a_permutation_and_stays(seed):
    asked = question(MANY)
    assert sorted(asked.order(seed)) == [0, 1, 2, 3]
    assert asked.order(seed) == asked.order(seed)


@given(st.lists(st.text(max_size=5), max_size=4))
def test_invented_answers_are_refused_or_read_but_never_raise_otherwise(raw):
    for body in (SINGLE, MANY, "Đáp án: x", "Đáp án: 3"):
        asked = question(body)
        try:
            answer = asked.read(raw, tuple(sorted(asked.order(""))))
        except BadAnswer:
            continue
        assert 0 <= asked.grade(answer).fraction <= 1


def test_a_megabyte_of_text_is_refused():
    with pytest.raises(BadAnswer):
        question("Đáp án: x").read(["x" * 1_000_000], ())


HEAD = "---\nid: thi\nkind: quiz\ntitle: Thi\n---\n\n"


@pytest.mark.parametrize("answer", ["Đáp án:", "Đáp án:\n\n> Vì thế.", "Đáp án:   "])
def test_an_answer_that_was_not_written_is_asked_for(answer):
    page = item_page("thi.md", f"{HEAD}## Bao nhiêu {{#bn}}\nMấy giờ?\n\n{answer}\n".encode())
    assert ["nothing stands behind" in problem.message for problem in page.problems] == [True]


def test_double_brackets_in_an_explanation_are_no_gap():
    text = f"{HEAD}## Chọn {{#ch}}\nĐúng không?\n\n> Viết [[x]] là chỗ trống.\n"
    page = item_page("thi.md", text.encode())
    assert page.item.questions == ()
    assert [problem.line for problem in page.problems if problem.is_error] == [7]
