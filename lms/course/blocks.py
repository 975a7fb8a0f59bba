"""Quiz Markdown cut into blocks: headings with attributes, stems, answer items, explanations."""

import re
from dataclasses import dataclass, field

from lms.course.problems import N_, Problem, error
from lms.course.questions import Block, Item, Shape

HEADING = re.compile(r"(#{1,6})[ \t]+(.*)$")
ATTRIBUTES = re.compile(r"[ \t]*\{([^{}]*)\}[ \t]*$")
TICK = re.compile(r"[-*+] \[([^\]]{0,8})\](?: +(.*))?$")
BULLET = re.compile(r"[-*+] +(.*)$")
NUMBERED = re.compile(r"\d{1,3}[.)] +(.*)$")
ANSWER = re.compile(r"(?:Đáp án|Answer):[ \t]*(.*)$", re.IGNORECASE)
RESPONSE = re.compile(r"(?:Trả lời|Response):", re.IGNORECASE)
HINT = re.compile(r"(?:Gợi ý|Hint):[ \t]*(.*)$", re.IGNORECASE | re.DOTALL)
SHARE = re.compile(r"\[([^\]]{0,8})\] *(.*)$")
FENCE = re.compile(r"[ ]{0,3}(```+|~~~+)")
CLOZE = re.compile(r"(?<!\\)\[\[[^\[\]]*\]\]")
PAIR = re.compile(r"(?<!\\)(?:->|→)")
LATER = N_("question “%(title)s”: %(kind)s questions are not available in this version yet; use one of the five types")
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
    found, fence = [Chunk(0, "", first_line)], ""
    for number, line in enumerate(body.split("\n"), start=first_line):
        mark = FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence):
            fence = ""
        heading = HEADING.match(line) if not fence else None
        if heading:
            found.append(Chunk(len(heading[1]), heading[2].strip(), number))
        else:
            found[-1].lines.append((number, line))
    return found


def attributes(path: str, chunk: Chunk) -> tuple[str, str, tuple[str, ...], dict[str, str], list[Problem]]:
    """Title, id, tags and settings in a heading's braces."""
    match = ATTRIBUTES.search(chunk.title)
    if not match:
        return chunk.title, "", (), {}, []
    title = chunk.title[: match.start()].rstrip()
    identity, tags, settings, problems = "", [], {}, []
    for word in match[1].split():
        name, equals, value = word.partition("=")
        if word.startswith("#"):
            identity = word[1:]
        elif word.startswith("."):
            tags.append(word[1:])
        elif equals and name in KNOWN_SETTINGS:
            settings[name] = value.strip("\"'")
        else:
            problems.append(
                error(
                    path,
                    chunk.line,
                    N_("“%(word)s” in the braces is not known; write #id, .tag, points=, shuffle=, select= or case="),
                    word=word,
                )
            )
    return title, identity, tuple(tags), settings, problems


@dataclass
class _Draft:
    """A question while its lines are being cut."""

    stem: list[str] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    shape: Shape | None = None
    answer_line: int = 0
    explanation: list[str] = field(default_factory=list)
    hint: str = ""


def block(path: str, chunk: Chunk) -> tuple[Block | None, list[Problem]]:
    """The question of a level-two chunk, or what keeps it from being one."""
    title, identity, tags, settings, problems = attributes(path, chunk)
    start, shape, more = _answer_start(path, chunk, title)
    problems += more
    if start is None or shape is None:
        return None, problems
    draft = _Draft(shape=shape, answer_line=chunk.lines[start][0])
    draft.stem = [line for _, line in chunk.lines[:start]]
    problems += _answer(path, chunk, title, start, draft)
    stem = "\n".join(draft.stem).strip()
    if CLOZE.search(stem):
        problems.append(error(path, chunk.line, LATER, title=title, kind="[[…]]"))
    if any(found.is_error for found in problems):
        return None, problems
    made = Block(
        id=identity,
        title=title,
        line=chunk.line,
        shape=shape,
        items=tuple(draft.items),
        answer_line=draft.answer_line,
        stem=stem.replace("\\[[", "[[").replace("\\->", "->"),
        tags=tags,
        settings=settings,
        explanation="\n".join(draft.explanation).strip(),
        hint=draft.hint,
    )
    return made, problems


def _answer_start(path: str, chunk: Chunk, title: str) -> tuple[int | None, Shape | None, list[Problem]]:
    """Where the one answer block begins: an index into the chunk's lines."""
    rows, fence = chunk.lines, ""
    ticks: list[int] = []
    answers: list[int] = []
    lists: list[int] = []
    for index, (_, line) in enumerate(rows):
        mark = FENCE.match(line)
        if mark:
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
            continue
        if fence:
            continue
        after_blank = index == 0 or not rows[index - 1][1].strip()
        if TICK.match(line) and not (answers and _is_weighed(line)):
            ticks.append(index)
        elif after_blank and ANSWER.match(line):
            answers.append(index)
        elif after_blank and RESPONSE.match(line):
            return None, None, [error(path, rows[index][0], LATER, title=title, kind="“Trả lời:”")]
        elif BULLET.match(line) or NUMBERED.match(line):
            lists.append(index)
    return _decide(path, chunk, title, ticks, answers, lists)


def _is_weighed(line: str) -> bool:
    """“- [80%] …” below “Đáp án:” weighs an accepted answer; it is no option."""
    match = TICK.match(line)
    return match is not None and match[1].strip().endswith("%")


def _decide(
    path: str, chunk: Chunk, title: str, ticks: list[int], answers: list[int], lists: list[int]
) -> tuple[int | None, Shape | None, list[Problem]]:
    """One answer block, or why it is none or several; the lists are indexes into the chunk's lines."""
    rows = chunk.lines
    if len(answers) > 1 or (ticks and answers):
        second = max(answers[-1], ticks[-1] if ticks else -1)
        return (
            None,
            None,
            [error(path, rows[second][0], N_("question “%(title)s” has two answer blocks; keep one"), title=title)],
        )
    if answers:
        return answers[0], Shape.ANSWER, []
    if ticks:
        return _whole_list(rows, ticks), Shape.TICKS, []
    return None, None, [_no_answer(path, chunk, title, lists)]


def _whole_list(rows: list[tuple[int, str]], ticks: list[int]) -> int:
    """The first item of the last list: items without a box above the first tick belong to it too."""
    start = ticks[-1]
    for index in range(ticks[-1] - 1, -1, -1):
        line = rows[index][1]
        if BULLET.match(line):
            start = index
        elif line.strip() and not line.startswith((" ", "\t")):
            break
    return start


def _no_answer(path: str, chunk: Chunk, title: str, lists: list[int]) -> Problem:
    """Why there is no answer block: another type's shape, or none at all."""
    if lists:
        line, text = chunk.lines[lists[-1]]
        if PAIR.search(text):
            return error(path, line, LATER, title=title, kind="“→”")
        if NUMBERED.match(text):
            return error(path, line, LATER, title=title, kind="“1. 2. 3.”")
    return error(
        path,
        chunk.line,
        N_(
            "question “%(title)s” has no answer block; write options “- [x] …” and “- [ ] …”, or “Đáp án: …” after a blank line"
        ),
        title=title,
    )


def _answer(path: str, chunk: Chunk, title: str, start: int, draft: _Draft) -> list[Problem]:
    """Items with their feedback from `start` on, then explanation and hint."""
    rows, problems, index = chunk.lines[start:], [], 0
    if draft.shape is Shape.ANSWER:
        index = _written_answers(rows, draft)
    while index < len(rows):
        number, line = rows[index]
        if draft.shape is Shape.TICKS and not draft.explanation and (BULLET.match(line) or TICK.match(line)):
            problems += _option(path, title, number, line, draft)
        elif line.startswith((" ", "\t")) and line.strip() and draft.items and not draft.explanation:
            _continue_item(draft, line.strip())
        elif line.startswith(">"):
            index = _quote(rows, index, draft)
            continue
        elif line.strip():
            problems.append(
                error(
                    path,
                    number,
                    N_("question “%(title)s”: text after the answer; begin it with “> ” if it explains"),
                    title=title,
                )
            )
        index += 1
    return problems


def _option(path: str, title: str, number: int, line: str, draft: _Draft) -> list[Problem]:
    match = TICK.match(line)
    if match is None:
        text = BULLET.match(line)
        return [
            error(
                path, number,
                N_("question “%(title)s”: the option “%(option)s” has no tick box; write “- [ ] …” or “- [x] …”"),
                title=title, option=(text[1] if text else line)[:60],
            )
        ]  # fmt: skip
    if not MARK.match(match[1]):
        return [
            error(
                path,
                number,
                N_("question “%(title)s”: “[%(mark)s]” is not a tick box; write [x], [ ] or [50%%]"),
                title=title,
                mark=match[1],
            )
        ]
    draft.items.append(Item(line=number, text=(match[2] or "").strip(), mark=match[1].strip().lower()))
    return []


def _continue_item(draft: _Draft, text: str) -> None:
    """An indented line: feedback when quoted, else more of the option's text."""
    item = draft.items[-1]
    if text.startswith(">"):
        feedback = f"{item.feedback}\n{text[1:].strip()}".strip()
        draft.items[-1] = Item(line=item.line, text=item.text, mark=item.mark, feedback=feedback)
    else:
        draft.items[-1] = Item(line=item.line, text=f"{item.text}\n{text}", mark=item.mark, feedback=item.feedback)


def _quote(rows: list[tuple[int, str]], index: int, draft: _Draft) -> int:
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


def _written_answers(rows: list[tuple[int, str]], draft: _Draft) -> int:
    """`Đáp án: a | b` on one line, or the label and a list under it; the index after them."""
    number, line = rows[0]
    match = ANSWER.match(line)
    rest = match[1].strip() if match else ""
    if rest:
        draft.items += [_accepted(number, part) for part in re.split(r"(?<!\\)\|", rest)]
        return 1
    index = 1
    while index < len(rows) and (not rows[index][1].strip() or BULLET.match(rows[index][1])):
        number, line = rows[index]
        if item := BULLET.match(line):
            draft.items.append(_accepted(number, item[1]))
        index += 1
    return index


def _accepted(number: int, text: str) -> Item:
    share = SHARE.match(text.strip())
    if share and share[1].strip().endswith("%"):
        return Item(line=number, text=share[2].strip(), mark=share[1].strip())
    return Item(line=number, text=text.strip())
