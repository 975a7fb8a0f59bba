"""Lists that are none in the HTML of Word and Google Docs, and lists in lists, as one kind of tree."""

import re
from collections.abc import Callable, Sequence

from lms.interop.formats.html_tree import Child, Element

NUMBER = re.compile(r"[(\[]?(?:\d{1,9}\.)*(\d{1,9})[.)\]:]{0,2}$")
LETTERS = re.compile(r"[(\[]?([a-zđ]{1,2}|[ivxlcdm]{1,7})[.)\]]{1,2}$", re.IGNORECASE)
IGNORED = re.compile(r"mso-list:\s*ignore", re.IGNORECASE)
SHAPES = frozenset({"a", "A", "i", "I"})

Blocks = Callable[[Sequence[Child]], list[Child]]


def marker(node: Element, children: list[Child]) -> tuple[str, list[Child]]:
    """The bullet or number that Word writes before such a paragraph, and the paragraph without it."""
    mark = _ignored(node)
    return " ".join(mark.split()), children


def _ignored(node: Element) -> str:
    """The text of what Word marks as no text of the paragraph."""
    if IGNORED.search(node.attributes.get("style", "")):
        return node.text()
    return "".join(_ignored(child) for child in node.children if isinstance(child, Element))


def gathered(blocks: list[Child]) -> list[Child]:
    """The blocks, with what follows each other as items of a list in lists."""
    found: list[Child] = []
    items: list[Element] = []
    for block in blocks:
        if isinstance(block, Element) and "level" in block.attributes and block.tag == "p":
            items.append(block)
            continue
        found += _nested(items)
        items = []
        found.append(block)
    return found + _nested(items)


def _nested(items: list[Element]) -> list[Child]:
    found: list[Child] = []
    open_lists: list[tuple[int, Element]] = []
    for item in items:
        level, (tag, start, is_odd) = int(item.attributes["level"]), read_mark(item.attributes["mark"])
        while open_lists and open_lists[-1][0] > level:
            open_lists.pop()
        if open_lists and open_lists[-1][0] == level and open_lists[-1][1].tag != tag:
            open_lists.pop()
        if not open_lists or open_lists[-1][0] < level:
            made = Element(tag, {"start": start} if tag == "ol" else {})
            (_last_item(open_lists[-1][1]).children if open_lists else found).append(made)
            open_lists.append((level, made))
        told: list[Child] = [Element("lost", {"kind": "letters"})] if is_odd else []
        line = Element("p", children=told + item.children)
        open_lists[-1][1].children.append(Element("li", children=[line]))
    return found


def _last_item(node: Element) -> Element:
    return next(item for item in reversed(node.children) if isinstance(item, Element))


def read_mark(mark: str) -> tuple[str, str, bool]:
    """The kind of list that a mark makes, the number it says, and whether a plain number says less."""
    if number := NUMBER.match(mark):
        return "ol", number[1].lstrip("0") or "0", mark.strip("()[].:") != number[1]
    if LETTERS.match(mark):
        return "ol", "1", True
    return "ul", "", False


def listed(node: Element, blocks: Blocks) -> list[Child]:
    """A list with its items as blocks; a list that stands in no item belongs to the one before."""
    made = Element(node.tag, _start(node))
    loose: list[Child] = []
    for child in node.children:
        if isinstance(child, Element) and child.tag == "li":
            if level := child.attributes.get("data-aria-level", ""):
                loose.append(_online(node, child, level, blocks))
                continue
            _add(made, blocks(child.children))
        elif isinstance(child, Element) or child.strip():
            inner = blocks([child])
            if made.children:
                _last_item(made).children.extend(inner)
            else:
                _add(made, inner)
    if node.attributes.get("type") in SHAPES or re.search(
        r"list-style(?:-type)?:\s*(?:lower|upper)-", node.attributes.get("style", "")
    ):
        made.children[:1] = [_odd(child) for child in made.children[:1] if isinstance(child, Element)]
    return [*([made] if made.children else []), *loose]


def _add(made: Element, inner: list[Child]) -> None:
    """An item; one that is only a list is the list of the item before, or its items are items here."""
    is_only_list = len(inner) == 1 and isinstance(inner[0], Element) and inner[0].tag in {"ul", "ol"}
    if is_only_list and made.children:
        _last_item(made).children.extend(inner)
    elif is_only_list and isinstance(inner[0], Element):
        made.children.extend(inner[0].children)
    elif inner:
        made.children.append(Element("li", children=inner))


def _odd(item: Element) -> Element:
    told = Element("p", children=[Element("lost", {"kind": "letters"})])
    first = item.children[0] if item.children else None
    if isinstance(first, Element) and first.tag == "p":
        first.children[:0] = told.children
    return item


def _online(node: Element, child: Element, level: str, blocks: Blocks) -> Element:
    """An item of Word in the browser, where each is a list of its own that says how deep it stands."""
    inner = blocks(child.children)
    line: list[Child] = []
    for one in inner:
        line += one.children if isinstance(one, Element) and one.tag == "p" else [one]
    number = child.attributes.get("data-aria-posinset", "1")
    mark = f"{number}." if node.tag == "ol" and number.isdigit() else "•" if node.tag == "ul" else "1."
    return Element("p", {"level": level if level in list("123456789") else "1", "mark": mark}, line)


def _start(node: Element) -> dict[str, str]:
    start = node.attributes.get("start", "")
    return {"start": start} if node.tag == "ol" and re.fullmatch(r"\d{1,3}", start) else {}
