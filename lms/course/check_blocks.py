"""Blocks that would not be shown as their author means: code without end, tables, callouts, footnotes."""

import re
from collections.abc import Iterator, Sequence

from lms.course.fences import Fence, prose, without_code
from lms.course.problems import N_, Problem, error, warning
from lms.course.shape import CALLOUTS

Rows = Sequence[tuple[int, str]]
CELL_LINE = re.compile(r":?-+:?")
BAR = re.compile(r"(?<!\\)\|")
GAP = re.compile(r"\[\[[^\[\]]*\]\]")
CALLOUT = re.compile(r"([ ]*)(!!!|\?\?\?\+?)(.*)$")
KINDS = re.compile(r"[ ]?([\w-]+(?:[ ]+[\w-]+)*)(?:[ ]+\"[^\"]*\")?[ ]*$")
NOTE = re.compile(r"\[\^([^\]\s]{1,60})\](?!:)")
NOTE_TEXT = re.compile(r"[ ]{0,3}\[\^([^\]\s]{1,60})\]:")


def look(path: str, body: str, first_line: int) -> Iterator[Problem]:
    """What is wrong with the blocks of a text, wherever it stands."""
    yield from _open_code(path, body, first_line)
    rows = [(number, without_code(line)) for number, line in prose(body, first_line)]
    yield from _tables(path, rows)
    yield from _callouts(path, rows)


def notes(path: str, rows: Rows) -> Iterator[Problem]:
    """Footnotes that are named and nowhere written."""
    written = {match[1] for _, line in rows if (match := NOTE_TEXT.match(line))}
    for number, line in rows:
        for match in NOTE.finditer(line) if "[^" in line else ():
            if match[1] not in written:
                message = N_("the footnote “[^%(name)s]” is written nowhere; add a line “[^%(name)s]: …”")
                yield warning(path, number, message, name=match[1])


def _open_code(path: str, body: str, first_line: int) -> Iterator[Problem]:
    fence, opened = Fence(), first_line
    for number, line in enumerate(body.split("\n"), start=first_line):
        before = fence.mark
        fence.covers(line)
        if fence.mark and not before:
            opened = number
    if fence.mark:
        message = N_(
            "the block that “%(mark)s” opens here is not closed; write “%(mark)s” on a line of its own below it"
        )
        yield error(path, opened, message, mark=fence.mark[:20])


# Tables


def _tables(path: str, rows: Rows) -> Iterator[Problem]:
    inside, heads = False, 0
    for place, (number, line) in enumerate(rows):
        if inside:
            inside = bool(line.strip()) and rows[place - 1][0] == number - 1
            if inside and not _is_rule(line):
                yield from _row(path, number, _cells(line), heads)
        elif "|" in line and place + 1 < len(rows) and _is_rule(rows[place + 1][1]):
            heads, rule = _cells(line), _cells(rows[place + 1][1])
            inside = heads == rule
            if not inside:
                message = N_(
                    "this is not shown as a table: it has %(heads)s heads and the line below them %(cells)s cells; write as many"
                )
                yield error(path, number, message, heads=heads, cells=rule)


def _row(path: str, number: int, cells: int, heads: int) -> Iterator[Problem]:
    if cells > heads:
        message = N_(
            "the row has %(cells)s cells and the table %(heads)s columns, so the last ones are not shown; write “\\|” for a line that separates nothing"
        )
        yield error(path, number, message, cells=cells, heads=heads)
    elif cells < heads:
        message = N_(
            "the row has %(cells)s cells and the table %(heads)s columns; add the missing cells, or an empty line above text"
        )
        yield warning(path, number, message, cells=cells, heads=heads)


def _cells(line: str) -> int:
    """How many cells a row has; bars in gaps and behind a backslash separate none."""
    inner = _bare(GAP.sub("", line)).removeprefix("|")
    closed = inner.endswith("|") and not inner.endswith("\\|")
    return len(BAR.findall(inner)) + (not closed)


def _is_rule(line: str) -> bool:
    """“|---|:---:|”, the line below the heads."""
    text = _bare(line)
    return "|" in text and "-" in text and all(CELL_LINE.fullmatch(cell.strip()) for cell in text.strip("|").split("|"))


def _bare(line: str) -> str:
    """Without what stands before a row in a quotation or callout."""
    return line.strip().lstrip(">").strip()


# Callouts


def _callouts(path: str, rows: Rows) -> Iterator[Problem]:
    for place, (number, line) in enumerate(rows):
        match = CALLOUT.match(line) if "!!!" in line or "???" in line else None
        if match is None:
            continue
        yield from _kind(path, number, match) if match[2] == "!!!" else ()
        below = next((text for _, text in rows[place + 1 : place + 4] if text.strip()), "")
        if not below.replace("\t", "    ").startswith(match[1] + "    ") and not _is_code_below(rows, place):
            message = N_("the box is empty: its text stands on the lines below, each indented by four spaces")
            yield error(path, number, message)


def _is_code_below(rows: Rows, place: int) -> bool:
    """Lines that are left out of the rows are code, which may fill a box too."""
    following = rows[place + 1][0] if place + 1 < len(rows) else 0
    return following != rows[place][0] + 1


def _kind(path: str, number: int, callout: re.Match[str]) -> Iterator[Problem]:
    kinds = KINDS.match(callout[3])
    if kinds is None:
        message = N_(
            'this is shown as it stands; write “!!! ghi-nho” or, with a title, “!!! ghi-nho "…"”, the text below it'
        )
        yield error(path, number, message)
    elif not set(kinds[1].split()) & set(CALLOUTS):
        message = N_("“%(kind)s” is no kind of box; write one of: %(kinds)s")
        yield warning(path, number, message, kind=kinds[1][:60], kinds=", ".join(CALLOUTS))
