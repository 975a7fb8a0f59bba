"""Reading people and units, always from what the viewer may see."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from flask import abort
from flask_login import UserMixin
from sqlalchemy import Row, Select, and_, bindparam, case, false, func, literal, or_, select, true, union_all
from sqlalchemy.orm import aliased

from lms.core import clock, text
from lms.core.actor import Actor
from lms.core.db import db, is_valid_on
from lms.core.permissions import Permission
from lms.people.models import Assignment, RoleGrant, Unit, UnitName, UnitParent, UnitSuccessor, User
from lms.people.rules import Role, UnitKind, allowed, login_form, may_manage


@dataclass(frozen=True)
class Viewer(UserMixin, Actor):
    """The signed-in person as pages need them: read once per request, no ORM object."""

    must_change_password: bool = False
    roles: frozenset[Role] = frozenset({Role.LEARNER})
    unit_ids: tuple[int, ...] = ()
    """The units whose people an HR officer sees, with everything below them; empty for whoever sees all or none."""
    sees_everyone: bool = False
    login: str = ""
    permissions: frozenset[Permission] = field(default=frozenset())

    @property
    def short_name(self) -> str:
        """The given name, as people are addressed."""
        return self.name.rsplit(" ", 1)[-1]

    def may(self, permission: Permission | str) -> bool:
        """Whether one of the roles allows it."""
        return permission in self.permissions


# Every request runs it: built once, because building a statement takes longer than running it.
_VIEWER = (
    select(User.id, User.name, User.email, User.phone, User.must_change_password, RoleGrant.role, RoleGrant.unit_id)
    .outerjoin(RoleGrant, RoleGrant.user_id == User.id)
    .where(User.id == bindparam("id"), User.session_epoch == bindparam("epoch"), User.deactivated_at.is_(None))
)


def find_viewer(user_id: int, epoch: int) -> Viewer | None:
    """The person of a session cookie, in one statement; None when signed out everywhere or deactivated."""
    rows = db.session.execute(_VIEWER, {"id": user_id, "epoch": epoch}).all()
    if not rows:
        return None
    first = rows[0]
    roles = frozenset(Role(row.role) for row in rows if row.role) | {Role.LEARNER}
    return Viewer(
        id=first.id,
        name=first.name,
        must_change_password=first.must_change_password,
        roles=roles,
        unit_ids=tuple(row.unit_id for row in rows if row.role == Role.HR),
        sees_everyone=Role.ADMIN in roles,
        login=first.email or first.phone or "",
        permissions=allowed(roles),
    )


def find_by_login(login: str) -> User | None:
    """The account with this e-mail or phone; letters' case and spaces do not matter."""
    clean = login_form(login)
    if clean is None:
        return None
    return db.session.scalar(select(User).where(or_(User.email == clean, User.phone == clean)))


def units_in_scope(viewer: Viewer, day: date) -> Select:
    """Ids of the units the viewer oversees: hers, all below them on the day, and those they succeeded."""
    if viewer.sees_everyone:
        return select(Unit.id)
    return units_below(viewer.unit_ids, day)


def units_below(unit_ids: tuple[int, ...], day: date) -> Select:
    """Ids of these units, of all that stood below them on the day, and of the ones they came from."""
    tree = select(Unit.id).where(Unit.id.in_(unit_ids)).cte(recursive=True)
    # One recursive part only, for PostgreSQL: children and predecessors are two kinds of the same step.
    children = select(UnitParent.parent_id.label("above"), UnitParent.unit_id.label("below")).where(
        is_valid_on(UnitParent.valid_from, UnitParent.valid_to, day)
    )
    predecessors = select(UnitSuccessor.successor_id.label("above"), UnitSuccessor.unit_id.label("below"))
    step = union_all(children, predecessors).subquery()
    tree = tree.union(select(step.c.below).join(tree, step.c.above == tree.c.id))
    return select(tree.c.id)


def units_above(learner_id: Any, day: Any) -> Select:
    """Ids of the units where a person has a post on the day, of all above them, and of those that they became.

    The other way round of `units_below`; both values may be expressions of a statement.
    """
    here = is_valid_on(Assignment.valid_from, Assignment.valid_to, day)
    return _above(select(Assignment.unit_id.label("id")).where(Assignment.user_id == learner_id, here), day)


def units_over(unit_id: int, day: date) -> Select:
    """The id of the unit, of all above it on the day, and of those that they became."""
    return _above(select(Unit.id).where(Unit.id == unit_id), day)


def _above(start: Select, day: Any) -> Select:
    tree = start.cte(recursive=True)
    # One recursive part only, for PostgreSQL; outer joins, so that each step looks up a few rows by index instead of
    # putting all edges of all units together.
    kind = union_all(select(literal(0).label("of")), select(literal(1).label("of"))).subquery()
    above = case((kind.c.of == 0, UnitParent.parent_id), else_=UnitSuccessor.successor_id)
    stands_under = and_(
        kind.c.of == 0, UnitParent.unit_id == tree.c.id, is_valid_on(UnitParent.valid_from, UnitParent.valid_to, day)
    )
    step = (
        select(above)
        .select_from(tree)
        .join(kind, true())
        .outerjoin(UnitParent, stands_under)
        .outerjoin(UnitSuccessor, and_(kind.c.of == 1, UnitSuccessor.unit_id == tree.c.id))
        .where(above.is_not(None))
    )
    tree = tree.union(step)
    return select(tree.c.id)


def at_work_in(unit_id: int, day: date) -> Select:
    """Ids of the people with a post in the unit or below it on the day."""
    return select(Assignment.user_id).where(
        Assignment.unit_id.in_(units_below((unit_id,), day)),
        is_valid_on(Assignment.valid_from, Assignment.valid_to, day),
    )


def ids_in_scope(viewer: Viewer, day: date | None = None) -> Select:
    """Ids of the people the viewer may see as HR: with a post in her units on the day, or none at all and the last there."""
    if viewer.sees_everyone:
        return select(User.id)
    if not viewer.may(Permission.PEOPLE_READ):
        return select(User.id).where(false())
    day = day or clock.today()
    here = is_valid_on(Assignment.valid_from, Assignment.valid_to, day)
    return select(Assignment.user_id).where(
        Assignment.unit_id.in_(units_in_scope(viewer, day)), or_(here, _is_last(day))
    )


def _is_last(day: date) -> Any:
    """The condition that the post ended after all others of a person who has none on the day.

    What counts is the end: a secondment may begin later than the post that outlasts it.
    """
    other = aliased(Assignment)
    outlasts = func.coalesce(other.valid_to, date.max) > func.coalesce(Assignment.valid_to, date.max)
    return ~(
        select(other.id)
        .where(
            other.user_id == Assignment.user_id,
            or_(outlasts, is_valid_on(other.valid_from, other.valid_to, day)),
        )
        .exists()
    )


def get_person(viewer: Viewer, user_id: int) -> User:
    """A person in the viewer's scope, or 404."""
    found = db.session.scalar(select(User).where(User.id == user_id, User.id.in_(ids_in_scope(viewer))))
    return found or abort(404)


def get_user(user_id: int) -> User:
    """An account by number, or 404; only for views that may see everyone."""
    return db.session.get(User, user_id) or abort(404)


def unit_name_on(day: date) -> Select:
    """unit_id, name of every unit as called on the day; for ended units, the last name."""
    newest = func.row_number().over(
        partition_by=UnitName.unit_id,
        order_by=UnitName.valid_from.desc(),
    )
    named = (
        select(UnitName.unit_id, UnitName.name, UnitName.short_name, newest.label("place"))
        .where(UnitName.valid_from <= day)
        .subquery()
    )
    return select(named.c.unit_id, named.c.name, named.c.short_name).where(named.c.place == 1)


@dataclass(frozen=True)
class Post:
    """Where a person works on a day: the unit, its name with the ones above it, and the position."""

    unit_id: int
    unit_name: str
    position: str


def find_post(user_id: int, day: date) -> Post | None:
    """The person's primary post on the day; a division is named with its body: “Phòng Văn hóa - Xã hội, UBND phường …”."""
    names, above = unit_name_on(day).subquery(), unit_name_on(day).subquery()
    stands_under = and_(
        UnitParent.unit_id == Unit.id,
        is_valid_on(UnitParent.valid_from, UnitParent.valid_to, day),
        Unit.kind == UnitKind.DIVISION,
    )
    row = db.session.execute(
        select(Assignment.unit_id, Assignment.position, names.c.name, above.c.name.label("body"))
        .join(Unit, Unit.id == Assignment.unit_id)
        .outerjoin(names, names.c.unit_id == Unit.id)
        .outerjoin(UnitParent, stands_under)
        .outerjoin(above, above.c.unit_id == UnitParent.parent_id)
        .where(Assignment.user_id == user_id, is_valid_on(Assignment.valid_from, Assignment.valid_to, day))
        .order_by(Assignment.is_primary.desc(), Assignment.valid_from.desc(), Assignment.id)
        .limit(1)
    ).first()
    if row is None:
        return None
    return Post(row.unit_id, ", ".join(name for name in (row.name, row.body) if name), row.position or "")


def full_unit_name(unit_id: int, day: date) -> str:
    """The unit's name on the day; a division is named with its body."""
    names, above = unit_name_on(day).subquery(), unit_name_on(day).subquery()
    stands_under = and_(
        UnitParent.unit_id == Unit.id,
        is_valid_on(UnitParent.valid_from, UnitParent.valid_to, day),
        Unit.kind == UnitKind.DIVISION,
    )
    row = db.session.execute(
        select(names.c.name, above.c.name.label("body"))
        .select_from(Unit)
        .join(names, names.c.unit_id == Unit.id)
        .outerjoin(UnitParent, stands_under)
        .outerjoin(above, above.c.unit_id == UnitParent.parent_id)
        .where(Unit.id == unit_id)
        .limit(1)
    ).first()
    return ", ".join(name for name in row if name) if row else ""


@dataclass(frozen=True)
class UnitRow:
    """A unit of the tree, for lists and select boxes; depth 0 is a root."""

    id: int
    name: str
    kind: str
    depth: int


def units(viewer: Viewer, day: date) -> list[UnitRow]:
    """The units in the viewer's scope on the day, parents before children, by name."""
    names = unit_name_on(day).subquery()
    parent = (
        select(UnitParent.unit_id, UnitParent.parent_id)
        .where(is_valid_on(UnitParent.valid_from, UnitParent.valid_to, day))
        .subquery()
    )
    rows = db.session.execute(
        select(Unit.id, Unit.kind, names.c.name, parent.c.parent_id)
        .join(names, names.c.unit_id == Unit.id)
        .outerjoin(parent, parent.c.unit_id == Unit.id)
        .where(is_valid_on(Unit.valid_from, Unit.valid_to, day), Unit.id.in_(units_in_scope(viewer, day)))
    ).all()
    return _as_tree(rows)


def _as_tree(rows: list) -> list[UnitRow]:
    """The rows in the order of the tree."""
    known = {row.id for row in rows}
    below: dict[int | None, list] = {}
    for row in sorted(rows, key=lambda row: text.fold(row.name)):
        below.setdefault(row.parent_id if row.parent_id in known else None, []).append(row)
    ordered: list[UnitRow] = []
    waiting = [(row, 0) for row in reversed(below.get(None, []))]
    while waiting:
        row, depth = waiting.pop()
        ordered.append(UnitRow(row.id, row.name, row.kind, depth))
        waiting += [(child, depth + 1) for child in reversed(below.get(row.id, []))]
    return ordered


@dataclass(frozen=True)
class Dated:
    """What held on the days [start, end): a name, a unit above, a post."""

    words: str
    start: date
    end: date | None
    detail: str = ""


def _named_at_the_time(times: Select, unit: Any, today: date) -> list[Dated]:
    """(id, from, to, detail) of times, newest first, with the name that the unit had at their end, or has today."""
    query = times.add_columns(UnitName.name, UnitName.valid_from).join(UnitName, UnitName.unit_id == unit)
    found = []
    for (_id, start, end, detail), rows in groupby(
        db.session.execute(query.order_by(UnitName.valid_from)), key=lambda row: tuple(row[:4])
    ):
        of_unit = [(row[4], row[5]) for row in rows]
        last = min(end - timedelta(days=1) if end else today, max(today, start))
        then = [name for name, since in of_unit if since <= max(last, start)]
        found.append(Dated(then[-1] if then else of_unit[-1][0], start, end, detail or ""))
    return found


def posts_of(user_id: int, today: date) -> list[Dated]:
    """Where a person works and worked, newest first, with the names of the time."""
    posts = (
        select(Assignment.id, Assignment.valid_from, Assignment.valid_to, Assignment.position)
        .where(Assignment.user_id == user_id)
        .order_by(Assignment.valid_from.desc(), Assignment.id.desc())
    )
    return _named_at_the_time(posts, Assignment.unit_id, today)


def names_of(unit: Unit) -> list[Dated]:
    """What a unit is and was called, newest first."""
    query = select(UnitName).where(UnitName.unit_id == unit.id).order_by(UnitName.valid_from.desc())
    return [Dated(name.name, name.valid_from, name.valid_to) for name in db.session.scalars(query)]


def parents_of(unit: Unit, today: date) -> list[Dated]:
    """What a unit stands and stood under, newest first."""
    above = (
        select(UnitParent.id, UnitParent.valid_from, UnitParent.valid_to, literal(""))
        .where(UnitParent.unit_id == unit.id)
        .order_by(UnitParent.valid_from.desc(), UnitParent.id.desc())
    )
    return _named_at_the_time(above, UnitParent.parent_id, today)


def count_units_directly_below(unit_id: int, day: date) -> int:
    """Units that stand under this one on the day and have not ended by then."""
    query = (
        select(func.count(literal(1)))
        .select_from(UnitParent)
        .join(Unit, Unit.id == UnitParent.unit_id)
        .where(
            UnitParent.parent_id == unit_id,
            is_valid_on(UnitParent.valid_from, UnitParent.valid_to, day),
            or_(Unit.valid_to.is_(None), Unit.valid_to > day),
        )
    )
    return db.session.scalar(query) or 0


def count_people_in(unit_id: int, day: date) -> int:
    """People with a post in this very unit on the day."""
    query = select(func.count(Assignment.user_id.distinct())).where(
        Assignment.unit_id == unit_id, is_valid_on(Assignment.valid_from, Assignment.valid_to, day)
    )
    return db.session.scalar(query) or 0


def ended_units(day: date) -> list[Row]:
    """Units that are gone on the day, the last ones first, with their last names."""
    names = unit_name_on(day).subquery()
    query = (
        select(Unit.id, names.c.name, Unit.valid_to)
        .join(names, names.c.unit_id == Unit.id)
        .where(Unit.valid_to.is_not(None), Unit.valid_to <= day)
        .order_by(Unit.valid_to.desc(), Unit.id)
    )
    return list(db.session.execute(query))


def get_unit(viewer: Viewer, unit_id: int) -> Unit:
    """A unit in the viewer's scope, or 404."""
    query = select(Unit).where(Unit.id == unit_id, Unit.id.in_(units_in_scope(viewer, clock.today())))
    return db.session.scalar(query) or abort(404)


def units_called(words: str, day: date) -> list[Unit]:
    """The units with this number, or with exactly this name on the day; only for commands, which see everything."""
    clean = text.normalise(words)
    if clean.isascii() and clean.isdigit():
        return list(db.session.scalars(select(Unit).where(Unit.id == int(clean))))
    named = select(UnitName.unit_id).where(
        UnitName.name == clean, is_valid_on(UnitName.valid_from, UnitName.valid_to, day)
    )
    query = select(Unit).where(Unit.id.in_(named), is_valid_on(Unit.valid_from, Unit.valid_to, day))
    return list(db.session.scalars(query.order_by(Unit.id)))


def people(viewer: Viewer, *, words: str = "", unit_id: int | None = None, day: date) -> Select:
    """People in scope with their post on the day; words match any part of the name, without marks."""
    names = unit_name_on(day).subquery()
    here = and_(
        Assignment.user_id == User.id,
        Assignment.is_primary.is_(True),
        is_valid_on(Assignment.valid_from, Assignment.valid_to, day),
    )
    query = (
        select(
            User.sort_key,
            User.id,
            User.name,
            User.email,
            User.phone,
            User.staff_code,
            User.deactivated_at,
            Assignment.position,
            names.c.name.label("unit_name"),
        )
        .outerjoin(Assignment, here)
        .outerjoin(names, names.c.unit_id == Assignment.unit_id)
        .where(User.id.in_(ids_in_scope(viewer, day)) if not viewer.sees_everyone else true())
    )
    for word in text.fold(words).split():
        query = query.where(
            or_(User.folded.contains(word, autoescape=True), User.email.contains(word, autoescape=True))
        )
    if unit_id is not None:
        query = query.where(Assignment.unit_id.in_(units_below((unit_id,), day)))
    return query


def ids_of_unit(viewer: Viewer, unit_id: int, day: date) -> list[int]:
    """Active people with a post in the unit or below it on the day, in the viewer's scope."""
    query = (
        select(User.id)
        .join(Assignment, Assignment.user_id == User.id)
        .where(
            User.deactivated_at.is_(None),
            Assignment.unit_id.in_(units_below((unit_id,), day)),
            is_valid_on(Assignment.valid_from, Assignment.valid_to, day),
            User.id.in_(ids_in_scope(viewer, day)),
        )
        .distinct()
        .order_by(User.id)
    )
    return list(db.session.scalars(query))


def count_users() -> int:
    """How many accounts there are."""
    return db.session.scalar(select(func.count()).select_from(User)) or 0


def count_administrators() -> int:
    """Active accounts with the administrator's role."""
    query = (
        select(func.count(RoleGrant.user_id.distinct()))
        .select_from(RoleGrant)
        .join(User, User.id == RoleGrant.user_id)
        .where(RoleGrant.role == Role.ADMIN, User.deactivated_at.is_(None))
    )
    return db.session.scalar(query) or 0


def permissions_of(user_ids: list[int]) -> dict[int, frozenset[Permission]]:
    """What the roles of these people allow them."""
    grants = roles_of(user_ids)
    return {user_id: allowed(frozenset(Role(grant.role) for grant in grants[user_id])) for user_id in user_ids}


def ids_manageable(viewer: Viewer, user_ids: list[int]) -> set[int]:
    """Those of the people whose password and name the viewer may change."""
    held = permissions_of(user_ids)
    return {user_id for user_id in user_ids if may_manage(viewer.permissions, held[user_id])}


def roles_of(user_ids: list[int]) -> dict[int, list[RoleGrant]]:
    """The grants of these people."""
    found: dict[int, list[RoleGrant]] = {user_id: [] for user_id in user_ids}
    for grant in db.session.scalars(select(RoleGrant).where(RoleGrant.user_id.in_(user_ids))):
        found[grant.user_id].append(grant)
    return found
