"""What answers tell of questions: per quiz and revision, in words, the most pressing first."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from lms.assessment import gathering
from lms.assessment.statistics import LEAST, QuestionStatistics, Separation, Verdict, separation
from lms.assessment.typed_answers import LEAST_PEOPLE
from lms.content import members
from lms.content.models import Course
from lms.content.queries import load_document
from lms.core import clock
from lms.core.i18n import _, _l
from lms.core.permissions import Permission
from lms.course.asked import fingerprint
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
SEPARATIONS = {
    Separation.VERY_GOOD: _l("tells strong from weak very well"),
    Separation.GOOD: _l("tells strong from weak well"),
    Separation.FAIR: _l("tells strong from weak fairly"),
    Separation.POOR: _l("hardly tells strong from weak"),
    Separation.REVERSED: _l("the weak do better than the strong"),
}
ORDER = list(Verdict)
PRESSING = frozenset(ORDER[: ORDER.index(Verdict.GOOD)])


SHOWN = 80
"""Letters of a typed answer that are shown in a sentence."""


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
        least_people=LEAST_PEOPLE,
        since=gathering.count_since(revision_id, item, told),
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
    if told.unknown is not None:
        return _("Many of the best answer “%(text)s”: look at the key again", text=_shortened(told.unknown))
    if told.suspect is not None and told.verdict is Verdict.CHECK_KEY:
        return _("Check the key: the best choose %(letter)s", letter=LETTERS[told.suspect % 26])
    if told.suspect is not None:
        return _("Hardly anybody chooses %(letter)s: replace it", letter=LETTERS[told.suspect % 26])
    return str(WORDS[told.verdict])


def _shortened(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


@bp.get("/soan/<slug>/thong-ke/<item>/<question>")
@requires(Permission.COURSE_WRITE)
def question(slug: str, item: str, question: str) -> Answer:
    """One line for the form of a question; a fragment. `dau` is the fingerprint of the question as it stands there."""
    line = next(iter(_short(_opened(slug), item, question)), None)
    is_changed = line is not None and request.args.get("dau", line["print"]) != line["print"]
    return render_template("assessment/_statistics_line.html", line=line, is_changed=is_changed)


@bp.get("/soan/<slug>/thong-ke-cau-hoi/<item>")
@requires(Permission.COURSE_WRITE)
def questions(slug: str, item: str) -> Answer:
    """A line for each question that has figures, for where the quiz is written; a fragment.

    Fetched once, however often the preview follows the text: each line says how its question was asked, so that the page
    can tell by itself which were changed since.
    """
    return render_template("assessment/_statistics_lines.html", lines=_short(_opened(slug), item))


def _short(found: Course, item: str, only: str | None = None) -> list[dict[str, Any]]:
    """What is said of questions in one line each; of one question, or of all that have figures."""
    known = gathering.newest_told(found.id, item)
    quiz = load_document(known[0].revision_id).quiz(item) if known else None
    if known is None or quiz is None:
        return []
    row, told = known
    return [
        {
            "question": one.id,
            "title": one.title,
            "print": fingerprint(one),
            "told": about,
            "separation": SEPARATIONS[separation(about.discrimination)],
            "verdict": _verdict(about),
            "number": row.number,
            "url": url_for(".quiz", slug=found.slug, item=item, ban=row.number, _anchor=f"cau-{one.id}"),
        }
        for one in quiz.questions
        if only in (None, one.id)
        and (about := told.questions.get(one.id)) is not None
        and about.discrimination is not None
    ]


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
