"""Nobody gets in by a trick: forged forms, missing headers, loose cookies, stale sessions, addresses that lead elsewhere."""

import io
import json
from urllib.parse import quote

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from lms.app import create_app
from lms.certificates.models import Certificate
from lms.core import jobs
from lms.core.db import db
from lms.settings import Settings
from lms.web.access import public
from lms.web.security import limiter
from tests import cast
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
        values = {name: 1 if name.endswith(("id", "number", "version")) else "x" for name in rule.arguments}
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
