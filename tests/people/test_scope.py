"""Who oversees whom, and that nobody reaches rights through it."""

import pytest

from lms.audit.models import AuditEntry
from lms.core import clock
from lms.core.actor import SYSTEM, Actor
from lms.core.db import begin_writing, db
from lms.people import service
from lms.people.models import User
from lms.people.rules import MayNotManage, Role
from tests import cast


def second_post(who, unit_name):
    """A secondary post in the unit from today on."""
    begin_writing()
    service.assign(
        cast.person(who), cast.unit(unit_name), None, valid_from=clock.today(), is_primary=False, by=SYSTEM,
        now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    return cast.person(who).id


def actor(who):
    person = cast.person(who)
    return Actor(person.id, person.name)


@pytest.mark.parametrize("who", ["dung", "giang"])
def test_hr_resets_nobody_who_has_rights_even_in_her_own_unit(client_of, who):
    user_id = second_post(who, "vhxh")
    before = db.session.get(User, user_id).password_hash
    hoa = client_of("hoa")
    assert hoa.post(f"/theo-doi/nguoi/{user_id}/mat-khau").status_code == 403
    page = hoa.get("/theo-doi/nguoi").text
    assert f"/theo-doi/nguoi/{user_id}/mat-khau" not in page
    assert f"/theo-doi/nguoi/{cast.person('an').id}/mat-khau" in page
    db.session.expire_all()
    assert db.session.get(User, user_id).password_hash == before


def test_hr_does_not_reset_another_hr_officer_whose_units_may_be_wider(client_of):
    begin_writing()
    service.grant_role(cast.person("an"), Role.HR, unit=cast.unit("tinh"), by=SYSTEM, now=clock.now())
    db.session.commit()
    assert client_of("hoa").post(f"/theo-doi/nguoi/{cast.person('an').id}/mat-khau").status_code == 403


CHANGES = {
    "reset": lambda user, by: service.reset_password(user, "hash", by=by, now=clock.now()),
    "rename": lambda user, by: service.rename(user, "Tên Khác", by=by, now=clock.now()),
    "close": lambda user, by: service.deactivate(user, by=by, now=clock.now()),
    "open": lambda user, by: service.reactivate(user, by=by, now=clock.now()),
}


@pytest.mark.parametrize("change", CHANGES)
def test_only_administrators_change_accounts_with_rights(app, change):
    for by in cast.CAST:
        for target in cast.CAST:
            may = Role.ADMIN in cast.CAST[by].roles or not cast.CAST[target].roles
            if by == target or (target == "giang" and change == "close"):
                continue  # refused for other reasons: oneself, the last administrator
            user = cast.person(target)
            if may:
                CHANGES[change](user, actor(by))
                continue
            with pytest.raises(MayNotManage):
                CHANGES[change](user, actor(by))


@pytest.mark.parametrize("by", ["an", "dung", "hoa"])
def test_whoever_may_not_manage_accounts_gives_no_role(app, by):
    with pytest.raises(MayNotManage):
        service.grant_role(cast.person("an"), Role.TRAINER, by=actor(by), now=clock.now())
    with pytest.raises(MayNotManage):
        service.set_roles(cast.person(by), {Role.ADMIN}, unit=None, by=actor(by), now=clock.now())
    assert db.session.scalar(db.select(AuditEntry.id).where(AuditEntry.actor_id == cast.person(by).id)) is None
