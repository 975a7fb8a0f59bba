"""The quiz: its rules, the attempt, saving, submitting, the result."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from lms.assessment import handing_in, marking, marking_queries, queries, rules, service, words
from lms.assessment.allowance import Extra, allowance
from lms.assessment.handing_in import Kept
from lms.assessment.rules import CORRECTION_LABELS, AttemptOver, NotAFile
from lms.assessment.service import Given, Saved
from lms.content import rendering
from lms.content.queries import load_document, local_values, pieces
from lms.core import clock
from lms.core.db import begin_writing
from lms.core.i18n import _, format_time
from lms.course.document import Quiz
from lms.course.markdown import fill
from lms.course.reread import lessons_for
from lms.learning.outline import item_title, url_of
from lms.learning.queries import Standing, get_standing, records
from lms.web.access import signed_in, slow_first
from lms.web.forms import sent_json
from lms.web.pages import as_id, asked_id, fresh

bp = Blueprint("assessment", __name__, template_folder="templates")
Answer = str | tuple[str, int] | AnyResponse
MOST_ANSWERS_AT_ONCE = 500


@bp.get("/bai-kiem-tra/<slug>/<item>")
@signed_in
def quiz(slug: str, item: str) -> Answer:
    """Every rule of the quiz in words, the attempts so far, and the one button."""
    standing = get_standing(current_user.id, slug)
    found = standing.doc.quiz(item)
    if found is None:
        abort(404)
    if standing.enrolment is None:
        flash(_("Enrol in the course to take its quizzes."), "notice")
        return redirect(url_for("learning.course", slug=slug), 303)
    taken = queries.taken(standing.enrolment.enrolment_id, item)
    past, allowed, counted, now = taken.past, taken.allowance(found), standing.done.get(item), clock.now()
    standing_open = next((attempt for attempt in past if attempt.submitted_at is None), None)
    return render_template(
        "assessment/quiz.html",
        standing=standing,
        quiz=found,
        past=past,
        open=standing_open,
        counted=counted,
        passed=counted is not None and counted.passed and not found.practice,
        allowed=allowed,
        left=None if allowed.attempts is None else max(0, allowed.attempts - len(past)),
        introduction=fill(
            pieces(standing.course.revision_id, item, standing.course.digest)[rendering.QUIZ_TEXT]["body"],
            local_values(),
            _("not filled in yet"),
        ),
        opens_at=allowed.opens_at,
        closes_at=allowed.closes_at,
        sentences=words.rules_in_words(found, allowed, standing_open, now),
        words=words,
        now=now,
    )


@bp.post("/bai-kiem-tra/<slug>/<item>/bat-dau")
@signed_in
@slow_first
def begin(slug: str, item: str) -> Answer:
    """Open an attempt, or go on with the open one."""
    standing = get_standing(current_user.id, slug)
    found = standing.doc.quiz(item)
    if found is None or standing.enrolment is None:
        abort(404)
    begin_writing()
    attempt = service.begin(standing.enrolment.enrolment_id, standing.course.revision_id, found, now=clock.now())
    return redirect(url_for(".attempt", attempt_id=attempt.id), 303)


def _quiz_of(row: Row) -> Quiz:
    return load_document(row.revision_id, row.digest).quiz(row.item) or abort(404)


def _result_url(attempt_id: int) -> str:
    return url_for(".result", attempt_id=attempt_id)


@bp.get("/luot-lam-bai/<int:attempt_id>")
@signed_in
def attempt(attempt_id: int) -> Answer:
    """All questions on one page, one in view; without their keys."""
    row = queries.get_attempt(current_user.id, attempt_id)
    if row.submitted_at is not None:
        return redirect(_result_url(attempt_id), 303)
    return _attempt_page(row, asked_id("cau") or 1, {})


def _attempt_page(row: Row, current: int, wrong: Mapping[int, str]) -> AnyResponse:
    found, html = _quiz_of(row), pieces(row.revision_id, row.item, row.digest)
    held, now = queries.responses(row.id), clock.now()
    fill_in = partial(fill, values=local_values(), missing_label=_("not filled in yet"))
    questions = []
    for number, entry in enumerate(row.paper, start=1):
        question, answer = found.question(entry["question"]), held.get(entry["question"])
        questions.append(
            {
                "number": number,
                "view": question.view(entry["order"]),
                "html": rendering.shown(html[question.id], entry["order"], fill_in),
                "given": question.entered(answer.answer, entry["order"]) if answer else [],
                "revision": answer.revision if answer else 0,
                "error": wrong.get(number, ""),
            }
        )
    page = render_template(
        "assessment/attempt.html",
        attempt=row,
        quiz=found,
        questions=questions,
        current=min(max(1, current), len(questions)),
        answered=sum(bool(question["given"]) for question in questions),
        saved_at=max((answer.saved_at for answer in held.values()), default=None),
        seconds_left=rules.seconds_left(row.deadline_at, now),
        is_over=rules.is_over(row.deadline_at, now),
    )
    return fresh(page, 422 if wrong else 200)


@bp.post("/luot-lam-bai/<int:attempt_id>/luu")
@signed_in
@slow_first
def save(attempt_id: int) -> Answer:
    """Autosave: JSON in, what holds out."""
    given = _given(sent_json())
    if given is None:
        return jsonify(message=_("The answers could not be understood. Reload the page; what you chose is kept.")), 422
    begin_writing()
    now = clock.now()
    try:
        row, saved = service.save(current_user.id, attempt_id, given, now=now)
    except AttemptOver as over:
        service.close_overdue(attempt_id, now=now)  # so that there is a result to show
        return jsonify(closed=True, url=_result_url(attempt_id), message=over.text), 409
    body = {
        "saved_at": format_time(now),
        "seconds_left": rules.seconds_left(row.deadline_at, now),
        "answers": [
            {"question": s.question, "revision": s.revision, "conflict": s.conflict, "values": list(s.values)}
            | ({"message": s.message.text(_)} if s.message else {})
            for s in saved
        ],
    }
    return jsonify(body), 422 if saved and all(s.message for s in saved) else 200


def _given(data: Any) -> list[Given] | None:
    """The answers of a save; None for what our page cannot have sent."""
    rows = data.get("answers") if isinstance(data, dict) else None
    if not isinstance(rows, list) or len(rows) > MOST_ANSWERS_AT_ONCE:
        return None
    found = [_given_one(row) for row in rows]
    return None if None in found else found  # type: ignore[return-value]


def _given_one(row: Any) -> Given | None:
    if not isinstance(row, dict):
        return None
    question, values, revision = row.get("question"), row.get("values"), row.get("revision", 0)
    good = type(question) is int and type(revision) is int and isinstance(values, list)
    if not good or not all(isinstance(value, str) for value in values) or len(values) > 200:
        return None
    return Given(question, values, max(0, min(revision, 2**31)), _moment(row.get("at")))


def _moment(written: Any) -> datetime | None:
    """When the browser says it was; a moment without zone or sense counts as not said."""
    try:
        moment = datetime.fromisoformat(written) if isinstance(written, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo and 2000 < moment.year < 2200 else None


@bp.post("/luot-lam-bai/<int:attempt_id>")
@signed_in
@slow_first
def answer(attempt_id: int) -> Answer:
    """The way without JavaScript: save what the form holds and the files it brings, and show the next question."""
    row = queries.get_attempt(current_user.id, attempt_id)
    if row.submitted_at is not None:
        return redirect(_result_url(attempt_id), 303)
    go = request.form.get("go", "1")
    moved, given = _moved(request.form.get("move", "")), _posted(len(row.paper))
    if moved:
        go = str(moved[0])
        given = [_swap(one, moved) if one.question == moved[0] else one for one in given]
    taken_out = _taken_out(request.form.get("take_out", ""))
    if taken_out:
        go = str(taken_out[0])
        given = [_without(one, taken_out[1]) if one.question == taken_out[0] else one for one in given]
    given = [one for one in given if list(one.values) != request.form.getlist(f"o-{one.question}")]
    kept, wrong = _kept_files(attempt_id, len(row.paper))
    at = _moment(request.form.get("at"))
    begin_writing()
    now = clock.now()
    try:
        saved = service.save(current_user.id, attempt_id, given, now=now)[1] if given or not kept else []
        for number, files in kept.items():
            try:
                saved.append(handing_in.enter(current_user.id, attempt_id, number, files, at=at, now=now))
            except NotAFile as refusal:
                wrong[number] = refusal.text
    except AttemptOver:
        service.close_overdue(attempt_id, now=now)
        return redirect(_result_url(attempt_id), 303)
    wrong = {one.question: one.message.text(_) for one in saved if one.message} | wrong
    if wrong:
        return _attempt_page(row, min(wrong), wrong)
    _tell_conflicts(saved)
    if go == "nop":
        return redirect(url_for(".submit", attempt_id=attempt_id), 303)
    return redirect(url_for(".attempt", attempt_id=attempt_id, cau=as_id(go)), 303)


def _tell_conflicts(saved: list[Saved]) -> None:
    for one in saved:
        if one.conflict:
            flash(
                _(
                    "Question %(number)d was changed on another computer; your answer here holds now.",
                    number=one.question,
                ),
                "notice",
            )


def _kept_files(attempt_id: int, count: int) -> tuple[dict[int, list[Kept]], dict[int, str]]:
    """The files that the form brings, stored, by question; and why others are not taken."""
    kept: dict[int, list[Kept]] = {}
    wrong: dict[int, str] = {}
    for number in range(1, count + 1):
        files = [file for file in request.files.getlist(f"file-{number}") if file.filename]
        if not files:
            continue
        question = handing_in.question_of(current_user.id, attempt_id, number)
        brought = [(file.filename or "", file.read()) for file in files]
        try:
            handing_in.refuse_over(current_user.id, attempt_id, question, brought)
            kept[number] = [handing_in.keep(question, name, data) for name, data in brought]
        except NotAFile as refusal:
            wrong[number] = refusal.text
        for file in files:
            file.close()
    return kept, wrong


def _taken_out(written: str) -> tuple[int, int] | None:
    """Question and place of the file that is taken out of the answer."""
    number, _colon, place = written.partition(":")
    both = as_id(number), as_id(place)
    return None if both[0] is None or both[1] is None else (both[0], both[1])


def _without(given: Given, place: int) -> Given:
    """The same answer without its file at this place, from 1."""
    return replace(given, values=[value for n, value in enumerate(given.values, start=1) if n != place])


@bp.get("/luot-lam-bai/<int:attempt_id>/tep/<digest>")
@signed_in
def own_file(attempt_id: int, digest: str) -> Answer:
    """What one has handed in, to look at it again."""
    held = marking_queries.get_file(attempt_id, None, digest, learner_id=current_user.id)
    return handing_in.sent(held.digest, held.name)


def _posted(count: int) -> list[Given]:
    """The answers of the questions that the page held, as they stand in its form."""
    return [
        Given(
            number,
            _without_blanks(request.form.getlist(f"q-{number}")),
            as_id(request.form.get(f"r-{number}", "")) or 0,
        )
        for number in range(1, count + 1)
        if f"s-{number}" in request.form
    ]


def _without_blanks(values: list[str]) -> list[str]:
    """Nothing when every field was left blank; otherwise blanks stay, for they tell which field is which."""
    return values if any(values) else []


def _moved(written: str) -> tuple[int, int, int] | None:
    """Question, row and the row it changes places with, from the button of an ordering question."""
    parts = written.split(":")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 4 for part in parts):
        return None
    question, row, other = map(int, parts)
    return question, row, other


def _swap(given: Given, moved: tuple[int, int, int]) -> Given:
    """The same answer with two rows changed."""
    values, (_question, row, other) = list(given.values), moved
    if max(row, other) < len(values):
        values[row], values[other] = values[other], values[row]
    return replace(given, values=values)


@bp.get("/luot-lam-bai/<int:attempt_id>/nop")
@signed_in
def submit(attempt_id: int) -> Answer:
    """Look once more before submitting; this page is the confirmation."""
    row = queries.get_attempt(current_user.id, attempt_id)
    if row.submitted_at is not None:
        return redirect(_result_url(attempt_id), 303)
    found, held, now = _quiz_of(row), queries.answers(attempt_id), clock.now()
    lines = [
        {
            "number": number,
            "title": question.title,
            "given": question.in_words(held.get(question.id), entry["order"]),
        }
        for number, entry in enumerate(row.paper, start=1)
        if (question := found.question(entry["question"]))
    ]
    return fresh(
        render_template(
            "assessment/submit.html",
            attempt=row,
            quiz=found,
            lines=lines,
            missing=[line for line in lines if not line["given"]],
            seconds_left=rules.seconds_left(row.deadline_at, now),
            is_over=rules.is_over(row.deadline_at, now),
        )
    )


@bp.post("/luot-lam-bai/<int:attempt_id>/nop")
@signed_in
@slow_first
def do_submit(attempt_id: int) -> Answer:
    """Grade it; doing so twice is harmless."""
    begin_writing()
    service.submit(current_user.id, attempt_id, now=clock.now())
    return redirect(_result_url(attempt_id), 303)


@bp.get("/luot-lam-bai/<int:attempt_id>/ket-qua")
@signed_in
def result(attempt_id: int) -> Answer:
    """The score, why each mistake was one, and what to do next."""
    row = queries.get_result(current_user.id, attempt_id)
    if row.submitted_at is None:
        return redirect(url_for(".attempt", attempt_id=attempt_id), 303)
    found = _quiz_of(row)
    standing = Standing(row, load_document(row.current_id, row.current_digest), row, records(row.enrolment_id))
    if row.fraction is None:
        return _waiting_page(row, found, standing)
    current, next_item = standing.doc.quiz(row.item), standing.next_item
    extra = Extra(row.extra_minutes, int(row.extra_attempts), row.extended_to)
    allowed = allowance(current, row.enrolled_at, extra).attempts if current else None
    now, closes_at = clock.now(), allowance(found, row.enrolled_at, extra).closes_at
    show = rules.shows(found, passed=row.passed, is_closed=rules.is_closed(closes_at, now))
    counted, left = standing.done.get(row.item), None if allowed is None else max(0, allowed - row.used)
    passed = counted is not None and counted.passed
    by_people = any(one.needs_person for one in found.questions)
    reviews = (
        _reviews(row, found, row.marks, standing)
        if show in ("mistakes", "answers") or (by_people and show == "score")
        else []
    )
    marked = [review for review in reviews if review["feedback"].get("marks")]
    reviews = [review for review in reviews if review not in marked] if show != "score" else []
    return fresh(
        render_template(
            "assessment/result.html",
            attempt=row,
            quiz=found,
            show=show,
            grade=row,
            needed=float(found.pass_percent) / 100,
            marked=marked,
            mistakes=[review for review in reviews if review["feedback"]["fraction"] < 1],
            right=[review for review in reviews if review["feedback"]["fraction"] >= 1] if show == "answers" else [],
            left=left,
            counted=counted,
            passed=passed,
            may_try=not passed and left != 0 and (closes_at is None or now < closes_at),
            completed=row.completed_at is not None,
            corrections=_told_corrections(row, found),
            next_url=url_of(standing, next_item) if next_item else None,
            next_is_this=next_item == row.item,
        )
    )


def _told_corrections(row: Row, found: Quiz) -> list[dict[str, Any]]:
    """What was decided about questions of this attempt after it was graded, and why."""
    if row.correction_id is None:
        return []
    made = queries.corrections(row.course_id, row.item)
    standing = queries.corrected(made, row.revision_id)
    places = {entry["question"]: number for number, entry in enumerate(row.paper, start=1)}
    newest = {one.question: one for one in made if one.question in standing and one.question in places}
    return [
        {"number": places[name], "label": CORRECTION_LABELS[standing[name].how], "reason": one.reason}
        for name, one in sorted(newest.items(), key=lambda pair: places[pair[0]])
    ]


def _waiting_page(row: Row, found: Quiz, standing: Standing) -> AnyResponse:
    """Submitted, and people still have to mark some of it: how many answers, and what the rest is worth so far."""
    corrected = queries.corrected(queries.corrections(row.course_id, row.item), row.revision_id)
    so_far = rules.grade_paper(found, row.paper, queries.answers(row.id), corrected=corrected)
    at_once = sum(
        float(question.points)
        for name, fraction in so_far.marks.items()
        if fraction is not None and (question := found.question(name))
    )
    next_item = standing.next_item
    return fresh(
        render_template(
            "assessment/waiting.html",
            attempt=row,
            quiz=found,
            awaited=len(so_far.awaited),
            points=so_far.points if found.show != "nothing" else None,
            most=at_once,
            next_url=url_of(standing, next_item) if next_item and next_item != row.item else None,
        )
    )


def _reviews(row: Row, found: Quiz, marks: Mapping[str, float], standing: Standing) -> list[dict[str, Any]]:
    """Every question with the learner's answer, the right one and the reason, made on the server after submission."""
    html, held = pieces(row.revision_id, row.item, row.digest), queries.answers(row.id)
    fill_in = partial(fill, values=local_values(), missing_label=_("not filled in yet"))
    has_hand_marks = any(one.needs_person for one in found.questions)
    by_hand = marking.hand_marks([row.id])[row.id] if has_hand_marks else {}
    made = []
    for number, entry in enumerate(row.paper, start=1):
        question, order = found.question(entry["question"]), entry["order"]
        said = replace(question.feedback(held.get(question.id), order), fraction=marks.get(question.id, 0.0))
        if question.id not in marks:
            continue  # it was dropped after all
        feedback = rendering.reviewed(html[question.id], said, order, fill_in)
        if question.needs_person:
            feedback["marks"] = marking.told(question, by_hand.get(question.id, []))
            feedback["files"] = [
                (file["name"], url_for(".own_file", attempt_id=row.id, digest=file["digest"]))
                for file in (held.get(question.id) or [] if question.kind == "file" else [])
            ]
        lessons = [
            (item_title(standing.doc, one.id), url_of(standing, one.id)) for one in lessons_for(standing.doc, question)
        ]
        made.append({"number": number, "view": question.view(order), "feedback": feedback, "lessons": lessons})
    return made
