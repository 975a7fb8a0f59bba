"""What the administrator may narrow the audit trail to, and what a trainer says of a dead link."""

from wtforms import HiddenField, SelectField, ValidationError
from wtforms.validators import Length, Optional

from lms.core.i18n import _, _l
from lms.web.forms import DayField, FilledIn, FilterForm, Form, LineField, choices


class AuditFilter(FilterForm):
    """Whose doings, which, when."""

    start = DayField(_l("From"), [Optional()], name="tu")
    end = DayField(_l("To"), [Optional()], name="den")
    actor = LineField(_l("Who"), name="nguoi", render_kw={"type": "search"})
    action = SelectField(_l("What"), name="viec", default="")

    def validate_end(self, field: DayField) -> None:
        """From comes before to."""
        if field.data and self.start.data and field.data < self.start.data:
            raise ValidationError(_("The last day stands before the first one."))


class DeadLinkForm(Form):
    """Which link is dead, and who found it so or when."""

    link = HiddenField()
    note = LineField(
        _l("Note"), [FilledIn(_l("Say in a few words when or by whom it was found dead.")), Length(max=120)]
    )


class Sample(FilterForm):
    """Fields of each kind for the gallery; their ids are not those of its other parts."""

    words = LineField("Họ tên", name="ten")
    state = SelectField(
        "Trạng thái", name="trang-thai", choices=choices([("", "Mọi trạng thái"), ("active", "Đang học")])
    )
    start = DayField("Từ ngày", name="tu")
    end = DayField("Đến ngày", name="den")
