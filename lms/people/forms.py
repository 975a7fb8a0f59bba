"""What a person may type about accounts and units."""

from email_validator import EmailNotValidError, validate_email
from wtforms import HiddenField, PasswordField, SelectField, SelectMultipleField, ValidationError
from wtforms.validators import Length, Optional

from lms.core.i18n import _, _l
from lms.people.rules import ENDING_LABELS, ROLE_LABELS, UNIT_KIND_LABELS, Role, password_problems
from lms.web.forms import DayField, FilledIn, FilterForm, Form, LineField, NumberedField, choices


class SignInForm(Form):
    """The sign-in page."""

    login = LineField(_l("E-mail or phone"), [FilledIn(_l("Type your official e-mail or phone number."))])
    password = PasswordField(_l("Password"), [FilledIn(_l("Type your password.")), Length(max=1024)])
    next = HiddenField()


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


def email_is_valid(_form: Form, field: LineField) -> None:
    """The address has the form of one; whether it exists is not asked."""
    try:
        field.data = validate_email(field.data, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError:
        raise ValidationError(_("The e-mail address is not complete, for example an.nv@example.gov.vn.")) from None


def phone_is_valid(_form: Form, field: LineField) -> None:
    """Ten digits from 0, or +84."""
    digits = "".join(c for c in field.data if c.isdigit())
    if not 9 <= len(digits) <= 12:
        raise ValidationError(_("A phone number has 10 digits, for example 0905 123 456."))


class AccountForm(Form):
    """A new account."""

    name = LineField(_l("Full name"), [FilledIn(_l("Type the full name.")), Length(max=200)])
    email = LineField(_l("Official e-mail"), [Optional(), email_is_valid])
    phone = LineField(_l("Phone"), [Optional(), phone_is_valid])
    staff_code = LineField(_l("Staff code"), [Optional(), Length(max=60)])
    unit = SelectField(_l("Unit"), coerce=int)
    position = LineField(_l("Position"), [Optional(), Length(max=200)])
    roles = SelectMultipleField(
        _l("Roles"), choices=choices((r.value, label) for r, label in ROLE_LABELS.items() if r != Role.LEARNER)
    )

    def validate_phone(self, field: LineField) -> None:
        """One of the two is the sign-in name."""
        if not field.data and not self.email.data:
            raise ValidationError(_("Type an e-mail or a phone number: one of them is the sign-in name."))


class RenameForm(Form):
    """A person's corrected name."""

    name = LineField(_l("Full name"), [FilledIn(_l("Type the full name.")), Length(max=200)])


class RolesForm(Form):
    """A person's roles, and the unit that an HR officer oversees."""

    roles = SelectMultipleField(
        _l("Roles"), choices=choices((r.value, label) for r, label in ROLE_LABELS.items() if r != Role.LEARNER)
    )
    unit = SelectField(_l("Unit that the HR officer oversees"), coerce=int)


class UnitForm(Form):
    """A new unit."""

    name = LineField(_l("Name of the unit"), [FilledIn(_l("Type the name of the unit.")), Length(max=300)])
    kind = SelectField(_l("Kind"), choices=choices((k.value, label) for k, label in UNIT_KIND_LABELS.items()))
    parent = SelectField(_l("Stands under"), coerce=int)
    valid_from = DayField(_l("Valid from"), [FilledIn(_l("Type the day from which the unit exists."))])


_FROM_WHEN = _l("Type the day from which this holds.")


class RenameUnitForm(Form):
    """Another name from a day on."""

    name = LineField(_l("New name"), [FilledIn(_l("Type the name of the unit.")), Length(max=300)], id="rename-name")
    on = DayField(_l("From day"), [FilledIn(_FROM_WHEN)], id="rename-on")


class MoveUnitForm(Form):
    """Another place in the tree from a day on."""

    parent = SelectField(_l("Stands under"), coerce=int, id="move-parent")
    on = DayField(_l("From day"), [FilledIn(_FROM_WHEN)], id="move-on")


class EndUnitForm(Form):
    """The end of a unit: when, how, what follows it and by which decision."""

    on = DayField(_l("The unit no longer exists from"), [FilledIn(_FROM_WHEN)], id="end-on")
    kind = SelectField(
        _l("What becomes of it"),
        choices=choices((ending.value, label) for ending, label in ENDING_LABELS.items()),
        id="end-kind",
    )
    successor = SelectField(_l("Unit that takes over"), coerce=int)
    basis = LineField(_l("By decision"), [Optional(), Length(max=300)])


class PostForm(Form):
    """Another post from a day on."""

    unit = SelectField(_l("Unit"), coerce=int, id="post-unit")
    position = LineField(_l("Position"), [Optional(), Length(max=200)])
    on = DayField(_l("From day"), [FilledIn(_FROM_WHEN)], id="post-on")


class PeopleFilter(FilterForm):
    """Whom the list of people is narrowed to."""

    words = LineField(_l("Name or e-mail, without marks is fine"), name="tim", render_kw={"type": "search"})
    unit = NumberedField(_l("Unit"), name="don-vi")
