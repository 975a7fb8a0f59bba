"""Accounts: what may be typed, what the forms and commands refuse, and that one administrator always stays."""

import contextvars
import threading

import flask_migrate
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from lms.audit.models import AuditEntry
from lms.core import clock
from lms.core.actor import SYSTEM
from lms.core.db import begin_writing, db
from lms.people import queries, service
from lms.people.cli import users
from lms.people.models import User
from lms.people.rules import BadEmail, BadPhone, NoSignInName, Role, email_form, login_form, phone_form
from tests import cast

NEW = {"name": "Võ Thị Lan", "email": "lan@songlam.example"}
PHONE = "+84905123456"


def add(**typed):
    begin_writing()
    made = service.add_user(
        **{"name": NEW["name"], "email": None} | typed, password_hash=cast._HASH, must_change_password=False, by=SYSTEM,
        now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    return made


def command(*arguments):
    return CliRunner().invoke(users, arguments, standalone_mode=False)


# Sign-in names


@pytest.mark.parametrize(
    "typed",
    ["0905123456", "0905 123 456", "0905.123.456", "0905–123–456", "905123456", "84905123456", "+84 905 123 456",
     "+84 (0)905-123-456", "0084905123456"],
)  # fmt: skip
def test_a_phone_is_one_account_however_it_is_typed(app, client, typed):
    assert add(phone=typed).phone == PHONE
    for again in ("0905123456", "+84905123456", "905 123 456"):
        assert queries.find_by_login(again).phone == PHONE
    answer = client.post("/dang-nhap", data={"login": typed, "password": cast.PASSWORD})
    assert answer.status_code == 303


def test_the_number_of_an_office_is_a_phone_too():
    assert phone_form("0238 000 0113") == phone_form("2380000113") == "+842380000113"


@pytest.mark.parametrize(
    "typed", ["không có", "0905 123 45x", "090512345", "09051234567", "123456789", "+1 202 555 0100", "٠٩٠٥١٢٣٤٥٦", "-"]
)
def test_what_is_no_phone_is_refused_with_a_message(client_of, typed):
    with pytest.raises(BadPhone):
        add(phone=typed)
    answer = client_of("giang").post("/quan-tri/tai-khoan/moi", data={"name": NEW["name"], "phone": typed, "unit": 0})
    assert answer.status_code == 422
    assert 'id="phone-error"' in answer.text
    assert isinstance(command("create", "--name", NEW["name"], "--phone", typed).exception, BadPhone)


@pytest.mark.parametrize(
    "typed", ["khongco", "an@", "@songlam.example", "an nv@songlam.example", "an@songlam", "a@b@c.vn"]
)
def test_what_is_no_email_is_refused_with_a_message(client_of, typed):
    with pytest.raises(BadEmail):
        add(email=typed)
    answer = client_of("giang").post("/quan-tri/tai-khoan/moi", data={"name": NEW["name"], "email": typed, "unit": 0})
    assert answer.status_code == 422
    assert 'id="email-error"' in answer.text
    assert isinstance(command("create", "--name", NEW["name"], "--email", typed).exception, BadEmail)


def test_a_name_that_is_neither_email_nor_phone_is_nobodys(app):
    """Such names once all became the same empty one, and met whoever was stored with it."""
    begin_writing()
    db.session.execute(update(User).where(User.id == cast.person("chi").id).values(email=""))
    db.session.commit()
    for name in ("", "khongco", "nobody", "🙂"):
        assert login_form(name) is None
        assert queries.find_by_login(name) is None
    assert "không có tài khoản khongco" in str(command("reset-password", "khongco").exception)
    for by in ("nobody", ""):
        refused = command("create", "--name", NEW["name"], "--email", NEW["email"], "--by", by)
        assert f"--by: không có tài khoản {by}" in str(refused.exception)
        db.session.rollback()


def test_nobody_works_for_a_closed_account(app):
    begin_writing()
    service.deactivate(cast.person("dung"), by=SYSTEM, now=clock.now())
    db.session.commit()
    refused = command("create", "--name", NEW["name"], "--email", NEW["email"], "--by", cast.CAST["dung"].email)
    assert "--by: không có tài khoản" in str(refused.exception)


@given(st.text(max_size=300))
def test_every_sign_in_name_is_read_or_refused(typed):
    login_form(typed)
    assert email_form(typed) is None or "@" in typed
    assert phone_form(typed) is None or any(c in typed for c in "0123456789")


def test_the_first_administrators_address_can_be_signed_in_with(app, client):
    add(email="quantri@localhost")
    answer = client.post("/dang-nhap", data={"login": "QuanTri@localhost", "password": cast.PASSWORD})
    assert answer.status_code == 303


def test_an_account_needs_a_sign_in_name_and_the_form_says_so(client_of):
    with pytest.raises(NoSignInName):
        add()
    answer = client_of("giang").post("/quan-tri/tai-khoan/moi", data={"name": NEW["name"], "unit": 0})
    assert answer.status_code == 422
    assert 'id="email-error"' in answer.text
    assert NEW["name"] in answer.text  # what was typed is kept
    assert isinstance(command("create", "--name", NEW["name"]).exception, NoSignInName)


def test_old_phones_are_brought_into_the_one_form(app):
    """Those that are none, or would be another account's, are left for a person to correct."""
    stored = {"an": "905123456", "chi": "84905123457", "dung": "+84905123456", "hoa": "12", "giang": ""}
    ids = {who: cast.person(who).id for who in stored}
    db.session.commit()
    db.engine.dispose()
    flask_migrate.downgrade(revision="0002")
    try:
        begin_writing()
        for who, phone in stored.items():
            db.session.execute(update(User).where(User.id == ids[who]).values(phone=phone))
        db.session.execute(update(User).where(User.id == ids["hoa"]).values(email=""))
        db.session.commit()
        db.engine.dispose()
    finally:
        flask_migrate.upgrade()
    found = {who: db.session.get_one(User, user_id).phone for who, user_id in ids.items()}
    assert found == {"an": "905123456", "chi": "+84905123457", "dung": "+84905123456", "hoa": "12", "giang": None}
    assert db.session.get_one(User, ids["hoa"]).email is None


@pytest.mark.parametrize(
    ("field", "theirs", "typed"),
    [("email", "chi2@songlam.example", "CHI2@songlam.example"), ("phone", PHONE, "905 123 456"), ("staff_code", "CB-07", "CB-07")],
)  # fmt: skip
def test_what_names_another_account_is_an_error_of_its_box(client_of, field, theirs, typed):
    add(**{"email": "chi3@songlam.example", field: theirs})
    data = {"name": NEW["name"], "email": NEW["email"], "unit": 0, "position": "Văn thư"} | {field: typed}
    answer = client_of("giang").post("/quan-tri/tai-khoan/moi", data=data)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert answer.text.count('class="error"') == 1
    assert "Văn thư" in answer.text  # nothing that was typed is lost
    assert queries.count_users() == len(cast.CAST) + 1


# Open and closed


def test_pressing_twice_does_what_pressing_once_does(client_of):
    giang, chi = client_of("giang"), cast.person("chi").id
    url = f"/quan-tri/tai-khoan/{chi}/trang-thai"
    for state, action in (("closed", "people:account:deactivate"), ("open", "people:account:reactivate")):
        assert f'name="state" value="{state}"' in giang.get(f"/quan-tri/tai-khoan/{chi}").text
        for _ in range(2):
            assert giang.post(url, data={"state": state}).status_code == 303
        db.session.expire_all()
        assert (db.session.get_one(User, chi).deactivated_at is not None) == (state == "closed")
        done = db.select(db.func.count()).select_from(AuditEntry).where(AuditEntry.action == action)
        assert db.session.scalar(done) == 1


def test_a_state_that_is_not_said_changes_nothing(client_of):
    chi = cast.person("chi").id
    for data in ({}, {"state": "x"}):
        assert client_of("giang").post(f"/quan-tri/tai-khoan/{chi}/trang-thai", data=data).status_code == 422
    assert db.session.get_one(User, chi).deactivated_at is None


# One administrator stays


def remove(how, user):
    if how == "close":
        service.deactivate(user, by=SYSTEM, now=clock.now())
    else:
        service.set_roles(user, set(), units=[], by=SYSTEM, now=clock.now())


@pytest.mark.parametrize("second", ["close", "demote"])
@pytest.mark.parametrize("first", ["close", "demote"])
def test_two_administrators_removed_at_once_leave_one(app, client_of, first, second):
    begin_writing()
    service.grant_role(cast.person("dung"), Role.ADMIN, by=SYSTEM, now=clock.now())
    db.session.commit()
    giang, dung = client_of("giang"), cast.person("dung").id
    path, data = ("trang-thai", {"state": "closed"}) if second == "close" else ("vai-tro", {"roles": "trainer"})
    url, answers = f"/quan-tri/tai-khoan/{dung}/{path}", []

    def remove_the_other():
        answers.append(giang.post(url, data=data).status_code)

    begin_writing()
    remove(first, cast.person("giang"))
    db.session.flush()
    db.session.expunge_all()
    other = threading.Thread(target=contextvars.Context().run, args=(remove_the_other,))
    other.start()
    other.join(1)  # it waits for the first to end
    db.session.commit()
    other.join()
    assert answers in ([409], [303], [403])  # the last one, or he who asks is none himself by now
    assert queries.count_administrators() == 1
