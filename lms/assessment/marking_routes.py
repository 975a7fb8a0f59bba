"""Marking by hand: what waits, one answer after another with the name hidden, and telling all results together."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from lms.assessment import handing_in, marking, marking_queries, rules
from lms.assessment.marking import Place
from lms.assessment.marking_queries import Waiting
from lms.assessment.rules import BadPoints
from lms.content import members, rendering
from lms.content.models import Course
from lms.content.queries import load_document, local_values, pieces
from lms.content.rules import WRITERS
from lms.core import clock
from lms.core.i18n import _, format_time, ngettext
from lms.core.permissions import Permission
from lms.core.text import normalise_lines
from lms.course.document import Quiz
from lms.course.kinds import ending_of
from lms.course.markdown import fill
from lms.course.questions import Question
from lms.web.access import requires, wants_json

bp = Blueprint("marking", __name__)
Answer = str | tuple[str, int] | AnyResponse
COMMENT_LIMIT = 4_000


@bp.get("/cham")
@requires(Permission.COURSE_WRITE)
def queue() -> Answer:
    """The quizzes with answers that wait for a mark."""
    rows = marking_queries.quizzes(current_user)
    lines = [{"row": row, "title": _title(load_document(row.revision_id).quiz(row.item), row.item)} for row in rows]
    return render_template("assessment/mark_queue.html", lines=lines, waiting=sum(row.waiting for row in rows))


def _title(quiz: Quiz | None, item: str) -> str:
    """What the quiz is called now; its id when a later revision has it no more."""
    return quiz.title if quiz else item


def _opened(slug: str, item: str) -> tuple[Course, Quiz | None]:
    course, _role = members.get_worked_on(current_user, slug, WRITERS)
    if course.revision_id is None:
        abort(404)
    return course, load_document(course.revision_id).quiz(item)


@dataclass(frozen=True)
class Group:
    """Answers to one question, or of one attempt: how many there are, and the one to go on with."""

    title: str
    count: int
    mine: int
    someone: int
    next: Waiting | None
    second: Waiting | None
    """The first that only others have marked."""


@bp.get("/cham/<slug>/<item>")
@requires(Permission.COURSE_WRITE)
def quiz(slug: str, item: str) -> Answer:
    """What of a quiz waits, by question or by person, and the button that tells the results."""
    course, found = _opened(slug, item)
    waiting = marking_queries.waiting(course.id, item, current_user)
    by_person = request.args.get("theo") == "nguoi"
    order = _paper_order(found)
    by_key: dict[str | int, list[Waiting]] = defaultdict(list)
    for one in waiting:
        by_key[_key(one, by_person=by_person)].append(one)
    keys = sorted(by_key, key=lambda key: (order.get(key, 0), key))
    groups = [_group(found, key, by_key[key]) for key in keys]
    return render_template(
        "assessment/mark_quiz.html",
        course=course,
        item=item,
        title=_title(found, item),
        groups=groups,
        by_person=by_person,
        ready=len(marking.ready_attempts(course.id, item, but_of=current_user.id)),
        attempts=len({one.attempt_id for one in waiting if not one.is_releasing}),
        apart=_apart(course.id, item, found),
        releases=marking_queries.releases(course.id, item),
        marked=marking_queries.marked(course.id, item, current_user),
        titles={question.id: question.title for question in found.questions} if found else {},
        now=clock.now(),
    )


def _key(one: Waiting, *, by_person: bool) -> str | int:
    return one.attempt_id if by_person else one.question


def _paper_order(found: Quiz | None) -> dict[str | int, int]:
    return {question.id: place for place, question in enumerate(found.questions)} if found else {}


def _group(found: Quiz | None, key: str | int, some: Sequence[Waiting]) -> Group:
    question = found.question(key) if found and isinstance(key, str) else None
    free = [one for one in some if not one.is_releasing and not one.by_me]
    first = [one for one in free if not one.by_others]
    return Group(
        title=question.title if question else _("Attempt %(number)d", number=key) if isinstance(key, int) else key,
        count=len(some),
        mine=sum(one.by_me for one in some),
        someone=sum(one.by_me or bool(one.by_others) for one in some),
        next=first[0] if first else None,
        second=next((one for one in free if one.by_others), None),
    )


def _apart(course_id: int, item: str, found: Quiz | None) -> list[tuple[int, str]]:
    """Answers on which two people differ much: attempt and question."""
    most = {question.id: question.points for question in found.questions} if found else {}
    return [
        (attempt_id, question)
        for attempt_id, question, totals in marking.twice_marked(course_id, item, but_of=current_user.id)
        if max(totals) - min(totals) >= rules.FAR_APART * most.get(question, Decimal(1))
    ]


# One answer


@bp.get("/cham/<slug>/<item>/<question>/<int:attempt_id>")
@requires(Permission.COURSE_WRITE)
def answer(slug: str, item: str, question: str, attempt_id: int) -> Answer:
    """An answer without its author's name, beside the rubric."""
    course, _found = _opened(slug, item)
    return _answer_page(course, Place(course.id, item, question, attempt_id))


def _answer_page(course: Course, place: Place, typed: dict[str, Any] | None = None) -> Answer:
    row = marking_queries.get_answer(place.course_id, place.item, place.question, place.attempt_id)
    if row.learner_id == current_user.id:
        abort(404)
    quiz = load_document(row.revision_id, row.digest).quiz(place.item) or abort(404)
    question = quiz.question(place.question)
    if question is None or not question.needs_person:
        abort(404)
    given = marking_queries.markings(place.attempt_id, place.question)
    mine = next((one for one in given if one.marker_id == current_user.id), None)
    counted = marking.hand_marks([place.attempt_id])[place.attempt_id].get(place.question, [])
    page = render_template(
        "assessment/mark_answer.html",
        course=course,
        place=place,
        title=quiz.title,
        question=question,
        html=_shown(row, quiz, question),
        answer=question.feedback(row.answer).given,
        files=[
            (_nameless(number, file["name"]), file["digest"])
            for number, file in enumerate(row.answer or [] if question.kind == "file" else [], start=1)
        ],
        words=len(row.answer.split()) if question.kind == "essay" and row.answer else None,
        waits=row.since is not None,
        is_releasing=any(one.release_id for one in given),
        mine=mine,
        others=[marking.total(one.points) for one in given if one is not mine and one.is_complete]
        if mine and mine.is_complete
        else [],
        others_count=sum(one is not mine and one.is_complete for one in given),
        counted=marking.told(question, counted) if counted else None,
        given=marking.total(mine.points) if mine and any(mine.points) else None,
        points=typed["points"] if typed else _written(mine.points if mine else [], len(question.criteria)),
        comment=typed["comment"] if typed else (mine.comment if mine else ""),
        errors=typed["errors"] if typed else {},
        comments=marking_queries.comments(course.id, place.item, place.question, current_user),
        by_person=request.args.get("theo") == "nguoi",
    )
    return (page, 422) if typed else page


def _nameless(number: int, name: str) -> str:
    """A file without the name that its author gave it, which often is her own."""
    return _("File %(number)d", number=number) + ending_of(name)


def _shown(row: Row, quiz: Quiz, question: Question) -> dict[str, Any]:
    fill_in = partial(fill, values=local_values(), missing_label=_("not filled in yet"))
    piece = pieces(row.revision_id, quiz.id, row.digest)[question.id]
    explanation = rendering.reviewed(piece, question.feedback(row.answer), (), fill_in)["explanation"]
    return rendering.shown(piece, (), fill_in) | {"explanation": explanation}


def _written(points: Sequence[str | None], count: int) -> list[str]:
    """The points as the boxes show them, one for each line of the rubric."""
    shown = ["" if one is None else one for one in points][:count]
    return shown + [""] * (count - len(shown))


@bp.post("/cham/<slug>/<item>/<question>/<int:attempt_id>")
@requires(Permission.COURSE_WRITE)
def mark(slug: str, item: str, question: str, attempt_id: int) -> Answer:
    """Keep the points and the comment; then the next answer. A script keeps drafts the same way."""
    course, _found = _opened(slug, item)
    place = Place(course.id, item, question, attempt_id)
    row = marking_queries.get_answer(place.course_id, item, question, attempt_id)
    quiz = load_document(row.revision_id, row.digest).quiz(item) or abort(404)
    asked = quiz.question(question)
    if asked is None or not asked.needs_person:
        abort(404)
    typed = [request.form.get(f"points-{n}", "") for n in range(len(asked.criteria))]
    comment = normalise_lines(request.form.get("comment", ""))[:COMMENT_LIMIT]
    points, errors = _points(asked, typed)
    is_draft = wants_json()
    if not is_draft and None in points:
        errors = {n: _("Give points here, 0 for nothing.") for n, one in enumerate(points) if one is None} | errors
    if errors and not is_draft:
        return _answer_page(course, place, {"points": typed, "comment": comment, "errors": errors})
    now = clock.now()
    seen = request.form.get("seen", "") if is_draft else None
    made = marking.save(place, points, comment, by=current_user, now=now, seen=seen)
    if is_draft:
        told = next(iter(errors.values()), _("Draft saved at %(time)s", time=format_time(now)))
        return jsonify(saved=told, seen=made.saved_at.isoformat())
    return _onward(course, place)


def _points(question: Question, typed: Sequence[str]) -> tuple[list[Decimal | None], dict[int, str]]:
    found: list[Decimal | None] = []
    errors: dict[int, str] = {}
    for place, ((most, _text), written) in enumerate(zip(question.criteria, typed, strict=True)):
        try:
            found.append(rules.read_points(written, most))
        except BadPoints as bad:
            found.append(None)
            errors[place] = bad.text
    return found, errors


def _onward(course: Course, place: Place) -> AnyResponse:
    """To the next answer to this question, or of this person; back to the quiz when all are marked."""
    by_person = request.args.get("theo") == "nguoi"
    more = {"theo": "nguoi"} if by_person else {}
    key: str | int = place.attempt_id if by_person else place.question
    for one in marking_queries.waiting(course.id, place.item, current_user):
        is_free = not one.by_me and not one.by_others and not one.is_releasing
        if is_free and _key(one, by_person=by_person) == key:
            where = {"slug": course.slug, "item": place.item, "question": one.question, "attempt_id": one.attempt_id}
            return redirect(url_for(".answer", **where, **more), 303)
    flash(_("Saved. Nothing more waits here for a first mark."), "ok")
    return redirect(url_for(".quiz", slug=course.slug, item=place.item, **more), 303)


@bp.post("/cham/<slug>/<item>/<question>/<int:attempt_id>/cham-lai")
@requires(Permission.COURSE_WRITE)
def mark_again(slug: str, item: str, question: str, attempt_id: int) -> Answer:
    """Open a marked answer again; what counts stays until new marks are released."""
    course, _found = _opened(slug, item)
    marking.mark_again(Place(course.id, item, question, attempt_id), by=current_user, now=clock.now())
    flash(_("The answer waits for a mark again. The old result counts until you release the new one."), "ok")
    return redirect(url_for(".answer", slug=slug, item=item, question=question, attempt_id=attempt_id), 303)


@bp.get("/cham/<slug>/<item>/<question>/<int:attempt_id>/tep/<digest>")
@requires(Permission.COURSE_WRITE)
def file(slug: str, item: str, question: str, attempt_id: int, digest: str) -> Answer:
    """A file that was handed in, as an attachment."""
    course, _found = _opened(slug, item)
    row = marking_queries.get_answer(course.id, item, question, attempt_id)
    if row.learner_id == current_user.id:
        abort(404)
    held = marking_queries.get_file(attempt_id, question, digest)
    number = next((n for n, one in enumerate(row.answer or [], start=1) if one["digest"] == digest), 1)
    return handing_in.sent(held.digest, _nameless(number, held.name))


# Telling


@bp.post("/cham/<slug>/<item>/cong-bo")
@requires(Permission.COURSE_WRITE)
def release(slug: str, item: str) -> Answer:
    """Tell the results of all attempts that are marked to the end, in ten minutes."""
    course, _found = _opened(slug, item)
    count = len(marking.ready_attempts(course.id, item, but_of=current_user.id))
    made = marking.release(course, item, by=current_user, now=clock.now())
    told = ngettext(
        "The result of %(num)d attempt counts from %(time)s.", "The results of %(num)d attempts count from %(time)s.",
        count, time=format_time(made.takes_effect_at),
    )  # fmt: skip
    flash({"text": told, "undo_url": url_for(".take_back", slug=slug, release_id=made.id)}, "ok")
    return redirect(url_for(".quiz", slug=slug, item=item), 303)


@bp.post("/cham/<slug>/cong-bo/<int:release_id>/lay-lai")
@requires(Permission.COURSE_WRITE)
def take_back(slug: str, release_id: int) -> Answer:
    """Undo a release before it counts."""
    course, _role = members.get_worked_on(current_user, slug, WRITERS)
    made = marking.take_back(course, release_id, by=current_user, now=clock.now())
    flash(_("The release is taken back. The marks are drafts again; nobody was told anything."), "ok")
    return redirect(url_for(".quiz", slug=slug, item=made.item), 303)
