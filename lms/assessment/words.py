"""The rules of a quiz as sentences, for whoever is about to begin: short, and each of them."""

from datetime import datetime

from lms.assessment.allowance import Allowance
from lms.assessment.queries import Past
from lms.core.i18n import _, format_datetime, format_number, ngettext
from lms.course.document import Quiz
from lms.web.filters import duration


def rules_in_words(quiz: Quiz, allowed: Allowance, standing: Past | None, now: datetime) -> list[str]:
    """What a learner must know before she begins, or goes on with the attempt that stands open."""
    return [
        *_time(allowed, standing, now),
        *_wrong(quiz),
        shown(quiz),
        *_order(quiz),
        _("Every answer is saved at once. If the line drops, go on; the answers are sent when it is back."),
        _("You may go back to any question until you submit."),
    ]


def rules_of(quiz: Quiz) -> tuple[object, ...]:
    """All that a learner is told before she begins, for comparing two revisions."""
    return (
        quiz.asked, quiz.minutes, quiz.attempts, quiz.pass_percent, quiz.grade, quiz.show, quiz.show_when, quiz.shuffle,
        quiz.penalty_percent, quiz.opens, quiz.closes, quiz.practice,
    )  # fmt: skip


def _time(allowed: Allowance, standing: Past | None, now: datetime) -> list[str]:
    """How long, until when, and what happens then."""
    until = _until(allowed, standing, now)
    if allowed.minutes is None:
        return [until] if until else []
    if allowed.extra_minutes:
        added = duration(allowed.extra_minutes)
        have = _("You have %(time)s (%(added)s added).", time=duration(allowed.minutes), added=added)
    else:
        have = _("You have %(time)s.", time=duration(allowed.minutes))
    runs = _("The clock also runs while the page is closed; when the time is up, what was saved is submitted.")
    return [f"{have} {until}".strip(), runs]


def _until(allowed: Allowance, standing: Past | None, now: datetime) -> str:
    """“Phải xong trước”: of the attempt that is open; else of one begun now, or when the quiz opens."""
    if standing is not None:
        ends_at = format_datetime(standing.deadline_at)
        return _("The open attempt must be finished before %(moment)s.", moment=ends_at) if ends_at else ""
    start = max(now, allowed.opens_at or now)
    moment = format_datetime(allowed.must_end_by(start))
    if not moment or (allowed.closes_at is not None and allowed.closes_at <= now):
        return ""
    if start > now:
        return _("Begun as soon as it opens, it must be finished before %(moment)s.", moment=moment)
    if allowed.minutes is None or allowed.is_cut_short(now):
        return _("The quiz closes at %(close)s; it must be finished before then.", close=moment)
    return _("Begun now, it must be finished before %(moment)s.", moment=moment)


def drawn(quiz: Quiz) -> str:
    """“rút từ 40 câu, tránh câu đã gặp”; nothing where every question is asked."""
    if not quiz.draws:
        return ""
    pool = sum(any(draw.takes(one) for draw in quiz.draws) for one in quiz.questions)
    return _("drawn from %(pool)d, avoiding those you have met", pool=pool)


def added_attempts(allowed: Allowance) -> str:
    """“đã cộng 1 lượt”."""
    count = allowed.extra_attempts
    return ngettext("%(num)d attempt added", "%(num)d attempts added", count) if count else ""


def counts(quiz: Quiz) -> str:
    """Which of several attempts counts."""
    if quiz.practice:
        return _("for practice; it does not count")
    return {
        "highest": _("the best result counts"),
        "last": _("the last result counts"),
        "first": _("the first result counts"),
        "average": _("the average of the results counts"),
    }[quiz.grade]


def _wrong(quiz: Quiz) -> list[str]:
    """What a wrong answer and none are worth."""
    if not quiz.penalty_percent:
        return [_("A wrong answer costs nothing; a question without an answer earns nothing.")]
    return [
        _(
            "A wrong answer costs %(percent)s%% of the question's points; a question without an answer costs nothing.",
            percent=format_number(quiz.penalty_percent),
        )
    ]


def shown(quiz: Quiz) -> str:
    """What the result tells, and when."""
    if quiz.practice:
        return _("After submitting you see every question with its right answer.")
    if quiz.show in ("nothing", "score"):
        none, score = (
            _("The result is not shown after submitting."),
            _("After submitting you see your score, not the single questions."),
        )
        return none if quiz.show == "nothing" else score
    if quiz.show_when != "at once":
        passed, closed = (
            _("After submitting you see your score; the right answers once you have passed."),
            _("After submitting you see your score; the right answers when the quiz has closed."),
        )
        return passed if quiz.show_when == "passed" else closed
    if quiz.show == "answers":
        return _("After submitting you see your score and every question with its right answer.")
    return _("After submitting you see your score and the right answers of the questions you missed.")


def _order(quiz: Quiz) -> list[str]:
    """What is in another order in every attempt."""
    if quiz.shuffle in ("questions", "both"):
        return [_("The questions come in another order in every attempt.")]
    return []
