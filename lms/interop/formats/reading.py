"""What all readers of question files share: bytes to lines, problems that never pile up, numbers, categories."""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation

from lms.course.problems import N_, Problem, error, in_order, warning
from lms.interop.formats.exchange import ExchangeQuestion

BOM = b"\xef\xbb\xbf"
SIZE_LIMIT = 50_000_000
QUESTIONS_LIMIT = 10_000
ANSWERS_LIMIT = 1_000
PROBLEMS_LIMIT = 500
BLANK = " \t\n\r\0\x0b"
"""What is trimmed from lines and texts; a no-break space is a letter like any other."""

NUMBER = re.compile(r"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,3})?", re.ASCII)
NEWLINE = re.compile(r"\r\n|\r|\n")


class Refusal(Exception):
    """What is wrong with one question, so that reading goes on with the next; not a fault of ours."""

    def __init__(self, line: int, message: str, **values: str | int) -> None:
        super().__init__(message)
        self.line, self.message, self.values = line, message, values


class Reading:
    """One file while it is read: its path, and what was wrong so far."""

    def __init__(self, path: str = "") -> None:
        self.path = path
        self.problems: list[Problem] = []

    @property
    def is_full(self) -> bool:
        """Whether so much is wrong that reading on helps nobody."""
        return len(self.problems) > PROBLEMS_LIMIT

    @property
    def is_refused(self) -> bool:
        """All or nothing: one error and no question is taken."""
        return any(problem.is_error for problem in self.problems)

    def refuse(self, refusal: Refusal) -> None:
        self.wrong(refusal.line, refusal.message, **refusal.values)

    def wrong(self, line: int, message: str, **values: str | int) -> None:
        """Note an error."""
        self._note(error(self.path, line, message, **values))

    def warn(self, line: int, message: str, **values: str | int) -> None:
        """Note something that the author should know, though the question is taken."""
        self._note(warning(self.path, line, message, **values))

    def _note(self, problem: Problem) -> None:
        if len(self.problems) < PROBLEMS_LIMIT:
            self.problems.append(problem)
        elif not self.is_full:
            message = N_("there are more problems in this file; correct these first")
            self.problems.append(error(self.path, problem.line, message))

    def in_order(self) -> list[Problem]:
        return in_order(self.problems)

    def fits(self, data: bytes) -> bool:
        """Whether the file is small enough to be read; if not, the problem is noted."""
        if len(data) > SIZE_LIMIT:
            self.wrong(1, N_("the file is larger than %(limit)s MB; split it"), limit=SIZE_LIMIT // 1_000_000)
        return len(data) <= SIZE_LIMIT

    def text(self, data: bytes) -> str | None:
        """The file as text without its byte order mark; None with the problem noted."""
        if not self.fits(data):
            return None
        try:
            return data.removeprefix(BOM).decode("utf-8")
        except UnicodeDecodeError as bad:
            self.wrong(
                line_of(data, bad.start + (len(BOM) if data.startswith(BOM) else 0)),
                N_("the file is not UTF-8; save it again with the encoding UTF-8"),
            )
            return None


NO_QUESTION = N_("there is no question in the file")


def read_text(
    data: bytes, path: str, questions: Callable[[Reading, str], Sequence[ExchangeQuestion]]
) -> tuple[tuple[ExchangeQuestion, ...], list[Problem]]:
    """Read a file of plain text, all of it or nothing."""
    reading = Reading(path)
    text = reading.text(data)
    found = questions(reading, text) if text is not None else ()
    if not found and not reading.is_refused:
        reading.wrong(1, NO_QUESTION)
    return (() if reading.is_refused else tuple(found)), reading.in_order()


def line_of(data: bytes, place: int) -> int:
    """The line, counted from 1, that the byte stands in; lines end in LF, CRLF or CR."""
    before = data[:place]
    return before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n") + 1


def lines(text: str) -> list[str]:
    """The lines of a file, trimmed."""
    return [line.strip(BLANK) for line in NEWLINE.split(text)]


def decimal(text: str) -> Decimal | None:
    """A number as programs write it, with a point; None if it is none, or beyond what can be computed with."""
    text = text.strip(BLANK)
    if not NUMBER.fullmatch(text):
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value == 0 or -300 <= value.adjusted() <= 300 else None


def brief(text: str) -> str:
    """The first words, for a message."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:57].rstrip() + "…"


# Categories


ROOT = re.compile(r"\$[a-z0-9]+\$$")
STEP = re.compile(r"//|/")


def category(path: str) -> tuple[str, ...]:
    """The names of a category path: parted by “/”, of which a double one is a letter; the course's own root is none."""
    names, start, name = [], 0, ""
    for mark in STEP.finditer(path):
        name += path[start : mark.start()]
        start = mark.end()
        if mark[0] == "//":
            name += "/"
        else:
            names.append(name)
            name = ""
    names.append(name + path[start:])
    names = [name.strip(BLANK) for name in names]
    if names and ROOT.match(names[0]):
        names = names[1:]
    if names and names[0] == "top":
        names = names[1:]
    return tuple(name for name in names if name)


def category_path(names: tuple[str, ...]) -> str:
    """The path that `category` reads as these names."""
    parts = ["$course$", "top"]
    for name in names:
        written = " ".join(name.split()).replace("/", "//")
        written = f" {written}" if written.startswith("/") else written
        parts.append(f"{written} " if written.endswith("/") else written)
    return "/".join(parts)
