"""Ids that an author left out, written into the text where they belong; every other line stays as it is."""

import re
from collections.abc import Iterator

from lms.course.desk import MADE_LIMIT, Named, slug
from lms.course.problems import N_, Problem, warning
from lms.course.reading import MEMORY, Memory, Page, course_page, item_page
from lms.course.source import Source

LINES = re.compile(r"(\r\n|\r|\n)")
KEY = re.compile(r"id:[ \t]*(?:\"\"|'')?[ \t]*$")
BRACES = re.compile(r"\{(?=[^{}]*\}$)")


def with_ids(source: Source, memory: Memory = MEMORY) -> tuple[Source, list[Problem]]:
    """The course with an id for course.md, every item of the outline and every question; and what was written where.

    Ids come from titles, and from the name of a file that has none. What is wrong in another way stays wrong.
    """
    pages = _pages(source, memory)
    taken = {named.id for page in pages.values() for named in page.named}
    files, written = dict(source), []
    for path, page in pages.items():
        missing = [named for named in page.named if not named.id]
        if missing:
            text = _Lines(source[path])
            written += list(_write(path, text, missing, taken))
            files[path] = text.data()
    return Source(files), written


def _pages(source: Source, memory: Memory) -> dict[str, Page]:
    """course.md and the items that its outline names."""
    if "course.md" not in source:
        return {}
    front = memory.read(course_page, "course.md", source["course.md"])
    parts = front.outline.parts if front.outline else ()
    paths = [link.path for _, _, links in parts for link in links if link.is_text and link.path != "course.md"]
    items = {path: memory.read(item_page, path, source[path]) for path in paths if path in source}
    return {"course.md": front, **items}


def _write(path: str, text: "_Lines", missing: list[Named], taken: set[str]) -> Iterator[Problem]:
    """From the last line to the first, so that a line put in moves none that is still to come."""
    made = {named: _unused(named, path, taken) for named in sorted(missing, key=lambda named: named.line)}
    put = [named for named in reversed(made) if text.put(named, made[named])]
    for named in reversed(put):
        message = N_("the id “%(id)s” was written for “%(title)s”; once published it should stay")
        line = named.line + text.is_longer
        yield warning(path, line, message, id=made[named], title=named.title or path)


def _unused(named: Named, path: str, taken: set[str]) -> str:
    """An id that nothing else in the course has."""
    name = path.rpartition("/")[2].rpartition(".")[0]
    start = slug(named.title)[:MADE_LIMIT].strip("-") or ("cau" if named.is_question else slug(name)[:MADE_LIMIT])
    start = start.strip("-") or "bai"
    found, number = start, 2
    while found in taken:
        found, number = f"{start}-{number}", number + 1
    taken.add(found)
    return found


class _Lines:
    """A file as its lines with their ends, however they end."""

    def __init__(self, data: bytes) -> None:
        parts = LINES.split(data.decode("utf-8"))
        self.lines, self.ends = parts[::2], [*parts[1::2], ""]
        self.is_longer = False

    def data(self) -> bytes:
        return "".join(line + end for line, end in zip(self.lines, self.ends, strict=True)).encode()

    def put(self, named: Named, made: str) -> bool:
        """Write the id; False where there is no place for it."""
        place = named.line - 1
        line = self.lines[place].rstrip()
        if named.is_question:
            self.lines[place] = BRACES.sub(f"{{#{made} ", line) if BRACES.search(line) else f"{line} {{#{made}}}"
        elif KEY.match(line):
            self.lines[place] = f"id: {made}"
        elif place == 0 and line.removeprefix("\ufeff") == "---" and "---" in map(str.rstrip, self.lines[1:]):
            self.lines.insert(1, f"id: {made}")
            self.ends.insert(1, self.ends[0])
            self.is_longer = True
        else:
            return False
        return True
