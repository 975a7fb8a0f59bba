"""HR's tables: on screen and as the very same workbook."""

from flask import Blueprint, Response, render_template, request
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from lms.content.models import Course
from lms.core import clock, sheets
from lms.core.db import db
from lms.core.i18n import _, _l
from lms.core.permissions import Permission
from lms.learning.models import Enrolment
from lms.people.models import User
from lms.people.queries import units
from lms.reports import queries
from lms.reports.queries import Filter
from lms.web.access import requires
from lms.web.pages import asked_id, paged

bp = Blueprint("reports", __name__, template_folder="templates")

STATE_WORDS = {"active": _l("In progress"), "overdue": _l("Overdue"), "done": _l("Completed")}


def _filter() -> Filter:
    """The filters of the query string; what cannot be read counts as not given."""
    return Filter(
        course_id=asked_id("khoa"),
        unit_id=asked_id("don-vi"),
        state=request.args.get("trang-thai", ""),
        words=request.args.get("tim", "").strip()[:100],
    )


@bp.get("/theo-doi/hoan-thanh")
@requires(Permission.COMPLETION_READ)
def completion() -> str:
    """Who has finished, who is late."""
    chosen, today = _filter(), clock.today()
    query = queries.completion(current_user, chosen, today)
    return render_template(
        "reports/completion.html",
        page=paged(query, [User.sort_key, Enrolment.id]),
        totals=queries.totals(query),
        chosen=chosen,
        words=STATE_WORDS,
        courses=db.session.execute(select(Course.id, Course.title).order_by(Course.folded)).all(),
        units=units(current_user, today),
        arguments=request.args.to_dict(),
    )


@bp.get("/theo-doi/hoan-thanh.xlsx")
@requires(Permission.COMPLETION_READ)
def completion_xlsx() -> AnyResponse:
    """The filtered table as a workbook."""
    today = clock.today()
    query = queries.completion(current_user, _filter(), today).order_by(User.sort_key, Enrolment.id)
    rows = db.session.execute(query.execution_options(yield_per=500))
    columns = [
        sheets.Column(_("No."), 6),
        sheets.Column(_("Full name"), 26),
        sheets.Column(_("Unit"), 36),
        sheets.Column(_("Position"), 20),
        sheets.Column(_("Course"), 36),
        sheets.Column(_("Enrolled on"), 12),
        sheets.Column(_("Due"), 12),
        sheets.Column(_("Completed on"), 13),
        sheets.Column(_("Score"), 8),
        sheets.Column(_("State"), 14),
    ]
    lines = [_("As of %(day)s", day=today.strftime("%d/%m/%Y"))]
    table = ([index, *_cells(row)] for index, row in enumerate(rows, start=1))
    response = Response(sheets.xlsx(_("Completion"), lines, columns, table), mimetype=sheets.XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename=hoan-thanh-{today:%Y%m%d}.xlsx"
    return response


def _cells(row: object) -> list[object]:
    """One enrolment as the workbook shows it; scores on the scale of ten."""
    return [
        row.name,
        row.unit_name,
        row.position,
        row.course_title,
        clock.day_of(row.enrolled_at),
        row.due_on,
        clock.day_of(row.completed_at) if row.completed_at else None,
        None if row.fraction is None else round(row.fraction * 10, 1),
        str(STATE_WORDS[row.state]),
    ]
