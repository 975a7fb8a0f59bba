"""What every template may use: the site, the display, dates and numbers."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date
from flask import Flask, request
from flask_login import current_user
from markupsafe import Markup

from lms.core import i18n
from lms.core.i18n import _, ngettext
from lms.settings import Settings
from lms.web.menu import menu

TEXT_SIZES = ("sm", "md", "lg")
THEMES = ("auto", "light", "dark", "contrast")


@dataclass(frozen=True)
class Display:
    """How the person wants pages to look."""

    text: str
    theme: str


def display() -> Display:
    """From the cookies, so that the page arrives as chosen; unknown values count as unset."""
    text, theme = request.cookies.get("text", "md"), request.cookies.get("theme", "auto")
    return Display(text if text in TEXT_SIZES else "md", theme if theme in THEMES else "auto")


def duration(minutes: int) -> str:
    """45 phút, 2 giờ, 3 giờ 45 phút: nobody divides 225 by 60 in the head."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return ngettext("%(num)d minute", "%(num)d minutes", rest)
    whole = ngettext("%(num)d hour", "%(num)d hours", hours)
    return f"{whole} {ngettext('%(num)d minute', '%(num)d minutes', rest)}" if rest else whole


def weekday(day: date) -> str:
    """thứ Sáu 28/11/2026: a day that is near is easier to place by its name."""
    name = format_date(day, "EEEE", locale=i18n.locale())
    name = name[0].lower() + name[1:] if i18n.locale() == "vi" else name
    return _("%(weekday)s %(day)s", weekday=name, day=i18n.format_date(day))


def init_app(app: Flask, settings: Settings) -> None:
    """Tell Jinja."""
    app.jinja_env.filters.update(
        date=i18n.format_date,
        time=i18n.format_time,
        datetime=i18n.format_datetime,
        number=i18n.format_number,
        percent=i18n.format_percent,
        duration=duration,
        weekday=weekday,
        rendered=Markup,  # HTML that lms.course.markdown made and sanitised, nothing else
    )
    app.jinja_env.globals.update(site=Site(settings.site_name, settings.administration, settings.support))
    app.jinja_env.add_extension("jinja2.ext.do")
    app.context_processor(_context)


@dataclass(frozen=True)
class Site:
    """Who runs this installation."""

    name: str
    administration: str
    support: str


def _context() -> dict[str, Any]:
    return {
        "viewer": current_user._get_current_object() if current_user.is_authenticated else None,
        "menu": menu(),
        "display": display(),
        "locale": i18n.locale(),
    }
