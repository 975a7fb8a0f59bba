"""What roles allow, what sign-in names and passwords must be, and when signing in is refused."""

import re
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from email_validator import EmailNotValidError, validate_email

from lms.core import text
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

TRIES_HERE = 5
"""Wrong passwords for one account from one address, within the window."""
TRIES_ON_ACCOUNT = 25
"""The same from all addresses: more, so that a stranger does not lock the account's owner out with five."""
TRIES_FROM_ADDRESS = 100
"""From one address, whatever the account: a whole office may share it."""
TRIES_WINDOW = timedelta(minutes=15)
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


class BadEmail(Refused):
    """What was typed is no e-mail address."""

    message = _l("The e-mail address is not complete, for example an.nv@example.gov.vn.")
    status = 422


class BadPhone(Refused):
    """What was typed is no Vietnamese phone number."""

    message = _l("A phone number has 10 digits, for example 0905 123 456.")
    status = 422


class NoSignInName(Refused):
    """Without e-mail and phone nobody can sign in."""

    message = _l("Type an e-mail or a phone number: one of them is the sign-in name.")
    status = 422


class Taken(Refused):
    """E-mail, phone and staff code each name one person; `field` is the one that names another already."""

    field: ClassVar[str]
    status = 422


class EmailTaken(Taken):
    message = _l("Another account already uses this e-mail.")
    field = "email"


class PhoneTaken(Taken):
    message = _l("Another account already uses this phone number.")
    field = "phone"


class StaffCodeTaken(Taken):
    message = _l("Another account already uses this staff code.")
    field = "staff_code"


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


class MayNotManage(Refused):
    """Whoever sets a password can sign in with it: an account with rights is the administrators' business."""

    message = _l("Only an administrator may give rights, or change an account that has some.")
    status = 403


class HrNeedsUnit(Refused):
    """Overseeing everybody is said, never the default: it is the topmost unit."""

    message = _l("Choose the unit that the HR officer oversees; the topmost one stands for everybody.")
    status = 422


class NotYourself(Refused):
    """Locking oneself out helps nobody."""

    message = _l("You cannot do this to your own account.")


def allowed(roles: frozenset[Role]) -> frozenset[Permission]:
    """Everything that these roles allow together."""
    return frozenset().union(*(ALLOWS[role] for role in roles))


def may_manage(actor: frozenset[Permission], target: frozenset[Permission]) -> bool:
    """Whether the actor may change the account: nobody reaches rights through another's account.

    Administrators give any right, so they may change any account; everybody else those of mere learners, because
    another HR officer's rights are for other units.
    """
    return Permission.ACCOUNT_MANAGE in actor or not target


def email_form(typed: str) -> str | None:
    """The address as it is stored; None when it has not the form of one. Whether it exists is not asked."""
    clean = text.normalise(typed).lower()
    local, _at, domain = clean.partition("@")
    if domain == "localhost":  # the first administrator's, before there is any other address
        return clean if re.fullmatch(r"[a-z0-9._+-]+", local) else None
    try:
        return validate_email(clean, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError:
        return None


# With or without the country's code; a spreadsheet takes the zero in front away.
_PHONE = re.compile(r"(?:(?:\+84|84|0084)0?|0)?([35789][0-9]{8}|2[0-9]{9})")
_BETWEEN_DIGITS = re.compile(r"[\s.()/‐-–-]")


def phone_form(typed: str) -> str | None:
    """The number as +84…, mobile or of an office; None when it is none."""
    found = _PHONE.fullmatch(_BETWEEN_DIGITS.sub("", text.normalise(typed)))
    return f"+84{found[1]}" if found else None


def login_form(typed: str) -> str | None:
    """A sign-in name as it is stored; None for what is neither an e-mail nor a phone number."""
    if "@" in typed:
        return email_form(typed) or text.normalise(typed).lower().replace(" ", "")
    return phone_form(typed)


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
