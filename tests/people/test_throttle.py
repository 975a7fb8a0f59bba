"""Guessing passwords: five wrong ones close an account for whoever guesses, however many come at once."""

import pytest

from lms.core import throttle
from lms.core.db import db
from lms.people.rules import TRIES_HERE
from tests import cast
from tests.parallel import at_once


def attempt(browser, who="an", password="sai", address="10.0.0.1"):
    data = {"login": cast.CAST[who].email if who in cast.CAST else who, "password": password}
    return browser.post("/dang-nhap", data=data, environ_overrides={"REMOTE_ADDR": address})


def test_the_right_password_is_refused_too_while_the_account_is_closed(client, time):
    for _ in range(TRIES_HERE):
        assert attempt(client).status_code == 422
    assert attempt(client, password=cast.PASSWORD).status_code == 429
    typed, address = {"login": cast.CAST["an"].email, "password": cast.PASSWORD}, {"REMOTE_ADDR": "10.0.0.1"}
    assert client.post("/dang-nhap/tai-cho", json=typed, environ_overrides=address).status_code == 429
    time.passes(minutes=16)
    assert attempt(client, password=cast.PASSWORD).status_code == 303


def test_trying_while_it_is_closed_makes_it_no_longer(client, time):
    for _ in range(TRIES_HERE):
        attempt(client)
    time.passes(minutes=14)
    assert attempt(client).status_code == 429
    time.passes(minutes=2)
    assert attempt(client, password=cast.PASSWORD).status_code == 303


def test_the_account_is_closed_under_every_spelling(client):
    spellings = [
        "an@songlam.example",
        "AN@songlam.example",
        " an@songlam.example ",
        "An@Songlam.Example",
        "an @songlam.example",
    ]
    for spelling in spellings:
        assert attempt(client, spelling).status_code == 422
    assert attempt(client, password=cast.PASSWORD).status_code == 429


def test_others_are_not_closed_with_it(client):
    for _ in range(TRIES_HERE):
        attempt(client)
    assert attempt(client, "chi", cast.PASSWORD).status_code == 303


def test_signing_in_forgives_what_went_before(client):
    for _ in range(TRIES_HERE - 1):
        attempt(client)
    assert attempt(client, password=cast.PASSWORD).status_code == 303
    client.post("/dang-xuat")
    assert "Còn 4 lần thử" in attempt(client).text


def test_a_reset_opens_the_account(client, client_of):
    for _ in range(TRIES_HERE):
        attempt(client)
    card = client_of("hoa").post(f"/theo-doi/nguoi/{cast.person('an').id}/mat-khau").text
    temporary = card.split("Mật khẩu tạm</dt><dd>")[1].split("<")[0]
    assert attempt(client, password=temporary).status_code == 303


def test_an_address_that_tries_many_accounts_is_closed(client, monkeypatch):
    monkeypatch.setattr("lms.people.signin.password.matches", lambda *_: False)  # a hundred hashes take seconds
    for number in range(100):
        assert attempt(client, f"nobody{number}@songlam.example").status_code == 422
    assert attempt(client, "nobody100@songlam.example").status_code == 429
    assert attempt(client, "nobody100@songlam.example", address="10.0.0.2").status_code == 422


def test_guesses_that_come_at_once_are_counted_one_by_one(app):
    answers = at_once(9, lambda: attempt(app.test_client()).status_code)
    assert sorted(answers) == [422] * TRIES_HERE + [429] * (9 - TRIES_HERE)


@pytest.mark.parametrize("login", ["an@songlam.example", "nobody@songlam.example"])
def test_neither_name_nor_address_is_stored_by_counting(client, login):
    attempt(client, login)
    db.session.rollback()
    rows = [tuple(row) for row in db.session.execute(throttle.Strike.__table__.select())]
    assert len(rows) == 3  # the account from here, the account, the address
    assert "songlam" not in repr(rows)
    assert "10.0.0.1" not in repr(rows)
