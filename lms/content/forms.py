"""What a trainer may send."""

from datetime import datetime

from flask_wtf.file import FileField
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import Length, ValidationError

from lms.content.rules import COURSE_ROLE_LABELS
from lms.core import clock
from lms.core.i18n import _, _l
from lms.web.forms import DayField, FilledIn, Form, LineField, choices


class UploadForm(Form):
    """A course folder as a zip."""

    file = FileField(_l("Course folder as .zip"), [FilledIn(_l("Choose the .zip of the course folder."))])


class NewCourseForm(Form):
    """A course begins with its name."""

    title = LineField(_l("Title of the new course"), [FilledIn(_l("Give the course a title.")), Length(max=200)])


class NewFileForm(Form):
    """A new lesson, quiz or drill begins with its title; it is linked at the end of the outline."""

    title = LineField(_l("Title"), [FilledIn(_l("Give it a title.")), Length(max=200)])
    kind = RadioField(
        _l("What is it"),
        choices=choices(
            [("lesson", _l("Lesson")), ("quiz", _l("Quiz")), ("drill", _l("Drill")), ("references", _l("Cited law"))]
        ),
        default="lesson",
    )


class RenameForm(Form):
    """Where a file lies in the course's folder."""

    path = LineField(_l("New path"), [FilledIn(_l("Write the new path.")), Length(max=240)])


class PublishForm(Form):
    """Publishing asks what changed, whether it matters to those who finished, and when."""

    note = LineField(_l("What changed, in one line"), [FilledIn(_l("Say in one line what changed.")), Length(max=300)])
    weight = RadioField(
        _l("How much does it matter"),
        choices=choices(
            [
                ("minor", _l("Minor: spelling, clearer wording")),
                ("material", _l("Material: what is taught or asked changed")),
            ]
        ),
        default="material",
    )
    when = RadioField(
        _l("When"), choices=choices([("now", _l("At once")), ("later", _l("At a set time"))]), default="now"
    )
    day = DayField(_l("Day"))
    hour = StringField(_l("Time"))

    publish_at: datetime | None = None

    def validate_hour(self, field: StringField) -> None:
        """The hour of a set time must lie ahead; “18:30” or “6:00”."""
        if self.when.data != "later":
            return
        try:
            moment = datetime.strptime((field.data or "").strip().replace("h", ":"), "%H:%M")  # noqa: DTZ007 - a clock's hour
        except ValueError:
            raise ValidationError(_("Write the time as hour and minute, for example 06:00.")) from None
        if self.day.data is None:
            return
        self.publish_at = datetime.combine(self.day.data, moment.time(), tzinfo=clock.VIETNAM)
        if self.publish_at <= clock.now():
            raise ValidationError(_("This time has passed; choose a later one, or publish at once."))

    def validate_day(self, field: DayField) -> None:
        """A set time needs its day."""
        if self.when.data == "later" and field.data is None and not field.errors:
            raise ValidationError(_("Write the day, for example 31/12/2026."))


class MemberForm(Form):
    """Who works on the course, and as what."""

    login = LineField(
        _l("E-mail or phone of the trainer"), [FilledIn(_l("Write the e-mail or phone.")), Length(max=254)]
    )
    role = SelectField(_l("Part in the course"), choices=choices(list(COURSE_ROLE_LABELS.items())), default="co_author")
