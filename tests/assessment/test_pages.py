"""What the pages of quizzes and self-checks tell: the same as the record, and no more than the author allows."""

import pytest

from lms.assessment import rules
from lms.assessment.models import Attempt
from lms.core.db import db
from lms.course.document import Quiz
from lms.learning.models import ItemRecord
from tests import cast, make
from tests.course.test_question_types import MATCHING, ORDERING, SINGLE, question
from tests.see import only

CHECK = "\n```quiz\n## Thứ tự {#thu-tu}\nXếp đi.\n\n1. Một\n2. Hai\n3. Ba\n```\n"
PASSED = "Anh/chị đã đạt bài kiểm tra này"


def settings(*lines):
    return make.course({"thi.md": make.FILES["thi.md"].replace("show: answers", "\n".join(lines))})


def attempt(client, slug, *, right):
    """Take the quiz with every answer right or none given; the address of the result."""
    paper = client.post(f"/bai-kiem-tra/{slug}/thi/bat-dau").location.partition("?")[0]
    if right:
        taken = only_open()
        client.post(f"{paper}/luu", json=make.answers(make.right_values(taken)))
    client.post(f"{paper}/nop")
    return f"{paper}/ket-qua"


def only_open():

    return db.session.scalars(db.select(Attempt).where(Attempt.submitted_at.is_(None))).one()


@pytest.fixture
def an(app, client_of):
    make.issuer()
    return client_of("an")


def test_one_right_attempt_of_two_does_not_pass_by_the_average(an):
    slug = settings("grade: average", "show: answers")
    an.post(f"/khoa-hoc/{slug}/ghi-danh")
    attempt(an, slug, right=False)
    result = an.get(attempt(an, slug, right=True)).text
    assert not only(ItemRecord).passed
    assert "Tính chung các lượt là 50" in result
    assert PASSED not in an.get(f"/bai-kiem-tra/{slug}/thi").text


def test_a_result_that_is_not_shown_stands_on_no_page(an):
    slug = settings("show: nothing")
    an.post(f"/khoa-hoc/{slug}/ghi-danh")
    result = an.get(attempt(an, slug, right=False)).text
    for page in (result, an.get(f"/bai-kiem-tra/{slug}/thi").text, an.get(f"/khoa-hoc/{slug}").text):
        assert "0%" not in page.replace("60%", "")


def test_the_steps_of_a_self_check_can_all_be_moved(an):
    slug = make.course({"mot.md": make.FILES["mot.md"] + CHECK})
    an.post(f"/khoa-hoc/{slug}/ghi-danh")
    url, shown = f"/khoa-hoc/{slug}/mot/tu-kiem-tra/thu-tu", ["0", "1", "2"]
    page = an.post(url, data={"q-thu-tu": shown, "move": "0:0:1"}).text
    assert page.index('value="1"') < page.index('value="0"')


@pytest.mark.parametrize("body", [ORDERING, MATCHING])
def test_what_is_to_be_ordered_or_matched_never_stands_in_the_right_order(body):
    asked = question(body)
    for shuffle in ("none", "questions", "options", "both"):
        quiz = Quiz(
            id="thi", title="Thi", path="thi.md", shuffle=shuffle, questions=(asked, question(SINGLE, "B {#b}"))
        )
        for seed in map(str, range(40)):
            orders = {entry["question"]: entry["order"] for entry in rules.make_paper(quiz, seed)}
            assert orders[asked.id] == list(asked.order(seed))
            if shuffle in ("none", "questions"):
                assert orders["b"] == sorted(orders["b"])


def test_an_account_that_is_closed_is_given_no_course(an, client_of):
    slug, chi = make.course(), cast.person("chi").id
    client_of("giang").post(f"/quan-tri/tai-khoan/{chi}/trang-thai", data={"state": "closed"})
    assert client_of("giang").post(f"/theo-doi/nguoi/{chi}", data={"course": slug}).status_code in {403, 422}
