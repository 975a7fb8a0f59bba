"""Accounts, roles, units and posts: every change to them."""

import secrets
from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, or_, select

from lms.audit import service as audit
from lms.core import text
from lms.core.actor import Actor
from lms.core.db import db
from lms.core.errors import Refused
from lms.core.permissions import Permission
from lms.people import queries
from lms.people.models import Assignment, RoleGrant, Unit, UnitName, UnitParent, UnitSuccessor, User
from lms.people.rules import (
    BadEmail,
    BadPhone,
    EmailTaken,
    Ending,
    HasUnitsBelow,
    HrNeedsUnit,
    LastAdministrator,
    MayNotManage,
    NoSignInName,
    NotYourself,
    PhoneTaken,
    Role,
    StaffCodeTaken,
    Taken,
    TooEarly,
    UnderItself,
    UnitKind,
    email_form,
    may_manage,
    phone_form,
)

# Symbols that are not mistaken for one another on a printed card.
_CARD_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_CARD_CAPITALS = "ABCDEFGHJKMNPQRSTUVWXYZ"
_CARD_DIGITS = "23456789"


def add_user(
    *,
    name: str,
    email: str | None,
    phone: str | None = None,
    staff_code: str | None = None,
    password_hash: str | None,
    must_change_password: bool,
    by: Actor,
    now: datetime,
) -> User:
    """Make an account; everyone starts as a learner."""
    user = User(
        name=name,
        email=_sign_in_name(email, email_form, BadEmail),
        phone=_sign_in_name(phone, phone_form, BadPhone),
        staff_code=text.normalise(staff_code or "") or None,
        password_hash=password_hash,
        must_change_password=must_change_password,
        created_at=now,
    )
    if user.email is None and user.phone is None:
        raise NoSignInName
    _refuse_taken(user)
    db.session.add(user)
    db.session.flush()
    audit.record(by, "people:account:create", user, now=now)
    return user


def _sign_in_name(typed: str | None, form: Callable[[str], str | None], bad: type[Refused]) -> str | None:
    """As it is stored; None when nothing was typed."""
    if not typed:
        return None
    clean = form(typed)
    if clean is None:
        raise bad
    return clean


def _refuse_taken(user: User) -> None:
    taken: tuple[tuple[type[Taken], Any, str | None], ...] = (
        (EmailTaken, User.email, user.email),
        (PhoneTaken, User.phone, user.phone),
        (StaffCodeTaken, User.staff_code, user.staff_code),
    )
    for refusal, column, value in taken:
        if value and db.session.scalar(select(User.id).where(column == value)):
            raise refusal


def grant_role(user: User, role: Role, *, unit: Unit | None = None, by: Actor, now: datetime) -> None:
    """Give a role, once."""
    _refuse_unless_manager(by)
    unit_id = unit.id if unit else None
    if role == Role.HR and unit_id is None:
        raise HrNeedsUnit
    same = select(RoleGrant.id).where(
        RoleGrant.user_id == user.id, RoleGrant.role == role, RoleGrant.unit_id.is_not_distinct_from(unit_id)
    )
    if db.session.scalar(same) is None:
        db.session.add(RoleGrant(user_id=user.id, role=role, unit_id=unit_id, granted_at=now))
        audit.record(by, "people:role:grant", user, now=now, after={"role": role, "unit_id": unit_id})


def set_roles(user: User, roles: set[Role], *, units: Collection[Unit], by: Actor, now: datetime) -> None:
    """Replace the roles, HR's by one for each of the units; those that stay are left as they are."""
    _refuse_unless_manager(by)
    wanted: set[tuple[Role, int | None]] = {(role, None) for role in roles - {Role.LEARNER, Role.HR}}
    if Role.HR in roles:
        wanted |= {(Role.HR, unit.id) for unit in units}
        if not units:
            raise HrNeedsUnit
    db.session.execute(select(User.id).where(User.id == user.id).with_for_update())
    had = {(Role(grant.role), grant.unit_id): grant for grant in queries.roles_of([user.id])[user.id]}
    if (Role.ADMIN, None) in had.keys() - wanted:
        _refuse_last_administrator()
    if had.keys() == wanted:
        return
    lost = [had[grant].id for grant in had.keys() - wanted]
    db.session.execute(delete(RoleGrant).where(RoleGrant.id.in_(lost)))
    for role, unit_id in _sorted(wanted - had.keys()):
        db.session.add(RoleGrant(user_id=user.id, role=role, unit_id=unit_id, granted_at=now))
    audit.record(by, "people:role:set", user, now=now, before=_in_words(had), after=_in_words(wanted))


def _refuse_last_administrator() -> None:
    """Two administrators who are removed at once are looked at one after the other.

    The count is a statement of its own: PostgreSQL shows it what the one before committed.
    """
    administrators = select(RoleGrant.id).where(RoleGrant.role == Role.ADMIN).order_by(RoleGrant.id)
    db.session.execute(administrators.with_for_update())
    if queries.count_administrators() == 1:
        raise LastAdministrator


def _sorted(grants: Iterable[tuple[Role, int | None]]) -> list[tuple[Role, int | None]]:
    return sorted(grants, key=lambda grant: (grant[0], grant[1] or 0))


def _in_words(grants: Iterable[tuple[Role, int | None]]) -> dict[str, Any]:
    """The grants as the audit trail keeps them."""
    return {"roles": [{"role": role, "unit_id": unit_id} for role, unit_id in _sorted(grants)]}


def _held_by(actor: Actor) -> frozenset[Permission]:
    """What the actor may do; the system may do everything."""
    return frozenset(Permission) if actor.id is None else queries.permissions_of([actor.id])[actor.id]


def _refuse_unless_manager(by: Actor) -> None:
    """Roles are given by whoever may give any: a smaller right would grow by giving."""
    if Permission.ACCOUNT_MANAGE not in _held_by(by):
        raise MayNotManage


def _refuse_above(user: User, by: Actor) -> None:
    if not may_manage(_held_by(by), queries.permissions_of([user.id])[user.id]):
        raise MayNotManage


def rename(user: User, name: str, *, by: Actor, now: datetime) -> None:
    """Correct a person's name; what was issued keeps the old one."""
    _refuse_above(user, by)
    user.name = name
    audit.record(by, "people:account:rename", user, now=now)


def deactivate(user: User, *, by: Actor, now: datetime) -> None:
    """Close the account and its sessions; everything it did is kept."""
    _refuse_above(user, by)
    if user.id == by.id:
        raise NotYourself
    is_admin = any(grant.role == Role.ADMIN for grant in queries.roles_of([user.id])[user.id])
    if user.deactivated_at is not None:
        return
    if is_admin:
        _refuse_last_administrator()
    user.deactivated_at = now
    user.session_epoch += 1
    audit.record(by, "people:account:deactivate", user, now=now)


def reactivate(user: User, *, by: Actor, now: datetime) -> None:
    """Open a closed account again."""
    _refuse_above(user, by)
    if user.deactivated_at is None:
        return
    user.deactivated_at = None
    audit.record(by, "people:account:reactivate", user, now=now)


def temporary_password() -> str:
    """A password for a printed card: easy to type, four classes of characters, changed at first sign-in."""
    words = ["".join(secrets.choice(_CARD_LETTERS) for _ in range(4)) for _ in range(3)]
    words[0] = secrets.choice(_CARD_CAPITALS) + words[0][1:]
    return "-".join(words) + "".join(secrets.choice(_CARD_DIGITS) for _ in range(2))


def reset_password(user: User, password_hash: str, *, by: Actor, now: datetime) -> None:
    """Set a temporary password; every session of the account ends, and with the epoch wrong tries are forgiven."""
    _refuse_above(user, by)
    user.password_hash = password_hash
    user.must_change_password = True
    user.session_epoch += 1
    audit.record(by, "people:password:reset", user, now=now)


def change_password(user: User, password_hash: str, *, by: Actor, now: datetime) -> None:
    """Set the person's own password; other sessions end."""
    user.password_hash = password_hash
    user.must_change_password = False
    user.session_epoch += 1
    audit.record(by, "people:password:change", user, now=now)


def sign_out_everywhere(user: User, *, by: Actor, now: datetime) -> None:
    """End every session of the account."""
    user.session_epoch += 1
    audit.record(by, "people:session:end_all", user, now=now)


def end_session(user: User, *, by: Actor, now: datetime) -> None:
    """Note that the person signed out on one browser."""
    audit.record(by, "people:session:end", user, now=now)


def set_display(user_id: int, *, text_size: str | None, theme: str | None, locale: str | None) -> None:
    """Keep how the person wants pages to look, for her next computer."""
    user = db.session.get_one(User, user_id)
    user.text_size = text_size or user.text_size
    user.theme = theme or user.theme
    user.locale = locale or user.locale


def add_unit(
    name: str,
    kind: UnitKind,
    *,
    parent: Unit | None,
    valid_from: date,
    short_name: str | None = None,
    code: str | None = None,
    by: Actor,
    now: datetime,
) -> Unit:
    """Set up a unit from a day on, with its name and its place."""
    unit = Unit(kind=kind, code=code, valid_from=valid_from)
    db.session.add(unit)
    db.session.flush()
    db.session.add(UnitName(unit_id=unit.id, name=name, short_name=short_name, valid_from=valid_from))
    if parent is not None:
        db.session.add(UnitParent(unit_id=unit.id, parent_id=parent.id, valid_from=valid_from))
    audit.record(by, "people:unit:create", unit, now=now, label=name)
    return unit


def rename_unit(unit: Unit, name: str, *, on: date, by: Actor, now: datetime) -> None:
    """Give the unit another name from a day on; the old one stays for the days before."""
    current = db.session.scalars(select(UnitName).where(UnitName.unit_id == unit.id, UnitName.valid_to.is_(None))).one()
    _not_before(on, current.valid_from)
    if current.valid_from == on:
        current.name = name
    else:
        current.valid_to = on
        db.session.flush()
        db.session.add(UnitName(unit_id=unit.id, name=name, valid_from=on))
    audit.record(by, "people:unit:rename", unit, now=now, label=name)


def _not_before(on: date, earliest: date) -> None:
    if on < earliest:
        raise TooEarly(day=earliest.strftime("%d/%m/%Y"))


def move_unit(unit: Unit, parent: Unit | None, *, on: date, by: Actor, now: datetime) -> None:
    """Let the unit stand under another one from a day on, or under none; where it stood before is kept."""
    if parent is not None and db.session.scalar(
        select(Unit.id).where(Unit.id == parent.id, Unit.id.in_(queries.units_below((unit.id,), on)))
    ):
        raise UnderItself
    current = db.session.scalar(
        select(UnitParent).where(UnitParent.unit_id == unit.id, UnitParent.valid_to.is_(None)).limit(1)
    )
    _not_before(on, current.valid_from if current else unit.valid_from)
    before = current.parent_id if current else None
    if current is not None and current.valid_from == on and parent is not None:
        current.parent_id = parent.id
    else:
        if current is not None:
            current.valid_to = on
            db.session.flush()
        if parent is not None:
            db.session.add(UnitParent(unit_id=unit.id, parent_id=parent.id, valid_from=on))
    audit.record(
        by, "people:unit:move", unit, now=now,
        before={"parent_id": before}, after={"parent_id": parent.id if parent else None, "on": on.isoformat()},
    )  # fmt: skip


def end_unit(
    unit: Unit, successors: list[Unit], kind: Ending, *, on: date, basis: str | None, by: Actor, now: datetime
) -> None:
    """Close a unit on a day; the successors inherit its records, and whoever oversees them sees its people."""
    _not_before(on, unit.valid_from)
    if below := queries.count_units_directly_below(unit.id, on):
        raise HasUnitsBelow(count=below)
    unit.valid_to = on
    for successor in successors:
        db.session.add(
            UnitSuccessor(unit_id=unit.id, successor_id=successor.id, kind=kind, effective_on=on, basis=basis)
        )
    audit.record(by, "people:unit:end", unit, now=now, after={"kind": kind, "on": on.isoformat()})


def assign(
    user: User, unit: Unit, position: str | None, *, valid_from: date, is_primary: bool = True, by: Actor, now: datetime
) -> Assignment:
    """Give a person a post from a day on; a primary one ends the primary one before."""
    if is_primary:
        for old in _posts_after(user, valid_from):
            _not_before(valid_from, old.valid_from)
            old.valid_to = valid_from
    post = Assignment(user_id=user.id, unit_id=unit.id, position=position, is_primary=is_primary, valid_from=valid_from)
    db.session.add(post)
    db.session.flush()
    audit.record(by, "people:assignment:create", post, now=now, after={"unit_id": unit.id})
    return post


def _posts_after(user: User, day: date) -> list[Assignment]:
    """The primary posts that would last beyond the day."""
    query = select(Assignment).where(
        Assignment.user_id == user.id,
        Assignment.is_primary.is_(True),
        or_(Assignment.valid_to.is_(None), Assignment.valid_to > day),
    )
    return list(db.session.scalars(query))


def end_post(user: User, *, on: date, by: Actor, now: datetime) -> None:
    """Let the person have no post from a day on: retired, or gone to work elsewhere."""
    for old in _posts_after(user, on):
        _not_before(on, old.valid_from)
        old.valid_to = on
        audit.record(by, "people:assignment:end", old, now=now, after={"on": on.isoformat()})
