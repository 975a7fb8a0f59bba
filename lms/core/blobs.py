"""Content-addressed files: put bytes, get them back by their SHA-256; a folder, written so that a kill leaves nothing half."""

import hashlib
import os
import tempfile
from pathlib import Path

from flask import current_app


def _place(digest: str) -> Path:
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise ValueError("not a digest")
    return Path(current_app.config["BLOBS"]) / digest[:2] / digest


def put(data: bytes) -> str:
    """Store the bytes and return their digest; stored ones are left as they are."""
    digest = hashlib.sha256(data).hexdigest()
    target = _place(digest)
    if target.exists():
        return digest
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return digest


def get(digest: str) -> bytes:
    """The bytes of the digest; raises FileNotFoundError when they are not there."""
    return _place(digest).read_bytes()


def size(digest: str) -> int:
    """How many bytes it has."""
    return _place(digest).stat().st_size


def path(digest: str) -> Path:
    """Where the bytes lie, for sending them as a file."""
    return _place(digest)
