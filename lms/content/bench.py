"""The workbench: one draft parsed and checked, as the editor, the course page and the publication look at it."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import url_for

from lms.content import dead_links, drafts, queries
from lms.content.models import Course, Draft
from lms.content.rules import WRITERS, CourseRole, count_errors
from lms.core import clock
from lms.core.i18n import _
from lms.course import check
from lms.course.document import CourseDoc, Drill, Item, Lesson, Quiz
from lms.course.parse import parse
from lms.course.problems import Problem, in_order
from lms.course.source import AUTHORED, Source


def looked_over(source: Source, local_names: Collection[str] | None) -> tuple[CourseDoc | None, list[Problem]]:
    """The course in the files and all that is to be said of it today and here: the one list of every check.

    `local_names` are those that this administration has; None where no database says so.
    """
    doc, problems = parse(source)
    if doc is None:
        return None, problems
    problems = [*problems, *check.law(doc, clock.today())]
    if local_names is not None:
        problems += check.local(doc, source, local_names)
    return doc, in_order(problems)


def _with_dead_links(doc: CourseDoc | None, problems: list[Problem], course_id: int) -> list[Problem]:
    """What the database alone knows of the course's links, among what its files say."""
    urls = dead_links.urls(course_id) if doc else frozenset()
    return in_order([*problems, *check.dead_links(doc, urls)]) if doc and urls else problems


@dataclass(frozen=True)
class Bench:
    """A draft on the table, with what somebody typed and has not saved laid over it."""

    course: Course
    role: CourseRole
    draft: Draft
    source: Source
    doc: CourseDoc | None
    problems: list[Problem]
    files: dict[str, str]
    """path → digest, as renderings want them."""
    changed: frozenset[str]

    @property
    def may_edit(self) -> bool:
        """Reviewers look and approve."""
        return self.role in WRITERS

    @property
    def errors(self) -> int:
        """How many problems block publishing."""
        return count_errors(self.problems)

    @cached_property
    def items(self) -> dict[str, Item]:
        """The lessons, quizzes and drills of the outline by path."""
        return {item.path: item for item in self.doc.every_item} if self.doc else {}

    def is_published(self, path: str) -> bool:
        """Whether the revision that the draft began as has the file."""
        return self.draft.base is not None and path in self.draft.base.files

    def kind(self, path: str) -> str:
        """What a file is to the course: course, lesson, quiz, drill, references, other or media."""
        if path == "course.md":
            return "course"
        if path == "references.yaml":
            return "references"
        if not path.lower().endswith(AUTHORED):
            return "media"
        item = self.items.get(path)
        return {Lesson: "lesson", Quiz: "quiz", Drill: "drill"}.get(type(item), "other") if item else "other"

    def shown_problems(self) -> list[dict[str, Any]]:
        """The problems in the reader's language, each with the address that puts the cursor on its line."""
        slug = self.course.slug
        return [
            {
                "path": p.path, "line": p.line, "level": p.level.value, "text": p.text(_),
                "url": url_for("desk.edit", slug=slug, path=p.path, _anchor=f"dong-{p.line}") if p.path in self.source else None,
            }
            for p in self.problems
        ]  # fmt: skip

    def tree(self, current: str = "") -> list[dict[str, Any]]:
        """Every file: the course's own first, then the outline's in its order, then the others by path."""
        counts = Counter((p.path, p.level.value) for p in self.problems)
        rank = {"course.md": -2, "references.yaml": -1}
        if self.doc:
            listed = [entry.path for part in self.doc.parts for entry in part.entries]
            rank |= {path: place for place, path in enumerate(listed)}
        rows = [
            {
                "path": path,
                "title": self.items[path].title if path in self.items else "",
                "kind": self.kind(path),
                "errors": counts[path, "error"],
                "warnings": counts[path, "warning"],
                "is_changed": path in self.changed,
                "is_current": path == current,
                "url": url_for("desk.edit", slug=self.course.slug, path=path),
            }
            for path in self.source
        ]
        return sorted(rows, key=lambda row: (rank.get(row["path"], 10_000), row["path"]))


def bench(course: Course, role: CourseRole, draft: Draft, typed: Mapping[str, str] | None = None) -> Bench:
    """The draft as it is stored, or with these texts in place of the stored ones."""
    source, digests = drafts.contents(draft.id)
    if typed:
        source = Source({**source.files, **{path: text.encode("utf-8", "replace") for path, text in typed.items()}})
    doc, problems = looked_over(source, queries.local_values())
    problems = _with_dead_links(doc, problems, course.id)
    return Bench(course, role, draft, source, doc, problems, digests, frozenset(drafts.changed_paths(draft, digests)))
