"""Accounts: what may be typed, what the forms and commands refuse, and that one administrator always stays."""

import contextvars
import threading

import pytest

from lms.core import clock
from lms.core.actor import SYSTEM
from lms.core.db import begin_writing, db
from lms.people import queries, service
from lms.people.rules import Role
from tests import cast


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
