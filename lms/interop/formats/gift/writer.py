"""Questions → GIFT: what Moodle reads again as the same, and a problem for everything that it would not."""

from collections.abc import Iterable
from decimal import Decimal

from lms.course.problems import N_, Problem
from lms.interop.formats.exchange import ANYTHING, Answer, ExchangeQuestion, Markup, Text, Type
from lms.interop.formats.gift.escapes import PREFIX, WEIGHT, escaped
from lms.interop.formats.losses import LEFT_OUT, losses, snapped, told, written
from lms.interop.formats.reading import category_path

NAME = "GIFT"
KEPT = frozenset({"name", "tags", "category", "id", "feedback", "general_feedback"})
TYPES = (
    Type.SINGLE_CHOICE,
    Type.MULTIPLE_CHOICE,
    Type.TRUE_FALSE,
    Type.SHORT_TEXT,
    Type.NUMERIC,
    Type.MATCHING,
    Type.ESSAY,
    Type.DESCRIPTION,
)


def write(questions: Iterable[ExchangeQuestion]) -> tuple[bytes, list[Problem]]:
    """The file, and what it does not hold."""
    blocks: list[str] = []
    problems: list[Problem] = []
    names: tuple[str, ...] = ()
    for question in questions:
        block, more = _block(question)
        problems += more
        if block and question.category != names:
            names = question.category
            blocks.append("$CATEGORY: " + category_path(names).replace("\\", "\\\\"))
        blocks += [block] if block else []
    return ("\n\n".join(blocks) + "\n").encode() if blocks else b"", problems


class Unwritable(Exception):
    """GIFT has no way to say this."""

    def __init__(self, message: str, **values: str) -> None:
        super().__init__(message)
        self.message, self.values = message, values


def _block(question: ExchangeQuestion) -> tuple[str, list[Problem]]:
    """The lines of one question; empty when it cannot be written."""
    if question.type not in TYPES:
        return "", [told(question, LEFT_OUT, format=NAME, type=question.type.value)]
    problems = losses(question, NAME, KEPT if question.type is not Type.DESCRIPTION else KEPT - {"general_feedback"})
    own = question.text.markup
    try:
        answers = _answers(question, own, problems)
    except Unwritable as cause:
        return "", [told(question, cause.message, **cause.values)]
    name = f"::{escaped(question.name)}::" if question.name else ""
    return "\n".join(
        [*_labels(question, problems), f"{name}[{own.value}]{escaped(question.text.text)}{answers}"]
    ), problems


def _labels(question: ExchangeQuestion, problems: list[Problem]) -> list[str]:
    """The comment that carries id and tags."""
    said = [("id", question.id)] if question.id else []
    found = []
    for what, value in [*said, *(("tag", tag) for tag in question.tags)]:
        line = " ".join(value.split())
        if line.endswith("\\"):
            line = line.rstrip("\\")
            message = N_(
                "question “%(title)s”: GIFT cannot end an id or tag with a backslash; it was cut from “%(value)s”"
            )
            problems.append(told(question, message, value=value))
        if line:
            found.append(f"[{what}:" + line.replace("]", "\\]") + "]")
    return ["// " + " ".join(found)] if found else []


def _rich(text: Text, own: Markup) -> str:
    """The text with its markup where that is another, or where it begins as if it said one."""
    is_told = text.markup is not own or PREFIX.match(text.text)
    return (f"[{text.markup.value}]" if is_told else "") + escaped(text.text)


def _feedback(text: Text | None, own: Markup) -> str:
    return f"#{_rich(text, own)}" if text else ""


def _answers(question: ExchangeQuestion, own: Markup, problems: list[Problem]) -> str:
    """From the opening brace to the closing one; nothing for a description."""
    if question.type is Type.DESCRIPTION:
        return ""
    general = question.general_feedback
    tail = f"####{_rich(general, own)}" if general else ""
    if question.type is Type.ESSAY:
        return f"{{{tail}}}"
    if question.type is Type.TRUE_FALSE:
        return f"{{{_true_false(question, own)}{tail}}}"
    if question.type is Type.SHORT_TEXT and _has_arrow(question):
        return f"{{{_only_text(question, own, problems)}{tail}}}"
    rows = {
        Type.SINGLE_CHOICE: _choices,
        Type.MULTIPLE_CHOICE: _choices,
        Type.SHORT_TEXT: _short_texts,
        Type.NUMERIC: _numbers,
        Type.MATCHING: _matching,
    }[question.type](question, own, problems)
    opening = "{#" if question.type is Type.NUMERIC else "{"
    return "\n".join([opening, *(f"\t{row}" for row in [*rows, *([tail] if tail else [])]), "}"])


def _true_false(question: ExchangeQuestion, own: Markup) -> str:
    """The feedback for the wrong response comes first."""
    right, wrong = question.feedback_if_true, question.feedback_if_false
    if not question.correct:
        right, wrong = wrong, right
    both = _feedback(wrong, own) or ("#" if right else "")
    return ("TRUE" if question.correct else "FALSE") + both + _feedback(right, own)


def _weight(question: ExchangeQuestion, answer: Answer, problems: list[Problem]) -> Decimal:
    weight, more = snapped(question, answer.weight)
    problems += more
    return weight


def _choices(question: ExchangeQuestion, own: Markup, problems: list[Problem]) -> list[str]:
    is_single = question.type is Type.SINGLE_CHOICE
    rows: list[str] = []
    all_right = all(answer.weight == 100 for answer in question.answers)
    for answer in question.answers:
        text = answer.text or Text(markup=own)
        weight, shown = _weight(question, answer, problems), _rich(text, own)
        # Without any “~” these would be accepted words to type.
        is_right = is_single and weight == 100 and not (all_right and not rows)
        said = f"%{written(weight)}%" if not is_right and (weight or WEIGHT.match(shown)) else ""
        rows.append(("=" if is_right else "~") + said + shown + _feedback(answer.feedback, own))
    if len(rows) < 2:
        raise Unwritable(N_("question “%(title)s” was left out: GIFT needs at least two answers"))
    if is_single and not any(row.startswith("=") for row in rows):
        raise Unwritable(N_("question “%(title)s” was left out: in GIFT one answer must be worth 100%%"))
    return rows


def _short_texts(question: ExchangeQuestion, own: Markup, problems: list[Problem]) -> list[str]:
    return ["=" + _short_text(question, answer, own, problems) for answer in question.answers]


def _short_text(question: ExchangeQuestion, answer: Answer, own: Markup, problems: list[Problem]) -> str:
    text = answer.text.text if answer.text else ""
    prefix = f"[{own.value}]" if PREFIX.match(text) else ""
    return f"%{written(_weight(question, answer, problems))}%{prefix}{escaped(text)}{_feedback(answer.feedback, own)}"


def _has_arrow(question: ExchangeQuestion) -> bool:
    """With an arrow and a live “=” it would be read as matching."""
    texts = (text.text for answer in question.answers for text in (answer.text, answer.feedback) if text)
    return any("->" in text for text in texts)


def _only_text(question: ExchangeQuestion, own: Markup, problems: list[Problem]) -> str:
    """One answer can do without the sign before it."""
    if len(question.answers) > 1:
        raise Unwritable(N_("question “%(title)s” was left out: GIFT cannot write “->” in one of several answers"))
    return _short_text(question, question.answers[0], own, problems)


def _numbers(question: ExchangeQuestion, own: Markup, problems: list[Problem]) -> list[str]:
    rows: list[str] = []
    for place, answer in enumerate(question.answers, start=1):
        is_last = place == len(question.answers)
        if answer.value == ANYTHING and is_last and not answer.weight and rows:
            rows.append(f"~{_feedback(answer.feedback, own) or '#'}")
            continue
        value = answer.value if isinstance(answer.value, str) else written(answer.value or Decimal(0))
        margin = f":{written(answer.tolerance)}" if answer.tolerance else ""
        rows.append(
            f"=%{written(_weight(question, answer, problems))}%{value}{margin}{_feedback(answer.feedback, own)}"
        )
    return rows


def _matching(question: ExchangeQuestion, own: Markup, problems: list[Problem]) -> list[str]:
    rows: list[str] = []
    for pair in question.pairs:
        left = _rich(pair.left, own)
        if "->" in left:
            left = left.replace("->", "→")
            message = N_("question “%(title)s”: GIFT cannot write “->” on the left of a pair; it became “→”")
            problems.append(told(question, message))
        rows.append(f"={left} -> {escaped(pair.right)}")
    rows += [f"= -> {escaped(distractor)}" for distractor in question.distractors]
    if len(rows) < 2:
        raise Unwritable(N_("question “%(title)s” was left out: GIFT needs at least two pairs"))
    return rows
