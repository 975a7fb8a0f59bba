"""Source: the files of a course, whatever they came from: a folder, a zip, the editor, the database."""

import hashlib
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from lms.course import archive
from lms.course.problems import N_, Problem, warning

BOM = b"\xef\xbb\xbf"
AUTHORED = (".md", ".yaml", ".yml")
TEXT = (*AUTHORED, ".vtt", ".svg", ".txt")


@dataclass(frozen=True)
class Held:
    """A file that lies elsewhere: what is known of it without reading it."""

    digest: str
    size: int
    read: Callable[[], bytes]


class Source(Mapping[str, bytes]):
    """An immutable mapping of path to bytes; paths are relative, with / and in NFC.

    A picture or film of twenty megabytes may be `Held`: it is read when somebody asks for its bytes, and not before.
    """

    def __init__(self, files: Mapping[str, bytes | Held]) -> None:
        self.files: Mapping[str, bytes | Held] = MappingProxyType(
            {
                unicodedata.normalize("NFC", path): data if isinstance(data, Held) else bytes(data)
                for path, data in files.items()
            }
        )

    def __getitem__(self, path: str) -> bytes:
        data = self.files[path]
        return data.read() if isinstance(data, Held) else data

    def stored(self, path: str) -> str | None:
        """The digest of a file that lies elsewhere; None for bytes that are here."""
        data = self.files[path]
        return data.digest if isinstance(data, Held) else None

    def size(self, path: str) -> int:
        """How many bytes the file has."""
        data = self.files[path]
        return data.size if isinstance(data, Held) else len(data)

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)

    def __repr__(self) -> str:
        return f"Source({len(self)} files, {self.digest()[:12]})"

    @cached_property
    def _digest(self) -> str:
        whole = hashlib.sha256()
        for path in sorted(self.files):
            whole.update(f"{path}\0{self._digest_of(path)}\n".encode("utf-8", "surrogatepass"))
        return whole.hexdigest()

    def _digest_of(self, path: str) -> str:
        data = self.files[path]
        if isinstance(data, Held) and not path.lower().endswith(TEXT):
            return data.digest
        return hashlib.sha256(plain(path, self[path])).hexdigest()

    def digest(self) -> str:
        """What the contents are, in 64 hex digits: the same for CRLF or LF, NFD or NFC, with BOM or without."""
        return self._digest

    def normalised(self) -> tuple["Source", list[Problem]]:
        """The same course with its authored files in plain UTF-8, LF and NFC, and what was repaired."""
        files, problems = dict(self.files), []
        for path in self.files:
            if path.lower().endswith(AUTHORED):
                files[path] = repaired(self[path])
                problems += repairs(path, self[path])
        return Source(files), problems


def plain(path: str, data: bytes) -> bytes:
    """What the digest is taken of: a text as `repaired` leaves it, anything else as it is."""
    return repaired(data) if path.lower().endswith(TEXT) else data


def repaired(data: bytes) -> bytes:
    """Without BOM, with LF and NFC; bytes that are not UTF-8 stay as they are."""
    try:
        text = data.removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError:
        return data
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text.removeprefix("\ufeff").encode("utf-8")


def repairs(path: str, data: bytes) -> list[Problem]:
    """What `repaired` changes in this file, for the author to know."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return []
    found = []
    if text.startswith("\ufeff"):
        found.append(
            warning(
                path,
                1,
                N_("The file begins with a byte order mark; it was left out. Save as “UTF-8” without BOM."),
            )
        )
    if "\r" in text:
        found.append(
            warning(
                path,
                1,
                N_("The lines end in the Windows way (CRLF); they were repaired. Nothing needs to be done."),
            )
        )
    if not unicodedata.is_normalized("NFC", text):
        line = next((n for n, row in enumerate(text.splitlines(), 1) if not unicodedata.is_normalized("NFC", row)), 1)
        found.append(
            warning(
                path,
                line,
                N_("Accented letters are stored in separate pieces (NFD); they were joined. Nothing needs to be done."),
            )
        )
    return found


def from_zip(data: bytes) -> tuple[Source | None, list[Problem]]:
    """The course in a zip, or nothing and every reason why not."""
    files, problems = archive.unpack(data)
    return (None if files is None else Source(files)), problems


def to_zip(source: Source) -> bytes:
    """The same bytes for the same course."""
    return archive.pack(source)
