"""GIFT, Moodle's text format: blocks of lines, braces around the answers, one sign for each kind of answer."""

from lms.interop.formats.gift.reader import read
from lms.interop.formats.gift.writer import write

__all__ = ["read", "write"]
