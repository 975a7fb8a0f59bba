"""The people of the tests: An (learner), Chi (learner elsewhere), Dũng (trainer), Hoa (HR of An's unit), Giang (administrator)."""

from dataclasses import dataclass
from datetime import date

from lms.core import clock
from lms.core.actor import SYSTEM
from lms.core.db import db
from lms.people import service
from lms.people.models import Unit, UnitName, User
from lms.people.rules import Role, UnitKind
from lms.people.signin import password

PASSWORD = "Sen-Hồng 2026 nở"
_HASH = password.make(PASSWORD)
SINCE = date(2025, 7, 1)


@dataclass(frozen=True)
class Member:
    """A person of the cast by the short name that tests use."""

    name: str
    email: str
    roles: tuple[Role, ...]
    unit: str
    position: str


CAST = {
    "an": Member("Nguyễn Thị An", "an@songlam.example", (), "vhxh", "Chuyên viên"),
    "chi": Member("Lê Văn Chi", "chi@songlam.example", (), "tanlap", "Công chức"),
    "dung": Member("Trần Văn Dũng", "dung@songlam.example", (Role.TRAINER,), "skhcn", "Giảng viên"),
    "hoa": Member("Phạm Thị Hoa", "hoa@songlam.example", (Role.HR,), "hoasua", "Phó Chánh Văn phòng"),
    "giang": Member("Đỗ Trường Giang", "giang@songlam.example", (Role.ADMIN,), "skhcn", "Quản trị viên"),
}
UNITS = {
    "tinh": ("UBND tỉnh Sông Lam", UnitKind.PROVINCE, None),
    "skhcn": ("Sở Khoa học và Công nghệ", UnitKind.DEPARTMENT, "tinh"),
    "hoasua": ("UBND phường Hoa Sữa", UnitKind.COMMUNE, "tinh"),
    "vhxh": ("Phòng Văn hóa - Xã hội", UnitKind.DIVISION, "hoasua"),
    "tanlap": ("UBND xã Tân Lập", UnitKind.COMMUNE, "tinh"),
}


def assemble() -> None:
    """Put the units and the cast into an empty database."""
    now = clock.now()
    units: dict[str, Unit] = {}
    for key, (name, kind, parent) in UNITS.items():
        units[key] = service.add_unit(name, kind, parent=units.get(parent or ""), valid_from=SINCE, by=SYSTEM, now=now)
    for member in CAST.values():
        user = service.add_user(
            name=member.name, email=member.email, password_hash=_HASH, must_change_password=False, by=SYSTEM, now=now
        )
        service.assign(user, units[member.unit], member.position, valid_from=SINCE, by=SYSTEM, now=now)
        for role in member.roles:
            service.grant_role(user, role, unit=units["hoasua"] if role == Role.HR else None, by=SYSTEM, now=now)
    db.session.commit()


def person(who: str) -> User:
    """The account of a member of the cast."""
    return db.session.scalars(db.select(User).where(User.email == CAST[who].email)).one()


def unit(name: str) -> Unit:
    """A unit of the cast by its short name."""
    from_name = db.select(Unit).join_from(Unit, UnitName).where(UnitName.name == UNITS[name][0])
    return db.session.scalars(from_name).one()
