"""Each course from its first lesson to the certificate, by keyboard alone, on a telephone's screen."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from lms.app import create_app
from lms.assessment.models import Attempt
from lms.content.queries import load_document
from lms.core.db import begin_reading, db
from lms.course.questions.choices import ChoiceQuestion
from lms.course.questions.cloze import Cloze
from lms.course.questions.matching import Matching
from lms.course.questions.multiple_choice import MultipleChoice
from lms.course.questions.ordering import Ordering
from lms.settings import ROOT, Settings
from tests.courses.test_banks import course as read_course
from tests.courses.test_banks import keys
from tests.test_browser import NARROW, browser, check, open_context, reach, served, sign_in

__all__ = ["browser"]  # a fixture
FOLDERS = sorted(path.parent for path in (ROOT / "courses").glob("*/course.md"))
pytestmark = [
    pytest.mark.timeout(420),
    pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name),
]


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("courses")


@pytest.fixture(scope="module")
def address(instance: Path):
    with served(instance) as found:
        yield found


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    """Go there by keyboard and press it."""
    reach(page, target)
    page.keyboard.press(key)


def newest_paper(instance: Path) -> list[tuple[object, list[str]]]:
    """What the newest attempt asks, in its order, and what the page sends for a right answer to each."""
    app = create_app(Settings(instance=instance))
    with app.app_context():
        begin_reading()
        attempt = db.session.scalars(db.select(Attempt).order_by(Attempt.id.desc())).first()
        quiz = load_document(attempt.revision_id).quiz(attempt.item)
        asked = [(quiz.question(entry["question"]), tuple(entry["order"])) for entry in attempt.paper]
        paper = [(question, keys(question, order)[0]) for question, order in asked]
        db.session.remove()
        db.engine.dispose()
    return paper


def give(page: Page, number: int, question: object, values: list[str]) -> None:
    """Answer one question with keys."""
    section = page.locator(f"#cau-{number}")
    if isinstance(question, MultipleChoice):
        for value in values:
            press(page, page.locator(f"#q-{number}-{value}"), "Space")
    elif isinstance(question, ChoiceQuestion):
        wanted = page.locator(f"#q-{number}-{values[0]}")
        reach(page, section.locator("input[type=radio]").first)
        page.keyboard.press("Space")
        reach(page, wanted, "ArrowDown")
    elif isinstance(question, Ordering):
        put_in_order(page, section, values)
    elif isinstance(question, Matching | Cloze):
        boxes = section.locator("select, input:not([type=hidden])")
        for place, value in enumerate(values):
            fill(page, boxes.nth(place), value)
    else:
        fill(page, page.locator(f"#q-{number}"), values[0])


def fill(page: Page, box: Locator, value: str) -> None:
    reach(page, box)
    if box.evaluate("node => node.tagName") != "SELECT":
        page.keyboard.insert_text(value)
        return
    for _ in range(30):
        if box.input_value() == value:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{value} is not in the list")


def put_in_order(page: Page, section: Locator, values: list[str]) -> None:
    for place, value in enumerate(values):
        for _ in range(20):
            shown = section.locator("li input[type=hidden]").evaluate_all("nodes => nodes.map(node => node.value)")
            if shown[place] == value:
                break
            press(page, section.locator("li").nth(shown.index(value)).locator("button[data-move='-1']"))


def take(page: Page, instance: Path) -> None:
    """Answer the whole paper rightly and submit it."""
    press(page, page.get_by_role("button", name="Bắt đầu"))
    page.wait_for_url("**/luot-lam-bai/*")
    paper = newest_paper(instance)
    for number, (question, values) in enumerate(paper, start=1):
        expect(page.locator(f"#cau-{number}")).to_be_visible()
        give(page, number, question, values)
        press(page, page.locator(f"#cau-{number} .qact button.btn:last-child"))
    page.wait_for_url("**/nop")
    press(page, page.get_by_role("button", name="Nộp bài"))
    page.wait_for_url("**/ket-qua")
    expect(page.locator(".verdict")).to_contain_text("Đạt: 100%")


def test_a_course_is_taken_from_its_first_lesson_to_the_certificate(browser, address, instance, folder):
    doc = read_course(folder)
    context = open_context(browser, NARROW)
    page = sign_in(context, address, "an")
    page.goto(f"{address}/khoa-hoc/{doc.id}")
    check(page)
    with page.expect_navigation():
        press(page, page.get_by_role("button", name="Ghi danh và bắt đầu"))
    required = [entry.item for entry in doc.items if doc.is_required(entry)]
    for item in required:
        page.goto(f"{address}/khoa-hoc/{doc.id}")
        press(page, page.locator("main .actions a.btn").first)
        page.wait_for_url(f"**/{item}")
        if item in (required[0], doc.grade_from):
            check(page)
        if doc.lesson(item):
            with page.expect_navigation():
                press(page, page.locator(".pager button"))
        else:
            take(page, instance)
    page.goto(f"{address}/khoa-hoc/{doc.id}")
    expect(page.locator("main")).to_contain_text("Anh/chị đã hoàn thành khóa học này")
    with page.expect_navigation():
        press(page, page.get_by_role("link", name="Xem giấy chứng nhận"))
    expect(page.locator("main")).to_contain_text(doc.title)
    context.close()
