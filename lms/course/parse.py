"""Source → CourseDoc and problems; never raises on what an author wrote."""

import posixpath
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from lms.course import check
from lms.course.blocks import Chunk, chunks
from lms.course.desk import Desk, decimal, local_names, one_of, percent, texts, title, whole
from lms.course.document import CourseDoc, Entry, Lesson, Part, Quiz
from lms.course.frontmatter import FrontMatter, read
from lms.course.lessons import lesson
from lms.course.problems import N_, Problem, error, in_order
from lms.course.quizzes import quiz
from lms.course.references import references
from lms.course.source import Source

LINK = re.compile(r"(?:[-*+]|\d{1,3}[.)])[ ]+\[([^\]]+)\]\(<?([^)>]+)>?\)[ ]*(.*)$")
OPTIONAL = re.compile(r"\*\((?:không bắt buộc|optional)\)\*$", re.IGNORECASE)
KEYS = {
    "format", "id", "title", "language", "hours", "audience", "objectives", "content_group", "complete", "grade_from",
    "valid_months", "certificate",
}  # fmt: skip


def parse(source: Source) -> tuple[CourseDoc | None, list[Problem]]:
    """The course in the files and everything that is wrong with it; None when there is no course to speak of."""
    source, repairs = source.normalised()
    desk = Desk(source, repairs)
    text = desk.text("course.md")
    if text is None:
        if not desk.problems:
            desk.wrong("course.md", 1, N_("there is no course.md; a course is a folder with a file of this name"))
        return None, in_order(desk.problems)
    doc = _course(desk, text)
    desk.problems += check.whole(doc, source)
    return doc, in_order(desk.problems)


def _course(desk: Desk, text: str) -> CourseDoc:
    facts, problems = read("course.md", text)
    desk.problems += problems
    desk.unknown(facts, KEYS)
    if facts.text("format") != "1":
        desk.wrong(
            "course.md", facts.line("format"), N_("“format: 1” must stand in the facts: this version reads format 1")
        )
    cited = references(desk)
    introduction, parts, lessons, quizzes = _outline(desk, facts)
    grade_from = facts.text("grade_from") or None
    if grade_from and grade_from not in {quiz.id for quiz in quizzes}:
        desk.wrong(
            "course.md",
            facts.line("grade_from"),
            N_("grade_from: there is no quiz “%(id)s” in the outline"),
            id=grade_from,
        )
    return CourseDoc(
        id=desk.identity("course.md", facts.line("id"), facts.text("id"), "course"),
        title=title(desk, facts),
        language=one_of(desk, facts, "language", ("vi", "en"), "vi"),
        hours=decimal(desk, facts, "hours"),
        audience=facts.text("audience"),
        objectives=texts(facts, "objectives"),
        content_group=whole(desk, facts, "content_group", 1, 5),
        complete=_complete(desk, facts),
        grade_from=grade_from,
        valid_months=whole(desk, facts, "valid_months", 1, 600),
        certificate=_certificate(desk, facts),
        introduction=introduction,
        parts=parts,
        lessons=lessons,
        quizzes=quizzes,
        references=cited,
        introduction_local_names=local_names(introduction),
    )


def _complete(desk: Desk, facts: FrontMatter) -> int:
    if facts.text("complete") in ("", "all"):
        return 100
    return int(percent(desk, facts, "complete", Decimal(100)))


def _certificate(desk: Desk, facts: FrontMatter) -> Any:
    if facts.text("certificate") == "approved":
        desk.wrong(
            "course.md",
            facts.line("certificate"),
            N_("“certificate: approved” is not available in this version yet; write “self” or “none”"),
        )
        return "none"
    return one_of(desk, facts, "certificate", ("self", "none"), "self")


# Outline and items


def _outline(desk: Desk, facts: FrontMatter) -> tuple[str, tuple[Part, ...], tuple[Lesson, ...], tuple[Quiz, ...]]:
    introduction: list[str] = []
    parts: list[tuple[str | None, list[Entry]]] = []
    items: dict[str, Lesson | Quiz | None] = {}
    for chunk in chunks(facts.body, facts.body_line):
        if chunk.level == 2:
            parts.append((chunk.title, []))
        elif chunk.level:
            desk.wrong(
                "course.md",
                chunk.line,
                N_("headings of the outline are parts: write “## %(title)s”"),
                title=chunk.title[:80],
            )
        for line, text in chunk.lines:
            match = LINK.match(text)
            if match is None:
                _other(desk, chunk, line, text, introduction, started=bool(parts))
                continue
            if not parts:
                parts.append((None, []))
            entry = _entry(desk, line, match, items)
            if entry:
                parts[-1][1].append(entry)
    lessons = tuple(item for item in items.values() if isinstance(item, Lesson))
    quizzes = tuple(item for item in items.values() if isinstance(item, Quiz))
    return (
        "\n".join(introduction).strip(),
        tuple(Part(title=title, entries=tuple(entries)) for title, entries in parts),
        lessons,
        quizzes,
    )


def _other(desk: Desk, chunk: Chunk, line: int, text: str, introduction: list[str], *, started: bool) -> None:
    """A line that is no link: the introduction, or a mistake once the outline has begun."""
    if not started and chunk.level == 0:
        introduction.append(text)
    elif text.strip():
        desk.wrong(
            "course.md",
            line,
            N_("the outline holds links only: “- [Title](bai/01.md)”; move other text above the first part"),
        )


def _entry(desk: Desk, line: int, match: re.Match[str], items: dict[str, Lesson | Quiz | None]) -> Entry | None:
    title, target, rest = match[1].strip(), unquote(match[2].strip()), match[3].strip()
    path = posixpath.normpath(target)
    optional = bool(OPTIONAL.match(rest))
    if rest and not optional:
        desk.wrong("course.md", line, N_("after the link only “*(không bắt buộc)*” or “*(optional)*” may stand"))
    if path not in desk.source:
        desk.wrong(
            "course.md", line, N_("there is no file “%(file)s”; correct the link or add the file"), file=path[:200]
        )
        return None
    if not path.endswith(".md"):
        return Entry(title=title, item=None, path=path, optional=True)
    if path in items:
        desk.wrong("course.md", line, N_("“%(file)s” stands twice in the outline; keep one"), file=path)
        return None
    items[path] = item = _item(desk, path)
    return Entry(title=title, item=item.id, path=path, optional=optional) if item else None


def _item(desk: Desk, path: str) -> Lesson | Quiz | None:
    text = desk.text(path)
    if text is None:
        return None
    facts, problems = read(path, text)
    desk.problems += problems
    kind = facts.text("kind") or "lesson"
    makers: dict[str, Callable[[Desk, FrontMatter], Lesson | Quiz]] = {"quiz": quiz, "lesson": lesson}
    if kind not in makers:
        message = N_("drills are not available in this version yet; take the file out of the outline")
        if kind != "drill":
            message = N_("kind: “%(kind)s” is not known; write quiz, or nothing for a lesson")
        desk.problems.append(error(path, facts.line("kind"), message, kind=kind[:40]))
        return None
    return makers[kind](desk, facts)
