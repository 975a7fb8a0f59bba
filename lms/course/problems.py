"""Problem: the one way everything tells an author what is wrong, where, and how to cure it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """Errors block publishing, warnings do not."""

    ERROR = "error"
    WARNING = "warning"


Values = Mapping[str, str | int]


def N_(message: str) -> str:
    """Mark a message for extraction; it is translated when it is shown."""
    return message


def same(message: str) -> str:
    """The translation used when nobody asks for another language."""
    return message


def filled(message: str, values: Values) -> str:
    return message % values if values else message.replace("%%", "%")


@dataclass(frozen=True)
class Problem:
    """What is wrong at one line of one file; the message is a gettext id and says the cure."""

    path: str
    line: int
    level: Level
    message: str
    values: Values = field(default_factory=dict, hash=False)

    @property
    def is_error(self) -> bool:
        return self.level is Level.ERROR

    def text(self, translate: Callable[[str], str] = same) -> str:
        return filled(translate(self.message), self.values)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text()}"

    def __lt__(self, other: "Problem") -> bool:
        return self.place() < other.place()

    def place(self) -> tuple[str, int, str, str]:
        """Where it stands in a list; errors before warnings on the same line."""
        return self.path, self.line, self.level, self.text()


def error(path: str, line: int, message: str, **values: str | int) -> Problem:
    return Problem(path, line, Level.ERROR, message, values)


def warning(path: str, line: int, message: str, **values: str | int) -> Problem:
    return Problem(path, line, Level.WARNING, message, values)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Sorted by file and line, each said once."""
    found = {problem.place(): problem for problem in problems}
    return [found[place] for place in sorted(found)]
