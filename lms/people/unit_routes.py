"""The administration of units: the tree of today, and every change to it with its day."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from lms.core import clock
from lms.core.db import db
from lms.core.errors import Refused
from lms.core.i18n import _, format_date
from lms.core.permissions import Permission
from lms.people import queries, service
from lms.people.forms import EndUnitForm, MoveUnitForm, RenameUnitForm, UnitForm
from lms.people.models import Unit
from lms.people.routes import unit_choices
from lms.people.rules import UNIT_KIND_LABELS, Ending, TooEarly, UnderItself, UnitKind
from lms.web.access import requires

bp = Blueprint("units", __name__, template_folder="templates")
Answer = str | tuple[str, int] | AnyResponse


@bp.get("/quan-tri/don-vi")
@requires(Permission.ACCOUNT_MANAGE)
def tree() -> Answer:
    """The tree of units as it stands today."""
    return _tree_page(UnitForm())


def _tree_page(form: UnitForm) -> str:
    today = clock.today()
    form.parent.choices = unit_choices()
    return render_template(
        "people/units.html",
        form=form,
        units=queries.units(current_user, today),
        ended=queries.ended_units(today),
        labels=UNIT_KIND_LABELS,
    )


@bp.post("/quan-tri/don-vi")
@requires(Permission.ACCOUNT_MANAGE)
def add() -> Answer:
    """Set up a unit."""
    form = UnitForm()
    form.parent.choices = unit_choices()
    if not form.validate():
        return _tree_page(form), 422
    service.add_unit(
        form.name.data,
        UnitKind(form.kind.data),
        parent=_unit(form.parent.data),
        valid_from=form.valid_from.data,
        by=current_user,
        now=clock.now(),
    )
    flash(_("The unit %(name)s is set up.", name=form.name.data), "ok")
    return redirect(url_for(".tree"), 303)


def _unit(unit_id: int) -> Unit | None:
    return db.session.get(Unit, unit_id) if unit_id else None


@bp.get("/quan-tri/don-vi/<int:unit_id>")
@requires(Permission.ACCOUNT_MANAGE)
def edit(unit_id: int) -> Answer:
    """One unit: what it is and was, and the changes that can be made from a day on."""
    return _unit_page(queries.get_unit(current_user, unit_id))


def _unit_page(
    unit: Unit, rename: RenameUnitForm | None = None, move: MoveUnitForm | None = None, end: EndUnitForm | None = None
) -> str:
    today = clock.today()
    names = queries.names_of(unit)
    rename, move, end = (
        rename or RenameUnitForm(formdata=None),
        move or MoveUnitForm(formdata=None),
        end or EndUnitForm(),
    )
    move.parent.choices = end.successor.choices = [choice for choice in unit_choices() if choice.value != unit.id]
    return render_template(
        "people/edit_unit.html",
        unit=unit,
        names=names,
        parents=queries.parents_of(unit, today),
        people=queries.count_people_in(unit.id, today),
        kind=UNIT_KIND_LABELS[UnitKind(unit.kind)],
        rename=rename,
        move=move,
        end=end,
        today=today,
    )


@bp.post("/quan-tri/don-vi/<int:unit_id>/ten")
@requires(Permission.ACCOUNT_MANAGE)
def rename(unit_id: int) -> Answer:
    """Another name from a day on."""
    unit, form = queries.get_unit(current_user, unit_id), RenameUnitForm()
    if not form.validate():
        return _unit_page(unit, rename=form), 422
    try:
        service.rename_unit(unit, form.name.data, on=form.on.data, by=current_user, now=clock.now())
    except TooEarly as refusal:
        form.on.errors = [refusal.text]
        return _unit_page(unit, rename=form), 422
    flash(_("From %(day)s on the unit is called %(name)s.", day=format_date(form.on.data), name=form.name.data), "ok")
    return redirect(url_for(".edit", unit_id=unit.id), 303)


@bp.post("/quan-tri/don-vi/<int:unit_id>/truc-thuoc")
@requires(Permission.ACCOUNT_MANAGE)
def move(unit_id: int) -> Answer:
    """Another place in the tree from a day on."""
    unit, form = queries.get_unit(current_user, unit_id), MoveUnitForm()
    form.parent.choices = unit_choices()
    if not form.validate():
        return _unit_page(unit, move=form), 422
    try:
        service.move_unit(unit, _unit(form.parent.data), on=form.on.data, by=current_user, now=clock.now())
    except (TooEarly, UnderItself) as refusal:
        (form.on if isinstance(refusal, TooEarly) else form.parent).errors = [refusal.text]
        return _unit_page(unit, move=form), 422
    flash(_("The unit has its new place from %(day)s on.", day=format_date(form.on.data)), "ok")
    return redirect(url_for(".edit", unit_id=unit.id), 303)


@bp.post("/quan-tri/don-vi/<int:unit_id>/ket-thuc")
@requires(Permission.ACCOUNT_MANAGE)
def end(unit_id: int) -> Answer:
    """The unit is gone from a day on; another one may take over."""
    unit, form = queries.get_unit(current_user, unit_id), EndUnitForm()
    form.successor.choices = [choice for choice in unit_choices() if choice.value != unit.id]
    if not form.validate():
        return _unit_page(unit, end=form), 422
    successor = _unit(form.successor.data)
    try:
        service.end_unit(
            unit,
            [successor] if successor else [],
            Ending(form.kind.data),
            on=form.on.data,
            basis=form.basis.data or None,
            by=current_user,
            now=clock.now(),
        )
    except Refused as refusal:
        form.on.errors = [refusal.text]
        return _unit_page(unit, end=form), 422
    flash(_("The unit ends on %(day)s. What belongs to it is kept.", day=format_date(form.on.data)), "ok")
    return redirect(url_for(".tree"), 303)
