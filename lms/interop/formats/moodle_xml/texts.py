"""Texts of Moodle XML: their markup, and the files beside them."""

import base64
import binascii
import html
import re
from urllib.parse import unquote

from lms.course.problems import N_
from lms.interop.formats.exchange import Attachment, Markup, Text
from lms.interop.formats.moodle_xml.tree import Node
from lms.interop.formats.reading import Reading, Refusal

MARKUPS = {
    "html": Markup.HTML,
    "moodle_auto_format": Markup.MOODLE,
    "plain_text": Markup.PLAIN,
    "markdown": Markup.MARKDOWN,
}
NAMES = {markup: name for name, markup in MARKUPS.items()}
FILE_LIMIT = 20_000_000
TOLD_LIMIT = 20
"""Missing files of one text."""
SHOWN = re.compile(r"@@PLUGINFILE@@/([^\"'\s<>?#)\\]{1,400})")


def text(reading: Reading, node: Node | None, default: Markup) -> Text | None:
    """The text of an element with its markup and files; None without the element."""
    if node is None:
        return None
    found = Text(text=plain(node), markup=markup(reading, node, default), files=files(reading, node))
    missing(reading, node, found)
    return found


def plain(node: Node | None) -> str:
    """What stands in <text>, or right in the element, as old files have it."""
    if node is None:
        return ""
    holder = node.child("text") or node
    if holder.tag == "text" and holder.children:
        message = N_("<%(tag)s> stands in a text; put the text into <![CDATA[…]]>, or write “&lt;” for “<”")
        raise Refusal(holder.children[0].line, message, tag=holder.children[0].tag[:40])
    return holder.text


def markup(reading: Reading, node: Node, default: Markup) -> Markup:
    name = node.attributes.get("format", "").strip()
    if not name:
        return default
    if name not in MARKUPS:
        shown = Markup.PLAIN if name == "wiki_like" else Markup.HTML
        message = N_("texts of the format “%(name)s” are read as %(shown)s; look them over")
        reading.warn(node.line, message, name=name[:40], shown=shown.value)
        return shown
    return MARKUPS[name]


def files(reading: Reading, node: Node) -> tuple[Attachment, ...]:
    """The files of one text; of two with one name the first."""
    found: dict[tuple[str, str], Attachment] = {}
    for child in node.all("file"):
        file = attachment(child, child.attributes.get("name", ""), child.attributes.get("path", "/"))
        if (file.folder, file.name) in found:
            reading.warn(child.line, N_("the file “%(name)s” is here twice; the first is taken"), name=file.name)
        found.setdefault((file.folder, file.name), file)
    return tuple(found.values())


def attachment(node: Node, name: str, folder: str) -> Attachment:
    """The file that an element carries."""
    folder = folder.strip() or "/"
    parts = folder.strip("/").split("/")
    has_sign = any(sign in name + folder for sign in ("\\", "\0", "\n"))
    if not name.strip() or "/" in name or name in (".", "..") or has_sign or ".." in parts:
        raise Refusal(
            node.line, N_("“%(name)s” is no name for a file; give it a plain one"), name=f"{folder}{name}"[:80]
        )
    if node.attributes.get("encoding", "base64").strip() != "base64":
        raise Refusal(node.line, N_("the file “%(name)s” is not written in base64; export it again"), name=name[:80])
    written = "".join(node.text.split())
    if len(written) * 3 // 4 > FILE_LIMIT:
        message = N_("the file “%(name)s” is larger than %(limit)s MB; make it smaller")
        raise Refusal(node.line, message, name=name[:80], limit=FILE_LIMIT // 1_000_000)
    try:
        data = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(node.line, N_("the file “%(name)s” is damaged; export it again"), name=name[:80]) from None
    return Attachment(name=name.strip(), folder=folder, data=data)


def missing(reading: Reading, node: Node, found: Text) -> None:
    """Tell of the files that a text shows and that do not come with it."""
    there = {f"{file.folder}{'' if file.folder.endswith('/') else '/'}{file.name}".lstrip("/") for file in found.files}
    holder = node.child("text") or node
    told: set[str] = set()
    for match in SHOWN.finditer(found.text):
        name = unquote(html.unescape(match[1]))
        if name not in there and name not in told and len(told) < TOLD_LIMIT:
            told.add(name)
            message = N_("the file “%(name)s” is shown here and did not come with the question; add it later")
            reading.warn(holder.line_at(match.start()), message, name=name[:80])
