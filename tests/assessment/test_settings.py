"""Every key of a quiz from the author's text to the learner's page: honoured, said in words, and refused with a cure."""

import html
import re
from datetime import timedelta

import pytest

from lms.assessment.models import Attempt, Grade
from lms.core import clock
from lms.core.db import db
from lms.learning.models import Enrolment, ItemRecord
from lms.reports.recompute import differences
from tests import cast, make
from tests.see import all_of, only

TEN = "\n".join(
    f"## Câu {n} {{#cau-{n} .nhan-{n % 2}}}\nCâu thứ {n}?\n\n- [x] Đúng ý {n}\n- [ ] Sai ý {n}\n- [ ] Khác ý {n}\n"
    for n in range(10)
)


def published(*lines, questions=None):
    """The small course with these settings of its quiz; practice gives no grade to the course."""
    head, _, rest = make.FILES["thi.md"].partition("## ")
    plain = head.replace("minutes: 30\n", "").replace("show: answers\n", "")
    text = plain.replace("pass: 60%", "\n".join(["pass: 60%", *lines]))
    course = (
        make.FILES["course.md"].replace("grade_from: thi\n", "")
        if "practice: yes" in lines
        else make.FILES["course.md"]
    )
    return make.course({"course.md": course, "thi.md": text + (questions or "## " + rest)})


@pytest.fixture
def an(app, client_of):
    make.issuer()
    return client_of("an")


def enrolled(an, *lines, **more):
    slug = published(*lines, **more)
    assert an.post(f"/khoa-hoc/{slug}/ghi-danh").status_code == 303


def start(an):
    return an.get("/bai-kiem-tra/mau/thi").text


def begin(an):
    return an.post("/bai-kiem-tra/mau/thi/bat-dau")


def take(an, right=3):
    """An attempt with so many right answers, the others wrong or left out; the page of its result."""
    url = begin(an).location
    values = make.right_values(all_of(Attempt)[-1])
    an.post(f"{url}/luu", json=make.answers(dict(list(values.items())[:right])))
    an.post(f"{url}/nop")
    return an.get(f"{url}/ket-qua").text


def words(page):
    """The text of a page as it is read."""
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", page.partition("<main")[2])).split())


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["minutes: 45"], "Anh/chị được 45 phút. Nếu bắt đầu bây giờ, phải xong trước"),
        (["minutes: 45"], "Đồng hồ vẫn chạy khi đóng trang"),
        (["penalty: 25%"], "bị trừ 25% số điểm của câu; câu bỏ trống không bị trừ"),
        ([], "Trả lời sai không bị trừ điểm; câu bỏ trống không được điểm"),
        (["show: nothing"], "Nộp xong không hiện kết quả"),
        (["show: score"], "chỉ xem được điểm"),
        (["show: mistakes"], "đáp án của các câu làm sai"),
        (["show: answers"], "mọi câu kèm đáp án đúng"),
        (["show: answers", "show_when: passed"], "đáp án hiện khi đã đạt"),
        (["show: answers", "show_when: closed", "closes: 7 days after enrolment"], "đáp án hiện khi bài kiểm tra đã đóng"),
        (["practice: yes"], "mọi câu kèm đáp án đúng"),
        (["attempts: 3"], "lượt 1 trong 3"),
        (["attempts: 3", "grade: last"], "kết quả lần cuối"),
        (["attempts: 3", "grade: first"], "kết quả lần đầu"),
        (["attempts: 3", "grade: average"], "lấy trung bình"),
        (["shuffle: both"], "Thứ tự câu hỏi đổi ở mỗi lượt"),
        (["pass: 60%"], "60% số điểm"),
    ],
)  # fmt: skip
def test_the_start_page_says_each_rule(an, lines, said):
    enrolled(an, *[line for line in lines if line != "pass: 60%"])
    page = words(start(an))
    assert said.casefold() in page.casefold(), page


def test_the_start_page_says_what_is_drawn(an):
    enrolled(an, "draw: 4 tagged nhan-1", questions=TEN)
    assert "4 rút từ 5 câu, tránh câu đã gặp" in words(start(an))


def test_draws_avoid_what_earlier_attempts_asked(an):
    enrolled(an, "draw: 3", questions=TEN)
    for _ in range(3):
        take(an)
    papers = [{entry["question"] for entry in attempt.paper} for attempt in all_of(Attempt)]
    assert len(set().union(*papers)) == 9


def test_attempts_are_counted_and_the_refusal_says_what_to_do(an):
    enrolled(an, "attempts: 2")
    take(an, 0)
    assert "lượt 2 trong 2" in words(start(an))
    take(an, 0)
    assert "Đã dùng hết 2 lượt" in words(start(an))
    refused = begin(an)
    assert refused.status_code == 409
    assert "nhân sự" in words(refused.text)


@pytest.mark.parametrize(
    ("how", "fraction", "passed"),
    [("highest", 1, True), ("last", 1 / 3, True), ("first", 1, True), ("average", 2 / 3, True)],
)
def test_the_grade_of_two_attempts_is_what_the_author_chose(an, how, fraction, passed):
    enrolled(an, f"grade: {how}")
    take(an, 3)
    take(an, 1)
    assert only(ItemRecord).fraction == pytest.approx(fraction)
    assert only(ItemRecord).passed is passed


def test_a_penalty_is_taken_for_wrong_answers_only(an):
    enrolled(an, "penalty: 50%")
    url = begin(an).location
    attempt = only(Attempt)
    values = make.right_values(attempt)
    number = next(n for n, entry in enumerate(attempt.paper, start=1) if entry["question"] == "thu-do")
    wrong = [str((int(values[number][0]) + 1) % 3)]
    other = next(n for n in values if n != number)
    an.post(f"{url}/luu", json=make.answers({number: wrong, other: values[other]}))
    an.post(f"{url}/nop")
    assert only(Grade).points == pytest.approx(0.5)  # one right, half a point lost, the third left out


@pytest.mark.parametrize(
    ("lines", "right", "missed", "others"),
    [
        (["show: nothing"], 1, False, False), (["show: score"], 1, False, False), (["show: mistakes"], 1, True, False),
        (["show: answers"], 1, True, True), (["show: answers", "show_when: passed"], 1, False, False),
        (["show: answers", "show_when: passed"], 2, True, True),
        (["show: answers", "show_when: closed", "closes: 7 days after enrolment"], 2, False, False),
        (["practice: yes", "show: nothing"], 1, True, True),
    ],
)  # fmt: skip
def test_the_result_shows_what_the_author_lets_it(an, lines, right, missed, others):
    enrolled(an, *lines)
    page = take(an, right)
    assert ("nên xem lại" in words(page)) is missed
    assert ("đã làm đúng" in words(page)) is others


def test_answers_held_back_until_the_close_show_afterwards_and_later_for_whom_it_closes_later(an, client_of, time):
    enrolled(an, "show: answers", "show_when: closed", "closes: 2 days after enrolment")
    take(an, 2)
    url = f"/luot-lam-bai/{only(Attempt).id}/ket-qua"
    time.passes(days=1)
    later = (clock.today() + timedelta(days=3)).strftime("%d/%m/%Y")
    give = f"/theo-doi/ghi-danh/{only(Enrolment).id}/gia-han"
    data = {"item": "thi", "day": later, "reason": "Đi công tác", "seen": "0"}
    assert client_of("hoa").post(give, data=data).status_code == 303
    time.passes(days=1, hours=1)
    an = client_of("an")
    assert "nên xem lại" not in words(an.get(url).text)
    time.passes(days=4)
    assert "nên xem lại" in words(client_of("an").get(url).text)


def test_it_opens_days_after_enrolling_and_says_when(an, time, client_of):
    enrolled(an, "opens: 2 days after enrolment", "minutes: 20")
    page = words(start(an))
    assert "Nếu bắt đầu ngay khi mở, phải xong trước" in page
    refused = begin(an)
    assert refused.status_code == 409
    opens = clock.start_of(clock.today() + timedelta(days=2)).strftime("%H:%M %d/%m/%Y")
    assert opens in words(refused.text)
    assert opens in page
    time.passes(days=2, hours=1)
    assert begin(client_of("an")).status_code == 303


def test_it_closes_days_after_enrolling_and_cuts_the_minutes_short(an, time, client_of):
    enrolled(an, "closes: 2 days after enrolment", "minutes: 600")
    closes = clock.start_of(clock.today() + timedelta(days=2))
    time.ahead = closes - timedelta(hours=1) - clock.now() + time.ahead
    an = client_of("an")
    assert f"Bài kiểm tra đóng lúc {closes.strftime('%H:%M %d/%m/%Y')}; phải xong trước lúc đó" in words(start(an))
    begin(an)
    assert only(Attempt).deadline_at == closes
    time.passes(hours=2)
    an.post(f"/luot-lam-bai/{only(Attempt).id}/nop")
    refused = begin(an)
    assert refused.status_code == 409
    assert "nhân sự" in words(refused.text)


@pytest.mark.parametrize(("shuffle", "questions", "options"), [
    ("none", False, False), ("questions", True, False), ("options", False, True), ("both", True, True),
])  # fmt: skip
def test_only_what_the_author_shuffles_changes_its_order(an, shuffle, questions, options):
    enrolled(an, f"shuffle: {shuffle}", questions=TEN)
    for _ in range(4):
        take(an, 0)
    papers = [attempt.paper for attempt in all_of(Attempt)]
    orders = {tuple(entry["question"] for entry in paper) for paper in papers}
    assert (len(orders) > 1) is questions
    assert any(entry["order"] != [0, 1, 2] for paper in papers for entry in paper) is options


def is_ticked(browser):
    """Whether the outline shows the quiz as done."""
    page = browser.get("/khoa-hoc/mau").text
    (sign,) = re.findall(r'href="/bai-kiem-tra/mau/thi"[^>]*>\s*<span class="dot (\w*)"', page)
    return sign == "done"


def test_practice_counts_as_done_whatever_the_answers_and_as_passed_never(an):
    enrolled(an, "practice: yes")
    assert not is_ticked(an)
    take(an, 0)
    record = only(ItemRecord)
    assert (record.passed, record.fraction) == (False, None)
    assert record.done_at is not None
    assert is_ticked(an)
    assert "luyện tập" in words(start(an)).casefold()


def test_what_was_practised_is_not_passed_when_the_quiz_counts_from_a_later_revision_on(an):
    """Neither the result of a practice run nor the attempt itself counts."""
    enrolled(an, "practice: yes", "attempts: 9")
    for _ in range(3):
        take(an, 3)
    published("attempts: 2")
    assert not is_ticked(an)
    assert "Còn" not in words(start(an))
    assert "lượt 1 trong 2" in words(start(an))
    for lesson in ("mot", "hai"):
        an.post(f"/khoa-hoc/mau/{lesson}/xong")
    assert only(Enrolment).completed_at is None
    assert "Còn 1 lượt" in words(take(an, 1))
    record = db.session.scalars(db.select(ItemRecord).where(ItemRecord.item == "thi")).one()
    assert (record.passed, record.fraction) == (False, pytest.approx(1 / 3))
    assert list(differences()) == []
    take(an, 2)
    assert only(Enrolment).completed_at is not None
    assert begin(an).status_code == 409
    assert list(differences()) == []


def asked_for(browser):
    """The part of the course page that says what completing takes."""
    return words("<main" + browser.get("/khoa-hoc/mau").text.partition('<ul class="asked">')[2].partition("</ul>")[0])


def test_completing_says_what_is_missing_and_nothing_of_what_is_not_needed(an):
    quiz = make.FILES["thi.md"].replace("pass: 60%", "pass: 90%")
    make.course({"course.md": make.FILES["course.md"].replace("complete: all", "complete: 60%"), "thi.md": quiz})
    an.post("/khoa-hoc/mau/ghi-danh")
    said = asked_for(an)
    assert "còn thiếu: “Bài một”, “Bài hai”, “Thi”" in said
    assert "90%" in said
    take(an, 2)
    assert "66,7%" in asked_for(an)
    for lesson in ("mot", "hai"):
        an.post(f"/khoa-hoc/mau/{lesson}/xong")
    said = asked_for(an)
    assert "còn thiếu" not in said  # two of three are enough; the quiz has a line of its own
    assert "chưa đủ: Đạt “Thi”" in said


def test_what_was_passed_stays_passed_when_it_is_practice_later_and_counts_again(an):
    enrolled(an, "attempts: 2")
    take(an, 3)
    published("practice: yes")
    take(an, 0)
    record = only(ItemRecord)
    assert (record.passed, record.fraction) == (True, 1.0)
    published("attempts: 2")
    assert "Kết quả: 100%" in words(start(an))
    assert only(ItemRecord).passed is True
    assert list(differences()) == []


def test_an_open_attempt_shows_its_own_rules_until_it_is_over(an):
    """Beside the button that goes on stands what holds for it, with a word that the rules were changed since."""
    enrolled(an, "minutes: 45", "attempts: 3", "show: answers")
    url = begin(an).location
    published("minutes: 20", "attempts: 1", "show: nothing", "penalty: 25%", "closes: 7 days after enrolment")
    page = words(start(an))
    assert "Làm tiếp lượt 1" in page
    assert "Anh/chị được 45 phút" in page
    assert "mọi câu kèm đáp án đúng" in page
    assert "Trả lời sai không bị trừ điểm" in page
    for new in ("20 phút", "Nộp xong không hiện kết quả", "bị trừ 25%", "Đóng lúc"):
        assert new not in page
    an.post(f"{url}/nop")
    page = words(start(an))
    assert "20 phút" in page
    assert "45 phút" not in page


def test_a_new_revision_with_the_same_rules_says_nothing_of_changed_rules(an):
    enrolled(an, "minutes: 45")
    begin(an)
    published("minutes: 45", questions="## " + make.FILES["thi.md"].partition("## ")[2].replace("Huế", "Đà Nẵng"))
    assert 'id="doi-quy-dinh"' not in start(an)
    published("minutes: 50")
    assert 'id="doi-quy-dinh"' in start(an)


def test_a_missed_question_leads_back_to_its_lesson(an):
    questions = (
        "## Một {#c1 .mot}\nHỏi?\n\n- [x] Có\n- [ ] Không\n\n## Hai {#c2 .le}\nHỏi nữa?\n\n- [x] Có\n- [ ] Không có\n"
    )
    enrolled(an, questions=questions)
    page = take(an, 0)
    assert "Đọc lại:" in words(page)
    assert 'href="/khoa-hoc/mau/mot">Bài 1: Bài một</a>' in page
    assert page.count("Đọc lại:") == 1


def test_nobody_else_is_told_of_ones_extension(an, client_of):
    enrolled(an, "minutes: 20")
    taken = make.enrolment(cast.person("chi"), "mau")
    make.done(None)
    give = f"/theo-doi/ghi-danh/{taken.id}/gia-han"
    data = {"item": "thi", "minutes": "40", "reason": "x", "seen": "0"}
    assert client_of("giang").post(give, data=data).status_code == 303
    assert "60 phút" not in words(start(an))
    assert "1 giờ" in words(start(client_of("chi")))
    assert db.session.scalar(db.select(db.func.count()).select_from(Attempt)) == 0
