"""What a person may type about accounts and units."""

from email_validator import EmailNotValidError, validate_email
from wtforms import HiddenField, PasswordField, SelectField, SelectMultipleField, ValidationError
from wtforms.validators import Length, Optional, StopValidation

from lms.core.i18n import _, _l
from lms.people.rules import ROLE_LABELS, UNIT_KIND_LABELS, Role, password_problems
from lms.web.errors import KEPT_LIMIT
from lms.web.forms import DayField, FilledIn, Form, LineField, choices


class SignInForm(Form):
    """The sign-in page."""

    login = LineField(_l("E-mail or phone"), [FilledIn(_l("Type your official e-mail or phone number."))])
    password = PasswordField(_l("Password"), [FilledIn(_l("Type your password.")), Length(max=1024)])
    next = HiddenField()
    kept = HiddenField(validators=[Length(max=KEPT_LIMIT)])
    """What was being sent when the session ended, as [[name, value], …]; offered again after signing in."""


class _NewPassword(Form):
    """A new password, typed once and shown on wish; `person_name` and `login` must not be part of it."""

    password = PasswordField(_l("New password"), [FilledIn(_l("Type a new password.")), Length(max=1024)])
    person_name = ""
    login = ""

    def validate_password(self, field: PasswordField) -> None:
        """All that is missing, in one message."""
        problems = password_problems(field.data, name=self.person_name, login=self.login)
        if problems:
            words = {
                "short": _("at least 14 characters"),
                "classes": _("small letters, capitals, digits and signs"),
                "personal": _("no part of your name or sign-in name"),
                "common": _("more different characters"),
            }
            raise ValidationError(
                _(
                    "The password needs: %(needs)s. A phrase is easy to keep in mind.",
                    needs="; ".join(words[p] for p in problems),
                )
            )


class ChangePasswordForm(_NewPassword):
    """Changing one's own password."""

    current = PasswordField(_l("Current password"), [FilledIn(_l("Type your current password."))])


def normal_email(text: str) -> str | None:
    """The address as it is stored, when it has the form of one; whether it exists is not asked."""
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError:
        return None


def is_phone(text: str) -> bool:
    """Ten digits from 0, or +84."""
    return 9 <= sum(c.isdigit() for c in text) <= 12


def email_is_valid(_form: Form, field: LineField) -> None:
    """The field has the address as it is stored."""
    email = normal_email(field.data)
    if email is None:
        raise ValidationError(_("The e-mail address is not complete, for example an.nv@example.gov.vn."))
    field.data = email


def phone_is_valid(_form: Form, field: LineField) -> None:
    """Ten digits from 0, or +84."""
    if not is_phone(field.data):
        raise ValidationError(_("A phone number has 10 digits, for example 0905 123 456."))


def or_email(form: Form, field: LineField) -> None:
    """One of the two is the sign-in name."""
    if not field.data and not form.email.data:
        raise StopValidation(_("Type an e-mail or a phone number: one of them is the sign-in name."))


def of_an_officer(form: Form, field: SelectField) -> None:
    """Who oversees no unit would oversee everybody; the province's own unit says so on purpose."""
    if Role.HR in (form.roles.data or ()) and not field.data:
        raise ValidationError(_("Choose the unit that the HR officer oversees."))


class AccountForm(Form):
    """A new account."""

    name = LineField(_l("Full name"), [FilledIn(_l("Type the full name.")), Length(max=200)])
    email = LineField(_l("Official e-mail"), [Optional(), email_is_valid])
    phone = LineField(_l("Phone"), [or_email, Optional(), phone_is_valid])
    staff_code = LineField(_l("Staff code"), [Optional(), Length(max=60)])
    unit = SelectField(_l("Unit"), [of_an_officer], coerce=int)
    position = LineField(_l("Position"), [Optional(), Length(max=200)])
    roles = SelectMultipleField(
        _l("Roles"), choices=choices((r.value, label) for r, label in ROLE_LABELS.items() if r != Role.LEARNER)
    )


class RenameForm(Form):
    """A person's corrected name."""

    name = LineField(_l("Full name"), [FilledIn(_l("Type the full name.")), Length(max=200)])


class RolesForm(Form):
    """A person's roles, and the unit that an HR officer oversees."""

    roles = SelectMultipleField(
        _l("Roles"), choices=choices((r.value, label) for r, label in ROLE_LABELS.items() if r != Role.LEARNER)
    )
    unit = SelectField(_l("Unit that the HR officer oversees"), [of_an_officer], coerce=int)


class UnitForm(Form):
    """A new unit."""

    name = LineField(_l("Name of the unit"), [FilledIn(_l("Type the name of the unit.")), Length(max=300)])
    kind = SelectField(_l("Kind"), choices=choices((k.value, label) for k, label in UNIT_KIND_LABELS.items()))
    parent = SelectField(_l("Stands under"), coerce=int)
    valid_from = DayField(_l("Valid from"), [FilledIn(_l("Type the day from which the unit exists."))])
