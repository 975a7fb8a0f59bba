"""Budgets: statements, bytes and requests of every page, and that other people's data makes none of them grow."""

import gzip
import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import pytest
from sqlalchemy import event

from lms.core.db import db
from lms.web import assets
from tests import make

MOST_STATEMENTS = 5
PAGE_ROWS = 50
SMALL = 300  # bytes that names, dates and tokens may differ by


@dataclass(frozen=True)
class Budget:
    """What a class of pages may weigh, compressed and on a first visit."""

    html: int
    scripts: int
    total: int
    requests: int


# ux.md 2.7, in bytes
PUBLIC = Budget(html=5_000, scripts=3_000, total=55_000, requests=7)
READING = Budget(html=12_000, scripts=3_000, total=65_000, requests=8)
QUIZ = Budget(html=25_000, scripts=9_000, total=85_000, requests=10)
STAFF = Budget(html=30_000, scripts=28_000, total=110_000, requests=12)
STYLES = 14_000

# What is no page: files, answers to scripts, addresses that only lead on.
NO_PAGES = {
    "certificates.download", "certificates.register_xlsx", "certificates.register_zip", "content.download", "content.file",
    "home.health", "home.root", "reports.completion_xlsx", "certificates.verify_code",
}  # fmt: skip
# Made for trainers alone, from the draft as it is being written: parsed and rendered at each look.
RENDERED_NOW = {"content.preview"}


@dataclass(frozen=True)
class Place:
    """Who opens which page, and what class it is of."""

    endpoint: str
    who: str
    url: str
    budget: Budget


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


FORTY = "\n".join(
    f"## Câu hỏi số {n} {{#cau-{n}}}\nTình huống {n}: máy tính của cơ quan có dấu hiệu lạ, việc cần làm trước là gì?\n\n"
    f"- [x] Rút dây mạng của máy số {n}\n- [ ] Tắt nguồn ngay\n- [ ] Cài lại hệ điều hành\n- [ ] Gửi thư hỏi đồng nghiệp\n\n"
    f"> Giữ được chứng cứ trong bộ nhớ của máy số {n}.\n"
    for n in range(1, 41)
)


@pytest.fixture
def places(app, client, client_of):
    """Every page, with An in the middle of a course and a certificate of another; `open` gets one."""
    make.issuer()
    slug = make.sample_course()
    big = make.course({"thi.md": make.FILES["thi.md"].partition("## ")[0] + FORTY})
    browsers = {who: client_of(who) for who in ("an", "dung", "hoa", "giang")} | {"anybody": client}
    an = browsers["an"]
    for course in (slug, big):
        assert an.post(f"/khoa-hoc/{course}/ghi-danh").status_code == 303
    over = an.post(f"/bai-kiem-tra/{big}/thi/bat-dau").location
    an.post(f"{over}/nop")
    attempt = an.post(f"/bai-kiem-tra/{big}/thi/bat-dau").location
    certificate = _certificate_in_scope(slug)
    upload = {"file": (make.zipped(make.FILES | {"mot.md": make.FILES["mot.md"] + "\nThêm.\n"}), "mau.zip")}
    assert browsers["dung"].post("/soan/tai-len", data=upload).status_code == 303
    me = db.session.scalar(db.text("SELECT id FROM \"user\" WHERE email = 'an@songlam.example'"))
    lesson = f"/khoa-hoc/{slug}/c1-su-co-va-quy-dinh"
    found = [
        Place("people.sign_in", "anybody", "/dang-nhap", PUBLIC),
        Place("certificates.verify", "anybody", f"/xac-minh?ma={certificate['code']}", PUBLIC),
        Place("home.help_page", "anybody", "/tro-giup", READING),
        Place("home.gallery", "anybody", "/_ui", STAFF),
        Place("home.start", "an", "/viec-can-lam", READING),
        Place("learning.catalogue", "an", "/khoa-hoc", READING),
        Place("learning.course", "an", f"/khoa-hoc/{slug}", READING),
        Place("learning.lesson", "an", lesson, READING),
        Place("assessment.quiz", "an", f"/bai-kiem-tra/{slug}/cuoi-khoa", READING),
        Place("assessment.attempt", "an", attempt, QUIZ),
        Place("assessment.submit", "an", f"{attempt}/nop", QUIZ),
        Place("assessment.result", "an", f"{over}/ket-qua", QUIZ),
        Place("certificates.mine", "an", "/giay-chung-nhan", READING),
        Place("people.account", "an", "/ca-nhan", READING),
        Place("people.change_password", "an", "/ca-nhan/mat-khau", READING),
        Place("content.courses", "dung", "/soan", STAFF),
        Place("content.draft", "dung", f"/soan/{big}", STAFF),
        Place("content.preview", "dung", f"/soan/{big}/xem-truoc/mot", STAFF),
        Place("reports.completion", "hoa", "/theo-doi/hoan-thanh", STAFF),
        Place("certificates.register", "hoa", "/theo-doi/giay-chung-nhan", STAFF),
        Place("certificates.revoke", "hoa", f"/theo-doi/giay-chung-nhan/{certificate['id']}/thu-hoi", STAFF),
        Place("people.people", "hoa", "/theo-doi/nguoi", STAFF),
        Place("learning.enrol_others", "hoa", "/theo-doi/ghi-danh", STAFF),
        Place("people.accounts", "giang", "/quan-tri/tai-khoan", STAFF),
        Place("people.new_account", "giang", "/quan-tri/tai-khoan/moi", STAFF),
        Place("people.edit_account", "giang", f"/quan-tri/tai-khoan/{me}", STAFF),
        Place("people.units", "giang", "/quan-tri/don-vi", STAFF),
        Place("content.local_values", "giang", "/quan-tri/bien-dia-phuong", STAFF),
        Place("certificates.issuer", "giang", "/quan-tri/co-quan-cap", STAFF),
        Place("home.audit_trail", "giang", "/quan-tri/nhat-ky", STAFF),
        Place("home.system", "giang", "/quan-tri/he-thong", STAFF),
    ]
    return Places(found, browsers, slug)


def _certificate_in_scope(slug):
    """A colleague of An's has finished."""
    make.history(make.colleagues(1), slug)
    return db.session.execute(db.text("SELECT id, code FROM certificate")).mappings().one()


class Places(list):
    """The pages, and the browsers that open them."""

    def __init__(self, places, browsers, slug):
        super().__init__(places)
        self.browsers, self.slug = browsers, slug

    def open(self, place):
        """Statements and bytes of a page whose revisions stand in memory, as they do for all but the first reader."""
        self.browsers[place.who].get(place.url)
        with statements() as seen:
            answer = self.browsers[place.who].get(place.url)
        assert answer.status_code == 200, (place.url, answer.status_code)
        return len(seen), len(answer.data)


def test_every_page_has_a_budget(app, places):
    pages = {
        rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods and rule.endpoint not in NO_PAGES
    }
    assert pages == {place.endpoint for place in places}


def test_no_page_asks_the_database_more_than_five_times(places):
    asked = {place.url: places.open(place)[0] for place in places}
    assert {url: count for url, count in asked.items() if count > MOST_STATEMENTS} == {}


def test_no_page_asks_more_or_grows_with_other_peoples_data(places):
    """Ten other people, a full page of them, and two hundred: with enrolments, attempts and certificates."""
    sizes, so_far = {}, 1
    for others in (10, PAGE_ROWS + 10, 200):
        make.history(make.colleagues(others - so_far), places.slug)
        so_far = others
        sizes[others] = {place.url: places.open(place) for place in places}
    few, full, many = sizes.values()
    for place in places:
        asked = {size[place.url][0] for size in (few, full, many)}
        assert len(asked) == 1, (place.url, asked)
        is_list = place.budget is STAFF and place.who in {"hoa", "giang"}
        before = full if is_list else few  # a list grows until its page is full
        assert many[place.url][1] <= before[place.url][1] * 1.02 + SMALL, place.url


def test_no_page_asks_more_when_there_are_more_courses(places):
    few = {place.url: places.open(place)[0] for place in places}
    for number in range(8):
        make.course({"course.md": make.FILES["course.md"].replace("id: mau", f"id: mau-{number}")})
        places.browsers["an"].post(f"/khoa-hoc/mau-{number}/ghi-danh")
    assert {place.url: places.open(place)[0] for place in places} == few


def test_no_page_is_heavier_than_its_budget(app, places):
    """First visit: the page, and everything that it and its style sheet load."""
    make.history(make.colleagues(PAGE_ROWS + 10), places.slug)
    for place in places:
        answer = places.browsers[place.who].get(place.url, headers={"Accept-Encoding": "gzip"})
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
    return faces, {name for rule in rules for name in re.findall(r"\.([\w-]+)", rule)} - {"table"}
