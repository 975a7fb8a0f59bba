"""HTML as a tree, however broken: read once from left to right, never deep, never slow."""

import html
import re
from dataclasses import dataclass, field
from typing import Union

DEEPEST = 40
UNCLOSED_LIMIT = 10
"""So many “<” that no “>” follows are looked into; the rest of them is text."""
NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]{0,20}(?:[:-][a-zA-Z0-9-]{1,30})?)(?=[\s/>])")
SIGN = re.compile(r"[>\"']")
ATTRIBUTE = re.compile(r"([^\s=/>\"']{1,60})(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")
VOID = frozenset({"br", "img", "hr", "input", "meta", "link", "source", "track", "wbr", "col", "embed"})
RAW = frozenset({"script", "style", "textarea", "title", "noscript"})
BLOCKS = frozenset({
    "p", "div", "section", "article", "header", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "pre",
    "blockquote", "table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption", "hr", "figure", "figcaption", "dl", "dt",
    "dd", "center", "address", "details", "summary", "form", "fieldset", "body", "html", "main", "nav", "aside",
})  # fmt: skip
# What a tag closes when it begins, up to the first of what it stands in.
CLOSES = {
    "li": ({"li"}, {"ul", "ol"}),
    "tr": ({"tr", "td", "th"}, {"table"}),
    "td": ({"td", "th"}, {"tr", "table"}),
    "th": ({"td", "th"}, {"tr", "table"}),
    "dt": ({"dt", "dd"}, {"dl"}),
    "dd": ({"dt", "dd"}, {"dl"}),
}

Child = Union["Element", str]


@dataclass(slots=True)
class Element:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Child] = field(default_factory=list)

    @property
    def is_block(self) -> bool:
        return self.tag in BLOCKS

    def text(self) -> str:
        """All text in it, as it stands; a line break is one."""
        return "".join(
            child if isinstance(child, str) else "\n" if child.tag == "br" else child.text() for child in self.children
        )


class _Reader:
    """The open elements, and what has been read into them."""

    def __init__(self, deepest: int) -> None:
        self.root = Element("body")
        self.open = [self.root]
        self.deepest = deepest

    def data(self, text: str) -> None:
        if text:
            self.open[-1].children.append(html.unescape(text))

    def start(self, tag: str, attributes: dict[str, str], *, is_closed: bool) -> None:
        if tag in CLOSES:
            self._close(*CLOSES[tag])
        elif tag in BLOCKS:
            self._close({"p"}, {"td", "th", "li", "blockquote", "table"})
        element = Element(tag, attributes)
        is_open = tag not in VOID and not is_closed
        if not is_open or len(self.open) < self.deepest:
            self.open[-1].children.append(element)
        if is_open and len(self.open) < self.deepest:
            self.open.append(element)

    def end(self, tag: str) -> None:
        for place in range(len(self.open) - 1, 0, -1):
            if self.open[place].tag == tag:
                del self.open[place:]
                return

    def _close(self, closed: set[str], within: set[str]) -> None:
        """Close the outermost such element that still stands in the innermost of what holds it."""
        for place in range(len(self.open) - 1, 0, -1):
            if self.open[place].tag in within:
                return
            if self.open[place].tag in closed:
                del self.open[place:]
                if closed == {"p"}:
                    return


def parse(text: str, deepest: int = DEEPEST) -> Element:
    """The text as one element `body`; what stands deeper than `deepest` is text of what it stands in."""
    reader, place, unclosed = _Reader(deepest), 0, 0
    while (start := text.find("<", place)) >= 0:
        reader.data(text[place:start])
        if text.startswith(("<!", "<?"), start):
            ending = "-->" if text.startswith("<!--", start) else ">"
            end = text.find(ending, start + 2)
            place = len(text) if end < 0 else end + len(ending)
            continue
        name = NAME.match(text, start)
        end = _end_of_tag(text, name.end()) if name and unclosed < UNCLOSED_LIMIT else -1
        if name is None or end < 0:
            unclosed += name is not None
            reader.data("<")
            place = start + 1
            continue
        place = _tag(reader, text, start, end, name)
    reader.data(text[place:])
    return reader.root


def _tag(reader: _Reader, text: str, start: int, end: int, name: re.Match[str]) -> int:
    """Take one tag; the place where reading goes on."""
    tag = name[1].lower()
    if text.startswith("</", start):
        reader.end(tag)
        return end + 1
    written = text[name.end() : end]
    attributes = {
        match[1].lower(): html.unescape(match[2] or match[3] or match[4] or "") for match in ATTRIBUTE.finditer(written)
    }
    reader.start(tag, attributes, is_closed=written.endswith("/") or tag in RAW)
    if tag not in RAW or written.endswith("/"):
        return end + 1
    closing = re.compile(rf"</{tag}\s*>", re.IGNORECASE).search(text, end)
    return closing.end() if closing else len(text)


def _end_of_tag(text: str, place: int) -> int:
    """Where the “>” of a tag stands, outside quotation marks; -1 without one."""
    while sign := SIGN.search(text, place):
        if sign[0] == ">":
            return sign.start()
        place = text.find(sign[0], sign.end()) + 1
        if not place:
            return -1
    return -1
