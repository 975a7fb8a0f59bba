"""A Word document as the text of a lesson; the only user of the library that reads .docx."""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element, ParseError
from xml.etree.ElementTree import fromstring as tree_of
from xml.parsers.expat import ExpatError

import mammoth

from lms.course.archive import PACKED_LIMIT, unpack
from lms.course.problems import N_, Problem, error, in_order, warning
from lms.interop.formats.page import Page, read_page

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
XML_LIMIT = 12_000_000
"""Bytes of XML: the library needs some thirty times as much memory."""
OLD_WORD = b"\xd0\xcf\x11\xe0"
DECLARATION = re.compile(r"\s*<\?xml[^>]{0,200}\?>")
ENCODING = re.compile(r"encoding\s*=\s*[\"']([^\"']{1,40})")
HEADING = re.compile(r"heading ([1-9])$", re.IGNORECASE)
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,60}$")
ITEMS = "\n".join(
    f"p:{kind}({level}) => {'ul|ol > li > ' * (level - 1)}{tag} > li:fresh"
    for level in range(1, 10)
    for kind, tag in (("unordered-list", "ul"), ("ordered-list", "ol"))
)
STYLES = f"""
p[style-name='Title'] => p.MsoTitle:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name^='toc '] => p.MsoToc1:fresh
p[style-name='TOC Heading'] => p.MsoToc1:fresh
p[style-name='Quote'] => blockquote > p:fresh
p[style-name='Intense Quote'] => blockquote > p:fresh
u => u
highlight => mark
{ITEMS}
"""
NOT_WORD = N_("this is no Word document that can be read; open it in Word and save it again as .docx")
TOO_LARGE = N_("the document is too large for one lesson; split it, or make its pictures smaller in Word")
OLD = N_("this is a document of an old Word (.doc) or one with a password; open it in Word and save it as .docx without one")  # fmt: skip
MACROS = N_("the document holds macros; save it in Word as .docx, which has none")
DECLARES = N_("the document declares XML entities, which no Word does; open it in Word and save it again as .docx")
SEEN = (
    (r"<w:(?:ins|del|moveFrom|moveTo) ", N_("tracked changes: what was inserted is in the text, what was deleted is not; see whether that is meant")),
    (r"<w:commentReference ", N_("comments were left out")),
    (r"<w:vanish/?>|<w:vanish ", N_("text that is hidden in Word is visible here; delete what nobody should read")),
    (r"<m:oMath[ >]", N_("formulas were left out; write them in words or bring them as pictures with a description")),
    (r"drawingml/2006/(?:chart|diagram)\"", N_("charts and SmartArt were left out; bring them as pictures with a description")),
    (r"<w:(?:color|shd) [^>]{0,200}w:(?:val|fill)=\"(?!auto|0{6}|[fF]{6})([0-9A-Fa-f]{2})(?!\1\1\")[0-9A-Fa-f]{4}\"", N_("colours of text were left out; what they meant has to be said in words or in bold")),
)  # fmt: skip
MARGINS = N_("the header and footer of the pages were left out")
NUMBERING = N_("numbered lists begin at 1 here, without letters; check lists that went on after a text and what refers to their numbers")  # fmt: skip
FAILURES = (
    ParseError, ExpatError, zipfile.BadZipFile, OSError, RecursionError, LookupError, AttributeError, TypeError, ValueError,
    AssertionError,
)  # fmt: skip
"""What the library raises on documents that are none."""


class _Refused(Exception):
    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def read_word(data: bytes, *, name: str = "") -> Page:
    """The document as a lesson, its pictures as they are in it; one that is refused has an error. Never raises."""
    try:
        parts = _parts(data)
        html, pictures = _html(parts)
    except _Refused as refused:
        return Page(problems=[error(name, 1, refused.message)])
    page = read_page(html, name=name, attached=pictures)
    return replace(page, problems=in_order([*page.problems, *_seen(parts, name)]))


def _parts(data: bytes) -> dict[str, bytes]:
    """The files in it, every XML as UTF-8 that declares nothing."""
    if data.startswith(OLD_WORD):
        raise _Refused(OLD)
    if len(data) > PACKED_LIMIT:
        raise _Refused(TOO_LARGE)
    files, _ = unpack(data)
    if files is None or "[Content_Types].xml" not in files:
        raise _Refused(NOT_WORD)
    texts = {path: _text(files[path]) for path in files if path.lower().endswith((".xml", ".rels"))}
    if "macroEnabled" in texts["[Content_Types].xml"] or any("vbaproject" in path.lower() for path in files):
        raise _Refused(MACROS)
    if any("<!DOCTYPE" in text or "<!ENTITY" in text for text in texts.values()):
        raise _Refused(DECLARES)
    if sum(map(len, texts.values())) > XML_LIMIT:
        raise _Refused(TOO_LARGE)
    return files | {path: text.encode() for path, text in texts.items()}


def _text(data: bytes) -> str:
    """An XML part without its declaration: in another encoding it could hide what is looked for."""
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError:
        raise _Refused(NOT_WORD) from None
    declared = DECLARATION.match(text)
    said = ENCODING.search(declared[0]) if declared else None
    if said and said[1].lower() not in {"utf-8", "us-ascii", "utf-16"}:
        raise _Refused(NOT_WORD)
    return text[declared.end() :] if declared else text


def _html(parts: Mapping[str, bytes]) -> tuple[str, dict[str, bytes]]:
    """What the library makes of it, and the pictures by the address they have there."""
    pictures: dict[str, bytes] = {}

    def picture(image: Any) -> dict[str, str]:
        try:
            with image.open() as stream:
                data = stream.read()
        except (KeyError, ValueError):  # not in the document, or outside it where nothing is fetched
            return {"src": "missing"}
        address = f"word:{len(pictures) + 1}"
        pictures[address] = data
        return {"src": address}

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, data in parts.items():
            archive.writestr(path, data)
    try:
        made = mammoth.convert_to_html(
            packed,
            style_map=_heading_styles(parts.get("word/styles.xml", b"")) + STYLES,
            include_embedded_style_map=False,
            external_file_access=False,
            convert_image=mammoth.images.img_element(picture),
        )
    except FAILURES:
        raise _Refused(NOT_WORD) from None
    return str(made.value), pictures


def _heading_styles(data: bytes) -> str:
    """Headings a level lower, below the title; styles made from a heading are headings of its level."""
    based: dict[str, str] = {}
    levels: dict[str, int] = {}
    for style in tree_of(data).iter(f"{W}style") if data else ():  # noqa: S314 - a part that declares nothing
        name = style.get(f"{W}styleId", "")
        based[name] = _value(style, "basedOn")
        if found := HEADING.match(_value(style, "name")):
            levels[name] = int(found[1])
    lines = [f"p[style-name='heading {level}'] => h{min(level, 6)}:fresh" for level in range(1, 10)]
    for name in based:
        parent, steps = name, 0
        while parent not in levels and parent in based and steps < 20:
            parent, steps = based[parent], steps + 1
        if parent in levels and IDENTIFIER.match(name):
            lines.append(f"p.{name} => h{min(levels[parent], 6)}:fresh")
    return "\n".join(lines)


def _value(node: Element, name: str) -> str:
    child = node.find(f"{W}{name}")
    return child.get(f"{W}val", "") if child is not None else ""


def _seen(parts: Mapping[str, bytes], name: str) -> Iterable[Problem]:
    """What stands in the document and does not come along."""
    text = parts.get("word/document.xml", b"").decode()
    for sign, message in SEEN:
        if re.search(sign, text):
            yield warning(name, 1, message)
    margins = [parts[path].decode() for path in parts if re.match(r"word/(?:header|footer)\d*\.xml$", path)]
    if any(re.search(r"<w:t(?: [^>]*)?>[^<]*[^\W\d][^<]*<", margin) for margin in margins):
        yield warning(name, 1, MARGINS)
    if "<w:numPr>" in text and re.search(rb"<w:numFmt w:val=\"(?!bullet|none)", parts.get("word/numbering.xml", b"")):
        yield warning(name, 1, NUMBERING)
