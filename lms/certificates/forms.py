"""What a person may type about certificates."""

from wtforms import ValidationError
from wtforms.validators import Length, Optional

from lms.certificates.rules import is_abbreviation
from lms.core.i18n import _, _l
from lms.web.forms import DayField, FilledIn, FilterForm, Form, LineField, LinesField, NumberedField


class RegisterFilter(FilterForm):
    """What the register is narrowed to."""

    course = NumberedField(_l("Course"), name="khoa")
    unit = NumberedField(_l("Unit"), name="don-vi")
    words = LineField(_l("Name or number"), name="tim", render_kw={"type": "search"})
    start = DayField(_l("Issued from"), [Optional()], name="tu")
    end = DayField(_l("Issued to"), [Optional()], name="den")

    def validate_end(self, field: DayField) -> None:
        """From comes before to."""
        if field.data and self.start.data and field.data < self.start.data:
            raise ValidationError(_("The last day stands before the first one."))


class IssuerForm(Form):
    """Who issues and signs."""

    parent_name = LineField(_l("Higher body, as printed at the top"), [Optional(), Length(max=200)])
    name = LineField(_l("Issuing body"), [FilledIn(_l("Type the name of the issuing body.")), Length(max=200)])
    abbreviation = LineField(
        _l("Abbreviation in the number"), [FilledIn(_l("Type the abbreviation, for example SKHCN.")), Length(max=40)]
    )
    place = LineField(
        _l("Place before the date"), [FilledIn(_l("Type the place, for example Đà Nẵng.")), Length(max=100)]
    )
    signer_capacity = LinesField(
        _l("Signer's capacity"), [FilledIn(_l("Type the capacity of the signer.")), Length(max=200)]
    )
    signer_name = LineField(_l("Signer's full name"), [FilledIn(_l("Type the name of the signer.")), Length(max=100)])
    valid_from = DayField(_l("Valid from"), [FilledIn(_l("Type the day from which this holds."))])

    def validate_abbreviation(self, field: LineField) -> None:
        """It becomes part of numbers and of file names."""
        if not is_abbreviation(field.data):
            raise ValidationError(_("Letters, digits and hyphens only, for example SKHCN or UBND-HS."))


class RevokeForm(Form):
    """Why a certificate is taken back."""

    reason = LinesField(
        _l("Reason, with the number and date of the decision"),
        [FilledIn(_l("Type the reason: it stays in the register.")), Length(min=10, max=1000)],
    )
