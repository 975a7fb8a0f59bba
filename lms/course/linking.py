"""Changing the outline in course.md by its lines: a new file is linked, a renamed one goes on being, a removed one is not."""

import posixpath
import re
from urllib.parse import unquote

LINE = re.compile(r"(?P<before>[ ]*(?:[-*+]|\d{1,3}[.)])[ ]+\[[^\]]*\]\()(?P<target><[^<>]*>|[^)\s]*)(?P<after>\).*)$")


def with_entry(course: str, title: str, path: str) -> str:
    """The text of course.md with a link to the file at the end of its outline."""
    clean = title.replace("[", "(").replace("]", ")").strip() or path
    lines = course.rstrip("\n").split("\n")
    if lines and not LINE.match(lines[-1]) and lines[-1].strip():
        lines.append("")
    return "\n".join([*lines, f"- [{clean}]({_target(path)})", ""])


def without_entry(course: str, path: str) -> str:
    """The text of course.md without the links to the file."""
    return "\n".join(line for line in course.split("\n") if _path(line) != path)


def renamed(course: str, path: str, to: str) -> str:
    """The text of course.md with its links to the file leading to its new path."""
    lines = []
    for line in course.split("\n"):
        match = LINE.match(line)
        lines.append(f"{match['before']}{_target(to)}{match['after']}" if match and _path(line) == path else line)
    return "\n".join(lines)


def _path(line: str) -> str:
    """The file that a line of the outline links; empty for other lines."""
    match = LINE.match(line)
    return posixpath.normpath(unquote(match["target"].strip("<>").strip())) if match else ""


def _target(path: str) -> str:
    """A path as a link has it: between angle brackets where spaces or brackets would end it."""
    return f"<{path}>" if re.search(r"[\s()]", path) else path
