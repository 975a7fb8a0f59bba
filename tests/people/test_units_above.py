"""The units above a person are those that have her below them: through moves, mergers and posts that ended."""

from datetime import date, timedelta

from sqlalchemy import select

from lms.core import clock
from lms.core.actor import SYSTEM
from lms.core.db import begin_writing, db
from lms.people import service
from lms.people.models import Unit, UnitParent, UnitSuccessor, User
from lms.people.queries import at_work_in, units_above
from lms.people.rules import UnitKind
from tests import cast, make


def ids(query):
    return set(db.session.scalars(query))


def test_going_up_finds_what_going_down_finds_on_every_day(app):
    begin_writing()
    now, today = clock.now(), clock.today()
    old = service.add_unit(
        "UBND xã Tân Lập cũ", UnitKind.COMMUNE, parent=cast.unit("tinh"), valid_from=cast.SINCE, by=SYSTEM, now=now
    )
    team = service.add_unit("Tổ một cửa", UnitKind.DIVISION, parent=old, valid_from=cast.SINCE, by=SYSTEM, now=now)
    db.session.add(
        UnitSuccessor(unit_id=old.id, successor_id=cast.unit("tanlap").id, kind="merged", effective_on=today)
    )
    service.assign(cast.person("chi"), team, "Kiêm nhiệm", valid_from=date(2026, 1, 1), by=SYSTEM, now=now)
    moved = db.session.scalars(select(UnitParent).where(UnitParent.unit_id == cast.unit("vhxh").id)).one()
    moved.valid_to = today + timedelta(days=10)
    under = {"unit_id": moved.unit_id, "parent_id": cast.unit("tanlap").id}
    db.session.add(UnitParent(**under, valid_from=moved.valid_to))
    make.done(None)
    people, units = ids(select(User.id)), ids(select(Unit.id))
    for day in (cast.SINCE - timedelta(days=1), date(2025, 12, 1), today, today + timedelta(days=20)):
        below = {unit: ids(at_work_in(unit, day)) for unit in units}
        for person in people:
            assert ids(units_above(person, day)) == {unit for unit in units if person in below[unit]}, (person, day)
    assert cast.person("chi").id in ids(at_work_in(old.id, today))
    assert cast.unit("tanlap").id in ids(units_above(cast.person("an").id, today + timedelta(days=20)))
