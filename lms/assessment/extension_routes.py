"""HR gives a person, or a whole unit, more time or attempts at a quiz."""

import re
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from lms.assessment import excess, extensions, queries, rules
from lms.assessment.allowance import More
from lms.assessment.excess import Excess
from lms.assessment.forms import ExtensionForm, UnitChoice
from lms.assessment.rules import GrantedMeanwhile, StillClosed
from lms.content.models import Course
from lms.content.queries import load_document
from lms.core import clock
from lms.core.db import db
from lms.core.i18n import _, format_date, format_time
from lms.core.permissions import Permission
from lms.course.document import Quiz
from lms.learning.models import Enrolment
from lms.learning.queries import assignable, get_overseen
from lms.people.queries import UnitRow, units
from lms.web.access import requires
from lms.web.forms import choices

bp = Blueprint("extensions", __name__, template_folder="templates")
Answer = str | tuple[str, int] | AnyResponse


def _limited(course: Course) -> list[Quiz]:
    """The quizzes of the course as it is now that limit something."""
    quizzes = load_document(course.revision_id).quizzes if course.revision_id else ()
    return [quiz for quiz in quizzes if quiz.minutes or quiz.attempts is not None or quiz.closes]


def _form(quizzes: list[Quiz], **more: Any) -> ExtensionForm:
    form = ExtensionForm(**more)
    form.item.choices = choices((quiz.id, quiz.title) for quiz in quizzes)
    return form


def _asked(form: ExtensionForm, quizzes: list[Quiz]) -> tuple[Quiz, More] | None:
    """What the form asks for; None when something in it is wrong."""
    good = form.validate()
    quiz = next((one for one in quizzes if one.id == form.item.data), None)
    if not good or quiz is None or not form.fits(quiz):
        return None
    return quiz, More(form.minutes.data or 0, form.attempts.data or 0, form.closes_at, form.reason.data)


def _seen(form: ExtensionForm) -> int:
    return int(form.seen.data) if re.fullmatch("[0-9]{1,9}", form.seen.data or "") else 0


def _count(form: ExtensionForm, given: list[Row]) -> None:
    """The form remembers how many there were when it was first shown."""
    if form.seen.data is None:
        form.seen.data = str(len(given))


def _offer(form: ExtensionForm, found: Excess) -> None:
    """Fill the later close in that would be enough; pressing once more gives what then stands there."""
    form.warned.data = _about(form)
    form.day.raw, form.hour.data = format_date(found.enough_at), format_time(found.enough_at)


def _about(form: ExtensionForm) -> str:
    """What was warned about: the same quiz and minutes are not warned about again."""
    return f"{form.item.data}:{form.minutes.data or 0}"


@bp.get("/theo-doi/ghi-danh/<int:enrolment_id>/gia-han")
@requires(Permission.ENROL_OTHERS)
def person(enrolment_id: int) -> Answer:
    """What of the limited quizzes is used up, what was given, and the form that gives more."""
    enrolment = get_overseen(current_user, enrolment_id)
    return _person_page(enrolment, _form(_limited(enrolment.course), formdata=None))


def _person_page(enrolment: Enrolment, form: ExtensionForm, found: Excess | None = None) -> str:
    now, lines = clock.now(), []
    quizzes = _limited(enrolment.course)
    for quiz in quizzes:
        taken = queries.taken(enrolment.id, quiz.id)
        like = taken.like(quiz)
        fractions = [one.fraction for one in like if one.fraction is not None]
        allowed = taken.allowance(quiz)
        lines.append(
            {
                "title": quiz.title,
                "used": len(like),
                "allowed": allowed,
                "closed": allowed.closes_at is not None and allowed.closes_at <= now,
                "passed": bool(fractions) and rules.overall(quiz, fractions)[1],
                "open": next((one for one in taken.past if one.submitted_at is None), None),
            }
        )
    given = extensions.given_to_person(enrolment.id)
    _count(form, [row for row in given if row.enrolment_id])
    return render_template(
        "assessment/extend_person.html",
        enrolment=enrolment,
        learner=enrolment.learner,
        course=enrolment.course,
        form=form,
        excess=found,
        quizzes=lines,
        given=given,
        titles={quiz.id: quiz.title for quiz in quizzes},
    )


@bp.post("/theo-doi/ghi-danh/<int:enrolment_id>/gia-han")
@requires(Permission.ENROL_OTHERS)
def do_person(enrolment_id: int) -> Answer:
    """Give it; pressed twice it is given once. What the close makes useless is said first."""
    enrolment, now = get_overseen(current_user, enrolment_id), clock.now()
    quizzes = _limited(enrolment.course)
    form = _form(quizzes)
    asked = _asked(form, quizzes)
    if asked is None:
        return _person_page(enrolment, form), 422
    quiz, more = asked
    found = None if form.warned.data == _about(form) else excess.of_person(enrolment, quiz, more, now)
    if found:
        _offer(form, found)
        return _person_page(enrolment, form, found), 422
    try:
        extensions.extend_person(enrolment_id, quiz, more, seen=_seen(form), by=current_user, now=now)
    except GrantedMeanwhile as refusal:
        flash(refusal.text, "notice")
        return _person_page(enrolment, form), 409
    except StillClosed as refusal:
        form.day.errors = [refusal.text]
        return _person_page(enrolment, form), 422
    flash(_("The extension is given."), "ok")
    return redirect(url_for(".person", enrolment_id=enrolment_id), 303)


def _choice() -> tuple[UnitChoice, Course | None, UnitRow | None]:
    """The course and the unit of the address, as far as they are chosen; the unit is in the viewer's scope."""
    rows = units(current_user, clock.today())
    form = UnitChoice()
    form.course.choices = choices([("", _("Choose a course")), *((row.id, row.title) for row in assignable())])
    form.unit.choices = choices(
        [("", _("Choose a unit")), *((row.id, "\u2003" * row.depth + row.name) for row in rows)]
    )
    if not form.validate() or not form.course.data or not form.unit.data:
        return form, None, None
    unit = next(row for row in rows if row.id == form.unit.data)
    return form, db.session.get_one(Course, form.course.data), unit


@bp.get("/theo-doi/gia-han")
@requires(Permission.ENROL_OTHERS)
def unit() -> Answer:
    """Choose a course and a unit; then what its units were given, and the form that gives more."""
    choice, course, chosen = _choice()
    if course is None or chosen is None:
        return render_template("assessment/extend_unit.html", choice=choice, course=None)
    return _unit_page(choice, course, chosen, _form(_limited(course), formdata=None))


def _unit_page(
    choice: UnitChoice, course: Course, chosen: UnitRow, form: ExtensionForm, found: Excess | None = None
) -> str:
    quizzes, given = _limited(course), extensions.given_to_units(current_user, course.id)
    _count(form, [row for row in given if row.unit_id == chosen.id])
    return render_template(
        "assessment/extend_unit.html",
        choice=choice,
        course=course,
        unit=chosen,
        people=extensions.count_learning_in(course.id, chosen.id, clock.now()),
        form=form,
        excess=found,
        quizzes=quizzes,
        given=given,
        titles={quiz.id: quiz.title for quiz in quizzes},
    )


@bp.post("/theo-doi/gia-han")
@requires(Permission.ENROL_OTHERS)
def do_unit() -> Answer:
    """Give it to everybody in the unit and below it."""
    choice, course, chosen = _choice()
    if course is None or chosen is None:
        abort(404)
    quizzes, now = _limited(course), clock.now()
    form = _form(quizzes)
    asked = _asked(form, quizzes)
    if asked is None:
        return _unit_page(choice, course, chosen, form), 422
    quiz, more = asked
    found = (
        None
        if form.warned.data == _about(form)
        else excess.of_unit(course.id, chosen.id, quiz, more, by=current_user, now=now)
    )
    if found:
        _offer(form, found)
        return _unit_page(choice, course, chosen, form, found), 422
    try:
        extensions.extend_unit(course.id, chosen.id, quiz, more, seen=_seen(form), by=current_user, now=now)
    except GrantedMeanwhile as refusal:
        flash(refusal.text, "notice")
        return _unit_page(choice, course, chosen, form), 409
    except StillClosed as refusal:
        form.day.errors = [refusal.text]
        return _unit_page(choice, course, chosen, form), 422
    flash(_("The extension is given."), "ok")
    return redirect(url_for(".unit", khoa=course.id, **{"don-vi": chosen.id}), 303)
