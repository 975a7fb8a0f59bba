"""Files to zip and back; a zip from outside is believed in nothing: not paths, sizes, counts or kinds."""

import io
import lzma
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping

from lms.course.problems import N_, Problem, error

MEBIBYTE = 1024 * 1024
PACKED_LIMIT = 64 * MEBIBYTE
UNPACKED_LIMIT = 256 * MEBIBYTE
FILE_COUNT_LIMIT = 2_000
RATIO_LIMIT = 100
PATH_LIMIT = 240
CHUNK = 256 * 1024
IGNORED_FOLDERS = frozenset({"__MACOSX", ".git", ".svn", ".hg"})
IGNORED_FILES = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", ".gitignore", ".gitattributes", ".gitkeep"})
UTF8_FLAG, ENCRYPTED_FLAG = 0x800, 0x1
DRIVE = re.compile(r"[A-Za-z]:")
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,  # NotImplementedError too: a compression this Python does not have
    ValueError,
    IndexError,
    OverflowError,
)


class Refused(Exception):
    """One reason why the archive, or a file in it, is not taken."""

    def __init__(self, path: str, message: str, **values: str | int) -> None:
        super().__init__(message)
        self.problem = error(path, 1, message, **values)


def unpack(data: bytes) -> tuple[dict[str, bytes] | None, list[Problem]]:
    """The files in a zip by path, or nothing and every reason why not."""
    if len(data) > PACKED_LIMIT:
        return None, [
            error("", 1, N_("The zip is larger than %(limit)s MB; leave out videos and large files."), limit=64)
        ]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return files_of(archive)
    except Refused as refused:
        return None, [refused.problem]
    except UNREADABLE:
        return None, [
            error("", 1, N_("This file is not a zip that can be read; pack the course folder again as a .zip."))
        ]


def files_of(archive: zipfile.ZipFile) -> tuple[dict[str, bytes] | None, list[Problem]]:
    entries = [info for info in archive.infolist() if not info.is_dir()]
    if len(entries) > FILE_COUNT_LIMIT:
        raise Refused(
            "",
            N_("The zip holds more than %(limit)s files; pack the course folder only."),
            limit=FILE_COUNT_LIMIT,
        )
    if sum(info.file_size for info in entries) > UNPACKED_LIMIT:
        raise Refused(
            "",
            N_("Unpacked, the zip is larger than %(limit)s MB; leave out videos and large files."),
            limit=256,
        )
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    room = UNPACKED_LIMIT
    for info in entries:
        try:
            path = safe_path(info)
            if is_ignored(path):
                continue
            files[path] = content(archive, info, path, room, taken=path in files)
            room -= len(files[path])
        except Refused as refused:
            problems.append(refused.problem)
    if problems:
        return None, problems
    if not files:
        raise Refused("", N_("The zip is empty; pack the course folder, with course.md in it."))
    return without_top_folder(files), []


def safe_path(info: zipfile.ZipInfo) -> str:
    """The entry's name as a relative NFC path; whatever could point elsewhere is refused."""
    path = unicodedata.normalize("NFC", name_of(info))
    if "\\" in info.orig_filename or "\0" in info.orig_filename or any(unicodedata.category(c) == "Cc" for c in path):
        raise Refused(printable(path), N_("The file name holds a backslash or a control character; rename the file."))
    parts = path.split("/")
    if path.startswith("/") or DRIVE.match(path) or any(part in ("", ".", "..") for part in parts):
        raise Refused(path, N_("The path points outside the course folder; pack the folder again."))
    if len(path) > PATH_LIMIT:
        raise Refused(
            path[:80] + "…",
            N_("The path is longer than %(limit)s characters; use shorter names."),
            limit=PATH_LIMIT,
        )
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise Refused(path, N_("This is a link or a special file; put the file itself into the zip."))
    if info.flag_bits & ENCRYPTED_FLAG:
        raise Refused(path, N_("The file is locked with a password; pack the folder without one."))
    return path


def name_of(info: zipfile.ZipInfo) -> str:
    """Many programs write UTF-8 names without saying so; zipfile then read them as code page 437."""
    if info.flag_bits & UTF8_FLAG or info.filename.isascii():
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        raise Refused(
            printable(info.filename),
            N_(
                "The file name is in an old encoding; rename the file without accents, or pack the folder with another program."
            ),
        ) from None


def printable(path: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in path)[:PATH_LIMIT]


def is_ignored(path: str) -> bool:
    *folders, name = path.split("/")
    return name in IGNORED_FILES or name.startswith("._") or not IGNORED_FOLDERS.isdisjoint(folders)


def content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str, room: int, *, taken: bool) -> bytes:
    """Unpack one file, in pieces, never more than it announced or than there is room for."""
    if taken:
        raise Refused(path, N_("Two files in the zip have this name; keep one."))
    if info.file_size > MEBIBYTE and info.file_size > RATIO_LIMIT * max(info.compress_size, 1):
        raise Refused(
            path,
            N_("The file is packed more than %(limit)s times smaller; such a zip is not accepted."),
            limit=RATIO_LIMIT,
        )
    data = bytearray()
    try:
        with archive.open(info) as stream:
            while piece := stream.read(CHUNK):
                data += piece
                if len(data) > min(info.file_size, room):
                    raise Refused(path, N_("The file is larger than the zip says; pack the folder again."))
    except UNREADABLE:
        raise Refused(path, N_("The file in the zip is damaged; pack the folder again.")) from None
    return bytes(data)


def without_top_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    """People zip the folder or what is in it; both are the same course."""
    tops = {path.partition("/")[0] for path in files}
    if len(tops) == 1 and all("/" in path for path in files):
        return {path.partition("/")[2]: data for path, data in files.items()}
    return files


def pack(files: Mapping[str, bytes]) -> bytes:
    """The same bytes for the same files, and always a zip that `unpack` accepts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(files):
            data = files[path]
            info = zipfile.ZipInfo(path, date_time=(1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_STORED if packs_like_a_bomb(data) else zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return out.getvalue()


def packs_like_a_bomb(data: bytes) -> bool:
    return len(data) > MEBIBYTE and len(zlib.compress(data)) * RATIO_LIMIT < len(data) * 2
