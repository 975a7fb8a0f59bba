"""Differences as text for a terminal or a file."""

import re
from collections.abc import Iterator
from functools import partial

import click

from lms.course.difference import FileChange, Kind, Op, Row, Segment, Version

KINDS = {Kind.ADDED: "mới", Kind.REMOVED: "bỏ", Kind.CHANGED: "sửa", Kind.RENAMED: "đổi tên"}
MARKS = {Op.SAME: "{}", Op.REMOVED: "[-{}-]", Op.ADDED: "{{+{}+}}"}
COLOURS = {
    Op.SAME: str,
    Op.REMOVED: partial(click.style, fg="red", strikethrough=True),
    Op.ADDED: partial(click.style, fg="green", underline=True),
}
SIGNS = {Op.SAME: " ", Op.ADDED: "+", Op.REMOVED: "-", None: "~"}
# What would move the cursor, colour the screen or turn the direction of reading; a text may hold anything.
UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def summary(change: FileChange) -> str:
    """One line: the file, what became of it, how much."""
    name = _safe(change.path)
    if change.kind is Kind.RENAMED and change.before:
        name = f"{_safe(change.before.path)} → {name}"
    amount = f"+{change.words_added} −{change.words_removed} từ" if change.is_text else _sizes(change)
    return f"{name}  ({KINDS[change.kind]})  {amount}"


def _sizes(change: FileChange) -> str:
    return " → ".join(_size(version) for version in (change.before, change.after) if version)


def _size(version: Version) -> str:
    return f"{version.size} byte sha256 {version.digest[:12]}"


def whole(change: FileChange, *, colour: bool) -> Iterator[str]:
    """The changed lines with their numbers, words marked or coloured."""
    yield click.style(summary(change), bold=True) if colour else summary(change)
    for hunk in change.hunks:
        if hunk.skipped:
            yield f"      … {hunk.skipped} dòng không đổi"
        yield from (_row(row, colour=colour) for row in hunk.rows)
    yield ""


def _row(row: Row, *, colour: bool) -> str:
    number = row.after or row.before
    sign = SIGNS[row.op]
    return f"{number:>5} {sign} " + "".join(_piece(piece, colour=colour) for piece in row.segments)


def _piece(piece: Segment, *, colour: bool) -> str:
    text = _safe("↵" if piece.text == "\n" and piece.op is not Op.SAME else piece.text.rstrip("\n"))
    return COLOURS[piece.op](text) if colour else MARKS[piece.op].format(text)


def _safe(text: str) -> str:
    return UNSAFE.sub(lambda sign: f"<U+{ord(sign[0]):04X}>", text)
