"""The drill that comes with the product, played to its end by keyboard on a phone; every ending played by forms."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from lms.drills.models import DrillDecision, DrillRun
from tests import make
from tests.test_browser import NARROW, WIDE, address, browser, check, instance, open_context, sign_in, stored

__all__ = ["address", "browser", "instance", "stored"]  # fixtures
pytestmark = pytest.mark.timeout(240)
DRILL = "/dien-tap/ucsc/dt-ma-doc"
MIDDLING_WAY = (1, 2, 0, 0, 1, 1, 1, 1, 1, 0, 0, 1, 0, 0)
ENDINGS = {
    make.BEST_WAY: ("Một cửa chạy lại", "Xử lý tốt", "100/100"),
    MIDDLING_WAY: ("Một cửa chạy lại, còn việc phải sửa", "Đạt, cần cải tiến", "78/100"),
    make.WORST_WAY: ("Báo cáo đến sau hạn", "Phải diễn tập lại", "0/100"),
}


def press_to(page: Page, target: Locator) -> None:
    """Tab to the button and press it, as somebody without a mouse does."""
    for _ in range(60):
        if target.evaluate("node => node === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(target).to_be_focused()
    page.keyboard.press("Enter")


def test_the_drill_is_played_to_its_ending_by_keyboard_on_a_phone(browser, address, stored):
    context = open_context(browser, NARROW)
    page = sign_in(context, address, "an")
    page.goto(f"{address}/khoa-hoc/ucsc")
    if page.get_by_role("button", name="Ghi danh và bắt đầu").count():
        page.get_by_role("button", name="Ghi danh và bắt đầu").click()
    page.goto(address + DRILL)
    check(page)
    press_to(page, page.get_by_role("button", name="Bắt đầu diễn tập"))
    page.wait_for_url("**/luot-dien-tap/*")
    run_url = page.url
    for number, place in enumerate(make.BEST_WAY, start=1):
        expect(page.locator("input[name=step]")).to_have_value(str(number))
        check(page)
        if number == 3:  # on a phone the log is folded and opens by key
            log = page.locator("details.mbar > summary")
            log.focus()
            page.keyboard.press("Enter")
            expect(page.locator("details.mbar .story-log")).to_contain_text("Anh Phúc ở phòng bên")
            check(page)
            page.reload()
            page.go_back()
            page.goto(run_url)
            expect(page.locator("input[name=step]")).to_have_value("3")
        press_to(page, page.locator(f"button.choice[value='{place}']"))
        if number < len(make.BEST_WAY):
            expect(page.locator("input[name=step]")).to_have_value(str(number + 1))
    page.wait_for_url("**/ket-qua")
    check(page)
    expect(page.locator(".verdict")).to_contain_text("Xử lý tốt: 100/100 điểm")
    page.get_by_role("link", name="Biên bản để in").click()
    page.wait_for_url("**/bien-ban")
    check(page)
    with page.expect_download() as document:
        press_to(page, page.get_by_role("link", name="Tải bản PDF"))
    assert document.value.path().read_bytes().startswith(b"%PDF-")
    context.close()
    run = stored.session.scalars(stored.select(DrillRun).order_by(DrillRun.id.desc())).first()
    made = stored.session.scalars(
        stored.select(DrillDecision.choice).where(DrillDecision.run_id == run.id).order_by(DrillDecision.step)
    )
    assert (run.fraction, run.passed, tuple(made)) == (1.0, True, make.BEST_WAY)


def test_every_ending_is_reached_and_looks_right_on_a_wide_screen(browser, address):
    context = open_context(browser, WIDE)
    page = sign_in(context, address, "chi")
    page.goto(f"{address}/khoa-hoc/ucsc")
    if page.get_by_role("button", name="Ghi danh và bắt đầu").count():
        page.get_by_role("button", name="Ghi danh và bắt đầu").click()
    for way, (ending, band, points) in ENDINGS.items():
        page.goto(address + DRILL)
        page.get_by_role("button", name=re.compile("iễn tập")).last.click()
        for place in way:
            page.locator(f"button.choice[value='{place}']").click()
        page.wait_for_url("**/ket-qua")
        expect(page.locator("main")).to_contain_text(ending)
        expect(page.locator(".verdict")).to_contain_text(band)
        expect(page.locator("main")).to_contain_text(points)
        check(page)
    context.close()
