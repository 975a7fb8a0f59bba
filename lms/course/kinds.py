"""Which kinds of files a course may hold; the bytes decide, and the ending of the name must agree with them."""

import re
from dataclasses import dataclass
from enum import StrEnum

from lms.course import archive, packed, svg
from lms.course.problems import N_


class Use(StrEnum):
    """What lessons do with a file."""

    PICTURE = "picture"
    DRAWING = "drawing"
    FILM = "film"
    SUBTITLES = "subtitles"
    SOUND = "sound"
    DOWNLOAD = "download"


@dataclass(frozen=True)
class Kind:
    """`name` is what people call it, in every language."""

    name: str
    use: Use
    endings: tuple[str, ...]


class NotAKind(Exception):
    """Why a file is not taken, with the cure; the message is a gettext id."""

    def __init__(self, message: str, **values: str | int) -> None:
        super().__init__(message)
        self.message, self.values = message, values


KINDS = {
    "png": Kind("PNG", Use.PICTURE, (".png",)),
    "jpeg": Kind("JPEG", Use.PICTURE, (".jpg", ".jpeg")),
    "webp": Kind("WebP", Use.PICTURE, (".webp",)),
    "gif": Kind("GIF", Use.PICTURE, (".gif",)),
    "svg": Kind("SVG", Use.DRAWING, (".svg",)),
    "mp4": Kind("MP4", Use.FILM, (".mp4",)),
    "webm": Kind("WebM", Use.FILM, (".webm",)),
    "vtt": Kind("WebVTT", Use.SUBTITLES, (".vtt",)),
    "mp3": Kind("MP3", Use.SOUND, (".mp3",)),
    "pdf": Kind("PDF", Use.DOWNLOAD, (".pdf",)),
    "docx": Kind("Word", Use.DOWNLOAD, (".docx",)),
    "xlsx": Kind("Excel", Use.DOWNLOAD, (".xlsx",)),
    "pptx": Kind("PowerPoint", Use.DOWNLOAD, (".pptx",)),
    "odt": Kind("OpenDocument (.odt)", Use.DOWNLOAD, (".odt",)),
    "ods": Kind("OpenDocument (.ods)", Use.DOWNLOAD, (".ods",)),
    "zip": Kind("ZIP", Use.DOWNLOAD, (".zip",)),
    "txt": Kind("TXT", Use.DOWNLOAD, (".txt",)),
    "csv": Kind("CSV", Use.DOWNLOAD, (".csv",)),
}
ENDINGS = {ending: kind for kind in KINDS.values() for ending in kind.endings}
TEXTS = (".txt", ".csv", ".vtt")

MAGIC = (
    ("png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("jpeg", re.compile(rb"\xff\xd8\xff")),
    ("gif", re.compile(rb"GIF8[79]a")),
    ("webp", re.compile(rb"RIFF....WEBP", re.DOTALL)),
    ("webm", re.compile(rb"\x1aE\xdf\xa3.{0,60}\x42\x82.{1,8}?webm", re.DOTALL)),
    ("mp3", re.compile(rb"ID3[\x02-\x04]|\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x10-\xef]", re.DOTALL)),
    ("pdf", re.compile(rb"%PDF-\d")),
    ("mp4", re.compile(rb"....ftyp", re.DOTALL)),
)
AS_JPEG = N_("Browsers do not show %(name)s pictures everywhere; save it as JPEG or PNG.")
AS_MP4 = N_("Browsers do not play %(name)s films everywhere; export it as MP4 (H.264).")
AS_MP3 = N_("Browsers do not play %(name)s sound everywhere; save it as MP3.")
AS_ZIP = N_("%(name)s archives are not taken; pack the files as ZIP.")
AS_OFFICE = N_(
    "This is a file of an old Office version, or one with a password; save it as .docx, .xlsx or .pptx without a password."
)
PROGRAM = N_("Programs and web pages are not taken. Write down what learners should do, or link where it is to be had.")
UNWANTED = (
    (re.compile(rb"....ftyp(?:hei[cxms]|hev[cmx]|mif1|msf1)", re.DOTALL), AS_JPEG, "HEIC"),
    (re.compile(rb"....ftypavi[fs]", re.DOTALL), AS_JPEG, "AVIF"),
    (re.compile(rb"II\*\0|MM\0\*"), AS_JPEG, "TIFF"),
    (re.compile(rb"BM.{4}\0\0\0\0", re.DOTALL), AS_JPEG, "BMP"),
    (re.compile(rb"....ftypqt", re.DOTALL), AS_MP4, "MOV"),
    (re.compile(rb"....ftyp3g", re.DOTALL), AS_MP4, "3GP"),
    (re.compile(rb"RIFF....AVI ", re.DOTALL), AS_MP4, "AVI"),
    (re.compile(rb"\x1aE\xdf\xa3(?!.{0,60}\x42\x82.{1,8}?webm)", re.DOTALL), AS_MP4, "MKV"),
    (re.compile(rb"....ftypM4[AB]", re.DOTALL), AS_MP3, "M4A"),
    (re.compile(rb"RIFF....WAVE", re.DOTALL), AS_MP3, "WAV"),
    (re.compile(rb"OggS"), AS_MP3, "OGG"),
    (re.compile(rb"Rar!"), AS_ZIP, "RAR"),
    (re.compile(rb"7z\xbc\xaf\x27\x1c"), AS_ZIP, "7z"),
    (re.compile(rb"\x1f\x8b"), AS_ZIP, "GZIP"),
    (re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), AS_OFFICE, ""),
    (re.compile(rb"MZ|\x7fELF|[\xfe\xce\xcf]\xfa\xed[\xfe\xce\xcf]|\xca\xfe\xba\xbe|#!"), PROGRAM, ""),
)
PAGE = re.compile(rb"<(?:!doctype html|html|head|body|script|iframe|meta|title)[\s>]", re.IGNORECASE)
FOREIGN_CODEC = re.compile(rb"stsd.{12}(hvc1|hev1|av01|mp4v)", re.DOTALL)
CODECS = {b"hvc1": "HEVC", b"hev1": "HEVC", b"av01": "AV1", b"mp4v": "MPEG-4"}


def kind_of(name: str, data: bytes) -> Kind:
    """What the file is; NotAKind says why it may not be in a course, or why it is not what its name says."""
    ending = ending_of(name)
    if not data:
        raise NotAKind(N_("The file is empty; save it again and choose it once more."))
    is_text = ending in TEXTS and _is_utf8(data)
    found = None if is_text else _by_magic(data)
    if found is None and not is_text and not _looks_packed(data):
        _refuse_unwanted(ending, data)
    if found is None and _looks_packed(data):
        found = KINDS[_packed(data)]
    wanted = ENDINGS.get(ending)
    if wanted is None or (found and found is not wanted):
        raise _wrong_ending(name, found, wanted)
    if found is None:
        _check_text(wanted, data)
    elif found.name == "PDF" and b"%%EOF" not in data[-4096:]:
        raise cut_short(found)
    elif found.name == "MP4":
        _check_boxes(data)
    return wanted


def ending_of(name: str) -> str:
    """The last ending in lower case, with its dot; empty without one."""
    base = name.rpartition("/")[2]
    return "." + base.rpartition(".")[2].lower() if "." in base else ""


def odd_codec(data: bytes) -> str:
    """How an MP4 is coded, when not all browsers can play that; empty when they can."""
    found = FOREIGN_CODEC.search(data)
    return CODECS[found[1]] if found else ""


def cut_short(kind: Kind) -> NotAKind:
    message = N_("The %(kind)s file is damaged or cut short; open it, save it again and choose it once more.")
    return NotAKind(message, kind=kind.name)


def _by_magic(data: bytes) -> Kind | None:
    for pattern, _message, _name in UNWANTED:
        if pattern.match(data):
            return None
    for key, pattern in MAGIC:
        if pattern.match(data):
            return KINDS[key]
    return KINDS["svg"] if svg.is_drawing(data) and not PAGE.search(data[:1024].partition(b"<svg")[0]) else None


def _refuse_unwanted(ending: str, data: bytes) -> None:
    for pattern, message, name in UNWANTED:
        if pattern.match(data):
            raise NotAKind(message, **({"name": name} if name else {}))
    if PAGE.search(data[:1024]) and ending not in TEXTS:
        raise NotAKind(PROGRAM)


def _looks_packed(data: bytes) -> bool:
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def _packed(data: bytes) -> str:
    try:
        return packed.kind_of(data)
    except archive.Refused as refused:
        raise NotAKind(refused.problem.message, **refused.problem.values) from None


def _wrong_ending(name: str, found: Kind | None, wanted: Kind | None) -> NotAKind:
    if found and not (wanted is None and found.name == "ZIP"):
        right = name.rpartition("/")[2].removesuffix(f".{name.rpartition('.')[2]}") if "." in name else name
        message = N_("The file is %(kind)s, but its name does not say so; rename it to “%(name)s”.")
        return NotAKind(message, kind=found.name, name=f"{right}{found.endings[0]}"[:200])
    if wanted is None:
        message = N_("Such files are not taken. A course may hold %(endings)s.")
        return NotAKind(message, endings=" ".join(ending.lstrip(".") for ending in ENDINGS))
    return cut_short(wanted)


def _is_utf8(data: bytes) -> bool:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return re.search(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]", text) is None


def _check_text(wanted: Kind, data: bytes) -> None:
    if wanted.endings[0] not in TEXTS:
        message = N_("The file is no %(kind)s, or it is damaged; save it again in the program that it comes from.")
        raise NotAKind(message, kind=wanted.name)
    if not _is_utf8(data):
        raise NotAKind(N_("The text is not written in UTF-8; save it again with the encoding UTF-8."))
    if wanted.use is Use.SUBTITLES and not re.match(rb"(?:\xef\xbb\xbf)?WEBVTT(?:[ \t\r\n]|\Z)", data):
        raise NotAKind(N_("The subtitles do not begin with “WEBVTT”; export them as WebVTT (.vtt), not as .srt."))


def _check_boxes(data: bytes) -> None:
    """An MP4 is boxes with their length in front; one of them lists what is in the film."""
    place, names = 0, set()
    while place + 8 <= len(data):
        size, name = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        if size == 1:
            size = int.from_bytes(data[place + 8 : place + 16], "big")
        size = size or len(data) - place
        if size < 8 or not name.isascii():
            break
        names.add(name)
        place += size
    if b"moov" not in names or place > len(data):
        raise cut_short(KINDS["mp4"])
