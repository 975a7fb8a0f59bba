"""Aiken: one line for the question, one for each option, one for the answer; single choice in plain text."""

import re
import string
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from lms.course.problems import N_, Problem
from lms.interop.formats.exchange import Answer, ExchangeQuestion, Markup, Text, Type
from lms.interop.formats.losses import LEFT_OUT, losses, told
from lms.interop.formats.reading import BLANK, QUESTIONS_LIMIT, Reading, brief, lines, read_text

NAME = "Aiken"
OPTION = re.compile(r"([A-Z])[).]")
ANSWER = re.compile(r"ANSWER:[ \t]*(.*)$", re.DOTALL)
MISTYPED_OPTION = re.compile(r"[a-z][).]")
MISTYPED_ANSWER = re.compile(r"(?:answer|ans|đáp án)\s*:", re.IGNORECASE)
LETTERS = string.ascii_uppercase
SHORTEST = 2
"""Bytes; shorter lines are not read."""


@dataclass
class _Draft:
    """A question while its lines are read."""

    line: int
    text: str
    options: list[str] = field(default_factory=list)
    is_broken: bool = False


def read(data: bytes, path: str = "") -> tuple[tuple[ExchangeQuestion, ...], list[Problem]]:
    """The questions and what is wrong; one error, and there are none."""
    return read_text(data, path, _questions)


def _questions(reading: Reading, text: str) -> list[ExchangeQuestion]:
    found: list[ExchangeQuestion] = []
    draft: _Draft | None = None
    for number, line in enumerate(lines(text), start=1):
        if len(line.encode()) < SHORTEST:
            _too_short(reading, number, line)
            continue
        if answer := ANSWER.match(line):
            found += _closed(reading, draft, number, answer[1].strip(BLANK))
            draft = None
        elif draft is None and not OPTION.match(line):
            draft = _Draft(number, line)
        else:
            _more(reading, draft, number, line)
        if len(found) > QUESTIONS_LIMIT:
            reading.wrong(number, N_("the file has more than %(limit)s questions; split it"), limit=QUESTIONS_LIMIT)
        if reading.is_full or len(found) > QUESTIONS_LIMIT:
            return found
    if draft is not None:
        message = N_("question “%(title)s” is not finished; write “ANSWER: B” below its options")
        _break(reading, draft, draft.line, message)
    return found


def _too_short(reading: Reading, number: int, line: str) -> None:
    if line:
        message = N_("Aiken does not read a line as short as “%(written)s”; it was left out")
        reading.warn(number, message, written=line)


def _more(reading: Reading, draft: _Draft | None, number: int, line: str) -> None:
    """An option of the question that is being read, or a line that has no place in it."""
    if option := OPTION.match(line):
        _option(reading, draft, number, option[1], line[option.end() :].strip(BLANK))
    elif draft is not None and not draft.is_broken:
        _second_line(reading, draft, number, line)


def _option(reading: Reading, draft: _Draft | None, number: int, letter: str, text: str) -> None:
    if draft is None:
        message = N_(
            "an option stands before any question; write the question on a line above it. In Aiken a question cannot "
            "begin with a letter and “)” or “.”, as “A. …” does: word it differently"
        )
        reading.wrong(number, message)
        return
    due = LETTERS[len(draft.options)] if len(draft.options) < len(LETTERS) else ""
    if letter != due:
        message = (
            N_("question “%(title)s”: the option “%(letter)s” should be “%(due)s”; letter the options A, B, C in order")
            if due
            else N_("question “%(title)s” has more than 26 options; keep the most telling ones")
        )
        _break(reading, draft, number, message, letter=letter, due=due)
    elif not text:
        _break(
            reading,
            draft,
            number,
            N_("question “%(title)s”: the option “%(letter)s” has no text; write it"),
            letter=letter,
        )
    draft.options.append(text)


def _break(reading: Reading, draft: _Draft, number: int, message: str, **values: str) -> None:
    """Tell what is wrong with the question, once."""
    if not draft.is_broken:
        reading.wrong(number, message, title=brief(draft.text), **values)
    draft.is_broken = True


def _second_line(reading: Reading, draft: _Draft, number: int, line: str) -> None:
    if MISTYPED_ANSWER.match(line):
        message = N_("question “%(title)s”: the right answer is told by “ANSWER: B”, in capital letters")
    elif MISTYPED_OPTION.match(line):
        message = N_("question “%(title)s”: options begin with capital letters: “A) …”")
    elif draft.options:
        message = N_(
            "question “%(title)s”: this line is neither an option nor the answer; write “ANSWER: B” below the options, "
            "and each option on one line"
        )
    else:
        message = N_("question “%(title)s”: a question is one line in Aiken; join this line to it")
    _break(reading, draft, number, message)


def _closed(reading: Reading, draft: _Draft | None, number: int, said: str) -> list[ExchangeQuestion]:
    """The question that this answer ends, if nothing is wrong with it."""
    if draft is None:
        reading.wrong(number, N_("an answer stands without a question; write the question and its options above it"))
        return []
    letter, rest = said[:1], said[1:].strip(f"{BLANK}).")
    right = LETTERS.find(letter) if letter else -1
    if len(draft.options) < 2:
        _break(reading, draft, number, N_("question “%(title)s” needs at least two options: “A) …” and “B) …”"))
    elif right < 0:
        message = N_(
            "question “%(title)s”: “ANSWER: %(said)s” names no option; write one capital letter, as “ANSWER: B”"
        )
        _break(reading, draft, number, message, said=brief(said))
    elif right >= len(draft.options):
        message = N_("question “%(title)s”: there is no option %(letter)s; the last one is %(last)s")
        _break(reading, draft, number, message, letter=letter, last=LETTERS[len(draft.options) - 1])
    if draft.is_broken:
        return []
    if rest:
        message = N_("question “%(title)s”: only “%(letter)s” is the answer; “%(rest)s” behind it was left out")
        reading.warn(number, message, title=brief(draft.text), letter=letter, rest=brief(rest))
    answers = tuple(
        Answer(text=_plain(option), weight=Decimal(100 if place == right else 0))
        for place, option in enumerate(draft.options)
    )
    return [ExchangeQuestion(type=Type.SINGLE_CHOICE, line=draft.line, text=_plain(draft.text), answers=answers)]


def _plain(text: str) -> Text:
    return Text(text=text, markup=Markup.PLAIN)


# Writing


UNWRITABLE = N_("question “%(title)s” was left out: Aiken cannot write a line that begins as “%(written)s”")


def write(questions: Iterable[ExchangeQuestion]) -> tuple[bytes, list[Problem]]:
    """The file, and what it does not hold."""
    blocks: list[str] = []
    problems: list[Problem] = []
    for question in questions:
        rows, more = _rows(question)
        problems += more
        blocks += ["\n".join(rows)] if rows else []
    return ("\n\n".join(blocks) + "\n").encode() if blocks else b"", problems


def _rows(question: ExchangeQuestion) -> tuple[list[str], list[Problem]]:
    """The lines of one question; none when it cannot be written."""
    if question.type is not Type.SINGLE_CHOICE:
        return [], [told(question, LEFT_OUT, format=NAME, type=question.type.value)]
    texts = [_one_line(question.text), *(_one_line(answer.text) for answer in question.answers)]
    right = [place for place, answer in enumerate(question.answers) if answer.weight == 100]
    stem, options = texts[0], texts[1:]
    if not 2 <= len(options) <= len(LETTERS):
        return [], [told(question, N_("question “%(title)s” was left out: Aiken takes 2 to 26 options"))]
    if len(right) != 1:
        return [], [told(question, N_("question “%(title)s” was left out: in Aiken exactly one option is right"))]
    if not all(options) or len(stem.encode()) < SHORTEST:
        return [], [told(question, N_("question “%(title)s” was left out: Aiken needs words in it and in each option"))]
    if OPTION.match(stem) or ANSWER.match(stem):
        return [], [told(question, UNWRITABLE, written=brief(stem))]
    problems = losses(question, NAME, frozenset())
    if any(answer.weight not in (0, 100) for answer in question.answers):
        problems.append(
            told(question, N_("question “%(title)s”: Aiken has no part of the points; only the right option counts"))
        )
    shown = [question.text, *(answer.text for answer in question.answers if answer.text)]
    if any(text.markup is not Markup.PLAIN for text in shown):
        problems.append(
            told(question, N_("question “%(title)s”: Aiken shows plain text; marks of formatting stay visible"))
        )
    if any("\n" in text.text.strip() for text in shown):
        problems.append(
            told(question, N_("question “%(title)s”: Aiken has one line for each text; its lines were joined"))
        )
    rows = [f"{LETTERS[place]}) {option}" for place, option in enumerate(options)]
    return [stem, *rows, f"ANSWER: {LETTERS[right[0]]}"], problems


def _one_line(text: Text | None) -> str:
    return re.sub(r"[ \t\x0b\0]*[\r\n]+[ \t\x0b\0]*", " ", text.text).strip(BLANK) if text else ""
