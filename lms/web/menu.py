"""The menu: labels and endpoints by name, shown to those who may open them."""

from dataclasses import dataclass

from flask import request, url_for
from flask_babel import LazyString
from flask_login import current_user

from lms.core.i18n import _l
from lms.core.permissions import Permission


@dataclass(frozen=True)
class Entry:
    """One word of the menu; `section` is the first part of the addresses it stands for."""

    label: LazyString
    endpoint: str
    sections: tuple[str, ...]
    permission: Permission | None = None


ENTRIES = (
    Entry(_l("To do"), "home.start", ("viec-can-lam",)),
    Entry(
        _l("Courses"), "learning.catalogue", ("khoa-hoc", "bai-kiem-tra", "luot-lam-bai", "dien-tap", "luot-dien-tap")
    ),
    Entry(_l("Certificates"), "certificates.mine", ("giay-chung-nhan",)),
    Entry(_l("Authoring"), "content.courses", ("soan", "cham"), Permission.COURSE_WRITE),
    Entry(_l("Oversight"), "reports.completion", ("theo-doi",), Permission.COMPLETION_READ),
    Entry(_l("Administration"), "people.accounts", ("quan-tri",), Permission.ACCOUNT_MANAGE),
    Entry(_l("Help"), "home.help_page", ("tro-giup",)),
)


@dataclass(frozen=True)
class Shown:
    """An entry as the template draws it."""

    label: LazyString
    url: str
    current: bool


def menu() -> list[Shown]:
    """What this person may open; nothing before signing in."""
    if not current_user.is_authenticated or current_user.must_change_password:
        return []
    here = request.path.split("/")[1]
    return [
        Shown(entry.label, url_for(entry.endpoint), here in entry.sections)
        for entry in ENTRIES
        if entry.permission is None or current_user.may(entry.permission)
    ]
