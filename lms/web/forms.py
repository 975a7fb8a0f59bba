"""The base of every form and our field types; the only place where wtforms is set up."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import StopValidation
from wtforms.widgets import TextInput

from lms.core import text
from lms.core.i18n import N_, _

# What wtforms' own validators say; here they stand to be found for the catalogue.
_LIBRARY = (
    N_("This field is required."),
    N_("Not a valid choice."),
    N_("Not a valid integer value."),
    N_("Not a valid decimal value."),
    N_("'%(value)s' is not a valid choice for this field."),
    N_("Invalid Choice: could not coerce."),
    N_("Field must be at least %(min)d character long."),
    N_("Field must be at least %(min)d characters long."),
    N_("Field cannot be longer than %(max)d character."),
    N_("Field cannot be longer than %(max)d characters."),
    N_("Field must be between %(min)d and %(max)d characters long."),
)


class _Translations:
    """Words of wtforms itself, which brings no Vietnamese."""

    def gettext(self, message: str) -> str:
        return _(message)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return _(singular if n == 1 else plural)


class Form(FlaskForm):
    """A form with CSRF; texts arrive in NFC, trimmed."""

    class Meta(FlaskForm.Meta):
        """Our translations in place of the library's."""

        def get_translations(self, form: Any) -> _Translations:
            return _Translations()


class LineField(StringField):
    """One line of text: NFC, no invisible characters, single spaces."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = text.normalise(str(valuelist[0])) if valuelist else None


class LinesField(TextAreaField):
    """Several lines of text in NFC."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = text.normalise_lines(str(valuelist[0])) if valuelist else None


class DayField(Field):
    """A date typed as people write it, 05/02/1985 or 5-2-1985; 1985-02-05 too."""

    widget = TextInput()
    raw: str | None = None

    def _value(self) -> str:
        if self.raw is not None:
            return self.raw
        return self.data.strftime("%d/%m/%Y") if self.data else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.raw = text.normalise(str(valuelist[0])) if valuelist else ""
        self.data: date | None = None
        if not self.raw:
            return
        for pattern in ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d%m%Y", "%Y-%m-%d"):
            try:
                self.data = datetime.strptime(self.raw, pattern).date()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
            return
        raise ValueError(_("A date is day/month/year, for example 05/02/1985."))


def sent_json() -> Any:
    """The JSON that a script sent; None for what is none, or is nested beyond all sense."""
    try:
        return request.get_json(silent=True) if request.is_json else None
    except RecursionError:
        return None


class NumberedField(SelectField):
    """A choice of things by their number; the empty choice is none of them."""

    def __init__(self, label: Any = None, **more: Any) -> None:
        super().__init__(label, coerce=_number_or_none, **more)


def _number_or_none(value: Any) -> int | None:
    return int(value) if value else None


class FilterForm(Form):
    """The filters of a list, in the address; what cannot be read is said, never ignored."""

    class Meta(Form.Meta):
        """A form that changes nothing needs no token, which would show in the address."""

        csrf = False

    def __init__(self, given: MultiDict[str, str] | None = None, **more: Any) -> None:
        super().__init__(request.args if given is None else given, **more)

    @property
    def active(self) -> list[tuple[str, str]]:
        """What the list is narrowed to, in words: (name of the filter, what was chosen)."""
        return [(field.label.text, _chosen(field)) for field in self if field.data]


def _chosen(field: Field) -> str:
    if isinstance(field, SelectField):
        return next((str(label).strip() for _value, label, chosen, _more in field.iter_choices() if chosen), "")
    return field.data.strftime("%d/%m/%Y") if isinstance(field.data, date) else str(field.data)


def empty_to_none(value: str | None) -> str | None:
    """An empty box means nothing was said."""
    return value or None


def choices(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """(value, words) pairs as a select box or a list of boxes has them."""
    return [SelectChoice(value=value, label=label) for value, label in pairs]


class FilledIn:
    """The box must be filled in; says what to type when it is not."""

    field_flags = {"required": True}

    def __init__(self, message: Any = None) -> None:
        self.message = message

    def __call__(self, form: Any, field: Any) -> None:
        if not field.data and field.data != 0:
            raise StopValidation(str(self.message) if self.message else _("Fill in this box."))
