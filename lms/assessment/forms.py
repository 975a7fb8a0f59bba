"""What people may type about extensions and corrections."""

from datetime import datetime
from typing import Any

from wtforms import HiddenField, IntegerField, RadioField, SelectField, StringField, ValidationError
from wtforms.validators import Length, NumberRange, Optional

from lms.core import clock
from lms.core.i18n import _, _l
from lms.course.document import Quiz
from lms.web.forms import DayField, FilledIn, FilterForm, Form, LineField, NumberedField

MOST_MINUTES = 600
MOST_ATTEMPTS = 10
LAST_YEAR = 2200


class ExtensionForm(Form):
    """More minutes, more attempts, a later close, any of them, and why.

    `seen` is how many extensions there were when the page was made; `warned` that the close was seen to be too early.
    """

    item = SelectField(_l("Quiz"))
    minutes = IntegerField(
        _l("Minutes to add"), [Optional(), NumberRange(0, MOST_MINUTES, _l("A number from 0 to 600."))], default=0
    )
    attempts = IntegerField(
        _l("Attempts to add"), [Optional(), NumberRange(0, MOST_ATTEMPTS, _l("A number from 0 to 10."))], default=0
    )
    day = DayField(_l("Later close: day"), [Optional()])
    hour = StringField(_l("Later close: time"), [Length(max=10)])
    reason = LineField(_l("Why"), [FilledIn(_l("Say why, for whoever looks at it later.")), Length(max=300)])
    seen = HiddenField()
    warned = HiddenField()

    closes_at: datetime | None = None

    def validate_hour(self, field: StringField) -> None:
        """The close lies ahead; without an hour it is the end of the day."""
        if self.day.data is None:
            if (field.data or "").strip() and not self.day.errors:
                raise ValidationError(_("Write the day too, for example 31/12/2026."))
            return
        if self.day.data.year > LAST_YEAR:
            raise ValidationError(_("Write a day before the year %(year)d.", year=LAST_YEAR))
        self.closes_at = clock.end_of(self.day.data)
        if (field.data or "").strip():
            try:
                moment = datetime.strptime(field.data.strip().replace("h", ":"), "%H:%M")  # noqa: DTZ007 - a clock's hour
            except ValueError:
                raise ValidationError(_("Write the time as hour and minute, for example 06:00.")) from None
            self.closes_at = datetime.combine(self.day.data, moment.time(), tzinfo=clock.VIETNAM)
        if self.closes_at <= clock.now():
            raise ValidationError(_("This time has passed; choose a later one."))

    def fits(self, quiz: Quiz) -> bool:
        """Whether something is given, and only what the quiz limits; says what does not fit."""
        limits: list[tuple[Any, Any, Any, str]] = [
            (self.minutes, self.minutes.data, quiz.minutes, _("This quiz has no time limit, so no minutes can be added.")),
            (self.attempts, self.attempts.data, quiz.attempts, _("This quiz may be taken as often as one likes.")),
            (self.day, self.closes_at, quiz.closes, _("This quiz never closes, so it cannot close later.")),
        ]  # fmt: skip
        for field, given, limit, message in limits:
            if given and limit is None:
                field.errors = [message]
                return False
        if not any(given for _field, given, _limit, _message in limits):
            self.minutes.errors = [_("Say what to add: minutes, attempts, or a later close.")]
            return False
        return True


class UnitChoice(FilterForm):
    """Whom an extension is for, in the address."""

    course = NumberedField(_l("Course"), name="khoa")
    unit = NumberedField(_l("Everybody in this unit and below it"), name="don-vi")


class CorrectionForm(Form):
    """A question that turned out wrong, and what is done about it."""

    question = SelectField(_l("Question"))
    how = RadioField(_l("What is done"))


class ReasonForm(Form):
    """Why a question counts otherwise from now on."""

    reason = LineField(_l("Why"), [FilledIn(_l("Say why; learners read it beside their result.")), Length(max=300)])
