"""Quiz Markdown cut into blocks: headings with attributes, stems, answer items, explanations."""

import re
from dataclasses import dataclass, field, replace

from lms.course.fences import Fence
from lms.course.problems import N_, Problem, error
from lms.course.questions import Block, Item, Shape
from lms.course.questions.cloze import gaps
from lms.course.questions.matching import ARROW

HEADING = re.compile(r"(#{1,6})[ \t]+(.*)$")
TICK = re.compile(r"[-*+] \[([^\]]{0,8})\](?: +(.*))?$")
BULLET = re.compile(r"[-*+] +(.*)$")
NUMBERED = re.compile(r"\d{1,3}[.)] +(.*)$")
ANSWER = re.compile(r"(?:Đáp án|Answer):[ \t]*(.*)$", re.IGNORECASE)
RESPONSE = re.compile(r"(?:Trả lời|Response):[ \t]*(.*)$", re.IGNORECASE)
RUBRIC = re.compile(r"(?:Thang điểm|Rubric):[ \t]*$", re.IGNORECASE)
HINT = re.compile(r"(?:Gợi ý|Hint):[ \t]*(.*)$", re.IGNORECASE | re.DOTALL)
SHARE = re.compile(r"\[([^\]]{0,8})\] *(.*)$")
KNOWN_SETTINGS = frozenset({"points", "shuffle", "select", "case"})
MARK = re.compile(r"[xX ]?$|-?\d{1,3}([.,]\d{1,3})?%$")


@dataclass
class Chunk:
    """One heading with the lines under it; line numbers count from 1 in the file."""

    level: int
    title: str
    line: int
    lines: list[tuple[int, str]] = field(default_factory=list)


def chunks(body: str, first_line: int) -> list[Chunk]:
    """The text before the first heading (level 0), then a chunk for each heading outside code."""
    found, fence = [Chunk(0, "", first_line)], Fence()
    for number, line in enumerate(body.split("\n"), start=first_line):
        heading = None if fence.covers(line) else HEADING.match(line)
        if heading:
            found.append(Chunk(len(heading[1]), heading[2].strip(), number))
        else:
            found[-1].lines.append((number, line))
    return found


def attributes(path: str, chunk: Chunk) -> tuple[str, str, tuple[str, ...], dict[str, str], list[Problem]]:
    """Title, id, tags and settings in a heading's braces."""
    title, brace, inside = chunk.title.rpartition("{")
    if not brace or not inside.endswith("}") or "}" in inside[:-1]:
        return chunk.title, "", (), {}, []
    identity, tags, settings, problems = "", [], {}, []
    for word in inside[:-1].split():
        name, equals, value = word.partition("=")
        if identity and word.startswith("#"):
            message = N_("two ids stand in the braces, “#%(one)s” and “%(two)s”; keep one")
            problems.append(error(path, chunk.line, message, one=identity, two=word[:100]))
        elif word.startswith("#") and len(word) > 1:
            identity = word[1:]
        elif word.startswith(".") and len(word) > 1:
            tags.append(word[1:])
        elif equals and name in KNOWN_SETTINGS:
            settings[name] = value.strip("\"'")
        else:
            message = N_("“%(word)s” in the braces is not known; write #id, .tag, points=, shuffle=, select= or case=")
            problems.append(error(path, chunk.line, message, word=word[:100]))
    return title.rstrip(), identity, tuple(tags), settings, problems


@dataclass
class _Draft:
    """A question while its lines are being cut."""

    path: str
    title: str
    shape: Shape
    answer_line: int
    items: list[Item] = field(default_factory=list)
    response: str = ""
    explanation: list[str] = field(default_factory=list)
    hint: str = ""

    def wrong(self, line: int, message: str, **values: str | int) -> Problem:
        """A problem of this question."""
        return error(self.path, line, message, title=self.title, **values)


Rows = list[tuple[int, str]]


def block(path: str, chunk: Chunk) -> tuple[Block | None, list[Problem]]:
    """The question of a level-two chunk, or what keeps it from being one."""
    title, identity, tags, settings, problems = attributes(path, chunk)
    start, shape, more = _answer_start(path, chunk, title)
    problems += more
    if start is None or shape is None:
        return None, problems
    draft = _Draft(path, title, shape, chunk.lines[start][0] if start < len(chunk.lines) else chunk.line)
    stem = "\n".join(line for _, line in chunk.lines[:start])
    problems += _answer(chunk.lines[start:], draft)
    if any(found.is_error for found in problems):
        return None, problems
    lead = len(stem) - len(stem.lstrip("\n"))  # a gap's line is counted from the heading
    made = Block(
        id=identity,
        title=title,
        line=chunk.line,
        end=max([chunk.line, *(number for number, line in chunk.lines if line.strip())]),
        shape=shape,
        items=tuple(draft.items),
        answer_line=draft.answer_line,
        response=draft.response,
        stem=stem.strip() if shape is not Shape.GAPS else stem[lead:].rstrip(),
        tags=tags,
        settings=settings,
        explanation="\n".join(draft.explanation).strip(),
        hint=draft.hint,
    )
    return made, problems


def _answer_start(path: str, chunk: Chunk, title: str) -> tuple[int | None, Shape | None, list[Problem]]:
    """Where the one answer block begins: an index into the chunk's lines; and what it looks like."""
    ticks, labels = _signs(chunk.lines)
    asked = "\n".join(line for _, line in chunk.lines[: _before_quotes(chunk.lines)])  # an explanation asks nothing
    has_gaps = "[[" in asked and bool(gaps(asked))
    if len(labels) > 1 or bool(ticks) + bool(labels) + has_gaps > 1:
        second = max(ticks[-1] if ticks else -1, labels[-1][0] if labels else -1)
        message = N_("question “%(title)s” has two answer blocks; keep one")
        return None, None, [error(path, chunk.lines[second][0], message, title=title)]
    if labels:
        return labels[0][0], labels[0][1], []
    if ticks:
        return _whole_list(chunk.lines, ticks), Shape.TICKS, []
    end = _before_quotes(chunk.lines)
    if has_gaps:
        return end, Shape.GAPS, []
    return _last_list(path, chunk, title, end)


def _signs(rows: Rows) -> tuple[list[int], list[tuple[int, Shape]]]:
    """The lines with a tick box, and those with a label that begins an answer block; code is left alone."""
    fence = Fence()
    ticks: list[int] = []
    labels: list[tuple[int, Shape]] = []
    for index, (_, line) in enumerate(rows):
        if fence.covers(line):
            continue
        after_blank = index == 0 or not rows[index - 1][1].strip()
        if TICK.match(line) and not (labels and _is_weighed(line)):
            ticks.append(index)
        elif after_blank and ANSWER.match(line):
            labels.append((index, Shape.ANSWER))
        elif after_blank and RESPONSE.match(line):
            labels.append((index, Shape.RESPONSE))
    return ticks, labels


def _is_weighed(line: str) -> bool:
    """“- [80%] …” below “Đáp án:” weighs an accepted answer; it is no option."""
    match = TICK.match(line)
    return match is not None and match[1].strip().endswith("%")


def _whole_list(rows: Rows, ticks: list[int]) -> int:
    """The first item of the last list: items without a box above the first tick belong to it too."""
    start = ticks[-1]
    for index in range(ticks[-1] - 1, -1, -1):
        line = rows[index][1]
        if BULLET.match(line):
            start = index
        elif line.strip() and not line.startswith((" ", "\t")):
            break
    return start


def _before_quotes(rows: Rows) -> int:
    """The index after the last line that is neither blank nor part of the quotes at the end."""
    end = len(rows)
    while end and (not rows[end - 1][1].strip() or rows[end - 1][1].startswith(">")):
        end -= 1
    return end


def _last_list(path: str, chunk: Chunk, title: str, end: int) -> tuple[int | None, Shape | None, list[Problem]]:
    """A list at the very end: pairs or steps; else there is no answer block."""
    rows = chunk.lines
    item = NUMBERED if _last_item(rows, end, NUMBERED) else BULLET
    starts: list[int] = []
    for index in range(end - 1, -1, -1):
        line = rows[index][1]
        if item.match(line):
            starts.append(index)
        elif line.strip() and not line.startswith((" ", "\t")):
            break
    if starts and item is NUMBERED:
        return starts[-1], Shape.STEPS, []
    if any(ARROW.search(rows[index][1]) for index in starts):
        return starts[-1], Shape.PAIRS, []
    message = N_(
        "question “%(title)s” has no answer block; write options “- [x] …” and “- [ ] …”, or “Đáp án: …” after a blank line"
    )
    return None, None, [error(path, chunk.line, message, title=title)]


def _last_item(rows: Rows, end: int, item: re.Pattern[str]) -> bool:
    """Whether the last line at the margin is such an item."""
    for index in range(end - 1, -1, -1):
        line = rows[index][1]
        if line.strip() and not line.startswith((" ", "\t")):
            return bool(item.match(line))
    return False


def _answer(rows: Rows, draft: _Draft) -> list[Problem]:
    """Items with their feedback, then explanation and hint."""
    problems: list[Problem] = []
    index = _label(rows, draft)
    while index < len(rows):
        number, line = rows[index]
        if line.startswith(">"):
            index = _quote(rows, index, draft)
            continue
        if line.startswith((" ", "\t")) and line.strip() and draft.items and not draft.explanation:
            _continue_item(draft, line.strip())
        elif line.strip() and (draft.explanation or not _is_item(draft, number, line, problems)):
            problems.append(
                draft.wrong(
                    number, N_("question “%(title)s”: text after the answer; begin it with “> ” if it explains")
                )
            )
        index += 1
    return problems


def _label(rows: Rows, draft: _Draft) -> int:
    """The line that begins the block, where one does; the index after it, and after the rubric's own label."""
    if draft.shape is Shape.ANSWER:
        number, line = rows[0]
        match = ANSWER.match(line)
        if match and match[1].strip():
            draft.items += [_accepted(number, part) for part in re.split(r"(?<!\\)\|", match[1].strip())]
        return 1
    if draft.shape is Shape.RESPONSE:
        match = RESPONSE.match(rows[0][1])
        draft.response = " ".join(match[1].split()) if match else ""
        label = next((index for index, (_, line) in enumerate(rows[1:], start=1) if line.strip()), 0)
        return label + 1 if label and RUBRIC.match(rows[label][1]) else 1
    return 0


def _is_item(draft: _Draft, number: int, line: str, problems: list[Problem]) -> bool:
    """Take the line as an item of the block; False when it is none."""
    match = (NUMBERED if draft.shape is Shape.STEPS else BULLET).match(line)
    if draft.shape is Shape.TICKS and (match or TICK.match(line)):
        problems += _option(number, line, draft)
    elif draft.shape is Shape.ANSWER and match:
        draft.items.append(_accepted(number, match[1]))
    elif draft.shape in (Shape.PAIRS, Shape.STEPS, Shape.RESPONSE) and match:
        draft.items.append(Item(line=number, text=match[1].strip()))
    else:
        return False
    return True


def _option(number: int, line: str, draft: _Draft) -> list[Problem]:
    match = TICK.match(line)
    if match is None:
        text = BULLET.match(line)
        message = N_("question “%(title)s”: the option “%(option)s” has no tick box; write “- [ ] …” or “- [x] …”")
        return [draft.wrong(number, message, option=(text[1] if text else line)[:60])]
    if not MARK.match(match[1]):
        message = N_("question “%(title)s”: “[%(mark)s]” is not a tick box; write [x], [ ] or [50%%]")
        return [draft.wrong(number, message, mark=match[1])]
    draft.items.append(Item(line=number, text=(match[2] or "").strip(), mark=match[1].strip().lower()))
    return []


def _continue_item(draft: _Draft, text: str) -> None:
    """An indented line: feedback when quoted, else more of the option's text."""
    item = draft.items[-1]
    if text.startswith(">"):
        feedback = f"{item.feedback}\n{text[1:].strip()}".strip()
        draft.items[-1] = replace(item, feedback=feedback)
    else:
        draft.items[-1] = replace(item, text=f"{item.text}\n{text}")


def _quote(rows: Rows, index: int, draft: _Draft) -> int:
    """A block quote: the hint when it says so, else the explanation; the index after it."""
    quoted = []
    while index < len(rows) and rows[index][1].startswith(">"):
        quoted.append(rows[index][1][1:].removeprefix(" "))
        index += 1
    text = "\n".join(quoted)
    if hint := HINT.match(text):
        draft.hint = hint[1].strip()
    else:
        draft.explanation += [*([""] if draft.explanation else []), text]
    return index


def _accepted(number: int, text: str) -> Item:
    share = SHARE.match(text.strip())
    if share and share[1].strip().endswith("%"):
        return Item(line=number, text=share[2].strip(), mark=share[1].strip())
    return Item(line=number, text=text.strip())
