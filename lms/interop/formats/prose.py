"""The texts of one question as Markdown of our courses, and the files they show as files of the course."""

import base64
import binascii
import hashlib
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

from lms.course.fences import FENCE
from lms.interop.formats.exchange import Markup, Text
from lms.interop.formats.html_text import Lost, escaped, markdown, plain_text, safe_line

SHOWN = re.compile(r"@@PLUGINFILE@@/([^)\s\"'<>]+)")
INLINE = re.compile(r"data:image/(png|jpe?g|gif|webp);base64,([A-Za-z0-9+/=\s]+)$", re.IGNORECASE)
ITEM = re.compile(r"(?:[-*+]|\d{1,9}[.)])[ \t]|>")
TICK = re.compile(r"[ ]*(?:[-*+]|\d{1,9}[.)])[ \t]+(?=\[[^\]]{0,8}\](?:[ \t]|$))")
HEADING = re.compile(r"#{1,6}[ \t]+(.*?)[ \t]*#*$")
TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
OURS = re.compile(r"\[@|\[\[|\{\{")
PRIVATE = re.compile("[\ue000-\ue00f]")
# Letters for private use: no text of a file keeps them, so they can stand for a gap while the text is rewritten.
GAP = "\ue000{}\ue001"


class Shelf:
    """The files that go into the course's folder of media, each contents once, each name once."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.files: dict[str, bytes] = {}
        self._by_digest: dict[str, str] = {}

    def put(self, name: str, data: bytes) -> str:
        """The path of the file in the course."""
        digest = hashlib.sha256(data).hexdigest()
        if digest not in self._by_digest:
            stem, dot, suffix = name.rpartition(".")
            base, end = slug(stem if dot else name) or "tep", f".{slug(suffix)}" if dot and slug(suffix) else ""
            path, number = f"{self.folder}/{base}{end}", 1
            while path in self.files:
                number += 1
                path = f"{self.folder}/{base}-{number}{end}"
            self.files[path] = data
            self._by_digest[digest] = path
        return self._by_digest[digest]


class Prose:
    """One question's texts while they are rewritten; `lost` are the things that Markdown could not say."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.lost = Lost()

    def stem(self, text: Text, *, gaps: bool = False) -> str:
        """A text that stands on its own, above the answers."""
        return self._markdown(text, block=True, gaps=gaps)

    def note(self, text: Text | None) -> str:
        """A text that stands in a block quote, where the end of a line keeps no spaces."""
        return self._markdown(text, block=True).replace("  \n", "\n\n") if text else ""

    def line(self, text: Text | None) -> str:
        """A text of an option or of its feedback: lines without blank ones between."""
        return self._markdown(text, block=False) if text else ""

    def words(self, text: Text | None) -> str:
        """A text on one line."""
        return " ".join(self.line(text).split())

    def _markdown(self, text: Text, *, block: bool, gaps: bool = False) -> str:
        written = text.text if gaps else PRIVATE.sub("", text.text)
        written = "".join(
            c for c in unicodedata.normalize("NFC", written) if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs")
        )

        def picture(address: str, said: str) -> str | None:
            return self._picture(text, address)

        if text.markup is Markup.PLAIN:
            made = plain_text(written, block=block)
        elif text.markup is Markup.MARKDOWN:
            made = self._ours(SHOWN.sub(lambda m: self._picture(text, m[0]) or m[0], written), block=block)
        else:
            made = markdown(written, picture, self.lost, lines_count=text.markup is Markup.MOODLE, block=block)
        return made.strip("\n")

    def _picture(self, text: Text, address: str) -> str | None:
        """The path of a file that came with the text, or that stands in the address itself."""
        if inline := INLINE.match(address):
            try:
                data = base64.b64decode("".join(inline[2].split()), validate=True)
            except (binascii.Error, ValueError):
                return None
            return self.shelf.put(f"hinh.{inline[1].lower().replace('jpeg', 'jpg')}", data)
        shown = SHOWN.match(address)
        name = unquote(shown[1]).split("?")[0] if shown else ""
        for file in text.files:
            if name and f"{file.folder}/{file.name}".lstrip("/").replace("//", "/") == name:
                return self.shelf.put(file.name, file.data)
        return None

    def _ours(self, text: str, *, block: bool) -> str:
        """Markdown of elsewhere as ours: no headings, no lists at the margin, nothing that means something here only."""
        lines = [self._our_line(line, block=block) if is_text else line for is_text, line in _outside_code(text)]
        if block:
            return "\n".join(lines)
        return "\n".join(line.strip() for line in lines if line.strip())

    def _our_line(self, line: str, *, block: bool) -> str:
        if TAG.search(line):
            self.lost.note("HTML")
        line = OURS.sub(lambda match: "[&#64;" if match[0] == "[@" else escaped(match[0]), line)
        if heading := HEADING.match(line):
            return f"**{heading[1].strip('*')}**" if heading[1].strip("* ") else ""
        if tick := TICK.match(line):
            line = f"{tick[0]}\\{line[tick.end() :]}"
        if not block:
            return line if not line.lstrip().startswith(">") else f"\\{line.lstrip()}"
        if ITEM.match(line) or line.startswith((" ", "\t")):
            return f" {line}".replace("\t", "    ")
        return safe_line(line) if ":" in line else line


def _outside_code(text: str) -> Iterator[tuple[bool, str]]:
    """Each line, and whether it is text rather than code between fences."""
    fence = ""
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        mark = FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
            yield False, line
        elif mark and mark[1].startswith(fence):
            fence = ""
            yield False, line
        else:
            yield not fence, line
    if fence:
        yield False, fence


def slug(text: str) -> str:
    """Latin letters, digits and hyphens, as in ids and addresses."""
    bare = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return (
        re.sub(r"[^a-z0-9]+", "-", "".join(c for c in bare if not unicodedata.combining(c))).strip("-")[:60].strip("-")
    )
