"""More time in the middle of an attempt, in real browsers: HR gives it, the learner's open page learns of it and goes on."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from lms.app import create_app
from lms.assessment import rules
from lms.assessment.models import Attempt, Grade, Response
from lms.content.queries import find_course
from lms.core import clock
from lms.core.db import begin_writing, db
from lms.core.i18n import format_datetime
from lms.core.jobs import Job
from lms.settings import Settings
from tests import make
from tests.test_browser import NARROW, WIDE, address, browser, check, give, instance, open_context, sign_in, stored

__all__ = ["address", "browser", "instance", "stored"]  # fixtures
pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def course(instance, address):
    """The small course with its quiz of 30 minutes."""
    with create_app(Settings(instance=instance)).app_context():
        make.course()
        db.session.remove()
        db.engine.dispose()


def attempt_of(stored) -> Attempt:
    """The newest attempt as it stands now."""
    stored.session.rollback()
    return stored.session.scalars(stored.select(Attempt).order_by(Attempt.id.desc()).limit(1)).one()


def leave(stored, seconds: int) -> None:
    """As if the attempt had begun earlier: so many seconds are left of it."""
    begin_writing()
    attempt = stored.session.scalars(stored.select(Attempt).order_by(Attempt.id.desc()).limit(1)).one()
    earlier = clock.now() + timedelta(seconds=seconds) - attempt.deadline_at
    attempt.started_at, attempt.deadline_at = attempt.started_at + earlier, attempt.deadline_at + earlier
    job = stored.session.scalars(
        stored.select(Job).where(Job.kind == "assessment.close", Job.subject == str(attempt.id))
    ).one()
    job.run_at = attempt.deadline_at + rules.GRACE
    make.done(None)


def begin(page, address):
    """An attempt at the quiz, the course taken where it is not yet."""
    page.goto(f"{address}/khoa-hoc/mau")
    enrol = page.get_by_role("button", name="Ghi danh và bắt đầu")
    if enrol.count():
        enrol.click()
    page.goto(f"{address}/bai-kiem-tra/mau/thi")
    page.locator("main form button").first.click()
    page.wait_for_url("**/luot-lam-bai/*")


def grant(page, url, minutes):
    """HR fills in the form of the person or the unit."""
    page.goto(url)
    page.locator("#minutes").fill(str(minutes))
    page.locator("#reason").fill("Mất điện giữa giờ")
    page.get_by_role("button", name="Gia hạn").last.click()
    expect(page.locator("main .banner.ok, .banner.ok").first).to_be_visible()


def seconds_shown(page) -> int:
    minutes, seconds = page.locator("#clock").inner_text().split(":")
    return int(minutes) * 60 + int(seconds)


def learned(page, stored) -> None:
    """The page says until when, aloud and politely, and its clock goes by it."""
    until = format_datetime(attempt_of(stored).deadline_at)
    says = page.locator("#time-says")
    expect(says).to_contain_text(until, timeout=10_000)
    assert says.get_attribute("aria-live") == "polite"
    expect(page.locator("#more-time")).to_be_visible()
    expect(page.locator("#more-time")).to_contain_text(until)
    left = (attempt_of(stored).deadline_at - clock.now()).total_seconds()
    assert abs(seconds_shown(page) - left) < 5


def address_of(stored, address, whom) -> str:
    """Where HR extends the time of the person, or of the unit where she works."""
    enrolment = attempt_of(stored).enrolment_id
    unit = stored.session.scalar(stored.text("SELECT unit_id FROM assignment JOIN attempt ON user_id = learner_id"))
    of_unit = f"{address}/theo-doi/gia-han?khoa={find_course('mau').id}&don-vi={unit}"
    return of_unit if whom == "unit" else f"{address}/theo-doi/ghi-danh/{enrolment}/gia-han"


@pytest.mark.parametrize(
    ("size", "whom", "minutes"), [(NARROW, "person", 10), (WIDE, "unit", 20)], ids=["person-390", "unit-1280"]
)
def test_an_open_page_learns_of_more_time_and_goes_on_until_then(course, browser, address, stored, size, whom, minutes):
    learner, office = open_context(browser, size), open_context(browser, WIDE)
    page, hoa = sign_in(learner, address, "an"), sign_in(office, address, "hoa")
    begin(page, address)
    leave(stored, 25)
    page.reload()
    old = attempt_of(stored).deadline_at
    right = make.right_values(attempt_of(stored))
    grant(hoa, address_of(stored, address, whom), minutes)
    assert attempt_of(stored).deadline_at > old

    give(page, 1, right[1])  # the answer's own save brings the word
    learned(page, stored)
    check(page)
    page.wait_for_timeout(max(0, (old - clock.now()).total_seconds() + 2) * 1000)
    assert clock.now() > old
    assert "/ket-qua" not in page.url
    page.locator("#cau-1 .qact [data-go='2']").click()
    give(page, 2, right[2])
    expect(page.locator("#saved")).to_contain_text("Đã lưu lúc", timeout=10_000)
    late = stored.session.scalars(stored.select(Response.saved_at).where(Response.attempt_id == attempt_of(stored).id))
    assert max(late) > old

    # The new deadline is one: when it has come the page submits, and nothing is taken any more.
    leave(stored, 6)
    page.locator("#cau-2 .qact [data-go='3']").click()
    give(page, 3, right[3])
    page.wait_for_url("**/ket-qua", timeout=30_000)
    attempt = attempt_of(stored)
    assert attempt.submitted_at >= attempt.deadline_at - timedelta(seconds=1)
    grades = stored.session.scalars(stored.select(Grade).where(Grade.attempt_id == attempt.id)).all()
    assert [grade.fraction for grade in grades] == [1.0]
    for context in (learner, office):
        context.close()


def test_who_thinks_for_long_learns_of_more_time_without_saving(course, browser, address, stored):
    learner, office = open_context(browser, NARROW), open_context(browser, WIDE)
    page, hoa = sign_in(learner, address, "an"), sign_in(office, address, "hoa")
    page.clock.install()
    begin(page, address)
    grant(hoa, address_of(stored, address, "person"), 45)
    expect(page.locator("#more-time")).to_be_hidden()
    with page.expect_response("**/luu"):
        page.clock.fast_forward(61_000)
    expect(page.locator("#more-time")).to_be_visible()
    expect(page.locator("#time-says")).to_contain_text(format_datetime(attempt_of(stored).deadline_at))
    page.goto(f"{page.url.partition('?')[0]}/nop")
    page.locator("main form button").first.click()
    page.wait_for_url("**/ket-qua")
    for context in (learner, office):
        context.close()
