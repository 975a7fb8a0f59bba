"""What every template may use: the site, the display, dates and numbers."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, request
from flask_login import current_user
from markupsafe import Markup

from lms.core import i18n
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


def init_app(app: Flask, settings: Settings) -> None:
    """Tell Jinja."""
    app.jinja_env.filters.update(
        date=i18n.format_date,
        time=i18n.format_time,
        datetime=i18n.format_datetime,
        number=i18n.format_number,
        percent=i18n.format_percent,
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
