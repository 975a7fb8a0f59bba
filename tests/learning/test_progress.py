"""What was learnt stays learnt: through new revisions, new names, another order, a second tab, and for good."""

from datetime import timedelta

import pytest

from lms.assessment.models import Attempt
from lms.audit.models import AuditEntry
from lms.certificates.models import Certificate
from lms.content.models import Course
from lms.content.service import retire
from lms.core import clock, jobs
from lms.core.actor import SYSTEM
from lms.core.db import begin_writing, db
from lms.learning import service
from lms.learning.models import Enrolment, ItemRecord
from tests import cast, make
from tests.parallel import at_once, tab_of, together
from tests.see import all_of, only

NEW = "---\nid: ba\ntitle: Bài ba\nminutes: 5\n---\n\n## Mới\n\nMột đoạn.\n"
WITH_NEW = {"course.md": make.FILES["course.md"].replace("- [Thi]", "- [Bài ba](ba.md)\n- [Thi]"), "ba.md": NEW}


@pytest.fixture
def slug(app):
    make.issuer()
    return make.course()


@pytest.fixture
def an(client_of, slug):
    browser = client_of("an")
    assert browser.post(f"/khoa-hoc/{slug}/ghi-danh").status_code == 303
    return browser


def read(browser, *items):
    for item in items:
        assert browser.post(f"/khoa-hoc/mau/{item}/xong").status_code == 303


def take_quiz(browser, values=None):
    url = browser.post("/bai-kiem-tra/mau/thi/bat-dau").location
    right = make.right_values(all_of(Attempt)[-1])
    browser.post(f"{url}/luu", json=make.answers(values or right))
    assert browser.post(f"{url}/nop").status_code == 303


def finish(browser):
    read(browser, "mot", "hai")
    take_quiz(browser)
    assert only(Enrolment).completed_at is not None


def test_a_new_item_uncompletes_nobody(an):
    finish(an)
    done, revision = only(Enrolment).completed_at, only(Enrolment).completed_revision_id
    make.course(WITH_NEW)
    assert "đã hoàn thành khóa học này" in an.get("/khoa-hoc/mau").text
    assert only(Enrolment).completed_at == done
    assert only(Enrolment).completed_revision_id == revision
    assert "Bài ba" not in an.get("/viec-can-lam").text, "nothing is to do"
    read(an, "ba")  # who wants to may read what is new
    assert only(Enrolment).completed_at == done
    assert len(all_of(Certificate)) == 1
    take_quiz(an, {3: ["1"]})  # and fail the quiz afterwards
    assert only(Enrolment).completed_at == done
    assert only(Enrolment).fraction == 1


def test_a_new_item_is_required_of_those_who_have_not_finished(an):
    read(an, "mot", "hai")
    make.course(WITH_NEW)
    take_quiz(an)
    assert only(Enrolment).completed_at is None
    read(an, "ba")
    assert only(Enrolment).completed_at is not None


def test_what_was_taken_out_is_no_longer_required(an):
    read(an, "mot")
    take_quiz(an)
    assert only(Enrolment).completed_at is None
    make.course({"course.md": make.FILES["course.md"].replace("- [Bài hai](hai.md)\n", ""), "hai.md": None})
    assert only(Enrolment).completed_at is None, "publishing completes nobody by itself"
    read(an, "mot")
    assert only(Enrolment).completed_at is not None


def test_progress_follows_the_id_through_new_names_files_and_order(an):
    read(an, "mot")
    moved = {
        "course.md": make.FILES["course.md"].replace(
            "- [Bài một](mot.md)\n- [Bài hai](hai.md)\n", "- [Đổi tên hai](hai.md)\n- [Đổi tên một](phan/1.md)\n"
        ),
        "phan/1.md": make.FILES["mot.md"].replace("Bài một", "Đổi tên một"),
        "mot.md": None,
    }
    make.course(moved)
    assert "1/3" in an.get("/khoa-hoc/mau").text
    read(an, "hai")
    take_quiz(an)
    assert only(Enrolment).completed_at is not None


def test_another_id_is_another_item(an):
    read(an, "mot")
    make.course({"mot.md": make.FILES["mot.md"].replace("id: mot", "id: mot-moi")})
    assert "0/3" in an.get("/khoa-hoc/mau").text
    assert an.get("/khoa-hoc/mau/mot").status_code == 404
    assert an.get("/khoa-hoc/mau/mot-moi").status_code == 200


def test_the_best_attempt_counts_and_a_worse_one_takes_nothing_away(an):
    take_quiz(an)
    take_quiz(an, {3: ["1"]})
    record = only(ItemRecord)
    assert (record.passed, record.fraction) == (True, 1.0)


def test_pressing_twice_counts_once(an):
    read(an, "mot", "mot")
    assert only(ItemRecord).passed is True
    statuses = at_once(6, lambda: tab_of(an).post("/khoa-hoc/mau/hai/xong").status_code)
    assert statuses == [303] * 6
    assert len(all_of(ItemRecord)) == 2


def test_the_last_two_steps_at_once_complete_once(an):
    read(an, "mot")
    url = an.post("/bai-kiem-tra/mau/thi/bat-dau").location
    an.post(f"{url}/luu", json=make.answers(make.right_values(only(Attempt))))
    lesson, quiz = tab_of(an), tab_of(an)
    answers = together(lambda: lesson.post("/khoa-hoc/mau/hai/xong"), lambda: quiz.post(f"{url}/nop"))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert only(Enrolment).completed_at is not None
    assert len(all_of(Certificate)) == 1
    completed = db.select(AuditEntry).where(AuditEntry.action == "learning:enrolment:complete")
    assert len(db.session.scalars(completed).all()) == 1


def test_nobody_is_enrolled_twice(client_of, slug):
    an = client_of("an")
    statuses = at_once(6, lambda: tab_of(an).post(f"/khoa-hoc/{slug}/ghi-danh").status_code)
    assert sorted(statuses) == [303] + [409] * 5
    assert only(Enrolment).learner_id == cast.person("an").id


def test_hr_and_the_learner_at_once_enrol_her_once(client_of, slug):
    an, hoa = client_of("an"), client_of("hoa")
    data = {"course": slug, "unit": cast.unit("hoasua").id}
    together(lambda: an.post(f"/khoa-hoc/{slug}/ghi-danh"), lambda: hoa.post("/theo-doi/ghi-danh", data=data))
    mine = [row for row in all_of(Enrolment) if row.learner_id == cast.person("an").id]
    assert len(mine) == 1


def test_giving_a_course_again_leaves_those_who_take_it_as_they_are(an, client_of):
    read(an, "mot")
    hoa = client_of("hoa")
    data = {"course": "mau", "unit": cast.unit("hoasua").id, "due_on": "31/12/2099"}
    assert hoa.post("/theo-doi/ghi-danh", data=data).status_code == 303
    mine = [row for row in all_of(Enrolment) if row.learner_id == cast.person("an").id]
    assert [row.due_on for row in mine] == [None]
    assert len(all_of(ItemRecord)) == 1


def withdraw():
    enrolment = only(Enrolment).id
    begin_writing()
    service.withdraw(db.session.get_one(Enrolment, enrolment), by=SYSTEM, now=clock.now())
    make.done(None)


def test_who_is_withdrawn_reads_no_more_and_may_begin_anew(an):
    read(an, "mot")
    withdraw()
    assert an.get("/khoa-hoc/mau/mot").status_code == 303
    assert an.post("/khoa-hoc/mau/hai/xong").status_code == 404
    assert an.post("/bai-kiem-tra/mau/thi/bat-dau").status_code == 404
    assert "Khóa mẫu" not in an.get("/viec-can-lam").text
    assert an.post("/khoa-hoc/mau/ghi-danh").status_code == 303
    assert "0/3" in an.get("/khoa-hoc/mau").text
    assert [row.withdrawn_at is None for row in all_of(Enrolment)] == [False, True]
    assert len(all_of(ItemRecord)) == 1, "what was done is kept"


def test_an_attempt_of_someone_withdrawn_completes_nothing(an):
    read(an, "mot", "hai")
    url = an.post("/bai-kiem-tra/mau/thi/bat-dau").location
    an.post(f"{url}/luu", json=make.answers(make.right_values(only(Attempt))))
    withdraw()
    assert an.post(f"{url}/nop").status_code == 303
    assert only(Enrolment).completed_at is None
    assert all_of(Certificate) == []


def test_a_finished_course_is_taken_again_when_hr_says_so_and_both_stand(an, time, client_of):
    finish(an)
    first = only(Enrolment).id
    time.passes(days=700)
    assert an.post("/khoa-hoc/mau/ghi-danh").status_code == 409  # what does not expire is not taken again by oneself
    again = {"course": "mau", "person": cast.person("an").id, "unit": 0}
    assert client_of("hoa").post("/theo-doi/ghi-danh", data=again).status_code == 303
    assert "0/3" in an.get("/khoa-hoc/mau").text
    read(an, "mot", "hai")
    take_quiz(an)
    enrolments, certificates = all_of(Enrolment), all_of(Certificate)
    assert [row.completed_at is not None for row in enrolments] == [True, True]
    assert [row.enrolment_id for row in certificates] == [first, enrolments[1].id]
    assert len({row.number for row in certificates}) == 2
    assert enrolments[1].completed_at - enrolments[0].completed_at > timedelta(days=699)


def test_learners_enrol_themselves_in_open_courses_only(client_of, slug):
    an, dung, hoa = client_of("an"), client_of("dung"), client_of("hoa")
    dung.post("/soan/mau/mo", data={"is_open": "0"})
    assert an.post("/khoa-hoc/mau/ghi-danh").status_code == 409
    assert "Ghi danh" not in an.get("/khoa-hoc/mau").text
    assert (
        hoa.post("/theo-doi/ghi-danh", data={"course": "mau", "person": cast.person("an").id, "unit": 0}).status_code
        == 303
    )
    assert an.get("/khoa-hoc/mau/mot").status_code == 200


def test_a_retired_course_takes_nobody_new_and_lets_others_finish(an, client_of):
    course = only(Course).id
    begin_writing()
    retire(db.session.get_one(Course, course), by=SYSTEM, now=clock.now())
    make.done(None)
    assert client_of("chi").post("/khoa-hoc/mau/ghi-danh").status_code == 409
    finish(an)
    assert len(all_of(Certificate)) == 1


def test_a_course_without_certificates_issues_none(client_of, app):
    make.issuer()
    make.course({"course.md": make.FILES["course.md"].replace("complete: all", "complete: all\ncertificate: none")})
    an = client_of("an")
    an.post("/khoa-hoc/mau/ghi-danh")
    finish(an)
    jobs.run_all_due()
    assert all_of(Certificate) == []


def test_completing_before_there_is_an_issuer_is_certified_when_there_is_one(client_of, app):
    make.course()
    an = client_of("an")
    an.post("/khoa-hoc/mau/ghi-danh")
    finish(an)
    assert all_of(Certificate) == []
    make.issuer()
    jobs.run_all_due()
    assert only(Certificate).holder_name == cast.CAST["an"].name


def test_a_broken_certificate_undoes_no_submission(an, monkeypatch):
    """Facts and number are rows; the drawing is a job that may fail as often as it likes."""

    def breaks(*_args, **_more):
        raise OSError("no fonts")

    monkeypatch.setattr("lms.certificates.pdf.render", breaks)
    finish(an)
    jobs.run_all_due()
    certificate = only(Certificate)
    assert an.get(f"/giay-chung-nhan/{certificate.code}.pdf").status_code == 202
    assert an.get("/giay-chung-nhan").status_code == 200
