"""The QR code of a certificate as one path for an inline SVG; the only user of segno."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import segno

QUIET_ZONE = 4
"""Light modules around the symbol, as ISO/IEC 18004 asks."""


@dataclass(frozen=True)
class Symbol:
    """Stroke `path` one unit wide, dark on light, in a viewBox of `0 0 size size`; one unit is one module."""

    size: int
    path: str


def url(base: str, code: str) -> str:
    """The public page of a certificate: what the QR code says."""
    return f"{base.rstrip('/')}/xm/{code}"


def symbol(text: str) -> Symbol:
    """The QR code of this text at error level M, with its quiet zone."""
    rows = segno.make_qr(text, error="m", boost_error=False).matrix
    path = "".join(
        f"M{start + QUIET_ZONE} {y + QUIET_ZONE}.5h{length}"
        for y, row in enumerate(rows)
        for start, length in _dark_runs(row)
    )
    return Symbol(len(rows) + 2 * QUIET_ZONE, path)


def _dark_runs(row: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Where dark modules start, and how many stand side by side."""
    start = 0
    for is_dark, modules in groupby(row):
        length = len(list(modules))
        if is_dark:
            yield start, length
        start += length
