"""What the outside may send, how a request ends, and what a dead session keeps."""

import html
import re

import pytest
from flask import has_request_context
from sqlalchemy.exc import IntegrityError

from lms.audit.models import AuditEntry
from lms.core.db import Frozen, begin_writing, db
from lms.people.models import User
from tests import cast
from tests.test_main_job import course  # noqa: F401 - a fixture

BIG = "9" * 30
DEEP = "[" * 100_000


@pytest.mark.parametrize(
    "address",
    [
        f"/luot-lam-bai/{BIG}", "/luot-lam-bai/2147483648", f"/theo-doi/hoan-thanh?khoa={BIG}&don-vi=-1", "/theo-doi/nguoi?don-vi=²",
        f"/theo-doi/nguoi?sau={BIG}", "/theo-doi/nguoi?sau=WzEsIDJd", "/theo-doi/nguoi?sau=W3siYSI6IDF9LCAiYiJd",
        "/theo-doi/giay-chung-nhan?tu=0&den=99999-99-99", "/theo-doi/nguoi?tim=%00", "/khoa-hoc/%00", "/giay-chung-nhan/%00.pdf",
    ],
)  # fmt: skip
def test_an_address_that_no_page_has_is_never_a_crash(client_of, address):
    assert client_of("hoa").get(address).status_code in {200, 400, 404, 422}


def test_json_as_deep_as_a_well_is_refused(client):
    answer = client.post("/dang-nhap/tai-cho", data=DEEP, content_type="application/json")
    assert answer.status_code in {400, 422}


def test_nul_never_reaches_the_database(client_of):
    giang = client_of("giang")
    data = {"name": "Phòng\0 Mới", "kind": "division", "parent": "0", "valid_from": "01/01/2026"}
    assert giang.post("/quan-tri/don-vi", data=data).status_code == 303
    assert "Phòng Mới" in giang.get("/quan-tri/don-vi").text


@pytest.mark.parametrize("statement", [db.update(AuditEntry).values(action="x"), db.delete(AuditEntry)])
def test_frozen_rows_yield_to_no_statement(app, statement):
    with pytest.raises(Frozen):
        db.session.execute(statement)


def test_a_commit_that_fails_keeps_nothing_and_says_so_with_all_headers(app, client_of, monkeypatch):
    giang, an = client_of("giang"), cast.person("an").id

    commit = db.session.commit

    def fail():
        if not has_request_context():
            return commit()
        raise IntegrityError("INSERT", {}, Exception("UNIQUE constraint failed"))

    with monkeypatch.context() as patched:
        patched.setattr(db.session, "commit", fail)
        answer = giang.post(f"/quan-tri/tai-khoan/{an}/ten", data={"name": "Nguyễn Thị Ánh"})
    assert answer.status_code == 409
    assert "Content-Security-Policy" in answer.headers
    assert "Đã đổi" not in answer.text
    assert "Đã đổi" not in giang.get("/quan-tri/tai-khoan").text
    db.session.expire_all()
    assert db.session.get(User, an).name == "Nguyễn Thị An"


def token(page):
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


def test_a_dead_session_loses_no_answer_without_javascript(app, client_of, course):  # noqa: F811
    an = client_of("an")
    an.post(f"/khoa-hoc/{course}/ghi-danh")
    attempt = an.post(f"/bai-kiem-tra/{course}/cuoi-khoa/bat-dau").location
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        page = an.get(attempt).text
        sent = {"csrf_token": token(page), "r-1": "0", "s-1": "1", "q-1": "0", "go": "2"}
        an.delete_cookie("lms_session")
        over = an.post(attempt, data=sent)
        assert over.status_code == 401
        kept = html.unescape(re.search(r'name="kept" value="([^"]*)"', over.text)[1])
        again = an.post(
            "/dang-nhap",
            data={
                "csrf_token": token(over.text), "login": cast.CAST["an"].email, "password": cast.PASSWORD,
                "next": attempt, "kept": kept,
            },
        )  # fmt: skip
        assert again.status_code == 200
        fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', again.text[again.text.index("<main") :]))
        assert an.post(attempt, data=fields | {"csrf_token": token(again.text)}).status_code == 303
        assert re.search(r'name="q-1"[^>]* checked', an.get(attempt).text)
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_a_form_of_a_dead_session_goes_to_no_other_site(app, client_of):
    form = {
        "login": cast.CAST["an"].email,
        "password": cast.PASSWORD,
        "next": "//evil.example/x",
        "kept": '[["a", "b"]]',
    }
    answer = app.test_client().post("/dang-nhap", data=form)
    assert "evil.example" not in answer.text
    assert answer.location == "/viec-can-lam"


def test_other_peoples_data_stays_on_no_office_computer(client_of):
    assert client_of("hoa").get("/theo-doi/hoan-thanh").headers["Cache-Control"] == "no-store"


def test_our_words_stand_for_the_librarys(client_of, app):
    begin_writing()
    hoa = client_of("giang")
    long = hoa.post("/quan-tri/don-vi", data={"name": "x" * 301, "kind": "division", "valid_from": "01/01/2026"})
    assert long.status_code == 422
    assert "Field cannot" not in long.text
