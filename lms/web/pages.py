"""Lists that are read page by page: keyset paging, so that the last page costs what the first does; pages never kept."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Response, make_response, request
from sqlalchemy import Select, tuple_
from werkzeug.routing import IntegerConverter, Map

from lms.core.db import db

PAGE_ROWS = 50
HIGHEST_ID = 2**31 - 1


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
    after = _read(request.args.get("sau"), [key.type.python_type for key in keys])
    order = [key.desc() if descending else key for key in keys]
    if after is not None:
        here = tuple_(*keys)
        query = query.where(here < tuple_(*after) if descending else here > tuple_(*after))
    rows = db.session.execute(query.order_by(*order).limit(size + 1)).all()
    more = len(rows) > size
    rows = rows[:size]
    token = _token([getattr(rows[-1], key.key) for key in keys]) if more else None
    return Page(rows, _url(token) if more else None, _url(None) if after is not None else None, token)


def _read(token: str | None, kinds: Sequence[type]) -> list[Any] | None:
    """The keys in a token; one that was tampered with starts from the beginning."""
    if not token:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(token.encode() + b"=="))
        return [_key(value, kind) for value, kind in zip(values, kinds, strict=True)]
    except (ValueError, TypeError, RecursionError):
        return None


def _key(value: Any, kind: type) -> Any:
    """One key of a token as its column has it; raises ValueError or TypeError for what we never wrote."""
    if kind is date:
        return date.fromisoformat(value)
    if type(value) is not kind or (kind is int and not 0 <= value <= HIGHEST_ID):
        raise ValueError
    if kind is str and b"\0" in value.encode():  # half a surrogate pair raises too
        raise ValueError
    return value


def _token(values: list[Any]) -> str:
    """The keys as an address has them."""
    written = json.dumps([value.isoformat() if isinstance(value, date) else value for value in values])
    return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")


def _url(token: str | None) -> str:
    """This page's address with the same filters, starting after the token."""
    arguments = [(name, value) for name, value in request.args.items(multi=True) if name != "sau"]
    if token is not None:
        arguments.append(("sau", token))
    return f"{request.path}?{urlencode(arguments)}"


def asked_id(name: str) -> int | None:
    """A number of the query string; what is none, or could be no id, counts as not given."""
    return as_id(request.args.get(name, ""))


def as_id(written: str) -> int | None:
    """The same for any text that a form sent."""
    found = int(written) if written.isascii() and written.isdigit() and len(written) <= 10 else 0
    return found if 0 < found <= HIGHEST_ID else None


class IdConverter(IntegerConverter):
    """Numbers in addresses are ids: one that no table can hold is an address that leads nowhere."""

    def __init__(self, map: Map, **how: Any) -> None:
        super().__init__(map, **{"max": HIGHEST_ID, **how})


def fresh(page: str, status: int = 200) -> Response:
    """A page that no browser keeps: going back shows how things stand, never an old question or scene."""
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response
