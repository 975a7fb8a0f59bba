"""The media of a course: which of them no text uses, and how much they weigh."""

import posixpath
import re
from collections.abc import Iterator

from lms.course.check import LINK, VIDEOS, _lines, _resolve, _target
from lms.course.document import CourseDoc
from lms.course.source import AUTHORED, Source

FOLDER = "media/"
ORIGINALS = "media/goc/"
"""Where the originals stay of pictures that were made smaller."""
DEFINITION = re.compile(r"[ ]{0,3}\[[^\]]+\]:[ \t]+(?:<(?P<angled>[^<>]*)>|(?P<bare>\S+))")


def unused(source: Source, doc: CourseDoc) -> list[str]:
    """Files that no text links and the outline does not offer, for the trainer to look at; in order of path.

    Texts that are in no outline yet count too. Subtitles go with their film, originals with what was made of them.
    """
    used = {entry.path for part in doc.parts for entry in part.entries}
    for path in source:
        if path.lower().endswith(".md"):
            used |= {_resolve(path, target) for _, text in _lines(source, path) for target in _targets(text)}
    stems = {_stem(path) for path in used}
    films = {_stem(path) for path in used if path.lower().endswith(VIDEOS)}
    return sorted(
        path
        for path in source
        if not path.lower().endswith(AUTHORED)
        and path not in used
        and not (path.lower().endswith(".vtt") and _stem(path) in films)
        and not (path.startswith(ORIGINALS) and FOLDER + _stem(path).removeprefix(ORIGINALS) in stems)
    )


def total_bytes(source: Source) -> int:
    """What counts towards the course's quota: all files but the texts."""
    return sum(len(data) for path, data in source.items() if not path.lower().endswith(AUTHORED))


def _targets(text: str) -> Iterator[str]:
    """Where the links and pictures of a line lead, a picture within a link too."""
    for match in LINK.finditer(text):
        yield _target(match)
        yield from _targets(match[2])
    if definition := DEFINITION.match(text):
        yield _target(definition)


def _stem(path: str) -> str:
    return posixpath.splitext(path)[0]
