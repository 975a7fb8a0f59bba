"""The statistics of a quiz with something to tell, in a browser: read by keyboard and screen reader, on a phone too."""

import pytest
from playwright.sync_api import expect

from lms.app import create_app
from lms.assessment import gathering
from lms.content.queries import find_course
from lms.core import clock
from lms.core.actor import SYSTEM
from lms.core.db import begin_reading, begin_writing, db
from lms.people import service as people
from lms.settings import Settings
from tests import make
from tests.assessment.test_statistics_pages import QUIZ, take_all
from tests.test_browser import NARROW, WIDE, address, browser, check, instance, open_context, sign_in, stored

__all__ = ["address", "browser", "instance", "stored"]  # fixtures
pytestmark = pytest.mark.timeout(240)


def newcomers(count):
    """People with accounts, whatever units there are."""
    begin_writing()
    made = [
        people.add_user(
            name=f"Nguyễn Văn Bình {number}", email=f"moi{number}@songlam.example", password_hash=None,
            must_change_password=False, by=SYSTEM, now=clock.now(),
        ).id
        for number in range(count)
    ]  # fmt: skip
    return make.done(made)


@pytest.fixture(scope="module")
def figures(instance, address):
    """Forty people took the quiz whose first key is wrong, and what that tells was worked out."""
    app = create_app(Settings(instance=instance))
    with app.app_context():
        make.course({"thi.md": QUIZ})
        take_all(40, newcomers(40))
        begin_reading()
        revision_id = find_course("mau").revision_id
        told = gathering.work_out(revision_id, "thi")
        begin_writing()
        gathering.keep(revision_id, "thi", told, now=clock.now())
        make.done(None)
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "390"])
def test_a_trainer_reads_what_is_wrong_with_a_question_and_goes_on_to_mend_it(figures, browser, address, size):
    context = open_context(browser, size)
    page = sign_in(context, address, "dung")
    page.goto(f"{address}/soan/mau/thong-ke")
    check(page)
    page.get_by_role("link", name="Thi", exact=True).click()
    expect(page.locator("body")).to_contain_text("nhóm khá chọn B")
    expect(page.locator("body")).not_to_contain_text("Nguyễn Văn Bình")
    check(page)
    page.locator("figure summary").click()
    check(page)
    page.get_by_role("link", name="Khóa sai").first.click()
    expect(page.locator("#cau-sai")).to_be_in_viewport()
    context.close()


def test_under_each_question_that_is_written_stands_what_its_answers_told(figures, browser, address):
    """The lines follow the text without being fetched again, and say when a question was changed since."""
    context = open_context(browser, WIDE)
    page = sign_in(context, address, "dung")
    fetched = []
    page.on("request", lambda request: fetched.append(request.url) if "thong-ke-cau-hoi" in request.url else None)
    page.goto(f"{address}/soan/mau")
    page.locator("form[action='/soan/mau/ban-nhap'] button").first.click()
    page.goto(f"{address}/soan/mau/tep/thi.md")
    line = page.locator("[data-for=sai]")
    expect(line).to_contain_text("nhóm khá chọn B")
    expect(page.locator("[data-changed]:visible")).to_have_count(0)
    check(page)
    page.evaluate("() => { window.print = () => { window.printed = true; }; }")
    line.click()
    assert page.evaluate("window.printed") is None
    box = page.locator("#van-ban")
    box.fill(box.input_value().replace("Rút gì?", "Rút gì trước tiên?"))
    expect(line.locator("[data-changed]")).to_be_visible()
    expect(page.locator("[data-changed]:visible")).to_have_count(1)
    assert len(fetched) == 1
    with context.expect_page() as opened:
        line.get_by_role("link").click()
    expect(opened.value.locator("#cau-sai")).to_be_in_viewport()
    context.close()


def test_without_javascript_a_link_leads_from_the_question_to_its_figures(figures, browser, address):
    context = open_context(browser, WIDE)
    state = sign_in(context, address, "dung").context.storage_state()
    context.close()
    context = browser.new_context(viewport=WIDE, java_script_enabled=False, storage_state=state)
    page = context.new_page()
    page.goto(f"{address}/soan/mau")
    if page.locator("form[action='/soan/mau/ban-nhap'] button").count():
        page.locator("form[action='/soan/mau/ban-nhap'] button").first.click()
    page.goto(f"{address}/soan/mau/tep/thi.md")
    page.locator("[data-for=sai] a").click()
    expect(page).to_have_url(f"{address}/soan/mau/thong-ke/thi#cau-sai")
    context.close()
