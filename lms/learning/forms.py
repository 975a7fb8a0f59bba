"""What HR may type about enrolments."""

from datetime import date

from wtforms import SelectField, ValidationError
from wtforms.validators import Optional

from lms.core.i18n import _, _l
from lms.web.forms import DayField, Form


class DueForm(Form):
    """Until when a course is to be finished; nothing typed means no day. `today` is the first that may be."""

    due_on = DayField(_l("To be finished by"), [Optional()])
    today: date

    def validate_due_on(self, field: DayField) -> None:
        """Nobody can finish in time what was due yesterday."""
        if field.data is not None and field.data < self.today:
            raise ValidationError(_("This day has passed. Choose today or a later day."))


class EnrolOneForm(DueForm):
    """A course for one person."""

    course = SelectField(_l("Course"))


class EnrolForm(DueForm):
    """A course for a whole unit, or for people who are ticked."""

    course = SelectField(_l("Course"))
    unit = SelectField(_l("Everybody in this unit and below it"), coerce=int)
