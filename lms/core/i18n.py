"""Words, dates and numbers in Vietnamese and English; the only user of Flask-Babel."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal
from babel.support import NullTranslations
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, LazyString, force_locale, get_locale, get_translations

from lms.core import clock

LOCALES = ("vi", "en")
babel = Babel()


def init_app(app: Flask) -> None:
    """Choose the language of each answer; Vietnamese unless the reader chose English."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "vi")
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "translations")
    babel.init_app(app, locale_selector=chosen_locale)
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.globals.update(_=_, gettext=_, ngettext=ngettext)


def chosen_locale() -> str:
    """The reader's language: the signed-in person's, else the cookie's, else Vietnamese."""
    if not has_request_context():
        return "vi"
    chosen = request.cookies.get("locale", "vi")
    return chosen if chosen in LOCALES else "vi"


def locale() -> str:
    """Two letters: vi or en."""
    found = get_locale()
    return found.language if found else "vi"


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """All that is said inside is in this language, whatever the reader chose: for documents that have one of their own."""
    before = g.pop("translations", None)
    try:
        with force_locale(language):
            yield
    finally:
        g.pop("translations", None)
        if before is not None:
            g.translations = before


def _translations() -> NullTranslations:
    """This request's catalogue, looked up once: pages call gettext some forty times."""
    found: NullTranslations | None = g.get("translations")
    if found is None:
        found = g.translations = get_translations()
    return found


def _(message: str, **values: Any) -> str:
    """The message in the reader's language."""
    text = _translations().ugettext(message)
    return text % values if values else text


def ngettext(singular: str, plural: str, num: int, **values: Any) -> str:
    """The message for this many; `num` is a value of it too."""
    return _translations().ungettext(singular, plural, num) % {"num": num, **values}


def N_(message: str) -> str:
    """Mark a message for the catalogue; it is put into the reader's language where it is shown."""
    return message


def _l(message: str) -> LazyString:
    """A message of a class or module, put into the reader's language when it is shown."""
    return LazyString(_, message)


def format_date(value: date | datetime | None) -> str:
    """27/11/2026, in Vietnam's day when a moment is given."""
    if value is None:
        return ""
    return (clock.day_of(value) if isinstance(value, datetime) else value).strftime("%d/%m/%Y")


def format_time(value: datetime | None) -> str:
    """17:00, in Vietnam's time."""
    return clock.local(value).strftime("%H:%M") if value else ""


def format_datetime(value: datetime | None) -> str:
    """17:00 27/11/2026."""
    return f"{format_time(value)} {format_date(value)}" if value else ""


def format_number(value: Decimal | float | None, digits: int = 1) -> str:
    """1.234,5 in Vietnamese, 1,234.5 in English; no zeros at the end."""
    if value is None:
        return ""
    return format_decimal(value, format="#,##0." + "#" * digits, locale=locale())


def format_percent(fraction: float | None) -> str:
    """85,5% of 0.855."""
    return "" if fraction is None else format_number(fraction * 100) + "%"


def gettext_now(message: str) -> str:
    """The message in the language of `force_locale`, which a request's own catalogue would not follow."""
    return str(get_translations().ugettext(message))
