"""XML, one element below the root at a time: no document type, so no entities; no network; never deep."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from lms.course.problems import N_
from lms.interop.formats.reading import BLANK, NO_QUESTION, Refusal, line_of

DEEPEST = 20
NODES_LIMIT = 20_000
"""Elements of one question."""
UNDEFINED_ENTITY = expat.errors.codes[expat.errors.XML_ERROR_UNDEFINED_ENTITY]
ENCODING = re.compile(r"""<\?xml\b[^>]{0,200}?\bencoding\s*=\s*["']([^"'>]{0,40})""")
ENCODINGS = frozenset({"utf-8", "utf-16", "us-ascii", "iso-8859-1", "windows-1252", "windows-1258"})
WIDE = (b"\xff\xfe", b"\xfe\xff")


@dataclass(slots=True)
class Node:
    """An element; `text_line` is where its own text begins, `end_line` where it is closed."""

    tag: str
    attributes: dict[str, str]
    line: int
    children: "list[Node]" = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    text_line: int = 0
    end_line: int = 0

    @property
    def text(self) -> str:
        """Its own text, trimmed; not that of the elements in it."""
        return "".join(self.parts).strip(BLANK)

    def child(self, *tags: str) -> "Node | None":
        """The first element in it with this name; below that, the first with the next name."""
        found: Node | None = self
        for tag in tags:
            found = next((child for child in found.children if child.tag == tag), None) if found else None
        return found

    def all(self, tag: str) -> "list[Node]":
        return [child for child in self.children if child.tag == tag]

    def said(self, *tags: str) -> str:
        """The text of such an element; empty without one."""
        found = self.child(*tags)
        return found.text if found else ""

    def line_at(self, place: int) -> int:
        """The line in which this place of the text stands."""
        whole = "".join(self.parts)
        lead = len(whole) - len(whole.lstrip(BLANK))
        return min((self.text_line or self.line) + whole.count("\n", 0, lead + place), self.end_line or self.line)


class _Builder:
    """Takes what the parser finds, and hands over each element below the root when it is complete."""

    def __init__(self, parser: Any, root: str, take: Callable[[Node], None]) -> None:
        self.parser, self.root, self.take = parser, root, take
        self.open: list[Node] = []
        self.nodes = 0

    @property
    def line(self) -> int:
        return int(self.parser.CurrentLineNumber)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self.open and tag != self.root:
            message = N_(
                "the file does not begin with <%(root)s>, but with <%(tag)s>; choose a file in the Moodle XML format"
            )
            raise Refusal(self.line, message, root=self.root, tag=tag[:40])
        self.nodes += 1
        if len(self.open) >= DEEPEST or self.nodes > NODES_LIMIT:
            message = N_("the XML is deeper or larger here than a question can be; is it a question file?")
            raise Refusal(self.line, message)
        node = Node(tag, attributes, self.line)
        if len(self.open) > 1:
            self.open[-1].children.append(node)
        self.open.append(node)

    def end(self, _tag: str) -> None:
        node = self.open.pop()
        node.end_line = self.line
        if len(self.open) == 1:
            self.nodes = 0
            self.take(node)

    def data(self, text: str) -> None:
        if len(self.open) > 1:
            node = self.open[-1]
            node.text_line = node.text_line or self.line
            node.parts.append(text)

    def doctype(self, *_: object) -> None:
        message = N_("a document type (<!DOCTYPE …>) is not taken, because it can name other files; remove it")
        raise Refusal(self.line, message)


def read(data: bytes, root: str, take: Callable[[Node], None]) -> None:
    """Call `take` with each element below the root; Refusal says why the file cannot be read on."""
    _check_encoding(data)
    parser = expat.ParserCreate()
    builder = _Builder(parser, root, take)
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = builder.doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as bad:
        raise _refusal(data, bad) from None


def _check_encoding(data: bytes) -> None:
    """The parser would take any that Python knows, also such as are no encodings of letters."""
    head = data[:400].decode("utf-16" if data.startswith(WIDE) else "latin-1", "ignore")
    named = ENCODING.search(head)
    if named and named[1].strip().lower() not in ENCODINGS:
        raise Refusal(1, N_("the encoding “%(name)s” is not known here; save the file again as UTF-8"), name=named[1])


def _refusal(data: bytes, bad: expat.ExpatError) -> Refusal:
    if not data.strip():
        return Refusal(1, NO_QUESTION)
    if not data.startswith(WIDE):
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as broken:
            return Refusal(
                line_of(data, broken.start), N_("the file is not UTF-8; save it again with the encoding UTF-8")
            )
    if bad.code == UNDEFINED_ENTITY:
        message = N_("XML does not know this “&…;”; write the sign itself, or put the text into <![CDATA[…]]>")
        return Refusal(bad.lineno, message)
    message = N_(
        "the XML is broken here: each <tag> needs its </tag>, and in a text “&” and “<” are written “&amp;” and “&lt;” "
        "or stand in <![CDATA[…]]>"
    )
    return Refusal(min(bad.lineno, line_of(data, len(data))), message)
