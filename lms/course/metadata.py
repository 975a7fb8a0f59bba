"""What a picture file says besides its pixels (place, device, programs, whatever is hung on behind), taken out.

The pixels are not touched: the file is cut into its own pieces and put together again without some of them.
"""

import struct
import zlib
from collections.abc import Iterator

PNG_START = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD pHYs hIST sPLT acTL fcTL fdAT".split(),
)
WEBP_KEPT = frozenset([b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"])
WEBP_EXIF, WEBP_XMP = 0x08, 0x04
GIF_KEPT = frozenset([b"NETSCAPE2.0", b"ANIMEXTS1.0"])
EXIF, ICC = b"Exif\0\0", b"ICC_PROFILE\0"
SCANS_LIMIT = 100
"""A JPEG may come in ever finer passes; browsers would work through thousands for minutes."""
# Markers of JPEG
SOI, EOI, SOS, APP0, APP1, APP2, APP14, APP15, COM = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
ALONE = frozenset([0x01, *range(0xD0, 0xD8)])


class Broken(Exception):
    """The file is not made as its kind asks, or ends too early."""


def bare(kind: str, data: bytes, orientation: int = 1) -> bytes:
    """The same picture without its metadata; a JPEG keeps its orientation, without which it would lie on its side."""
    try:
        return b"".join(_jpeg(data, orientation) if kind == "jpeg" else PIECES[kind](data))
    except (struct.error, IndexError):
        raise Broken from None


def _png(data: bytes) -> Iterator[bytes]:
    yield PNG_START
    place = len(PNG_START)
    while True:
        length, name = struct.unpack_from(">I4s", data, place)
        end = place + 12 + length
        if end > len(data):
            raise Broken
        (crc,) = struct.unpack_from(">I", data, end - 4)
        if name in PNG_KEPT:
            if crc != zlib.crc32(data[place + 4 : end - 4]):
                raise Broken
            yield data[place:end]
        if name == b"IEND":
            return
        place = end


def _webp(data: bytes) -> Iterator[bytes]:
    (size,) = struct.unpack_from("<I", data, 4)
    if size + 8 > len(data):
        raise Broken
    place, kept = 12, []
    while place < size + 8:
        name, length = struct.unpack_from("<4sI", data, place)
        end = place + 8 + length
        if end > size + 8:
            raise Broken
        if name in WEBP_KEPT:
            piece = data[place:end] + b"\0" * (length % 2)
            if name == b"VP8X":
                flags = bytes([piece[8] & ~(WEBP_EXIF | WEBP_XMP)])
                piece = piece[:8] + flags + piece[9:]
            kept.append(piece)
        place = end + length % 2
    yield b"RIFF" + struct.pack("<I", 4 + sum(map(len, kept))) + b"WEBP"
    yield from kept


def _gif(data: bytes) -> Iterator[bytes]:
    place = 13 + _colours(data[10])
    yield data[:place]
    while data[place] != 0x3B:  # the end
        start = place
        if data[place] == 0x2C:  # a frame
            place = _after_blocks(data, place + 11 + _colours(data[place + 9]))
            yield data[start:place]
        elif data[place] == 0x21:  # an extension: 0xF9 timing and transparency, 0xFF of a program, others are texts
            label, place = data[place + 1], _after_blocks(data, place + 2)
            if label == 0xF9 or (label == 0xFF and data[start + 3 : start + 14] in GIF_KEPT):
                yield data[start:place]
        else:
            raise Broken
    yield b";"


def _colours(flags: int) -> int:
    """How many bytes of colours follow."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(data: bytes, place: int) -> int:
    while data[place]:
        place += data[place] + 1
    return place + 1


def _jpeg(data: bytes, orientation: int) -> Iterator[bytes]:
    yield bytes([0xFF, SOI])
    place, scans, is_told = 2, 0, orientation == 1
    while True:
        marker, place = _marker(data, place)
        if marker == EOI:
            break
        if marker in ALONE:
            continue
        end = place + struct.unpack_from(">H", data, place)[0]
        if end > len(data) or end < place + 2:
            raise Broken
        if not is_told and marker != APP0:
            yield _orientation(orientation)
            is_told = True
        if _stays(marker, data[place + 2 : place + 14]):
            yield bytes([0xFF, marker]) + data[place:end]
        place = end
        if marker == SOS:
            scans += 1
            if scans > SCANS_LIMIT:
                raise Broken
            end = _after_scan(data, place)
            yield data[place:end]
            place = end
    yield bytes([0xFF, EOI])


def _marker(data: bytes, place: int) -> tuple[int, int]:
    """The next marker and the place behind it; programs leave odd bytes between the pieces."""
    while True:
        place = data.index(b"\xff", place) + 1 if b"\xff" in data[place : place + 4096] else len(data)
        while data[place] == 0xFF:
            place += 1
        if data[place]:
            return data[place], place + 1


def _stays(marker: int, start: bytes) -> bool:
    """Pictures need everything but notes; of these JFIF, the colour profile and Adobe's colour model."""
    if marker == APP2:
        return start.startswith(ICC)
    return marker in {APP0, APP14} or not (APP0 <= marker <= APP15 or marker == COM)


def _after_scan(data: bytes, place: int) -> int:
    """Where the coded pixels end: at a marker that is no restart."""
    while True:
        place = data.find(b"\xff", place)
        if place < 0 or place + 1 >= len(data):
            raise Broken
        if data[place + 1] and data[place + 1] not in ALONE and data[place + 1] != 0xFF:
            return place
        place += 1 if data[place + 1] == 0xFF else 2


def _orientation(value: int) -> bytes:
    """The smallest EXIF: only which way is up."""
    told = EXIF + struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x0112, 3, 1, value, 0, 0)
    return bytes([0xFF, APP1]) + struct.pack(">H", len(told) + 2) + told


PIECES = {"png": _png, "webp": _webp, "gif": _gif}
