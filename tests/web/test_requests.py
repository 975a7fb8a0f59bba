"""One request, one transaction: a returned answer stands, whatever else happens leaves nothing."""

import time as wall
from datetime import timedelta

import pytest
from flask import abort, flash, has_request_context, redirect, session
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from lms.app import create_app
from lms.audit.models import AuditEntry
from lms.core import clock, throttle
from lms.core.db import db
from lms.core.errors import Refused
from lms.core.jobs import Job
from lms.settings import Settings
from lms.web.access import public
from tests import cast
from tests.parallel import at_once

DAY = timedelta(days=1)


class Forbidden(Refused):
    message = "A rule forbids this."


@pytest.fixture
def view(app, client, monkeypatch):
    """Put a view in the place of one that exists, and post to it."""

    def post(act, **how):
        monkeypatch.setitem(app.view_functions, "people.set_display", public(act))
        return client.post("/hien-thi", **how)

    return post


def write():
    throttle.strike("x", now=clock.now())
    db.session.flush()


def written():
    db.session.rollback()
    return throttle.count("x", window=DAY, now=clock.now())


def test_what_a_view_wrote_stands_when_it_answers(view):
    def writes():
        write()
        return "done"

    assert view(writes).status_code == 200
    assert written() == 1


@pytest.mark.parametrize(("answer", "status"), [(("again", 422), 422), (("wait", 429), 429), (redirect("/", 303), 303)])
def test_a_returned_answer_stands_whatever_its_status(view, answer, status):
    def writes():
        write()
        return answer

    assert view(writes).status_code == status
    assert written() == 1


@pytest.mark.parametrize(
    ("raised", "status"), [(lambda: abort(404), 404), (lambda: abort(403), 403), (Forbidden, 409), (KeyError, 500)]
)
def test_what_raises_leaves_nothing(view, raised, status):
    def writes():
        write()
        found = raised()
        raise found

    assert view(writes).status_code == status
    assert written() == 0


def test_a_page_that_is_only_read_writes_nothing(app, client, monkeypatch):
    def writes():
        write()
        return "read"

    monkeypatch.setitem(app.view_functions, "home.help_page", public(writes))
    assert client.get("/tro-giup").status_code == 200
    assert written() == 0


def test_a_race_that_a_constraint_decides_is_explained_to_the_loser(app, client, monkeypatch):
    def inserts():
        now = clock.now()
        db.session.add(Job(kind="race", subject="x", created_at=now, run_at=now, fence=0, tries=5))
        wall.sleep(0.1)
        return "mine"

    monkeypatch.setitem(app.view_functions, "people.set_display", public(inserts))
    answers = at_once(2, lambda: app.test_client().post("/hien-thi"))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    loser = max(answers, key=lambda answer: answer.status_code)
    assert "Content-Security-Policy" in loser.headers
    assert "Tải lại trang" in loser.text
    assert db.session.scalar(db.select(db.func.count()).select_from(Job)) == 1


def test_a_row_that_breaks_another_rule_of_the_database_is_a_bug_and_no_race(view):
    def inserts():
        db.session.add(Job(kind=None, subject="x", created_at=clock.now(), run_at=clock.now()))
        return "mine"

    assert view(inserts).status_code == 500


@pytest.fixture
def broken_commit(app):
    """The database goes away between the last statement and the end of the transaction."""

    def fails(_session):
        if has_request_context():
            raise OperationalError("COMMIT", {}, Exception("connection lost"))

    event.listen(db.session, "before_commit", fails)
    yield
    event.remove(db.session, "before_commit", fails)


def test_what_could_not_be_stored_is_not_announced_as_done(app, view, client, broken_commit):
    def announces():
        session["chosen"] = "x"
        flash("All is saved.", "ok")
        return redirect("/tro-giup", 303)

    answer = view(announces)
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    assert "Content-Security-Policy" in answer.headers
    assert "All is saved." not in answer.text
    assert "All is saved." not in client.get("/tro-giup").text
    with client.session_transaction() as kept:
        assert "chosen" not in kept


def test_nobody_is_signed_in_by_a_request_that_could_not_be_stored(app, client, broken_commit):
    data = {"login": cast.CAST["an"].email, "password": cast.PASSWORD}
    assert client.post("/dang-nhap", data=data).status_code == 503
    assert client.get("/viec-can-lam").status_code == 303
    db.session.rollback()
    begun = db.select(AuditEntry).where(AuditEntry.action == "people:session:begin")
    assert db.session.scalars(begun).all() == []


def test_a_form_on_the_error_page_still_works(app, client_of, monkeypatch):
    """Signing out from the page that explains a crash: its token fits the session that was put back."""
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        an = app.test_client()
        token = an.get("/dang-nhap").text.partition('name="csrf_token" value="')[2].partition('"')[0]
        signed_in = an.post(
            "/dang-nhap",
            data={"login": cast.CAST["an"].email, "password": cast.PASSWORD, "csrf_token": token},
        )
        assert signed_in.status_code == 303

        def crashes():
            session["x"] = "y"
            raise KeyError

        monkeypatch.setitem(app.view_functions, "home.help_page", public(crashes))
        page = an.get("/tro-giup")
        assert page.status_code == 500
        token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
        assert an.post("/dang-xuat", data={"csrf_token": token}).status_code == 303
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_a_form_shown_again_keeps_what_was_counted(client):
    """Failed sign-ins count although the form comes back with 422."""
    left = [client.post("/dang-nhap", data={"login": "an@songlam.example", "password": "sai"}).text for _ in range(2)]
    assert "Còn 4 lần thử" in left[0]
    assert "Còn 3 lần thử" in left[1]


def test_a_database_that_is_away_is_explained_without_it(tmp_path):
    url = f"postgresql+psycopg://nobody@/none?host={tmp_path}"
    away = create_app(Settings(instance=tmp_path / "instance", database_url=url, support="Gọi 0238 000 0100"))
    browser = away.test_client()
    with browser.session_transaction() as kept:
        kept["_user_id"] = "1.0"
    for path in ("/viec-can-lam", "/healthz"):
        answer = browser.get(path)
        assert answer.status_code == 503, path
        assert "Máy chủ đang bận" in answer.text
        assert "0238 000 0100" in answer.text
        assert "Content-Security-Policy" in answer.headers


def test_what_no_text_can_hold_is_not_looked_for(client, client_of):
    """PostgreSQL refuses the character NUL; an address with it leads nowhere, on either database."""
    an, giang = client_of("an"), client_of("giang")
    for path in ("/khoa-hoc/%00", "/khoa-hoc?tim=%00", "/soan/x%00"):
        assert an.get(path).status_code == 404, path
    assert giang.get("/quan-tri/nhat-ky?nguoi=%00").status_code == 404
    assert client.get("/xm/%00").status_code == 404
    data = {"login": "an\x00@songlam.example", "password": "\x00"}
    assert client.post("/dang-nhap", data=data).status_code == 422
    assert client.post("/dang-nhap/tai-cho", json={"login": "\ud800", "password": "\ud800"}).status_code == 422


def test_numbers_too_large_to_be_ids_lead_nowhere(client_of):
    huge = 10**30
    giang, hoa, an = client_of("giang"), client_of("hoa"), client_of("an")
    assert giang.get(f"/quan-tri/tai-khoan/{huge}").status_code == 404
    assert giang.post(f"/quan-tri/he-thong/viec/{huge}/lai").status_code == 404
    assert an.get(f"/luot-lam-bai/{huge}").status_code == 404
    assert hoa.get(f"/theo-doi/hoan-thanh?khoa={huge}&don-vi={huge}").status_code == 422
    assert hoa.get(f"/theo-doi/giay-chung-nhan?khoa={huge}&don-vi=-1").status_code == 422
    for person in (str(huge), "²", "-1", "x"):
        assert hoa.post("/theo-doi/ghi-danh", data={"person": person}).status_code == 422
