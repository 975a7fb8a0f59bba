"""What HR may type about enrolments."""

from datetime import date

from wtforms import RadioField, SelectField, ValidationError
from wtforms.validators import InputRequired, Length, Optional

from lms.core.i18n import _, _l
from lms.web.forms import DayField, FilledIn, Form, LineField, choices


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


class OverrideForm(Form):
    """What a trainer decides about one item of one learner, and why."""

    item = SelectField(_l("Lesson or quiz"))
    decision = RadioField(
        _l("Decision"),
        [InputRequired(_l("Choose one of the two."))],
        choices=choices([("yes", _l("Counts as passed")), ("no", _l("Does not count as passed"))]),
    )
    reason = LineField(_l("Why"), [FilledIn(_l("Say why; the learner and HR read it.")), Length(max=300)])
