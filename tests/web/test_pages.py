"""Long lists: read page by page to the end, each row once; a broken address starts from the beginning."""

import base64
import json
import re

import pytest

from tests import make

LISTS = {
    "hoa": ("/theo-doi/nguoi", "/theo-doi/ghi-danh", "/theo-doi/hoan-thanh", "/theo-doi/giay-chung-nhan"),
    "giang": ("/quan-tri/tai-khoan", "/quan-tri/nhat-ky"),
}


@pytest.fixture
def many(app, client_of):
    """More people than fit on a page, each with a certificate."""
    make.issuer()
    slug = make.course()
    make.history(make.colleagues(60), slug)
    return {who: client_of(who) for who in LISTS}


def rows_of(page):
    body = re.search(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    found = re.findall(r"<tr>(.*?)</tr>", body[1], re.DOTALL) if body else []
    if not found:  # a list of boxes to tick
        found = re.findall(r'name="person" value="(\d+)"', page)
    # A token is new each time it is written
    return [re.sub(r'name="csrf_token" value="[^"]*"', "", row) for row in found]


def next_of(page):
    found = re.search(r'<nav class="keypager".*?</nav>', page, re.DOTALL)
    links = re.findall(r'href="([^"]*sau=[^"]*)"', found[0]) if found else []
    if links:
        return links[0].replace("&amp;", "&")
    button = re.search(r'<button[^>]*name="sau" value="([^"]*)"', page)  # a form whose ticks come along
    return f"/theo-doi/ghi-danh?sau={button[1]}" if button else None


def test_every_list_can_be_read_to_its_end_and_shows_each_row_once(many):
    for who, urls in LISTS.items():
        for first in urls:
            url, seen, pages = first, [], 0
            while url:
                answer = many[who].get(url)
                assert answer.status_code == 200, url
                seen += rows_of(answer.text)
                pages, url = pages + 1, next_of(answer.text)
                assert pages < 60, first
            assert pages >= 2, first
            assert len(seen) == len(set(seen)) >= 60, first


@pytest.mark.parametrize(
    "keys",
    [[], [1], ["a", "b"], ["2026-01-01", 10**30], [None, None], [{}, []], ["\x00", 1], ["\ud800", 1], ["x", True], "x"],
)
def test_a_page_address_that_was_tampered_with_starts_from_the_beginning(client_of, keys):
    token = base64.urlsafe_b64encode(json.dumps(keys).encode()).decode()
    browsers = {who: client_of(who) for who in LISTS}
    for who, urls in LISTS.items():
        for url in urls:
            assert browsers[who].get(f"{url}?sau={token}").status_code == 200
            assert browsers[who].get(f"{url}?sau={token[:-3]}%FF").status_code == 200
