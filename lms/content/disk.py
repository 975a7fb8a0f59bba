"""Course folders: the only reader of them."""

from pathlib import Path

from lms.course.source import Source

IGNORED = {"Thumbs.db", "desktop.ini"}


def read(folder: Path) -> Source:
    """The course in a folder; dot files and what systems leave behind stay out."""
    found = {}
    for file in sorted(folder.rglob("*")):
        path = file.relative_to(folder)
        if (
            file.is_file()
            and not file.is_symlink()
            and file.name not in IGNORED
            and not any(p.startswith(".") for p in path.parts)
        ):
            found[path.as_posix()] = file.read_bytes()
    return Source(found)
