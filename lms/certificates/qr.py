"""The QR code of a certificate as dark rectangles; the only user of segno."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import segno

QUIET_ZONE = 4
"""Light modules around the symbol, as ISO/IEC 18004 asks."""

Area = tuple[int, int, int, int]
"""Left, top, width and height, in modules."""


@dataclass(frozen=True)
class Symbol:
    """Dark areas on light ground, so many modules wide and high, from the top left; the quiet zone is counted in."""

    size: int
    areas: tuple[Area, ...]


def symbol(text: str) -> Symbol:
    """The QR code of this text at error level M, with its quiet zone."""
    rows = segno.make_qr(text, error="m", boost_error=False).matrix
    return Symbol(len(rows) + 2 * QUIET_ZONE, tuple(_areas(rows)))


def _areas(rows: Sequence[Sequence[int]]) -> Iterator[Area]:
    """Each run of dark modules, together with the same run in the rows right below it."""
    begun: dict[tuple[int, int], int] = {}
    for y, row in enumerate([*rows, ()]):
        runs = list(_dark_runs(row))
        for run in [run for run in begun if run not in runs]:
            start, length = run
            top = begun.pop(run)
            yield QUIET_ZONE + start, QUIET_ZONE + top, length, y - top
        for run in runs:
            begun.setdefault(run, y)


def _dark_runs(row: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Where dark modules start, and how many stand side by side."""
    start = 0
    for is_dark, modules in groupby(row):
        length = len(list(modules))
        if is_dark:
            yield start, length
        start += length
