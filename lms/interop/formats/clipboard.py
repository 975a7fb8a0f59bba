"""HTML as Word, Google Docs, LibreOffice, Moodle and browsers hand it over → a small tree of what it says.

What is left: p, h1–h6, ul, ol, li, pre, blockquote, table, tr, td, th, hr, and in a line strong, em, del, a, img, br,
code, sub, sup, note. An element `lost` stands where something was left out. Fonts, sizes, margins and alignment are
the page's own look and no loss.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

from lms.interop.formats.fake_lists import gathered, listed, marker
from lms.interop.formats.html_text import CODE, DELETED, EMPHASIS, HEADINGS, STRONG
from lms.interop.formats.html_tree import Child, Element

UNSEEN = frozenset({"head", "meta", "link", "style", "title", "noscript", "template", "colgroup", "col", "wbr", "xml", "base", "source", "track", "param"})  # fmt: skip
LEFT_OUT = {
    **dict.fromkeys(("nav", "footer"), "navigation"),
    **dict.fromkeys(("select", "textarea", "button"), "form"),
    **dict.fromkeys(("svg", "math", "canvas"), "drawing"),
    "script": "script",
}
EMBEDDED = frozenset({"iframe", "embed", "object", "video", "audio"})
KEPT = frozenset({"blockquote", "table", "tr", "td", "th", "caption", "br", "hr", "note"})
NO_SHOW = frozenset({"accesshide", "sr-only", "visually-hidden", "visually-hidden-focusable", "mw-editsection", "navbox", "noprint", "toc", "mw-jump-link"})  # fmt: skip
MENUS = frozenset({"book_toc", "activity-navigation", "navtop", "navbottom", "breadcrumb", "vector-toc"})
CONTENT = frozenset({"mw-parser-output", "book_content"})
COLOUR = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})(?![0-9a-f])|rgba?\((\d+)[, ]+(\d+)[, ]+(\d+)", re.IGNORECASE)
NAMED_COLOUR = re.compile(
    r"\b(?:red|blue|green|yellow|orange|purple|pink|magenta|fuchsia|cyan|aqua|lime|maroon|navy|olive|teal|brown)\b",
    re.IGNORECASE,
)
VIVID = 60
"""So far apart are the parts of a colour that is none of the greys."""


def main_part(root: Element) -> Element:
    """The content of a whole page without what stands around it."""
    waiting: list[Child] = [root]
    while waiting:
        node = waiting.pop(0)
        if not isinstance(node, Element):
            continue
        classes = set(node.attributes.get("class", "").split())
        is_main = node.tag == "main" or node.attributes.get("role") == "main" or classes & CONTENT
        if is_main and node.text().strip():
            return node
        waiting += node.children
    return root


def tidied(node: Element) -> Element:
    """What the element says, as blocks."""
    return Element("body", children=paragraphs(_all(node.children, in_link=False)))


def paragraphs(children: Iterable[Child]) -> list[Child]:
    """Blocks as they are, what stands between them as paragraphs, paragraphs that look like a list as one."""
    found: list[Child] = []
    line: list[Child] = []
    for child in children:
        if isinstance(child, Element) and child.is_block:
            found += _paragraph(line)
            found.append(child)
            line = []
        else:
            line.append(child)
    return gathered(found + _paragraph(line))


def _paragraph(line: list[Child]) -> list[Child]:
    says = any(not isinstance(child, str) or child.strip() for child in line)
    return [Element("p", children=line)] if says else []


def _all(children: Iterable[Child], *, in_link: bool) -> list[Child]:
    found: list[Child] = []
    for child in children:
        found += [child] if isinstance(child, str) else _one(child, in_link=in_link)
    return found


def _one(node: Element, *, in_link: bool) -> list[Child]:  # noqa: PLR0911 - one line for each kind of tag
    tag, style = node.tag, styles(node.attributes.get("style", ""))
    if tag in UNSEEN or _is_hidden(node, style):
        return []
    if left_out := _left_out(node):
        return [lost(left_out)] if node.children or tag == "script" else []
    if tag in EMBEDDED:
        return _embedded(node)
    if tag == "input":
        return _field(node)
    if tag == "img":
        return [Element("img", node.attributes)]
    if tag in {"ul", "ol"}:
        return listed(node, lambda inner: paragraphs(_all(inner, in_link=in_link)))
    if tag == "pre" or tag in CODE:
        text = node.text()
        return [Element("pre" if tag == "pre" else "code", children=[text])] if text.strip() else []
    children = _all(node.children, in_link=in_link or (tag == "a" and "href" in node.attributes))
    return _marked(node, style, _shaped(node, style, children), in_link=in_link)


def _left_out(node: Element) -> str:
    """The loss that the whole element is."""
    classes = set(node.attributes.get("class", "").split())
    if any(name.startswith("MsoToc") and name[6:].isdigit() for name in classes):
        return "toc"
    if classes & MENUS or node.attributes.get("role") in {"navigation", "contentinfo"}:
        return "navigation"
    return LEFT_OUT.get(node.tag, "")


def _shaped(node: Element, style: dict[str, str], children: list[Child]) -> list[Child]:  # noqa: PLR0911 - one for each kind of tag
    """The children in the block or line that the element is."""
    tag = node.tag
    if level := _heading_level(node):
        number, inner = marker(node, children)
        text = [f"{number} ", *inner] if number else inner
        return [Element(f"h{max(1, level)}", {"level": str(level)}, _line(text))]
    if tag == "a":
        address = node.attributes.get("href", "").strip()
        return _pushed(children, "a", {"href": _direct(address)}) if address else children
    if tag in {"sub", "sup"} or style.get("vertical-align") in {"sub", "super"}:
        name = tag if tag in {"sub", "sup"} else {"sub": "sub", "super": "sup"}[style["vertical-align"]]
        is_plain = all(isinstance(child, str) or child.tag not in {"note", "img", "sub", "sup"} for child in children)
        return _pushed(children, name, {}) if is_plain else children
    if tag in {"dt", "summary", "figcaption", "caption"}:
        return [Element("p", children=_pushed(_line(children), "em" if "caption" in tag else "strong", {}))]
    if tag == "p":
        return _fake_item(node, style, children) or paragraphs(children)
    if tag == "table":
        return _table(node, children)
    if tag in {"td", "th", "blockquote"}:
        kept: dict[str, str] = {
            name: node.attributes[name] for name in ("colspan", "rowspan") if name in node.attributes
        }
        return [Element(tag, kept, paragraphs(children))]
    if tag in KEPT:
        return [Element(tag, node.attributes if tag == "note" else {}, children)]
    if tag in {"thead", "tbody", "tfoot"}:
        return children
    return paragraphs(children) if node.is_block else children


def _marked(node: Element, style: dict[str, str], children: list[Child], *, in_link: bool) -> list[Child]:
    """Bold, italic and crossed out, by a tag or by a style; colours and lines below are told."""
    line = style.get("text-decoration", "") + style.get("text-decoration-line", "")
    if node.tag not in HEADINGS | {"table", "tr", "th"}:
        if _is_bold(node.tag, style):
            children = _pushed(children, "strong", {})
        if (node.tag in EMPHASIS and style.get("font-style") != "normal") or style.get("font-style") == "italic":
            children = _pushed(children, "em", {})
        if node.tag in DELETED or "line-through" in line:
            children = _pushed(children, "del", {})
    if in_link or node.tag == "a" or not _says(children):
        return children
    is_underlined = node.tag in {"u", "ins"} or "underline" in line
    colours = (style.get(name, "") for name in ("color", "background", "background-color", "mso-highlight"))
    is_coloured = any(is_vivid(colour) for colour in (*colours, node.attributes.get("color", "")))
    told = [lost("underline")] * is_underlined + [lost("colour")] * (is_coloured or node.tag == "mark")
    return _within(children, told) if told else children


def _within(children: list[Child], told: list[Element]) -> list[Child]:
    """The losses told in the first line of it, so that they make no paragraph of their own."""
    first = children[0]
    if isinstance(first, Element) and first.is_block:
        if first.tag in {"p", *HEADINGS}:
            first.children = [*told, *first.children]
        return children
    return [*told, *children]


def _is_bold(tag: str, style: dict[str, str]) -> bool:
    weight = style.get("font-weight", "")
    if weight in {"normal", "lighter"} or (weight.isdigit() and int(weight[:4]) < 600):
        return False
    return tag in STRONG or weight in {"bold", "bolder"} or weight.isdigit()


def _pushed(children: list[Child], tag: str, attributes: dict[str, str]) -> list[Child]:
    """The children within such an element; within blocks it stands around their lines."""
    found: list[Child] = []
    line: list[Child] = []
    for child in children:
        if isinstance(child, Element) and child.is_block:
            found += [Element(tag, attributes, line)] if line else []
            line = []
            inner = child.children if child.tag in {"pre", "hr"} else _pushed(child.children, tag, attributes)
            found.append(Element(child.tag, child.attributes, inner))
        elif isinstance(child, Element) and child.tag in {"br", "note", "lost"}:
            found += [Element(tag, attributes, line)] if line else []
            line = []
            found.append(child)
        else:
            line.append(child)
    return found + ([Element(tag, attributes, line)] if line else [])


def _line(children: list[Child]) -> list[Child]:
    """The same without blocks in it."""
    found: list[Child] = []
    for child in children:
        if isinstance(child, Element) and child.is_block:
            found += [" ", *_line(child.children), " "]
        else:
            found.append(child)
    return found


def _heading_level(node: Element) -> int | None:
    classes = node.attributes.get("class", "").split()
    if "MsoTitle" in classes:
        return -1
    if node.tag in HEADINGS:
        return int(node.tag[1])
    level = node.attributes.get("aria-level", "")
    return int(level) if node.attributes.get("role") == "heading" and level in list("123456") else None


def _fake_item(node: Element, style: dict[str, str], children: list[Child]) -> list[Child]:
    """A paragraph that Word shows as an item of a list."""
    found = re.search(r"level([1-9])", style.get("mso-list", ""))
    if not found:
        return []
    mark, inner = marker(node, children)
    return [Element("p", {"level": found[1], "mark": mark}, _line(inner))] if mark else []


def _table(node: Element, children: list[Child]) -> list[Child]:
    """A table; one of a single cell is only a frame."""
    rows = [child for child in children if isinstance(child, Element) and child.tag == "tr"]
    others = [child for child in children if not (isinstance(child, Element) and child.tag == "tr")]
    cells = [cell for row in rows for cell in row.children if isinstance(cell, Element) and cell.tag in {"td", "th"}]
    if len(cells) == 1:
        return [*paragraphs(others), *cells[0].children]
    return [*paragraphs(others), Element("table", children=list[Child](rows))] if cells else paragraphs(others)


def _embedded(node: Element) -> list[Child]:
    """What plays on a page elsewhere becomes a link to it."""
    inner = [child.attributes.get("src", "") for child in node.children if isinstance(child, Element)]
    named = [node.attributes.get(name, "") for name in ("src", "data")] + inner
    address = next((one.strip() for one in named if one.strip()), "")
    address = f"https:{address}" if address.startswith("//") else address
    if not address.lower().startswith(("http://", "https://")):
        return [lost("embedded nowhere")]
    link = Element("a", {"href": address}, [node.attributes.get("title", "").strip() or address])
    return [Element("p", children=[link, lost("embedded", address=address[:200])])]


def _field(node: Element) -> list[Child]:
    """A box to tick is a sign; other fields are told."""
    kind = node.attributes.get("type", "").lower()
    if kind == "checkbox":
        return ["☑ " if "checked" in node.attributes else "☐ "]
    return [] if kind == "hidden" else [lost("form")]


def _direct(address: str) -> str:
    """Where a link of Google Docs leads in the end."""
    if not address.startswith("https://www.google.com/url?"):
        return address
    try:
        return parse_qs(urlsplit(address).query).get("q", [address])[0]
    except ValueError:
        return address


def _is_hidden(node: Element, style: dict[str, str]) -> bool:
    classes = set(node.attributes.get("class", "").split())
    return bool(
        style.get("display") == "none"
        or style.get("visibility") == "hidden"
        or style.get("mso-hide") == "all"
        or style.get("mso-list", "").lower() == "ignore"
        or ("hidden" in node.attributes and node.attributes["hidden"] != "until-found")
        or classes & NO_SHOW
    )


def _says(children: Iterable[Child]) -> bool:
    return any(child.strip() if isinstance(child, str) else _says(child.children) for child in children)


def is_vivid(colour: str) -> bool:
    """Whether it is a colour rather than black, white or grey."""
    found = COLOUR.search(colour)
    if not found:
        return bool(NAMED_COLOUR.search(colour))
    digits = found[1] or ""
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) for at in (0, 2, 4)] if digits else [int(found[n][:4]) for n in (2, 3, 4)]
    return max(parts) - min(parts) > VIVID


@lru_cache(maxsize=4096)
def styles(text: str) -> dict[str, str]:
    """The declarations of a style by name, in lower case."""
    pairs = (one.partition(":") for one in text.lower().split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs if value.strip()}


def lost(kind: str, **values: str) -> Element:
    """A place where something was left out."""
    return Element("lost", {"kind": kind, **values})
