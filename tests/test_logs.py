"""The log says what failed and where, and knows nobody's data."""

import re

from lms.assessment.models import Attempt
from lms.content.models import Draft
from lms.core.db import db
from lms.people import service as people
from tests import cast, make

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
