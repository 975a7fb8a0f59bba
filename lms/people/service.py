"""Accounts, roles, units and posts: every change to them."""

import secrets
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select

from lms.audit import service as audit
from lms.core import throttle
from lms.core.actor import Actor
from lms.core.db import db
from lms.people import queries
from lms.people.models import Assignment, RoleGrant, Unit, UnitName, UnitParent, UnitSuccessor, User
from lms.people.rules import (
    SIGN_IN_TRIES,
    SIGN_IN_WINDOW,
    AddressTaken,
    Ending,
    HasUnitsBelow,
    LastAdministrator,
    NotYourself,
    Role,
    TooEarly,
    TooManySignIns,
    UnderItself,
    UnitKind,
    WrongSignIn,
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
        email=queries.login_form(email) if email else None,
        phone=queries.login_form(phone) if phone else None,
        staff_code=staff_code or None,
        password_hash=password_hash,
        must_change_password=must_change_password,
        created_at=now,
    )
    _refuse_taken(user)
    db.session.add(user)
    db.session.flush()
    audit.record(by, "people:account:create", user, now=now)
    return user


def _refuse_taken(user: User) -> None:
    for what, column, value in (
        ("e-mail", User.email, user.email),
        ("phone", User.phone, user.phone),
        ("staff code", User.staff_code, user.staff_code),
    ):
        if value and db.session.scalar(select(User.id).where(column == value)):
            raise AddressTaken(what=what)


def grant_role(user: User, role: Role, *, unit: Unit | None = None, by: Actor, now: datetime) -> None:
    """Give a role, once."""
    unit_id = unit.id if unit else None
    same = select(RoleGrant.id).where(
        RoleGrant.user_id == user.id, RoleGrant.role == role, RoleGrant.unit_id.is_not_distinct_from(unit_id)
    )
    if db.session.scalar(same) is None:
        db.session.add(RoleGrant(user_id=user.id, role=role, unit_id=unit_id, granted_at=now))
        audit.record(by, "people:role:grant", user, now=now, after={"role": role, "unit_id": unit_id})


def set_roles(user: User, roles: set[Role], *, unit: Unit | None, by: Actor, now: datetime) -> None:
    """Replace the roles; HR's is for the unit."""
    had = {Role(grant.role) for grant in queries.roles_of([user.id])[user.id]}
    if Role.ADMIN in had - roles and queries.count_administrators() == 1:
        raise LastAdministrator
    db.session.execute(delete(RoleGrant).where(RoleGrant.user_id == user.id))
    for role in sorted(roles - {Role.LEARNER}):
        unit_id = unit.id if unit and role == Role.HR else None
        db.session.add(RoleGrant(user_id=user.id, role=role, unit_id=unit_id, granted_at=now))
    audit.record(by, "people:role:set", user, now=now, before={"roles": sorted(had)}, after={"roles": sorted(roles)})


def rename(user: User, name: str, *, by: Actor, now: datetime) -> None:
    """Correct a person's name; what was issued keeps the old one."""
    user.name = name
    audit.record(by, "people:account:rename", user, now=now)


def deactivate(user: User, *, by: Actor, now: datetime) -> None:
    """Close the account and its sessions; everything it did is kept."""
    if user.id == by.id:
        raise NotYourself
    is_admin = any(grant.role == Role.ADMIN for grant in queries.roles_of([user.id])[user.id])
    if is_admin and queries.count_administrators() == 1:
        raise LastAdministrator
    user.deactivated_at = now
    user.session_epoch += 1
    audit.record(by, "people:account:deactivate", user, now=now)


def reactivate(user: User, *, by: Actor, now: datetime) -> None:
    """Open a closed account again."""
    user.deactivated_at = None
    audit.record(by, "people:account:reactivate", user, now=now)


def temporary_password() -> str:
    """A password for a printed card: easy to type, four classes of characters, changed at first sign-in."""
    words = ["".join(secrets.choice(_CARD_LETTERS) for _ in range(4)) for _ in range(3)]
    words[0] = secrets.choice(_CARD_CAPITALS) + words[0][1:]
    return "-".join(words) + "".join(secrets.choice(_CARD_DIGITS) for _ in range(2))


def reset_password(user: User, password_hash: str, *, by: Actor, now: datetime) -> None:
    """Set a temporary password; every session of the account ends, wrong tries are forgiven."""
    user.password_hash = password_hash
    user.must_change_password = True
    user.session_epoch += 1
    throttle.forgive(_account_key(user.login))
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


def _account_key(login: str) -> str:
    return f"sign-in:account:{queries.login_form(login)}"


def _address_key(address: str) -> str:
    return f"sign-in:address:{address}"


def tries_left(login: str, address: str, now: datetime) -> int:
    """How many wrong passwords the account still allows; raises when there are none.

    Whole offices share one address, so an address may fail far more often than an account.
    """
    window = {"window": SIGN_IN_WINDOW, "now": now}
    used = throttle.count(_account_key(login), **window)
    if used >= SIGN_IN_TRIES or throttle.count(_address_key(address), **window) >= SIGN_IN_TRIES * 20:
        raise TooManySignIns(minutes=SIGN_IN_WINDOW // timedelta(minutes=1))
    return SIGN_IN_TRIES - used


def refuse_sign_in(login: str, address: str, *, now: datetime) -> WrongSignIn:
    """Count a wrong password; the refusal to show, whose count must be kept by answering, not raising."""
    throttle.strike(_account_key(login), now=now)
    throttle.strike(_address_key(address), now=now)
    db.session.flush()
    used = throttle.count(_account_key(login), window=SIGN_IN_WINDOW, now=now)
    return WrongSignIn(left=max(0, SIGN_IN_TRIES - used))


def accept_sign_in(user: User, *, now: datetime) -> None:
    """Forget wrong tries and note the sign-in."""
    throttle.forgive(_account_key(user.login))
    audit.record(Actor(user.id, user.name), "people:session:begin", user, now=now)


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
        for old in _open_posts(user):
            _not_before(valid_from, old.valid_from)
            old.valid_to = valid_from
    post = Assignment(user_id=user.id, unit_id=unit.id, position=position, is_primary=is_primary, valid_from=valid_from)
    db.session.add(post)
    db.session.flush()
    audit.record(by, "people:assignment:create", post, now=now, after={"unit_id": unit.id})
    return post


def _open_posts(user: User) -> list[Assignment]:
    """The primary posts without an end: one, or none."""
    query = select(Assignment).where(
        Assignment.user_id == user.id, Assignment.is_primary.is_(True), Assignment.valid_to.is_(None)
    )
    return list(db.session.scalars(query))


def end_post(user: User, *, on: date, by: Actor, now: datetime) -> None:
    """Let the person have no post from a day on: retired, or gone to work elsewhere."""
    for old in _open_posts(user):
        _not_before(on, old.valid_from)
        old.valid_to = on
        audit.record(by, "people:assignment:end", old, now=now, after={"on": on.isoformat()})
