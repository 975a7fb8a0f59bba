"""Questions within the text of a file: found by id or line, replaced, added, taken out; other lines stay byte for byte."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lms.course.blocks import Chunk, attributes, chunks
from lms.course.fences import FENCE
from lms.course.frontmatter import FrontMatter, read
from lms.course.lessons import fenced

OPENING = re.compile(r"([ ]{0,3})(```+|~~~+)[ ]*quiz[ ]*$")


@dataclass(frozen=True)
class Place:
    """Where a question stands: its lines, from 1, and the fence around it in a lesson."""

    line: int
    end: int
    id: str = ""
    fence: str = ""


def is_quiz(text: str) -> bool:
    """Whether the file is a quiz; anything else that holds questions is a lesson."""
    return read("", text)[0].text("kind") == "quiz"


def places(text: str) -> Iterator[Place]:
    """Every question of a quiz or lesson, also one that is no good yet."""
    facts, _ = read("", text)
    if facts.text("kind") == "quiz":
        yield from (_place(one) for one in chunks(facts.body, facts.body_line) if one.level == 2)
        return
    lines = facts.body.split("\n")
    for first, last in fenced(facts.body):
        opening = OPENING.match(lines[first])
        inner = chunks("\n".join(lines[first + 1 : last]), facts.body_line + first + 1)
        yield from (_place(one, opening[2] if opening else "") for one in inner if one.level == 2)


def _place(chunk: Chunk, fence: str = "") -> Place:
    end = max([chunk.line, *(number for number, line in chunk.lines if line.strip())])
    return Place(chunk.line, end, attributes("", chunk)[1], fence)


def located(text: str, which: str | int) -> Place | None:
    """The question with this id, or the one that this line belongs to."""
    if isinstance(which, str):
        return next((one for one in places(text) if which and one.id == which), None)
    return next((one for one in places(text) if one.line <= which <= one.end), None)


def block_at(text: str, place: Place) -> str:
    """The lines of a question, as they stand."""
    return "\n".join(line.removesuffix("\r") for line in text.split("\n")[place.line - 1 : place.end])


def splice(text: str, place: Place, block: str) -> str:
    """The text with these lines in place of the question's."""
    lines = text.split("\n")
    last = "\r" if lines[place.end - 1].endswith("\r") else ""
    ending = "\r" if lines[place.line - 1].endswith("\r") else ""
    *before, final = block.split("\n")
    lines[place.line - 1 : place.end] = [*(line + ending for line in before), final + last]
    return "\n".join(lines)


def remove(text: str, place: Place) -> str:
    """The text without the question, its fence and the blank lines that parted it from what follows."""
    lines = text.split("\n")
    first, end = place.line - 1, place.end
    if place.fence:
        while not OPENING.match(lines[first].rstrip("\r")):
            first -= 1
        while end < len(lines) and not lines[end].strip():
            end += 1
        end += 1 if end < len(lines) else 0  # the closing fence; without one the file ends here
    while end < len(lines) and not lines[end].strip():
        end += 1
    if end < len(lines):
        return "\n".join([*lines[:first], *lines[end:]])
    return "\n".join(lines[:first]).rstrip() + "\n"


def append(text: str, block: str, *, section: str = "", line: int = 0) -> str:
    """The text with a new question: in a quiz at the end of the section, in a lesson below the paragraph at the line.

    Where there is no such section or line, at the end of the file.
    """
    facts, _ = read("", text)
    if facts.text("kind") == "quiz":
        return _inserted(text, block, _section_end(facts, section))
    fence = "`" * max([3, *(len(found[0]) + 1 for found in re.finditer(r"`{3,}", block))])
    return _inserted(text, f"{fence}quiz\n{block}\n{fence}", _paragraph_end(facts, line))


def _section_end(facts: FrontMatter, section: str) -> int | None:
    """The line of the heading after the section; None for the end of the file."""
    inside = False
    for chunk in chunks(facts.body, facts.body_line):
        if inside and chunk.level == 1:
            return chunk.line
        inside = inside or (chunk.level == 1 and attributes("", chunk)[0] == section)
    return None


def _paragraph_end(facts: FrontMatter, line: int) -> int | None:
    """The first blank line from here that is neither in code nor before an indented line; None for the end."""
    lines, fence = facts.body.split("\n"), ""
    if not facts.body_line <= line:
        return None
    for number, one in enumerate(lines):
        if mark := FENCE.match(one):
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
        here = facts.body_line + number
        after = next((later for later in lines[number:] if later.strip()), "")
        if here >= line and not one.strip() and not fence and not after.startswith((" ", "\t")):
            return here if after else None
    return None


def _inserted(text: str, block: str, line: int | None) -> str:
    """The block before this line, a blank line on each side; no other line is touched."""
    lines = text.split("\n")
    at = line - 1 if line is not None else len(lines) - (not lines[-1])
    ending = "\r" if "\r\n" in text else ""
    before = [] if not at or not lines[at - 1].strip() else [ending]
    after = [ending] if at < len(lines) and lines[at].strip() else [] if at < len(lines) else [""]
    return "\n".join([*lines[:at], *before, *(one + ending for one in block.split("\n")), *after, *lines[at:]])
