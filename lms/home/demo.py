"""The demonstration: invented units and people, their passwords on the sign-in page, the sample courses."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from flask import current_app

from lms.certificates.service import set_issuer
from lms.content import disk
from lms.content.members import make_owner
from lms.content.service import prepare, publish, set_local_values
from lms.core.actor import SYSTEM
from lms.core.db import begin_writing
from lms.core.i18n import _l
from lms.course.parse import parse
from lms.people import service
from lms.people.models import Unit, User
from lms.people.rules import Role, UnitKind
from lms.people.signin import password
from lms.settings import ROOT

SINCE = date(2025, 7, 1)
UNITS = (
    ("UBND tỉnh Sông Lam", UnitKind.PROVINCE, None),
    ("Sở Khoa học và Công nghệ tỉnh Sông Lam", UnitKind.DEPARTMENT, "UBND tỉnh Sông Lam"),
    ("UBND phường Hoa Sữa", UnitKind.COMMUNE, "UBND tỉnh Sông Lam"),
    ("Phòng Văn hóa - Xã hội", UnitKind.DIVISION, "UBND phường Hoa Sữa"),
    ("Văn phòng HĐND và UBND", UnitKind.DIVISION, "UBND phường Hoa Sữa"),
    ("UBND xã Tân Lập", UnitKind.COMMUNE, "UBND tỉnh Sông Lam"),
)
LOCAL_VALUES = {
    "ten_qlvb": "Hệ thống quản lý văn bản và điều hành tỉnh Sông Lam",
    "ten_httt_tthc": "Hệ thống thông tin giải quyết thủ tục hành chính tỉnh Sông Lam",
    "don_vi_van_hanh": "Trung tâm Chuyển đổi số tỉnh Sông Lam",
    "kenh_bao_su_co": "số trực 0238 000 0113 và thư suco@songlam.example",
    "sdt_dau_moi_su_co": "0238 000 0113",
    "don_vi_chuyen_trach_anm": "Sở Khoa học và Công nghệ tỉnh Sông Lam",
    "email_ho_tro": "hotro@songlam.example",
    "sdt_ho_tro": "0238 000 0100",
}


@dataclass(frozen=True)
class Account:
    """A demo account as the sign-in page shows it."""

    login: str
    password: str
    name: str
    unit: str
    position: str
    roles: tuple[Role, ...]
    what: object


ACCOUNTS = (
    Account(
        "an@songlam.example",
        "Hoa-Sen-Trang-26",
        "Nguyễn Thị An",
        "Phòng Văn hóa - Xã hội",
        "Chuyên viên",
        (),
        _l("Official (learner)"),
    ),
    Account(
        "chi@songlam.example",
        "Cau-Tre-Xanh-26",
        "Lê Văn Chi",
        "UBND xã Tân Lập",
        "Công chức",
        (),
        _l("Official in another commune"),
    ),
    Account(
        "dung@songlam.example",
        "Den-Hai-Dang-26",
        "Trần Văn Dũng",
        "Sở Khoa học và Công nghệ tỉnh Sông Lam",
        "Giảng viên",
        (Role.TRAINER,),
        _l("Trainer"),
    ),
    Account(
        "hoa@songlam.example",
        "Nui-Cao-Bien-26",
        "Phạm Thị Hoa",
        "UBND phường Hoa Sữa",
        "Phó Chánh Văn phòng",
        (Role.HR,),
        _l("HR officer of phường Hoa Sữa"),
    ),
    Account(
        "giang@songlam.example",
        "Song-Lam-Nuoc-26",
        "Đỗ Trường Giang",
        "Sở Khoa học và Công nghệ tỉnh Sông Lam",
        "Quản trị viên",
        (Role.ADMIN,),
        _l("Administrator"),
    ),
)


def accounts() -> tuple[Account, ...]:
    """The accounts to show: none outside demo mode."""
    return ACCOUNTS if current_app.config["SETTINGS"].demo else ()


def remember(instance: Path) -> None:
    """Say in the settings that this is a demonstration, so that the sign-in page shows the accounts."""
    file = instance / "settings.toml"
    if not file.exists():
        file.write_text(
            'demo = true\nadministration = "Ủy ban nhân dân tỉnh Sông Lam (giả định)"\n'
            'support = "Hỗ trợ: 0238 000 0100 (giờ hành chính)"\n',
            "utf-8",
        )


def fill(now: datetime) -> None:
    """Put the demonstration into an empty database; slow work first, then one transaction."""
    hashes = {account.login: password.make(account.password) for account in ACCOUNTS}
    courses = []
    for folder in sorted((ROOT / "courses").iterdir()):
        if (folder / "course.md").exists():
            source = disk.read(folder)
            doc, problems = parse(source)
            if doc is not None:
                courses.append(prepare(source, doc, problems))
    begin_writing()
    units = _units(now)
    people = {account.login: _add(account, hashes[account.login], units, now) for account in ACCOUNTS}
    trainer = next(people[account.login] for account in ACCOUNTS if Role.TRAINER in account.roles)
    set_issuer(
        parent_name="Ủy ban nhân dân tỉnh Sông Lam",
        name="Sở Khoa học và Công nghệ",
        abbreviation="SKHCN",
        place="Sông Lam",
        signer_name="Phạm Văn Khánh",
        signer_capacity="GIÁM ĐỐC",
        valid_from=SINCE,
        by=SYSTEM,
        now=now,
    )
    set_local_values(LOCAL_VALUES, by=SYSTEM, now=now)
    for course in courses:
        revision = publish(course, by=SYSTEM, now=now, note="Bản đầu tiên")
        make_owner(revision.course, trainer.id, now=now)


def _units(now: datetime) -> dict[str, Unit]:
    made: dict[str, Unit] = {}
    for name, kind, parent in UNITS:
        made[name] = service.add_unit(name, kind, parent=made.get(parent or ""), valid_from=SINCE, by=SYSTEM, now=now)
    return made


def _add(account: Account, hashed: str, units: dict[str, Unit], now: datetime) -> User:
    user = service.add_user(
        name=account.name, email=account.login, password_hash=hashed, must_change_password=False, by=SYSTEM, now=now
    )
    service.assign(user, units[account.unit], account.position, valid_from=SINCE, by=SYSTEM, now=now)
    for role in account.roles:
        service.grant_role(user, role, unit=units[account.unit] if role == Role.HR else None, by=SYSTEM, now=now)
    return user
