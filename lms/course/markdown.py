"""Markdown → safe HTML; the only user of the Markdown and sanitiser libraries."""

import html as entities
import posixpath
import re
import threading
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import punctuation
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element, SubElement

import nh3
from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.blockprocessors import (
    BlockQuoteProcessor,
    HashHeaderProcessor,
    OListProcessor,
    SetextHeaderProcessor,
)
from markdown.extensions import Extension
from markdown.inlinepatterns import (
    AUTOMAIL_RE,
    REFERENCE_RE,
    InlineProcessor,
    ReferenceInlineProcessor,
    SubstituteTagInlineProcessor,
)
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString
from pymdownx.highlight import Highlight

from lms.course.document import Reference
from lms.course.listing import familiar
from lms.course.shape import Shape

RENDERER = 3
COSTLY = 4_000_000
"""About two seconds: two thousand brackets in one paragraph."""
TAGS = {
    "a", "abbr", "blockquote", "br", "code", "dd", "del", "details", "div", "dl", "dt", "em", "figcaption",
    "figure", "h2", "h3", "h4", "h5", "h6", "hr", "img", "kbd", "li", "ol", "p", "pre", "s", "span", "strong", "sub",
    "summary", "sup", "table", "tbody", "td", "th", "thead", "tr", "track", "ul", "video",
}  # fmt: skip
ATTRIBUTES = {
    "*": {"class"},
    "a": {"href", "title", "rel", "id"},
    "img": {"src", "alt", "title", "loading", "decoding"},
    "ol": {"start"},
    "li": {"id"},
    "sup": {"id"},
    "div": {"role", "tabindex", "aria-label"},
    "span": {"data-local"},
    "track": {"src", "kind", "srclang", "default"},
    "video": {"src", "controls", "preload", "aria-label"},
    "th": {"scope", "align"},
    "td": {"align"},
    **{f"h{level}": {"id"} for level in range(2, 7)},
}
SCHEMES = {"http", "https", "mailto", "tel"}
CLEANER = nh3.Cleaner(tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=None)
_LINE = r"""(?:[^\W\d_]|\d++(?![.)])|[“(])(?:[^\W_]|[ ,.;:?!%/“”‘’…–—→()'"-])*+(?<! )"""
PLAIN = re.compile(rf"{_LINE}(?:\n{_LINE})*+\n*+")
"""A paragraph in which nothing can be markup: it is what it looks like."""
MARKS = (("ol", r"\d{1,9}\."), ("ol", r"\d{1,9}\)"), ("ul", "-"), ("ul", r"\*"), ("ul", r"\+"))
UNDERLINED = re.compile(r"(=+|-+) *")
NO_TEXT = re.compile(r" {0,3}(>|[-*+]( |$)|\d{1,9}[.)]( |$)|#{1,6}( |$)|!!!|\?\?\?|:|\||\[\^|\*\*\*$)| {4}|$")
AUTOLINK = r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*)>"
BREAK = r"(?: {2,}|\\)\n *"
LANGUAGE = re.compile(r"(?:\{ *\.?)?([\w#.+-]+)")
SIGN = re.compile(r"[]\\`*_~<&{}+[\x02\x03]| \n")
LOCAL_SPAN = re.compile(r'<span class="local" data-local="([A-Za-z_][A-Za-z0-9_]{0,59})">[^<]*</span>')
EXTENSIONS = ("tables", "footnotes", "def_list", "admonition", "pymdownx.highlight", "pymdownx.keys", "pymdownx.details", "pymdownx.tilde")  # fmt: skip
SETTINGS: dict[str, dict[str, Any]] = {
    "pymdownx.highlight": {
        "use_pygments": True,
        "stripnl": False,
        "noclasses": False,
        "guess_lang": False,
        "anchor_linenums": False,
    },
    "pymdownx.tilde": {"subscript": False},
    "footnotes": {"BACKLINK_TEXT": "↩", "SEPARATOR": "-"},
}


def render(
    text: str,
    *,
    base: str = "",
    files: Mapping[str, str] | None = None,
    items: Mapping[str, str] | None = None,
    references: Sequence[Reference] = (),
    language: str = "vi",
    sizes: Mapping[str, int] | None = None,
) -> str:
    """Safe HTML of the text of the file `base`; links to its course's files and items lead to their addresses.

    `sizes` are bytes by address: how large a video is stands below it.
    """
    if PLAIN.fullmatch(text):
        return f"<p>{text.rstrip(chr(10))}</p>"
    where = _Where(base, files or {}, items or {}, references, language, sizes or {})
    as_typed = f"<pre>{entities.escape(text)}</pre>"
    try:
        made = as_typed if _takes_ages(text) else _converted(text, where)
    except RecursionError:  # nested beyond all sense
        made = as_typed
    return CLEANER.clean(made)


@dataclass(frozen=True)
class _Where:
    """What a text may lead to, and the language around it."""

    base: str
    files: Mapping[str, str]
    items: Mapping[str, str]
    references: Sequence[Reference]
    language: str
    sizes: Mapping[str, int]

    def address(self, target: str) -> str | None:
        """Where a link leads: a file or item of the course, the same page, or the outside; None for nowhere."""
        try:
            parts = urlsplit(target)
        except ValueError:  # “http://[máy chủ]” is no address
            return None
        if parts.scheme in SCHEMES or target.startswith("#"):
            return target
        if parts.scheme or parts.netloc or not parts.path:
            return None
        path = unicodedata.normalize("NFC", unquote(parts.path))
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.base), path))
        found = self.items.get(path) or self.files.get(path)
        return found + (f"#{parts.fragment}" if parts.fragment else "") if found else None


class _Readers(threading.local):
    """One reader a thread: to make one takes longer than to read most texts."""

    house: "_House | None" = None


READERS = _Readers()


def _converted(text: str, where: _Where) -> str:
    """By this thread's reader, which remembers nothing of the text before; one that broke off is not used again."""
    house, READERS.house = READERS.house or _House(), None
    made = house.convert(text, where)
    READERS.house = house
    return made


def _takes_ages(text: str) -> bool:
    """Whether the library would need minutes: its time grows with the square of what opens a link or definition."""
    blocks = re.split(r"\n[ \t]*\n", text)
    return sum(max(block.count("["), block.count("\n:")) ** 2 for block in blocks) > COSTLY


def render_inline(text: str, **where: object) -> str:
    """The same without the paragraph around a single one: for options and answers."""
    made = render(text, **where)  # type: ignore[arg-type]
    only = re.fullmatch(r"<p>((?:(?!</?p>).)*)</p>", made, re.DOTALL)
    return only[1] if only else made


def fill(html: str, values: Mapping[str, str], missing_label: str) -> str:
    """Local values put into their places; one that nobody filled in is shown as missing."""

    def value(match: re.Match[str]) -> str:
        found = values.get(match[1])
        if found:
            return f'<span class="local">{entities.escape(found)}</span>'
        return f'<mark class="local-missing">{entities.escape(missing_label)}: {match[1]}</mark>'

    return LOCAL_SPAN.sub(value, html)


class _House(Extension):
    """What our courses have and Markdown has not, and the reader that knows it."""

    where = _Where("", {}, {}, (), "vi", {})

    def __init__(self) -> None:
        super().__init__()
        self.reader = Markdown(extensions=[*EXTENSIONS, self], extension_configs=SETTINGS, output_format="html")

    def convert(self, text: str, where: _Where) -> str:
        """HTML as the library makes it, before it is made safe."""
        self.where = where
        self.reader.reset()
        return self.reader.convert(text)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the library's name
        """Raw HTML is text; lists are familiar; cites, local values, callouts, figures and tables are ours."""
        md.preprocessors.deregister("html_block")
        md.preprocessors.register(_Lines(md), "lines", 26)
        blocks = md.parser.blockprocessors
        blocks.register(_Heading(md.parser), "hashheader", 70)
        blocks.register(_Underlined(md.parser), "setextheader", 60)
        blocks.deregister("olist")
        blocks.deregister("ulist")
        for place, (tag, mark) in enumerate(MARKS):
            blocks.register(_List(md.parser, tag, mark), f"list{place}", 40 - place)
        blocks.register(_Quote(md.parser), "quote", 20)
        md.ESCAPED_CHARS = list(punctuation)
        md.references = _First()
        inline = md.inlinePatterns
        inline.deregister("html")
        inline.register(_Cite(self, md), "cite", 175)
        inline.register(_Local(md), "local", 176)
        inline.register(_Autolink(AUTOLINK, md), "autolink", 120)
        inline.register(_Automail(AUTOMAIL_RE, md), "automail", 110)
        inline.register(SubstituteTagInlineProcessor(BREAK, "br"), "linebreak", 100)
        inline.register(_Reference(REFERENCE_RE, md), "reference", 170)
        md.treeprocessors.register(_Quiet(md), "quiet", 21)
        md.treeprocessors.register(_Shape(self, md), "shape", -1)


class _Lines(Preprocessor):
    """Before anything else reads the lines; code is coloured and put aside here, wherever it stands."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(md)
        self.painter = Highlight(md, stripnl=False)

    def run(self, lines: list[str]) -> list[str]:
        return familiar(lines, self._code)

    def _code(self, info: str, text: str) -> str:
        language = LANGUAGE.match(info)
        return self.md.htmlStash.store(self.painter.highlight(text, language[1] if language else "", "highlight"))


class _Heading(HashHeaderProcessor):
    """“#5” is a number."""

    RE = re.compile(r"(?:^|\n) {0,3}(?P<level>#{1,6})(?![^ \n])(?P<header>[^\n]*?)(?: #+)? *(?:\n|$)")


class _Underlined(SetextHeaderProcessor):
    """The paragraph above the line is the heading, all of it."""

    def test(self, parent: Element, block: str) -> bool:
        return self._height(block.split("\n")) > 0

    def run(self, parent: Element, blocks: list[str]) -> None:
        lines = blocks.pop(0).split("\n")
        height = self._height(lines)
        SubElement(parent, "h1" if lines[height][0] == "=" else "h2").text = "\n".join(map(str.strip, lines[:height]))
        if lines[height + 1 :]:
            blocks.insert(0, "\n".join(lines[height + 1 :]))

    def _height(self, lines: list[str]) -> int:
        """How many lines of text stand above the first underline; none when something else does."""
        for place, line in enumerate(lines):
            if place and UNDERLINED.fullmatch(line):
                return place
            if NO_TEXT.match(line):
                return 0
        return 0


class _List(OListProcessor):
    """Another mark is another list."""

    LAZY_OL = False

    def __init__(self, parser: BlockParser, tag: str, mark: str) -> None:
        super().__init__(parser)
        self.mark = mark
        self.TAG, self.SIBLING_TAGS = tag, [tag]  # type: ignore[misc]
        any_mark = r"\d{1,9}[.)]" if tag == "ol" else "[-*+]"
        self.RE = re.compile(rf"[ ]{{0,3}}{mark}[ ]+")
        self.CHILD_RE = re.compile(rf"^[ ]{{0,3}}(({any_mark}))[ ]+(.*)")
        self.INDENT_RE = re.compile(r"^[ ]{4,7}(\d+[.)]|[-*+])[ ]+.*")

    def run(self, parent: Element, blocks: list[str]) -> None:
        super().run(parent, blocks)
        if len(parent) and parent[-1].tag == self.TAG:
            parent[-1].set("mark", self.mark)  # which the sanitiser takes out

    def lastChild(self, parent: Element) -> Element | None:  # noqa: N802 - the library's name
        last = super().lastChild(parent)
        return None if last is not None and last.get("mark", self.mark) != self.mark else last


class _First(dict[str, Any]):
    """What a link's name was first said to mean holds."""

    def __setitem__(self, name: str, value: Any) -> None:
        self.setdefault(name, value)


class _Quote(BlockQuoteProcessor):
    """An empty line between two quotations keeps them two."""

    def lastChild(self, parent: Element) -> Element | None:  # noqa: N802 - the library's name
        return None


class _Reference(ReferenceInlineProcessor):
    """[text][name] without a space between."""

    RE_LINK = re.compile(r"\[([^\]]*)\]")


class _Autolink(InlineProcessor):
    """<https://…> and whatever else calls itself an address; `_Where.address` says which lead somewhere."""

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:  # type: ignore[override]  # noqa: N802 - the library's names
        link = Element("a", {"href": self.unescape(m[1])})
        link.text = AtomicString(m[1])
        return link, m.start(0), m.end(0)


class _Automail(InlineProcessor):
    """A letter box as it is written; hiding it from machines hid it from our own rules."""

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:  # type: ignore[override]  # noqa: N802 - the library's names
        address = self.unescape(m[1]).removeprefix("mailto:")
        link = Element("a", {"href": f"mailto:{address}"})
        link.text = AtomicString(address)
        return link, m.start(0), m.end(0)


class _Cite(InlineProcessor):
    """[@nd331 Đ31.3] → a link to the legal basis below the lesson."""

    def __init__(self, house: _House, md: Markdown) -> None:
        super().__init__(r"\[@([A-Za-z0-9-]+)(?:[ ]+([^\]]*))?\]", md)
        self.house = house

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:  # type: ignore[override]  # noqa: N802 - the library's names
        reference = next((one for one in self.house.where.references if one.id == m[1]), None)
        link = Element("a", {"class": "cite", "href": f"#can-cu-{m[1]}"})
        link.text = ", ".join(filter(None, (reference.number if reference else m[1], m[2])))
        return link, m.start(0), m.end(0)


class _Local(InlineProcessor):
    """{{name}} → a place that is filled in at each request."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(r"\{\{[ ]*([A-Za-z_][A-Za-z0-9_]{0,59})[ ]*\}\}", md)

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:  # type: ignore[override]  # noqa: N802 - the library's names
        place = Element("span", {"class": "local", "data-local": m[1]})
        place.text = m[1]
        return place, m.start(0), m.end(0)


class _Quiet(Treeprocessor):
    """Texts without a sign that could begin something are kept from twenty patterns that would look for it."""

    def run(self, root: Element) -> None:
        for node in root.iter():
            if node.text and not SIGN.search(node.text):
                node.text = AtomicString(node.text)
            if node.tail and not SIGN.search(node.tail):
                node.tail = AtomicString(node.tail)


class _Shape(Treeprocessor):
    """The finished tree as our pages have it."""

    def __init__(self, house: _House, md: Markdown) -> None:
        super().__init__(md)
        self.house = house

    def run(self, root: Element) -> None:
        """Names of headings and numbers of tables begin anew with each text."""
        where = self.house.where
        Shape(where.address, where.language, where.sizes).give(root)
