"""A drawn PDF made smaller: what no reader reads is left out, and each stream is packed once."""

import struct
import zlib
from typing import Any

import pydyf

EMBEDDED = (b"cvt ", b"fpgm", b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp", b"prep")
"""The tables that ISO 32000-1 (9.9) reads of an embedded font: text comes from ToUnicode, not from the font."""
NO_KERNING = b">0<"
"""Between two glyphs that stand where they would stand anyway."""


def pack(pdf: pydyf.PDF) -> None:
    """To be called when everything is drawn and nothing is written."""
    for stream in pdf.objects:
        if not isinstance(stream, pydyf.Stream):
            continue
        data = b"\n".join(_bytes(item) for item in stream.stream)
        if "Length1" in stream.extra:
            data = embedded(data)
            stream.extra["Length1"] = len(data)
        elif "Type" not in stream.extra:  # drawn: the page, or the letters of a font
            data = data.replace(NO_KERNING, b"")
        _settle(stream, data)


def _bytes(item: Any) -> bytes:
    if isinstance(item, pydyf.Object):
        data: bytes = item.data
        return data
    return item if isinstance(item, bytes) else str(item).encode()


def _settle(stream: pydyf.Stream, data: bytes) -> None:
    """Give the stream its bytes for good; pydyf would pack them once to name the file and again to write it."""
    stream.stream = [zlib.compress(data, 9)]
    stream.extra["Filter"] = "/FlateDecode"
    stream.compress = False


def embedded(font: bytes) -> bytes:
    """A TrueType font with no other tables than a PDF reads."""
    directory = struct.iter_unpack(">4sLLL", font[12 : 12 + 16 * int.from_bytes(font[4:6])])
    tables = [(tag, checksum, font[at : at + length]) for tag, checksum, at, length in directory if tag in EMBEDDED]
    power = len(tables).bit_length() - 1
    at = 12 + 16 * len(tables)
    head = struct.pack(">4sHHHH", font[:4], len(tables), 16 << power, power, 16 * len(tables) - (16 << power))
    body = b""
    for tag, checksum, table in tables:
        head += struct.pack(">4sLLL", tag, checksum, at + len(body), len(table))
        body += table + bytes(-len(table) % 4)
    return head + body
