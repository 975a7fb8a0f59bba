"""A lesson: its facts, its text, and the self-checks in it."""

import re
from collections.abc import Iterator

from lms.course.blocks import chunks
from lms.course.desk import Desk, local_names, texts, title, whole
from lms.course.document import Lesson
from lms.course.frontmatter import FrontMatter
from lms.course.problems import N_
from lms.course.questions import Question
from lms.course.quizzes import question

KEYS = {"id", "title", "minutes", "objectives", "tags", "kind"}
CITE = re.compile(r"\[@([A-Za-z0-9-]+)(?:[ ]+([^\]]*))?\]")
OPENING = re.compile(r"([ ]{0,3})(```+|~~~+)[ ]*quiz[ ]*$")
PLACE = "\ue002{}\ue003"
"""Where a self-check stands in the rendered lesson: letters for private use, which no renderer touches."""


def lesson(desk: Desk, facts: FrontMatter) -> Lesson:
    """The lesson of a file."""
    desk.unknown(facts, KEYS)
    checks = tuple(_self_checks(desk, facts))
    return Lesson(
        id=desk.identity(facts.path, facts.line("id"), facts.text("id"), "lesson"),
        title=title(desk, facts),
        path=facts.path,
        minutes=whole(desk, facts, "minutes", 1, 600),
        objectives=texts(facts, "objectives"),
        tags=facts.texts("tags"),
        text=facts.body,
        line=facts.body_line,
        cites=tuple(dict.fromkeys(match[1] for match in CITE.finditer(facts.body))),
        local_names=local_names(facts.body),
        checks=checks,
    )


def fenced(text: str) -> Iterator[tuple[int, int]]:
    """First and last line (from 0) of each self-check, its fences included; one that is not closed goes to the end."""
    start, fence = -1, ""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        mark = re.match(r"[ ]{0,3}(```+|~~~+)", line)
        if not mark:
            continue
        if not fence:
            fence, start = mark[1], number if OPENING.match(line) else -1
        elif mark[1].startswith(fence) and not line.strip().strip(fence[0]):
            if start >= 0:
                yield start, number
            fence, start = "", -1
    if fence and start >= 0:
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
            desk.wrong(facts.path, number, message)
            continue
        made = question(desk, facts.path, found[0])
        if made and made.needs_person:
            message = N_(
                "question “%(title)s”: a self-check is marked at once; essays and files have their place in a quiz"
            )
            desk.wrong(facts.path, made.line, message, title=made.title)
        elif made:
            yield made
