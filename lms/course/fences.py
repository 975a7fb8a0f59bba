"""What is code in a text, and what is prose: fenced blocks, and code within a line."""

import re
from collections import defaultdict
from collections.abc import Iterator

FENCE = re.compile(r"[ ]{0,3}(```+(?=[^`]*$)|~~~+)(.*)$")
DEEP_FENCE = re.compile(r"[ ]*(```+(?=[^`]*$)|~~~+)(.*)$")
TICKS = re.compile(r"`+")
SELF_CHECK = "quiz"


class Fence:
    """Follows fenced code line by line; a deep one also in lists and callouts."""

    def __init__(self, *, deep: bool = False) -> None:
        self._pattern = DEEP_FENCE if deep else FENCE
        self.mark = ""
        """What opened the block that the last line stands in; empty outside."""
        self.info = ""
        """What stands behind the opening mark."""

    def covers(self, line: str) -> bool:
        """Whether this line, the next one, is code or a mark around it."""
        match = self._pattern.match(line)
        if match is None:
            return bool(self.mark)
        if not self.mark:
            self.mark, self.info = match[1], match[2].strip()
        elif match[1].startswith(self.mark) and not match[2].strip():
            self.mark = ""
        return True


def prose(text: str, first_line: int = 1, *, self_checks: bool = True) -> Iterator[tuple[int, str]]:
    """The numbered lines outside fenced code; what stands in a self-check counts as text unless it is left out."""
    outer, inner = Fence(deep=True), Fence(deep=True)
    for number, line in enumerate(text.split("\n"), start=first_line):
        before = outer.mark
        if not outer.covers(line):
            yield number, line
        elif not before:
            inner = Fence(deep=True)
        elif self_checks and outer.mark and outer.info == SELF_CHECK and not inner.covers(line):
            yield number, line


def without_code(line: str) -> str:
    """The line with spaces in place of code within it, so that every other letter stays in its column."""
    if "`" not in line:
        return line
    runs = [match.span() for match in TICKS.finditer(line)]
    later: dict[int, list[int]] = defaultdict(list)
    for index in range(len(runs) - 1, -1, -1):
        start, end = runs[index]
        later[end - start].append(index)
    out, done = [], 0
    for start, end in runs:
        same = later[end - start]
        same.pop()
        if start < done or not same or line[start - 1 : start] == "\\":
            continue
        close = runs[same[-1]][1]
        out += [line[done:start], " " * (close - start)]
        done = close
    return "".join([*out, line[done:]])
