"""What may be published, which files a browser may show, and the refusals of this feature."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

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


class DraftChanged(Refused):
    """What would be published is not what the trainer looked at."""

    message = _l("The draft was changed meanwhile. Look at it again, then publish.")


class NothingChanged(Refused):
    """Publishing the same contents again would make nothing new."""

    message = _l("The draft is the same as what learners read; there is nothing to publish.")


class SlugTaken(Refused):
    """Another course has the id."""

    message = _l("There is a course with the id “%(slug)s” already. Change “id” in course.md.")


class SlugChanged(Refused):
    """The id ties the course to its learners."""

    message = _l("The id in course.md must stay “%(slug)s”: progress and results hang on it. Write it back.")


class FileExists(Refused):
    """Paths are unique in a course."""

    message = _l("There is a file “%(path)s” already; choose another name.")


class FileGone(Refused):
    """Somebody removed or renamed the file."""

    message = _l("There is no file “%(path)s” in the draft any more; somebody removed or renamed it.")


class BadPath(Refused):
    """A path that could not go out as a folder and come back."""

    message = _l(
        "“%(path)s” cannot be a file name here; use letters, digits and hyphens, for example bai/02-mat-khau.md."
    )


class NeededFile(Refused):
    """Without course.md there is no course."""

    message = _l("course.md cannot be removed or renamed: it is the course.")


class TooLarge(Refused):
    """A text that nobody could edit in a browser."""

    message = _l("The text is longer than %(limit)s kB; cut it into two files.")


class QuotaUsedUp(Refused):
    """Media of one course must not fill the server."""

    message = _l(
        "The files of this course would take %(size)s MB, %(limit)s MB are allowed. Remove files that no lesson uses, or make videos smaller."
    )


class NoFile(Refused):
    """An upload without a file."""

    message = _l("Choose a file first.")
    status = 422


class NotYours(Refused):
    """The role in the course does not allow it."""

    message = _l("Your part in this course does not allow this. The owner of the course can change it.")
    status = 403


class SecondPersonNeeded(Refused):
    """Nobody approves her own request."""

    message = _l("Another person has to approve it: an owner or a reviewer of the course.")


class AlreadySettled(Refused):
    """A request is published, withdrawn or approved once."""

    message = _l("This request is already settled; the page shows how it stands.")


class LastOwner(Refused):
    """A course without owner could be given to nobody."""

    message = _l("The course needs an owner. Make somebody else owner first.")


class NotATrainer(Refused):
    """Only trainers work on courses."""

    message = _l("%(name)s is no trainer yet. The administrator gives that role under Accounts.")


class CourseRole(StrEnum):
    """What somebody is to a course that she works on."""

    OWNER = "owner"
    CO_AUTHOR = "co_author"
    REVIEWER = "reviewer"


COURSE_ROLE_LABELS = {
    CourseRole.OWNER: _l("Owner"),
    CourseRole.CO_AUTHOR: _l("Co-author"),
    CourseRole.REVIEWER: _l("Reviewer"),
}
WRITERS = frozenset({CourseRole.OWNER, CourseRole.CO_AUTHOR})
APPROVERS = frozenset({CourseRole.OWNER, CourseRole.REVIEWER})
TEXT_LIMIT = 1_000_000
"""Bytes of one text file; what the parser takes."""
SAVE_KEPT_FOR = timedelta(minutes=5)
"""Saves of one person within this time count as one in the history of a draft's file."""


class PublicationState(StrEnum):
    """Where a request to publish stands."""

    AWAITS_APPROVAL = "awaits_approval"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"


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
