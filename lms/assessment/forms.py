"""What HR may type about attempts."""

from wtforms import HiddenField, IntegerField, RadioField, SelectField
from wtforms.validators import Length, NumberRange

from lms.core.i18n import _l
from lms.web.forms import FilledIn, Form, LineField

MOST_AT_ONCE = 10


class GrantForm(Form):
    """More attempts at a quiz, and why. `seen` is how often that had been done when the page was made."""

    item = SelectField(_l("Quiz"))
    count = IntegerField(
        _l("How many more attempts"), [NumberRange(1, MOST_AT_ONCE, _l("A number from 1 to 10."))], default=1
    )
    reason = LineField(_l("Why"), [FilledIn(_l("Say why, for whoever looks at it later.")), Length(max=300)])
    seen = HiddenField()


class CorrectionForm(Form):
    """A question that turned out wrong, what is done about it, and why."""

    question = SelectField(_l("Question"))
    how = RadioField(_l("What is done"))
    reason = LineField(
        _l("Why"),
        [FilledIn(_l("Say why; learners read it beside their result.")), Length(max=300)],
        description=_l("Learners read it beside their result."),
    )
