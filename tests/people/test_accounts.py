"""Accounts: what may be typed, who is whom, and who must remain."""

import re
import unicodedata

import pytest

from lms.core import clock
from lms.core.actor import SYSTEM
from lms.core.db import begin_writing, db
from lms.people import service
from lms.people.models import User
from lms.people.queries import login_form
from lms.people.rules import LastAdministrator, Role, password_problems
from tests import cast, make


@pytest.mark.parametrize("typed", ["0905 123 456", "+84 905 123 456", "(0905) 123-456", "84905123456", "0905.123.456"])
def test_a_phone_is_the_same_however_it_is_written(typed):
    assert login_form(typed) == "+84905123456"


def new_account(giang, **changed):
    data = {"name": "Lê Thị Mới", "email": "moi@songlam.example", "unit": 0} | changed
    return giang.post("/quan-tri/tai-khoan/moi", data=data)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""}, {"name": "x" * 201}, {"email": "moi@"}, {"email": "", "phone": ""}, {"phone": "123"},
        {"phone": "+" * 30 + "905123456"}, {"phone": "٠٩٠٥١٢٣٤٥٦"}, {"staff_code": "x" * 61}, {"position": "x" * 201},
        {"unit": 999_999}, {"unit": "x"}, {"roles": "king"},
    ],
)  # fmt: skip
def test_what_is_no_account_is_explained(client_of, wrong):
    assert new_account(client_of("giang"), **wrong).status_code == 422
    assert db.session.scalar(db.select(User).where(User.name == "Lê Thị Mới")) is None


@pytest.mark.parametrize("name", ["x" * 200, "Ắ" * 200, "ŉ İ" * 60, "한" * 190, "Bh'riu Liếc", "Y", "\u0301\u0301"])
def test_any_name_that_fits_is_kept_in_one_form(client_of, name):
    assert new_account(client_of("giang"), name=unicodedata.normalize("NFD", name)).status_code in {200, 422}
    kept = db.session.scalar(db.select(User.name).where(User.email == "moi@songlam.example"))
    assert kept is None or unicodedata.is_normalized("NFC", kept)
    assert kept is not None or len(unicodedata.normalize("NFD", name)) > 200


def test_an_address_names_one_person(client_of):
    giang = client_of("giang")
    assert new_account(giang, phone="0905 123 456", staff_code="CB-01").status_code == 200
    for same in ({"email": "MOI@songlam.example"}, {"phone": "84905123456"}, {"staff_code": "CB-01"}):
        assert new_account(giang, **({"email": "khac@songlam.example"} | same)).status_code == 422
    assert new_account(giang, email="khac@songlam.example").status_code == 200


def test_one_may_sign_in_by_phone(client, client_of):
    card = new_account(client_of("giang"), email="", phone="0905 123 456").text
    temporary = re.search(r"Mật khẩu tạm</dt><dd>([^<]+)<", card)[1]
    answer = client.post("/dang-nhap", data={"login": "0905.123.456", "password": temporary})
    assert answer.status_code == 303


def test_a_new_account_must_choose_its_password_before_anything_else(client, client_of):
    card = new_account(client_of("giang")).text
    temporary = re.search(r"Mật khẩu tạm</dt><dd>([^<]+)<", card)[1]
    client.post("/dang-nhap", data={"login": "moi@songlam.example", "password": temporary})
    for path in ("/viec-can-lam", "/khoa-hoc", "/giay-chung-nhan", "/ca-nhan"):
        assert client.get(path).location == "/ca-nhan/mat-khau", path
    assert client.post("/ca-nhan/dang-xuat-moi-noi").location == "/ca-nhan/mat-khau"
    page = client.get("/ca-nhan/mat-khau").text
    assert "/quan-tri" not in page
    same = client.post("/ca-nhan/mat-khau", data={"current": temporary, "password": temporary})
    assert same.status_code == 422, "the temporary one may not stay"
    assert (
        client.post("/ca-nhan/mat-khau", data={"current": temporary, "password": "Bốn-Từ-Dễ-Nhớ-26"}).status_code == 303
    )
    assert client.get("/khoa-hoc").status_code == 200


def test_temporary_passwords_are_good_ones_and_all_different():
    made = [service.temporary_password() for _ in range(200)]
    assert len(set(made)) == 200
    assert all(password_problems(one) == [] for one in made)
    assert not {"0", "O", "1", "l", "I", "i", "o"} & set("".join(made))


@pytest.mark.parametrize(
    ("password", "missing"),
    [
        ("Ngắn-1", ["short"]),
        ("không-chữ-hoa-26", ["classes"]),
        ("KhôngCóKýHiệu26x", ["classes"]),
        ("Thị-Nguyễn-Hồng-26", ["personal"]),
        ("Hồng-Songlam-2026", []),
        ("Aa1-Aa1-Aa1-Aa1-", ["common"]),
        ("Bốn-Từ-Dễ-Nhớ-26", []),
    ],
)
def test_a_password_is_long_mixed_and_not_ones_name(password, missing):
    assert password_problems(password, name="Nguyễn An", login="an.nguyen@songlam.example") == missing


def test_a_closed_account_signs_in_no_more_and_an_opened_one_does(client, client_of):
    giang, an = client_of("giang"), cast.person("an").id
    giang.post(f"/quan-tri/tai-khoan/{an}/trang-thai", data={"state": "closed"})
    data = {"login": cast.CAST["an"].email, "password": cast.PASSWORD}
    refused = client.post("/dang-nhap", data=data)
    assert refused.status_code == 422
    assert client.post("/dang-nhap/tai-cho", json=data).status_code == 422
    giang.post(f"/quan-tri/tai-khoan/{an}/trang-thai", data={"state": "open"})
    assert client.post("/dang-nhap", data=data).status_code == 303


def test_the_last_administrator_keeps_the_role_and_the_account(app, client_of):
    me, an = cast.person("giang").id, cast.person("an").id
    giang = client_of("giang")
    assert giang.post(f"/quan-tri/tai-khoan/{me}/trang-thai", data={"state": "closed"}).status_code == 409
    assert giang.post(f"/quan-tri/tai-khoan/{me}/vai-tro", data={}).status_code == 409
    begin_writing()
    with pytest.raises(LastAdministrator):
        service.deactivate(db.session.get_one(User, me), by=SYSTEM, now=clock.now())
    db.session.rollback()
    assert giang.post(f"/quan-tri/tai-khoan/{an}/vai-tro", data={"roles": "admin"}).status_code == 303
    assert giang.post(f"/quan-tri/tai-khoan/{me}/vai-tro", data={}).status_code == 303
    assert giang.get("/quan-tri/tai-khoan").status_code == 403


def test_a_closed_administrator_does_not_count_as_one(app, client_of):
    me, an = cast.person("giang").id, cast.person("an").id
    giang = client_of("giang")
    giang.post(f"/quan-tri/tai-khoan/{an}/vai-tro", data={"roles": "admin"})
    giang.post(f"/quan-tri/tai-khoan/{an}/trang-thai", data={"state": "closed"})
    assert giang.post(f"/quan-tri/tai-khoan/{me}/vai-tro", data={}).status_code == 409


def test_roles_are_what_was_chosen_and_hrs_is_for_the_unit(client_of):
    giang, an = client_of("giang"), cast.person("an").id
    unit = cast.unit("hoasua").id
    data = {"roles": [Role.HR.value, Role.TRAINER.value], "unit": unit}
    assert giang.post(f"/quan-tri/tai-khoan/{an}/vai-tro", data=data).status_code == 303
    grants = db.session.execute(
        db.text(f"SELECT role, unit_id FROM role_grant WHERE user_id = {an} ORDER BY role")
    ).all()
    assert [tuple(row) for row in grants] == [("hr", unit), ("trainer", None)]


def test_no_password_is_stored_or_shown_again(client_of):
    card = client_of("hoa").post(f"/theo-doi/nguoi/{cast.person('an').id}/mat-khau").text
    temporary = re.search(r"Mật khẩu tạm</dt><dd>([^<]+)<", card)[1]
    make.done(None)
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(table.select()):
            assert temporary not in repr(row), table.name
