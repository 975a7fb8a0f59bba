"""Marks by people: nothing counts before it is released, nothing is told twice, nobody marks what is not hers."""

import io
from decimal import Decimal

import pytest

from lms.assessment import handing_in, marking, rules
from lms.assessment.models import (
    Attempt,
    AwaitedMark,
    Grade,
    HandedIn,
    HandMark,
    Marking,
    MarkRelease,
    ReplacedResponse,
    Response,
)
from lms.assessment.rules import NotAFile
from lms.content.members import set_member
from lms.content.queries import find_course
from lms.content.rules import CourseRole
from lms.core import clock, jobs
from lms.core.actor import SYSTEM
from lms.core.db import begin_writing, db
from lms.course.parse import parse
from lms.course.source import Source
from lms.learning.models import ItemRecord
from lms.people.models import User
from tests import cast, make
from tests.parallel import at_once, tab_of
from tests.see import all_of, everything, only

QUIZ = """---
id: thi
kind: quiz
title: Bài tập
pass: 60%
show: answers
---

## Chọn {#chon points=2}
Rút dây nào?

- [x] Dây mạng
- [ ] Dây nguồn

## Cách xử lý {#xu-ly}
Nêu cách xử lý.

Trả lời: tự luận, 5–50 từ

Thang điểm:
- 4 điểm: đúng **căn cứ**
- 6 điểm: đủ bước

## Biên bản {#bien-ban points=5}
Nộp biên bản.

Trả lời: tệp .txt .pdf, tối đa 2 tệp, 1 MB
"""
TEXT = "Rút dây mạng.\nBáo đầu mối an toàn thông tin của tỉnh."
PAGE = "/cham/mau/thi"


@pytest.fixture
def slug(app):
    make.issuer()
    return make.course({"thi.md": QUIZ})


@pytest.fixture
def an(client_of, slug):
    browser = client_of("an")
    browser.post(f"/khoa-hoc/{slug}/ghi-danh")
    return browser


@pytest.fixture
def dung(client_of, slug):
    return client_of("dung")


def hand_in(browser, slug="mau", text=TEXT, files=(("bien-ban.txt", b"Luc 7 gio 50"),)):
    """Take the quiz: the right option, an essay, files; the number of the attempt."""
    url = browser.post(f"/bai-kiem-tra/{slug}/thi/bat-dau").location.partition("?")[0]
    form = {"s-1": "1", "r-1": "0", "s-2": "1", "r-2": "0", "q-2": text, "go": "nop"}
    attempt = all_of(Attempt)[-1]
    form["q-1"] = str(attempt.paper[0]["order"].index(0))
    form["file-3"] = [(io.BytesIO(data), name) for name, data in files]
    assert browser.post(url, data=form, content_type="multipart/form-data").status_code == 303
    assert browser.post(f"{url}/nop").status_code == 303
    return attempt.id


def mark(browser, attempt, question, *points, comment="", **more):
    data = {f"points-{n}": one for n, one in enumerate(points)} | {"comment": comment}
    return browser.post(f"{PAGE}/{question}/{attempt}", data=data, **more)


def mark_all(browser, attempt, *, essay=("4", "4,5"), file="5"):
    assert mark(browser, attempt, "xu-ly", *essay, comment="Thiếu bước báo cáo").status_code == 303
    assert mark(browser, attempt, "bien-ban", file).status_code == 303


def release(browser):
    return browser.post(f"{PAGE}/cong-bo")


def result(browser, attempt):
    return browser.get(f"/luot-lam-bai/{attempt}/ket-qua").text


def second_trainer(app, role=CourseRole.CO_AUTHOR):
    """Giang becomes a trainer of the course too; his browser."""
    begin_writing()
    from_cast = cast.person("giang")
    cast.service.grant_role(from_cast, cast.Role.TRAINER, unit=None, by=SYSTEM, now=clock.now())
    set_member(find_course("mau"), db.session.get(User, from_cast.id), role, by=SYSTEM, now=clock.now())
    make.done(None)
    browser = app.test_client()
    assert (
        browser.post("/dang-nhap", data={"login": "giang@songlam.example", "password": cast.PASSWORD}).status_code
        == 303
    )
    return browser


def test_nothing_counts_while_an_answer_waits_for_its_mark(an, dung):
    attempt = hand_in(an)
    page = result(an, attempt)
    assert "2 câu trả lời chờ giảng viên chấm" in page
    assert "2/2 điểm" in page  # what was graded at once
    assert (all_of(Grade), all_of(ItemRecord)) == ([], [])
    assert "đang chấm" in an.get("/bai-kiem-tra/mau/thi").text
    assert "2 câu trả lời chờ chấm" in dung.get("/cham").text


def test_marks_count_ten_minutes_after_the_release_and_to_the_hundredth(an, dung, time):
    attempt = hand_in(an)
    mark_all(dung, attempt)
    release(dung)
    time.passes(minutes=9)
    jobs.run_all_due()
    assert all_of(Grade) == []
    time.passes(minutes=2)
    jobs.run_all_due()
    grade = only(Grade)
    assert (grade.points, grade.most_points, grade.passed) == (15.5, 17, True)
    assert grade.marks == {"chon": 1.0, "xu-ly": 0.85, "bien-ban": 1.0}
    assert only(ItemRecord).passed
    assert all_of(AwaitedMark) == []
    page = result(an, attempt)
    assert "đúng căn cứ" in page
    assert "Thiếu bước báo cáo" in page
    assert "8,5/10 điểm" in page


def test_a_release_is_taken_back_within_ten_minutes_and_not_later(an, dung, time):
    mark_all(dung, hand_in(an))
    release(dung)
    url = f"/cham/mau/cong-bo/{only(MarkRelease).id}/lay-lai"
    assert dung.post(url).status_code == 303
    time.passes(minutes=11)
    jobs.run_all_due()
    assert all_of(Grade) == []
    release(dung)
    time.passes(minutes=11)
    late = dung.post(f"/cham/mau/cong-bo/{all_of(MarkRelease)[-1].id}/lay-lai")
    assert late.status_code == 409
    jobs.run_all_due()
    assert len(all_of(Grade)) == 1


def test_what_is_being_released_is_not_changed(an, dung):
    attempt = hand_in(an)
    mark_all(dung, attempt)
    release(dung)
    assert mark(dung, attempt, "xu-ly", "0", "0").status_code == 409
    assert all_of(Marking)[0].points == ["4", "4.5"]


def test_only_attempts_that_are_marked_to_the_end_are_released(an, dung, client_of, time):
    done, half = hand_in(an), None
    chi = client_of("chi")
    chi.post("/khoa-hoc/mau/ghi-danh")
    half = hand_in(chi)
    mark_all(dung, done)
    mark(dung, half, "xu-ly", "1", "1")
    assert "1 lượt đã chấm xong" in dung.get(PAGE).text
    release(dung)
    time.passes(minutes=11)
    jobs.run_all_due()
    assert [grade.attempt_id for grade in all_of(Grade)] == [done]
    assert {wait.attempt_id for wait in all_of(AwaitedMark)} == {half}


def test_nothing_is_released_where_nothing_is_marked(an, dung):
    hand_in(an)
    assert release(dung).status_code == 409
    assert all_of(MarkRelease) == []


@pytest.mark.parametrize("written", ["11", "-1", "a", "1e3", "1,234", "NaN", "٣"])
def test_points_that_cannot_be_given_are_told_and_what_was_typed_stays(an, dung, written):
    attempt = hand_in(an)
    answer = mark(dung, attempt, "xu-ly", "4", written, comment="Giữ lời này")
    assert answer.status_code == 422
    assert "Giữ lời này" in answer.text
    assert f'value="{written}"' in answer.text
    assert all_of(Marking) == []


def test_a_comment_keeps_its_lines(an, dung):
    mark(dung, hand_in(an), "xu-ly", "1", "1", comment="Thiếu T0.\r\n\r\nXem lại bài 3.")
    assert only(Marking).comment == "Thiếu T0.\n\nXem lại bài 3."


def test_every_line_of_the_rubric_wants_points(an, dung):
    attempt = hand_in(an)
    assert mark(dung, attempt, "xu-ly", "4", "").status_code == 422


def test_a_draft_is_kept_while_one_types_and_is_no_mark_yet(an, dung):
    attempt = hand_in(an)
    kept = mark(dung, attempt, "xu-ly", "4", "", comment="Đang xem", headers={"Accept": "application/json"})
    assert "Đã lưu nháp" in kept.json["saved"]
    page = dung.get(f"{PAGE}/xu-ly/{attempt}").text
    assert "Đang xem" in page
    assert not only(Marking).is_complete
    mark(dung, attempt, "bien-ban", "5")
    assert release(dung).status_code == 409


def test_a_draft_is_no_mark_even_when_every_point_is_typed(an, dung):
    attempt = hand_in(an)
    mark(dung, attempt, "bien-ban", "5")
    mark(dung, attempt, "xu-ly", "1", "1", headers={"Accept": "application/json"})
    assert release(dung).status_code == 409


def test_a_draft_that_comes_after_a_newer_save_changes_nothing(an, dung):
    attempt = hand_in(an)
    mark(dung, attempt, "xu-ly", "4", "6", comment="Xong")
    mark(dung, attempt, "xu-ly", "1", "1", headers={"Accept": "application/json"})
    kept = only(Marking)
    assert (kept.points, kept.comment, kept.is_complete) == (["4", "6"], "Xong", True)


def test_nobody_adds_a_mark_while_others_are_released(an, dung, app):
    attempt = hand_in(an)
    mark_all(dung, attempt)
    giang = second_trainer(app)
    release(dung)
    assert mark(giang, attempt, "xu-ly", "0", "0").status_code == 409


def test_an_answer_that_is_to_be_marked_again_stays_in_the_queue_when_another_counts(an, dung, time):
    attempt = hand_in(an)
    mark_all(dung, attempt)
    release(dung)
    time.passes(minutes=11)
    jobs.run_all_due()
    dung.post(f"{PAGE}/xu-ly/{attempt}/cham-lai")
    mark(dung, attempt, "xu-ly", "0", "0")
    release(dung)
    dung.post(f"{PAGE}/bien-ban/{attempt}/cham-lai")
    time.passes(minutes=11)
    jobs.run_all_due()
    assert [one.question for one in all_of(AwaitedMark)] == ["bien-ban"]
    assert all_of(Grade)[-1].points == 7


def test_whoever_marks_does_not_read_the_author_in_a_files_name(an, dung):
    attempt = hand_in(an, files=[("NguyenThiAn.txt", b"bai")])
    page = dung.get(f"{PAGE}/bien-ban/{attempt}").text
    assert "NguyenThiAn" not in page
    assert "Tệp 1.txt" in page
    sent = dung.get(f"{PAGE}/bien-ban/{attempt}/tep/{only(HandedIn).digest}")
    assert "NguyenThiAn" not in sent.headers["Content-Disposition"]


def test_nothing_is_handed_in_after_submitting(an, open_url):
    an.post(f"{open_url}/nop")
    assert send(an, open_url, "a.txt", b"muon").status_code == 303
    assert all_of(HandedIn) == []


def test_a_file_that_was_chosen_in_time_is_taken_within_the_grace(an, time, client_of):
    make.course({"thi.md": QUIZ.replace("pass: 60%", "pass: 60%\nminutes: 30")})
    url = an.post("/bai-kiem-tra/mau/thi/bat-dau").location.partition("?")[0]
    chosen = clock.now().isoformat()
    time.passes(minutes=32)
    assert send(an, url, "muon.txt", b"muon").status_code == 422
    assert all_of(HandedIn) == []
    form = {"go": "3", "at": chosen, "file-3": (io.BytesIO(b"kip"), "kip.txt")}
    assert an.post(url, data=form, content_type="multipart/form-data").status_code == 303
    assert only(Response).answer[0]["name"] == "kip.txt"


def test_nobody_fills_the_disk(an, open_url, monkeypatch):
    monkeypatch.setattr(handing_in, "SENT_LIMIT", 1)
    send(an, open_url, "a.txt", b"mot")
    before = everything()
    assert send(an, open_url, "b.txt", b"hai").status_code == 422
    assert everything() == before


def test_saving_leads_to_the_next_answer_to_the_same_question(an, dung, client_of):
    first = hand_in(an)
    chi = client_of("chi")
    chi.post("/khoa-hoc/mau/ghi-danh")
    second = hand_in(chi)
    onward = mark(dung, first, "xu-ly", "1", "1").location
    assert onward == f"{PAGE}/xu-ly/{second}"
    by_person = dung.post(f"{PAGE}/xu-ly/{second}?theo=nguoi", data={"points-0": "1", "points-1": "2"}).location
    assert by_person == f"{PAGE}/bien-ban/{second}?theo=nguoi"


def test_no_name_stands_where_one_marks(an, dung):
    attempt = hand_in(an)
    for page in (PAGE, f"{PAGE}?theo=nguoi", f"{PAGE}/xu-ly/{attempt}"):
        assert "Nguyễn Thị An" not in dung.get(page).text


def test_what_was_said_of_other_answers_is_offered_again(an, dung, client_of):
    mark(dung, hand_in(an), "xu-ly", "1", "1", comment="Nêu rõ đầu mối")
    chi = client_of("chi")
    chi.post("/khoa-hoc/mau/ghi-danh")
    assert "Nêu rõ đầu mối" in dung.get(f"{PAGE}/xu-ly/{hand_in(chi)}").text


def test_two_markers_do_not_see_each_other_before_both_have_marked_and_their_mean_counts(an, dung, app, time):
    attempt = hand_in(an)
    mark_all(dung, attempt)
    giang = second_trainer(app)
    assert "Người khác cho" not in giang.get(f"{PAGE}/xu-ly/{attempt}").text
    mark(giang, attempt, "xu-ly", "2", "2")
    assert "Người khác cho: 8,5" in " ".join(giang.get(f"{PAGE}/xu-ly/{attempt}").text.split())
    assert "chênh nhau" in dung.get(PAGE).text  # 8.5 and 4 of 10
    release(dung)
    time.passes(minutes=11)
    jobs.run_all_due()
    assert only(Grade).points == 2 + 6.25 + 5
    assert "6,25/10 điểm" in result(an, attempt)


def test_a_marked_answer_can_be_marked_again_and_the_old_mark_and_grade_stay(an, dung, time):
    attempt = hand_in(an)
    mark_all(dung, attempt, essay=("0", "0"), file="0")
    release(dung)
    time.passes(minutes=11)
    jobs.run_all_due()
    assert not only(Grade).passed
    assert dung.post(f"{PAGE}/xu-ly/{attempt}/cham-lai").status_code == 303
    assert mark(dung, attempt, "xu-ly", "4", "6").status_code == 303
    assert not only(Grade).passed  # until it is released
    release(dung)
    time.passes(minutes=11)
    jobs.run_all_due()
    assert [grade.points for grade in all_of(Grade)] == [2, 12]
    assert len(all_of(HandMark)) == 3
    assert only(ItemRecord).passed


def test_an_answer_that_was_never_marked_cannot_be_marked_again(an, dung):
    attempt = hand_in(an)
    assert dung.post(f"{PAGE}/xu-ly/{attempt}/cham-lai").status_code == 404
    assert dung.post(f"{PAGE}/chon/{attempt}/cham-lai").status_code == 404


def test_nobody_marks_her_own_answers(dung, client_of, slug):
    dung.post(f"/khoa-hoc/{slug}/ghi-danh")
    attempt = hand_in(dung)
    assert dung.get(f"{PAGE}/xu-ly/{attempt}").status_code == 404
    assert mark(dung, attempt, "xu-ly", "4", "6").status_code in (403, 404)
    assert all_of(Marking) == []


def test_a_reviewer_and_a_stranger_do_not_mark(an, dung, app, client_of):
    attempt = hand_in(an)
    reviewer = second_trainer(app, CourseRole.REVIEWER)
    hoa, before = client_of("hoa"), everything()
    for browser in (reviewer, an, hoa):
        assert browser.get(PAGE).status_code in (403, 404)
        assert browser.get(f"{PAGE}/xu-ly/{attempt}").status_code in (403, 404)
        assert mark(browser, attempt, "xu-ly", "4", "6").status_code in (403, 404)
        assert release(browser).status_code in (403, 404)
    assert everything() == before


@pytest.mark.parametrize("question", ["chon", "khong-co", "bien-ban"])
def test_what_does_not_wait_takes_no_mark(an, dung, question):
    attempt = hand_in(an, files=())
    assert mark(dung, attempt, question, "1").status_code == 404
    assert all_of(Marking) == []


def test_an_unanswered_essay_waits_for_nobody(an):
    attempt = hand_in(an, text="", files=())
    assert only(Grade).points == 2
    assert all_of(AwaitedMark) == []
    assert "Chờ" not in result(an, attempt)


def test_eight_releases_at_once_count_once(an, dung, time):
    mark_all(dung, hand_in(an))
    statuses = at_once(8, lambda: tab_of(dung).post(f"{PAGE}/cong-bo").status_code)
    assert set(statuses) <= {303, 409}
    assert len(all_of(MarkRelease)) == 1
    time.passes(minutes=11)
    jobs.run_all_due()
    begin_writing()
    marking.take_effect(only(MarkRelease).id, now=clock.now())
    make.done(None)
    assert len(all_of(Grade)) == 1


def test_hundreds_of_attempts_are_counted_in_turns(an, dung, client_of, time, monkeypatch):
    monkeypatch.setattr(marking, "AT_ONCE", 1)
    first = hand_in(an)
    chi = client_of("chi")
    chi.post("/khoa-hoc/mau/ghi-danh")
    for attempt in (first, hand_in(chi)):
        mark_all(dung, attempt)
    release(dung)
    time.passes(minutes=11)
    jobs.run_all_due()
    assert len(all_of(Grade)) == 2
    assert only(MarkRelease).done_at


def test_a_text_in_the_writing_is_kept_once_a_minute_and_its_last_state_always(an, time):
    url = an.post("/bai-kiem-tra/mau/thi/bat-dau").location.partition("?")[0]
    text = "Rút dây mạng, ghi giờ, báo đầu mối. " * 20
    for place in range(30):
        body = {"answers": [{"question": 2, "values": [f"{text}{place}"], "revision": place}]}
        assert an.post(f"{url}/luu", json=body).status_code == 200
        time.passes(seconds=5)
    held = only(Response)
    assert held.answer.endswith(" 29")
    assert held.revision == 30
    assert 3 <= len(all_of(ReplacedResponse)) <= 4


# Files


def send(browser, url, name, data):
    form = {"go": "3", "file-3": (io.BytesIO(data), name)}
    return browser.post(url, data=form, content_type="multipart/form-data")


@pytest.fixture
def open_url(an):
    return an.post("/bai-kiem-tra/mau/thi/bat-dau").location.partition("?")[0]


def test_a_file_is_kept_given_back_as_an_attachment_and_can_be_taken_out(an, dung, open_url):
    assert send(an, open_url, "Biên bản.txt", "Lúc 7 giờ 50".encode()).status_code == 303
    page = an.get(f"{open_url}?cau=3").text
    assert "Biên bản.txt" in page
    held = only(HandedIn)
    given = an.get(f"{open_url}/tep/{held.digest}")
    assert given.data.decode() == "Lúc 7 giờ 50"
    assert given.headers["Content-Type"] == "application/octet-stream"
    assert given.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in given.headers["Content-Security-Policy"]
    value = f"{held.digest}/{held.name}"
    form = {"s-3": "1", "r-3": "1", "q-3": value, "o-3": value, "take_out": "3:1"}
    assert an.post(open_url, data=form).status_code == 303
    assert only(Response).answer is None
    assert len(all_of(HandedIn)) == 1  # what was sent is kept


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("trang.html", b"<script>alert(1)</script>", "không nhận"),
        ("bien-ban.exe", b"MZ\x90", "không nhận"),
        ("bien-ban.pdf", b"<html><script>alert(1)</script>", "tep-khong-phai-pdf"),
        ("bien-ban.txt", b"", "trống"),
        ("../../etc/passwd", b"root", "không nhận"),
    ],
)
def test_a_file_that_is_not_taken_says_why_and_changes_nothing(an, open_url, name, data, why):
    before = everything()
    answer = send(an, open_url, name, data)
    assert answer.status_code == 422
    assert 'data-error role="alert"' in answer.text
    if why != "tep-khong-phai-pdf":
        assert why in answer.text
    assert everything() == before


def test_a_file_that_is_too_large_is_refused_before_it_is_stored(app):
    asked = parse(Source({"thi.md": QUIZ.encode(), "course.md": make.FILES["course.md"].encode()}))[0]
    question = asked.quiz("thi").question("bien-ban")
    with app.test_request_context(), pytest.raises(NotAFile) as refused:
        handing_in.keep(question, "lon.txt", b"a" * 1_048_577)
    assert "1 MB" in refused.value.text


def test_a_third_file_is_too_many_and_the_two_stay(an, open_url):
    for n in range(3):
        answer = send(an, open_url, f"{n}.txt", f"tệp {n}".encode())
    assert answer.status_code == 422
    assert [file["name"] for file in only(Response).answer] == ["0.txt", "1.txt"]


def test_an_answer_names_no_file_that_was_not_sent_for_it(an, client_of, open_url):
    send(an, open_url, "a.txt", b"cua An")
    value = f"{only(HandedIn).digest}/a.txt"
    chi = client_of("chi")
    chi.post("/khoa-hoc/mau/ghi-danh")
    url = chi.post("/bai-kiem-tra/mau/thi/bat-dau").location.partition("?")[0]
    assert chi.post(f"{url}/luu", json=make.answers({3: [value]})).status_code == 422
    assert chi.get(f"{open_url}/tep/{only(HandedIn).digest}").status_code == 404
    assert chi.get(f"{url}/tep/{only(HandedIn).digest}").status_code == 404
    assert send(chi, open_url, "b.txt", b"vao luot cua An").status_code == 404


def test_files_are_for_questions_that_ask_for_them(an, open_url):
    form = {"go": "1", "file-1": (io.BytesIO(b"x"), "a.txt")}
    assert an.post(open_url, data=form, content_type="multipart/form-data").status_code == 404


def test_the_trainer_gets_the_file_that_was_handed_in(an, dung):
    attempt = hand_in(an)
    digest = only(HandedIn).digest
    assert dung.get(f"{PAGE}/bien-ban/{attempt}/tep/{digest}").data == b"Luc 7 gio 50"
    assert dung.get(f"{PAGE}/xu-ly/{attempt}/tep/{digest}").status_code == 404


# Pure


@pytest.mark.parametrize(
    ("written", "points"),
    [("", None), ("  ", None), ("0", "0"), ("4", "4"), ("1,5", "1.5"), ("2.25", "2.25"), (" 3 ", "3")],
)
def test_points_are_read_with_comma_or_dot(written, points):
    assert rules.read_points(written, Decimal(4)) == (None if points is None else Decimal(points))


def test_the_mean_of_several_marks_is_exact():
    marks = [HandMark(points=["1", "0.5"]), HandMark(points=["2", "0.25"])]
    assert marking.agreed(marks) == Decimal("1.875")
