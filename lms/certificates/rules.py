"""What a certificate says and how it is numbered, named, coded and judged; plain values only."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from random import Random
from typing import Any

from lms.core.errors import Refused
from lms.core.i18n import _l
from lms.core.text import ascii_name

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 symbols: none that is read as another (0 and O, 1 and I are left out)."""
GROUPS, GROUP = 3, 4
_SEPARATORS = re.compile(r"[\W_]+")
_DECIMAL_FIELDS = ("hours",)
_DATE_FIELDS = ("birth_date", "started_on", "finished_on", "issued_on", "expires_on")


class Rating(StrEnum):
    """The word after “Xếp loại”, as it is printed; COMPLETED where nothing is rated."""

    EXCELLENT = "Xuất sắc"
    GOOD = "Giỏi"
    FAIR = "Khá"
    AVERAGE = "Trung bình"
    COMPLETED = "Hoàn thành"


LOWEST_SCORES = (
    (Decimal(9), Rating.EXCELLENT),
    (Decimal(8), Rating.GOOD),
    (Decimal(7), Rating.FAIR),
    (Decimal(5), Rating.AVERAGE),
)


class Status(StrEnum):
    """What the public page answers about a certificate."""

    VALID = "valid"
    REVOKED = "revoked"
    REPLACED = "replaced"
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything the document prints, as it was on the day of issue; kept as JSON, never looked up again."""

    issuer_parent: str
    """Cơ quan chủ quản; empty for a people's committee, which names none."""
    issuer_name: str
    issuer_abbreviation: str
    place: str
    signer_name: str
    signer_capacity: str
    """One line, or several as NĐ 30/2020 sets them: "KT. GIÁM ĐỐC\\nPHÓ GIÁM ĐỐC"."""
    holder_name: str
    birth_date: date | None
    position: str
    unit_name: str
    course_title: str
    started_on: date
    finished_on: date
    hours: Decimal | None
    """Số tiết."""
    mode: str = "Trực tuyến"
    fraction: float | None
    rating: str
    number: str
    register_number: str
    code: str
    issued_on: date
    expires_on: date | None

    def to_json(self) -> dict[str, Any]:
        """Values that JSON knows: dates as 2026-12-20, decimals as text."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Facts":
        """The facts that `to_json` wrote."""
        dates = {name: _date(values[name]) for name in _DATE_FIELDS}
        decimals = {name: None if values[name] is None else Decimal(values[name]) for name in _DECIMAL_FIELDS}
        return cls(**{**values, **dates, **decimals})


def _plain(value: Any) -> Any:
    match value:
        case date():
            return value.isoformat()
        case Decimal() | StrEnum():
            return str(value)
    return value


def _date(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


# Numbers and names of files


def register_number(sequence: int) -> str:
    """Số vào sổ: 0123."""
    return f"{sequence:04d}"


def number(sequence: int, year: int, abbreviation: str) -> str:
    """Số giấy chứng nhận: 0123/2026/GCN-SKHCN."""
    return f"{register_number(sequence)}/{year}/GCN-{abbreviation}"


def file_name(number: str, holder_name: str) -> str:
    """0123_Nguyen-Van-Duc.pdf: safe on every system, and sorted as the register is."""
    sequence = number.partition("/")[0]
    return "_".join(filter(None, (ascii_name(sequence), ascii_name(holder_name)))) + ".pdf"


def folder(abbreviation: str, year: int) -> str:
    """The folder in a ZIP: SKHCN-2026."""
    return f"{ascii_name(abbreviation)}-{year}".lstrip("-")


# The code


@dataclass(frozen=True)
class BadCode:
    """A code that cannot be right; `group` (1 to 3) is the one to look at, None where nobody can tell."""

    group: int | None


def new_code(random: Random) -> str:
    """A code that nobody can guess, if `random` is `secrets.SystemRandom()`: 55 bits and a check symbol."""
    symbols = "".join(random.choices(ALPHABET, k=GROUPS * GROUP - 1))
    return _grouped(symbols + ALPHABET[_double(_check(symbols))])


def read_code(text: str) -> str | BadCode:
    """The code as it is stored, whatever its case, spaces and hyphens, also out of its link."""
    typed = unicodedata.normalize("NFKC", text).upper().strip().rstrip("/").rpartition("/")[2]
    groups = [group for group in _SEPARATORS.split(typed) if group]
    symbols = "".join(groups)
    as_printed = len(groups) == GROUPS
    parts = groups if as_printed else [symbols[i : i + GROUP] for i in range(0, len(symbols), GROUP)]
    for place, part in enumerate(parts[:GROUPS], start=1):
        if any(symbol not in ALPHABET for symbol in part) or (as_printed and len(part) != GROUP):
            return BadCode(place)
    if len(symbols) != GROUPS * GROUP or _check(symbols):
        return BadCode(None)
    return _grouped(symbols)


def _grouped(symbols: str) -> str:
    return "-".join(symbols[i : i + GROUP] for i in range(0, len(symbols), GROUP))


def _check(symbols: str) -> int:
    """Zero for a whole code: the symbols as a polynomial over the field of 32, at its generator.

    This is the check of H. M. Damm's totally anti-symmetric quasigroup x∘y = 2x + y over GF(2⁵)
    (“Total anti-symmetrische Quasigruppen”, Marburg 2004): no single wrong symbol passes, and because
    the powers of the generator up to the 30th differ, no swap of two symbols does, neighbours or not.
    """
    total = 0
    for symbol in symbols:
        total = _double(total) ^ ALPHABET.index(symbol)
    return total


def _double(value: int) -> int:
    """Times x in GF(2)[x] / (x⁵ + x² + 1)."""
    doubled = value << 1
    return doubled ^ 0b100101 if doubled & 0b100000 else doubled


# Dates and results


def short_date(day: date) -> str:
    """05/02/2026."""
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"


def score(fraction: float) -> Decimal:
    """On the scale of ten with one decimal, halves upwards: 8.5 of 0.85."""
    exact = Decimal(str(round(fraction * 10, 6)))
    return exact.quantize(Decimal("0.1"), ROUND_HALF_UP)


def rating(fraction: float | None) -> Rating:
    """By the score as it is printed, so that no “9,0” is called Giỏi; below 5 a completion is just that."""
    if fraction is None:
        return Rating.COMPLETED
    reached = score(fraction)
    return next((name for lowest, name in LOWEST_SCORES if reached >= lowest), Rating.COMPLETED)


def status(*, is_revoked: bool, is_replaced: bool, expires_on: date | None, today: date) -> Status:
    """What holds today; the day of expiry still counts, and a revocation hides everything else."""
    if is_revoked:
        return Status.REVOKED
    if is_replaced:
        return Status.REPLACED
    return Status.EXPIRED if expires_on and today > expires_on else Status.VALID


# Issuing bodies and revocation


class AlreadyRevoked(Refused):
    """A certificate is taken back once."""

    message = _l("Certificate %(number)s has been revoked already.")


def is_abbreviation(text: str) -> bool:
    """Letters and digits in groups joined by hyphens: SKHCN, UBND-HS, TTCĐS."""
    return bool(re.fullmatch(r"[^\W_]+(-[^\W_]+)*", text))
