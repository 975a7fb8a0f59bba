"""What answers tell of questions: per quiz and revision, in words, the most pressing first."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from lms.assessment import gathering
from lms.assessment.statistics import LEAST, QuestionStatistics, Verdict
from lms.content import members
from lms.content.models import Course
from lms.content.queries import load_document
from lms.core import clock
from lms.core.i18n import _, _l
from lms.core.permissions import Permission
from lms.course.questions import Question
from lms.course.questions.base import plain
from lms.course.questions.choices import ChoiceQuestion
from lms.web.access import requires
from lms.web.pages import asked_id

bp = Blueprint("statistics", __name__)
Answer = str | tuple[str, int] | AnyResponse
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
WORDS = {
    Verdict.CHECK_KEY: _l("Check the key"),
    Verdict.TOO_HARD: _l("Too hard"),
    Verdict.WEAK: _l("Hardly separates"),
    Verdict.TOO_EASY: _l("Too easy"),
    Verdict.UNUSED: _l("An option that nobody chooses"),
    Verdict.GOOD: _l("Good"),
    Verdict.CORRECTED: _l("Decided afterwards, so its marks say nothing"),
}
ORDER = list(Verdict)
PRESSING = frozenset(ORDER[: ORDER.index(Verdict.GOOD)])


@dataclass(frozen=True)
class Line:
    """A question with what its answers tell."""

    question: Question
    told: QuestionStatistics
    verdict: str
    is_bad: bool
    options: list[dict[str, Any]]


def _opened(slug: str) -> Course:
    course, _role = members.get_worked_on(current_user, slug)
    return course if course.revision_id is not None else abort(404)


@bp.get("/soan/<slug>/thong-ke")
@requires(Permission.COURSE_WRITE)
def course(slug: str) -> Answer:
    """The quizzes of the course with what is known of each."""
    found = _opened(slug)
    known: dict[str, Any] = {}
    for row in gathering.stored(found.id):
        known.setdefault(row.item, row)
    quizzes = [
        {"quiz": quiz, "row": known.get(quiz.id), "told": gathering.told(known[quiz.id].data).quiz if quiz.id in known else None}
        for quiz in load_document(found.revision_id).quizzes
        if not quiz.practice
    ]  # fmt: skip
    return render_template("assessment/statistics_course.html", course=found, quizzes=quizzes)


@bp.get("/soan/<slug>/thong-ke/<item>")
@requires(Permission.COURSE_WRITE)
def quiz(slug: str, item: str) -> Answer:
    """One quiz in one revision: its figures, and each question with a verdict."""
    found = _opened(slug)
    rows = gathering.stored(found.id, item)
    wanted = asked_id("ban")
    row = next((one for one in rows if wanted in (None, one.number)), None)
    revision_id = row.revision_id if row else found.revision_id
    quiz = load_document(revision_id).quiz(item) or abort(404)
    if quiz.practice:
        abort(404)
    told = gathering.told(row.data) if row else None
    lines = [_line(one, told.questions[one.id]) for one in quiz.questions if one.id in told.questions] if told else []
    lines.sort(key=lambda line: ORDER.index(line.told.verdict) if line.told.verdict else len(ORDER))
    return render_template(
        "assessment/statistics_quiz.html",
        course=found,
        quiz=quiz,
        row=row,
        revisions=[
            {
                "label": _("Revision %(number)d", number=one.number),
                "url": url_for(".quiz", slug=slug, item=item, ban=one.number),
                "current": one is row,
            }
            for one in rows
        ],
        told=told.quiz if told else None,
        alike=told.revisions if told else (),
        lines=lines,
        least=LEAST,
        since=gathering.count_since(revision_id, item, row.computed_at if row else None),
        highest=max(told.quiz.histogram, default=0) if told else 0,
    )


def _line(question: Question, told: QuestionStatistics) -> Line:
    options = []
    if isinstance(question, ChoiceQuestion):
        options = [
            {
                "letter": LETTERS[place % 26],
                "text": plain(option.text),
                "share": share,
                "right": question.is_right(place),
            }
            for place, (option, share) in enumerate(zip(question.options, told.options, strict=False))
        ]
    return Line(question, told, _verdict(told), told.verdict in PRESSING, options)


def _verdict(told: QuestionStatistics) -> str:
    """The verdict in words, with the option that it speaks of."""
    if told.verdict is None:
        return _("Not enough data yet")
    if told.suspect is not None and told.verdict is Verdict.CHECK_KEY:
        return _("Check the key: the best choose %(letter)s", letter=LETTERS[told.suspect % 26])
    if told.suspect is not None:
        return _("Hardly anybody chooses %(letter)s: replace it", letter=LETTERS[told.suspect % 26])
    return str(WORDS[told.verdict])


@bp.get("/soan/<slug>/thong-ke/<item>/<question>")
@requires(Permission.COURSE_WRITE)
def question(slug: str, item: str, question: str) -> Answer:
    """One line for where the question is edited; a fragment."""
    found = _opened(slug)
    row = next(iter(gathering.stored(found.id, item)), None)
    told = gathering.told(row.data).questions.get(question) if row else None
    return render_template(
        "assessment/_statistics_line.html",
        course=found, item=item, question=question, told=told, verdict=_verdict(told) if told else "",
    )  # fmt: skip


@bp.post("/soan/<slug>/thong-ke/<item>")
@requires(Permission.COURSE_WRITE)
def work_out(slug: str, item: str) -> Answer:
    """Work the figures of the revision that is shown out again."""
    found = _opened(slug)
    number = asked_id("ban")
    rows = gathering.stored(found.id, item)
    row = next((one for one in rows if one.number == number), None)
    revision_id = row.revision_id if row else found.revision_id
    quiz = load_document(revision_id).quiz(item)
    if quiz is None or quiz.practice:
        abort(404)
    gathering.ask(revision_id, item, now=clock.now(), at_once=True)
    flash(_("The figures are being worked out. Reload the page in a few seconds."), "ok")
    return redirect(url_for(".quiz", slug=slug, item=item, **({"ban": number} if row else {})), 303)
