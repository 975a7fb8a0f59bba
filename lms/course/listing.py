"""Lines as trainers write them everywhere else, rewritten into the lines that Python-Markdown reads alike.

The rules are CommonMark's, with three liberties that trainers take: two spaces nest below any mark, what stands a little
too far to the right is still text, and a block within a callout may be indented as the callout is.
"""

import re
from collections.abc import Callable

ITEM = re.compile(r"(?P<indent> *)(?P<mark>[-*+]|\d{1,9}[.)])(?:(?P<gap> +)(?=\S)| *$)")
FENCE = re.compile(r"(?P<indent> *)(?P<mark>`{3,}(?=[^`]*$)|~{3,}) *(?P<info>.*)")
QUOTE = re.compile(r"(?P<indent> *)> ?(?P<text>.*)")
RULE = re.compile(r"(?P<indent> *)([-*_])(?: *\2){2,} *$")
UNDERLINE = re.compile(r" {0,3}(-+|=+) *$")
HEADING = re.compile(r"(?P<indent> *)#{1,6}( |$)")
HOLDER = re.compile(r"!!!|\?\?\?|:|\[\^")
OTHER_BLOCK = re.compile(r"\s*(#|>|\||!!!|\?\?\?|:|\[\^)")
DEEP = 4
QUOTES = 12
"""Quotations within quotations that are read as such."""


def familiar(lines: list[str], code: Callable[[str, str], str], depth: int = 0) -> list[str]:
    """The same text for the library; `code` makes a placeholder of a language and its lines."""
    return _Lines(lines, code, depth).read()


class _Lines:
    def __init__(self, lines: list[str], code: Callable[[str, str], str], depth: int) -> None:
        self.lines, self.code, self.depth = lines, code, depth
        self.at = 0
        self.base = 0  # how far right the lists stand: as far as the callout around them
        self.out: list[str] = []
        self.lists: list[tuple[int, int, str]] = []  # indent of mark and text as written, and the mark; outermost first
        self.in_holder = False  # a callout, a definition or a footnote, whose text is indented

    def read(self) -> list[str]:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if not any(read(line) for read in (self._fence, self._heading, self._rule, self._quote, self._item)):
                self._plain(line)
        return self.out

    def _fence(self, line: str) -> bool:
        """Code, whole: what stands in it is no concern of anybody."""
        mark = FENCE.match(line)
        if not mark or not self._may_begin(mark):
            return False
        self.at += 1
        self._apart()
        placed = self._place(len(mark["indent"]))
        self._add(placed + self._code_of(mark, self._room(len(mark["indent"]))))
        self._pending = True
        return True

    def _code_of(self, mark: re.Match[str], room: int) -> str:
        indent, found = len(mark["indent"]), []
        end = re.compile(rf" *{mark['mark'][0]}{{{len(mark['mark'])},}} *$")
        while self.at < len(self.lines):
            line = self.lines[self.at]
            written = _indent_of(line)
            if written < room and line.strip():
                break  # the item or callout that it stood in ended
            self.at += 1
            if end.match(line) and written < room + DEEP:
                break
            found.append(line[min(indent, written) :])
        return self.code(mark["info"], "\n".join(found))

    def _heading(self, line: str) -> bool:
        """Set apart, because the library reads the rest of a block again after each heading in it."""
        mark = HEADING.match(line)
        if not mark or not self._may_begin(mark):
            return False
        self._apart()
        self._plain(line)
        self._pending = True
        return True

    def _rule(self, line: str) -> bool:
        mark = RULE.match(line)
        if not mark or not self._may_begin(mark):
            return False
        if UNDERLINE.match(line) and not self.lists and self._after_text():
            return False  # a heading
        self.at += 1
        _close(self.lists, len(mark["indent"]))
        self._apart()
        self._add(self._place(len(mark["indent"])) + "***")
        self._pending = True
        return True

    def _quote(self, line: str) -> bool:
        mark = QUOTE.match(line)
        if not mark or not self._may_begin(mark) or self.depth >= QUOTES:
            return False
        written = len(mark["indent"])
        if not written and self.lists and not self._after_text():
            self.lists.clear()
        inner: list[str] = []
        while mark and self._may_begin(mark):
            inner.append(mark["text"])
            self.at += 1
            mark = QUOTE.match(self.lines[self.at]) if self.at < len(self.lines) else None
        if self.lists and self._after_text():
            self._apart()
        placed = self._place(written)
        for one in familiar(inner, self.code, self.depth + 1):
            self._add(f"{placed}> {one}" if one.strip() else f"{placed}>")
        rest = self.lines[self.at] if self.at < len(self.lines) else ""
        self._pending = not inner[-1].strip() or self._begins_block(rest)
        return True

    def _item(self, line: str) -> bool:
        item = ITEM.match(line)
        if not item or not (self.lists or self._may_begin(item)):
            return False
        written, kind = len(item["indent"]), item["mark"][-1]
        if not self.lists and self._after_text() and not _may_interrupt(item):
            return False
        left = _close(self.lists, written)
        if not self.lists and ((left and left != kind) or self._after_text()):
            self._apart()
        start = f"{self._place_of_item(written)}{item['mark']} "
        self.lists.append((written, item.end() if item["gap"] else item.end("mark") + 1, kind))
        self.at += 1
        fence = FENCE.match(" " * item.end() + line[item.end() :])
        self._add(start + (self._code_of(fence, item.end()) if fence else line[item.end() :]))
        self._pending = bool(fence)
        return True

    def _plain(self, line: str) -> None:
        self.at += 1
        if line.strip() and not line.startswith(" "):
            if not self._after_text() or OTHER_BLOCK.match(line):
                self.lists.clear()
            self.in_holder = bool(HOLDER.match(line))
        underlines = bool(UNDERLINE.match(line)) and not self.lists and self._after_text()
        self._add(line.strip() if underlines else self._continued(line))
        self._pending = underlines

    def _add(self, line: str) -> None:
        if self._pending and line.strip():
            self._apart()
        self._pending = False
        self.out.append(line)

    _pending = False
    """The line before wants an empty one after it."""

    def _apart(self) -> None:
        if self.out and self.out[-1].strip():
            self.out.append("")

    def _may_begin(self, mark: re.Match[str]) -> bool:
        """Four spaces further right than the text around it, a line is code."""
        written = len(mark["indent"])
        return written - self._room(written) < DEEP or (self.in_holder and not self.lists)

    def _room(self, written: int) -> int:
        """Where the text of the innermost item begins that a line so far indented stands in."""
        depth = self._depth(written)
        if depth:
            return min(self.lists[depth - 1][1], self.lists[depth - 1][0] + DEEP)
        return DEEP if self.in_holder and written >= DEEP else 0

    def _depth(self, written: int) -> int:
        return sum(written >= min(text, mark + 2) for mark, text, _ in self.lists)

    def _place(self, written: int) -> str:
        depth = self._depth(written)
        if not depth:
            return " " * (written if self.in_holder else 0)
        return " " * (self.base + DEEP * depth)

    def _place_of_item(self, written: int) -> str:
        if not self.lists:
            self.base = written // DEEP * DEEP
        return " " * (self.base + DEEP * len(self.lists))

    def _continued(self, line: str) -> str:
        """A line below an item, moved as far as the item was; further right by four it is code."""
        depth = self._depth(_indent_of(line)) if line.startswith(" ") and line.strip() else 0
        if not depth:
            return line
        mark, text, _ = self.lists[depth - 1]
        extra = _indent_of(line) - max(text, mark + 2)
        return " " * (self.base + DEEP * depth + (extra if extra >= DEEP else 0)) + line.lstrip(" ")

    def _after_text(self) -> bool:
        """Whether the line before belongs to a paragraph."""
        if self._pending or not self.out:
            return False
        before = self.out[-1]
        return bool(before.strip()) and not OTHER_BLOCK.match(before) and (bool(self.lists) or not ITEM.match(before))

    def _begins_block(self, line: str) -> bool:
        item = ITEM.match(line)
        return bool(HEADING.match(line) or RULE.match(line) or FENCE.match(line) or (item and _may_interrupt(item)))


def _may_interrupt(item: re.Match[str]) -> bool:
    """A list may follow a line of text at once; “14. …” there is the end of a sentence."""
    return bool(item["gap"]) and item["mark"] in {"-", "*", "+", "1.", "1)"}


def _close(lists: list[tuple[int, int, str]], indent: int) -> str:
    """Leave the lists that this mark does not stand in: it belongs to the one whose text it is indented to."""
    left = ""
    while lists and indent < min(lists[-1][1], lists[-1][0] + 2):
        left = lists.pop()[2]
    return left


def _indent_of(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
