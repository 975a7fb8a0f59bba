"""Which system libraries the PDF needs, and the package that brings each; asked before anything is drawn."""

import ctypes
from ctypes.util import find_library
from dataclasses import dataclass


@dataclass(frozen=True)
class Library:
    """A shared library: the name to find it by, its file on Linux, its package on Debian and Ubuntu."""

    name: str
    file: str
    package: str
    use: str


NEEDED = (
    Library("pango-1.0", "libpango-1.0.so.0", "libpango-1.0-0", "sets the text of documents"),
    Library("pangoft2-1.0", "libpangoft2-1.0.so.0", "libpangoft2-1.0-0", "gives the text its fonts"),
    Library("harfbuzz", "libharfbuzz.so.0", "libharfbuzz0b", "shapes Vietnamese letters"),
    Library(
        "harfbuzz-subset", "libharfbuzz-subset.so.0", "libharfbuzz-subset0", "embeds fonts; 8 times slower without"
    ),
    Library("fontconfig", "libfontconfig.so.1", "libfontconfig1", "finds fonts"),
)


def check() -> list[str]:
    """One line for each library that is missing, with the command that installs it; empty when all are there."""
    return [
        f"{library.name} is missing ({library.use}): apt-get install {library.package}"
        for library in NEEDED
        if not is_present(library)
    ]


def is_present(library: Library) -> bool:
    """By the name of its file where that loads, otherwise as the system looks libraries up."""
    try:
        ctypes.CDLL(library.file)
    except OSError:
        return find_library(library.name) is not None
    return True
