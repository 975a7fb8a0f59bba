"""Markdown → safe HTML; the only user of the Markdown and sanitiser libraries."""

import html as entities
import posixpath
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element, SubElement

import nh3
from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from lms.course.document import Reference
from lms.course.listing import familiar

RENDERER = 2
COSTLY = 4_000_000
"""About two seconds: two thousand brackets in one paragraph."""
CALLOUTS = {
    "ghi-nho": ("Ghi nhớ", "Remember"),
    "luu-y": ("Lưu ý", "Note"),
    "vi-du": ("Ví dụ", "Example"),
    "tinh-huong": ("Tình huống", "Case"),
    "can-lam": ("Cần làm", "To do"),
}
TABLE_LABEL = {"vi": "Bảng, cuộn ngang nếu cần", "en": "Table, scroll sideways if needed"}
WRITTEN_OUT = {"vi": "Phụ đề, bản chữ", "en": "Subtitles as text"}
VIDEOS = (".mp4", ".webm")
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
LOCAL_SPAN = re.compile(r'<span class="local" data-local="([A-Za-z_][A-Za-z0-9_]{0,59})">[^<]*</span>')
EXTENSIONS = ("sane_lists", "tables", "footnotes", "def_list", "admonition", "pymdownx.superfences", "pymdownx.highlight", "pymdownx.keys", "pymdownx.details", "pymdownx.tilde")  # fmt: skip
SETTINGS: dict[str, dict[str, Any]] = {
    "pymdownx.highlight": {"use_pygments": True, "noclasses": False, "guess_lang": False, "anchor_linenums": False},
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
    links = partial(_address, base=base, known={**(files or {}), **(items or {})})
    reader = Markdown(
        extensions=[
            *EXTENSIONS,
            _House(links, {reference.id: reference for reference in references}, language, sizes or {}),
        ],
        extension_configs=SETTINGS,
        output_format="html",
    )
    as_typed = f"<pre>{entities.escape(text)}</pre>"
    try:
        made = as_typed if _takes_ages(text) else reader.convert(text)
    except RecursionError:  # nested beyond all sense
        made = as_typed
    return _clean(made)


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


def _clean(html: str) -> str:
    return nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https", "mailto", "tel"}, link_rel=None
    )


def _address(target: str, *, base: str, known: Mapping[str, str]) -> str | None:
    """Where a link leads: a file or item of the course, the same page, or the outside; None for nowhere."""
    try:
        parts = urlsplit(target)
    except ValueError:  # “http://[máy chủ]” is no address
        return None
    if parts.scheme in ("http", "https", "mailto", "tel") or target.startswith("#"):
        return target
    if parts.scheme or parts.netloc or not parts.path:
        return None
    path = posixpath.normpath(
        posixpath.join(posixpath.dirname(base), unicodedata.normalize("NFC", unquote(parts.path)))
    )
    found = known.get(path)
    return found + (f"#{parts.fragment}" if parts.fragment else "") if found else None


class _House(Extension):
    """What our courses have and Markdown has not."""

    def __init__(
        self,
        links: Callable[[str], str | None],
        references: Mapping[str, Reference],
        language: str,
        sizes: Mapping[str, int],
    ) -> None:
        super().__init__()
        self.links, self.references, self.language, self.sizes = links, references, language, sizes

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the library's name
        """Raw HTML is text; lists are familiar; cites, local values, callouts, figures and tables are ours."""
        md.preprocessors.deregister("html_block")
        md.inlinePatterns.deregister("html")
        md.preprocessors.register(_Lists(md), "familiar_lists", 26)
        md.inlinePatterns.register(_Cite(self.references, md), "cite", 175)
        md.inlinePatterns.register(_Local(md), "local", 176)
        md.treeprocessors.register(_Shape(md, self.links, self.language, self.sizes), "shape", 1)


class _Lists(Preprocessor):
    """Before anything else reads the lines."""

    def run(self, lines: list[str]) -> list[str]:
        return familiar([line.replace("\t", "    ") for line in lines])


class _Cite(InlineProcessor):
    """[@nd331 Đ31.3] → a link to the legal basis below the lesson."""

    def __init__(self, references: Mapping[str, Reference], md: Markdown) -> None:
        super().__init__(r"\[@([A-Za-z0-9-]+)(?:[ ]+([^\]]*))?\]", md)
        self.references = references

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:  # type: ignore[override]  # noqa: N802 - the library's names
        reference = self.references.get(m[1])
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


class _Shape(Treeprocessor):
    """The finished tree: callouts, figures, tables that scroll, headings with anchors, safe links."""

    def __init__(
        self, md: Markdown, links: Callable[[str], str | None], language: str, sizes: Mapping[str, int]
    ) -> None:
        super().__init__(md)
        self.links, self.language, self.sizes = links, language, sizes
        self.anchors: set[str] = set()
        self.tables = 0

    def run(self, root: Element) -> None:
        self._walk(root)

    def _walk(self, parent: Element) -> None:
        for place, child in enumerate(list(parent)):
            self._one(child)
            self._walk(child)
            if child.tag == "table":
                parent[place] = self._scrolling(child)

    def _one(self, node: Element) -> None:
        classes = (node.get("class") or "").split()
        if node.tag == "div" and "admonition" in classes:
            self._callout(node, classes)
        elif re.fullmatch(r"h[1-6]", node.tag):
            self._heading(node)
        elif (
            node.tag == "a"
            and node.get("href")
            and "cite" not in classes
            and not any(c.startswith("footnote") for c in classes)
        ):
            self._link(node)
        elif node.tag == "img":
            self._picture(node)
        elif (
            node.tag == "p"
            and len(node) == 1
            and node[0].tag == "img"
            and not (node.text or "").strip()
            and not (node[0].tail or "").strip()
        ):
            self._figure(node)
        elif node.tag == "li":
            self._task(node)
        elif node.tag == "th" and "".join(node.itertext()).strip():
            node.set("scope", "col")
        elif node.tag == "th":
            node.tag = "td"  # a heading that says nothing helps no screen reader

    def _callout(self, node: Element, classes: list[str]) -> None:
        kind = next((name for name in classes if name in CALLOUTS), "luu-y")
        node.set("class", f"callout callout-{kind}")
        node.set("role", "note")
        if len(node) and "admonition-title" in (node[0].get("class") or ""):
            node[0].set("class", "callout-title")
            if (node[0].text or "").lower() in (name.capitalize().lower() for name in classes):
                node[0].text = CALLOUTS[kind][self.language != "vi"]

    def _heading(self, node: Element) -> None:
        node.tag = "h" + str(max(2, int(node.tag[1])))
        name = "muc-" + (_slug("".join(node.itertext())) or "1")
        while name in self.anchors:
            name += "-2"
        self.anchors.add(name)
        node.set("id", name)

    def _link(self, node: Element) -> None:
        target = self.links(entities.unescape(node.get("href") or ""))
        if target is None:
            del node.attrib["href"]
        else:
            node.set("href", target)
            if "://" in target:
                node.set("rel", "noopener noreferrer")

    def _picture(self, node: Element) -> None:
        target = self.links(node.get("src") or "")
        # Pictures from elsewhere would tell that place who reads; the check refuses them too.
        node.set("src", target if target and not urlsplit(target).scheme else "")
        node.set("loading", "lazy")
        node.set("decoding", "async")

    def _figure(self, node: Element) -> None:
        if (node[0].get("src") or "").lower().endswith(VIDEOS):
            self._video(node, node[0])
            return
        node.tag = "figure"
        caption = node[0].attrib.pop("title", "")
        if caption:
            SubElement(node, "figcaption").text = caption

    def _video(self, node: Element, picture: Element) -> None:
        """Nothing is loaded before somebody asks for it; below stands what it shows and what it costs."""
        source, words = picture.get("src") or "", picture.get("alt") or ""
        address, subtitles = self.links(source), self.links(f"{source.rpartition('.')[0]}.vtt")
        caption = picture.get("title") or words
        node.tag, node.text = "figure", None
        node.set("class", "video")
        node.remove(picture)
        if address is None:
            SubElement(node, "figcaption").text = caption
            return
        player = {"src": address, "controls": "", "preload": "none", "aria-label": words}
        video = SubElement(node, "video", player)
        facts = [caption]
        if size := self.sizes.get(address):
            facts.append(f"{max(0.1, size / 1_000_000):.1f} MB".replace(".", "," if self.language == "vi" else "."))
        below = SubElement(node, "figcaption")
        below.text = " · ".join(facts)
        if subtitles:
            SubElement(video, "track", {"src": subtitles, "kind": "captions", "srclang": self.language, "default": ""})
            below.text += " · "
            SubElement(below, "a", {"href": subtitles}).text = WRITTEN_OUT[self.language]

    def _task(self, node: Element) -> None:
        first = node[0] if len(node) and node[0].tag == "p" and not (node.text or "").strip() else node
        for written, shown in (("[ ] ", "☐ "), ("[x] ", "☑ "), ("[X] ", "☑ ")):
            if (first.text or "").lstrip().startswith(written):
                first.text = shown + (first.text or "").lstrip()[len(written) :]
                node.set("class", "task")

    def _scrolling(self, table: Element) -> Element:
        self.tables += 1
        frame = Element(
            "div",
            {
                "class": "table-scroll",
                "role": "region",
                "tabindex": "0",
                "aria-label": f"{TABLE_LABEL[self.language]} ({self.tables})",
            },
        )
        frame.tail, table.tail = table.tail, None
        frame.append(table)
        return frame


def _slug(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return re.sub(r"[^a-z0-9]+", "-", "".join(c for c in bare if not unicodedata.combining(c))).strip("-")
