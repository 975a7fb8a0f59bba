"""Time limits: the server's clock decides, nobody gains a second, and what was saved counts."""

import re
from datetime import timedelta

import pytest

from lms.assessment.models import Attempt, Grade, Response
from lms.core import jobs
from lms.core.db import db
from lms.learning.models import ItemRecord
from tests import make
from tests.see import only


@pytest.fixture
def slug(app):
    return make.course()


@pytest.fixture
def an(client_of, slug):
    browser = client_of("an")
    browser.post(f"/khoa-hoc/{slug}/ghi-danh")
    return browser


def begin(an, slug):
    """The address of an attempt of 30 minutes."""
    return an.post(f"/bai-kiem-tra/{slug}/thi/bat-dau").location


def save(an, url, values=None):
    right = make.right_values(only(Attempt))
    return an.post(f"{url}/luu", json=make.answers(values or right))


def seconds_shown(page):
    minutes, seconds = re.search(r'id="clock"[^>]*>(\d+):(\d+)<', page).groups()
    return int(minutes) * 60 + int(seconds)


def test_the_page_and_every_save_tell_the_servers_seconds(an, slug, time):
    url = begin(an, slug)
    assert 1795 <= seconds_shown(an.get(url).text) <= 1800
    time.passes(minutes=10)
    assert 1195 <= seconds_shown(an.get(url).text) <= 1200
    assert 1195 <= save(an, url).json["seconds_left"] <= 1200


def test_no_answer_is_taken_when_the_time_is_up(an, slug, time):
    url = begin(an, slug)
    time.passes(minutes=31)
    late = save(an, url)
    assert late.status_code == 422
    assert all("hết giờ" in one["message"] for one in late.json["answers"])
    assert an.post(url, data={"s-1": "1", "r-1": "0", "q-1": "0"}).status_code == 422
    assert db.session.scalars(db.select(Response)).all() == []


def test_what_the_line_held_back_counts_in_the_grace_and_nothing_afterwards(an, slug, time):
    url = begin(an, slug)
    attempt = only(Attempt)
    sent = make.answers(make.right_values(attempt))
    given_at = (attempt.deadline_at - timedelta(minutes=1)).isoformat()
    sent["answers"] = [one | {"at": given_at} for one in sent["answers"]]
    time.passes(minutes=35)
    assert an.post(f"{url}/luu", json=sent).status_code == 200
    assert db.session.scalars(db.select(Response.saved_at)).all() > [only(Attempt).deadline_at]
    time.passes(minutes=10)
    late = an.post(f"{url}/luu", json=sent)
    assert late.status_code == 409
    assert an.get(late.json["url"]).status_code == 200  # closed, graded, and there is a result to show
    assert only(Grade).fraction == 1.0


def test_the_last_second_still_counts(an, slug, time):
    url = begin(an, slug)
    time.passes(minutes=29, seconds=50)
    assert save(an, url).status_code == 200
    assert an.post(f"{url}/nop").status_code == 303
    assert only(Attempt).submitted_how == "learner"
    assert only(Grade).passed is True


def test_an_attempt_left_alone_is_closed_graded_and_recorded(an, slug, time):
    url = begin(an, slug)
    assert save(an, url).status_code == 200
    time.passes(minutes=31)
    assert jobs.run_all_due() == 0  # the browser may still be sending: it has ten minutes of grace
    time.passes(minutes=10)
    assert jobs.run_all_due() == 1
    attempt = only(Attempt)
    assert attempt.submitted_how == "deadline"
    assert attempt.submitted_at > attempt.deadline_at
    assert (only(Grade).fraction, only(Grade).passed) == (1.0, True)
    record = only(ItemRecord)
    assert (record.item, record.passed, record.fraction) == ("thi", True, 1.0)
    page = an.get(f"{url}/ket-qua").text
    assert "Đã hết giờ" in page
    assert "100%" in page


def test_closing_happens_once_whoever_comes_first(an, slug, time):
    url = begin(an, slug)
    save(an, url)
    assert an.post(f"{url}/nop").status_code == 303
    submitted = only(Attempt).submitted_at
    time.passes(minutes=41)
    jobs.run_all_due()
    assert only(Attempt).submitted_at == submitted
    assert only(Attempt).submitted_how == "learner"
    assert only(Grade).passed is True


def test_submitting_late_closes_it_with_what_was_saved_in_time(an, slug, time):
    url = begin(an, slug)
    attempt = only(Attempt)
    first = make.right_values(attempt)[1]
    save(an, url, {1: first})
    time.passes(minutes=35)
    assert save(an, url).status_code == 422
    assert an.post(f"{url}/nop").status_code == 303
    assert only(Attempt).submitted_how == "deadline"
    assert only(Grade).fraction == pytest.approx(1 / 3)


def test_nobody_gains_time_by_starting_again(an, slug, time):
    url = begin(an, slug)
    deadline = only(Attempt).deadline_at
    time.passes(minutes=20)
    assert begin(an, slug) == url
    assert only(Attempt).deadline_at == deadline
    assert 595 <= seconds_shown(an.get(url).text) <= 600
    time.passes(minutes=15)
    assert begin(an, slug) == url  # it has to be closed before another begins
    assert seconds_shown(an.get(url).text) == 0


def test_the_start_page_says_that_the_time_is_up(an, slug, time):
    begin(an, slug)
    assert "Còn 29 phút" in an.get("/viec-can-lam").text
    time.passes(minutes=31)
    assert "Đã hết giờ" in an.get("/viec-can-lam").text


def test_a_quiz_without_a_limit_waits_for_ever(app, client_of, time):
    slug = make.course({"thi.md": make.FILES["thi.md"].replace("minutes: 30\n", "")})
    an = client_of("an")
    an.post(f"/khoa-hoc/{slug}/ghi-danh")
    url = begin(an, slug)
    assert 'id="clock"' not in an.get(url).text
    time.passes(days=40)
    assert jobs.run_all_due() == 0
    assert save(an, url).status_code == 200
    assert only(Attempt).submitted_at is None


def test_a_new_revision_changes_no_open_attempt(an, slug, time):
    """The questions, their order and the deadline stay; what counts is the revision it began with."""
    url = begin(an, slug)
    before, paper = an.get(url).text, only(Attempt).paper
    make.course({"thi.md": make.FILES["thi.md"].replace("minutes: 30", "minutes: 60").replace("Huế", "Đà Nẵng")})
    time.passes(minutes=5)
    assert only(Attempt).paper == paper
    after = an.get(url).text
    assert "Huế" in before
    assert "Huế" in after
    assert "Đà Nẵng" not in after
    assert 1495 <= seconds_shown(after) <= 1500
    assert save(an, url).status_code == 200
    an.post(f"{url}/nop")
    assert only(Grade).passed is True
