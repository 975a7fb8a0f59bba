"""A trainer's word against a result: who and why is shown, it holds until the next, and completed stays completed."""

import pytest

from lms.assessment.models import Attempt
from lms.audit.models import AuditEntry
from lms.content.models import CourseMember
from lms.content.queries import find_course
from lms.core import clock
from lms.core.db import Frozen, begin_writing, db
from lms.learning.models import Enrolment, ItemRecord, Override
from tests import cast, make
from tests.parallel import at_once, tab_of
from tests.see import all_of, only

WHY = "Đã trình bày trực tiếp trước tổ"


@pytest.fixture
def slug(app):
    make.issuer()
    return make.course()


@pytest.fixture
def an(client_of, slug):
    browser = client_of("an")
    browser.post(f"/khoa-hoc/{slug}/ghi-danh")
    return browser


def read(browser, *items):
    for item in items:
        browser.post(f"/khoa-hoc/mau/{item}/xong")


def take_quiz(browser, values=None):
    url = browser.post("/bai-kiem-tra/mau/thi/bat-dau").location
    right = make.right_values(all_of(Attempt)[-1])
    browser.post(f"{url}/luu", json=make.answers(values or right))
    browser.post(f"{url}/nop")


def page(who="an"):
    taken = db.select(Enrolment.id).where(Enrolment.learner_id == cast.person(who).id)
    return f"/soan/mau/hoc-vien/{db.session.scalars(taken).one()}"


def decide(browser, item, decision="yes", reason=WHY, url=None):
    return browser.post(url or page(), data={"item": item, "decision": decision, "reason": reason})


def record(item):
    db.session.rollback()
    return db.session.scalars(db.select(ItemRecord).where(ItemRecord.item == item)).one()


def test_what_a_trainer_recognises_counts_and_everybody_reads_who_and_why(an, client_of):
    dung = client_of("dung")
    read(an, "mot")
    assert f'href="{page()}"' in dung.get("/soan/mau/hoc-vien").text
    assert decide(dung, "hai").status_code == 303
    assert record("hai").passed is True
    taken = only(Enrolment).id
    for browser, url in (
        (an, "/khoa-hoc/mau"), (an, "/khoa-hoc/mau/hai"), (dung, page()),
        (client_of("hoa"), f"/theo-doi/ghi-danh/{taken}"),
    ):  # fmt: skip
        shown = browser.get(url).text
        assert WHY in shown, url
        assert cast.CAST["dung"].name in shown, url
    entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "learning:item:override")).one()
    assert entry.after == {"enrolment_id": taken, "item": "hai", "passed": True}


def test_the_last_item_recognised_completes_the_course(an, client_of):
    read(an, "mot", "hai")
    take_quiz(an, {3: ["1"]})
    assert only(Enrolment).completed_at is None
    failed = record("thi").fraction
    decide(client_of("dung"), "thi")
    assert only(Enrolment).completed_at is not None
    assert only(Enrolment).fraction == failed, "the score stays what it is"


def test_what_is_not_recognised_stays_so_until_the_next_word(an, client_of):
    dung = client_of("dung")
    take_quiz(an)
    assert decide(dung, "thi", "no", "Làm hộ").status_code == 303
    assert record("thi").passed is False
    shown = an.get("/bai-kiem-tra/mau/thi").text
    assert "Làm hộ" in shown
    assert "Anh/chị đã đạt bài kiểm tra này" not in shown
    take_quiz(an)
    read(an, "mot", "hai")
    assert record("thi").passed is False
    assert only(Enrolment).completed_at is None
    decide(dung, "thi", "yes", "Đã làm lại trước mặt giảng viên")
    assert record("thi").passed is True
    assert only(Enrolment).completed_at is not None
    assert [row.passed for row in all_of(Override)] == [False, True]


def test_completed_never_becomes_uncompleted(an, client_of):
    read(an, "mot", "hai")
    take_quiz(an)
    done = only(Enrolment).completed_at
    assert decide(client_of("dung"), "thi", "no").status_code == 409
    assert only(Enrolment).completed_at == done
    assert record("thi").passed is True
    assert all_of(Override) == []
    assert "<form" not in client_of("dung").get(page()).text.split("<main")[1].split("</main")[0]


def join(who, role):
    begin_writing()
    values = {"course_id": find_course("mau").id, "user_id": cast.person(who).id, "role": role}
    db.session.add(CourseMember(**values, added_at=clock.now()))
    make.done(None)


def test_only_trainers_who_write_the_course_decide(an, client_of):
    for who, status in (("hoa", 403), ("giang", 403), ("an", 403)):
        assert decide(client_of(who), "hai").status_code == status
        assert client_of(who).get("/soan/mau/hoc-vien").status_code == status
    dung, other = client_of("dung"), make.course({"course.md": make.FILES["course.md"].replace("id: mau", "id: khac")})
    assert decide(dung, "hai", url=page().replace("mau", other)).status_code == 404, "an enrolment of another course"
    begin_writing()
    db.session.execute(db.update(CourseMember).values(role="reviewer"))
    make.done(None)
    assert decide(dung, "hai").status_code == 403
    begin_writing()
    db.session.execute(db.delete(CourseMember))
    make.done(None)
    assert dung.get("/soan/mau/hoc-vien").status_code == 404
    assert decide(dung, "hai").status_code == 404
    assert all_of(Override) == []


def test_nobody_decides_about_herself(client_of, slug):
    dung = client_of("dung")
    dung.post(f"/khoa-hoc/{slug}/ghi-danh")
    assert decide(dung, "hai", url=page("dung")).status_code == 403
    assert all_of(Override) == []


@pytest.mark.parametrize("wrong", [{"item": "khong-co"}, {"decision": ""}, {"decision": "maybe"}, {"reason": " "}])
def test_what_cannot_be_decided_is_explained(an, client_of, wrong):
    data = {"item": "hai", "decision": "yes", "reason": WHY} | wrong
    answer = client_of("dung").post(page(), data=data)
    assert answer.status_code == 422
    assert 'class="error"' in answer.text
    assert all_of(Override) == []


def test_pressing_twice_decides_once(an, client_of):
    dung, url = client_of("dung"), page()
    assert at_once(4, lambda: decide(tab_of(dung), "hai", url=url).status_code) == [303] * 4
    assert len(all_of(Override)) == 1


def test_a_word_is_never_changed(an, client_of):
    decide(client_of("dung"), "hai")
    begin_writing()
    word = only(Override)
    word.reason = "khác"
    with pytest.raises(Frozen):
        db.session.flush()
    db.session.rollback()


def test_the_course_page_says_what_is_missing(client_of, app):
    course = make.FILES["course.md"].replace("complete: all", "complete: 60%")
    make.course({"course.md": course})
    an = client_of("an")
    an.post("/khoa-hoc/mau/ghi-danh")
    shown = an.get("/khoa-hoc/mau").text
    assert "2 trong 3" in shown
    assert "Bài một" in shown
    assert "“Thi”" in shown
    read(an, "mot", "hai")
    shown = an.get("/khoa-hoc/mau").text
    assert only(Enrolment).completed_at is None
    assert shown.count('class="dot done"') >= 3  # two lessons, and enough of the items
