"""Office documents and other zips that learners download: which kind, complete, no bomb, nothing that runs."""

import io
import re
import zipfile

from lms.course import archive
from lms.course.archive import Refused
from lms.course.problems import N_

OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
}
OFFICE = (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx"))
CONTENT_TYPES = "[Content_Types].xml"
MACROS = re.compile(r"(?:^|/)vba(?:Project|Data)\.|(?:^|/)macrosheets/|^Basic/|^Scripts/", re.IGNORECASE)
PROGRAMS = re.compile(
    r"\.(?:exe|dll|scr|com|pif|cpl|msi|msix|appx|bat|cmd|ps1|psm1|vbs|vbe|js|jse|mjs|wsf|wsh|hta|jar|lnk|url|reg|sh|apk|"
    r"html?|xhtml|svgz?|docm|dotm|xlsm|xltm|xlam|pptm|potm|ppsm|ppam|iso|img|vhdx?)$",
    re.IGNORECASE,
)


def kind_of(data: bytes) -> str:
    """docx, xlsx, pptx, odt, ods or zip; Refused says why it is not taken."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            return _kind_of(opened)
    except archive.UNREADABLE:
        raise Refused("", N_("The file is damaged or cut short; save or pack it again.")) from None


def _kind_of(opened: zipfile.ZipFile) -> str:
    entries = [info for info in opened.infolist() if not info.is_dir()]
    if len(entries) > archive.FILE_COUNT_LIMIT:
        raise Refused("", N_("The file holds more than %(limit)s files; pack fewer."), limit=archive.FILE_COUNT_LIMIT)
    names: set[str] = set()
    heads: dict[str, bytes] = {}
    room = archive.UNPACKED_LIMIT
    for info in entries:
        name = archive.safe_path(info)
        inside = archive.content(opened, info, name, room, taken=name in names)
        room -= len(inside)
        names.add(name)
        if name in {CONTENT_TYPES, "mimetype"}:
            heads[name] = inside
    kind = _told_by(names, heads)
    if any(MACROS.search(name) for name in names) or b"macroEnabled" in heads.get(CONTENT_TYPES, b""):
        raise Refused(
            "", N_("The document holds macros, which are programs; save it without macros (.docx, .xlsx, .pptx).")
        )
    if kind == "zip":
        _refuse_programs(names)
    return kind


def _told_by(names: set[str], heads: dict[str, bytes]) -> str:
    if CONTENT_TYPES in heads:
        return next((kind for folder, kind in OFFICE if any(name.startswith(folder) for name in names)), "zip")
    return OPEN_DOCUMENT.get(heads.get("mimetype", b"").strip(), "zip")


def _refuse_programs(names: set[str]) -> None:
    for name in sorted(names):
        if PROGRAMS.search(name):
            message = N_(
                "The zip holds “%(file)s”, and programs and web pages are not taken; pack it without that file."
            )
            raise Refused("", message, file=archive.printable(name))
