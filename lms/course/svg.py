"""Drawings (SVG) without anything that runs or loads: read as XML, and only what is known to be harmless is written.

A new file is written, so that nothing survives that this reader and a browser would understand in two ways.
"""

import base64
import binascii
import re
from collections import Counter
from dataclasses import dataclass, field
from xml.parsers import expat

from lms.course import svg_style
from lms.course.problems import N_, Problem, error, warning

SIZE_LIMIT, NODE_LIMIT, DEPTH_LIMIT = 2_000_000, 50_000, 100
DRAWN_LIMIT = 200_000
"""Elements that a browser draws when parts are repeated by reference."""
PICTURE_LIMIT = 100_000
"""Bytes of a picture inside a drawing."""
SVG, XLINK, XML = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink", "http://www.w3.org/XML/1998/namespace"
EDITORS = re.compile(
    r"inkscape|sodipodi|creativecommons|22-rdf-syntax-ns|purl\.org|adobe|bohemiancoding|figma|serif\.com"
)
"""Notes of drawing programs to themselves; nothing of them is ever seen."""
WORD = re.compile(r"\S+")
ELEMENTS = frozenset(
    WORD.findall("""
    svg g defs symbol use switch title desc style path rect circle ellipse line polyline polygon text tspan textPath
    image linearGradient radialGradient stop marker clipPath mask pattern
    filter feBlend feColorMatrix feComponentTransfer feComposite feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR
    feGaussianBlur feMerge feMergeNode feOffset
    """)
)
UNWRAPPED = frozenset({"a"})
"""Links: what stands in them stays."""
ATTRIBUTES = frozenset(
    WORD.findall("""
    id class role lang systemLanguage viewBox preserveAspectRatio x y x1 x2 y1 y2 cx cy r rx ry fx fy fr dx dy width height
    d points pathLength offset rotate textLength lengthAdjust startOffset method spacing side markerWidth markerHeight
    markerUnits refX refY orient gradientUnits gradientTransform spreadMethod patternUnits patternContentUnits
    patternTransform clipPathUnits maskUnits maskContentUnits filterUnits primitiveUnits in in2 result stdDeviation mode
    operator k1 k2 k3 k4 type values tableValues slope intercept amplitude exponent edgeMode
    """)
)
WITHOUT_EFFECT = re.compile(
    r"version$|baseProfile$|contentScriptType$|contentStyleType$|data-|requiredFeatures$|overflow$|cursor$|pointer-events$|"
    r"enable-background$|focusable$|tabindex$|target$|rel$|media$|font-variant-"
)
NEEDS_TARGET = frozenset({"use", "textPath", "image"})
LOCAL = re.compile(r"#([^\s\"'()<>\\;{}@]{1,200})")
EMBEDDED = re.compile(r"data:image/(png|jpe?g|webp);base64,([A-Za-z0-9+/=\s]*)", re.IGNORECASE)
MAGIC = {"png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff", "jpeg": b"\xff\xd8\xff", "webp": b"RIFF"}
IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
IN_VALUE = IN_TEXT | str.maketrans({'"': "&quot;", "\t": "&#9;", "\n": "&#10;"})
NAMES_SHOWN = 8

NO_DRAWING = N_("This is no drawing that can be read (SVG); open it in a drawing program and save it as plain SVG.")
NOT_UTF8 = N_("The drawing is not written in UTF-8; save it again with the encoding UTF-8.")
ENTITIES = N_("The drawing defines abbreviations (<!ENTITY …>), which are not taken; save it as plain SVG.")
TOO_LARGE = N_("The drawing has more than %(limit)s kB; make it simpler, or save it as a PNG picture.")
TOO_COMPLEX = N_("The drawing has too many parts, or parts that repeat each other; make it simpler, or save it as PNG.")
TAKEN_OUT = N_(
    "Taken out of the drawing, since it could run, load or lead elsewhere: %(names)s. Look at the picture once."
)


class _Refusal(Exception):
    """Why the whole drawing is not taken."""

    def __init__(self, message: str, **values: str | int) -> None:
        super().__init__(message)
        self.message, self.values = message, values


def sanitise(path: str, data: bytes) -> tuple[bytes | None, list[Problem]]:
    """The drawing without what may not be in one, and what was taken out; or nothing and the reason."""
    try:
        made = _read(data)
    except _Refusal as refusal:
        return None, [error(path, 1, refusal.message, **refusal.values)]
    text = "".join(made.out) + "\n"
    return text.encode("utf-8"), made.said(path)


def is_drawing(data: bytes) -> bool:
    """Whether the bytes look like SVG, good or bad."""
    start = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith(b"<") and re.search(rb"<(?:\w+:)?svg[\s>/]", start) is not None


def _read(data: bytes) -> "_Writer":
    if len(data) > SIZE_LIMIT:
        raise _Refusal(TOO_LARGE, limit=SIZE_LIMIT // 1000)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise _Refusal(NOT_UTF8) from None
    parser = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")
    writer = _Writer()
    parser.StartElementHandler = writer.start
    parser.EndElementHandler = writer.end
    parser.CharacterDataHandler = writer.text
    parser.ProcessingInstructionHandler = writer.instruction
    parser.StartDoctypeDeclHandler = writer.doctype
    parser.SkippedEntityHandler = writer.unknown
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        raise _Refusal(NO_DRAWING) from None
    _check_repeats(writer.parts)
    return writer


@dataclass
class _Part:
    """What an element weighs: elements in it, and how often it names other parts."""

    weight: int = 1
    names: Counter[str] = field(default_factory=Counter)

    def add(self, other: "_Part") -> None:
        self.weight += other.weight
        self.names.update(other.names)


def _check_repeats(parts: dict[str, _Part]) -> None:
    """Ten parts that each draw the next ten times would keep a browser busy for hours."""
    known: dict[str, int] = {}

    def drawn(name: str, depth: int) -> int:
        if name not in parts or name in known:
            return known.get(name, 0)
        if depth > DEPTH_LIMIT:  # also when a part repeats itself
            raise _Refusal(TOO_COMPLEX)
        part = parts[name]
        total = part.weight + sum(count * drawn(other, depth + 1) for other, count in part.names.items())
        if total > DRAWN_LIMIT:
            raise _Refusal(TOO_COMPLEX)
        known[name] = total
        return total

    for name in parts:
        drawn(name, 0)


class _Writer:
    """Takes what the parser finds and writes what may stay; `parts` are the elements by id, "" is the whole."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.parts: dict[str, _Part] = {}
        self.removed: dict[str, None] = {}
        self.open: list[tuple[str, str, _Part]] = []
        self.skipped = self.nodes = 0
        self.is_fresh = False
        self.sheet: list[str] = []

    def tell(self, name: str) -> None:
        self.removed[name] = None

    def said(self, path: str) -> list[Problem]:
        """What the trainer is told."""
        if not self.removed:
            return []
        names = [*self.removed][:NAMES_SHOWN] + ["…"] * (len(self.removed) > NAMES_SHOWN)
        return [warning(path, 1, TAKEN_OUT, names=", ".join(names))]

    # What the parser calls

    def start(self, name: str, found: dict[str, str]) -> None:
        space, _, tag = name.rpartition(" ")
        self.nodes += 1
        if self.nodes > NODE_LIMIT or len(self.open) + self.skipped > DEPTH_LIMIT:
            raise _Refusal(TOO_COMPLEX)
        if not self.open and (tag != "svg" or space not in (SVG, "")):
            raise _Refusal(NO_DRAWING)
        part, in_style = _Part(), bool(self.open) and self.open[-1][0] == "style"
        if self.skipped:
            self.skipped += 1
        elif tag in UNWRAPPED and space in (SVG, "") and not in_style:
            if any(key.rpartition(" ")[2] == "href" for key in found):
                self.tell("<a href>")
            self.open.append(("", "", part))
        elif tag not in ELEMENTS or space not in (SVG, "") or in_style:
            self.skip(space, tag)
        else:
            kept = self.attributes(tag, found, part)
            if tag in NEEDS_TARGET and "href" not in kept:
                self.skip(space, tag)
            else:
                self.begin(tag, kept, part)

    def end(self, _name: str) -> None:
        if self.skipped:
            self.skipped -= 1
            return
        tag, id_, part = self.open.pop()
        if tag == "style":
            self.end_style()
        elif tag:
            self.out.append("/>" if self.is_fresh else f"</{tag}>")
            self.is_fresh = False
        if id_ or not self.open:
            self.parts.setdefault(id_, _Part(0)).add(part)
        if self.open:
            self.open[-1][2].add(part)

    def text(self, text: str) -> None:
        if self.skipped:
            return
        if self.open[-1][0] == "style":
            self.sheet.append(text)
        else:
            self.write(text.translate(IN_TEXT))

    def instruction(self, target: str, _data: str) -> None:
        self.tell(f"<?{target[:40]}?>")

    def doctype(self, _name: str, _system: str | None, _public: str | None, has_own: int) -> None:
        """The usual document type says nothing and is left out; one with definitions of its own is not taken."""
        if has_own:
            raise _Refusal(ENTITIES)

    def unknown(self, _name: str, _is_parameter: int) -> None:
        raise _Refusal(NO_DRAWING)

    # What is written

    def write(self, text: str) -> None:
        if self.is_fresh:
            self.out.append(">")
            self.is_fresh = False
        self.out.append(text)

    def begin(self, tag: str, kept: dict[str, str], part: _Part) -> None:
        if tag == "style":
            self.sheet = []
        else:
            first = {} if self.open else {"xmlns": SVG}
            written = "".join(f' {key}="{value.translate(IN_VALUE)}"' for key, value in (first | kept).items())
            self.write(f"<{tag}{written}")
            self.is_fresh = True
        self.open.append((tag, kept.get("id", ""), part))

    def end_style(self) -> None:
        rules = svg_style.rules("".join(self.sheet), self.tell)
        if rules:
            self.write(f"<style>{rules.translate(IN_TEXT)}</style>")
        for name in svg_style.named(rules):
            self.open[-1][2].names[name] += 1

    def skip(self, space: str, tag: str) -> None:
        self.skipped = 1
        if not EDITORS.search(space) and tag != "metadata":
            self.tell(f"<{tag[:40]}>")

    # Attributes

    def attributes(self, tag: str, found: dict[str, str], part: _Part) -> dict[str, str]:
        """Those that may stay."""
        kept: dict[str, str] = {}
        for key, value in found.items():
            space, _, name = key.rpartition(" ")
            if name == "href" and space in ("", XLINK):
                self.href(tag, value, kept, is_old=space == XLINK)
            elif space == XML and name in {"space", "lang"}:
                kept[f"xml:{name}"] = value
            elif not space and (clean := self.value(name, value)):
                kept[name] = clean
            elif not (
                EDITORS.search(space) or space in (XLINK, XML) or WITHOUT_EFFECT.match(name) or not value.strip()
            ):
                self.tell(name[:40])
        for name in [*svg_style.named(" ".join(kept.values())), *LOCAL.findall(kept.get("href", ""))[:1]]:
            part.names[name] += 1
        return kept

    def value(self, name: str, value: str) -> str:
        """The value of an attribute; empty when it may not stay."""
        if name == "style":
            return svg_style.declarations(value, self.tell)
        if name in ATTRIBUTES or re.fullmatch(r"aria-[a-z]{1,30}", name):
            return value
        return value if name in svg_style.PROPERTIES and svg_style.is_harmless(value) else ""

    def href(self, tag: str, value: str, kept: dict[str, str], *, is_old: bool) -> None:
        """A part of the same drawing, or a small picture written into it; of two, the new kind counts."""
        value = value.strip()
        if tag == "image" and is_embedded(value):
            value = "".join(value.split())
        elif tag == "image" or not LOCAL.fullmatch(value):
            self.tell(f"<{tag} href>")
            return
        if not is_old or "href" not in kept:
            kept["href"] = value


def is_embedded(value: str) -> bool:
    """Whether it is a small PNG, JPEG or WebP picture, and truly one."""
    match = EMBEDDED.fullmatch(value)
    if match is None or len(match[2]) > PICTURE_LIMIT * 3 // 2:
        return False
    try:
        data = base64.b64decode("".join(match[2].split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(data) <= PICTURE_LIMIT and data.startswith(MAGIC[match[1].lower()])
