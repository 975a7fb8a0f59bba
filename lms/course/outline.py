"""course.md by itself: the facts, the introduction and the list of links that is the outline."""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from lms.course.blocks import chunks
from lms.course.desk import Desk, decimal, local_names, one_of, percent, texts, title, whole
from lms.course.document import CourseDoc
from lms.course.frontmatter import FrontMatter
from lms.course.problems import N_

LINK = re.compile(r"(?:[-*+]|\d{1,3}[.)])[ ]+\[([^\]]+)\]\(<?([^)>]+)>?\)[ ]*(.*)$")
OPTIONAL = re.compile(r"\*\((?:không bắt buộc|optional)\)\*$", re.IGNORECASE)
KEYS = {
    "format", "id", "title", "language", "hours", "audience", "objectives", "content_group", "complete", "grade_from",
    "valid_months", "certificate",
}  # fmt: skip


@dataclass(frozen=True)
class Listed:
    """One link of the outline, whether or not there is such a file."""

    line: int
    title: str
    path: str
    is_optional: bool

    @property
    def is_text(self) -> bool:
        """Whether it leads to an item; everything else is a download."""
        return self.path.lower().endswith(".md")


@dataclass(frozen=True)
class Outline:
    """What course.md says; the document has neither parts nor items yet."""

    doc: CourseDoc
    parts: tuple[tuple[str | None, int, tuple[Listed, ...]], ...]
    """Title, line and links of each part."""
    lines: Mapping[str, int]
    """Where the facts stand."""

    def line(self, key: str) -> int:
        return self.lines.get(key, 1)


def outline(desk: Desk, facts: FrontMatter) -> Outline:
    """The facts and links of course.md."""
    desk.unknown(facts, KEYS)
    if facts.text("format") != "1":
        message = N_("“format: 1” must stand in the facts: this version reads format 1")
        desk.wrong(facts.line("format"), message)
    introduction, parts = _parts(desk, facts)
    doc = CourseDoc(
        id=desk.identity(facts),
        title=title(desk, facts),
        language=one_of(desk, facts, "language", ("vi", "en"), "vi"),
        hours=decimal(desk, facts, "hours"),
        audience=facts.text("audience"),
        objectives=texts(facts, "objectives"),
        content_group=whole(desk, facts, "content_group", 1, 5),
        complete=_complete(desk, facts),
        grade_from=facts.text("grade_from") or None,
        valid_months=whole(desk, facts, "valid_months", 1, 600),
        certificate=_certificate(desk, facts),
        introduction=introduction,
        introduction_local_names=local_names(introduction),
    )
    return Outline(doc, parts, facts.lines)


def _complete(desk: Desk, facts: FrontMatter) -> int:
    if facts.text("complete") in ("", "all"):
        return 100
    found = int(percent(desk, facts, "complete", Decimal(100)))
    if not found:
        desk.wrong(facts.line("complete"), N_("complete: write “all”, or a percentage from 1%% to 100%%"))
    return found


def _certificate(desk: Desk, facts: FrontMatter) -> Any:
    if facts.text("certificate") == "approved":
        message = N_("“certificate: approved” is not available in this version yet; write “self” or “none”")
        desk.wrong(facts.line("certificate"), message)
        return "none"
    return one_of(desk, facts, "certificate", ("self", "none"), "self")


def _parts(desk: Desk, facts: FrontMatter) -> tuple[str, tuple[tuple[str | None, int, tuple[Listed, ...]], ...]]:
    introduction: list[str] = []
    parts: list[tuple[str | None, int, list[Listed]]] = []
    for chunk in chunks(facts.body, facts.body_line):
        if chunk.level == 2:
            parts.append((chunk.title, chunk.line, []))
        elif chunk.level:
            message = N_("headings of the outline are parts: write “## %(title)s”")
            desk.wrong(chunk.line, message, title=chunk.title[:80])
        for line, text in chunk.lines:
            if match := LINK.match(text):
                if not parts:
                    parts.append((None, line, []))
                parts[-1][2].append(_listed(desk, line, match))
            elif not parts and chunk.level == 0:
                introduction.append(text)
            elif text.strip():
                message = N_(
                    "the outline holds links only: “- [Title](bai/01.md)”; move other text above the first part"
                )
                desk.wrong(line, message)
    return "\n".join(introduction).strip(), tuple((title, line, tuple(links)) for title, line, links in parts)


def _listed(desk: Desk, line: int, match: re.Match[str]) -> Listed:
    rest = match[3].strip()
    is_optional = bool(OPTIONAL.match(rest))
    if rest and not is_optional:
        desk.wrong(line, N_("after the link only “*(không bắt buộc)*” or “*(optional)*” may stand"))
    return Listed(line, match[1].strip(), posixpath.normpath(unquote(match[2].strip())), is_optional)
