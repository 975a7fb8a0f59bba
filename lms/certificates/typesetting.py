"""Lines that fit: text is measured with the fonts it is printed in, broken evenly and shrunk, never cut."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

FONTS = Path(__file__).parent / "fonts"
POINTS_PER_MM = 72 / 25.4
KERNING = 1.01
"""Room for what kerning adds to the sum of the widths of the letters."""

Step = tuple[float, int]
"""A size in points, and the most lines allowed at it."""


@dataclass(frozen=True)
class Setting:
    """Text as it is to be set: its lines and their size in points."""

    lines: tuple[str, ...]
    size: float


@dataclass(frozen=True)
class Face:
    """The widths of one font's letters, in its own units."""

    advances: dict[int, int]
    missing: int
    units: int

    def width(self, text: str, size: float) -> float:
        """How wide the text is at this size, in millimetres."""
        units = sum(self.advances.get(ord(letter), self.missing) for letter in text)
        return units / self.units * size / POINTS_PER_MM * KERNING


@cache
def face(style: str) -> Face:
    """Regular, Bold or Italic."""
    with TTFont(FONTS / f"Tinos-{style}.ttf", lazy=True) as font:
        widths = font["hmtx"].metrics
        advances = {code: widths[glyph][0] for code, glyph in font.getBestCmap().items()}
        units = font["head"].unitsPerEm
    return Face(advances, units, units)


def fit(text: str, face: Face, width: float, steps: Sequence[Step]) -> Setting:
    """The text at the first step that holds it in this width (mm); past the last, as many lines as it takes."""
    words = _words(text)
    if not words:
        return Setting((), steps[0][0])
    for size, most in steps:
        for count in range(1, most + 1):
            if lines := _even(words, face, width, size, count):
                return Setting(lines, size)
    size = steps[-1][0]
    return Setting(tuple(_greedy(words, face, width, size)), size)


def _words(text: str) -> list[str]:
    """What may stand at the start of a line: a dash stays with the word before it."""
    words: list[str] = []
    for word in text.split():
        if words and word in {"-", "–", "—", "/", "&"}:
            words[-1] += f" {word}"
        else:
            words.append(word)
    return words


def _even(words: Sequence[str], face: Face, width: float, size: float, count: int) -> tuple[str, ...] | None:
    """Exactly so many lines, as even as they can be, rather broken after a comma; None if too wide."""
    if count == 1:
        line = " ".join(words)
        return (line,) if face.width(line, size) <= width else None
    choices = []
    for cut in range(1, len(words)):
        first = " ".join(words[:cut])
        if face.width(first, size) > width:
            break
        rest = _even(words[cut:], face, width, size, count - 1)
        if rest:
            widest = max(face.width(line, size) for line in (first, *rest))
            choices.append((widest * (0.85 if first.endswith(",") else 1), (first, *rest)))
    return min(choices, default=(0.0, None))[1]


def _greedy(words: Sequence[str], face: Face, width: float, size: float) -> Iterator[str]:
    """Each line as full as it can be; a word wider than a line is broken between letters."""
    line = ""
    for word in words:
        for piece in _pieces(word, face, width, size):
            longer = f"{line} {piece}".strip()
            if line and face.width(longer, size) > width:
                yield line
                line = piece
            else:
                line = longer
    if line:
        yield line


def _pieces(word: str, face: Face, width: float, size: float) -> Iterator[str]:
    piece = ""
    for letter in word:
        if piece and face.width(piece + letter, size) > width:
            yield piece
            piece = ""
        piece += letter
    yield piece
