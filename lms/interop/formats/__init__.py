"""The formats in which questions come and go; adding one is a file and a line here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lms.course.problems import Problem
from lms.interop.formats import aiken, gift, moodle_xml
from lms.interop.formats.exchange import ExchangeQuestion

Read = Callable[[bytes, str], tuple[tuple[ExchangeQuestion, ...], list[Problem]]]
Write = Callable[[Iterable[ExchangeQuestion]], tuple[bytes, list[Problem]]]


@dataclass(frozen=True)
class Format:
    """`read` never raises and takes all or nothing; `write` tells everything that it leaves out."""

    name: str
    title: str
    read: Read
    write: Write
    suffixes: tuple[str, ...]


FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        Format("gift", "GIFT", gift.read, gift.write, (".gift", ".txt")),
        Format("aiken", "Aiken", aiken.read, aiken.write, (".txt",)),
        Format("moodlexml", "Moodle XML", moodle_xml.read, moodle_xml.write, (".xml",)),
    )
}
