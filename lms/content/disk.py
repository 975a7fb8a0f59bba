"""Course folders: the only reader and writer of them."""

import tempfile
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


def write(source: Source, folder: Path) -> None:
    """The course as a folder; what stands there stays, and nothing is left half when a write fails."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as name:
        draft = Path(name).resolve()
        for path, data in sorted(source.items()):
            file = (draft / path).resolve()
            if not file.is_relative_to(draft):
                raise ValueError(f"{path} points outside the course")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        for made in sorted(draft.iterdir()):
            made.rename(folder / made.name)


def is_free(folder: Path) -> bool:
    """Nothing but dot files, such as an empty repository's, stands there."""
    return not folder.exists() or (folder.is_dir() and all(file.name.startswith(".") for file in folder.iterdir()))
