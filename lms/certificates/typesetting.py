"""Lines that fit: text is measured with the fonts it is printed in, broken evenly and shrunk, never cut."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise

from fontTools.ttLib import TTFont

from lms.core.pdf import FONTS

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

    def __str__(self) -> str:
        return "\n".join(self.lines)


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


def fit(text: str, face: Face, width: float, steps: Sequence[Step], *, ending: str = "") -> Setting:
    """The text at the first step that holds it in this width (mm); past the last, as many lines as it takes.

    The ending stays with the last word.
    """
    words = _words(text)
    if not words:
        return Setting((), steps[0][0])
    words[-1] += ending
    ends = (0.0, *accumulate(face.width(f"{word} ", 1) for word in words))
    for size, most in steps:
        for count in range(1, most + 1):
            if cuts := _even(words, ends, (width / size, face.width(" ", 1)), count):
                return Setting(tuple(" ".join(words[i:j]) for i, j in pairwise((0, *cuts))), size)
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


def _even(
    words: Sequence[str], ends: Sequence[float], room: tuple[float, float], count: int, start: int = 0
) -> tuple[int, ...] | None:
    """Where exactly so many lines end, as even as they can be, rather after a comma; None if they are too wide.

    `ends` are the widths up to each word's end with its space, `room` those of a line and of a space, all at one point.
    """
    width, space = room
    whole = ends[-1] - ends[start] - space
    if count == 1:
        return (len(words),) if whole <= width else None
    if whole > count * (width + space):
        return None
    best: tuple[float, tuple[int, ...]] | None = None
    for cut in range(start + 1, len(words)):
        first = ends[cut] - ends[start] - space
        if first > width:
            break
        if rest := _even(words, ends, room, count - 1, cut):
            widest = max(ends[j] - ends[i] - space for i, j in pairwise((start, cut, *rest)))
            choice = widest * (0.85 if words[cut - 1].endswith(",") else 1), (cut, *rest)
            best = min(best or choice, choice)
    return best and best[1]


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
