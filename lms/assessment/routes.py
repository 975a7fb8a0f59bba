"""The quiz: its rules, the attempt, saving, submitting, the result."""

from collections.abc import Mapping
from functools import partial

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from lms.assessment import handing_in, marking_queries, queries, rules, sent, service, words
from lms.assessment.handing_in import Kept
from lms.assessment.result import page as result_page
from lms.assessment.rules import AttemptOver, NotAFile
from lms.assessment.service import Saved
from lms.content import rendering
from lms.content.queries import load_document, local_values, pieces
from lms.core import clock
from lms.core.db import begin_writing
from lms.core.i18n import _, format_datetime, format_time
from lms.course.document import Quiz
from lms.course.markdown import fill
from lms.learning.queries import get_standing
from lms.web.access import signed_in, slow_first
from lms.web.forms import sent_json
from lms.web.pages import as_id, asked_id, fresh

bp = Blueprint("assessment", __name__, template_folder="templates")
Answer = str | tuple[str, int] | AnyResponse


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
    past, counted, now = taken.past, standing.done.get(item), clock.now()
    standing_open, ruling = taken.standing, taken.ruling(found)
    allowed, used, pinned = taken.allowance(ruling), len(taken.like(ruling)), standing_open or standing.course
    return render_template(
        "assessment/quiz.html",
        standing=standing,
        quiz=ruling,
        title=found.title,
        has_new_rules=words.rules_of(ruling) != words.rules_of(found),
        past=past,
        open=standing_open,
        counted=counted,
        passed=counted is not None and counted.passed and not found.practice,
        allowed=allowed,
        used=used,
        left=None if allowed.attempts is None else max(0, allowed.attempts - used),
        introduction=fill(
            pieces(pinned.revision_id, item, pinned.digest)[rendering.QUIZ_TEXT]["body"],
            local_values(),
            _("not filled in yet"),
        ),
        opens_at=allowed.opens_at,
        closes_at=allowed.closes_at,
        sentences=words.rules_in_words(ruling, allowed, standing_open, now),
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
    given = sent.answers(sent_json())
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
        "deadline": row.deadline_at.isoformat() if row.deadline_at else None,
        "finish_before": format_datetime(row.deadline_at),
        "answers": [
            {"question": s.question, "revision": s.revision, "conflict": s.conflict, "values": list(s.values)}
            | ({"message": s.message.text(_)} if s.message else {})
            for s in saved
        ],
    }
    return jsonify(body), 422 if saved and all(s.message for s in saved) else 200


@bp.post("/luot-lam-bai/<int:attempt_id>")
@signed_in
@slow_first
def answer(attempt_id: int) -> Answer:
    """The way without JavaScript: save what the form holds and the files it brings, and show the next question."""
    row = queries.get_attempt(current_user.id, attempt_id)
    if row.submitted_at is not None:
        return redirect(_result_url(attempt_id), 303)
    given, go = sent.form(request.form, len(row.paper))
    kept, wrong = _kept_files(attempt_id, len(row.paper))
    at = sent.moment(request.form.get("at"))
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


@bp.get("/luot-lam-bai/<int:attempt_id>/tep/<digest>")
@signed_in
def own_file(attempt_id: int, digest: str) -> Answer:
    """What one has handed in, to look at it again."""
    held = marking_queries.get_file(attempt_id, None, digest, learner_id=current_user.id)
    return handing_in.sent(held.digest, held.name)


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
    return fresh(result_page(row, _quiz_of(row)))
