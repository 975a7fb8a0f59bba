"""What the administrator may narrow the audit trail to."""

from wtforms import SelectField, ValidationError
from wtforms.validators import Optional

from lms.core.i18n import _, _l
from lms.web.forms import DayField, FilterForm, LineField, choices


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


class Sample(FilterForm):
    """Fields of each kind for the gallery; their ids are not those of its other parts."""

    words = LineField("Họ tên", name="ten")
    state = SelectField(
        "Trạng thái", name="trang-thai", choices=choices([("", "Mọi trạng thái"), ("active", "Đang học")])
    )
    start = DayField("Từ ngày", name="tu")
    end = DayField("Đến ngày", name="den")
