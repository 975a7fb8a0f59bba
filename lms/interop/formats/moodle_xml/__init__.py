"""Moodle XML: everything that Moodle knows of a question, with its files inside."""

from lms.interop.formats.moodle_xml.reader import read
from lms.interop.formats.moodle_xml.writer import write

__all__ = ["read", "write"]
