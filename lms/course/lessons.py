"""A lesson: its facts, its text, and the self-checks in it."""

from collections.abc import Iterator

from lms.course.blocks import chunks
from lms.course.check_text import CITE
from lms.course.desk import Desk, local_names, texts, title, whole
from lms.course.document import Lesson
from lms.course.fences import SELF_CHECK, Fence
from lms.course.frontmatter import FrontMatter
from lms.course.problems import N_
from lms.course.questions import Question
from lms.course.quizzes import question

KEYS = {"id", "title", "minutes", "practice", "objectives", "tags", "kind"}
PLACE = "\ue002{}\ue003"
"""Where a self-check stands in the rendered lesson: letters for private use, which no renderer touches."""


def lesson(desk: Desk, facts: FrontMatter) -> Lesson:
    """The lesson of a file."""
    desk.unknown(facts, KEYS)
    identity = desk.identity(facts)
    return Lesson(
        id=identity,
        title=title(desk, facts),
        path=facts.path,
        minutes=whole(desk, facts, "minutes", 1, 600),
        practice=whole(desk, facts, "practice", 1, 600),
        objectives=texts(facts, "objectives"),
        tags=facts.texts("tags"),
        text=facts.body,
        line=facts.body_line,
        cites=tuple(dict.fromkeys(match[1] for match in CITE.finditer(facts.body))),
        local_names=local_names(facts.body),
        checks=tuple(_self_checks(desk, facts)),
    )


def fenced(text: str) -> Iterator[tuple[int, int]]:
    """First and last line (from 0) of each self-check, its fences included; one that is not closed goes to the end."""
    fence, start = Fence(), 0
    lines = text.split("\n")
    for number, line in enumerate(lines):
        before = fence.mark
        fence.covers(line)
        if fence.mark and not before:
            start = number
        elif before and not fence.mark and fence.info == SELF_CHECK:
            yield start, number
    if fence.mark and fence.info == SELF_CHECK:
        yield start, len(lines) - 1


def with_places(text: str) -> str:
    """The text with a place in its own paragraph instead of each self-check."""
    lines = text.split("\n")
    spans = list(fenced(text))
    for number, (first, last) in reversed(list(enumerate(spans))):
        lines[first : last + 1] = ["", PLACE.format(number), ""]
    return "\n".join(lines)


def _self_checks(desk: Desk, facts: FrontMatter) -> Iterator[Question]:
    """One question in each block; what a person has to mark checks nothing by itself."""
    lines = facts.body.split("\n")
    for first, last in fenced(facts.body):
        number = facts.body_line + first
        found = [chunk for chunk in chunks("\n".join(lines[first + 1 : last]), number + 1) if chunk.level]
        if len(found) != 1 or found[0].level != 2:
            message = N_("a self-check holds one question: “## Title {#id}”, what is asked and the answers")
            desk.wrong(number, message)
            continue
        made = question(desk, found[0])
        if made and made.needs_person:
            message = N_(
                "question “%(title)s”: a self-check is marked at once; essays and files have their place in a quiz"
            )
            desk.wrong(made.line, message, title=made.title)
        elif made:
            yield made
