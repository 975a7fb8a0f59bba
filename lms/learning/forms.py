"""What HR may type about enrolments."""

from wtforms import SelectField
from wtforms.validators import Optional

from lms.core.i18n import _l
from lms.web.forms import DayField, Form


class EnrolOneForm(Form):
    """A course for one person."""

    course = SelectField(_l("Course"))
    due_on = DayField(_l("To be finished by"), [Optional()])


class EnrolForm(Form):
    """A course for a whole unit, or for people who are ticked."""

    course = SelectField(_l("Course"))
    unit = SelectField(_l("Everybody in this unit and below it"), coerce=int)
    due_on = DayField(_l("To be finished by"), [Optional()])
