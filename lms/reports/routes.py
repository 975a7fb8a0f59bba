"""HR's tables: on screen and as the very same workbook."""

from collections.abc import Iterator
from datetime import date

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Select, select
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
from lms.reports.forms import CompletionFilter
from lms.reports.queries import Filter
from lms.web.access import requires
from lms.web.forms import choices
from lms.web.pages import paged

bp = Blueprint("reports", __name__, template_folder="templates")
Answer = str | tuple[str, int]

STATE_WORDS = {"active": _l("In progress"), "overdue": _l("Overdue"), "done": _l("Completed")}
ROWS_AT_ONCE = 500


def _filter() -> CompletionFilter:
    form = CompletionFilter()
    courses = db.session.execute(select(Course.id, Course.title).order_by(Course.folded)).all()
    form.course.choices = choices([("", _("All courses")), *((row.id, row.title) for row in courses)])
    form.state.choices = choices([("", _("All states")), *STATE_WORDS.items()])
    rows = units(current_user, clock.today())
    form.unit.choices = choices([("", _("All units")), *((row.id, "\u2003" * row.depth + row.name) for row in rows)])
    return form


def _query(form: CompletionFilter) -> Select:
    chosen = Filter(
        form.course.data,
        form.unit.data,
        form.state.data,
        (form.words.data or "")[:100],
        form.start.data,
        form.end.data,
    )
    return queries.completion(current_user, chosen, form.day)


@bp.get("/theo-doi/hoan-thanh")
@requires(Permission.COMPLETION_READ)
def completion() -> Answer:
    """Who has finished, who is late; with a filter that cannot be read nothing is shown but what is wrong with it."""
    form = _filter()
    if not form.validate():
        return render_template("reports/completion.html", form=form, page=None), 422
    query = _query(form)
    page = paged(query, [User.sort_key, Enrolment.id])
    return render_template(
        "reports/completion.html",
        form=form,
        page=page,
        steps=queries.done_steps(page.rows, form.day),
        totals=queries.totals(query),
        words=STATE_WORDS,
        arguments=request.args.to_dict(),
    )


@bp.get("/theo-doi/hoan-thanh.xlsx")
@requires(Permission.COMPLETION_READ)
def completion_xlsx() -> AnyResponse:
    """The filtered table as a workbook."""
    form = _filter()
    if not form.validate():
        return redirect(url_for(".completion", **request.args.to_dict()), 303)
    query = _query(form).order_by(User.sort_key, Enrolment.id)
    columns = [
        sheets.Column(_("No."), 6),
        sheets.Column(_("Full name"), 26),
        sheets.Column(_("Unit"), 36),
        sheets.Column(_("Position"), 20),
        sheets.Column(_("Course"), 36),
        sheets.Column(_("Enrolled on"), 12),
        sheets.Column(_("Due"), 12),
        sheets.Column(_("Items done"), 9),
        sheets.Column(_("Items in all"), 9),
        sheets.Column(_("Completed on"), 13),
        sheets.Column(_("Score"), 8),
        sheets.Column(_("State"), 14),
    ]
    lines = [_("As of %(day)s", day=form.day.strftime("%d/%m/%Y"))]
    lines += [f"{label}: {words}" for label, words in form.active if label != form.as_of.label.text]
    table = ([index, *cells] for index, cells in enumerate(_lines(query, form.day), start=1))
    response = Response(sheets.xlsx(_("Completion"), lines, columns, table), mimetype=sheets.XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename=hoan-thanh-{form.day:%Y%m%d}.xlsx"
    return response


def _lines(query: Select, day: date) -> Iterator[list[object]]:
    """The rows as the workbook shows them, some hundreds at a time; scores on the scale of ten."""
    for rows in db.session.execute(query).partitions(ROWS_AT_ONCE):
        done = queries.done_steps(rows, day)
        for row in rows:
            yield [
                row.name,
                row.unit_name,
                row.position,
                row.course_title,
                clock.day_of(row.enrolled_at),
                row.due_on,
                *done[row.id],
                clock.day_of(row.completed_at) if row.completed_at else None,
                None if row.fraction is None else round(row.fraction * 10, 1),
                str(STATE_WORDS[row.state]),
            ]
