"""GIFT → questions: as Moodle reads it, but never losing anything in silence."""

from collections.abc import Iterator

from lms.course.problems import N_, Problem
from lms.interop.formats.exchange import ExchangeQuestion
from lms.interop.formats.gift.asked import ALONE, CATEGORY, COMMENT, Asked, Block, labels
from lms.interop.formats.reading import QUESTIONS_LIMIT, Reading, Refusal, category, lines, read_text


def read(data: bytes, path: str = "") -> tuple[tuple[ExchangeQuestion, ...], list[Problem]]:
    """The questions and what is wrong; one error, and there are none."""
    return read_text(data, path, _questions)


def _questions(reading: Reading, text: str) -> list[ExchangeQuestion]:
    found: list[ExchangeQuestion] = []
    names: tuple[str, ...] = ()
    for rows in blocks(text):
        if all(line.startswith(COMMENT) for _, line in rows):
            _comment(reading, rows)
            continue
        block = Block(rows)
        if len(found) >= QUESTIONS_LIMIT:
            reading.wrong(block.line, N_("the file has more than %(limit)s questions; split it"), limit=QUESTIONS_LIMIT)
        if reading.is_full or len(found) >= QUESTIONS_LIMIT:
            break
        try:
            if block.whole.text.startswith(CATEGORY):
                names = _category(block)
            else:
                found.append(Asked(reading, block, names).question())
        except Refusal as refusal:
            reading.refuse(refusal)
    return found


def _comment(reading: Reading, rows: list[tuple[int, str]]) -> None:
    """Comments alone say nothing, but for those that were meant for a question."""
    if any(True for _, line in rows for _ in labels(line)):
        message = N_("the id or tags of this comment reach no question, because a blank line follows; remove that line")
        reading.warn(rows[0][0], message)


def blocks(text: str) -> Iterator[list[tuple[int, str]]]:
    """Lines with their numbers, parted where a line is blank; a line that holds “0” is not."""
    block: list[tuple[int, str]] = []
    for number, line in enumerate(lines(text), start=1):
        if line:
            block.append((number, line))
        elif block:
            yield block
            block = []
    if block:
        yield block


def _category(block: Block) -> tuple[str, ...]:
    if len(block.numbers) > 1:
        raise Refusal(block.numbers[1], ALONE)
    return category(block.whole[len(CATEGORY) :].plain())
