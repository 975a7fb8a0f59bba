"""What may be published, which files a browser may show, and the refusals of this feature."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from lms.core.errors import Refused
from lms.core.i18n import _l
from lms.course.problems import Problem

INTRODUCTION = "course.md"
"""The key under which a course's own introduction is rendered; no item can have it, for its dot."""
TEXT_SUFFIXES = (".md", ".markdown", ".yaml", ".yml")
"""What a course is written in; never sent to learners, since quizzes hold their keys."""


class CannotPublish(Refused):
    """Errors block publishing."""

    message = _l("The course has %(count)d errors. Correct them, then publish.")


class DraftReplaced(Refused):
    """What would be published is not what the trainer looked at."""

    message = _l("The draft was replaced by another upload. Look at it again, then publish.")


class AlreadyRetired(Refused):
    """Retiring happens once."""

    message = _l("This course is already retired.")


class NotRetired(Refused):
    """Only what was retired can be reopened."""

    message = _l("This course is not retired.")


@dataclass(frozen=True)
class Delivery:
    """How the bytes of a file are sent."""

    mimetype: str
    is_inline: bool = False
    headers: dict[str, str] = field(default_factory=dict)


# Whatever a course file says, it is no page of ours: no scripts, no requests, an origin of its own.
_LOCKED_UP = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
_SHOWN: dict[str, str] = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".svg": "image/svg+xml",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".vtt": "text/vtt",
    ".mp3": "audio/mpeg",
}
_SAVED: dict[str, str] = {
    ".pdf": "application/pdf",
    ".zip": "application/zip",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}


def suffix(name: str) -> str:
    """The last ending of a name, in lower case, with its dot."""
    return "." + name.rpartition(".")[2].lower() if "." in name else ""


def delivery(name: str) -> Delivery:
    """Pictures, films and sound are shown, everything else is saved; the name alone decides, and browsers must not guess."""
    headers = {"Content-Security-Policy": _LOCKED_UP, "X-Content-Type-Options": "nosniff"}
    kind = suffix(name)
    if kind in _SHOWN:
        return Delivery(_SHOWN[kind], is_inline=True, headers=headers)
    return Delivery(_SAVED.get(kind, "application/octet-stream"), headers=headers)


def is_servable(path: str) -> bool:
    """Whether learners may ever get the file: not what the course is written in."""
    return not path.lower().endswith(TEXT_SUFFIXES)


def is_video(path: str) -> bool:
    """Whether it is a film that lessons can show."""
    return path.lower().endswith((".mp4", ".webm"))


def count_errors(problems: Iterable[Problem]) -> int:
    """How many of the problems block publishing."""
    return sum(problem.is_error for problem in problems)
