"""Footnotes in HTML: a link to a text that links back, whichever program wrote them."""

from collections.abc import Iterator
from itertools import islice
from urllib.parse import unquote

from lms.interop.formats.html_tree import Element

HOLDERS = frozenset({"div", "li", "aside", "dd", "section"})
NEAR = 3
"""So many elements around a link may carry the name that its footnote leads back to."""
LARGEST = 500
"""Elements in a footnote: what holds more is a chapter."""
LINKS_LIMIT = 2_000


def take_footnotes(root: Element) -> dict[str, Element]:
    """The footnotes by number, taken out of the tree; where each was cited stands an element `note`."""
    page = _Page(root)
    found: dict[int, str] = {}
    notes: dict[str, Element] = {}
    for link in page.links[:LINKS_LIMIT]:
        holder = page.note_of(link)
        if holder is None:
            continue
        label = found.setdefault(id(holder), str(len(found) + 1))
        notes[label] = holder
        link.tag, link.attributes, link.children = "note", {"label": label}, []
    for holder in notes.values():
        page.remove(holder)
        for back in [one for one in _walk(holder) if page.leads_to_note(one)]:
            page.remove(back)
    return notes


class _Page:
    """The tree with what stands where: names, parents and links within the page."""

    def __init__(self, root: Element) -> None:
        self.parents: dict[int, Element] = {}
        self.places: dict[int, int] = {}
        self.named: dict[str, Element] = {}
        self.links: list[Element] = []
        for place, node in enumerate(_walk(root)):
            self.places[id(node)] = place
            for child in node.children:
                if isinstance(child, Element):
                    self.parents[id(child)] = node
            for name in (node.attributes.get("id"), node.attributes.get("name")):
                if name:
                    self.named.setdefault(name, node)
            if node.tag == "a" and _target(node):
                self.links.append(node)
        self.targets = {id(self.named[name]) for link in self.links if (name := _target(link)) in self.named}

    def note_of(self, link: Element) -> Element | None:
        """The text that the link leads to, when that comes later and leads back."""
        target = self.named.get(_target(link))
        if target is None or self.places[id(target)] <= self.places[id(link)]:
            return None
        holder = self._holder(target, link)
        if holder is None or not any(self._leads_back(back, link) for back in islice(_walk(holder), LARGEST)):
            return None
        return holder

    def leads_to_note(self, link: Element) -> bool:
        """Whether it leads back to where a footnote is cited, which is no place to go to any more."""
        target = self.named.get(_target(link)) if link.tag == "a" else None
        return target is not None and (
            target.tag == "note" or any(one.tag == "note" for one in islice(_walk(target), NEAR))
        )

    def remove(self, node: Element) -> None:
        parent = self.parents[id(node)]
        parent.children = [child for child in parent.children if child is not node]

    def _holder(self, target: Element, link: Element) -> Element | None:
        """The paragraph, item or division that is the whole footnote."""
        around = {id(one) for one in self._ancestors(link)}
        node = target
        for parent in self._ancestors(target):
            if id(parent) in around or parent.tag in {"ol", "ul", "dl", "table", "body"}:
                break
            if node.is_block and (parent.tag not in HOLDERS or self._targets_in(parent) > 1):
                break
            node = parent
        return node if node.is_block and id(node) not in around else None

    def _targets_in(self, node: Element) -> int:
        return sum(id(one) in self.targets for one in islice(_walk(node), LARGEST))

    def _leads_back(self, back: Element, link: Element) -> bool:
        target = self.named.get(_target(back)) if back.tag == "a" else None
        near = [link, *list(self._ancestors(link))[:NEAR], *islice(_walk(link), NEAR)]
        return target is not None and any(target is one for one in near)

    def _ancestors(self, node: Element) -> Iterator[Element]:
        while (parent := self.parents.get(id(node))) is not None:
            yield parent
            node = parent


def _target(link: Element) -> str:
    address = link.attributes.get("href", "").strip()
    return unquote(address[1:]) if address.startswith("#") else ""


def _walk(root: Element) -> Iterator[Element]:
    """The element and all in it, in the order of the text."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [child for child in reversed(node.children) if isinstance(child, Element)]
