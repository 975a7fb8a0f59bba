"""Enrolling: who may, again and when, until which day, and what becomes of it when the course changes."""

from datetime import date, timedelta

import pytest

from lms.content import disk
from lms.content.queries import find_course
from lms.content.service import prepare, publish, set_open
from lms.core import clock
from lms.core.actor import SYSTEM
from lms.core.db import begin_writing, db
from lms.course.parse import parse
from lms.course.source import Source
from lms.learning import service
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


def changed(old, new, path="course.md"):
    """The sample course with other words in one file."""
    text = SAMPLE.files[path].decode()
    assert old in text
    return Source({**SAMPLE.files, path: text.replace(old, new).encode()})


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
