"""What a person may type about accounts and units."""

from typing import Any

from wtforms import HiddenField, PasswordField, SelectField, SelectMultipleField, ValidationError
from wtforms.validators import Length, Optional

from lms.core.i18n import _, _l
from lms.people.rules import (
    ENDING_LABELS,
    ROLE_LABELS,
    UNIT_KIND_LABELS,
    BadEmail,
    BadPhone,
    HrNeedsUnit,
    NoSignInName,
    Role,
    email_form,
    password_problems,
    phone_form,
)
from lms.web.errors import KEPT_LIMIT
from lms.web.forms import DayField, FilledIn, FilterForm, Form, LineField, NumberedField, choices

GIVEN_ROLES = choices((role.value, label) for role, label in ROLE_LABELS.items() if role != Role.LEARNER)


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


def email_is_valid(_form: Form, field: LineField) -> None:
    """The same judge as the service's, beside the box."""
    if email_form(field.data) is None:
        raise ValidationError(str(BadEmail.message))


def phone_is_valid(_form: Form, field: LineField) -> None:
    """The same judge as the service's, beside the box."""
    if phone_form(field.data) is None:
        raise ValidationError(str(BadPhone.message))


class AccountForm(Form):
    """A new account."""

    name = LineField(_l("Full name"), [FilledIn(_l("Type the full name.")), Length(max=200)])
    email = LineField(_l("Official e-mail"), [Optional(), email_is_valid])
    phone = LineField(_l("Phone"), [Optional(), phone_is_valid])
    staff_code = LineField(_l("Staff code"), [Optional(), Length(max=60)])
    unit = SelectField(_l("Unit"), coerce=int)
    position = LineField(_l("Position"), [Optional(), Length(max=200)])
    roles = SelectMultipleField(_l("Roles"), choices=GIVEN_ROLES, default=())

    def validate(self, extra_validators: Any = None) -> bool:
        """What concerns two boxes: one of e-mail and phone is the sign-in name, HR oversees the unit that is chosen."""
        good = super().validate(extra_validators)
        if not self.email.data and not self.phone.data:
            self.email.errors = [str(NoSignInName.message)]
            good = False
        return has_unit_for_hr(self) and good


def has_unit_for_hr(form: Form) -> bool:
    """Overseeing everybody is the topmost unit, and is chosen, not left out."""
    if Role.HR not in form.roles.data or form.unit.data:
        return True
    form.unit.errors = [str(HrNeedsUnit.message)]
    return False


class RenameForm(Form):
    """A person's corrected name."""

    name = LineField(_l("Full name"), [FilledIn(_l("Type the full name.")), Length(max=200)])


class RolesForm(Form):
    """A person's roles, and the units that an HR officer oversees."""

    roles = SelectMultipleField(_l("Roles"), choices=GIVEN_ROLES, default=())
    unit = SelectMultipleField(_l("Units that the HR officer oversees"), coerce=int, default=())

    def validate(self, extra_validators: Any = None) -> bool:
        """HR needs a unit."""
        return super().validate(extra_validators) and has_unit_for_hr(self)


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
