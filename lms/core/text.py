"""Vietnamese text: one normal form, search without marks, names sorted by given name, dates as documents write them."""

import re
import unicodedata
from datetime import date

# What nobody types or sees: zero-width characters, controls that are no space, halves of surrogate pairs. PostgreSQL
# refuses some of them, Excel others.
_INVISIBLE = (
    dict.fromkeys(map(ord, "\u200b\u200c\u200d\ufeff\u00ad\u2060"))
    | dict.fromkeys(code for code in [*range(0x20), *range(0x7F, 0xA0)] if not chr(code).isspace())
    | dict.fromkeys(range(0xD800, 0xE000))
    | {0xA0: " "}
)
_ODD_SPACES = str.maketrans(dict.fromkeys("\v\f\x1c\x1d\x1e\x1f\x85", " "))
_SPACES = re.compile(r"\s+")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_CROSSED = str.maketrans("đĐƀɃ", "dDbB")
"""NFD leaves these alone; ƀ is a letter of names in the Central Highlands."""
# Rank of letters and tones in dictionary order; a tone counts only where the letters agree.
_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
LONGEST_KEY = 400
"""As much as the database keeps of a key; names of people are far shorter."""
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}


def normalise(text: str) -> str:
    """NFC without invisible and control characters, ends trimmed, runs of spaces as one: for single lines."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text.translate(_INVISIBLE))).strip()


def normalise_lines(text: str) -> str:
    """NFC without invisible characters; lines are kept: for what may span several."""
    clean = unicodedata.normalize("NFC", text.translate(_INVISIBLE).translate(_ODD_SPACES))
    return clean.replace("\r\n", "\n").replace("\r", "\n").strip()


def fold(text: str) -> str:
    """Without marks, in lower case: what search compares."""
    decomposed = unicodedata.normalize("NFD", normalise(text))
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare.translate(_CROSSED).lower())


def slug(text: str) -> str:
    """Folded, in words joined by hyphens: ung-cuu-su-co."""
    return _NOT_SLUG.sub("-", fold(text)).strip("-")


def ascii_name(text: str) -> str:
    """Without marks, capitals kept, words joined by hyphens, for file names: Nguyen-Van-Duc."""
    decomposed = unicodedata.normalize("NFD", normalise(text).translate(_CROSSED))
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return re.sub(r"[^A-Za-z0-9]+", "-", bare).strip("-")


def sort_key(name: str) -> str:
    """A key that sorts people as Vietnamese lists do: by given name (the last word), family name, the rest.

    Compared by bytes, word by word: letters rank first (a ă â … d đ …), then tones (level, huyền, hỏi,
    ngã, sắc, nặng), so that An comes before Ản, and Ản before Anh.
    """
    words = normalise(name).split(" ")
    return " ".join(_rank(word) for word in [words[-1], *words[:-1]])[:LONGEST_KEY]


def _rank(word: str) -> str:
    """The letters, then the tones of a word, as text that sorts by bytes."""
    letters, tones = [], []
    for char in unicodedata.normalize("NFC", word).lower():
        parts = unicodedata.normalize("NFD", char)
        tone = next((_TONES[c] for c in parts if c in _TONES), "0")
        letter = unicodedata.normalize("NFC", "".join(c for c in parts if c not in _TONES))
        place = _LETTERS.find(letter)
        letters.append(chr(ord("A") + place) if place >= 0 and len(letter) == 1 else letter)
        tones.append(tone)
    return "".join(letters) + "!" + "".join(tones)


def long_date(day: date) -> str:
    """ngày 05 tháng 02 năm 2026; NĐ 30/2020 puts a zero before days below 10 and months 1 and 2 only."""
    month = f"{day.month:02d}" if day.month <= 2 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"
