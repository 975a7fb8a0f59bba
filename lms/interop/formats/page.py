"""A page of HTML, pasted or saved, as the text of a lesson: clean Markdown, its pictures, and every loss by name."""

import html as entities
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from lms.course.problems import N_, Problem, error, in_order
from lms.interop.formats.clipboard import main_part, tidied
from lms.interop.formats.footnotes import take_footnotes
from lms.interop.formats.html_text import BREAK_WRITTEN, FORMULA
from lms.interop.formats.html_tree import Element, parse
from lms.interop.formats.page_losses import Losses
from lms.interop.formats.page_text import PageWriter

HTML_LIMIT = 30_000_000
TAGS_LIMIT = 200_000
TEXT_LIMIT = 1_000_000
DEEPEST = 60
TITLE_LIMIT = 200
TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,1000})", re.IGNORECASE)
SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
SIGNS = {"\uf0b7": "•", "\uf0a7": "▪", "\uf0d8": "➢", "\uf0e0": "→", "\uf0fc": "✓"}
"""What Word writes with letters of Symbol and Wingdings."""
TOO_LARGE = N_("the page is too long for one lesson; bring it along in parts")
EMPTY = N_("there is no text in it that a lesson could show")


@dataclass(frozen=True)
class Page:
    """The text of a lesson below its facts; pictures by path; a refused page has no text and an error."""

    markdown: str = ""
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    title: str = ""


def read_page(html: str, *, name: str = "", attached: Mapping[str, bytes] | None = None) -> Page:
    """The page as a lesson; `attached` are pictures that came with it, by the address in its HTML. Never raises."""
    if len(html) > HTML_LIMIT or html.count("<") > TAGS_LIMIT:
        return Page(problems=[error(name, 1, TOO_LARGE)])
    losses, pictures = Losses(name), dict[str, bytes]()
    root = main_part(parse(BREAK_WRITTEN.sub("", _without_header(html)), DEEPEST))
    if len(root.text()) > TEXT_LIMIT:
        return Page(problems=[error(name, 1, TOO_LARGE)])
    _normalise(root)
    if _depth(root) >= DEEPEST - 1:
        losses.note("deep")
    notes = {label: tidied(note) for label, note in take_footnotes(root).items()}
    body = tidied(root)
    title = _take_title(body) or _said_title(html)
    text = PageWriter(losses, attached or {}, pictures).page(body, notes)
    if FORMULA.search(text.replace("\\\\", "\\")):
        losses.note("LaTeX")
    problems = losses.problems()
    if len(text.encode()) > TEXT_LIMIT:
        return Page(problems=[error(name, 1, TOO_LARGE)])
    if not text.strip():
        return Page(problems=in_order([*problems, error(name, 1, EMPTY)]), title=title)
    return Page(f"{text}\n", pictures, problems, title)


def _without_header(html: str) -> str:
    """The page without what Windows writes before it on the clipboard."""
    return html[max(0, html.find("<")) :] if html.startswith("Version:") else html


def _normalise(root: Element) -> None:
    """Composed letters, plain spaces, no signs that nobody sees; code keeps its lines."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        node.children = [normal(child) if isinstance(child, str) else child for child in node.children]
        for name in ("alt", "title"):
            if name in node.attributes:
                node.attributes[name] = normal(node.attributes[name])
        waiting += [child for child in node.children if isinstance(child, Element)]


def normal(text: str) -> str:
    """The text as a course holds it."""
    if text.isascii() and text.isprintable():
        return text
    text = unicodedata.normalize("NFC", SPACES.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")))
    return "".join(
        SIGNS.get(
            c, "" if unicodedata.category(c) in {"Cc", "Cs", "Co", "Cn"} or c in "\u200b\ufeff\u00ad\u2060" else c
        )
        if c not in "\n\t\u2028\u2029"
        else ("\n" if c != "\t" else " ")
        for c in text
    )


def _depth(root: Element) -> int:
    deepest, waiting = 0, [(root, 0)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting += [(child, depth + 1) for child in node.children if isinstance(child, Element)]
    return deepest


def _take_title(body: Element) -> str:
    """The heading above all others, when the page begins with it; it is the title and no part of the text."""
    headings = [child for child in body.children if isinstance(child, Element) and re.fullmatch("h[1-6]", child.tag)]
    place = next((n for n, child in enumerate(body.children) if isinstance(child, Element) and _says(child)), -1)
    if not headings or headings[0] is not body.children[place]:
        return ""
    first, *others = (int(heading.attributes["level"]) for heading in headings)
    text = " ".join(headings[0].text().split())
    if any(level <= first for level in others) or not text or len(text) > TITLE_LIMIT or _has_more(headings[0]):
        return ""
    del body.children[place]
    return text


def _says(node: Element) -> bool:
    return bool(node.text().strip()) or any(
        isinstance(child, Element) and (child.tag == "img" or _says(child)) for child in node.children
    )


def _has_more(heading: Element) -> bool:
    """Whether a picture or footnote stands in it, which no title holds."""
    return any(
        isinstance(child, Element) and (child.tag in {"img", "note", "lost"} or _has_more(child))
        for child in heading.children
    )


def _said_title(html: str) -> str:
    found = TITLE.search(html[:20_000])
    return " ".join(normal(entities.unescape(found[1])).split())[:TITLE_LIMIT] if found else ""
