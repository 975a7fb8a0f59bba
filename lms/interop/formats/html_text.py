"""HTML → Markdown of our courses, for the texts of questions; what Markdown cannot say is named."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from lms.interop.formats.html_tree import Child, Element, parse

Picture = Callable[[str, str], str | None]
"""From the address and the description of a picture to its path in the course; None when it cannot come along."""

BREAK = "\ue002"
BREAK_WRITTEN = re.compile(rf"{BREAK}|&#(?:0*57346|[xX]0*[eE]002)(?!\d);?")
STRONG, EMPHASIS, CODE = (
    frozenset({"strong", "b"}),
    frozenset({"em", "i"}),
    frozenset({"code", "tt", "kbd", "samp", "var"}),
)
DELETED = frozenset({"del", "s", "strike"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
LOST = frozenset(
    {"script", "style", "iframe", "object", "embed", "input", "select", "textarea", "svg", "math", "canvas", "form"}
)
MEDIA = frozenset({"video", "audio"})
RAISED = dict(zip("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", strict=True))
LOWERED = dict(zip("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", strict=True))
LABEL = re.compile(r"((?:Đáp án|Answer|Trả lời|Response|Thang điểm|Rubric|Gợi ý|Hint)\s*):", re.IGNORECASE)
SIGN = re.compile(
    r"[\\`*]|\[@|\[|(?<!\w)_{1,2}(?=[^\W_])|(?<=[^\W_])_{1,2}(?!\w)|&(?=#?\w{1,32};)|~~|\{\{|\+\+(?=[\w\"'+-]{1,60}\+\+)|"
    + BREAK
)
LINE_SIGN = re.compile(
    r"(?:#|>|[-+](?=[ \t]|$)|=+[ \t]*$|-+[ \t]*$|_{3,}[ \t]*$|:(?=[ \t])|!!!|\?\?\?|\d{1,9}(?=[.)](?:[ \t]|$)))"
)
AS_WRITTEN = {
    "__": "\\_\\_",
    "[@": "\\[&#64;",
    "&": "&amp;",
    "~~": "&#126;&#126;",
    "{{": "\\{\\{",
    "++": "\\+\\+",
    BREAK: "",
}
LISTED = re.compile(r" (?:-|\d+\.) ")
FORMULA = re.compile(r"\\\(|\\\[|\$\$")


@dataclass
class Lost:
    """What of a text Markdown could not say, by name."""

    names: list[str] = field(default_factory=list)

    def note(self, name: str) -> None:
        if name not in self.names:
            self.names.append(name)


NAMED = "\\]:"


def markdown(html: str, picture: Picture, lost: Lost, *, lines_count: bool = False, block: bool = True) -> str:
    """The HTML as Markdown; `lines_count` where its line breaks are meant, not `block` for text within a line or item."""
    writer = Writer(picture, lost, lines_count=lines_count, block=block)
    if FORMULA.search(html):
        lost.note("LaTeX")
    return writer.whole(parse(BREAK_WRITTEN.sub("", html)))


def plain_text(text: str, *, block: bool = True) -> str:
    """Text that means nothing but itself, as Markdown that shows it."""
    made = "\n".join(safe_line(escaped(line.strip())) for line in text.split("\n"))
    return hard_breaks(made) if block else re.sub(r"\n+", "\n", made)


def escaped(text: str) -> str:
    """Every sign that Markdown or a quiz would read, as one that is only shown."""
    return SIGN.sub(lambda match: AS_WRITTEN.get(match[0], f"\\{match[0]}"), text)


def safe_line(line: str) -> str:
    """A line that begins no heading, list, quotation, table of definitions or answer block."""
    return LABEL.sub(r"\1&#58;", line, count=1) if LABEL.match(line) else plain_start(line)


def plain_start(line: str) -> str:
    """A line that begins nothing which Markdown knows."""
    if match := LINE_SIGN.match(line):
        start, rest = match[0], line[match.end() :]
        if start[0].isdigit():
            return f"{start}\\{rest}"
        return f"&#{ord(start[0])};{start[1:]}{rest}" if start[0] in ":=?" else f"\\{line}"
    return line


def hard_breaks(text: str) -> str:
    """Line breaks that stay line breaks, but for those between paragraphs."""
    return re.sub(r"(?<=[^\n])\n(?=[^\n])", "  \n", text)


class Writer:
    """One text while it is written; in a line or item there are no blank lines, lists or tables."""

    def __init__(self, picture: Picture, lost: Lost, *, lines_count: bool, block: bool) -> None:
        self.picture, self.lost, self.lines_count, self.block = picture, lost, lines_count, block

    def whole(self, body: Element) -> str:
        blocks = [block for block in self.blocks(body.children) if block.strip()]
        if self.block:
            return "\n\n".join(blocks).strip("\n")
        return re.sub(r"[ \t]*\n\s*", "\n", "\n".join(blocks)).strip()

    # Blocks

    def blocks(self, children: Iterable[Child]) -> list[str]:
        """Paragraphs, lists, tables and the like, each as its lines."""
        found: list[str] = []
        run: list[Child] = []
        for child in children:
            if isinstance(child, Element) and child.is_block:
                found += self.paragraph(run)
                found += self.one_block(child)
                run = []
            elif isinstance(child, Element) and any(isinstance(c, Element) and c.is_block for c in child.children):
                found += self.paragraph(run)
                found += self.blocks(child.children)
                run = []
            else:
                run.append(child)
        return found + self.paragraph(run)

    def paragraph(self, children: list[Child]) -> list[str]:
        text = self.inline(children)
        text = re.sub(r"[ \t]+", " ", re.sub(r"[ \t\n]*\n[ \t\n]*", " ", text))
        lines = [safe_line(line.strip(" ")) for line in text.split(BREAK)]
        while lines and not lines[-1]:
            lines.pop()
        lines = [line for place, line in enumerate(lines) if line or (place and lines[place - 1])]
        made = "\n".join(lines).strip("\n")
        return [hard_breaks(made) if self.block else made] if made else []

    def one_block(self, node: Element) -> list[str]:
        makers = {"ul": self.listed, "ol": self.listed, "pre": self.code_block, "table": self.table}
        if node.tag in makers:
            return makers[node.tag](node)
        if node.tag == "hr":
            return ["---"] if self.block else []
        if node.tag == "blockquote" and self.block:
            quoted = "\n\n".join(self.blocks(node.children))
            return ["\n".join(f" > {line}".rstrip() for line in quoted.split("\n"))] if quoted else []
        if node.tag in HEADINGS | {"dt", "summary", "caption"}:
            return [f"**{line}**" for line in self.paragraph([Element("span", children=self.without_strong(node))])]
        if node.tag in LOST:
            self.lost.note(f"<{node.tag}>")
        return self.blocks(node.children)

    def without_strong(self, node: Element) -> list[Child]:
        """Its children, with what is strong in them plain: it will be strong as a whole."""
        found: list[Child] = []
        for child in node.children:
            found += self.without_strong(child) if isinstance(child, Element) and child.tag in STRONG else [child]
        return found

    def listed(self, node: Element) -> list[str]:
        """Indented by one space, so that a list in a question is never its answers."""
        items = [child for child in node.children if isinstance(child, Element)]
        if not self.block:
            self.lost.note(f"<{node.tag}>")
            return [block for item in items for block in self.blocks(item.children)]
        rows = []
        for number, item in enumerate(items, start=1):
            mark = f"{number}. " if node.tag == "ol" else "- "
            lines = joined(self.blocks(item.children)).split("\n")
            rows.append(f" {mark}{lines[0].lstrip()}")
            rows += [f"     {line}" if line else "" for line in lines[1:]]
        return ["\n".join(rows).rstrip()] if rows else []

    def code_block(self, node: Element) -> list[str]:
        text = node.text().replace("\r\n", "\n").strip("\n")
        if not text.strip():
            return []
        if not self.block:
            return [code(line.strip()) for line in text.split("\n") if line.strip()]
        longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
        fence = "`" * max(3, longest + 1)
        return [f"{fence}\n{text}\n{fence}"]

    def table(self, node: Element) -> list[str]:
        rows = [row for row in descendants(node, "tr") if any(isinstance(cell, Element) for cell in row.children)]
        table = [[cell for cell in row.children if isinstance(cell, Element)] for row in rows]
        if any("colspan" in cell.attributes or "rowspan" in cell.attributes for row in table for cell in row):
            self.lost.note("colspan, rowspan")
        captions = [block for caption in descendants(node, "caption") for block in self.one_block(caption)]
        if not self.block:
            self.lost.note("<table>")
            return captions + [" · ".join(self.cell(cell) for cell in row) for row in table]
        if not table:
            return captions
        width = max(len(row) for row in table)
        has_head = all(cell.tag == "th" for cell in table[0])
        cells = [[self.cell(cell).replace("|", "\\|") for cell in row] + [""] * (width - len(row)) for row in table]
        head, body = (cells[0], cells[1:]) if has_head else ([""] * width, cells)
        lines = [head, ["---"] * width, *body]
        return [*captions, "\n".join("| " + " | ".join(row) + " |" for row in lines)]

    def cell(self, cell: Element) -> str:
        inner = Writer(self.picture, self.lost, lines_count=False, block=False)
        return " ".join(inner.whole(cell).split("\n"))

    # Within a line

    def inline(self, children: Iterable[Child]) -> str:
        return "".join(self.text(child) if isinstance(child, str) else self.span(child) for child in children)

    def text(self, text: str) -> str:
        made = escaped(text.replace("\r\n", "\n").replace("\r", "\n"))
        return made.replace("\n", BREAK) if self.lines_count else made

    def span(self, node: Element) -> str:  # noqa: C901, PLR0911 - one line for each kind of tag
        if node.tag == "br":
            return BREAK
        if node.tag == "img":
            return self.image(node)
        if node.tag in CODE:
            return code(" ".join(node.text().split()))
        if node.tag in LOST:
            self.lost.note(f"<{node.tag}>")
            return "" if node.tag != "form" else self.inline(node.children)
        if node.tag in MEDIA:
            return self.media(node)
        if node.tag in ("sub", "sup"):
            return self.shifted(node)
        inner = self.inline(node.children)
        if node.tag in STRONG:
            return around(inner, "**")
        if node.tag in EMPHASIS:
            return around(inner, "*")
        if node.tag in DELETED:
            return around(inner, "~~")
        if node.tag == "a":
            return self.link(node, inner)
        if node.tag in ("u", "ins"):
            self.lost.note(f"<{node.tag}>")
        return inner

    def shifted(self, node: Element) -> str:
        """Raised and lowered figures are letters of their own; what is none of them is told by a sign."""
        text = "".join(node.text().split())
        letters = RAISED if node.tag == "sup" else LOWERED
        if text and all(sign in letters for sign in text):
            return "".join(letters[sign] for sign in text)
        inner = self.inline(node.children)
        if not inner.strip():
            return ""
        self.lost.note(f"<{node.tag}>")
        return f"^({inner})" if node.tag == "sup" else f" ({inner})"

    def link(self, node: Element, inner: str) -> str:
        address = node.attributes.get("href", "").strip()
        text = " ".join(inner.replace(BREAK, " ").split())
        if not address or not text:
            return inner
        text = text if "](" in text else re.sub(r"(?<!\\)\]", r"\\]", text)
        if address.startswith("@@PLUGINFILE@@"):
            path = self.picture(address, "")
            return linked(text, path) if path else inner
        if scheme(address) not in ("http", "https", "mailto", "tel"):
            self.lost.note("<a>")
            return inner
        return linked(text, in_parentheses(address))

    def image(self, node: Element) -> str:
        address, said = node.attributes.get("src", "").strip(), " ".join(node.attributes.get("alt", "").split())
        path = self.picture(address, said) if address else None
        if path:
            return f"![{described(said or name_of(path))}]({path})"
        if scheme(address) in ("http", "https"):
            self.lost.note("<img>")
            return f"[{described(said or name_of(address))}]({in_parentheses(address)})"
        self.lost.note("<img>")
        return escaped(said)

    def media(self, node: Element) -> str:
        """A film or a sound becomes a link to its file."""
        self.lost.note(f"<{node.tag}>")
        sources = [
            node.attributes.get("src", ""),
            *(one.attributes.get("src", "") for one in descendants(node, "source")),
        ]
        address = next((one.strip() for one in sources if one.strip()), "")
        path = self.picture(address, "") if address.startswith("@@PLUGINFILE@@") else None
        if path or scheme(address) in ("http", "https"):
            return f"[{described(name_of(path or address))}]({path or in_parentheses(address)})"
        return ""


def joined(blocks: Iterable[str]) -> str:
    """The blocks of an item: a list in it follows at once, all else after a blank line."""
    text = ""
    for block in blocks:
        text += ("\n" if LISTED.match(block) else "\n\n") * bool(text) + block
    return text


def around(inner: str, mark: str) -> str:
    """The mark close to the words, the spaces outside; each line of its own."""
    parts = []
    for part in inner.split(BREAK):
        words = part.strip()
        if not words or mark in words:
            parts.append(part)
            continue
        lead = part[: len(part) - len(part.lstrip())]
        parts.append(f"{lead}{mark}{words}{mark}{part[len(part.rstrip()) :]}")
    return BREAK.join(parts)


def code(text: str) -> str:
    """Code in a line, between as many marks as it needs."""
    if not text:
        return ""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    mark = "`" * (longest + 1)
    apart = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{mark}{apart}{text}{apart}{mark}"


def scheme(address: str) -> str:
    try:
        return urlsplit(address).scheme.lower()
    except ValueError:
        return ""


def in_parentheses(address: str) -> str:
    """An address as it may stand in a link."""
    return quote(address, safe="/:?#@!$&'*+,;=%~-._")


def linked(text: str, address: str) -> str:
    """A link; its words begin no citation and no footnote, and end no name that is defined."""
    text = f"&#{ord(text[0])};{text[1:]}" if text[0] in "@^" else text
    return f"[{text.replace(NAMED, '&#93;:')}]({address})"


def described(text: str) -> str:
    """What a picture shows, as it may stand between brackets."""
    return escaped(text).replace("]", "\\]")


def name_of(path: str) -> str:
    """The file's name without its folders and suffix."""
    name = path.partition("?")[0].rstrip("/").rsplit("/", 1)[-1]
    return name.rsplit(".", 1)[0] or name or "?"


def descendants(node: Element, tag: str) -> list[Element]:
    found = []
    for child in node.children:
        if isinstance(child, Element):
            found += [child] if child.tag == tag else descendants(child, tag)
    return found
