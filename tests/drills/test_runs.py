"""Runs of drills: begun once, decided once, one's own only, and worth what they came to."""

import re
from dataclasses import dataclass

import pytest

from lms.core import clock
from lms.core.db import Frozen, begin_writing, db
from lms.course.completion import Done
from lms.drills.models import DrillDecision, DrillRun
from lms.learning.models import Enrolment, ItemRecord
from lms.learning.queries import records
from tests import cast, make
from tests.parallel import at_once, tab_of, together
from tests.see import all_of, everything, only

BEGIN = "/dien-tap/mau/tap/bat-dau"


@dataclass(frozen=True)
class Seat:
    """Somebody at an open run."""

    browser: object
    url: str


@pytest.fixture
def slug(app):
    return make.course(make.DRILL)


@pytest.fixture
def an(client_of, slug):
    browser = client_of("an")
    browser.post(f"/khoa-hoc/{slug}/ghi-danh")
    return Seat(browser, browser.post(BEGIN).location)


def decide(seat, step, choice):
    return seat.browser.post(seat.url, data={"step": step, "choice": choice})


def test_a_run_is_played_to_its_end_and_counts(an):
    page = an.browser.get(an.url).text
    assert "07:50" in page
    assert "Tệp đổi đuôi." in page
    assert decide(an, 1, 1).location == an.url
    page = an.browser.get(an.url).text
    for said in ("Chặn lây lan.", "Máy thứ hai báo lỗi.", "Điểm +50", "Bằng chứng +20", "Phải báo.", "07:55"):
        assert said in page
    assert "Báo và ghi đúng giờ" not in page, "its flag is not set"
    assert decide(an, 2, 0).status_code == 303
    assert an.browser.get(an.url).location == f"{an.url}/ket-qua"
    page = an.browser.get(f"{an.url}/ket-qua").text
    for said in ("Tốt: 100/100 điểm", "Chặn lây lan.", "Đúng.", "Xong việc.", "kịp hạn"):
        assert said in page
    run = only(DrillRun)
    assert (run.fraction, run.passed) == (1.0, True)
    assert [(one.step, one.scene, one.choice, one.story_minutes) for one in all_of(DrillDecision)] == [
        (1, "n1", 1, 0),
        (2, "n2", 0, 5),
    ]
    assert records(run.enrolment_id)["tap"] == Done(passed=True, fraction=1.0)
    assert "Nguyễn Thị An" in an.browser.get(f"{an.url}/bien-ban").text


def test_the_best_of_many_runs_counts_and_what_is_passed_stays_passed(an):
    make.play(an.browser, an.url, [1, 0])
    for number, way, points in ((2, [0, 2], 20), (3, [1, 1], 45)):
        url = an.browser.post(BEGIN).location
        make.play(an.browser, url, way)
        assert f"{points}/100 điểm" in an.browser.get(f"{url}/ket-qua").text
        assert all_of(DrillRun)[-1].number == number
    record = only(ItemRecord)
    assert (record.passed, record.fraction) == (True, 1.0)
    assert "Lượt 3" in an.browser.get("/dien-tap/mau/tap").text


def test_a_required_drill_completes_the_course(client_of, app):
    course = make.DRILL["course.md"].replace(" *(không bắt buộc)*", "").replace("grade_from: thi\n", "")
    slug = make.course({**make.DRILL, "course.md": course.replace("- [Thi](thi.md)\n", ""), "thi.md": None})
    browser = client_of("an")
    browser.post(f"/khoa-hoc/{slug}/ghi-danh")
    for item in ("mot", "hai"):
        browser.post(f"/khoa-hoc/{slug}/{item}/xong")
    assert only(Enrolment).completed_at is None
    assert "/dien-tap/mau/tap" in browser.get("/viec-can-lam").text
    make.play(browser, browser.post(BEGIN).location, [0, 1])
    assert only(Enrolment).completed_at is None
    make.play(browser, browser.post(BEGIN).location, [1, 0])
    assert only(Enrolment).completed_at is not None


def test_beginning_twice_goes_on_with_the_open_run(an):
    assert an.browser.post(BEGIN).location == an.url
    assert decide(an, 1, 1).status_code == 303
    assert an.browser.post(BEGIN).location == an.url
    only(DrillRun)


def test_the_start_page_leads_back_into_an_open_run_until_it_ends(an, client_of):
    start = an.browser.get("/viec-can-lam").text
    assert "Buổi diễn tập đang làm dở: Khóa mẫu" in start
    assert f'href="{an.url}"' in start
    client_of("chi").post("/khoa-hoc/mau/ghi-danh")
    assert an.url not in client_of("chi").get("/viec-can-lam").text
    quiz = an.browser.post("/bai-kiem-tra/mau/thi/bat-dau").location
    start = an.browser.get("/viec-can-lam").text
    assert start.index(an.url) < start.index(quiz), "the oldest first"
    make.play(an.browser, an.url, [1, 0])
    start = an.browser.get("/viec-can-lam").text
    assert an.url not in start
    assert quiz in start


def test_a_run_for_practice_after_the_course_is_no_task(an):
    begin_writing()
    db.session.execute(db.update(Enrolment).values(completed_at=clock.now()))
    make.done(None)
    assert an.url not in an.browser.get("/viec-can-lam").text
    assert "Làm tiếp lượt 1" in an.browser.get("/dien-tap/mau/tap").text


def test_a_step_sent_again_changes_nothing_and_another_choice_for_it_is_told(an):
    for _ in range(3):
        assert decide(an, 1, 1).status_code == 303
    assert "đã chọn rồi" not in an.browser.get(an.url).text
    assert decide(an, 1, 0).status_code == 303
    assert "đã chọn rồi" in an.browser.get(an.url).text
    assert only(DrillDecision).choice == 1


@pytest.mark.parametrize(
    ("step", "choice"),
    [
        (1, 2),
        (1, -1),
        (1, 99),
        (1, "x"),
        (1, ""),
        (1, "²"),
        (2, 0),
        (3, 0),
        (0, 0),
        (-1, 0),
        ("x", 0),
        ("9" * 30, 0),
        ("", ""),
    ],
)
def test_an_invented_choice_or_step_is_refused_in_words_and_changes_nothing(an, step, choice):
    before = everything()
    answer = decide(an, step, choice)
    assert answer.status_code == 409
    assert "Chưa có gì thay đổi" in answer.text
    assert everything() == before


def test_a_choice_whose_flag_is_not_set_is_refused(an):
    decide(an, 1, 1)
    assert decide(an, 2, 2).status_code == 409
    only(DrillDecision)


def test_an_ended_run_takes_no_more(an):
    make.play(an.browser, an.url, [1, 0])
    before = everything()
    assert decide(an, 3, 0).status_code == 409
    assert decide(an, 2, 0).status_code == 303
    assert everything() == before


def test_nobody_sees_or_plays_the_run_of_another(an, client_of, slug):
    chi = client_of("chi")
    chi.post(f"/khoa-hoc/{slug}/ghi-danh")
    giang = client_of("giang")
    before = everything()
    for browser in (chi, giang):
        for path in ("", "/ket-qua", "/bien-ban"):
            assert browser.get(an.url + path).status_code == 404
            assert browser.get(f"/luot-dien-tap/{2**31 - 1}{path}").status_code == 404
        assert browser.post(an.url, data={"step": 1, "choice": 1}).status_code == 404
    assert everything() == before


def test_who_does_not_take_the_course_is_led_to_it_and_cannot_begin(client_of, slug):
    browser = client_of("an")
    assert browser.get("/dien-tap/mau/tap").location == "/khoa-hoc/mau"
    assert browser.post(BEGIN).status_code == 404
    assert browser.get("/dien-tap/mau/thi").status_code == 404
    assert browser.get("/dien-tap/mau/khong-co").status_code == 404
    assert browser.get("/khoa-hoc/mau/tap").location == "/dien-tap/mau/tap"


def test_no_id_of_a_course_or_drill_stands_in_the_way_of_a_run(client_of):
    renamed = {"course.md": make.DRILL["course.md"].replace("id: mau", "id: luot"), "thi.md": make.FILES["thi.md"]}
    drill = make.DRILL["tap.md"].replace("id: tap", "id: 1")
    make.course({**make.DRILL, **renamed, "tap.md": drill})
    an = client_of("an")
    an.post("/khoa-hoc/luot/ghi-danh")
    run = an.post("/dien-tap/luot/1/bat-dau").location
    assert run == f"/luot-dien-tap/{only(DrillRun).id}"
    assert "Bắt đầu diễn tập" not in an.get(run).text
    assert "Làm tiếp lượt 1" in an.get("/dien-tap/luot/1").text
    make.play(an, run, [1, 0])
    assert "Tốt: 100/100 điểm" in an.get(f"{run}/ket-qua").text


def test_pages_of_a_drill_stand_under_courses_in_the_menu(an):
    make.play(an.browser, an.url, [1, 0])
    for url in ("/dien-tap/mau/tap", f"{an.url}/ket-qua", f"{an.url}/bien-ban"):
        menu = an.browser.get(url).text.partition("<nav")[2].partition("</nav>")[0]
        assert re.search(r'href="/khoa-hoc"[^>]*aria-current', menu), menu


def test_an_open_run_goes_on_with_the_revision_in_which_it_was_begun(an):
    make.course({**make.DRILL, "tap.md": make.DRILL["tap.md"].replace("Phải báo.", "Nay phải báo ngay.")})
    decide(an, 1, 1)
    assert "Phải báo." in an.browser.get(an.url).text
    make.play(an.browser, an.url, [1, 0])
    decide(Seat(an.browser, an.browser.post(BEGIN).location), 1, 1)
    assert "Nay phải báo ngay." in an.browser.get(an.browser.post(BEGIN).location).text


def test_decisions_cannot_be_changed_afterwards(an):
    decide(an, 1, 1)
    one = only(DrillDecision)
    one.choice = 0
    with pytest.raises(Frozen):
        db.session.flush()
    db.session.rollback()


def test_a_trainer_tries_the_draft_without_a_trace(client_of, slug):
    dung = client_of("dung")
    upload = {
        "file": (make.zipped(make.FILES | make.DRILL | {"mot.md": make.FILES["mot.md"] + "\nThêm.\n"}), "mau.zip")
    }
    assert dung.post("/soan/tai-len", data=upload).status_code == 303
    page = dung.get("/soan/mau/xem-truoc/tap").text
    assert "Tệp đổi đuôi." in page
    assert "/soan/mau/dien-thu/tap" in page
    before = everything()
    page = dung.post("/soan/mau/dien-thu/tap", data={"path": "", "choice": "1"}).text
    assert "Chặn lây lan." in page
    assert 'name="path" value="1"' in page
    assert "Tốt: 100/100 điểm" in dung.post("/soan/mau/dien-thu/tap", data={"path": "1", "choice": "0"}).text
    for path in ("9", "x", "1,0,0,0", ",,,", "1" * 5000, "1," * 5000):
        assert dung.post("/soan/mau/dien-thu/tap", data={"path": path, "choice": "0"}).status_code == 200
    assert everything() == before


def test_who_publishes_is_told_how_many_runs_keep_their_scenes(an, client_of):
    dung = client_of("dung")
    changed = make.FILES | make.DRILL | {"mot.md": make.FILES["mot.md"] + "\nThêm.\n"}
    dung.post("/soan/tai-len", data={"file": (make.zipped(changed), "mau.zip")})
    assert "1 lượt diễn tập đang mở giữ các cảnh cũ" in dung.get("/soan/mau/xuat-ban").text
    make.play(an.browser, an.url, [1, 0])
    assert "lượt diễn tập đang mở" not in dung.get("/soan/mau/xuat-ban").text


def test_a_drill_is_added_at_the_desk_and_published(client_of, slug):
    dung = client_of("dung")
    dung.post("/soan/mau/sua")
    upload = {
        "file": (make.zipped(make.FILES | make.DRILL | {"mot.md": make.FILES["mot.md"] + "\nThêm.\n"}), "mau.zip")
    }
    dung.post("/soan/tai-len", data=upload)
    added = dung.post("/soan/mau/tep-moi", data={"kind": "drill", "title": "Mất điện"})
    assert added.location == "/soan/mau/tep/dien-tap/mat-dien.md"
    page = dung.get(added.location).text
    assert "kind: drill" in page
    assert 'class="problems bad"' not in page
    assert "Mất điện" in dung.get("/soan/mau/xem-truoc/mat-dien").text


# At the same moment


def test_eight_begins_at_once_open_one_run(client_of, slug):
    browser = client_of("an")
    browser.post(f"/khoa-hoc/{slug}/ghi-danh")
    answers = at_once(8, lambda: tab_of(browser).post(BEGIN).location)
    assert len(set(answers)) == 1
    only(DrillRun)


def test_the_same_step_decided_by_eight_at_once_is_decided_once(an):
    acts = [
        lambda choice=number % 2: tab_of(an.browser).post(an.url, data={"step": 1, "choice": choice}).status_code
        for number in range(8)
    ]
    assert set(together(*acts)) == {303}
    only(DrillDecision)


def test_the_last_step_sent_eight_times_at_once_ends_the_run_once(an):
    decide(an, 1, 1)
    statuses = at_once(8, lambda: tab_of(an.browser).post(an.url, data={"step": 2, "choice": 0}).status_code)
    assert set(statuses) == {303}
    assert len(all_of(DrillDecision)) == 2
    assert only(ItemRecord).passed
    assert only(DrillRun).fraction == 1.0


def test_the_withdrawn_keep_their_run_and_begin_no_other(an, client_of):
    client_of("hoa").post(f"/theo-doi/ghi-danh/{only(Enrolment).id}/rut")
    assert an.browser.get(an.url).status_code == 200
    make.play(an.browser, an.url, [1, 0])
    assert only(Enrolment).completed_at is None
    assert an.browser.post(BEGIN).status_code == 404
    assert cast.person("an").id == only(DrillRun).learner_id
