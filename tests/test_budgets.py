"""Budgets: statements, bytes and requests of every page, and that other people's data makes none of them grow."""

import gzip
import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest
from sqlalchemy import event

from lms.core.db import db
from lms.web import assets
from tests import make
from tests.places import NO_PAGES, STAFF, STYLES

MOST_STATEMENTS, MOST_FOR_STAFF = 5, 8
PAGE_ROWS = 50
SMALL = 300  # bytes that names, dates and tokens may differ by


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement sent to the database, but for the beginning of transactions."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def measured(places, place):
    """Statements and bytes of a page whose revisions stand in memory, as they do for all but the first reader."""
    places.open(place)
    with statements() as seen:
        answer = places.open(place)
    return len(seen), len(answer.data)


def test_every_page_has_a_budget(app, places):
    pages = {
        rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods and rule.endpoint not in NO_PAGES
    }
    assert pages == {place.endpoint for place in places}


def test_no_page_asks_the_database_more_than_five_times_and_none_of_staff_more_than_eight(places):
    for place in places:
        most = MOST_FOR_STAFF if place.budget is STAFF else MOST_STATEMENTS
        assert measured(places, place)[0] <= most, place.url


@pytest.mark.timeout(240)
def test_no_page_asks_more_or_grows_with_other_peoples_data(places):
    """Ten other people, a full page of them, and two hundred: with enrolments, attempts and certificates."""
    sizes, so_far = {}, 1
    for others in (10, PAGE_ROWS + 10, 200):
        make.history(make.colleagues(others - so_far), places.slug)
        so_far = others
        sizes[others] = {place.url: measured(places, place) for place in places}
    few, full, many = sizes.values()
    for place in places:
        asked = {size[place.url][0] for size in (few, full, many)}
        assert len(asked) == 1, (place.url, asked)
        is_list = place.budget is STAFF and (place.who in {"hoa", "giang"} or place.endpoint == "teaching.learners")
        before = full if is_list else few  # a list grows until its page is full
        assert many[place.url][1] <= before[place.url][1] * 1.02 + SMALL, place.url


def test_no_page_asks_more_when_there_are_more_courses(places):
    few = {place.url: measured(places, place)[0] for place in places}
    for number in range(8):
        make.course({"course.md": make.FILES["course.md"].replace("id: mau", f"id: mau-{number}")})
        places.browsers["an"].post(f"/khoa-hoc/mau-{number}/ghi-danh")
    assert {place.url: measured(places, place)[0] for place in places} == few


def test_no_page_is_heavier_than_its_budget(app, places):
    """First visit: the page, and everything that it and its style sheet load."""
    make.history(make.colleagues(PAGE_ROWS + 10), places.slug)
    for place in places:
        answer = places.open(place, headers={"Accept-Encoding": "gzip"})
        text = gzip.decompress(answer.data).decode()
        files = {url: _weight(places.browsers["anybody"], url) for url in _loaded(app, text)}
        scripts = sum(size for url, size in files.items() if url.endswith(".js"))
        total = len(answer.data) + sum(files.values())
        allowed = place.budget
        assert len(answer.data) <= allowed.html, (place.url, len(answer.data))
        assert scripts <= allowed.scripts, (place.url, scripts)
        assert total <= allowed.total, (place.url, total, files)
        assert 1 + len(files) <= allowed.requests, (place.url, list(files))


def test_the_style_sheet_is_one_small_file(app, client):
    assert _weight(client, app.jinja_env.globals["asset"]("app.css")) <= STYLES


def test_files_are_kept_for_ever_and_sent_compressed(app, client):
    for name in ("app.css", "core.js", "quiz.js", "icons.svg"):
        answer = client.get(app.jinja_env.globals["asset"](name), headers={"Accept-Encoding": "gzip"})
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Encoding"] == "gzip"


def _weight(browser, url):
    answer = browser.get(url, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200, url
    return len(answer.data)


def _loaded(app, text):
    """The addresses that a browser with nothing in its cache loads for this page; lazy pictures are not counted."""
    found = set()
    for tag in re.findall(r"<(?:link|script|use|img|source)\b[^>]*>", text):
        address = re.search(r'\b(?:href|src)="([^"#]+)', tag)
        if address and 'loading="lazy"' not in tag:
            found.add(html.unescape(address[1]))
    style = app.jinja_env.globals["asset"]("app.css")
    assert style in found
    base = style.rsplit("/", 1)[0]
    used = set(re.findall(r"[\w-]+", " ".join(re.findall(r'\bclass="([^"]*)"', text))))
    faces, tabular = _fonts()
    for family, file in faces:
        if family != "BVP Tab" or tabular & used:
            found.add(f"{base}/{file}")
    return sorted(found)


@cache
def _fonts():
    """The faces of the style sheet with their files, and the classes whose digits are set in the tabular one."""
    css = assets.files()["app.css"].decode()
    faces = re.findall(r'@font-face\{font-family:"([^"]+)";src:url\(([^)]+)\)', css)
    rules = re.findall(r"([^{}]+)\{[^{}]*var\(--tab\)[^{}]*\}", css)
    selectors = [selector for rule in rules for selector in rule.split(",")]
    return faces, {re.findall(r"\.([\w-]+)", selector)[-1] for selector in selectors}
