"""What a trainer may send."""

from flask_wtf.file import FileField
from wtforms import RadioField
from wtforms.validators import Length

from lms.core.i18n import _l
from lms.web.forms import FilledIn, Form, LineField, choices


class UploadForm(Form):
    """A course folder as a zip."""

    file = FileField(_l("Course folder as .zip"), [FilledIn(_l("Choose the .zip of the course folder."))])


class PublishForm(Form):
    """Publishing asks what changed, and whether it matters to those who finished."""

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
