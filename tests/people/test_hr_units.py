"""Who oversees whom, and that nobody reaches rights through it."""

from datetime import UTC, date, datetime, timedelta

import flask_migrate
import pytest
from click.testing import CliRunner
from sqlalchemy.exc import IntegrityError

from lms.audit.models import AuditEntry
from lms.core import clock
from lms.core.actor import SYSTEM, Actor
from lms.core.db import begin_writing, db
from lms.people import queries, service
from lms.people.cli import users
from lms.people.models import Assignment, RoleGrant, User
from lms.people.rules import HrNeedsUnit, MayNotManage, Role, UnitKind
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
    assert hoa.get(f"/theo-doi/nguoi/{user_id}/mat-khau").status_code == 403
    assert f"/theo-doi/nguoi/{user_id}/mat-khau" not in hoa.get(f"/theo-doi/nguoi/{user_id}").text
    an = cast.person("an").id
    assert f"/theo-doi/nguoi/{an}/mat-khau" in hoa.get(f"/theo-doi/nguoi/{an}").text
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
        service.set_roles(cast.person(by), {Role.ADMIN}, units=[], by=actor(by), now=clock.now())
    assert db.session.scalar(db.select(AuditEntry.id).where(AuditEntry.actor_id == cast.person(by).id)) is None


NEW = {"name": "Võ Thị Lan", "email": "lan@songlam.example", "roles": "hr"}


def test_hr_without_a_unit_is_an_error_of_the_form(client_of):
    giang, an = client_of("giang"), cast.person("an").id
    for unit in ({}, {"unit": "0"}):
        answer = giang.post("/quan-tri/tai-khoan/moi", data=NEW | unit)
        assert answer.status_code == 422
        assert 'id="unit-error"' in answer.text
        assert giang.post(f"/quan-tri/tai-khoan/{an}/vai-tro", data={"roles": "hr"} | unit).status_code == 422
    assert queries.find_by_login(NEW["email"]) is None
    assert queries.roles_of([an])[an] == []


def test_an_hr_officer_oversees_as_many_units_as_she_was_given(client_of):
    giang, hoa = client_of("giang"), cast.person("hoa").id
    url = f"/quan-tri/tai-khoan/{hoa}/vai-tro"
    both = [cast.unit("hoasua").id, cast.unit("tanlap").id]
    assert giang.post(url, data={"roles": ["hr", "trainer"], "unit": both}).status_code == 303
    assert {(g.role, g.unit_id) for g in queries.roles_of([hoa])[hoa]} == {
        ("hr", both[0]), ("hr", both[1]), ("trainer", None),
    }  # fmt: skip
    page = client_of("hoa").get("/theo-doi/nguoi").text
    assert "Nguyễn Thị An" in page
    assert "Lê Văn Chi" in page
    assert giang.get(f"/quan-tri/tai-khoan/{hoa}").text.count(" checked") == 4  # what is saved again keeps all of it


def test_the_audit_says_for_which_units_a_role_is(client_of):
    hoa, hoasua, tanlap = cast.person("hoa").id, cast.unit("hoasua").id, cast.unit("tanlap").id
    client_of("giang").post(f"/quan-tri/tai-khoan/{hoa}/vai-tro", data={"roles": "hr", "unit": tanlap})
    entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "people:role:set")).one()
    assert entry.before == {"roles": [{"role": "hr", "unit_id": hoasua}]}
    assert entry.after == {"roles": [{"role": "hr", "unit_id": tanlap}]}


def test_saving_the_same_roles_again_changes_nothing(client_of):
    hoa = cast.person("hoa").id
    before = [(grant.id, grant.granted_at) for grant in queries.roles_of([hoa])[hoa]]
    data = {"roles": "hr", "unit": cast.unit("hoasua").id}
    assert client_of("giang").post(f"/quan-tri/tai-khoan/{hoa}/vai-tro", data=data).status_code == 303
    db.session.expire_all()
    assert [(grant.id, grant.granted_at) for grant in queries.roles_of([hoa])[hoa]] == before
    assert db.session.scalar(db.select(AuditEntry.id).where(AuditEntry.action == "people:role:set")) is None


def test_hr_of_the_topmost_unit_oversees_everybody_in_it(client_of):
    begin_writing()
    service.grant_role(cast.person("chi"), Role.HR, unit=cast.unit("tinh"), by=SYSTEM, now=clock.now())
    db.session.commit()
    page = client_of("chi").get("/theo-doi/nguoi").text
    assert all(member.name in page for member in cast.CAST.values())


def test_neither_service_nor_database_takes_hr_without_a_unit(app):
    an = cast.person("an")
    with pytest.raises(HrNeedsUnit):
        service.grant_role(an, Role.HR, by=SYSTEM, now=clock.now())
    with pytest.raises(HrNeedsUnit):
        service.set_roles(an, {Role.HR}, units=[], by=SYSTEM, now=clock.now())
    db.session.add(RoleGrant(user_id=an.id, role=Role.HR, granted_at=clock.now()))
    with pytest.raises(IntegrityError, match="hr_has_unit"):
        db.session.flush()
    db.session.rollback()


def create(*more):
    return CliRunner().invoke(
        users, ["create", "--name", NEW["name"], "--email", NEW["email"], *more], standalone_mode=False
    )


def test_the_command_makes_hr_for_named_units_only(app):
    refused = create("--role", "hr")
    assert isinstance(refused.exception, HrNeedsUnit)
    db.session.rollback()
    assert "không có đơn vị" in str(create("--role", "hr", "--unit", "UBND xã Không Có").exception)
    made = create("--role", "hr", "--unit", "UBND xã Tân Lập", "--unit", str(cast.unit("vhxh").id))
    assert made.exception is None, made.output
    lan = queries.find_by_login(NEW["email"])
    held = {(grant.role, grant.unit_id) for grant in queries.roles_of([lan.id])[lan.id]}
    assert held == {("hr", cast.unit("tanlap").id), ("hr", cast.unit("vhxh").id)}


def test_a_name_of_several_units_must_be_said_by_number(app):
    begin_writing()
    other = service.add_unit(
        cast.UNITS["vhxh"][0], UnitKind.DIVISION, parent=cast.unit("tanlap"), valid_from=cast.SINCE, by=SYSTEM,
        now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    refused = create("--role", "hr", "--unit", cast.UNITS["vhxh"][0])
    assert f"{other.id} = Phòng Văn hóa - Xã hội, UBND xã Tân Lập" in str(refused.exception)


def test_who_oversaw_everybody_by_default_oversees_the_topmost_units_after_the_migration(app):
    chi, tinh = cast.person("chi").id, cast.unit("tinh").id
    hoa, hoasua = cast.person("hoa").id, cast.unit("hoasua").id
    db.session.commit()
    db.engine.dispose()
    flask_migrate.downgrade(revision="0001")
    try:
        begin_writing()
        db.session.execute(
            RoleGrant.__table__.insert().values(user_id=chi, role="hr", unit_id=None, granted_at=datetime.now(UTC))
        )
        db.session.commit()
        db.engine.dispose()
    finally:
        flask_migrate.upgrade()
    held = {user: {(g.role, g.unit_id) for g in grants} for user, grants in queries.roles_of([chi, hoa]).items()}
    assert held == {chi: {("hr", tinh)}, hoa: {("hr", hoasua)}}
    entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "people:role:set")).one()
    assert (entry.object_id, entry.actor_name) == (str(chi), "hệ thống")
    assert entry.after == {"roles": [{"role": "hr", "unit_id": tinh}]}


def post(who, unit_name, since, until, *, is_primary=True):
    """A post of a person on the days [since, until), whatever stands beside it."""
    begin_writing()
    db.session.add(
        Assignment(
            user_id=cast.person(who).id,
            unit_id=cast.unit(unit_name).id,
            is_primary=is_primary,
            valid_from=since,
            valid_to=until,
        )
    )
    db.session.commit()


def no_posts(who):
    begin_writing()
    db.session.execute(db.delete(Assignment).where(Assignment.user_id == cast.person(who).id))
    db.session.commit()


def sees(browser, who):
    """Whether she is in the list, and may be reset: both ask the same."""
    listed = cast.CAST[who].name in browser.get("/theo-doi/nguoi").text
    reset = browser.post(f"/theo-doi/nguoi/{cast.person(who).id}/mat-khau").status_code
    assert reset == (200 if listed else 404)
    return listed


LONG_AGO, LATER, LATELY = date(2025, 8, 1), date(2025, 9, 1), date(2026, 3, 1)


def test_a_secondment_that_ended_gives_nobody_back_to_the_unit(client_of):
    """It began later than the post that still holds, and was taken for the last one."""
    post("chi", "vhxh", LONG_AGO, LATER, is_primary=False)
    assert not sees(client_of("hoa"), "chi")


def test_who_left_stays_with_the_unit_of_the_last_post(client_of):
    no_posts("chi")
    post("chi", "tanlap", LONG_AGO, LATER)
    post("chi", "vhxh", LATER, LATELY)
    assert sees(client_of("hoa"), "chi")


def test_the_last_post_is_the_one_that_ended_last(client_of):
    no_posts("chi")
    post("chi", "tanlap", cast.SINCE, LATELY)
    post("chi", "vhxh", LONG_AGO, LATER, is_primary=False)
    assert not sees(client_of("hoa"), "chi")


def test_who_was_elsewhere_and_came_is_seen_and_who_went_is_not(client_of):
    hoa = client_of("hoa")
    no_posts("chi")
    post("chi", "tanlap", cast.SINCE, LATELY)
    post("chi", "vhxh", LATELY, None)
    no_posts("an")
    post("an", "vhxh", cast.SINCE, LATELY)
    post("an", "tanlap", LATELY, None)
    assert sees(hoa, "chi")
    assert not sees(hoa, "an")


def test_whoever_begins_soon_and_is_nowhere_yet_belongs_to_where_she_will_be(client_of):
    no_posts("chi")
    post("chi", "vhxh", clock.today() + timedelta(days=7), None)
    assert sees(client_of("hoa"), "chi")
