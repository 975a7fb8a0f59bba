"""Source → CourseDoc and problems; never raises on what an author wrote."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from lms.course import check
from lms.course.document import CourseDoc, Drill, Entry, Lesson, Part, Quiz, Reference
from lms.course.outline import Listed, Outline
from lms.course.problems import N_, Problem, error, in_order
from lms.course.reading import MEMORY, Memory, Page, cited, course_page, item_page, plain
from lms.course.references import PATH as REFERENCES
from lms.course.source import AUTHORED, Source

COURSE = "course.md"


def parse(source: Source, memory: Memory = MEMORY) -> tuple[CourseDoc | None, list[Problem]]:
    """The course in the files and everything that is wrong with it; None when there is no course to speak of.

    What `memory` has of files that did not change is not read again, and nothing else differs for it.
    """
    if COURSE not in source:
        message = N_("there is no course.md; a course is a folder with a file of this name")
        return None, in_order([error(COURSE, 1, message), *_others(source, memory, set())])
    front = memory.read(course_page, COURSE, source[COURSE])
    if front.outline is None:
        return None, in_order([*front.problems, *_others(source, memory, {COURSE})])
    pages = _pages(source, memory, front.outline)
    problems = [*front.problems, *(problem for page in pages.values() for problem in page.problems)]
    references: tuple[Reference, ...] = ()
    if REFERENCES in source:
        laws = memory.read(cited, REFERENCES, source[REFERENCES])
        references, problems = laws.references, [*problems, *laws.problems]
    parts, wrong = _parts(source, front.outline, pages)
    items = [page.item for page in pages.values()]
    doc = replace(
        front.outline.doc,
        parts=parts,
        lessons=tuple(item for item in items if isinstance(item, Lesson)),
        quizzes=tuple(item for item in items if isinstance(item, Quiz)),
        drills=tuple(item for item in items if isinstance(item, Drill)),
        references=references,
    )
    everything = {COURSE: front, **pages}
    problems += [*wrong, *_others(source, memory, {*everything, REFERENCES}), *check.whole(doc, source, everything)]
    return doc, in_order(problems)


def _pages(source: Source, memory: Memory, outline: Outline) -> dict[str, Page]:
    """Every item of the outline that there is, once, in its order."""
    listed = [link for _, _, links in outline.parts for link in links if link.is_text and link.path in source]
    return {link.path: memory.read(item_page, link.path, source[link.path]) for link in listed if link.path != COURSE}


def _others(source: Source, memory: Memory, read: set[str]) -> Iterator[Problem]:
    """Files that belong to no item still have to be text."""
    for path in source:
        if path.lower().endswith(AUTHORED) and path not in read:
            yield from memory.read(plain, path, source[path]).problems


def _parts(source: Source, outline: Outline, pages: Mapping[str, Page]) -> tuple[tuple[Part, ...], list[Problem]]:
    """The outline with the items that its links lead to."""
    parts, problems, seen, near = [], [], set[str](), check.near_names(source)
    for title, _, links in outline.parts:
        entries = []
        for link in links:
            if found := _wrong(source, link, seen, near):
                problems.append(found)
            elif not link.is_text:
                entries.append(Entry(title=link.title, item=None, path=link.path, optional=True))
            elif item := pages[link.path].item:
                entries.append(Entry(title=link.title, item=item.id, path=link.path, optional=link.is_optional))
            if link.is_text:
                seen.add(link.path)
        parts.append(Part(title=title, entries=tuple(entries)))
    return tuple(parts), problems


def _wrong(source: Source, link: Listed, seen: set[str], near: Mapping[str, str]) -> Problem | None:
    """Why a link of the outline leads to nothing."""
    if link.path not in source:
        return check.no_file(near, COURSE, link.line, link.path)
    if link.path == COURSE:
        return error(COURSE, link.line, N_("the outline cannot hold itself; take the link out"))
    if link.path in seen:
        message = N_("“%(file)s” stands twice in the outline; keep one")
        return error(COURSE, link.line, message, file=link.path)
    return None
