"""How people write numbers: decimal comma or dot, thousands set apart or not."""

import re
from decimal import Decimal

PLAIN = re.compile(r"([+-]?)(\d{1,20})(?:[.,](\d{1,20}))?")
GROUPED = re.compile(r"([+-]?)([1-9]\d{0,2}(?:([., ])\d{3})(?:\3\d{3}){0,6})(?:([.,])(\d{1,20}))?")
MINUS = str.maketrans("−–\u00a0\u2009\u202f", "--   ")


class AmbiguousNumber(ValueError):
    """A separator stands before exactly three digits: thousands or decimals."""

    def __init__(self, written: str, grouped: str, decimal: str) -> None:
        super().__init__(written)
        self.written, self.grouped, self.decimal = written, grouped, decimal


def readings(text: str) -> tuple[Decimal, ...]:
    """Every number that the text may mean: none, one, or two for “6.200”."""
    text = text.translate(MINUS).strip()
    found = []
    if plain := PLAIN.fullmatch(text):
        sign, whole, rest = plain.groups()
        found.append(decimal(sign, whole, rest))
    if grouped := GROUPED.fullmatch(text):
        sign, whole, separator, point, rest = grouped.groups()
        if point != separator:
            found.append(decimal(sign, whole.replace(separator, ""), rest))
    return tuple(dict.fromkeys(found))


def decimal(sign: str, whole: str, rest: str | None) -> Decimal:
    return Decimal(f"{sign}{whole}.{rest}" if rest else f"{sign}{whole}")


def number(text: str) -> Decimal | None:
    """The one number an author means; None if it is none, AmbiguousNumber if it may be two."""
    found = readings(text)
    if len(found) == 2:
        written = text.strip()
        point, grouped = found
        raise AmbiguousNumber(written, comma(grouped), comma_unmistakable(point))
    return found[0] if found else None


def comma(value: Decimal) -> str:
    """As it is written in Vietnamese, without needless zeros."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")


def comma_unmistakable(value: Decimal) -> str:
    """Never with exactly three digits after the comma, so that it reads as one number only."""
    text = comma(value)
    return text + "0" if "," in text and len(text.rpartition(",")[2]) == 3 else text
