"""The tree of a page as Markdown of a lesson: headings, lists, tables, footnotes and pictures as themselves."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from lms.interop.formats.html_text import (
    BREAK,
    Writer,
    code,
    described,
    escaped,
    hard_breaks,
    in_parentheses,
    linked,
    name_of,
    plain_start,
    scheme,
)
from lms.interop.formats.html_tree import Child, Element
from lms.interop.formats.page_losses import Losses
from lms.interop.formats.prose import slug

MEDIA = "media"
NO_DESCRIPTION = "(mô tả ảnh)"
DEEPEST_LIST = 6
SPACE = "&#160;"
INLINE = re.compile(r"data:[a-z0-9.+/-]{0,60};base64,([A-Za-z0-9+/=\s]+)$", re.IGNORECASE)
MAGIC = ((b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpg"), (b"GIF8", "gif"), (b"RIFF", "webp"), (b"BM", "bmp"), (b"II*\0", "tif"), (b"MM\0*", "tif"))  # fmt: skip
AUTOMATIC = re.compile(r"(?:Description automatically generated|Mô tả được tạo tự động)[^.]*\.?", re.IGNORECASE)
EDGES = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])|<(?!\s|$)|<$|~|\+(?=\+)|(?<=\+)\+")
RULE = re.compile(r"[ |:-]*-[ |:-]*")
TYPED_LIST = re.compile(r"\\?[-+–•] ")
MARKS = {frozenset(): "", frozenset({"strong"}): "**", frozenset({"em"}): "*", frozenset({"strong", "em"}): "***"}


@dataclass(frozen=True)
class Run:
    """Some words of a line, as text or already as Markdown, and how they look."""

    text: str
    marks: frozenset[str] = frozenset()
    href: str = ""
    is_made: bool = False
    is_code: bool = False

    def looks_like(self, other: "Run") -> bool:
        """Whether both are one; what is already Markdown stays alone."""
        mine, its = (self.marks, self.href, self.is_code), (other.marks, other.href, other.is_code)
        return mine == its and not self.is_made and not other.is_made


class PageWriter(Writer):
    """One page while it is written; `attached` are pictures by the address that the page has for them."""

    def __init__(
        self,
        losses: Losses,
        attached: Mapping[str, bytes],
        pictures: dict[str, bytes],
        *,
        block: bool = True,
        depth: int = 0,
    ) -> None:
        super().__init__(lambda _address, _said: None, losses, lines_count=False, block=block)
        self.losses, self.attached, self.pictures, self.depth = losses, attached, pictures, depth
        self.levels: list[int] = []

    def page(self, body: Element, notes: Mapping[str, Element]) -> str:
        """The whole text; each loss is told at the line of its block."""
        parts: list[str] = []
        before: Child = ""
        for child in body.children:
            if _tag(child) == _tag(before) == "ol":
                self.losses.note("two lists")
            before = child
            parts += self._placed([child])
        while parts and parts[-1] == "---":
            parts.pop()
        for label, note in notes.items():
            parts += [_indented(f"[^{label}]: ", self._opened(self._inside().footnote(note)))]
            self.losses.line += parts[-1].count("\n") + 2
        return "\n\n".join(parts)

    def _placed(self, children: list[Child]) -> list[str]:
        made = [block for block in self.blocks(children) if block.strip()]
        self.losses.line += sum(block.count("\n") + 2 for block in made)
        return made

    def footnote(self, note: Element) -> list[str]:
        blocks = self.blocks(child for child in note.children if _tag(child) != "hr")
        if blocks:
            blocks[0] = re.sub(r"^(?:\\\[\d*\]|[\s^↑])+", "", blocks[0])
        return [block for block in blocks if block] or [SPACE]

    # Blocks

    def one_block(self, node: Element) -> list[str]:
        if "level" in node.attributes and node.tag.startswith("h") and self.block and not self.depth:
            return self._heading(node)
        if "level" in node.attributes and node.tag.startswith("h"):
            return self.paragraph([Element("strong", children=node.children)])
        if node.tag == "blockquote" and self.block:
            if self.depth >= DEEPEST_LIST:
                self.losses.note("deep")
                return self.blocks(node.children)
            quoted = "\n\n".join(self._inside().blocks(node.children))
            return ["\n".join(f"> {line}".rstrip() for line in quoted.split("\n"))] if quoted else []
        return super().one_block(node)

    def _heading(self, node: Element) -> list[str]:
        text = " ".join(self.inline(self.without_strong(node)).replace(BREAK, " ").split())
        if not text:
            return []
        level = int(node.attributes["level"])
        while self.levels and self.levels[-1] >= level:
            self.levels.pop()
        self.levels.append(level)
        text = re.sub(r"#+$", lambda match: "\\#" * len(match[0]), text)
        return [f"{'#' * min(6, 1 + len(self.levels))} {text}"]

    def paragraph(self, children: list[Child]) -> list[str]:
        text = re.sub(r"[ \t\n]+", " ", self.inline(children))
        lines = [self._start(line.strip(" ")) for line in text.split(BREAK)]
        lines = [line for place, line in enumerate(lines) if line or (place and lines[place - 1])]
        made = "\n".join(lines).strip("\n")
        return [hard_breaks(made) if self.block else made] if made else []

    def _start(self, line: str) -> str:
        if not self.block:
            return line
        if TYPED_LIST.match(line) and not self.depth:
            self.losses.note("typed list")
        if RULE.fullmatch(line):
            return line.replace("-", "\\-", 1)
        return plain_start(line) if not re.match(r"\[\^\d+\]:", line) else line.replace("]:", "]&#58;", 1)

    def listed(self, node: Element) -> list[str]:
        items = [child for child in node.children if isinstance(child, Element) and _shows(child)]
        if not self.block or self.depth >= DEEPEST_LIST:
            self.losses.note("deep" if self.block else "cell")
            return [block for item in items for block in self.blocks(item.children)]
        rows, inner, first = [], self._inside(), int(node.attributes.get("start") or 1)
        for number, item in enumerate(items, start=first):
            mark = f"{min(number, 999)}. " if node.tag == "ol" else "- "
            rows.append(_indented(mark, self._opened(inner.blocks(item.children) or [SPACE])))
        apart = "\n\n" if any("\n\n" in row for row in rows) else "\n"
        return [apart.join(rows)] if rows else []

    def _opened(self, blocks: list[str]) -> str:
        """The blocks of an item or footnote, which begins with a line of text; a list in it follows at once."""
        text = SPACE if re.match(r"`{3}|\||> |---$|- |\d+\. ", blocks[0]) else ""
        for before, block in zip(["", *blocks], blocks, strict=False):
            is_list, was_list = (bool(re.match(r"- |\d+\. ", one)) for one in (block, before))
            follows = is_list and not was_list and "\n\n" not in text and text != SPACE
            text += ("\n" if follows else "\n\n") * bool(text) + block
        return text

    def _inside(self) -> "PageWriter":
        return PageWriter(self.losses, self.attached, self.pictures, block=self.block, depth=self.depth + 1)

    def table(self, node: Element) -> list[str]:
        rows = [row for row in node.children if isinstance(row, Element) and _shows(row)]
        if not self.block:
            self.losses.note("cell")
            return [" · ".join(filter(None, (self.cell(cell) for cell in _cells(row)))) for row in rows]
        has_head = bool(rows) and all(cell.tag == "th" or _is_strong(cell) for cell in _cells(rows[0]))
        grid, is_merged = _grid([[(self._cell_text(cell, is_head=has_head and not y), *_spans(cell)) for cell in _cells(row)] for y, row in enumerate(rows)])  # fmt: skip
        if is_merged:
            self.losses.note("merged")
        if not grid:
            return []
        lines = [*([] if has_head else [[""] * len(grid[0])]), *grid]
        lines.insert(1, ["---"] * len(grid[0]))
        return ["\n".join("| " + " | ".join(row) + " |" for row in lines)]

    def _cell_text(self, cell: Element, *, is_head: bool) -> str:
        return self.cell(Element(cell.tag, children=self.without_strong(cell)) if is_head else cell)

    def without_strong(self, node: Element) -> list[Child]:
        found: list[Child] = []
        for child in super().without_strong(node):
            is_p = isinstance(child, Element) and child.tag in {"p", "em", "a"}
            found.append(Element(child.tag, child.attributes, self.without_strong(child)) if is_p else child)  # type: ignore[union-attr,arg-type]
        return found

    def cell(self, cell: Element) -> str:
        blocks = PageWriter(self.losses, self.attached, self.pictures, block=False, depth=self.depth + 1).blocks(
            cell.children
        )
        lines = [line for block in blocks for line in block.split("\n") if line.strip()]
        if len(lines) > 1:
            self.losses.note("cell")
        return " ".join(lines)

    # Within a line

    def inline(self, children: Iterable[Child]) -> str:
        runs: list[Run] = []
        for run in self._runs(children, frozenset(), ""):
            if runs and runs[-1].looks_like(run):
                runs[-1] = replace(run, text=runs[-1].text + run.text)
            elif run.text:
                runs.append(run)
        return self._written(_joined(self._struck(_joined(runs))))

    def _struck(self, runs: list[Run]) -> list[Run]:
        """Only whole words can be crossed out."""
        found: list[Run] = []
        for place, run in enumerate(runs):
            around = [
                runs[place - 1].text[-1:] if place else "",
                *(one.text[:1] for one in runs[place + 1 : place + 2]),
            ]
            words = run.text.strip()
            is_whole = words[:1].isalnum() and words[-1:].isalnum() and not run.is_made and not run.is_code
            if "del" not in run.marks or (is_whole and all(sign in " \n\t" + BREAK for sign in around)):
                found.append(run)
                continue
            self.losses.note("deleted")
            found.append(replace(run, marks=run.marks - {"del"}))
        return found

    def _runs(self, children: Iterable[Child], marks: frozenset[str], href: str) -> Iterator[Run]:
        for child in children:
            if isinstance(child, str):
                yield Run(child, marks, href)
            elif child.tag in {"strong", "em", "del"}:
                yield from self._runs(child.children, marks | {child.tag}, href)
            elif child.tag == "a":
                yield from self._runs(child.children, marks, self._address(child) or href)
            elif child.tag == "img" and href:
                self.losses.note("picture link", address=href[:200])
                yield Run(self.image(child), is_made=True)
            elif child.tag in {"br", "img", "note", "lost"}:
                yield Run(self._special(child), is_made=True)
            elif child.tag == "code":
                yield from self._code(child, marks, href)
            elif child.tag in {"sub", "sup"}:
                yield Run(self.shifted(child), marks, href, is_made=True)
            else:
                yield from self._runs(child.children, marks, href)

    def _code(self, node: Element, marks: frozenset[str], href: str) -> Iterator[Run]:
        text = " ".join(node.text().split())
        if not self.block and "|" in text:
            yield Run(text, marks, href)
        else:
            yield Run(text, marks, href, is_code=True)

    def _special(self, node: Element) -> str:
        if node.tag == "br":
            return BREAK
        if node.tag == "note":
            return f"[^{node.attributes['label']}]"
        if node.tag == "lost":
            values = {name: value for name, value in node.attributes.items() if name != "kind"}
            self.losses.note(node.attributes["kind"], **values)
            return ""
        return self.image(node)

    def _address(self, node: Element) -> str:
        address = node.attributes["href"]
        kind = scheme(address)
        if kind in {"http", "https", "mailto", "tel"} and len(address) <= 2_000:
            return in_parentheses(address)
        self.losses.note("bad link" if kind in {"javascript", "vbscript", "data"} else "link")
        return ""

    def _written(self, runs: list[Run]) -> str:
        text = ""
        for href, within in groupby(runs, key=lambda run: run.href):
            made = ""
            for marks, alike in groupby(within, key=lambda run: run.marks):
                made += _marked("".join(map(self._said, alike)), marks)
            words = made.strip()
            if href and words:
                made = made.replace(words, linked(words, href), 1)
            if made.startswith("[") and text.endswith("!"):
                text = f"{text[:-1]}\\!"
            text += made
        return text

    def _said(self, run: Run) -> str:
        return run.text if run.is_made else code(run.text) if run.is_code else self._plain(run)

    def _plain(self, run: Run) -> str:
        made = EDGES.sub(lambda match: "".join(f"&#{ord(sign)};" if sign in "<~" else f"\\{sign}" for sign in match[0]), _unsigned(run.text))  # fmt: skip
        made = made.replace("]", "\\]") if run.href else made
        return made.replace("|", "\\|") if not self.block else made

    def image(self, node: Element) -> str:
        """A picture by its path; one that did not come along by the path where it belongs."""
        if _is_dot(node):
            return ""
        address = node.attributes.get("src", "").strip()
        said = " ".join(AUTOMATIC.sub("", node.attributes.get("alt", "")).split())
        data = self.attached.get(address) or _inline(address)
        path = self._kept(data, said) if data else self._missing(address, said)
        if not said:
            self.losses.note("alt", file=path)
        return f"![{described(said or NO_DESCRIPTION)}]({path})"

    def _kept(self, data: bytes, said: str) -> str:
        digest = hashlib.sha256(data).hexdigest()[:8]
        suffix = next((name for magic, name in MAGIC if data.startswith(magic)), "")
        path = f"{MEDIA}/{slug(said)[:40].strip('-') or 'hinh'}-{digest}.{suffix or 'png'}"
        if suffix:
            self.pictures[path] = data
        else:
            self.losses.note("picture unknown", file=path)
        return path

    def _missing(self, address: str, said: str) -> str:
        is_outside = scheme(address) in {"http", "https"} or address.startswith("//")
        shown = address[:200] if not address.startswith("data:") else "data:"
        suffix = re.search(r"\.(png|jpe?g|gif|webp)(?:\?|$)", address, re.IGNORECASE)
        name = slug(said)[:40].strip("-") or slug(name_of(address.replace("\\", "/")))[:40].strip("-") or "hinh"
        digest = hashlib.sha256(address.encode("utf-8", "replace")).hexdigest()[:8]
        path = f"{MEDIA}/{name}-{digest}.{suffix[1].lower() if suffix else 'png'}"
        self.losses.note("picture outside" if is_outside else "picture missing", file=path, address=shown)
        return path


def _marked(made: str, marks: frozenset[str]) -> str:
    """The signs close to the words, the spaces outside."""
    words = made.strip()
    if not words or not marks:
        return made
    mark = MARKS[marks - {"del"}]
    marked = f"{mark}{words}{mark}"
    marked = f"~~{marked}~~" if "del" in marks else marked
    return f"{made[: len(made) - len(made.lstrip())]}{marked}{made[len(made.rstrip()) :]}"


def _unsigned(text: str) -> str:
    """Escaped, but for the signs that `EDGES` finds in the text itself."""
    return "".join(part if EDGES.fullmatch(part) else escaped(part) for part in re.split(r"([_<~+])", text))


def _joined(runs: list[Run]) -> list[Run]:
    """Spaces between two runs that look alike belong to both; other spaces look like nothing."""
    found: list[Run] = []
    for place, run in enumerate(runs):
        if run.is_made or run.text.strip():
            found.append(run)
            continue
        following = runs[place + 1] if place + 1 < len(runs) else None
        is_between = found and following and found[-1].looks_like(following) and not following.is_code
        found.append(replace(run, marks=found[-1].marks, href=found[-1].href) if is_between else Run(run.text))
    made: list[Run] = []
    for run in found:
        if made and made[-1].looks_like(run):
            made[-1] = replace(run, text=made[-1].text + run.text)
        else:
            made.append(run)
    return made


def _indented(mark: str, text: str) -> str:
    first, *lines = text.split("\n")
    return "\n".join([mark + first, *(f"    {line}" if line else "" for line in lines)])


def _tag(child: Child) -> str:
    return child.tag if isinstance(child, Element) else ""


def _cells(row: Element) -> list[Element]:
    return [cell for cell in row.children if isinstance(cell, Element) and cell.tag in {"td", "th"}]


def _is_strong(node: Element) -> bool:
    """Whether all its words are bold, and there are any."""
    words = [child for child in node.children if not isinstance(child, str) or child.strip()]
    return bool(words) and all(
        isinstance(child, Element) and (child.tag == "strong" or (child.tag == "p" and _is_strong(child)))
        for child in words
    )


def _shows(node: Element) -> bool:
    """Whether anything of it can be seen."""
    return node.tag in {"img", "note"} or any(
        bool(child.strip()) if isinstance(child, str) else _shows(child) for child in node.children
    )


def _spans(cell: Element) -> tuple[int, int]:
    spans = [cell.attributes.get(name, "1") for name in ("colspan", "rowspan")]
    wide, high = (int(span) if re.fullmatch(r"[1-9]\d?", span) else 1 for span in spans)
    return wide, high


def _grid(rows: list[list[tuple[str, int, int]]]) -> tuple[list[list[str]], bool]:
    """Each text in its column; merged cells have it in the first and are empty else."""
    taken: dict[tuple[int, int], str] = {}
    for y, row in enumerate(rows):
        x = 0
        for text, wide, high in row:
            while (x, y) in taken:
                x += 1
            for right in range(wide):
                for down in range(min(high, len(rows) - y)):
                    taken.setdefault((x + right, y + down), "")
            taken[x, y] = text
            x += wide
    width = max((x for x, _ in taken), default=-1) + 1
    is_merged = any(wide > 1 or high > 1 for row in rows for _, wide, high in row)
    return [[taken.get((x, y), "") for x in range(width)] for y in range(len(rows))] if width else [], is_merged


def _inline(address: str) -> bytes | None:
    if not (found := INLINE.match(address)):
        return None
    try:
        return base64.b64decode("".join(found[1].split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def _is_dot(node: Element) -> bool:
    """A picture of one or two pixels only tells somebody that the page was read."""
    return any(node.attributes.get(name, "") in {"0", "1", "2"} for name in ("width", "height"))
