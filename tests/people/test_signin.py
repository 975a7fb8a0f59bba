"""Signing in: what is let in, what is counted, and what ends a session."""

import unicodedata

from lms.core.db import db
from lms.people.models import User
from tests import cast


def test_a_wrong_password_says_how_many_tries_are_left(client):
    answer = client.post("/dang-nhap", data={"login": cast.CAST["an"].email, "password": "sai"})
    assert answer.status_code == 422
    assert "Còn 4 lần thử" in answer.text
    assert "an@songlam.example" in answer.text  # what was typed is kept


def test_five_wrong_passwords_close_the_account_for_a_while(client):
    for _ in range(5):
        client.post("/dang-nhap", data={"login": cast.CAST["an"].email, "password": "sai"})
    answer = client.post("/dang-nhap", data={"login": cast.CAST["an"].email, "password": cast.PASSWORD})
    assert answer.status_code == 429


def test_unknown_and_known_names_are_refused_in_the_same_words(client):
    known = client.post("/dang-nhap", data={"login": cast.CAST["an"].email, "password": "sai"})
    unknown = client.post("/dang-nhap", data={"login": "nobody@songlam.example", "password": "sai"})
    assert known.status_code == unknown.status_code == 422
    assert "Còn 4 lần thử" in unknown.text


def test_signing_in_never_leads_elsewhere(client):
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        data = {"login": cast.CAST["an"].email, "password": cast.PASSWORD, "next": target}
        assert client.post("/dang-nhap", data=data).location == "/viec-can-lam"
        client.post("/dang-xuat")


def test_a_reset_password_is_shown_once_and_must_be_changed(client, client_of):
    an, hoa = client_of("an"), client_of("hoa")
    card = hoa.post(f"/theo-doi/nguoi/{cast.person('an').id}/mat-khau")
    assert card.status_code == 200
    assert an.get("/viec-can-lam").status_code == 303  # every session ended
    temporary = card.text.split("Mật khẩu tạm</dt><dd>")[1].split("<")[0]
    client.post("/dang-nhap", data={"login": cast.CAST["an"].email, "password": temporary})
    assert client.get("/khoa-hoc").location == "/ca-nhan/mat-khau"
    weak = client.post("/ca-nhan/mat-khau", data={"current": temporary, "password": "ngan"})
    assert weak.status_code == 422
    good = client.post("/ca-nhan/mat-khau", data={"current": temporary, "password": "Bốn-Từ-Dễ-Nhớ-26"})
    assert good.status_code == 303
    assert client.get("/khoa-hoc").status_code == 200


def test_hr_resets_nobody_outside_her_units(client_of):
    assert client_of("hoa").post(f"/theo-doi/nguoi/{cast.person('chi').id}/mat-khau").status_code == 404


def test_a_closed_account_is_out_at_once(client_of):
    an, giang = client_of("an"), client_of("giang")
    giang.post(f"/quan-tri/tai-khoan/{cast.person('an').id}/trang-thai", data={"state": "closed"})
    assert an.get("/viec-can-lam").status_code == 303


def test_the_last_administrator_stays(client_of):
    giang = client_of("giang")
    me = cast.person("giang").id
    assert giang.post(f"/quan-tri/tai-khoan/{me}/trang-thai", data={"state": "closed"}).status_code == 409
    assert giang.post(f"/quan-tri/tai-khoan/{me}/vai-tro", data={}).status_code == 409
    assert db.session.get(User, me).deactivated_at is None


def test_signing_in_again_in_place_returns_a_token(client):
    good = client.post("/dang-nhap/tai-cho", json={"login": cast.CAST["an"].email, "password": cast.PASSWORD})
    assert good.status_code == 200
    assert good.json["csrf_token"]
    assert (
        client.post("/dang-nhap/tai-cho", json={"login": cast.CAST["an"].email, "password": "sai"}).status_code == 422
    )
    assert client.post("/dang-nhap/tai-cho", data="no json").status_code == 422


def test_a_form_without_its_token_changes_nothing(app):
    app.config["WTF_CSRF_ENABLED"] = True
    answer = app.test_client().post("/dang-nhap", data={"login": cast.CAST["an"].email, "password": cast.PASSWORD})
    app.config["WTF_CSRF_ENABLED"] = False
    assert answer.status_code == 403


def test_a_password_is_the_same_however_the_keyboard_composes_its_letters(client):
    apart = unicodedata.normalize("NFD", cast.PASSWORD)
    assert apart != cast.PASSWORD
    assert client.post("/dang-nhap", data={"login": cast.CAST["an"].email, "password": apart}).status_code == 303
