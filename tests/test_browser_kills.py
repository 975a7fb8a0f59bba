"""Killed under the learner's hands: a real browser goes on while the real server dies, and what was chosen is what is stored."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lms.app import create_app
from lms.assessment.models import Attempt, Grade, Response
from lms.content.queries import load_document
from lms.core.db import db
from lms.settings import Settings
from tests import make
from tests.test_browser import NARROW, browser, give, open_context, sign_in  # noqa: F401 - browser is a fixture
from tests.test_kills import Server

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    made.start()
    yield made
    made.kill()


@pytest.fixture
def stored(server: Server):
    """The database of the server, for looking at what it holds."""
    with create_app(Settings(instance=server.instance)).app_context():
        yield db
        db.session.remove()
        db.engine.dispose()


def go(page: Page, number: int) -> None:
    if page.locator(f"#cau-{number}").is_hidden():
        page.click(".qm summary")
        page.click(f".qm .grid [data-go='{number}']")


def chosen_and_stored(stored, attempt: Attempt) -> tuple[dict[int, list[str]], int]:
    """What the database holds of the attempt, as its form would show it; how many grades there are."""
    stored.session.rollback()
    quiz = load_document(attempt.revision_id).quiz(attempt.item)
    held = {row.question: row.answer for row in stored.session.scalars(stored.select(Response))}
    shown = {
        number: quiz.question(entry["question"]).entered(held[entry["question"]], entry["order"])
        for number, entry in enumerate(attempt.paper, start=1)
        if entry["question"] in held
    }
    return shown, stored.session.scalar(stored.select(stored.func.count()).select_from(Grade))


def test_every_answer_that_was_chosen_is_stored_although_the_server_is_killed_twice(browser, server, stored):  # noqa: F811
    context = open_context(browser, NARROW)
    page = sign_in(context, server.address, "an")
    page.goto(f"{server.address}/khoa-hoc/ucsc")
    page.get_by_role("button", name="Ghi danh và bắt đầu").click()
    page.goto(f"{server.address}/bai-kiem-tra/ucsc/cuoi-khoa")
    page.get_by_role("button", name="Bắt đầu").click()
    page.wait_for_url("**/luot-lam-bai/*")
    attempt = stored.session.scalars(stored.select(Attempt)).one()
    chosen = make.right_values(attempt)
    for number in (1, 2, 3):
        go(page, number)
        give(page, number, chosen[number])
    server.kill()  # perhaps in the middle of a save
    for number in (4, 5, 6):
        go(page, number)
        give(page, number, chosen[number])
    expect(page.locator("#offline")).to_be_visible(timeout=20_000)
    server.start()
    expect(page.locator("#offline")).to_be_hidden(timeout=40_000)

    # A second tab of the same attempt, both in use; then the server dies again, and comes back.
    other = context.new_page()
    other.goto(page.url)
    for number, tab in ((7, page), (8, other), (9, page), (10, other)):
        go(tab, number)
        give(tab, number, chosen[number])
    server.kill()
    go(page, 11)
    give(page, 11, chosen[11])
    server.start()
    for tab in (page, other):
        expect(tab.locator("#saved")).to_contain_text("Đã lưu lúc", timeout=40_000)
        expect(tab.locator("#offline")).to_be_hidden(timeout=40_000)
    go(page, 12)
    give(page, 12, chosen[12])
    page.locator("#cau-12 .qact [value=nop]").click()
    page.wait_for_url("**/nop")
    page.get_by_role("button", name="Nộp bài").dblclick()
    page.wait_for_url("**/ket-qua")
    shown, grades = chosen_and_stored(stored, attempt)
    assert {number: sorted(values) for number, values in shown.items()} == {n: sorted(v) for n, v in chosen.items()}
    assert grades == 1
    expect(page.locator(".verdict")).to_contain_text("Đạt: 100%")
    context.close()
