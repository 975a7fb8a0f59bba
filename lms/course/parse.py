"""Source → CourseDoc and problems; never raises on what an author wrote."""

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import unquote

import yaml

from lms.course import check
from lms.course.blocks import Chunk, attributes, block, chunks
from lms.course.document import CourseDoc, Entry, Lesson, Part, Quiz, Reference
from lms.course.frontmatter import FrontMatter, read
from lms.course.problems import N_, Problem, error, in_order
from lms.course.questions import BadQuestion, Question, from_block
from lms.course.source import Source

ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LINK = re.compile(r"(?:[-*+]|\d{1,3}[.)])[ ]+\[([^\]]+)\]\(<?([^)>]+)>?\)[ ]*(.*)$")
OPTIONAL = re.compile(r"\*\((?:không bắt buộc|optional)\)\*$", re.IGNORECASE)
CITE = re.compile(r"\[@([A-Za-z0-9-]+)(?:[ ]+([^\]]*))?\]")
LOCAL = re.compile(r"\{\{[ ]*([A-Za-z_][A-Za-z0-9_]{0,59})[ ]*\}\}")
SELF_CHECK = re.compile(r"[ ]{0,3}(```+|~~~+)[ ]*quiz\b")
VIDEO = re.compile(r"!?\[[^\]]*\]\([^)]+\.(?:mp4|webm)[^)]*\)", re.IGNORECASE)
TEXT_LIMIT = 1_000_000
ID_LIMIT = 100
TITLE_LIMIT = 300
COURSE_KEYS = {
    "format", "id", "title", "language", "hours", "audience", "objectives", "content_group", "complete", "grade_from",
    "valid_months", "certificate",
}  # fmt: skip
LESSON_KEYS = {"id", "title", "minutes", "objectives", "tags", "kind"}
QUIZ_KEYS = {
    "id", "kind", "title", "pass", "minutes", "attempts", "grade", "show", "show_when", "shuffle", "draw", "penalty",
    "opens", "closes", "practice",
}  # fmt: skip
# What the format has and this version does not: every other value of these keys is refused, by name.
ONLY = {
    "grade": ("highest",),
    "show_when": ("at once",),
    "penalty": ("0%", "0"),
    "practice": ("no",),
    "draw": (),
    "opens": (),
    "closes": (),
}


@dataclass
class Desk:
    """One parse: the files, what was wrong, and the ids seen so far."""

    source: Source
    problems: list[Problem] = field(default_factory=list)
    ids: dict[str, tuple[str, int]] = field(default_factory=dict)

    def wrong(self, path: str, line: int, message: str, **values: str | int) -> None:
        """Note an error."""
        self.problems.append(error(path, line, message, **values))

    def text(self, path: str) -> str | None:
        """A text file, or None with the problem noted."""
        data = self.source.get(path)
        if data is None:
            return None
        if len(data) > TEXT_LIMIT:
            self.wrong(path, 1, N_("the file is larger than %(limit)s kB; split it"), limit=TEXT_LIMIT // 1000)
            return None
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as bad:
            line = data[: bad.start].count(b"\n") + 1
            self.wrong(path, line, N_("the file is not UTF-8; save it again with the encoding UTF-8"))
            return None

    def identity(self, path: str, line: int, value: str, what: str) -> str:
        """The id, checked for form and for being the only one."""
        if not value:
            self.wrong(
                path,
                line,
                N_("%(what)s has no id; write for example “%(example)s”"),
                what=what,
                example=f"id: {_slug(what)}",
            )
        elif not is_id(value):
            self.wrong(path, line, N_("the id “%(id)s” may only have a–z, 0–9 and single hyphens"), id=value[:100])
        elif value in self.ids:
            other_path, other_line = self.ids[value]
            self.wrong(
                path,
                line,
                N_("the id “%(id)s” stands already at %(place)s; choose another"),
                id=value,
                place=f"{other_path}:{other_line}",
            )
        else:
            self.ids[value] = (path, line)
        return value

    def unknown(self, facts: FrontMatter, known: set[str]) -> None:
        """Every key that the format does not have."""
        for key in facts.values:
            if key not in known:
                self.wrong(
                    facts.path,
                    facts.line(key),
                    N_("“%(key)s” is not known here; the keys are: %(keys)s"),
                    key=key,
                    keys=", ".join(sorted(known)),
                )


def is_id(value: str) -> bool:
    """Whether it can stand in an address and in the database."""
    return len(value) <= ID_LIMIT and ID.fullmatch(value) is not None


def _slug(what: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", what.lower()).strip("-") or "bai-1"


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
    desk.unknown(facts, COURSE_KEYS)
    if facts.text("format") != "1":
        desk.wrong(
            "course.md", facts.line("format"), N_("“format: 1” must stand in the facts: this version reads format 1")
        )
    if not facts.text("title"):
        desk.wrong("course.md", facts.line("title"), N_("the title is missing; write “title: …”"))
    if len(facts.text("title")) > TITLE_LIMIT:
        desk.wrong(
            "course.md",
            facts.line("title"),
            N_("the title is longer than %(limit)s characters; shorten it"),
            limit=TITLE_LIMIT,
        )
    identity = desk.identity("course.md", facts.line("id"), facts.text("id"), "course")
    references = _references(desk)
    introduction, parts, lessons, quizzes = _outline(desk, facts, {reference.id for reference in references})
    grade_from = facts.text("grade_from") or None
    if grade_from and grade_from not in {quiz.id for quiz in quizzes}:
        desk.wrong(
            "course.md",
            facts.line("grade_from"),
            N_("grade_from: there is no quiz “%(id)s” in the outline"),
            id=grade_from,
        )
    return CourseDoc(
        id=identity if is_id(identity) else "",
        title=facts.text("title"),
        language=_one_of(desk, facts, "language", ("vi", "en"), "vi"),
        hours=_decimal(desk, facts, "hours"),
        audience=facts.text("audience"),
        objectives=facts.texts("objectives")
        if isinstance(facts.values.get("objectives"), list)
        else _single(facts, "objectives"),
        content_group=_whole(desk, facts, "content_group", 1, 5),
        complete=_complete(desk, facts),
        grade_from=grade_from,
        valid_months=_whole(desk, facts, "valid_months", 1, 600),
        certificate=_certificate(desk, facts),
        introduction=introduction,
        parts=parts,
        lessons=lessons,
        quizzes=quizzes,
        references=references,
        introduction_local_names=_locals(introduction),
    )


def _single(facts: FrontMatter, key: str) -> tuple[str, ...]:
    return (facts.text(key),) if facts.text(key) else ()


def _one_of(desk: Desk, facts: FrontMatter, key: str, allowed: tuple[str, ...], silent: str) -> Any:
    value = facts.text(key) or silent
    if value not in allowed:
        desk.wrong(
            facts.path,
            facts.line(key),
            N_("%(key)s: “%(value)s” is not known; write one of: %(allowed)s"),
            key=key,
            value=value[:60],
            allowed=", ".join(allowed),
        )
        return silent
    return value


def _whole(desk: Desk, facts: FrontMatter, key: str, low: int, high: int) -> int | None:
    value = facts.text(key)
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) < 9 and low <= int(value) <= high):
        desk.wrong(
            facts.path,
            facts.line(key),
            N_("%(key)s: write a whole number from %(low)s to %(high)s"),
            key=key,
            low=low,
            high=high,
        )
        return None
    return int(value)


def _decimal(desk: Desk, facts: FrontMatter, key: str) -> Decimal | None:
    value = facts.text(key)
    if not value:
        return None
    try:
        number = Decimal(value.replace(",", "."))
        if number.is_finite() and 0 < number <= 10_000 and len(value) < 12:
            return number
    except InvalidOperation:
        pass
    desk.wrong(
        facts.path,
        facts.line(key),
        N_("%(key)s: “%(value)s” is not a number; write for example 16 or 1,5"),
        key=key,
        value=value[:60],
    )
    return None


def _percent(desk: Desk, facts: FrontMatter, key: str, silent: Decimal) -> Decimal:
    value = facts.text(key)
    if not value:
        return silent
    try:
        number = Decimal(value.removesuffix("%").strip().replace(",", "."))
        if number.is_finite() and 0 <= number <= 100 and len(value) < 12:
            return number
    except InvalidOperation:
        pass
    desk.wrong(
        facts.path,
        facts.line(key),
        N_("%(key)s: “%(value)s” is not a percentage; write for example 80%%"),
        key=key,
        value=value[:60],
    )
    return silent


def _complete(desk: Desk, facts: FrontMatter) -> int:
    if facts.text("complete") in ("", "all"):
        return 100
    return int(_percent(desk, facts, "complete", Decimal(100)))


def _certificate(desk: Desk, facts: FrontMatter) -> Any:
    if facts.text("certificate") == "approved":
        desk.wrong(
            "course.md",
            facts.line("certificate"),
            N_("“certificate: approved” is not available in this version yet; write “self” or “none”"),
        )
        return "none"
    return _one_of(desk, facts, "certificate", ("self", "none"), "self")


# References


def _references(desk: Desk) -> tuple[Reference, ...]:
    path = "references.yaml"
    text = desk.text(path)
    if text is None:
        return ()
    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError) as bad:
        mark = getattr(bad, "problem_mark", None)
        desk.wrong(
            path,
            mark.line + 1 if mark else 1,
            N_(
                "this line breaks the form of the list; each text begins with “- id: …” and its other lines are indented by two spaces"
            ),
        )
        return ()
    if node is None:
        return ()
    if not isinstance(node, yaml.SequenceNode):
        desk.wrong(path, 1, N_("references.yaml is a list; begin each text with “- id: …”"))
        return ()
    found = [_reference(desk, path, entry) for entry in node.value]
    return tuple(reference for reference in found if reference)


REFERENCE_KEYS = ("id", "number", "name", "in_force_from", "in_force_to", "replaced_by", "checked_on", "note")


def _reference(desk: Desk, path: str, node: Any) -> Reference | None:
    line = node.start_mark.line + 1
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    values = {k.value: v.value for k, v in pairs if isinstance(k, yaml.ScalarNode) and isinstance(v, yaml.ScalarNode)}
    before = len(desk.problems)
    for key, _ in pairs:
        if key.value not in REFERENCE_KEYS:
            desk.wrong(
                path,
                key.start_mark.line + 1,
                N_("“%(key)s” is not known here; the keys are: %(keys)s"),
                key=str(key.value)[:60],
                keys=", ".join(REFERENCE_KEYS),
            )
    for key in ("id", "number", "name", "in_force_from", "checked_on"):
        if not values.get(key):
            desk.wrong(path, line, N_("a cited text needs “%(key)s”"), key=key)
    days = {
        key: _day(desk, path, line, key, values.get(key, "")) for key in ("in_force_from", "in_force_to", "checked_on")
    }
    if len(desk.problems) > before or days["in_force_from"] is None or days["checked_on"] is None:
        return None
    return Reference(
        id=values["id"],
        number=values["number"],
        name=values["name"],
        in_force_from=days["in_force_from"],
        in_force_to=days["in_force_to"],
        replaced_by=values.get("replaced_by") or None,
        checked_on=days["checked_on"],
        note=values.get("note") or None,
    )


def _day(desk: Desk, path: str, line: int, key: str, value: str) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        desk.wrong(
            path,
            line,
            N_("%(key)s: “%(value)s” is not a date; write for example 2026-07-01"),
            key=key,
            value=value[:40],
        )
        return None


# Outline and items


def _outline(
    desk: Desk, facts: FrontMatter, cited: set[str]
) -> tuple[str, tuple[Part, ...], tuple[Lesson, ...], tuple[Quiz, ...]]:
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
            entry = _entry(desk, line, match, items, cited)
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


def _entry(
    desk: Desk, line: int, match: re.Match[str], items: dict[str, Lesson | Quiz | None], cited: set[str]
) -> Entry | None:
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
    items[path] = item = _item(desk, path, cited)
    return Entry(title=title, item=item.id, path=path, optional=optional) if item else None


def _item(desk: Desk, path: str, cited: set[str]) -> Lesson | Quiz | None:
    text = desk.text(path)
    if text is None:
        return None
    facts, problems = read(path, text)
    desk.problems += problems
    kind = facts.text("kind") or "lesson"
    makers: dict[str, Callable[[Desk, FrontMatter], Lesson | Quiz]] = {"quiz": _quiz, "lesson": _lesson}
    if kind not in makers:
        message = N_("drills are not available in this version yet; take the file out of the outline")
        if kind != "drill":
            message = N_("kind: “%(kind)s” is not known; write quiz, or nothing for a lesson")
        desk.problems.append(error(path, facts.line("kind"), message, kind=kind[:40]))
        return None
    item = makers[kind](desk, facts)
    _check_cites(desk, facts, cited)
    return item


def _check_cites(desk: Desk, facts: FrontMatter, cited: set[str]) -> None:
    for number, line in enumerate(facts.body.split("\n"), start=facts.body_line):
        for match in CITE.finditer(line):
            if match[1] not in cited:
                desk.wrong(
                    facts.path,
                    number,
                    N_("“[@%(id)s]” is not in references.yaml; add it there or correct the id"),
                    id=match[1],
                )


def _lesson(desk: Desk, facts: FrontMatter) -> Lesson:
    desk.unknown(facts, LESSON_KEYS)
    if not facts.text("title"):
        desk.wrong(facts.path, facts.line("title"), N_("the title is missing; write “title: …”"))
    for number, line in enumerate(facts.body.split("\n"), start=facts.body_line):
        if SELF_CHECK.match(line):
            desk.wrong(
                facts.path,
                number,
                N_("self-checks in lessons are not available in this version yet; take the block out"),
            )
        if VIDEO.search(line):
            desk.wrong(
                facts.path,
                number,
                N_("videos are not available in this version yet; put the text of the video into the lesson"),
            )
    return Lesson(
        id=desk.identity(facts.path, facts.line("id"), facts.text("id"), "lesson"),
        title=facts.text("title"),
        path=facts.path,
        minutes=_whole(desk, facts, "minutes", 1, 600),
        objectives=facts.texts("objectives")
        if isinstance(facts.values.get("objectives"), list)
        else _single(facts, "objectives"),
        tags=facts.texts("tags"),
        text=facts.body,
        line=facts.body_line,
        cites=tuple(dict.fromkeys(match[1] for match in CITE.finditer(facts.body))),
        local_names=_locals(facts.body),
    )


def _locals(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match[1] for match in LOCAL.finditer(text)))


def _quiz(desk: Desk, facts: FrontMatter) -> Quiz:
    desk.unknown(facts, QUIZ_KEYS)
    if not facts.text("title"):
        desk.wrong(facts.path, facts.line("title"), N_("the title is missing; write “title: …”"))
    for key, allowed in ONLY.items():
        if key in facts.values and facts.text(key) not in allowed:
            desk.wrong(
                facts.path,
                facts.line(key),
                N_("“%(key)s: %(value)s” is not available in this version yet; remove the line"),
                key=key,
                value=facts.text(key)[:60],
            )
    introduction, questions = _questions(desk, facts)
    return Quiz(
        id=desk.identity(facts.path, facts.line("id"), facts.text("id"), "quiz"),
        title=facts.text("title"),
        path=facts.path,
        pass_percent=_percent(desk, facts, "pass", Decimal(60)),
        minutes=_whole(desk, facts, "minutes", 1, 600),
        attempts=_whole(desk, facts, "attempts", 1, 100),
        show=_one_of(desk, facts, "show", ("nothing", "score", "mistakes", "answers"), "mistakes"),
        shuffle=_one_of(desk, facts, "shuffle", ("none", "questions", "options", "both"), "options"),
        introduction=introduction,
        questions=questions,
        local_names=_locals(facts.body),
    )


def _questions(desk: Desk, facts: FrontMatter) -> tuple[str, tuple[Question, ...]]:
    introduction, found = "", []
    for chunk in chunks(facts.body, facts.body_line):
        if chunk.level == 0:
            introduction = "\n".join(line for _, line in chunk.lines).strip()
        elif chunk.level == 1:
            stray = next((line for line, text in chunk.lines if text.strip()), None)
            if stray:
                desk.wrong(
                    facts.path, stray, N_("text outside a question; move it into a question or above the first one")
                )
        elif chunk.level == 2:
            question = _question(desk, facts.path, chunk)
            found += [question] if question else []
        else:
            desk.wrong(
                facts.path,
                chunk.line,
                N_("a question begins with “## ”, a section with “# ”; other headings have no place in a quiz"),
            )
    if not found and not any(p.path == facts.path and p.is_error for p in desk.problems):
        desk.wrong(facts.path, 1, N_("the quiz has no question; write “## Title {#id}”, the question and its answers"))
    return introduction, tuple(found)


def _question(desk: Desk, path: str, chunk: Chunk) -> Question | None:
    identity = attributes(path, chunk)[1]
    title = attributes(path, chunk)[0]
    desk.identity(path, chunk.line, identity, title or "cau-1")
    made, problems = block(path, chunk)
    desk.problems += problems
    if made is None:
        return None
    try:
        return from_block(made)
    except BadQuestion as bad:
        desk.problems.append(bad.problem(path))
        return None
