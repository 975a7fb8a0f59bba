"""Enrolling: who may, again and when, until which day, and what becomes of it when the course changes."""

import pytest

from lms.content import disk
from lms.content.queries import find_course
from lms.content.service import prepare, publish, set_open
from lms.core import clock
from lms.core.actor import SYSTEM
from lms.core.db import begin_writing, db
from lms.course.parse import parse
from lms.course.source import Source
from lms.learning.models import Enrolment
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
