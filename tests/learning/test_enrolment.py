"""Enrolling: who may, again and when, until which day, and what becomes of it when the course changes."""

from datetime import date, timedelta

import pytest

from lms.audit.models import AuditEntry
from lms.certificates.models import Certificate
from lms.certificates.service import set_issuer
from lms.content import disk
from lms.content.queries import find_course
from lms.content.service import prepare, publish, set_open
from lms.core import clock, jobs
from lms.core.actor import SYSTEM
from lms.core.db import begin_writing, db
from lms.course.parse import parse
from lms.course.source import Source
from lms.learning import service, tasks
from lms.learning.models import Enrolment
from lms.learning.rules import StillValid, expires_on, may_renew
from lms.settings import ROOT
from tests import cast

COURSE = "ucsc"
SAMPLE = disk.read(ROOT / "courses" / "ung-cuu-su-co")


def put_out(source=SAMPLE):
    """Publish the source as the newest revision."""
    doc, problems = parse(source)
    prepared = prepare(source, doc, problems)
    begin_writing()
    publish(prepared, by=SYSTEM, now=clock.now())
    db.session.commit()


def changed(old, new, base=SAMPLE):
    """The sample course with other words in its outline."""
    text = base.files["course.md"].decode()
    assert old in text
    return Source({**base.files, "course.md": text.replace(old, new).encode()})


def set_up_issuer():
    begin_writing()
    set_issuer(
        parent_name="", name="Sở Khoa học và Công nghệ", abbreviation="SKHCN", place="Sông Lam",
        signer_name="Phạm Văn Khánh", signer_capacity="GIÁM ĐỐC", valid_from=cast.SINCE, by=SYSTEM, now=clock.now(),
    )  # fmt: skip
    db.session.commit()


@pytest.fixture
def course(app):
    put_out()
    return find_course(COURSE)


LASTING = changed("valid_months: 24\n", "")
TODAY = date(2026, 11, 24)


def completed(who, days_ago):
    """An enrolment that was completed so many days ago, under the newest revision."""
    begin_writing()
    now, found = clock.now(), find_course(COURSE)
    enrolment = service.enrol(cast.person(who).id, found, by=SYSTEM, now=now - timedelta(days=days_ago + 1))
    enrolment.completed_at = now - timedelta(days=days_ago)
    enrolment.completed_revision_id = found.revision_id
    db.session.commit()


def by_list_only():
    begin_writing()
    set_open(find_course(COURSE), is_open=False, by=SYSTEM, now=clock.now())
    db.session.commit()


def enrolments(who):
    query = db.select(Enrolment).where(Enrolment.learner_id == cast.person(who).id).order_by(Enrolment.id)
    return list(db.session.scalars(query))


def test_hr_enrols_her_own_unit_and_so_herself_in_a_course_that_is_not_open(client_of, course):
    by_list_only()
    hoa = client_of("hoa")
    answer = hoa.post("/theo-doi/ghi-danh", data={"course": COURSE, "unit": cast.unit("hoasua").id})
    assert answer.status_code == 303, answer.text
    assert (len(enrolments("hoa")), len(enrolments("an"))) == (1, 1)


@pytest.mark.parametrize("who", ["chi", "hoa"])
def test_nobody_takes_a_course_that_is_not_open_by_herself(client_of, course, who):
    by_list_only()
    assert client_of(who).post(f"/khoa-hoc/{COURSE}/ghi-danh").status_code == 409
    assert enrolments(who) == []


# Again, after completing it


@pytest.mark.parametrize(
    ("days_left", "herself", "picked", "unit"),
    [(None, False, True, False), (400, False, False, False), (61, False, False, False), (60, False, True, True),
     (1, False, True, True), (0, False, True, True), (-1, True, True, True), (-400, True, True, True)],
)  # fmt: skip
def test_a_completed_course_is_taken_again_when_its_completion_ends(days_left, herself, picked, unit):
    expiry = None if days_left is None else TODAY + timedelta(days=days_left)
    assert may_renew(expiry, TODAY, is_self=True) == herself
    assert may_renew(expiry, TODAY) == picked
    assert may_renew(expiry, TODAY, by_unit=True) == unit


def test_a_completion_holds_for_the_months_of_its_own_revision():
    assert expires_on(date(2024, 2, 29), 24) == date(2026, 2, 28)
    assert expires_on(TODAY, None) is None


def test_a_stale_button_makes_no_second_certificate(client_of, course):
    completed("chi", 1)
    chi = client_of("chi")
    assert chi.post(f"/khoa-hoc/{COURSE}/ghi-danh").status_code == 409
    assert "/ghi-danh" not in chi.get(f"/khoa-hoc/{COURSE}").text
    assert len(enrolments("chi")) == 1


def test_what_has_expired_may_be_taken_again_by_oneself(client_of, course):
    completed("chi", 800)
    chi = client_of("chi")
    assert f"/khoa-hoc/{COURSE}/ghi-danh" in chi.get(f"/khoa-hoc/{COURSE}").text
    assert chi.post(f"/khoa-hoc/{COURSE}/ghi-danh").status_code == 303
    assert [one.completed_at is None for one in enrolments("chi")] == [False, True]
    assert chi.post(f"/khoa-hoc/{COURSE}/ghi-danh").status_code == 409


def test_hr_renews_what_expires_soon_for_a_whole_unit(client_of, course):
    completed("an", 700)  # of 730 days or so
    completed("hoa", 100)
    answer = client_of("hoa").post("/theo-doi/ghi-danh", data={"course": COURSE, "unit": cast.unit("hoasua").id})
    assert answer.status_code == 303
    assert [one.completed_at is None for one in enrolments("an")] == [False, True]
    assert [one.completed_at is None for one in enrolments("hoa")] == [False]


def test_what_holds_for_good_is_given_again_only_to_people_who_are_picked(client_of, app):
    put_out(LASTING)
    completed("an", 3000)
    hoa, unit = client_of("hoa"), cast.unit("hoasua").id
    assert hoa.post("/theo-doi/ghi-danh", data={"course": COURSE, "unit": unit}).status_code == 303
    assert len(enrolments("an")) == 1
    assert client_of("an").post(f"/khoa-hoc/{COURSE}/ghi-danh").status_code == 409
    picked = {"course": COURSE, "unit": unit, "person": cast.person("an").id}
    assert hoa.post("/theo-doi/ghi-danh", data=picked).status_code == 303
    assert [one.completed_at is None for one in enrolments("an")] == [False, True]


def test_the_months_are_those_of_the_revision_that_was_completed(app):
    put_out()
    completed("chi", 800)
    put_out(LASTING)
    begin_writing()
    chi = cast.person("chi").id
    assert service.enrol(chi, find_course(COURSE), by=SYSTEM, is_self=True, now=clock.now()).id
    completed("an", 800)
    with pytest.raises(StillValid):
        service.enrol(cast.person("an").id, find_course(COURSE), by=SYSTEM, is_self=True, now=clock.now())


# When the course changes under learners

QUIZ_LINE = "1. [Kiểm tra cuối khóa](kiem-tra/cuoi-khoa.md)\n"


def without_quiz():
    """The next revision: it asks for the lessons only."""
    return changed(f"## Phần 3. Kiểm tra\n\n{QUIZ_LINE}", "", base=changed("grade_from: cuoi-khoa\n", ""))


def read_all_lessons(browser):
    browser.post(f"/khoa-hoc/{COURSE}/ghi-danh")
    for lesson in parse(SAMPLE)[0].lessons:
        assert browser.post(f"/khoa-hoc/{COURSE}/{lesson.id}/xong").status_code == 303


def test_who_lacks_nothing_of_a_new_revision_completes_without_a_click(client_of, course):
    an, chi = client_of("an"), client_of("chi")
    read_all_lessons(an)
    chi.post(f"/khoa-hoc/{COURSE}/ghi-danh")
    set_up_issuer()
    put_out(without_quiz())
    assert f"/khoa-hoc/{COURSE}" in an.get("/viec-can-lam").text  # until the job has run it is still to be seen
    assert an.get(f"/khoa-hoc/{COURSE}").status_code == 200
    jobs.run_all_due()
    (done,), (open_one,) = enrolments("an"), enrolments("chi")
    db.session.refresh(done)
    assert done.completed_revision_id == find_course(COURSE).revision_id
    assert open_one.completed_at is None
    assert [one.learner_id for one in db.session.scalars(db.select(Certificate))] == [cast.person("an").id]
    entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "learning:enrolment:complete")).one()
    assert (entry.actor_name, entry.object_id) == ("hệ thống", str(done.id))
    assert f"/khoa-hoc/{COURSE}" in chi.get("/viec-can-lam").text


def test_batches_reach_everybody_and_running_them_again_changes_nothing(client_of, course, monkeypatch):
    monkeypatch.setattr(tasks, "AT_ONCE", 1)
    for who in ("an", "chi", "dung"):
        read_all_lessons(client_of(who))
    put_out(without_quiz())
    assert jobs.run_all_due() == 4
    first = [one.completed_at for who in ("an", "chi", "dung") for one in enrolments(who)]
    assert all(first)
    tasks.reevaluate(f"{find_course(COURSE).id} {find_course(COURSE).revision_id} 0")
    assert [one.completed_at for who in ("an", "chi", "dung") for one in enrolments(who)] == first


def test_publishing_a_course_that_nobody_takes_asks_for_no_work(app):
    put_out()
    put_out(without_quiz())
    assert jobs.count_waiting(clock.now()) == 0
