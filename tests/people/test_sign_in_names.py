"""Accounts: what may be typed, what the forms and commands refuse, and that one administrator always stays."""

import contextvars
import hashlib
import re
import threading

import flask_migrate
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from lms.app import create_app
from lms.audit.models import AuditEntry
from lms.cli import doctor
from lms.core import clock, throttle
from lms.core.actor import SYSTEM
from lms.core.db import begin_reading, begin_writing, db
from lms.core.throttle import Strike
from lms.people import queries, service
from lms.people.cli import users
from lms.people.models import User
from lms.people.rules import BadEmail, BadPhone, NoSignInName, Role, email_form, login_form, phone_form
from lms.people.signin import tries
from lms.settings import Settings
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


# Wrong passwords

ELSEWHERE = "198.51.100.7"


def sign_in(client, login, typed="sai", address="127.0.0.1"):
    return client.post(
        "/dang-nhap", data={"login": login, "password": typed}, environ_overrides={"REMOTE_ADDR": address}
    )


def wrong(times, login, address="127.0.0.1"):
    """So many wrong passwords, without the time that checking one takes."""
    begin_writing()
    for _ in range(times):
        user = queries.find_by_login(login)
        tries.refuse(tries.guess(user, login, address), user, now=clock.now())
    db.session.commit()


def test_email_and_phone_of_an_account_have_five_tries_together(app, client):
    add(email=NEW["email"], phone=PHONE)
    statuses = [sign_in(client, login).status_code for login in [NEW["email"], "0905123456"] * 3]
    assert statuses == [422] * 5 + [429]
    assert sign_in(client, "84 905 123 456", cast.PASSWORD).status_code == 429


def test_a_reset_unlocks_signing_in_by_phone_too(app, client, client_of):
    lan = add(email=NEW["email"], phone=PHONE).id
    wrong(5, PHONE)
    wrong(5, PHONE, ELSEWHERE)
    assert sign_in(client, "0905123456", cast.PASSWORD).status_code == 429
    card = client_of("giang").post(f"/theo-doi/nguoi/{lan}/mat-khau").text
    temporary = re.search(r"<dd>([A-Z][a-z]{3}-[a-z]{4}-[a-z]{4}[0-9]{2})<", card)[1]
    assert sign_in(client, "0905123456", temporary, ELSEWHERE).status_code == 303


def test_a_stranger_elsewhere_does_not_lock_the_owner_out_at_once(app, client):
    an = cast.CAST["an"].email
    wrong(5, an, ELSEWHERE)
    assert sign_in(client, an, cast.PASSWORD, ELSEWHERE).status_code == 429
    assert sign_in(client, an, cast.PASSWORD).status_code == 303


def test_guessing_from_many_addresses_ends_too(app, client):
    an = cast.CAST["an"].email
    for number in range(5):
        wrong(5, an, f"198.51.100.{number}")
    assert sign_in(client, an, cast.PASSWORD).status_code == 429


def test_an_office_with_many_wrong_passwords_still_lets_right_ones_in(app, client):
    for number in range(20):
        wrong(5, f"nobody{number}@songlam.example")
    stored = db.session.scalar(db.select(db.func.count()).select_from(Strike))
    an = cast.CAST["an"].email
    unknown, known = sign_in(client, "nobody@songlam.example"), sign_in(client, an)
    assert (unknown.status_code, known.status_code) == (429, 429)
    said = [answer.text.split('class="error"')[1].split("</p>")[0] for answer in (unknown, known)]
    assert said[0] == said[1]  # nobody learns which names exist
    assert db.session.scalar(db.select(db.func.count()).select_from(Strike)) == stored + 3  # the known one's
    assert sign_in(client, an, cast.PASSWORD).status_code == 303


def test_names_that_are_none_do_not_share_their_tries(app, client):
    wrong(5, "khongco")
    assert sign_in(client, "khongco").status_code == 429
    assert sign_in(client, "nguoi khac").status_code == 422


def test_what_is_counted_can_only_be_recognised_with_the_secret_of_the_instance(app):
    struck = throttle.strike("sign-in:address:127.0.0.1", now=clock.now()).key_digest
    assert struck != hashlib.sha256(b"sign-in:address:127.0.0.1").hexdigest()
    held, app.config["SECRET_KEY"] = app.config["SECRET_KEY"], "another"
    try:
        assert throttle.strike("sign-in:address:127.0.0.1", now=clock.now()).key_digest != struck
    finally:
        app.config["SECRET_KEY"] = held


def entries(action):
    return list(db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == action)))


def test_failed_sign_ins_are_recorded_without_the_name_that_was_typed(client):
    sign_in(client, cast.CAST["an"].email)
    for typed in ("Mật-Khẩu-Gõ-Nhầm-26", "mật-khẩu-gõ-nhầm-26", "0905 999 999"):
        sign_in(client, typed)
    known, first, same, other = entries("people:session:refuse")
    assert (known.object_kind, known.object_id) == ("user", str(cast.person("an").id))
    assert known.after == {"left": 4}
    assert first.object_label == same.object_label != other.object_label
    for entry in (first, same, other):
        assert (entry.actor_id, entry.object_kind) == (None, "strike")
        assert re.fullmatch("[0-9a-f]{12}", entry.object_label)


def test_signing_out_is_recorded_once(client_of):
    an = client_of("an")
    for _ in range(2):
        assert an.post("/dang-xuat").status_code == 303
    assert [entry.actor_id for entry in entries("people:session:end")] == [cast.person("an").id]


def test_the_doctor_tells_of_a_proxy_that_is_not_trusted(app, client):
    def ask():
        db.session.commit()
        begin_reading()
        return CliRunner().invoke(doctor, obj=app)

    forwarded = {"X-Forwarded-For": "203.0.113.7"}
    client.get("/tro-giup", headers=forwarded, environ_overrides={"REMOTE_ADDR": "100.128.0.1"})
    client.get("/tro-giup")
    assert ask().exit_code == 0, ask().output  # a stranger sent it, or nobody
    client.get("/tro-giup", headers=forwarded)
    assert "trusted_proxies = 1" in ask().output
    assert ask().exit_code == 1
    create_app(Settings(instance=app.config["SETTINGS"].instance, trusted_proxies=1))
    assert ask().exit_code == 0


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
        assert len(entries(action)) == 1


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
    assert answers[0] in {409, 303, 401, 403}  # the last one stays, or he who asks is out himself by now
    assert queries.count_administrators() == 1
