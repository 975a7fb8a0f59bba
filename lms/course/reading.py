"""What each file says by itself, remembered: a course is read again at the price of what changed in it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

from lms.course import check_blocks, check_drill, check_lesson, check_quiz, check_text
from lms.course.check_text import Text
from lms.course.desk import Desk, Named
from lms.course.document import Item, Lesson, Quiz, Reference
from lms.course.drill_text import drill
from lms.course.frontmatter import FrontMatter, read
from lms.course.lessons import lesson
from lms.course.outline import Outline, outline
from lms.course.problems import N_, Problem, error
from lms.course.quizzes import quiz
from lms.course.references import references
from lms.course.shelf import Shelf
from lms.course.source import repaired, repairs

TEXT_LIMIT = 1_000_000
MEMORY_LIMIT = 6_000_000
PROBLEM_WEIGHT = 300


class Read(Protocol):
    """What was read of a file."""

    @property
    def problems(self) -> tuple[Problem, ...]: ...


Thing = TypeVar("Thing", bound=Read)


class Memory:
    """What files said when they were read, by path and contents; holds about as many bytes of text as it is told."""

    def __init__(self, limit: int = MEMORY_LIMIT) -> None:
        self._shelf: Shelf[tuple[Callable[..., Any], str, bytes], Any] = Shelf(limit)

    def read(self, how: Callable[[str, bytes], Thing], path: str, data: bytes) -> Thing:
        """What `how` makes of the file; it may depend on nothing else."""
        found = self._shelf.find((how, path, data))
        if found is None:
            found = how(path, data)
            self._shelf.put((how, path, data), found, len(data) + PROBLEM_WEIGHT * (1 + len(found.problems)))
        return cast("Thing", found)


MEMORY = Memory()

NOTHING = Text()
KINDS: dict[str, Callable[[Desk, FrontMatter], Item]] = {"lesson": lesson, "quiz": quiz, "drill": drill}


@dataclass(frozen=True, kw_only=True)
class Plain:
    """The text of a file; None for one that cannot be read as text."""

    text: str | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, kw_only=True)
class Page:
    """course.md, a lesson, a quiz or a drill: what it is, what has ids in it, and what it asks of other files."""

    outline: Outline | None = None
    item: Item | None = None
    named: tuple[Named, ...] = ()
    text: Text = NOTHING
    anchors: frozenset[str] | None = frozenset()
    """The headings that links may lead to; None when every link is believed."""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Cited:
    """references.yaml."""

    references: tuple[Reference, ...]
    problems: tuple[Problem, ...]


def plain(path: str, data: bytes) -> Plain:
    """The text with what was repaired in it, or why there is none."""
    found = tuple(repairs(path, data))
    if len(data) > TEXT_LIMIT:
        message = N_("the file is larger than %(limit)s kB; split it")
        return Plain(text=None, problems=(*found, error(path, 1, message, limit=TEXT_LIMIT // 1000)))
    try:
        return Plain(text=repaired(data).decode("utf-8"), problems=found)
    except UnicodeDecodeError as bad:
        line = data[: bad.start].count(b"\n") + 1
        message = N_("the file is not UTF-8; save it again with the encoding UTF-8")
        return Plain(text=None, problems=(*found, error(path, line, message)))


def course_page(path: str, data: bytes) -> Page:
    """course.md."""
    found = plain(path, data)
    if found.text is None:
        return Page(problems=found.problems)
    facts, problems = read(path, found.text)
    desk = Desk(path, [*found.problems, *problems])
    made = outline(desk, facts)
    text = _text(desk, facts)
    return Page(outline=made, named=tuple(desk.named), text=text, problems=tuple(desk.problems))


def item_page(path: str, data: bytes) -> Page:
    """A lesson, quiz or drill; nothing when it is none of them."""
    found = plain(path, data)
    if found.text is None:
        return Page(problems=found.problems)
    facts, problems = read(path, found.text)
    desk = Desk(path, [*found.problems, *problems])
    kind = facts.text("kind") or "lesson"
    if kind not in KINDS:
        message = N_("kind: “%(kind)s” is not known; write quiz or drill, or nothing for a lesson")
        desk.wrong(facts.line("kind"), message, kind=kind[:40])
        return Page(problems=tuple(desk.problems))
    item = KINDS[kind](desk, facts)
    text, anchors = _text(desk, facts), None
    if isinstance(item, Lesson):
        anchors = check_lesson.anchors(item.text)
        desk.problems += check_lesson.look(item, facts)
    elif isinstance(item, Quiz):
        desk.problems += check_quiz.look(item, facts)
    else:
        desk.problems += check_drill.look(item, facts)
    return Page(item=item, named=tuple(desk.named), text=text, anchors=anchors, problems=tuple(desk.problems))


def cited(path: str, data: bytes) -> Cited:
    """references.yaml."""
    found = plain(path, data)
    desk = Desk(path, list(found.problems))
    made = references(desk, found.text) if found.text is not None else ()
    return Cited(references=made, problems=tuple(desk.problems))


def _text(desk: Desk, facts: FrontMatter) -> Text:
    text, problems = check_text.look(desk.path, facts.body, facts.body_line)
    desk.problems += [*problems, *check_blocks.look(desk.path, facts.body, facts.body_line)]
    return text
