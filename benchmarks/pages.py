"""What a page costs, counted: SQL statements, and what a browser loads the first time and the next."""

import re
from collections.abc import Iterator, Mapping
from contextvars import Context
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from flask import Flask
from sqlalchemy import event

from benchmarks.figures import (
    COLD_BYTES,
    COLD_REQUESTS,
    GZIPPED,
    STATEMENTS,
    WARM_BYTES,
    WARM_REQUESTS,
    Figure,
)
from benchmarks.load import Answer, Flow, perform
from benchmarks.servers import Installation, Stand
from benchmarks.visitors import Visitor, text_of
from lms.core.db import db

# Where HTML names what a browser fetches by itself.
SOURCES = {
    "script": "src",
    "img": "src",
    "source": "src",
    "video": "poster",
    "iframe": "src",
    "object": "data",
    "use": "href",
    "image": "href",
}
FETCHED_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "manifest"}
_IN_STYLES = re.compile(rb"url\(\s*[\"']?([^\"')]+)")
_HEADER = r"\r\n{}: *([^\r]*)"
_KEPT = re.compile(r"immutable|max-age=[1-9]")


class _Assets(HTMLParser):
    """The addresses that a page makes a browser fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "link" and FETCHED_LINKS & set((values.get("rel") or "").split()):
            self.found.append(values.get("href") or "")
        elif tag in SOURCES:
            self.found.append(values.get(SOURCES[tag]) or "")


def count(place: Installation, stand: Stand, pages: Mapping[str, tuple[str, Visitor]]) -> list[Figure]:
    """Every page as its visitor sees it."""
    found = []
    with place.application() as app:
        for name, (path, visitor) in pages.items():
            counts = {STATEMENTS: _statements(app, path, visitor)} | _loaded(stand.product, path, visitor)
            found += [
                Figure(name=name, value=value, unit=unit, database=place.database) for unit, value in counts.items()
            ]
    return found


def _statements(app: Flask, path: str, visitor: Visitor) -> int:
    """The second time, when what never changes is in memory; the beginning of the transaction is not counted."""
    client = app.test_client()
    for name, value in visitor.cookies.items():
        client.set_cookie(name, value)
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    # In a context of its own, as in a server: what a request keeps in `g` must not help the next one.
    Context().run(client.get, path)
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        answer = Context().run(client.get, path)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} was answered {answer.status_code}")
    return len(seen)


def _loaded(port: int, path: str, visitor: Visitor) -> dict[str, int]:
    """Requests and bytes as sent, heads included: of a first visit, and of the next one with a full cache."""
    page = perform(port, _fetch(visitor, path))
    answers = {path: page} | {asset: perform(port, _fetch(visitor, asset)) for asset in _assets(path, page)}
    for asset, answer in list(answers.items()):  # fonts that the style sheets name: the most that a page may load
        if b"text/css" in answer.head:
            for name in _IN_STYLES.findall(text_of(answer)):
                address = _local(urljoin(asset, name.decode()))
                if address and address not in answers:
                    answers[address] = perform(port, _fetch(visitor, address))
    again = [
        _revalidated(port, visitor, address, answer) for address, answer in answers.items() if not _is_kept(answer)
    ]
    return {
        GZIPPED: len(page.body),
        COLD_REQUESTS: len(answers),
        COLD_BYTES: sum(_size(answer) for answer in answers.values()),
        WARM_REQUESTS: len(again),
        WARM_BYTES: sum(_size(answer) for answer in again),
    }


def _assets(path: str, page: Answer) -> Iterator[str]:
    parser = _Assets()
    parser.feed(text_of(page).decode())
    for name in dict.fromkeys(parser.found):
        address = _local(urljoin(path, name))
        if address and address != path:
            yield address


def _local(address: str) -> str:
    """The path to ask for, without a fragment; empty for what is not fetched from us."""
    parts = urlsplit(address)
    return parts.path if not parts.scheme and not parts.netloc else ""


def _fetch(visitor: Visitor, path: str, **headers: str) -> Flow:
    return (yield visitor.get(path, **headers))


def _revalidated(port: int, visitor: Visitor, path: str, answer: Answer) -> Answer:
    """The answer to a browser that has it already and asks whether it still holds."""
    asked = {"If-None-Match": _header(answer, "etag"), "If-Modified-Since": _header(answer, "last-modified")}
    return perform(port, _fetch(visitor, path, **{name: value for name, value in asked.items() if value}))


def _is_kept(answer: Answer) -> bool:
    """A browser asks no more for it."""
    return _KEPT.search(_header(answer, "cache-control")) is not None


def _header(answer: Answer, name: str) -> str:
    found = re.search(_HEADER.format(name), answer.head.decode("latin-1"), re.IGNORECASE)
    return found[1] if found else ""


def _size(answer: Answer) -> int:
    return len(answer.head) + 4 + len(answer.body)
