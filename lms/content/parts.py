"""A document taken apart into pieces that revisions share, each under the digest of its contents."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

Data = dict[str, Any]
SHARED = ("lessons", "quizzes", "drills")
"""What was stored before there were drills has none."""


def digest_of(data: Any) -> str:
    """The SHA-256 of the value as JSON with its keys in order."""
    written = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def apart(document: Mapping[str, Any]) -> tuple[Data, dict[str, Data]]:
    """The document with digests in place of its items, and those by digest."""
    parts = {digest_of(item): item for name in SHARED for item in document.get(name, ())}
    return {**document, **{name: [digest_of(item) for item in document.get(name, ())] for name in SHARED}}, parts


def digests_in(document: Mapping[str, Any]) -> list[str]:
    """Every part that a stored document is made of, each once."""
    return list(dict.fromkeys(digest for name in SHARED for digest in document.get(name, ())))


def together(document: Mapping[str, Any], parts: Mapping[str, Data]) -> Data:
    """The whole document again; raises KeyError where a part is missing."""
    return {**document, **{name: [parts[digest] for digest in document.get(name, ())] for name in SHARED}}
