"""Lists as trainers expect them from everywhere else, rewritten into the form Python-Markdown reads."""

import re

ITEM = re.compile(r"(?P<indent> *)(?P<mark>[-*+]|\d{1,3}[.)])(?P<gap> +)(?=\S)")
FENCE = re.compile(r" *(```+|~~~+)")
OTHER_BLOCK = re.compile(r"\s*(#|>|\||!!!|\?\?\?|:|\[\^)")
DEEP = 4


def familiar(lines: list[str]) -> list[str]:
    """A list may follow a line of text at once, and two spaces are enough to nest."""
    out: list[str] = []
    open_lists: list[tuple[int, int]] = []  # (indent of the mark, indent of the text) as written, outermost first
    fence = ""
    for line in lines:
        mark = FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence):
            fence = ""
        elif not fence and (item := ITEM.match(line)):
            _close(open_lists, len(item["indent"]))
            if not open_lists and out and _is_text(out[-1]):
                out.append("")
            out.append(
                _indent(open_lists, len(item["indent"])) + item["mark"].replace(")", ".") + " " + line[item.end() :]
            )
            open_lists.append((len(item["indent"]), item.end()))
            continue
        elif not fence and _ends_lists(line, out):
            open_lists.clear()
        out.append(_continued(open_lists, line))
    return out


def _ends_lists(line: str, out: list[str]) -> bool:
    """Text at the margin ends the lists, unless it lazily goes on with an item."""
    at_margin = bool(line.strip()) and not line.startswith(" ")
    return at_margin and (not out or not out[-1].strip() or bool(OTHER_BLOCK.match(line)))


def _close(open_lists: list[tuple[int, int]], indent: int) -> None:
    """Leave the lists that this mark does not stand in: it belongs to the one whose text it is indented to."""
    while open_lists and indent < min(open_lists[-1][1], open_lists[-1][0] + 2):
        open_lists.pop()


def _indent(open_lists: list[tuple[int, int]], written: int) -> str:
    base = open_lists[0][0] if open_lists else written
    return " " * (base + DEEP * len(open_lists))


def _continued(open_lists: list[tuple[int, int]], line: str) -> str:
    """A line below an item, moved as far as the item was."""
    if not open_lists or not line.strip() or not line.startswith(" "):
        return line
    written = len(line) - len(line.lstrip(" "))
    depth = sum(written >= min(text, mark + 2) for mark, text in open_lists)
    if not depth:
        return line
    extra = max(0, written - max(open_lists[depth - 1][1], open_lists[depth - 1][0] + DEEP))
    return " " * (open_lists[0][0] + DEEP * depth + extra) + line.lstrip(" ")


def _is_text(line: str) -> bool:
    return bool(line.strip()) and not ITEM.match(line) and not OTHER_BLOCK.match(line)
