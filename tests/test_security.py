"""Nobody gets in by a trick: forged forms, hostile courses, names and addresses, stale sessions, talkative logs."""

import io
import json
import re
import stat
import zipfile
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from lms.app import create_app
from lms.assessment.models import Attempt
from lms.certificates.models import Certificate
from lms.content.models import CourseFile, Draft
from lms.core import jobs
from lms.core.db import begin_writing, db
from lms.people import service as people
from lms.settings import Settings
from lms.web.access import public
from lms.web.security import limiter
from tests import cast, make
from tests.see import everything

HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
    "Cache-Control": "",
}


# Forged forms


@pytest.fixture
def with_csrf(app):
    app.config["WTF_CSRF_ENABLED"] = True
    yield app
    app.config["WTF_CSRF_ENABLED"] = False


def test_no_form_without_its_token_changes_anything(with_csrf, client_of):
    browsers = {who: client_of(who) for who in ("an", "dung", "hoa", "giang")}
    with_csrf.config["WTF_CSRF_ENABLED"] = True  # client_of needs none itself
    before = everything()
    adapter = with_csrf.url_map.bind("localhost")
    for rule in with_csrf.url_map.iter_rules():
        if "POST" not in rule.methods or rule.endpoint == "people.sign_in_again":
            continue
        values = {name: 1 if name.endswith(("id", "number")) else "x" for name in rule.arguments}
        url = adapter.build(rule.endpoint, values, method="POST")
        for who, browser in browsers.items():
            for token in ({}, {"csrf_token": "forged"}):
                answer = browser.post(url, data=token)
                assert answer.status_code == 403, (who, url)
                assert "Tải lại" in answer.text or "tải lại" in answer.text, "the page says what to do"
    assert everything() == before


def test_signing_in_again_takes_only_what_a_page_of_ours_can_send(with_csrf, client):
    """It needs no token, so it must not be a form that another site can send."""
    body = json.dumps({"login": cast.CAST["an"].email, "password": cast.PASSWORD})
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        assert client.post("/dang-nhap/tai-cho", data=body, content_type=kind).status_code == 422
    assert client.get("/viec-can-lam").status_code == 303


# Headers and cookies


def has_headers(answer):
    for name, begins in HEADERS.items():
        assert answer.headers.get(name, "missing").startswith(begins), (answer.request.path, name)
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_every_kind_of_answer_carries_the_security_headers(app, places, monkeypatch):
    an, hoa, dung, anybody = (places.browsers[who] for who in ("an", "hoa", "dung", "anybody"))
    jobs.run_all_due()
    code = db.session.scalars(db.select(Certificate.code)).first()
    monkeypatch.setitem(app.view_functions, "home.health", public(lambda: 1 / 0))
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 10_000)
    answers = {
        200: [anybody.get("/dang-nhap"), an.get("/khoa-hoc"), hoa.get(f"/giay-chung-nhan/{code}.pdf"),
              hoa.get("/theo-doi/hoan-thanh.xlsx"), hoa.get("/theo-doi/giay-chung-nhan.zip")],
        303: [anybody.get("/"), anybody.get("/khoa-hoc"), an.post(f"/khoa-hoc/{places.slug}/c1-su-co-va-quy-dinh/xong")],
        401: [anybody.get("/khoa-hoc", headers={"Accept": "application/json"})],
        403: [an.get("/quan-tri/tai-khoan")],
        404: [an.get("/khong-co"), anybody.get("/xac-minh?ma=x"), anybody.get("/static/khong-co.css")],
        405: [anybody.post("/tro-giup")],
        409: [an.post(f"/khoa-hoc/{places.slug}/ghi-danh")],
        413: [dung.post("/soan/tai-len", data={"file": (io.BytesIO(b"x" * 20_000), "x.zip")})],
        422: [anybody.post("/dang-nhap"), anybody.post("/dang-nhap/tai-cho")],
        500: [anybody.get("/healthz")],
    }  # fmt: skip
    for status, given in answers.items():
        for answer in given:
            assert answer.status_code == status, answer.request.path
            has_headers(answer)


def test_a_busy_database_is_answered_with_the_security_headers_too(app, client):
    def fails(*_args):
        raise OperationalError("SELECT 1", {}, Exception("connection lost"))

    event.listen(db.engine, "before_cursor_execute", fails)
    try:
        answer = client.get("/healthz")
    finally:
        event.remove(db.engine, "before_cursor_execute", fails)
    assert answer.status_code == 503
    has_headers(answer)


def test_static_files_say_what_they_are_and_are_for_this_site_only(app, client):
    answer = client.get(app.jinja_env.globals["asset"]("core.js"))
    assert answer.mimetype in {"text/javascript", "application/javascript"}
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_https_is_remembered_where_there_is_https(client):
    assert "max-age=" in client.get("/dang-nhap", base_url="https://localhost").headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in client.get("/dang-nhap").headers


def test_a_page_that_another_site_opens_tells_nothing_by_its_length(client):
    """Compression and a secret on the page tell the secret to whoever can measure (BREACH)."""
    asked = {"Accept-Encoding": "gzip"}
    assert client.get("/dang-nhap", headers=asked).headers.get("Content-Encoding") == "gzip"
    across = client.get("/dang-nhap", headers={**asked, "Sec-Fetch-Site": "cross-site"})
    assert "Content-Encoding" not in across.headers


@pytest.mark.parametrize("secure", [False, True])
def test_cookies_are_for_this_site_and_no_script(tmp_path, secure):
    app = create_app(Settings(instance=tmp_path, secure_cookies=secure))
    browser = app.test_client()
    token = browser.get("/dang-nhap").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = browser.post("/hien-thi", data={"csrf_token": token, "theme": "dark", "text": "lg", "locale": "en"})
    assert answer.status_code == 303
    cookies = [*browser.get("/dang-nhap").headers.getlist("Set-Cookie"), *answer.headers.getlist("Set-Cookie")]
    assert {cookie.partition("=")[0] for cookie in cookies} >= {"theme", "text", "locale"}
    session = app.test_client().get("/dang-nhap").headers.getlist("Set-Cookie")
    assert session
    for cookie in [*cookies, *session]:
        assert "HttpOnly" in cookie, cookie
        assert "SameSite=Lax" in cookie, cookie
        assert ("Secure" in cookie) is secure, cookie
        assert "Domain" not in cookie, cookie


# Sessions


@pytest.mark.parametrize("ending", ["change", "reset", "everywhere", "deactivate"])
def test_every_other_session_ends_with(client_of, ending):
    here, elsewhere, giang = client_of("an"), client_of("an"), client_of("giang")
    an = cast.person("an").id
    if ending == "change":
        data = {"current": cast.PASSWORD, "password": "Bốn-Từ-Dễ-Nhớ-26"}
        assert here.post("/ca-nhan/mat-khau", data=data).status_code == 303
        assert here.get("/khoa-hoc").status_code == 200  # this browser goes on
    elif ending == "reset":
        assert giang.post(f"/theo-doi/nguoi/{an}/mat-khau").status_code == 200
    elif ending == "everywhere":
        assert here.post("/ca-nhan/dang-xuat-moi-noi").status_code == 303
    else:
        assert giang.post(f"/quan-tri/tai-khoan/{an}/trang-thai", data={"state": "closed"}).status_code == 303
    assert elsewhere.get("/khoa-hoc").location.startswith("/dang-nhap")
    assert elsewhere.post("/hien-thi", data={"theme": "dark"}).status_code == 303


def test_roles_hold_from_the_next_request_on(client_of):
    hoa, giang = client_of("hoa"), client_of("giang")
    assert hoa.get("/theo-doi/hoan-thanh").status_code == 200
    url = f"/quan-tri/tai-khoan/{cast.person('hoa').id}/vai-tro"
    assert giang.post(url, data={}).status_code == 303
    assert hoa.get("/theo-doi/hoan-thanh").status_code == 403


def test_a_cookie_of_another_installation_signs_nobody_in(app, client_of, tmp_path):
    cookie = client_of("an").get_cookie("lms_session").value
    other = create_app(Settings(instance=tmp_path, database_url=app.config["SETTINGS"].database))
    browser = other.test_client()
    browser.set_cookie("lms_session", cookie)
    assert browser.get("/viec-can-lam").status_code == 303


ELSEWHERE = [
    "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "/\t/evil.example",
    "https:evil.example", "///evil.example", " //evil.example", "/%0d%0aSet-Cookie:x=1\r\nX: y", "data:text/html,x",
    "http://localhost@evil.example", "viec-can-lam",
]  # fmt: skip


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_address_that_is_sent_along_leads_elsewhere(client, target):
    data = {"login": cast.CAST["an"].email, "password": cast.PASSWORD, "next": target}
    assert client.post("/dang-nhap", data=data).location == "/viec-can-lam"
    assert client.post("/hien-thi", data={"theme": "dark", "next": target}).location == "/viec-can-lam"
    page = client.get(f"/dang-nhap?next={quote(target)}")
    assert page.status_code in {200, 303}


def test_an_address_of_ours_is_followed(client):
    data = {"login": cast.CAST["an"].email, "password": cast.PASSWORD, "next": "/khoa-hoc?tim=m%E1%BA%A1ng"}
    assert client.post("/dang-nhap", data=data).location == "/khoa-hoc?tim=m%E1%BA%A1ng"


@pytest.fixture
def with_limits(app, monkeypatch):
    """Limits count, from nothing."""
    monkeypatch.setattr(limiter, "enabled", True)
    limiter.reset()
    yield
    limiter.reset()


def test_guessing_certificate_codes_is_slowed_down(with_limits, client):
    statuses = [client.get("/xac-minh?ma=7K3Q-9FDM-2XTZ").status_code for _ in range(61)]
    assert statuses[:60] == [404] * 60
    assert statuses[60] == 429


# Uploads


def archive(*entries):
    """A zip whose entries are (ZipInfo or path, data)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for info, data in entries:
            made.writestr(info, data)
    return out.getvalue()


def special(path, mode):
    info = zipfile.ZipInfo(path)
    info.create_system, info.external_attr = 3, mode << 16
    return info


def encrypted():
    data = bytearray(archive(("course.md", make.FILES["course.md"])))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    return bytes(data)


GOOD = [(path, text) for path, text in make.FILES.items()]
HOSTILE = {
    "a path that climbs out": (archive(*GOOD, ("../../etc/cron.d/x", "x")), "ra ngoài thư mục khóa học"),
    "an absolute path": (archive(*GOOD, ("/etc/passwd", "x")), "ra ngoài thư mục khóa học"),
    "a drive": (archive(*GOOD, ("C:/x.md", "x")), "ra ngoài thư mục khóa học"),
    "a backslash": (archive(*GOOD, ("..\\..\\x.md", "x")), "dấu gạch chéo ngược"),
    "a link": (archive(*GOOD, (special("media/x.png", stat.S_IFLNK | 0o777), "/etc/passwd")), "liên kết"),
    "a device": (archive(*GOOD, (special("media/x.png", stat.S_IFCHR | 0o666), "")), "liên kết"),
    "too many files": (archive(*GOOD, *((f"media/{n}.txt", "") for n in range(2001))), "2000"),
    "too much": (archive(*GOOD, *((f"media/{n}.txt", b"\0" * (9 << 20)) for n in range(30))), "256"),
    "a bomb": (archive(*GOOD, ("media/x.txt", b"\0" * (20 << 20))), "100 lần"),
    "a password": (encrypted(), "mật khẩu"),
    "the course in a folder of a folder": (archive(*((f"a/b/{path}", text) for path, text in GOOD)), "course.md"),
    "no course": (archive(("bai.md", "# x")), "course.md"),
    "nothing": (archive(), "trống"),
    "no zip": (b"%PDF-1.7 not a zip", "không phải tệp zip"),
    "half a zip": (archive(*GOOD)[:200], "không phải tệp zip"),
    "an id that is none": (archive(*GOOD[1:], ("course.md", make.FILES["course.md"].replace("id: mau", "id: ../x"))), "../x"),
    "an endless id": (archive(*GOOD[1:], ("course.md", make.FILES["course.md"].replace("id: mau", "id: " + "a" * 200))), "a–z"),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_an_upload_is_refused_in_words_and_nothing_is_stored(app, client_of, what):
    data, words = HOSTILE[what]
    dung = client_of("dung")
    blobs = sorted(app.config["BLOBS"].rglob("*"))
    before = everything()
    answer = dung.post("/soan/tai-len", data={"file": (io.BytesIO(data), "khoa.zip")})
    assert answer.status_code == 422
    assert words in answer.text
    assert everything() == before
    assert sorted(app.config["BLOBS"].rglob("*")) == blobs


def test_an_endless_title_is_a_problem_and_no_crash(client_of):
    dung, title = client_of("dung"), "Khóa " * 100
    files = make.FILES | {"course.md": make.FILES["course.md"].replace("Khóa mẫu", title)}
    answer = dung.post("/soan/tai-len", data={"file": (make.zipped(files), "khoa.zip")})
    assert answer.status_code == 303
    assert "dài hơn 300 ký tự" in dung.get(answer.location).text
    digest = db.session.scalars(db.select(Draft.digest)).one()
    publish = {"note": "x", "weight": "minor", "digest": digest}
    assert dung.post("/soan/mau/xuat-ban", data=publish).status_code == 409


# Files of courses

FILES = {
    "x.svg": ("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "image/svg+xml", False),
    "x.png": ("<html><script>alert(1)</script>", "image/png", False),
    "x.html": ("<script>alert(1)</script>", "application/octet-stream", True),
    "x.svg.html": ("<script>alert(1)</script>", "application/octet-stream", True),
    "x.js": ("alert(1)", "application/octet-stream", True),
    "x.swf": ("x", "application/octet-stream", True),
    "x.pdf": ("%PDF-", "application/pdf", True),
    "x.xml": ("<x/>", "application/octet-stream", True),
}


def test_a_course_file_is_never_a_page_of_ours(client_of):
    listed = "\n".join(f"- [Tệp](media/{name})" for name in FILES if name not in {"x.svg", "x.png"})
    make.course(
        {"course.md": make.FILES["course.md"] + listed, **{f"media/{n}": text for n, (text, *_) in FILES.items()}}
    )
    rows = dict(db.session.execute(db.select(CourseFile.name, CourseFile.digest)).all())
    an = client_of("an")
    for name, (text, kind, is_saved) in FILES.items():
        answer = an.get(f"/tep/{rows[name]}/{name}")
        assert answer.status_code == 200, name
        assert answer.text == text
        assert answer.mimetype == kind, name
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        policy = answer.headers["Content-Security-Policy"]
        assert "sandbox" in policy
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert answer.headers.get("Content-Disposition", "").startswith("attachment") is is_saved, name
        # Its address is what it contains and is called: no other name makes it another kind
        assert an.get(f"/tep/{rows[name]}/x.htm").status_code == 404


def test_the_text_of_a_course_is_no_file_for_learners(client_of):
    make.course()
    assert db.session.scalars(db.select(CourseFile)).all() == []
    files = db.session.execute(db.text("SELECT files FROM revision")).scalar()
    digest = (json.loads(files) if isinstance(files, str) else files)["thi.md"]
    for name in ("thi.md", "x.png", "thi.md.png"):
        assert client_of("an").get(f"/tep/{digest}/{name}").status_code == 404


# What people type

MEAN = """x"><img src=x onerror=alert(1)><script>alert(1)</script>'{{7*7}}"""


class Tags(HTMLParser):
    """Every start tag with its attributes."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def nothing_runs(page, url):
    """No style, script or handler that the page brings along itself."""
    for tag, attributes in Tags(page).found:
        assert tag not in {"style", "iframe", "object", "embed", "base"}, (url, tag)
        assert tag != "script" or "src" in attributes, url
        for name, value in attributes.items():
            assert not name.startswith("on"), (url, tag, name)
            assert name != "style", (url, tag)
            if name in {"href", "src", "action", "formaction"}:
                assert re.match(r"(/(?!/)|#|https?://|mailto:|tel:|data:image/|\?|$)", value or ""), (url, tag, value)


def test_no_page_holds_anything_inline(places):
    for place in places:
        nothing_runs(places.open(place).text, place.url)


def test_markup_in_anything_that_people_type_is_shown_as_text(places):
    """Names, posts, units, titles, notes, answers, local values, issuers, searches: all say the same mean thing."""
    giang, hoa, an, dung = (places.browsers[who] for who in ("giang", "hoa", "an", "dung"))
    person = cast.person("an").id
    assert giang.post(f"/quan-tri/tai-khoan/{person}/ten", data={"name": MEAN}).status_code == 303
    unit = {"name": MEAN, "kind": "division", "parent": cast.unit("hoasua").id, "valid_from": "01/07/2025"}
    assert giang.post("/quan-tri/don-vi", data=unit).status_code == 303
    begin_writing()
    newest = max(cast.unit(name).id for name in cast.UNITS) + 1
    here = db.session.get_one(people.Unit, newest)
    people.assign(cast.person("an"), here, MEAN, valid_from=cast.SINCE, by=cast.SYSTEM, now=cast.clock.now())
    make.done(None)
    assert giang.post("/quan-tri/bien-dia-phuong", data={"sdt_ho_tro": MEAN}).status_code == 303
    issuer = {"name": MEAN, "abbreviation": "X", "place": MEAN, "signer_name": MEAN, "signer_capacity": MEAN,
              "valid_from": "01/08/2025", "parent_name": MEAN}  # fmt: skip
    assert giang.post("/quan-tri/co-quan-cap", data=issuer).status_code == 303
    course = make.FILES["course.md"].replace("Khóa mẫu", MEAN).replace("Phần 1", MEAN).replace("Bài một", MEAN)
    quiz = make.FILES["thi.md"].replace("Thủ đô {", MEAN.replace("{{7*7}}", "") + " {").replace("Huế", MEAN)
    lesson = make.FILES["mot.md"].replace("Bài một", MEAN)
    make.course({"course.md": course, "thi.md": quiz, "mot.md": lesson})
    url = an.post("/bai-kiem-tra/mau/thi/bat-dau").location
    an.post(f"{url}/nop")
    url = an.post("/bai-kiem-tra/mau/thi/bat-dau").location
    assert an.post(f"{url}/luu", json=make.answers({3: [MEAN]})).status_code == 200
    searches = [("hoa", "/theo-doi/nguoi"), ("giang", "/quan-tri/tai-khoan"), ("an", "/khoa-hoc"),
                ("hoa", "/theo-doi/giay-chung-nhan"), ("hoa", "/theo-doi/hoan-thanh"), ("hoa", "/theo-doi/ghi-danh")]  # fmt: skip
    pages = [(place.who, place.url) for place in places]
    pages += [(who, f"{address}?tim={quote(MEAN)}") for who, address in searches]
    pages += [
        ("giang", f"/quan-tri/nhat-ky?nguoi={quote(MEAN)}&viec={quote(MEAN)}"),
        ("anybody", f"/xac-minh?ma={quote(MEAN)}"),
    ]
    pages += [
        ("an", "/khoa-hoc/mau"),
        ("an", "/khoa-hoc/mau/mot"),
        ("an", "/bai-kiem-tra/mau/thi"),
        ("an", url),
        ("an", f"{url}/nop"),
    ]
    shown = 0
    for who, address in pages:
        page = places.browsers[who].get(address).text
        nothing_runs(page, address)
        assert "onerror=alert(1)>" not in page, address
        assert "49" not in re.findall(r"script&gt;&#39;(\d+)", page), "a template in a template"
        shown += "&lt;script&gt;alert(1)" in page
    assert shown > 15
    an.post(f"{url}/nop")
    nothing_runs(an.get(f"{url}/ket-qua").text, url)
    for address in ("/theo-doi/hoan-thanh.xlsx", "/theo-doi/giay-chung-nhan.xlsx"):
        assert b"<f>" not in zipfile.ZipFile(io.BytesIO(hoa.get(address).data)).read("xl/worksheets/sheet1.xml")
    assert dung.get("/soan").status_code == 200


# What the log may know

PRIVATE = ("an@songlam.example", "0905123456", "Nguyễn Thị An", "Rút dây mạng", "Bốn-Từ-Dễ-Nhớ-26")


def says_nothing_private(log):
    for words in PRIVATE:
        assert words not in log
        assert ascii(words)[1:-1] not in log


def test_a_crash_tells_the_log_where_and_not_whose_data(app, client_of, caplog, monkeypatch):
    giang = client_of("giang")

    def crashes(*_args, **_more):
        int("Nguyễn Thị An an@songlam.example")

    monkeypatch.setattr(people, "rename", crashes)
    answer = giang.post(f"/quan-tri/tai-khoan/{cast.person('an').id}/ten", data={"name": "Nguyễn Thị An"})
    assert answer.status_code == 500
    code = re.search(r"\b[0-9A-F]{6}\b", answer.text)[0]
    assert code in caplog.text, "the reference that the person sees stands in the log"
    assert "ValueError" in caplog.text
    assert "in crashes" in caplog.text
    says_nothing_private(caplog.text.replace('int("Nguyễn Thị An an@songlam.example")', ""))


def test_a_conflict_tells_the_log_nobodys_data(client_of, caplog, monkeypatch):
    """PostgreSQL's own words would be: Key (email)=(an@songlam.example) already exists."""
    monkeypatch.setattr(people, "_refuse_taken", lambda _user: None)
    data = {"name": "Nguyễn Thị An", "email": "an@songlam.example", "phone": "0905123456", "unit": 0}
    assert client_of("giang").post("/quan-tri/tai-khoan/moi", data=data).status_code == 409
    assert "conflict" in caplog.text
    says_nothing_private(caplog.text)


def test_a_statement_that_fails_tells_the_log_nobodys_data(app, client_of, caplog, monkeypatch):
    """Even where one exception led to another."""

    def breaks(user, name, **_how):
        try:
            db.session.execute(
                db.text("INSERT INTO nowhere VALUES (:name, :login)"), {"name": name, "login": user.login}
            )
        except Exception as error:
            raise LookupError(name) from error

    monkeypatch.setattr(people, "rename", breaks)
    url = f"/quan-tri/tai-khoan/{cast.person('an').id}/ten"
    assert client_of("giang").post(url, data={"name": "Nguyễn Thị An"}).status_code == 500
    assert "LookupError" in caplog.text
    assert "nowhere" not in caplog.text.replace('INSERT INTO nowhere VALUES (:name, :login)"', "")
    says_nothing_private(caplog.text)


def test_answers_and_passwords_are_never_logged(client_of, caplog):
    caplog.set_level("DEBUG")
    make.course()
    an = client_of("an")
    an.post("/khoa-hoc/mau/ghi-danh")
    url = an.post("/bai-kiem-tra/mau/thi/bat-dau").location
    an.post(f"{url}/luu", json=make.answers({3: ["Rút dây mạng"]}))
    an.post("/ca-nhan/mat-khau", data={"current": cast.PASSWORD, "password": "Bốn-Từ-Dễ-Nhớ-26"})
    an.post("/dang-nhap", data={"login": "an@songlam.example", "password": "sai"})
    assert db.session.scalars(db.select(Attempt)).one()
    says_nothing_private(caplog.text)
    assert cast.PASSWORD not in caplog.text
    assert db.session.scalars(db.select(Draft)).all() == []
