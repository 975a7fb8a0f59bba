"""Desk: one parse of a course, and how the values of its front matter are typed."""

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from lms.course.frontmatter import FrontMatter
from lms.course.problems import N_, Problem, error
from lms.course.source import Source

ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LOCAL = re.compile(r"\{\{[ ]*([A-Za-z_][A-Za-z0-9_]{0,59})[ ]*\}\}")
TEXT_LIMIT = 1_000_000
ID_LIMIT = 100
TITLE_LIMIT = 200


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
        """The id, checked for form and for being the only one; empty when it cannot be one."""
        if not value:
            self.wrong(
                path,
                line,
                N_("%(what)s has no id; write for example “%(example)s”"),
                what=what,
                example=f"id: {slug(what)}",
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
        return value if is_id(value) else ""

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


def slug(what: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", what.lower()).strip("-") or "bai-1"


def local_names(text: str) -> tuple[str, ...]:
    """Every `{{name}}` in the text, each once."""
    return tuple(dict.fromkeys(match[1] for match in LOCAL.finditer(text)))


def title(desk: Desk, facts: FrontMatter) -> str:
    """The title, which everything has."""
    found = facts.text("title")
    if not found:
        desk.wrong(facts.path, facts.line("title"), N_("the title is missing; write “title: …”"))
    elif len(found) > TITLE_LIMIT:
        message = N_("the title is longer than %(limit)s characters; shorten it")
        desk.wrong(facts.path, facts.line("title"), message, limit=TITLE_LIMIT)
    return found


def texts(facts: FrontMatter, key: str) -> tuple[str, ...]:
    """A list of texts; a single one may stand behind the key."""
    if isinstance(facts.values.get(key), list):
        return facts.texts(key)
    return (facts.text(key),) if facts.text(key) else ()


def one_of(desk: Desk, facts: FrontMatter, key: str, allowed: tuple[str, ...], silent: str) -> Any:
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


def whole(desk: Desk, facts: FrontMatter, key: str, low: int, high: int) -> int | None:
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


def decimal(desk: Desk, facts: FrontMatter, key: str) -> Decimal | None:
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


def percent(desk: Desk, facts: FrontMatter, key: str, silent: Decimal) -> Decimal:
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


def day(desk: Desk, path: str, line: int, key: str, value: str) -> date | None:
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
