"""The desk of Dũng, who owns the small course, and of Khánh, a trainer who works elsewhere."""

import pytest

from lms.core import clock
from lms.core.actor import SYSTEM
from lms.core.db import begin_writing
from lms.people import service
from lms.people.rules import Role
from tests import cast, make


@pytest.fixture
def other_trainer(app, client):
    """Somebody else who writes courses: the account and a browser signed in with it."""
    begin_writing()
    made = service.add_user(
        name="Lý Quốc Khánh", email="khanh@songlam.example", password_hash=cast._HASH, must_change_password=False,
        by=SYSTEM, now=clock.now(),
    )  # fmt: skip
    service.grant_role(made, Role.TRAINER, unit=None, by=SYSTEM, now=clock.now())
    make.done(None)
    browser = app.test_client()
    login = {"login": "khanh@songlam.example", "password": cast.PASSWORD}
    assert browser.post("/dang-nhap", data=login).status_code == 303
    return browser


@pytest.fixture
def dung(client_of):
    """Dũng's browser; he owns the small course, and its draft is open."""
    browser = client_of("dung")
    slug = make.course()
    assert browser.post(f"/soan/{slug}/ban-nhap").status_code == 303
    return browser
