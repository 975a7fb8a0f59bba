"""What was typed into the form as the text of a question, proven by reading it again."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from lms.course import numerals, write
from lms.course.blocks import HEADING, block, chunks
from lms.course.desk import Desk, is_id
from lms.course.fences import FENCE
from lms.course.problems import N_, Problem, error, same
from lms.course.question_form import CELLS, LIMITS, SETTINGS, Filled, Row, fields
from lms.course.questions import Question, Shape
from lms.course.questions.base import item_lines
from lms.course.questions.cloze import gaps
from lms.course.questions.essay import Essay
from lms.course.questions.file import FileUpload
from lms.course.questions.matching import escaped
from lms.course.quizzes import question
from lms.course.write import Named

Taken = Mapping[str, tuple[str, int]]
"""The ids of a course, each with its file and line."""
WHOLE = re.compile(r"\d{1,5}")
MISREAD = {
    "kind": N_("The answers read as another kind of question than the one chosen; change the answers or the kind."),
    "id": N_("The id may only have a–z, 0–9 and single hyphens."),
    "title": N_("The title cannot be kept like this; leave out “{” and “}”."),
    "tags": N_("A tag is one word of letters, digits and hyphens; put a space between two tags."),
    "stem": N_(
        "A line of the question would be read as a part of the answers; end the question with a plain sentence, not with a list or a quotation, and begin no line with “[x]”, “Đáp án:” or “Trả lời:”."
    ),
    "hint": N_("The hint would be read as something else; begin it with a plain word."),
    "explanation": N_("The explanation would be read as the hint; begin it with another word."),
    "rows": N_("Row %(row)s would be read as something else; begin it with a plain word and write it on one line."),
}
HEADS = N_(
    "Line %(row)s of the question begins with “#”, which would begin another question; take the “#” out or write “\\#”."
)
OPEN_CODE = N_(
    "A code block that begins with “%(fence)s” is not closed; write the same signs alone on a line after it."
)
CODE_IN_LESSON = N_(
    "“%(fence)s” alone on a line would end the self-check in the lesson; write the code block with “%(other)s”."
)
GAPS = N_("“[[…]]” is a gap to fill in; choose the kind with gaps, or write “\\[[” for plain brackets.")
NO_GAP = N_("The text has no gap yet; write what is left out in double brackets: “[[Hà Nội]]”.")
ONE_RIGHT = N_(
    "This kind of question has one right option only; mark one as right, or choose the kind with several right options."
)
SIMPLE_ROW = N_("Row %(row)s: a blank line, or a line that begins with a space or “>”, cannot stand here; take it out.")
NO_TITLE = N_("The title is missing; write a few words by which lists and reports name the question.")
NO_ROWS = N_("The answers are missing; write them in the rows.")
NO_POINTS = N_("Write how many points the question is worth, for example 2 or 1,5.")
NO_NUMBER = N_("Write a whole number here, or leave the field empty.")
BY_PERSON = N_("question “%(title)s”: a self-check is marked at once; essays and files have their place in a quiz")


@dataclass(frozen=True)
class Wrong:
    """What is wrong, and the field of the form to cure it in."""

    field: str
    problem: Problem

    def text(self, translate: Callable[[str], str] = same) -> str:
        return self.problem.text(translate)


@dataclass(frozen=True)
class Made:
    """The lines for the file and the question they are read as; without a question what is wrong says why."""

    block: str
    question: Question | None
    wrong: tuple[Wrong, ...]


def written(filled: Filled) -> str:
    """The question as `lms.course.write` writes it."""
    return "\n".join(line for _, line in _lines(filled))


def made(filled: Filled, *, source: str = "", fence: str = "", taken: Taken | None = None) -> Made:
    """The lines of the question, checked; what was not changed keeps the words of its `source`.

    `fence` is the fence around it in a lesson. A new question gets an id that nobody has taken.
    """
    before = _read(source)[0] if source else None
    ids = {name: place for name, place in (taken or {}).items() if before is None or name != before.id}
    filled = filled if filled.id else replace(filled, id=free_id(filled.title, ids))
    lines = _lines(filled)
    text = "\n".join(line for _, line in lines)
    if wrong := tuple(_hazards(filled, lines, fence)):
        return Made(text, None, wrong)
    found, problems = _read(text, ids)
    if found is None or problems:
        return Made(text, None, tuple(_blamed(problems, lines, filled)))
    if wrong := tuple(_differences(filled, fields(found))):
        return Made(text, None, wrong)
    if fence and found.needs_person:
        return Made(text, None, (Wrong("kind", error("", 1, BY_PERSON, title=found.title)),))
    own_words = kept(filled, source, before) if before else ""
    same_again = bool(own_words) and _read(own_words, ids)[0] == found and not list(_fences(_unnamed(own_words), fence))
    return Made(own_words if same_again else text, found, ())


def free_id(title: str, taken: Taken) -> str:
    """An id in letters without marks made of the title, with a number when it is taken."""
    plain = unicodedata.normalize("NFKD", title.casefold().replace("đ", "d"))
    words = re.findall(r"[a-z0-9]+", "".join(c for c in plain if not unicodedata.combining(c)))
    stem = "-".join(words)[:40].strip("-") or "cau"
    names = [stem if words else f"{stem}-1", *(f"{stem}-{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken and name != "introduction")


# Writing


def _lines(filled: Filled) -> Named:
    """Every line of the question with the field it comes from."""
    settings = {}
    if SETTINGS.get(filled.kind) == "shuffle" and not filled.shuffle:
        settings["shuffle"] = "no"
    if filled.kind == "multiple_choice" and sum(row["mark"] == "x" for _, row in filled.given) < 2:
        settings["select"] = "many"
    if SETTINGS.get(filled.kind) == "case" and filled.case:
        settings["case"] = "yes"
    top = write.heading(filled.title, filled.id, filled.tags.split(), _unmistakable(filled.points), settings)
    return write.named_lines(top, filled.stem, list(_answers(filled)), filled.hint, filled.explanation)


def _answers(filled: Filled) -> Iterator[tuple[str, str]]:
    """The answer block, the field of each line beside it."""
    first = next(iter(CELLS[filled.kind]), "")
    top = f"row-{filled.given[0][0]}-{first}" if filled.given else "add"
    if filled.kind == "short_text":
        yield from ((top, "Đáp án:"), (top, ""))
    elif filled.kind in LIMITS:
        yield f"limit-{LIMITS[filled.kind][0]}", _response(filled)
        if filled.given:
            yield from ((top, ""), (top, "Thang điểm:"), (top, ""))
    for number, (place, row) in enumerate(filled.given, start=1):
        yield from ((f"row-{place}-{first}", line) for line in _row_lines(filled.kind, number, row))


def _row_lines(kind: str, number: int, row: Row) -> list[str]:
    if kind == "numeric":
        return [f"Đáp án: {row['text']}"]
    if kind == "short_text":
        worth = f"[{row['weight']}] " if row["weight"] else ""
        return item_lines(f"- {worth}", f"“{row['text']}”", row["feedback"])
    if kind == "matching":
        left = f"{escaped(row['left'])} " if row["left"] else ""
        return item_lines("- ", f"{left}-> {row['right']}")
    if kind == "ordering":
        return item_lines(f"{number}. ", row["text"])
    if kind in LIMITS:
        return item_lines(f"- {_unmistakable(row['points'])} điểm: ", row["text"])
    return item_lines(f"- [{row['mark'] or ' '}] ", row["text"], row["feedback"])


def _response(filled: Filled) -> str:
    """What stands behind “Trả lời:”, as the types themselves write it; a number that is none counts as not given."""
    numbers: dict[str, Any] = {name: int(value) for name, value in filled.limits.items() if WHOLE.fullmatch(value)}
    one: Essay | FileUpload
    if filled.kind == "essay":
        one = Essay(id="", title="", **numbers)
    else:
        one = FileUpload(id="", title="", suffixes=tuple(filled.limits.get("suffixes", "").split()), **numbers)
    return one.answer_lines()[0]


def _unmistakable(value: str) -> str:
    """A number as it is written, or whatever was typed for the parser to say what is wrong with it."""
    number = _number(value)
    return value if number is None else numerals.comma_unmistakable(number)


def _number(value: str) -> Decimal | None:
    try:
        return numerals.number(value)
    except numerals.AmbiguousNumber:
        return None


# What was not changed keeps its words


def kept(filled: Filled, source: str, before: Question) -> str:
    """The question with those parts of its source that say what the form says; the others are written."""
    old, was, now = _parts(source), _by_part(_lines(fields(before))), _by_part(_lines(filled))
    out: list[str] = []
    for part, blanks in (("title", 0), ("stem", 0), ("answers", 1), ("quotes", 1)):
        lines = old[part] if was[part] == now[part] else now[part]
        gap = next((n for n, line in enumerate(old[part]) if line.strip()), blanks)
        body = lines[next((n for n, line in enumerate(lines) if line.strip()), 0) :]
        out += [*([""] * gap), *body] if any(line.strip() for line in lines) else []
    return "\n".join(out)


def _by_part(lines: Named) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"title": [], "stem": [], "answers": [], "quotes": []}
    part = "title"
    for name, line in lines:
        if name:
            part = "quotes" if name in ("hint", "explanation") else name if name in found else "answers"
        found[part].append(line)
    return {part: "\n".join(rows).strip("\n").split("\n") if rows else [] for part, rows in found.items()}


def _parts(source: str) -> dict[str, list[str]]:
    """The source's lines cut where the parser cuts them; blank lines stand before what they part."""
    chunk = chunks(source, 1)[1]
    lines = source.split("\n")
    end = len(lines)
    while end > 1 and (not lines[end - 1].strip() or lines[end - 1].startswith(">")):
        end -= 1
    cut, _ = block("", chunk)
    start = end if cut is None or cut.shape is Shape.GAPS else cut.answer_line - 1
    while start > 1 and not lines[start - 1].strip():
        start -= 1
    return {"title": lines[:1], "stem": lines[1:start], "answers": lines[start:end], "quotes": lines[end:]}


# Reading again


def _read(text: str, taken: Taken | None = None) -> tuple[Question | None, list[Problem]]:
    """The one question in these lines."""
    found, desk = chunks(text, 1), Desk("")
    if len(found) != 2 or found[1].level != 2:
        return None, desk.problems
    read = question(desk, found[1])
    for named in desk.named:
        if place := (taken or {}).get(named.id):
            message = N_("the id “%(id)s” stands already at %(place)s; choose another")
            desk.wrong(named.line, message, id=named.id, place=f"{place[0]}:{place[1]}")
    return read, desk.problems


def _unnamed(text: str) -> Named:
    return [("", line) for line in text.split("\n")]


def _hazards(filled: Filled, lines: Named, fence: str) -> Iterator[Wrong]:
    """What would change the structure of the file, said in the words of the form."""
    yield from _in_heading(filled)
    if CELLS[filled.kind] and filled.kind not in LIMITS and not any(any(row.values()) for _, row in filled.given):
        yield _wrong(f"row-0-{CELLS[filled.kind][0]}" if filled.rows else "add", NO_ROWS)
    yield from _in_stem(filled)
    yield from _fences(lines, fence)
    if filled.kind == "single_choice":
        marked = [place for place, row in filled.given if row["mark"] == "x"]
        yield from (_wrong(f"row-{place}-mark", ONE_RIGHT) for place in marked[1:2])
    for place, row in filled.given:
        for cell, value in row.items():
            if any(not line or line[0] in " \t>" for line in value.split("\n")[1:]):
                yield _wrong(f"row-{place}-{cell}", SIMPLE_ROW, row=place + 1)
    for name, value in filled.limits.items():
        if value and name != "suffixes" and not WHOLE.fullmatch(value):
            yield _wrong(f"limit-{name}", NO_NUMBER)


def _in_heading(filled: Filled) -> Iterator[Wrong]:
    if not filled.title:
        yield _wrong("title", NO_TITLE)
    if not is_id(filled.id):
        yield _misread("id")
    if any(sign in filled.tags for sign in "{}"):
        yield _misread("tags")
    if not numerals.readings(filled.points):
        yield _wrong("points", NO_POINTS)


def _in_stem(filled: Filled) -> Iterator[Wrong]:
    fence = ""
    for number, line in enumerate(filled.stem.split("\n"), start=1):
        if mark := FENCE.match(line):
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
        elif not fence and HEADING.match(line):
            yield _wrong("stem", HEADS, row=number)
    if filled.kind == "cloze":
        if not gaps(filled.stem):
            yield _wrong("stem", NO_GAP)
        return
    texts = {"title": filled.title, "stem": filled.stem, "hint": filled.hint, "explanation": filled.explanation}
    cells = {f"row-{place}-{cell}": value for place, row in filled.given for cell, value in row.items()}
    yield from (_wrong(name, GAPS) for name, value in (texts | cells).items() if gaps(value) and name != "title")


def _fences(lines: Named, around: str) -> Iterator[Wrong]:
    """Code that is not closed swallows what follows; in a lesson the self-check's own fence must not stand in it."""
    fence, where = "", ""
    for name, line in lines:
        mark = FENCE.match(line)
        if mark is None:
            continue
        if around and mark[1].startswith(around) and not line.strip().strip(around[0]):
            other = "~~~" if around[0] == "`" else "```"
            yield _wrong(name or "stem", CODE_IN_LESSON, fence=mark[1][:20], other=other)
            return
        fence, where = ("", "") if fence and mark[1].startswith(fence) else (fence or mark[1], where or name)
    if fence:
        yield _wrong(where or "stem", OPEN_CODE, fence=fence[:20])


def _differences(typed: Filled, read: Filled) -> Iterator[Wrong]:
    """Where the question that is read is not the one that was typed."""
    one, two = _meaning(typed), _meaning(read)
    different = [name for name in one if one[name] != two[name]]
    if different and different != ["rows"]:
        yield from (_misread(name) for name in different[:1])
    elif different:
        first = next(iter(CELLS[typed.kind]), "")
        rows = [*two["rows"], *[None] * len(one["rows"])]
        places = [place for place, row, other in zip(_places(typed), one["rows"], rows, strict=False) if row != other]
        place = places[0] if places else 0
        yield _wrong(f"row-{place}-{first}", MISREAD["rows"], row=place + 1)


def _meaning(filled: Filled) -> dict[str, Any]:
    """What must be the same before and after, numbers by their value; the parser has judged those already."""
    rows = dict(filled.given)
    return {
        "kind": filled.kind,
        "title": filled.title,
        "id": filled.id,
        "tags": filled.tags.split(),
        "stem": filled.stem,
        "hint": filled.hint,
        "explanation": filled.explanation,
        "rows": [_row_meaning(filled.kind, rows[place]) for place in _places(filled)],
    }


def _places(filled: Filled) -> list[int]:
    """The places of the rows as the parser orders them: distractors behind the pairs."""
    return [place for place, _ in sorted(filled.given, key=lambda one: not one[1].get("left", "x"))]


def _row_meaning(kind: str, row: Row) -> dict[str, Any]:
    if kind == "numeric":
        return {}
    return {cell: _worth(cell, value) if cell in ("mark", "weight", "points") else value for cell, value in row.items()}


def _worth(cell: str, value: str) -> str | Decimal | None:
    if cell == "weight" and not value:
        return Decimal(100)
    return _number(value.removesuffix("%")) if value[:1].isdigit() or value[:1] in "-−" else value.lower()


def _blamed(problems: list[Problem], lines: Named, filled: Filled) -> Iterator[Wrong]:
    """The fields of what the parser complains about; what is well without its stem suffers from the stem."""
    plain = [line for name, line in lines if name != "stem"]
    if filled.kind != "cloze" and not any(problem.line == 1 for problem in problems) and not _read("\n".join(plain))[1]:
        yield _misread("stem")
        return
    for problem in problems:
        name = lines[problem.line - 1][0]
        if name == "title" and ("grouped" in problem.values or "points=" in problem.message):
            name = "points"
        elif name == "title" and "id" in problem.values:
            name = "id"
        yield Wrong(name or "stem", problem)
    if not problems:
        yield _misread("stem")


def _misread(name: str) -> Wrong:
    return _wrong(name, MISREAD[name])


def _wrong(name: str, message: str, **values: str | int) -> Wrong:
    return Wrong(name, error("", 1, message, **values))
