"""The edge: what no page of ours sends is refused before a view sees it, and ids stay within the database's range."""

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter, Map

HIGHEST_ID = 2**31 - 1


class _Id(IntegerConverter):
    """A number in an address; one that no row can have is no address at all."""

    def __init__(self, map: Map, fixed_digits: int = 0) -> None:
        super().__init__(map, fixed_digits=fixed_digits, min=0, max=HIGHEST_ID)


def init_app(app: Flask) -> None:
    """Put it before everything else."""
    app.url_map.converters["int"] = _Id
    app.before_request(_refuse_nul)


def _refuse_nul() -> None:
    """PostgreSQL stores no NUL and no half of a surrogate pair, and no keyboard types them."""
    texts = [request.path, *request.args.keys(), *request.args.values()]
    if request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        texts += [value for values in request.form.listvalues() for value in values]
    if any("\0" in text or (not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text)) for text in texts):
        abort(400)


def identifier(text: str | None) -> int | None:
    """An id as a form or query string has it; None for anything else."""
    good = text is not None and text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= HIGHEST_ID
    return int(text) if good and text is not None else None
