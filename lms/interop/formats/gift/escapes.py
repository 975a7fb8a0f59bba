"""What escapes what in GIFT, and the pieces of a block that remember where they stand in it."""

import re
from dataclasses import dataclass

from lms.interop.formats.exchange import Markup, Text
from lms.interop.formats.reading import BLANK

SPECIAL = ":#={}~"
NEWLINE = "\\n"
ESCAPE = re.compile(r"\\(.)", re.DOTALL)
PREFIX = re.compile(r"\[(html|moodle|plain|markdown)\]")
WEIGHT = re.compile(r"%(-?\d{1,2}\.?\d{0,40})%", re.ASCII)

# An escaped sign is kept apart from a live one as a lone surrogate, which no UTF-8 file can contain.
ASLEEP = {sign: chr(0xDC00 + ord(sign)) for sign in f"{SPECIAL}\n"}
AWAKE = {ord(asleep): sign for sign, asleep in ASLEEP.items()}


def resolved(line: str) -> str:
    """The line with each escape as the one sign it means; a backslash before any other letter stays."""
    return ESCAPE.sub(_meant, line)


def _meant(match: re.Match[str]) -> str:
    sign = match[1]
    if sign == "\\":
        return sign
    return ASLEEP.get("\n" if sign == "n" else sign if sign in SPECIAL else "", match[0])


def escaped(text: str) -> str:
    """The text as it is written, on one line."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\\", "\\\\")
    for sign in SPECIAL:
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", NEWLINE)


@dataclass(frozen=True)
class Piece:
    """A part of a block's text, and the place where it begins."""

    text: str
    at: int = 0

    def __getitem__(self, part: slice) -> "Piece":
        start, _, _ = part.indices(len(self.text))
        return Piece(self.text[part], self.at + start)

    def trimmed(self) -> "Piece":
        return self[len(self.text) - len(self.text.lstrip(BLANK)) :].trimmed_end()

    def trimmed_end(self) -> "Piece":
        return Piece(self.text.rstrip(BLANK), self.at)

    def parted(self, sign: str) -> "tuple[Piece, Piece | None]":
        """Before and after the first live sign; None when there is none."""
        place = self.text.find(sign)
        return (self, None) if place < 0 else (self[:place], self[place + len(sign) :])

    def plain(self) -> str:
        """The text as it is meant."""
        return self.text.translate(AWAKE).strip(BLANK)

    def rich(self, markup: Markup) -> Text:
        """The text with the markup that it begins with, else with the given one."""
        piece = self.trimmed()
        if prefix := PREFIX.match(piece.text):
            markup, piece = Markup(prefix[1]), piece[prefix.end() :]
        return Text(text=piece.plain(), markup=markup)
