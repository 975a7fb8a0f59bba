"""What a format has no place for is told, question by question, when questions are written in it."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from lms.course.problems import N_, Problem, warning
from lms.interop.formats.exchange import Answer, ExchangeQuestion, Response, Type

# Moodle takes no other weights, but for the sign.
LEGAL = tuple(
    Decimal(weight)
    for weight in (
        "100", "90", "83.33333", "80", "75", "70", "66.66667", "60", "50", "40", "33.33333", "30", "25", "20",
        "16.66667", "14.28571", "12.5", "11.11111", "10", "5", "0",
    )
)  # fmt: skip
UNFELT = Decimal("0.01")
USUAL_PENALTY = Decimal("0.3333333")

LEFT_OUT = N_("question “%(title)s” was left out: %(format)s has no questions of the type %(type)s")
LOST = {
    "points": N_("question “%(title)s”: %(format)s has no points; it will count 1 instead of %(points)s"),
    "name": N_("question “%(title)s”: %(format)s has no names; it was left out"),
    "tags": N_("question “%(title)s”: %(format)s has no tags; they were left out"),
    "category": N_("question “%(title)s”: %(format)s has no categories; its category was left out"),
    "id": N_("question “%(title)s”: %(format)s has no ids; “%(id)s” was left out"),
    "feedback": N_("question “%(title)s”: the feedback of its answers was left out; %(format)s has no place for it here"),
    "general_feedback": N_("question “%(title)s”: the general feedback was left out; %(format)s has no place for it here"),
    "combined_feedback": N_("question “%(title)s”: %(format)s has no feedback for right, partly right and wrong; it was left out"),
    "hints": N_("question “%(title)s”: %(format)s has no hints; they were left out"),
    "more_hints": N_("question “%(title)s”: %(format)s has one hint for a question; the others were joined to it"),
    "shuffle": N_("question “%(title)s”: %(format)s cannot say that the options keep their order; switch it off after the import"),
    "case": N_("question “%(title)s”: %(format)s cannot say that upper and lower case differ; switch it on after the import"),
    "numbering": N_("question “%(title)s”: the numbering “%(numbering)s” of the options was left out"),
    "penalty": N_("question “%(title)s”: the penalty for another try was left out"),
    "hidden": N_("question “%(title)s” was hidden; %(format)s shows it"),
    "files": N_("question “%(title)s”: %(format)s carries no files; left out: %(files)s"),
    "units": N_("question “%(title)s”: %(format)s has no units; left out: %(units)s"),
    "response": N_("question “%(title)s”: %(format)s cannot say how long the text is and which files may be handed in; it was left out"),
    "grader_info": N_("question “%(title)s”: what those who mark should know was left out"),
    "template": N_("question “%(title)s”: the template for the answer was left out"),
}  # fmt: skip
SNAPPED = N_("question “%(title)s”: the weight %(weight)s%% became %(legal)s%%; Moodle takes no other near it")


def told(question: ExchangeQuestion, message: str, **values: str | int) -> Problem:
    """A loss of this question, at the line where it was read."""
    return warning("", question.line, message, title=question.label, **values)


def losses(question: ExchangeQuestion, format: str, kept: frozenset[str]) -> list[Problem]:
    """Everything that the question has and the format does not keep."""
    files = [file.name for text in question.texts for file in text.files]
    values: dict[str, str | int] = {
        "format": format,
        "points": written(question.points),
        "id": question.id,
        "numbering": question.numbering,
        "files": ", ".join(files),
        "units": ", ".join(unit.name for unit in question.units),
    }
    return [told(question, LOST[what], **values) for what in _has(question) if what not in kept]


def _has(question: ExchangeQuestion) -> Iterator[str]:
    """What the question has beyond its text and answers."""
    response = question.response or Response()
    feedback = (
        question.feedback_if_true,
        question.feedback_if_false,
        *(answer.feedback for answer in _answers(question)),
    )
    combined = (question.correct_feedback, question.partially_correct_feedback, question.incorrect_feedback)
    asked = (response.least_words, response.most_words, response.files, response.files_required, response.file_types)
    usual = Decimal(1) if question.type is Type.TRUE_FALSE else USUAL_PENALTY
    has = {
        "name": question.name,
        "points": question.type is not Type.DESCRIPTION and question.points != 1,
        "tags": question.tags,
        "category": question.category,
        "id": question.id,
        "feedback": any(feedback),
        "general_feedback": question.general_feedback,
        "combined_feedback": any(combined),
        "hints": question.hints,
        "more_hints": len(question.hints) > 1,
        "shuffle": question.shuffle is False,
        "case": question.case_sensitive,
        "numbering": question.numbering not in ("", "abc"),
        "penalty": question.penalty not in (None, usual),
        "hidden": question.hidden,
        "files": any(text.files for text in question.texts),
        "units": question.units,
        "response": any(asked) or response.editor != "editor" or response.required is False,
        "grader_info": response.grader_info,
        "template": response.template,
    }
    return (what for what, there in has.items() if there)


def _answers(question: ExchangeQuestion) -> Sequence[Answer]:
    return [*question.answers, *(answer for gap in question.gaps for answer in gap.answers)]


def legal(weight: Decimal) -> Decimal:
    """The nearest weight that Moodle takes."""
    nearest = min(LEGAL, key=lambda one: (abs(abs(weight) - one), one))
    return nearest.copy_sign(weight) if nearest else nearest


def snapped(question: ExchangeQuestion, weight: Decimal) -> tuple[Decimal, list[Problem]]:
    """The legal weight, told where the difference can be felt."""
    nearest = legal(weight)
    if abs(nearest - weight) < UNFELT:
        return nearest, []
    return nearest, [told(question, SNAPPED, weight=written(weight), legal=written(nearest))]


def written(value: Decimal) -> str:
    """A number as programs write it, without needless zeros."""
    if not value:
        return "0"
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if len(text) <= 40 else f"{value:.35e}"
