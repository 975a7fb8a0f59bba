"""What the tables of HR can be narrowed to."""

from datetime import date

from wtforms import SelectField, ValidationError
from wtforms.validators import Optional

from lms.core import clock
from lms.core.i18n import _, _l
from lms.web.forms import DayField, FilterForm, LineField, NumberedField


class CompletionFilter(FilterForm):
    """The completion table: who, what, since when, and as of which day."""

    course = NumberedField(_l("Course"), name="khoa")
    unit = NumberedField(_l("Unit"), name="don-vi")
    state = SelectField(_l("State"), name="trang-thai", default="")
    words = LineField(_l("Name"), name="tim", render_kw={"type": "search"})
    start = DayField(_l("Finished from"), [Optional()], name="tu")
    end = DayField(_l("Finished to"), [Optional()], name="den")
    as_of = DayField(_l("As of date"), [Optional()], name="tinh-den")

    def validate_as_of(self, field: DayField) -> None:
        """What will be is not known."""
        if field.data and field.data > clock.today():
            raise ValidationError(_("This day has not come yet."))

    def validate_end(self, field: DayField) -> None:
        """From comes before to."""
        if field.data and self.start.data and field.data < self.start.data:
            raise ValidationError(_("The last day stands before the first one."))

    @property
    def day(self) -> date:
        """The day whose state the table shows: today, unless another one was asked for."""
        return self.as_of.data or clock.today()
