"""The tree of a rendered text gets the shape that our pages have."""

import html as entities
import re
import unicodedata
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement

CALLOUTS = {
    "ghi-nho": ("Ghi nhớ", "Remember"),
    "luu-y": ("Lưu ý", "Note"),
    "vi-du": ("Ví dụ", "Example"),
    "tinh-huong": ("Tình huống", "Case"),
    "can-lam": ("Cần làm", "To do"),
}
TABLE_LABEL = {"vi": "Bảng, cuộn ngang nếu cần", "en": "Table, scroll sideways if needed"}
WRITTEN_OUT = {"vi": "Phụ đề, bản chữ", "en": "Subtitles as text"}
INLINE = {"a", "br", "code", "del", "em", "img", "kbd", "span", "strong", "sup"}
VIDEOS = (".mp4", ".webm")


class Shape:
    """One document's finished tree: callouts, figures, tables that scroll, headings with anchors, safe links."""

    def __init__(self, links: Callable[[str], str | None], language: str, sizes: Mapping[str, int]) -> None:
        self.links, self.language, self.sizes = links, language, sizes
        self.anchors: dict[str, int] = {}  # how often each was wanted
        self.tables = 0

    def give(self, root: Element) -> None:
        """Change the tree in place."""
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
        elif node.tag in {"ol", "ul"}:
            self._list(node)
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
        while count := self.anchors.get(name, 0):
            self.anchors[name] = count + 1
            name += f"-{count + 1}"
        self.anchors[name] = 1
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

    def _list(self, node: Element) -> None:
        """Items stand equally far from each other, and a number is one."""
        if start := node.get("start"):
            node.set("start", str(int(start)))
        if any(len(item) and item[0].tag == "p" for item in node):
            for item in node:
                if item.text and item.text.strip():
                    paragraph = Element("p")
                    paragraph.text, item.text = item.text, None
                    while len(item) and item[0].tag in INLINE:
                        paragraph.append(item[0])
                        item.remove(item[0])
                    item.insert(0, paragraph)

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
