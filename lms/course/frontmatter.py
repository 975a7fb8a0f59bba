"""Front matter: `key: rest of the line` and lists; every value is text until our schema types it."""

import re
from dataclasses import dataclass, field

from lms.course.problems import N_, Problem, error

KEY = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*):(?:[ \t]+(.*))?$")
ITEM = re.compile(r"[ ]*-[ ]+(.*)$")
FENCE = "---"


@dataclass
class FrontMatter:
    """The keys with their line and value; `body` starts at line `body_line`."""

    path: str
    values: dict[str, str | list[str]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    item_lines: dict[str, list[int]] = field(default_factory=dict)
    body: str = ""
    body_line: int = 1

    def line(self, key: str) -> int:
        """Where the key stands; the first line for one that is missing."""
        return self.lines.get(key, 1)

    def text(self, key: str) -> str:
        """A single value; empty when there is none."""
        value = self.values.get(key, "")
        return value if isinstance(value, str) else ""

    def texts(self, key: str) -> tuple[str, ...]:
        """A list; a single value counts as a list of one, separated by commas."""
        value = self.values.get(key, [])
        found = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
        return tuple(part for part in found if part)


def read(path: str, text: str) -> tuple[FrontMatter, list[Problem]]:
    """Cut the front matter from the body; what is not a key or an item is a problem."""
    lines = text.split("\n")
    found, problems = FrontMatter(path), []
    if lines[0].rstrip() != FENCE:
        found.body = text
        return found, [
            error(path, 1, N_("the file must begin with facts between two lines “---”; write “---” on line 1"))
        ]
    try:
        end = next(number for number in range(1, len(lines)) if lines[number].rstrip() == FENCE)
    except StopIteration:
        return found, [
            error(path, 1, N_("the facts at the top are not closed; write “---” alone on a line after them"))
        ]
    key = ""
    for number, line in enumerate(lines[1:end], start=2):
        problems += _line(found, key, number, line)
        key = next(reversed(found.values), "")
    found.body, found.body_line = "\n".join(lines[end + 1 :]), end + 2
    return found, problems


def _line(found: FrontMatter, key: str, number: int, line: str) -> list[Problem]:
    """One line between the fences."""
    if not line.strip() or line.lstrip().startswith("#"):
        return []
    if "\t" in line:
        return [error(found.path, number, N_("a tab stands here; use spaces"))]
    if match := KEY.match(line):
        name, value = match[1], (match[2] or "").strip()
        if name in found.values:
            return [error(found.path, number, N_("“%(key)s” is said twice; keep one"), key=name)]
        found.values[name] = _unquoted(value) if value else []
        found.lines[name] = number
        return []
    held = found.values.get(key)
    if isinstance(held, list) and (match := ITEM.match(line)):
        held.append(_unquoted(match[1].strip()))
        found.item_lines.setdefault(key, []).append(number)
        return []
    return [error(found.path, number, N_("this line is neither “key: value” nor “- item”; correct or remove it"))]


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value
