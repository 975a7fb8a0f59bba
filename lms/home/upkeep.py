"""What of published courses grew old: cited law, links that died, lessons that nobody finishes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from flask import url_for
from sqlalchemy import Row

from lms.content.queries import kept_by, load_documents
from lms.content.rules import WRITERS
from lms.course import check
from lms.course.document import CourseDoc
from lms.course.problems import Problem
from lms.learning.queries import Finishing

LONG_ENOUGH_DAYS = 30
PEOPLE_ENOUGH = 5
"""Fewer people than that say nothing about a lesson."""
ADDRESS_LIMIT = 500


@dataclass(frozen=True)
class Kept:
    """A course that the viewer works on, as learners read it."""

    course: Row
    doc: CourseDoc

    @property
    def may_edit(self) -> bool:
        """Reviewers look on."""
        return self.course.role in WRITERS

    def place(self, path: str, line: int) -> "Place":
        """A line of one of its files."""
        title = next((item.title for item in self.doc.every_item if item.path == path), self.doc.title)
        return Place(self.course.slug, path, line, title)


@dataclass(frozen=True)
class Place:
    """Where something stands, and the address that puts the cursor there."""

    slug: str
    path: str
    line: int
    title: str

    @property
    def url(self) -> str:
        """The editor's line; without an open draft the editor leads to the course's page."""
        return url_for("desk.edit", slug=self.slug, path=self.path, _anchor=f"dong-{self.line}")


@dataclass
class OutsideLink:
    """An address that a course links, with every place where it stands and what is recorded of it."""

    kept: Kept
    url: str
    places: list[Place] = field(default_factory=list)
    dead: Row | None = None

    @property
    def digest(self) -> str:
        """A short name of the address that fits into another one."""
        return digest(self.url)


def digest(url: str) -> str:
    """How an address is named in forms: one that the course does not link has no name."""
    return sha256(url.encode("utf-8", "replace")).hexdigest()


def courses(viewer_id: int, slug: str | None = None) -> list[Kept]:
    """Published courses that she works on, or one of them; three statements however many they are."""
    rows = kept_by(viewer_id, slug)
    documents = load_documents({row.revision_id: row.digest for row in rows})
    return [Kept(row, documents[row.revision_id]) for row in rows]


def old_law(kept: Iterable[Kept], today: date) -> Iterator[tuple[Kept, Place, Problem]]:
    """Every passage that cites what is repealed or what nobody checked for long."""
    for one in kept:
        for problem in check.law(one.doc, today):
            yield one, one.place(problem.path, problem.line), problem


def outside_links(kept: Kept, dead: Iterable[Row]) -> list[OutsideLink]:
    """The addresses that a course links, each once, in the order of the course."""
    recorded = {row.url: row for row in dead if row.course_id == kept.course.id}
    found: dict[str, OutsideLink] = {}
    for path, line, url in check.outside_links(kept.doc):
        link = found.setdefault(url, OutsideLink(kept, url, dead=recorded.get(url)))
        link.places.append(kept.place(path, line))
    return list(found.values())


@dataclass(frozen=True)
class Unfinished:
    """A lesson that nobody finished, although so many people had the time."""

    kept: Kept
    place: Place
    people: int


def unfinished(kept: Iterable[Kept], finishing: Mapping[int, Finishing]) -> Iterator[Unfinished]:
    """Lessons without a single person who finished them among enough who could."""
    for one in kept:
        counts = finishing.get(one.course.id)
        if counts is None or counts.people < PEOPLE_ENOUGH:
            continue
        for lesson in one.doc.lessons:
            if not counts.finished.get(lesson.id):
                yield Unfinished(one, one.place(lesson.path, 1), counts.people)
