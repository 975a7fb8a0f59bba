"""Lists that are read page by page: keyset paging, so that the last page costs what the first does."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import request
from sqlalchemy import Select, tuple_

from lms.core.db import db
from lms.web.edge import HIGHEST_ID

PAGE_ROWS = 50
LONGEST_KEY = 1_000


@dataclass(frozen=True)
class Page:
    """The rows of one page and where the next one starts; `next_url` is None at the end."""

    rows: Sequence[Any]
    next_url: str | None
    first_url: str | None


def paged(query: Select, keys: Sequence[Any], *, descending: bool = False, size: int = PAGE_ROWS) -> Page:
    """Run the query from where `?sau=` says, ordered by the keys; the last key must be unique.

    The keys must be among the selected columns, under their own names.
    """
    after = _read(request.args.get("sau"), keys)
    order = [key.desc() if descending else key for key in keys]
    if after is not None:
        here = tuple_(*keys)
        query = query.where(here < tuple_(*after) if descending else here > tuple_(*after))
    rows = db.session.execute(query.order_by(*order).limit(size + 1)).all()
    more = len(rows) > size
    rows = rows[:size]
    next_url = _url([getattr(rows[-1], key.key) for key in keys]) if more else None
    return Page(rows, next_url, _url(None) if after is not None else None)


def _read(token: str | None, keys: Sequence[Any]) -> list[Any] | None:
    """The keys in a token; one that was tampered with starts from the beginning."""
    if not token:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(token.encode() + b"=="))
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, list) or len(values) != len(keys):
        return None
    return values if all(_fits(value, key) for value, key in zip(values, keys, strict=True)) else None


def _fits(value: Any, key: Any) -> bool:
    """Whether the value can be compared with the column."""
    kind = key.type.python_type
    if kind is int:
        return type(value) is int and 0 <= value <= HIGHEST_ID
    return isinstance(value, str) and len(value) <= LONGEST_KEY and "\0" not in value


def _url(values: list[Any] | None) -> str:
    """This page's address with the same filters, starting after the values."""
    arguments = [(name, value) for name, value in request.args.items(multi=True) if name != "sau"]
    if values is not None:
        token = base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")
        arguments.append(("sau", token))
    return f"{request.path}?{urlencode(arguments)}"
