"""Desk: one file while it is read, and how the values of its front matter are typed."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from lms.course.frontmatter import FrontMatter
from lms.course.problems import N_, Problem, error

ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LOCAL = re.compile(r"\{\{[ ]*([A-Za-z_][A-Za-z0-9_]{0,59})[ ]*\}\}")
NUMBER = re.compile(r"[0-9]{1,5}(?:[.,][0-9]{1,4})?")
ID_LIMIT = 100
MADE_LIMIT = 60
TITLE_LIMIT = 200


@dataclass(frozen=True)
class Named:
    """What has an id, or should have one: the id is empty when it is missing, and wrong when it has not its form."""

    id: str
    line: int
    title: str
    is_question: bool = False


@dataclass
class Desk:
    """One file while it is read: what is wrong in it, and what has ids in it."""

    path: str
    problems: list[Problem] = field(default_factory=list)
    named: list[Named] = field(default_factory=list)

    def wrong(self, line: int, message: str, **values: str | int) -> None:
        """Note an error."""
        self.problems.append(error(self.path, line, message, **values))

    def identity(self, facts: FrontMatter) -> str:
        """The id of the file, checked for its form; empty when it cannot be one."""
        value, line = facts.text("id"), facts.line("id")
        if not value:
            self.wrong(line, N_("the id is missing; write for example “id: %(id)s”"), id=made_id(facts))
        self.named.append(Named(value, line, facts.text("title")))
        return self._checked(value, line)

    def question_identity(self, value: str, line: int, title: str) -> str:
        """The same for a question, whose id stands in its heading."""
        if not value:
            message = N_("question “%(title)s” has no id; write it behind the title, for example “{#%(id)s}”")
            self.wrong(line, message, title=title, id=slug(title)[:MADE_LIMIT].strip("-") or "cau-1")
        self.named.append(Named(value, line, title, is_question=True))
        return self._checked(value, line)

    def _checked(self, value: str, line: int) -> str:
        if value and not is_id(value):
            self.wrong(line, N_("the id “%(id)s” may only have a–z, 0–9 and single hyphens"), id=value[:100])
        return value if is_id(value) else ""

    def unknown(self, facts: FrontMatter, known: set[str]) -> None:
        """Every key that the format does not have."""
        message = N_("“%(key)s” is not known here; the keys are: %(keys)s")
        for key in facts.values:
            if key not in known:
                self.wrong(facts.line(key), message, key=key, keys=", ".join(sorted(known)))


def is_id(value: str) -> bool:
    """Whether it can stand in an address and in the database."""
    return len(value) <= ID_LIMIT and ID.fullmatch(value) is not None


def slug(text: str) -> str:
    """Latin letters, digits and hyphens, as in ids and in the anchors of headings; may be empty."""
    bare = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return re.sub(r"[^a-z0-9]+", "-", "".join(c for c in bare if not unicodedata.combining(c))).strip("-")


def made_id(facts: FrontMatter) -> str:
    """An id for the file, from its title or its name."""
    name = facts.path.rpartition("/")[2].rpartition(".")[0]
    return slug(facts.text("title"))[:MADE_LIMIT].strip("-") or slug(name)[:MADE_LIMIT].strip("-") or "bai-1"


def local_names(text: str) -> tuple[str, ...]:
    """Every `{{name}}` in the text, each once."""
    return tuple(dict.fromkeys(match[1] for match in LOCAL.finditer(text)))


def title(desk: Desk, facts: FrontMatter) -> str:
    """The title, which everything has."""
    found = facts.text("title")
    if not found:
        desk.wrong(facts.line("title"), N_("the title is missing; write “title: …”"))
    elif len(found) > TITLE_LIMIT:
        message = N_("the title is longer than %(limit)s characters; shorten it")
        desk.wrong(facts.line("title"), message, limit=TITLE_LIMIT)
    return found


def texts(facts: FrontMatter, key: str) -> tuple[str, ...]:
    """A list of texts; a single one may stand behind the key."""
    if isinstance(facts.values.get(key), list):
        return facts.texts(key)
    return (facts.text(key),) if facts.text(key) else ()


def one_of(desk: Desk, facts: FrontMatter, key: str, allowed: tuple[str, ...], silent: str) -> Any:
    value = facts.text(key) or silent
    if value not in allowed:
        message = N_("%(key)s: “%(value)s” is not known; write one of: %(allowed)s")
        desk.wrong(facts.line(key), message, key=key, value=value[:60], allowed=", ".join(allowed))
        return silent
    return value


def whole(desk: Desk, facts: FrontMatter, key: str, low: int, high: int) -> int | None:
    value = facts.text(key)
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) < 9 and low <= int(value) <= high):
        message = N_("%(key)s: write a whole number from %(low)s to %(high)s")
        desk.wrong(facts.line(key), message, key=key, low=low, high=high)
        return None
    return int(value)


def decimal(desk: Desk, facts: FrontMatter, key: str) -> Decimal | None:
    """A number above nought."""
    value = facts.text(key)
    found = _number(value)
    if value and not (found and found <= 10_000):
        message = N_("%(key)s: “%(value)s” is not a number; write for example 16 or 1,5")
        desk.wrong(facts.line(key), message, key=key, value=value[:60])
        return None
    return found


def percent(desk: Desk, facts: FrontMatter, key: str, silent: Decimal) -> Decimal:
    """A share of a hundred, with or without its sign."""
    value = facts.text(key)
    found = _number(value.removesuffix("%").rstrip())
    if value and (found is None or found > 100):
        message = N_("%(key)s: “%(value)s” is not a percentage; write for example 80%%")
        desk.wrong(facts.line(key), message, key=key, value=value[:60])
        return silent
    return silent if found is None else found


def _number(written: str) -> Decimal | None:
    """With decimal comma or point; None for everything else."""
    return Decimal(written.replace(",", ".")) if NUMBER.fullmatch(written) else None


def day(desk: Desk, line: int, key: str, value: str) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        message = N_("%(key)s: “%(value)s” is not a date; write for example 2026-07-01")
        desk.wrong(line, message, key=key, value=value[:40])
        return None
