"""The media of a course: which of them no text uses, and how much they weigh."""

import posixpath
import re
from collections.abc import Iterator

from lms.course.check_text import VIDEOS, found_links, resolve, target_of
from lms.course.document import CourseDoc
from lms.course.fences import prose, without_code
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
            lines = prose(source[path].decode("utf-8", "replace"))
            used |= {resolve(path, target) for _, text in lines for target in _targets(without_code(text))}
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
    return sum(source.size(path) for path in source if not path.lower().endswith(AUTHORED))


def _targets(text: str) -> Iterator[str]:
    """Where the links and pictures of a line lead, a picture within a link too."""
    for _is_picture, _words, inside in found_links(text):
        yield target_of(inside)
    if definition := DEFINITION.match(text):
        yield definition["bare"] if definition["angled"] is None else definition["angled"]


def _stem(path: str) -> str:
    return posixpath.splitext(path)[0]
