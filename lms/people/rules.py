"""What roles allow, what a password must be, and when signing in is refused."""

from datetime import timedelta
from enum import StrEnum

from lms.core.errors import Refused
from lms.core.i18n import _l
from lms.core.permissions import Permission


class Role(StrEnum):
    """What a person is to the product; everyone is a learner."""

    LEARNER = "learner"
    TRAINER = "trainer"
    HR = "hr"
    ADMIN = "admin"


ROLE_LABELS = {
    Role.LEARNER: _l("Learner"),
    Role.TRAINER: _l("Trainer"),
    Role.HR: _l("HR officer"),
    Role.ADMIN: _l("Administrator"),
}

ALLOWS: dict[Role, frozenset[Permission]] = {
    Role.LEARNER: frozenset(),
    Role.TRAINER: frozenset({Permission.COURSE_WRITE}),
    Role.HR: frozenset(
        {
            Permission.ACCOUNT_RESET,
            Permission.PEOPLE_READ,
            Permission.ENROL_OTHERS,
            Permission.COMPLETION_READ,
            Permission.CERTIFICATE_READ,
            Permission.CERTIFICATE_REVOKE,
        }
    ),
    Role.ADMIN: frozenset(Permission) - {Permission.COURSE_WRITE},
}


class UnitKind(StrEnum):
    """What a unit is (domain: types of bodies after 01/07/2025)."""

    PROVINCE = "province"
    DEPARTMENT = "department"
    COMMUNE = "commune"
    DIVISION = "division"
    SERVICE = "service"
    OTHER = "other"


UNIT_KIND_LABELS = {
    UnitKind.PROVINCE: _l("Province people's committee"),
    UnitKind.DEPARTMENT: _l("Department"),
    UnitKind.COMMUNE: _l("Commune people's committee"),
    UnitKind.DIVISION: _l("Division"),
    UnitKind.SERVICE: _l("Public-service unit"),
    UnitKind.OTHER: _l("Other"),
}


class Ending(StrEnum):
    """What becomes of a unit that ends."""

    MERGED = "merged"
    CONSOLIDATED = "consolidated"
    SPLIT = "split"
    DISSOLVED = "dissolved"


ENDING_LABELS = {
    Ending.MERGED: _l("Merged into another unit"),
    Ending.CONSOLIDATED: _l("Consolidated with others into a new unit"),
    Ending.SPLIT: _l("Split"),
    Ending.DISSOLVED: _l("Dissolved"),
}

SIGN_IN_TRIES = 5
SIGN_IN_WINDOW = timedelta(minutes=15)
SHORTEST_PASSWORD = 14
CLASSES_NEEDED = 4


class WrongSignIn(Refused):
    """The name or the password is wrong; which one is not said."""

    message = _l("The sign-in name or the password is not right. %(left)d tries left.")
    status = 422


class TooManySignIns(Refused):
    """Too many wrong passwords for this account or from this address."""

    message = _l("Too many wrong passwords. Wait %(minutes)d minutes, or ask your HR officer to reset the password.")
    status = 429


class AddressTaken(Refused):
    """E-mail, phone and staff code each name one person."""

    message = _l("Another account already uses this %(what)s.")


class TooEarly(Refused):
    """What was before a change is never overwritten."""

    message = _l("Choose %(day)s or a later day: what was before it stays as it is.")
    status = 422


class HasUnitsBelow(Refused):
    """Nothing may stand under a unit that is gone."""

    message = _l("%(count)d units stand under this one on that day. Move them to another unit or end them first.")
    status = 422


class UnderItself(Refused):
    """A unit cannot stand under itself or under what it holds."""

    message = _l("A unit cannot stand under itself or under one of its own parts.")
    status = 422


class LastAdministrator(Refused):
    """Somebody must be able to administer."""

    message = _l("This is the last administrator. Make another one first.")


class NotYourself(Refused):
    """Locking oneself out helps nobody."""

    message = _l("You cannot do this to your own account.")


def allowed(roles: frozenset[Role]) -> frozenset[Permission]:
    """Everything that these roles allow together."""
    return frozenset().union(*(ALLOWS[role] for role in roles))


def password_problems(password: str, *, name: str = "", login: str = "") -> list[str]:
    """Codes of what is missing: short, classes, personal, common; empty when the password is good.

    Fourteen characters of four classes while there is no second factor (TCVN 14423:2026, as told in
    the design's domain page).
    """
    problems = []
    if len(password) < SHORTEST_PASSWORD:
        problems.append("short")
    classes = (
        any(c.islower() for c in password),
        any(c.isupper() for c in password),
        any(c.isdigit() for c in password),
        any(not c.isalnum() for c in password),
    )
    if sum(classes) < CLASSES_NEEDED:
        problems.append("classes")
    personal = [part for part in (*name.lower().split(), login.lower().split("@")[0]) if len(part) > 3]
    if any(part in password.lower() for part in personal):
        problems.append("personal")
    if len(set(password)) < 6:
        problems.append("common")
    return problems
