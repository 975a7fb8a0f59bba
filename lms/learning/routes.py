"""The learner's way through a course, and HR enrolling people."""

from collections.abc import Collection, Mapping
from functools import partial

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from lms.content import rendering
from lms.content.preview import legal_basis
from lms.content.queries import get_course, load_document, local_values, pieces
from lms.content.rules import INTRODUCTION
from lms.content.self_checks import Answered, answered, drawn
from lms.core import clock
from lms.core.db import db
from lms.core.i18n import _, ngettext
from lms.core.permissions import Permission
from lms.course.completion import progress, requirements
from lms.course.document import Lesson
from lms.course.markdown import fill
from lms.course.printouts import kinds
from lms.learning import queries, service
from lms.learning.forms import DueForm, EnrolForm
from lms.learning.models import Enrolment
from lms.learning.outline import counted, kind_of, outline, url_of
from lms.learning.queries import Standing
from lms.learning.rules import Status, may_renew, status
from lms.people.models import User
from lms.people.queries import ids_of_unit, people, units
from lms.web.access import requires, signed_in, slow_first
from lms.web.forms import choices
from lms.web.pages import paged

bp = Blueprint("learning", __name__, template_folder="templates")
Answer = str | tuple[str, int] | AnyResponse


@bp.get("/khoa-hoc")
@signed_in
def catalogue() -> Answer:
    """The courses one takes, may take and has finished."""
    words = request.args.get("tim", "").strip()[:100]
    rows = queries.catalogue(current_user.id, words)
    done = queries.done_of([row.enrolment_id for row in rows if row.enrolment_id])
    today = clock.today()
    groups: dict[str, list] = {"active": [], "open": [], "done": []}
    for row in rows:
        if row.enrolment_id is None:
            groups["open"].append((row, None, None))
            continue
        state = status(row.completed_at, row.due_on, today)
        doc = load_document(row.revision_id, row.digest)
        counts = counted(doc, progress(doc, done[row.enrolment_id]))
        groups["done" if state == Status.DONE else "active"].append((row, state, counts))
    return render_template("learning/catalogue.html", groups=groups, words=words)


@bp.get("/khoa-hoc/<slug>")
@signed_in
def course(slug: str) -> Answer:
    """What the course is, what is done, and the one next step."""
    standing = queries.get_standing(current_user.id, slug)
    introduction = pieces(standing.course.revision_id, INTRODUCTION, standing.course.digest)["body"]
    next_item = standing.next_item or (standing.doc.items[0].item if standing.doc.items else None)
    return render_template(
        "learning/course.html",
        standing=standing,
        doc=standing.doc,
        outline=outline(standing),
        introduction=fill(introduction, local_values(), _("not filled in yet")),
        next_url=url_of(standing, next_item) if next_item else None,
        next_number=[entry.item for entry in standing.doc.items].index(next_item) + 1 if next_item else None,
        next_kind=kind_of(standing.doc.item(next_item or "")),
        status=status(standing.enrolment.completed_at, standing.enrolment.due_on, clock.today())
        if standing.enrolment
        else None,
        may_renew=_may_renew(standing),
        printouts=kinds(standing.doc) if standing.enrolment else [],
    )


def _may_renew(standing: Standing) -> bool:
    """Whether the viewer completed the course, that has expired, and the course takes her again."""
    course, enrolment = standing.course, standing.enrolment
    if enrolment is None or enrolment.completed_at is None or not course.is_open or course.retired_at:
        return False
    latest = queries.latest_enrolments(course.id, [current_user.id])[current_user.id]
    return may_renew(latest.expires_on, clock.today(), is_self=True)


@bp.post("/khoa-hoc/<slug>/ghi-danh")
@signed_in
def enrol(slug: str) -> Answer:
    """Take an open course."""
    found = get_course(slug)
    service.enrol(current_user.id, found, by=current_user, is_self=True, now=clock.now())
    standing = queries.get_standing(current_user.id, slug)
    flash(_("You now take this course. Begin with the first lesson."), "ok")
    return redirect(
        url_for(".course", slug=slug) if standing.next_item is None else url_of(standing, standing.next_item), 303
    )


@bp.get("/khoa-hoc/<slug>/<item>")
@signed_in
def lesson(slug: str, item: str) -> Answer:
    """One lesson: rendered when it was published, filled with local values now."""
    standing = queries.get_standing(current_user.id, slug)
    found = standing.doc.lesson(item)
    if found is None:
        return redirect(url_of(standing, item), 303) if standing.doc.item(item) else abort(404)
    if standing.enrolment is None:
        flash(_("Enrol in the course to read its lessons."), "notice")
        return redirect(url_for(".course", slug=slug), 303)
    return _lesson_page(standing, found, {})


def _lesson_page(standing: Standing, found: Lesson, answers: Mapping[str, Answered]) -> str:
    """The lesson, with what was said to its self-checks just now."""
    slug, item = standing.course.slug, found.id
    fill_in = partial(fill, values=local_values(), missing_label=_("not filled in yet"))
    made = pieces(standing.course.revision_id, item, standing.course.digest)
    return render_template(
        "learning/lesson.html",
        standing=standing,
        lesson=found,
        outline=outline(standing, current=item),
        body=rendering.cut_at_checks(fill_in(made["body"])),
        checks=[
            drawn(
                one,
                made["checks"][one.id],
                answers.get(one.id),
                fill_in,
                url=url_for(".answer_check", slug=slug, item=item, check=one.id),
            )
            for one in found.checks
        ],
        **legal_basis(standing.doc, found),
        **_neighbours(standing, item),
    )


@bp.post("/khoa-hoc/<slug>/<item>/tu-kiem-tra/<check>")
@signed_in
@slow_first  # it writes nothing
def answer_check(slug: str, item: str, check: str) -> Answer:
    """What an answer to a self-check is worth, told at once and kept nowhere."""
    standing = queries.get_standing(current_user.id, slug)
    found = standing.doc.lesson(item)
    question = next((one for one in found.checks if one.id == check), None) if found else None
    if found is None or question is None or standing.enrolment is None:
        abort(404)
    said = answered(question, request.form.getlist(f"q-{check}"), request.form.get("move", ""))
    return _lesson_page(standing, found, {check: said})


def _neighbours(standing: Standing, item: str) -> dict[str, object]:
    """The place in the course, and what stands before and after."""
    order = [entry.item for entry in standing.doc.items]
    place = order.index(item)
    before, after = (order[place - 1] if place else None), (order[place + 1] if place + 1 < len(order) else None)
    return {
        "number": place + 1,
        "count": len(order),
        "previous_url": url_of(standing, before) if before else None,
        "next_number": place + 2 if after else None,
        "next_kind": kind_of(standing.doc.item(after or "")),
    }


@bp.post("/khoa-hoc/<slug>/<item>/xong")
@signed_in
def finish(slug: str, item: str) -> Answer:
    """The lesson is understood; go on to the next item."""
    standing = queries.get_standing(current_user.id, slug)
    if standing.doc.lesson(item) is None or standing.enrolment is None:
        abort(404)
    service.record(queries.get_enrolment(current_user.id, slug), item, passed=True, fraction=None, now=clock.now())
    order = [entry.item for entry in standing.doc.items]
    place = order.index(item)
    if place + 1 < len(order):
        return redirect(url_of(standing, order[place + 1]), 303)
    return redirect(url_for(".course", slug=slug), 303)


@bp.get("/theo-doi/ghi-danh")
@requires(Permission.ENROL_OTHERS)
def enrol_others() -> Answer:
    """HR gives a course to a whole unit, or to people who are ticked; what she has filled in comes along by the address."""
    return _enrol_page(EnrolForm(request.args or None))


def _enrol_page(form: EnrolForm) -> str:
    """Those who are ticked stand first, whatever was searched for since."""
    today = clock.today()
    rows = units(current_user, today)
    form.course.choices = choices([(row.slug, row.title) for row in queries.assignable()])
    form.unit.choices = choices(
        [
            (0, _("nobody as a unit – tick people below")),
            *((row.id, "\u2003" * row.depth + row.name) for row in rows),
        ]
    )
    words, ticked = request.values.get("tim", "").strip()[:100], _ticked()
    found = people(current_user, words=words, day=today).where(User.deactivated_at.is_(None), User.id.not_in(ticked))
    page = paged(found, [User.sort_key, User.id])
    return render_template("learning/enrol_others.html", form=form, chosen=_among(ticked), page=page, words=words)


def _ticked() -> list[int]:
    """The people whose boxes are ticked; what is no number was not sent by our page."""
    values = request.values.getlist("person")
    return [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 10]


@bp.post("/theo-doi/ghi-danh")
@requires(Permission.ENROL_OTHERS)
def do_enrol_others() -> Answer:
    """Enrol them; whoever takes the course already is left as she is."""
    form, today = EnrolForm(), clock.today()
    form.today = today
    form.course.choices = choices([(row.slug, row.title) for row in queries.assignable()])
    form.unit.choices = choices([(0, ""), *((row.id, row.name) for row in units(current_user, today))])
    ids = _ticked()
    good = form.validate()
    if good and not form.unit.data and not ids:
        form.unit.errors = [_("Choose a unit, or tick at least one person.")]
        good = False
    if not good:
        return _enrol_page(form), 422
    chosen = set(ids_of_unit(current_user, form.unit.data, today)) if form.unit.data else set()
    named = [row.id for row in _among(ids)]
    result = service.enrol_many(
        sorted(chosen | set(named)),
        get_course(form.course.data),
        named=named,
        by=current_user,
        due_on=form.due_on.data,
        now=clock.now(),
    )
    flash(_enrolled(result), "ok")
    return redirect(url_for("reports.completion", khoa=get_course(form.course.data).id), 303)


def _among(ids: Collection[int]) -> list[Row]:
    """Those of the people that the viewer may enrol: in her scope and with an open account."""
    if not ids:
        return []
    query = people(current_user, day=clock.today()).where(User.id.in_(ids), User.deactivated_at.is_(None))
    return list(db.session.execute(query.order_by(User.sort_key, User.id)))


def _enrolled(result: service.Outcome) -> str:
    said = [ngettext("%(num)d person is newly enrolled.", "%(num)d people are newly enrolled.", result.enrolled)]
    if result.already:
        said.append(
            ngettext(
                "%(num)d person took the course already.", "%(num)d people took the course already.", result.already
            )
        )
    if result.valid:
        said.append(
            ngettext(
                "%(num)d person has completed it, and that still holds.",
                "%(num)d people have completed it, and that still holds.",
                result.valid,
            )
        )
    return " ".join(said)


@bp.get("/theo-doi/ghi-danh/<int:enrolment_id>")
@requires(Permission.ENROL_OTHERS)
def enrolment(enrolment_id: int) -> Answer:
    """One person taking one course, as HR looks after it."""
    found = queries.get_overseen(current_user, enrolment_id)
    return _enrolment_page(found, DueForm(formdata=None, due_on=found.due_on))


def _enrolment_page(found: Enrolment, form: DueForm) -> str:
    revision_id = found.completed_revision_id or found.course.revision_id
    doc, done = load_document(revision_id), queries.records(found.id)
    return render_template(
        "learning/enrolment.html",
        enrolment=found,
        learner=found.learner,
        course=found.course,
        doc=doc,
        asked=requirements(doc, done),
        done=done,
        form=form,
    )


@bp.post("/theo-doi/ghi-danh/<int:enrolment_id>/han")
@requires(Permission.ENROL_OTHERS)
def set_due(enrolment_id: int) -> Answer:
    """Another day due, or none."""
    found, form = queries.get_overseen(current_user, enrolment_id), DueForm()
    form.today = clock.today()
    if not form.validate():
        return _enrolment_page(found, form), 422
    service.set_due(found, form.due_on.data, by=current_user, now=clock.now())
    flash(_("The day due is changed."), "ok")
    return redirect(url_for(".enrolment", enrolment_id=enrolment_id), 303)


@bp.post("/theo-doi/ghi-danh/<int:enrolment_id>/rut")
@requires(Permission.ENROL_OTHERS)
def withdraw(enrolment_id: int) -> Answer:
    """Take the person out of the course; the page that follows offers to take it back."""
    found = queries.get_overseen(current_user, enrolment_id)
    service.withdraw(found, by=current_user, now=clock.now())
    text = _("%(who)s is withdrawn from “%(course)s”.", who=found.learner.name, course=found.course.title)
    flash({"text": text, "undo_url": url_for(".restore", enrolment_id=found.id)}, "ok")  # type: ignore[arg-type]
    return redirect(url_for("home.person", user_id=found.learner_id), 303)


@bp.post("/theo-doi/ghi-danh/<int:enrolment_id>/hoan-tac")
@requires(Permission.ENROL_OTHERS)
def restore(enrolment_id: int) -> Answer:
    """Take the withdrawal back."""
    found = queries.get_overseen(current_user, enrolment_id)
    service.restore(found, by=current_user, now=clock.now())
    flash(_("%(who)s takes “%(course)s” again.", who=found.learner.name, course=found.course.title), "ok")
    return redirect(url_for("home.person", user_id=found.learner_id), 303)
