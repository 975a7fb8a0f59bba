"""A text with gaps as Moodle writes it: “{2:MULTICHOICE:=right#feedback~wrong}”."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from lms.course.problems import N_
from lms.interop.formats.exchange import ANYTHING, Answer, Gap, Markup, Text, Type
from lms.interop.formats.reading import ANSWERS_LIMIT, BLANK, brief, decimal

OPENING = re.compile(r"\{(\d{0,6}):([A-Za-z_]{1,40}):")
SIGN = re.compile(r"(?<!\\)(?:[~}]|(?<!&)(?<!&amp;)#)")
SHARE = re.compile(r"=|%(-?\d{1,9}(?:[.,]\d{0,20})?)%", re.ASCII)
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
ESCAPE = re.compile(r"\\([~}#])")
GAPS_LIMIT = 1_000
PLUG_IN = N_(
    "question “%(title)s” was left out: we have no gaps of the kind “%(kind)s”, which a plug-in brings; write it anew"
)


@dataclass(frozen=True)
class Kind:
    """What a word between the colons means."""

    type: Type
    case_sensitive: bool | None = None
    shuffle: bool | None = None
    layout: str = ""


def _kinds() -> Iterator[tuple[str, Kind]]:
    for word in ("NUMERICAL", "NM"):
        yield word, Kind(Type.NUMERIC)
    for word in ("SHORTANSWER", "SA", "MW"):
        yield word, Kind(Type.SHORT_TEXT, case_sensitive=False)
        yield ("SHORTANSWER_C" if word == "SHORTANSWER" else f"{word}C"), Kind(Type.SHORT_TEXT, case_sensitive=True)
    for letter, layout in (("", "dropdown"), ("V", "vertical"), ("H", "horizontal")):
        for shuffled in (False, True):
            kind = Kind(Type.SINGLE_CHOICE, shuffle=shuffled, layout=layout)
            short = f"{letter}{'S' if shuffled else ''}"
            yield f"MC{short}", kind
            yield f"MULTICHOICE_{short}".rstrip("_"), kind
            if letter != "V":
                kind = Kind(Type.MULTIPLE_CHOICE, shuffle=shuffled, layout=layout if letter else "vertical")
                yield f"MR{short}", kind
                yield f"MULTIRESPONSE_{short}".rstrip("_"), kind


KINDS = dict(_kinds())


class BadGap(Exception):
    """What is wrong with a gap, and at which place of the text."""

    def __init__(self, place: int, message: str, **values: str | int) -> None:
        super().__init__(message)
        self.place, self.message, self.values = place, message, values


class UnknownGap(BadGap):
    """A kind of gap that comes from a plug-in."""


def gaps(text: str) -> tuple[Gap, ...]:
    """Every gap of the text, in order; BadGap says what is wrong with one."""
    found: list[Gap] = []
    place = 0
    while opening := OPENING.search(text, place):
        kind = KINDS.get(opening[2])
        if kind is None:
            raise UnknownGap(opening.start(), PLUG_IN, kind=opening[2])
        if len(found) >= GAPS_LIMIT:
            message = N_("question “%(title)s” has more than %(limit)s gaps; split it")
            raise BadGap(opening.start(), message, limit=GAPS_LIMIT)
        answers, place = _answers(text, opening, kind)
        points = Decimal(opening[1]) if opening[1] else Decimal(1)
        found.append(
            Gap(
                type=kind.type,
                points=points,
                answers=answers,
                case_sensitive=kind.case_sensitive,
                shuffle=kind.shuffle,
                layout=kind.layout,
                start=opening.start(),
                end=place,
            )
        )
    return tuple(found)


def _answers(text: str, opening: re.Match[str], kind: Kind) -> tuple[tuple[Answer, ...], int]:
    """The alternatives of one gap, and the place after it."""
    found: list[Answer] = []
    place = opening.end()
    while True:
        if len(found) >= ANSWERS_LIMIT:
            message = N_("question “%(title)s” has more than %(limit)s answers; keep the most telling ones")
            raise BadGap(opening.start(), message, limit=ANSWERS_LIMIT)
        written, feedback, sign, after = _alternative(text, opening, place)
        found.append(_answer(written, feedback, place, kind))
        place = after
        if sign == "}":
            break
    _check(found, opening.start(), kind)
    if kind.type is Type.MULTIPLE_CHOICE:
        found = _shared(found)
    return tuple(found), place


def _alternative(text: str, opening: re.Match[str], place: int) -> tuple[str, str | None, str, int]:
    """One alternative and its feedback, the sign that ends it, and the place behind that."""
    sign = SIGN.search(text, place)
    if sign is not None and sign[0] == "#":
        written = text[place : sign.start()]
        start = sign.end()
        while sign is not None and sign[0] == "#":
            sign = SIGN.search(text, sign.end())
        if sign is not None:
            return written, text[start : sign.start()], sign[0], sign.end()
    if sign is None:
        message = N_("question “%(title)s”: this gap is not closed; write “}” behind its last answer")
        raise BadGap(opening.start(), message)
    return text[place : sign.start()], None, sign[0], sign.end()


def _answer(written: str, feedback: str | None, place: int, kind: Kind) -> Answer:
    weight = Decimal(0)
    if share := SHARE.match(written.lstrip(BLANK)):
        weight = Decimal(100) if share[0] == "=" else Decimal(share[1].replace(",", ".").rstrip("."))
        written = written.lstrip(BLANK)[share.end() :]
    if not -100 <= weight <= 100:
        message = N_("question “%(title)s”: “%(weight)s” is no share of the points; write from %%-100%% to %%100%%")
        raise BadGap(place, message, weight=f"%{weight}%")
    text = meant(written)
    if not text:
        raise BadGap(place, N_("question “%(title)s”: a gap has an empty answer; write it, or remove its “~”"))
    said = Text(text=meant(feedback), markup=Markup.HTML) if feedback and meant(feedback) else None
    if kind.type is Type.NUMERIC:
        value, tolerance = _number(text, place)
        return Answer(value=value, tolerance=tolerance, weight=weight, feedback=said)
    markup = Markup.PLAIN if kind.type is Type.SHORT_TEXT else Markup.HTML
    return Answer(text=Text(text=text, markup=markup), weight=weight, feedback=said)


def meant(written: str) -> str:
    """The text without the escapes of a gap and of the editor that wrote it."""
    return ESCAPE.sub(r"\1", ENTITY.sub(lambda match: html.unescape(match[0]), written)).strip(BLANK)


def _number(text: str, place: int) -> tuple[Decimal | str, Decimal | None]:
    if text == ANYTHING:
        return ANYTHING, None
    written, _, margin = text.replace(",", ".").partition(":")
    value, tolerance = decimal(written), decimal(margin or "0")
    if value is None or tolerance is None or tolerance < 0:
        message = N_(
            "question “%(title)s”: “%(written)s” in a gap is not a number; write for example 3.14 or 3.14:0.01"
        )
        raise BadGap(place, message, written=brief(text))
    return value, tolerance


def _check(answers: list[Answer], place: int, kind: Kind) -> None:
    if kind.type in (Type.SINGLE_CHOICE, Type.MULTIPLE_CHOICE) and len(answers) < 2:
        raise BadGap(place, N_("question “%(title)s”: a gap with words to choose from needs at least two"))
    best = max(answer.weight for answer in answers)
    if best <= 0 or (best < 100 and kind.type is not Type.MULTIPLE_CHOICE):
        message = N_("question “%(title)s”: a gap has no right answer; write “=” before it")
        raise BadGap(place, message)


def _shared(answers: list[Answer]) -> list[Answer]:
    """Where several are right, they share the points of the gap."""
    total = sum((answer.weight for answer in answers if answer.weight > 0), Decimal(0))
    return [
        Answer(
            text=one.text,
            weight=round(one.weight * 100 / total, 5) if one.weight > 0 else one.weight,
            feedback=one.feedback,
        )
        for one in answers
    ]


def escaped(text: str) -> str:
    """The text as it stands in a gap: every sign that means something there as an entity."""
    return re.sub(r"[&<>~}{#=%\\:]", lambda match: f"&#{ord(match[0])};", text)
