"""Journeys in a real browser against the real server and worker: one for each role, axe on every page seen."""

import io
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FileChooser, Locator, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from lms.app import create_app
from lms.assessment import marking
from lms.assessment.models import Attempt, MarkRelease, Response
from lms.assessment.rules import UNDO
from lms.content.members import make_owner
from lms.content.service import prepare, publish
from lms.core import clock
from lms.core.actor import SYSTEM
from lms.core.db import begin_reading, begin_writing, db
from lms.course.parse import parse
from lms.course.source import Source
from lms.home.demo import ACCOUNTS
from lms.people.models import User
from lms.settings import Settings
from tests import make

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium") or None  # empty: the one that Playwright brought
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("browser")


@pytest.fixture(scope="module")
def address(instance: Path):
    """A server with the course that these tests know by heart."""
    with served(instance, make.SAMPLE) as found:
        yield found


@contextmanager
def served(instance: Path, *courses: Path) -> Iterator[str]:
    """`lms setup --demo` and `lms serve`, as a newcomer starts them; the address, with these courses published too."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {**os.environ, "LMS_INSTANCE": str(instance), "LMS_BASE_URL": f"http://127.0.0.1:{port}"}
    env.pop("LMS_DATABASE_URL", None)
    command = [sys.executable, "-m", "lms.cli"]
    subprocess.run([*command, "setup", "--demo"], env=env, check=True, timeout=120)
    for course in courses:
        subprocess.run([*command, "course", "publish", str(course)], env=env, check=True, timeout=60)
    with (instance / "server.log").open("w") as log:
        server = subprocess.Popen([*command, "serve", "--port", str(port)], env=env, stdout=log, stderr=log)
        for _ in range(150):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
                break
            except OSError:
                time.sleep(0.2)
        else:
            pytest.fail((instance / "server.log").read_text())
        yield f"http://127.0.0.1:{port}"
        server.terminate()
        server.wait(30)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield found
        found.close()


@pytest.fixture
def stored(instance: Path):
    """The database of the server, for looking at what it holds."""
    app = create_app(Settings(instance=instance))
    with app.app_context():
        yield db
        db.session.remove()
        db.engine.dispose()


def check(page: Page) -> None:
    """Axe finds nothing, and nothing scrolls sideways."""
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found] == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def sign_in(context: BrowserContext, address: str, who: str) -> Page:
    account = next(a for a in ACCOUNTS if a.login.startswith(who))
    page = context.new_page()
    page.goto(f"{address}/dang-nhap")
    check(page)
    page.fill("#login", account.login)
    page.fill("#password", account.password)
    page.click("main form button")
    page.wait_for_url("**/viec-can-lam")
    return page


def open_context(browser: Browser, size: dict, **more) -> BrowserContext:
    # Axe is put into the page from outside, which the page's own policy would refuse.
    return browser.new_context(viewport=size, bypass_csp=True, **more)


def give(page: Page, number: int, values: list[str]) -> None:
    box = page.locator(f"#q-{number}")
    for value in values:
        if box.count():
            box.fill(value)
            box.blur()
        else:
            page.locator(f"label.opt:has(#q-{number}-{value})").click()


def test_a_learner_loses_no_answer_and_gets_her_certificate(browser, address, stored):
    context = open_context(browser, NARROW)
    page = sign_in(context, address, "an")
    page.goto(f"{address}/khoa-hoc")
    check(page)
    page.goto(f"{address}/khoa-hoc/ucsc")
    check(page)
    page.get_by_role("button", name="Ghi danh và bắt đầu").click()
    for _ in range(5):
        check(page)
        page.click(".pager button")
    check(page)
    page.get_by_role("button", name="Bắt đầu").click()
    page.wait_for_url("**/luot-lam-bai/*")
    check(page)
    attempt = stored.session.scalars(stored.select(Attempt).order_by(Attempt.id.desc())).first()
    right = make.right_values(attempt)
    page = answer_through_trouble(context, page, right)
    held = held_answers(stored, attempt)
    assert len(held) == 12
    page.get_by_role("button", name="Nộp bài").click()
    page.wait_for_url("**/ket-qua")
    check(page)
    expect(page.locator(".verdict")).to_contain_text("Đạt: 100%")
    fetch_certificate(page)
    context.close()


def held_answers(stored, attempt: Attempt) -> list[Response]:
    stored.session.rollback()  # look anew
    return list(stored.session.scalars(stored.select(Response).where(Response.attempt_id == attempt.id)))


def answer_through_trouble(context: BrowserContext, page: Page, right: dict[int, list[str]]) -> Page:
    """Twelve answers while the line drops, the tab is closed and the session ends."""
    for number in range(1, 5):
        give(page, number, right[number])
        page.click(f"#cau-{number} .qact [data-go='{number + 1}']")
    expect(page.locator("#saved")).to_contain_text("Đã lưu lúc")

    context.set_offline(True)
    for number in range(5, 9):
        give(page, number, right[number])
        page.click(f"#cau-{number} .qact [data-go='{number + 1}']")
    expect(page.locator("#offline")).to_be_visible()
    context.set_offline(False)
    expect(page.locator("#offline")).to_be_hidden(timeout=20_000)

    # The tab is closed while the line is down; the answer comes back with the page.
    context.set_offline(True)
    give(page, 9, right[9])
    expect(page.locator("#saved")).to_contain_text("trên máy này")
    context.set_offline(False)
    page = _reopened(context, page)
    expect(page.locator("#saved")).to_contain_text("Đã lưu lúc", timeout=20_000)

    # The session is gone: signing in again in place, nothing lost.
    context.clear_cookies()
    page.click(".qm summary")
    page.click(".qm .grid [data-go='10']")
    give(page, 10, right[10])
    expect(page.locator("#sign-in")).to_be_visible(timeout=10_000)
    page.fill("#again-password", next(a.password for a in ACCOUNTS if a.login.startswith("an")))
    page.click("#sign-in button")
    expect(page.locator("#saved")).to_contain_text("Đã lưu lúc", timeout=20_000)
    for number in (11, 12):
        page.click(f"#cau-{number - 1} .qact [data-go='{number}']")
        give(page, number, right[number])
    page.click("#cau-12 .qact [value=nop]")
    page.wait_for_url("**/nop")
    check(page)
    return page


def fetch_certificate(page: Page) -> None:
    """From the result to the stored PDF and the public page."""
    page.get_by_role("link", name="Nhận giấy chứng nhận").click()
    page.wait_for_timeout(2_000)
    page.reload()
    check(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải bản PDF").click()
    assert download.value.suggested_filename == "0001_Nguyen-Thi-An.pdf"
    page.locator(".cert a[href*='/xm/']").click()
    check(page)
    expect(page.locator(".banner")).to_contain_text("Hợp lệ")


def _reopened(context: BrowserContext, page: Page) -> Page:
    url = page.url
    page.close(run_before_unload=False)
    again = context.new_page()
    again.goto(url)
    return again


def test_the_whole_quiz_works_without_javascript(browser, address, stored):
    context = browser.new_context(viewport=WIDE, java_script_enabled=False)
    page = context.new_page()
    account = next(a for a in ACCOUNTS if a.login.startswith("chi"))
    page.goto(f"{address}/dang-nhap")
    page.fill("#login", account.login)
    page.fill("#password", account.password)
    page.click("main form button")
    page.goto(f"{address}/khoa-hoc/ucsc")
    page.get_by_role("button", name="Ghi danh và bắt đầu").click()
    page.goto(f"{address}/bai-kiem-tra/ucsc/cuoi-khoa")
    page.get_by_role("button", name="Bắt đầu").click()
    page.wait_for_url("**/luot-lam-bai/*")
    attempt = stored.session.scalars(stored.select(Attempt).order_by(Attempt.id.desc())).first()
    right = make.right_values(attempt)
    for number in range(1, 13):
        give(page, number, right[number])
        page.click(f"#cau-{number} .qact button.btn:last-child")
    page.get_by_role("button", name="Nộp bài").click()
    expect(page.locator(".verdict")).to_contain_text("Đạt: 100%")
    context.close()


PAGES = {
    "hoa": (
        "/theo-doi/hoan-thanh", "/theo-doi/hoan-thanh?trang-thai=done&tinh-den=01/01/2026", "/theo-doi/giay-chung-nhan",
        "/theo-doi/nguoi", "/theo-doi/nguoi/1", "/theo-doi/nguoi/1/mat-khau", "/theo-doi/ghi-danh", "/ca-nhan",
    ),
    "dung": ("/soan", "/soan/ucsc", "/soan/ucsc/nguoi-soan", "/soan/can-xem-lai", "/tro-giup/soan-bai/cau-hoi", "/cham",
             "/soan/ucsc/hoc-vien", "/soan/ucsc/thong-ke", "/soan/ucsc/thong-ke/cuoi-khoa", "/soan/ucsc/tinh-lai/cuoi-khoa"),
    "giang": (
        "/quan-tri/tai-khoan", "/quan-tri/tai-khoan/moi", "/quan-tri/tai-khoan/1", "/quan-tri/don-vi", "/quan-tri/don-vi/3",
        "/quan-tri/co-quan-cap",
        "/quan-tri/bien-dia-phuong", "/quan-tri/nhat-ky", "/quan-tri/he-thong", "/ca-nhan/mat-khau", "/_ui", "/xac-minh",
    ),
}  # fmt: skip


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "390"])
@pytest.mark.parametrize("who", PAGES)
def test_the_pages_of_each_role_are_accessible(browser, address, who, size):
    context = open_context(browser, size)
    page = sign_in(context, address, who)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    for url in PAGES[who]:
        assert page.goto(address + url).status == 200, url
        check(page)
    assert problems == []
    context.close()


def test_hr_enrols_one_person_withdraws_her_and_takes_it_back(browser, address):
    context = open_context(browser, NARROW)
    page = sign_in(context, address, "hoa")
    page.goto(f"{address}/theo-doi/nguoi?tim=hoa")
    page.get_by_role("link", name="Phạm Thị Hoa").click()
    page.fill("#due_on", "31/02/2027")
    page.get_by_role("button", name="Ghi danh").click()
    check(page)
    expect(page.locator("#due_on")).to_have_value("31/02/2027")
    expect(page.locator("#due_on-error")).to_contain_text("ngày/tháng/năm")
    page.fill("#due_on", "28/2/2027")
    page.get_by_role("button", name="Ghi danh").click()
    expect(page.locator(".flashes")).to_contain_text("Đã ghi danh Phạm Thị Hoa")
    row = page.locator("tbody tr").first
    expect(row).to_contain_text("28/02/2027")
    here = page.url
    row.get_by_role("link", name="Hạn và lượt làm bài").click()
    expect(page.locator("#due_on")).to_have_value("28/02/2027")
    check(page)
    page.locator("main a[href$='/gia-han']").click()
    expect(page.locator("#reason")).to_be_visible()
    check(page)
    page.goto(here)
    row.get_by_role("button", name="Rút khỏi khóa học").click()
    expect(page.locator("tbody tr").first).to_contain_text("Đã rút")
    check(page)
    page.get_by_role("button", name="Hoàn tác").click()
    expect(page.locator("tbody tr").first).to_contain_text("Đang học")
    context.close()


def test_a_filter_that_cannot_be_read_is_said_and_the_day_asked_for_is_kept_to(browser, address):
    context = open_context(browser, WIDE)
    page = sign_in(context, address, "hoa")
    page.goto(f"{address}/theo-doi/hoan-thanh?tinh-den=40/13/2026")
    check(page)
    expect(page.locator(".error-summary")).to_contain_text("Tính đến ngày")
    assert page.locator("table").count() == 0
    page.fill("#tinh-den", "01/01/2026")
    page.get_by_role("button", name="Lọc").click()
    expect(page.locator(".active")).to_contain_text("Tính đến ngày: 01/01/2026")
    expect(page.locator(".empty")).to_be_visible()  # nobody took anything then
    context.close()


def test_people_are_ticked_across_two_searches(browser, address):
    context = open_context(browser, WIDE)
    page = sign_in(context, address, "giang")
    page.goto(f"{address}/theo-doi/ghi-danh")
    page.fill("#due_on", "30/06/2027")
    for name in ("tran van dung", "do truong giang"):
        page.fill("#tim", name)
        page.keyboard.press("Enter")
        page.locator("tbody input[type=checkbox]:not(:checked)").first.check()
    check(page)
    expect(page.locator("#due_on")).to_have_value("30/06/2027")
    assert page.locator("tbody input:checked").count() == 2
    page.get_by_role("button", name="Ghi danh", exact=True).click()
    expect(page.locator(".flashes")).to_contain_text("2 người")
    context.close()


def test_units_and_posts_change_from_a_day_on(browser, address):
    context = open_context(browser, WIDE)
    page = sign_in(context, address, "giang")
    page.goto(f"{address}/quan-tri/don-vi")
    page.get_by_role("link", name="UBND xã Tân Lập").click()
    page.fill("#rename-name", "UBND xã Tân Lập Mới")
    page.fill("#rename-on", "01/01/2020")
    page.get_by_role("button", name="Đổi tên đơn vị").click()
    expect(page.locator("#rename-on-error")).to_contain_text("01/07/2025")
    check(page)
    page.fill("#rename-on", "01/03/2026")
    page.get_by_role("button", name="Đổi tên đơn vị").click()
    expect(page.locator("h1")).to_have_text("UBND xã Tân Lập Mới")
    expect(page.locator(".dates").first).to_contain_text("từ 01/07/2025 đến trước 01/03/2026")

    page.goto(f"{address}/quan-tri/don-vi")
    page.get_by_role("link", name="UBND phường Hoa Sữa").click()
    page.fill("#end-on", "01/01/2027")
    page.get_by_role("button", name="Kết thúc đơn vị").click()
    expect(page.locator("#end-on-error")).to_contain_text("2 đơn vị")
    page.select_option("#move-parent", label="\u2003\u2003Phòng Văn hóa - Xã hội")
    page.fill("#move-on", "01/01/2027")
    page.get_by_role("button", name="Chuyển đơn vị").click()
    expect(page.locator("#move-parent-error")).to_be_visible()

    page.goto(f"{address}/quan-tri/tai-khoan?tim=chi@")
    page.get_by_role("link", name="Lê Văn Chi").click()
    page.select_option("#post-unit", label="\u2003\u2003Phòng Văn hóa - Xã hội")
    page.fill("#position", "Chuyên viên")
    page.fill("#post-on", "01/06/2026")
    page.get_by_role("button", name="Đổi vị trí công tác").click()
    expect(page.locator(".dates")).to_contain_text("UBND xã Tân Lập Mới · Công chứctừ 01/07/2025 đến trước 01/06/2026")
    check(page)
    context.close()


def test_pages_obey_their_own_policy_and_speak_english_when_asked(browser, address):
    context = browser.new_context(viewport=WIDE)
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: message.type == "error" and refused.append(message.text))
    page.goto(f"{address}/dang-nhap")
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("Sign in")
    page.goto(f"{address}/xac-minh")
    expect(page.locator("h1")).to_have_text("Check a certificate")
    assert refused == []
    context.close()


TABLE_AND_LAW = """
## Ba dấu hiệu

- Địa chỉ gửi lạ
- Lời lẽ thúc giục

| Dấu hiệu | Việc cần làm |
|---|---|
| Địa chỉ lạ | Gọi lại theo danh bạ |

Báo trong 24 giờ theo [@nd331 Đ31.2].
"""
LAW = """- id: nd331
  number: 331/2025/NĐ-CP
  name: Nghị định mẫu
  in_force_from: 2026-01-01
  checked_on: 2026-11-01
"""


def insert(page: Page, label: str) -> None:
    """A piece of text from the toolbar's menu, where the caret stands."""
    page.get_by_text("Chèn…").click()
    page.get_by_role("button", name=label, exact=True).click()


def picture() -> bytes:
    out = io.BytesIO()
    Image.radial_gradient("L").resize((800, 500)).convert("RGB").save(out, "PNG")
    return out.getvalue()


def test_a_trainer_writes_mends_publishes_and_sees_a_lesson(browser, address, stored):
    """A picture, a table, a cited law and three questions; the problems panel leads to what is wrong."""
    context = open_context(browser, WIDE)
    page = sign_in(context, address, "dung")
    page.goto(f"{address}/soan")
    check(page)
    page.fill("#title", "Thư điện tử giả mạo")
    page.get_by_role("button", name="Bắt đầu soạn").click()
    page.wait_for_url("**/tep/bai/01.md")
    check(page)
    text = page.locator("#van-ban")
    text.press("Control+End")
    page.keyboard.insert_text(TABLE_AND_LAW)
    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="Tải ảnh hoặc tệp lên").click()
    chosen.value.set_files({"name": "Thư giả.png", "mimeType": "image/png", "buffer": picture()})
    expect(text).to_have_value(re.compile(r"!\[[^\]]+\]\(\.\./media/thu-gia\.(png|webp)\)"))
    for label in ("Một đáp án đúng", "Đúng hay sai", "Số"):
        text.press("Control+End")
        page.keyboard.insert_text("\n")
        insert(page, label)
    expect(page.locator("#o-van-de")).to_contain_text("nd331", timeout=10_000)
    expect(page.locator("[data-part=preview] .check-yourself")).to_have_count(3)
    check(page)
    page.get_by_text("Thêm tệp", exact=True).click()
    page.select_option("#tep-loai", "references")
    page.get_by_role("button", name="Thêm tệp này").click()
    page.wait_for_url("**/tep/references.yaml")
    law = page.locator("#van-ban")
    law.press("Control+a")
    page.keyboard.insert_text(LAW)
    law.press("Control+s")
    expect(page.locator("#ed-saved")).to_contain_text("Đã lưu lúc")
    page.goto(f"{address}/soan/thu-dien-tu-gia-mao")
    check(page)
    page.get_by_role("link", name="Xuất bản…").click()
    check(page)
    page.fill("#note", "Bản đầu")
    page.get_by_role("main").get_by_role("button", name="Xuất bản", exact=True).click()
    expect(page.locator(".flashes")).to_contain_text("Đã xuất bản")
    check(page)
    context.close()
    learner = open_context(browser, NARROW)
    page = sign_in(learner, address, "an")
    page.goto(f"{address}/khoa-hoc/thu-dien-tu-gia-mao")
    page.get_by_role("button", name="Ghi danh").first.click()
    page.goto(f"{address}/khoa-hoc/thu-dien-tu-gia-mao/bai-01")
    check(page)
    expect(page.locator("main img")).to_have_js_property("naturalWidth", 800)
    expect(page.locator(".legal")).to_contain_text("331/2025/NĐ-CP")
    expect(page.locator(".check-yourself")).to_have_count(3)
    learner.close()


def reach(page: Page, target: Locator, key: str = "Tab") -> None:
    """Go there by keyboard, as far as one goes before giving up."""
    expect(target).to_be_visible()
    for _ in range(60):
        if target.evaluate("node => node === document.activeElement"):
            return
        page.keyboard.press(key)
    pytest.fail(f"{target} is not reached with {key} on {page.url}")


def use_tool(page: Page, name: str) -> None:
    """A tool of the editor's toolbar, from the text: one stop back, then arrows."""
    tools = page.get_by_role("toolbar", name="Định dạng")
    for _ in range(3):
        page.keyboard.press("Shift+Tab")
        if tools.evaluate("node => node.contains(document.activeElement)"):
            break
    reach(page, tools.locator(".ed-tool", has_text=name), "ArrowRight")


def test_a_trainer_needs_no_mouse(browser, address, stored):
    """The same way from an empty course to the learner's page; everything is reached by Tab and used by keys."""
    context = open_context(browser, WIDE)
    page = sign_in(context, address, "dung")
    press = page.keyboard.press
    page.goto(f"{address}/soan")
    press("Tab")
    press("Enter")  # past the menus
    reach(page, page.locator("#title"))
    page.keyboard.type("Mật khẩu mạnh")
    press("Enter")
    page.wait_for_url("**/tep/bai/01.md")
    write_by_keys(page)
    mend_by_keys(page)
    reach(page, page.get_by_role("link", name="Xuất bản…"), "Shift+Tab")
    press("Enter")
    reach(page, page.locator("#note"))
    page.keyboard.insert_text("Bản đầu")
    reach(page, page.get_by_role("main").get_by_role("button", name="Xuất bản", exact=True))
    press("Enter")
    expect(page.locator(".flashes")).to_contain_text("Đã xuất bản")
    context.close()
    learner = open_context(browser, NARROW)
    page = sign_in(learner, address, "an")
    page.goto(f"{address}/khoa-hoc/mat-khau-manh")
    reach(page, page.get_by_role("button", name="Ghi danh").first)
    page.keyboard.press("Enter")
    expect(page.locator(".flashes")).to_be_visible()
    page.goto(f"{address}/khoa-hoc/mat-khau-manh/bai-01")
    expect(page.locator("main img")).to_have_js_property("naturalWidth", 800)
    expect(page.locator(".legal")).to_contain_text("331/2025/NĐ-CP")
    expect(page.locator(".check-yourself")).to_have_count(3)
    learner.close()


def write_by_keys(page: Page) -> None:
    """A table, a cited law, a list, a picture and three self-checks."""
    press, text = page.keyboard.press, page.locator("#van-ban")
    reach(page, text)
    press("Control+End")
    page.keyboard.insert_text(TABLE_AND_LAW)
    page.keyboard.type("- Dài")
    press("Enter")
    page.keyboard.type("Khó đoán")
    press("Enter")
    press("Enter")  # an empty item ends the list
    expect(text).to_have_value(re.compile(r"- Dài\n- Khó đoán\n"))
    choose_file(page).set_files({"name": "Mật khẩu.png", "mimeType": "image/png", "buffer": picture()})
    expect(text).to_have_value(re.compile(r"!\[[^\]]+\]\(\.\./media/mat-khau\.(png|webp)\)"))
    for label in ("Một đáp án đúng", "Đúng hay sai", "Số"):
        reach(page, text)
        press("Control+End")
        press("Enter")
        use_tool(page, "Chèn…")
        press("Enter")
        reach(page, page.get_by_role("button", name=label, exact=True))
        press("Enter")
        expect(text).to_be_focused()
    expect(page.locator("[data-part=preview] .check-yourself")).to_have_count(3, timeout=10_000)


def choose_file(page: Page) -> FileChooser:
    """Chromium opens no chooser when a busy machine lets too much time pass after the key; then it is pressed once more."""
    for _ in range(3):
        use_tool(page, "Tải ảnh hoặc tệp lên")
        try:
            with page.expect_file_chooser(timeout=10_000) as chosen:
                page.keyboard.press("Enter")
        except PlaywrightTimeout:
            reach(page, page.locator("#van-ban"))
            continue
        return chosen.value
    pytest.fail("no file chooser opens")


def mend_by_keys(page: Page) -> None:
    """From the problem to its line, and to the file of cited law that was missing."""
    press, text = page.keyboard.press, page.locator("#van-ban")
    reach(page, page.locator("[data-part=problems] a", has_text="nd331").first)
    press("Enter")
    expect(text).to_be_focused()
    line = text.evaluate("box => box.value.slice(box.selectionStart).split('\\n')[0]")
    assert line.startswith("Báo trong 24 giờ")
    reach(page, page.locator("summary", has_text="Thêm tệp"), "Shift+Tab")
    press("Enter")
    kind = page.locator("#tep-loai")
    reach(page, kind)
    for _ in ("quiz", "drill", "references"):
        press("ArrowDown")
    expect(kind).to_have_value("references")
    reach(page, page.get_by_role("button", name="Thêm tệp này"))
    press("Enter")
    page.wait_for_url("**/tep/references.yaml")
    reach(page, text)
    press("Control+a")
    page.keyboard.insert_text(LAW)
    press("Control+s")
    expect(page.locator("#ed-saved")).to_contain_text("Đã lưu lúc")
    expect(page.locator("#o-van-de .err")).to_have_count(0, timeout=10_000)


HAND_MARKED = """---
id: bai-tap
kind: quiz
title: Bài tập xử lý sự cố
show: answers
---

## Cách xử lý {#xu-ly}
Máy ở bộ phận một cửa bị mã hóa tệp. Anh/chị làm gì, theo thứ tự nào?

Trả lời: tự luận, 10–300 từ

Thang điểm:
- 4 điểm: đúng thứ tự các việc
- 6 điểm: báo đúng nơi, đúng hạn

## Biên bản {#bien-ban points=5}
Nộp biên bản ghi nhận sự cố.

Trả lời: tệp .txt .pdf, tối đa 2 tệp, 1 MB
"""


def publish_hand_marked(stored) -> None:
    """A course with a quiz that people mark, which Dũng of the demo owns."""
    source = Source(
        {
            "course.md": "---\nformat: 1\nid: cham-bai\ntitle: Bài tập\n---\n\n## Phần\n\n- [Thi](thi.md)\n".encode(),
            "thi.md": HAND_MARKED.encode(),
        }
    )
    doc, problems = parse(source)
    begin_reading()
    ready = prepare(source, doc, problems)
    begin_writing()
    revision = publish(ready, by=SYSTEM, now=clock.now())
    dung = stored.session.scalars(stored.select(User).where(User.email.startswith("dung"))).one()
    make_owner(revision.course, dung.id, now=clock.now())
    stored.session.commit()
    begin_reading()


def test_an_essay_and_a_file_are_handed_in_on_a_phone_and_marked_by_keyboard(browser, address, stored):
    publish_hand_marked(stored)
    learner = open_context(browser, NARROW)
    page = sign_in(learner, address, "an")
    hand_in(page, address)
    desk = open_context(browser, WIDE)
    mark_by_keys(sign_in(desk, address, "dung"), address)
    desk.close()
    begin_writing()
    release = stored.session.scalars(stored.select(MarkRelease)).one()
    marking.take_effect(release.id, now=clock.now() + UNDO)
    stored.session.commit()
    page.reload()
    expect(page.locator(".verdict")).to_contain_text("Đạt")
    expect(page.locator("main")).to_contain_text("báo đúng nơi, đúng hạn")
    check(page)
    learner.close()


def hand_in(page: Page, address: str) -> None:
    """A text and a file, after another file was refused."""
    page.goto(f"{address}/khoa-hoc/cham-bai")
    page.get_by_role("button", name="Ghi danh").first.click()
    page.goto(f"{address}/bai-kiem-tra/cham-bai/bai-tap")
    page.get_by_role("button", name="Bắt đầu làm bài").click()
    page.locator("#q-1").fill("Rút dây mạng, giữ nguyên máy, ghi giờ.\nRồi báo đầu mối an toàn thông tin của tỉnh.")
    expect(page.locator("#saved")).to_contain_text("Đã lưu", timeout=10_000)
    check(page)
    page.locator("#cau-1 [data-go='2']").click()
    upload = page.locator("#file-2")
    upload.set_input_files({"name": "trang.html", "mimeType": "text/html", "buffer": b"<script>alert(1)</script>"})
    expect(page.locator("#cau-2 [data-error]")).to_contain_text("không nhận loại tệp này")
    upload.set_input_files({"name": "Biên bản.txt", "mimeType": "text/plain", "buffer": "Lúc 7 giờ 50".encode()})
    expect(page.locator(".handed")).to_contain_text("Biên bản.txt")
    page.wait_for_load_state("networkidle")
    check(page)
    expect(page.locator("#q-1")).to_have_value(re.compile("Rút dây mạng"))
    page.locator("#cau-2 button[value=nop]").click()
    page.wait_for_url("**/nop")
    expect(page.locator("main")).to_contain_text("Biên bản.txt")
    page.get_by_role("button", name="Nộp bài").click()
    expect(page.locator(".verdict")).to_contain_text("2 câu trả lời chờ giảng viên chấm")
    check(page)


def mark_by_keys(page: Page, address: str) -> None:
    """Both answers, then the release."""
    page.goto(f"{address}/cham")
    check(page)
    reach(page, page.get_by_role("link", name="Chấm", exact=True).last)
    page.keyboard.press("Enter")
    page.wait_for_url("**/cham/cham-bai/bai-tap")
    check(page)
    reach(page, page.get_by_role("link", name="Chấm bài tiếp").first)
    page.keyboard.press("Enter")
    expect(page.locator("#points-0")).to_be_focused()
    check(page)
    page.keyboard.type("4")
    page.keyboard.press("Tab")
    page.keyboard.type("4,5")
    expect(page.locator("[data-total]")).to_have_text("8,5")
    expect(page.locator("[data-state]")).to_contain_text("Đã lưu nháp", timeout=10_000)
    page.keyboard.press("Enter")
    reach(page, page.get_by_role("link", name="Chấm bài tiếp").first)
    page.keyboard.press("Enter")
    expect(page.locator("#points-0")).to_be_focused()
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    reach(page, page.get_by_role("button", name="Công bố 1 kết quả"))
    page.keyboard.press("Enter")
    expect(page.locator(".flashes")).to_contain_text("có giá trị từ")
    check(page)
