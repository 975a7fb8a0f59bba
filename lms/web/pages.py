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

PAGE_ROWS = 50


@dataclass(frozen=True)
class Page:
    """The rows of one page and where the next one starts; `next_url` is None at the end.

    `next_token` is the value of `sau` in it, for pages whose address is made by a form.
    """

    rows: Sequence[Any]
    next_url: str | None
    first_url: str | None
    next_token: str | None = None


def paged(query: Select, keys: Sequence[Any], *, descending: bool = False, size: int = PAGE_ROWS) -> Page:
    """Run the query from where `?sau=` says, ordered by the keys; the last key must be unique.

    The keys must be among the selected columns, under their own names.
    """
    after = _read(request.args.get("sau"), len(keys))
    order = [key.desc() if descending else key for key in keys]
    if after is not None:
        here = tuple_(*keys)
        query = query.where(here < tuple_(*after) if descending else here > tuple_(*after))
    rows = db.session.execute(query.order_by(*order).limit(size + 1)).all()
    more = len(rows) > size
    rows = rows[:size]
    token = _token([getattr(rows[-1], key.key) for key in keys]) if more else None
    return Page(rows, _url(token) if more else None, _url(None) if after is not None else None, token)


def _read(token: str | None, length: int) -> list[Any] | None:
    """The keys in a token; one that was tampered with starts from the beginning."""
    if not token:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(token.encode() + b"=="))
    except ValueError:
        return None
    good = isinstance(values, list) and len(values) == length and all(isinstance(v, str | int) for v in values)
    return values if good else None


def _token(values: list[Any]) -> str:
    """The keys as an address has them."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _url(token: str | None) -> str:
    """This page's address with the same filters, starting after the token."""
    arguments = [(name, value) for name, value in request.args.items(multi=True) if name != "sau"]
    if token is not None:
        arguments.append(("sau", token))
    return f"{request.path}?{urlencode(arguments)}"
