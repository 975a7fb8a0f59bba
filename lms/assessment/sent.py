"""What the page of an attempt sends: the JSON of a save, and the form of the way without JavaScript. Hostile until read."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from lms.assessment.service import Given
from lms.web.pages import as_id

MOST_ANSWERS_AT_ONCE = 500


def answers(data: Any) -> list[Given] | None:
    """The answers of a save; None for what our page cannot have sent."""
    rows = data.get("answers") if isinstance(data, dict) else None
    if not isinstance(rows, list) or len(rows) > MOST_ANSWERS_AT_ONCE:
        return None
    found = [_one(row) for row in rows]
    return None if None in found else found  # type: ignore[return-value]


def _one(row: Any) -> Given | None:
    if not isinstance(row, dict):
        return None
    question, values, revision = row.get("question"), row.get("values"), row.get("revision", 0)
    good = type(question) is int and type(revision) is int and isinstance(values, list)
    if not good or not all(isinstance(value, str) for value in values) or len(values) > 200:
        return None
    return Given(question, values, max(0, min(revision, 2**31)), moment(row.get("at")))


def moment(written: Any) -> datetime | None:
    """When the browser says it was; a moment without zone or sense counts as not said."""
    try:
        found = datetime.fromisoformat(written) if isinstance(written, str) else None
    except ValueError:
        return None
    return found if found and found.tzinfo and 2000 < found.year < 2200 else None


def form(sent: MultiDict[str, str], count: int) -> tuple[list[Given], str]:
    """The answers that differ from what the page was made with, and where to go: a question's number or “nop”."""
    go, given = sent.get("go", "1"), _posted(sent, count)
    moved, taken_out = _moved(sent.get("move", "")), _taken_out(sent.get("take_out", ""))
    if moved:
        go = str(moved[0])
        given = [_swap(one, moved) if one.question == moved[0] else one for one in given]
    if taken_out:
        go = str(taken_out[0])
        given = [_without(one, taken_out[1]) if one.question == taken_out[0] else one for one in given]
    return [one for one in given if list(one.values) != sent.getlist(f"o-{one.question}")], go


def _posted(sent: MultiDict[str, str], count: int) -> list[Given]:
    """The answers of the questions that the page held, as they stand in its form."""
    return [
        Given(number, _without_blanks(sent.getlist(f"q-{number}")), as_id(sent.get(f"r-{number}", "")) or 0)
        for number in range(1, count + 1)
        if f"s-{number}" in sent
    ]


def _without_blanks(values: list[str]) -> list[str]:
    """Nothing when every field was left blank; otherwise blanks stay, for they tell which field is which."""
    return values if any(values) else []


def _moved(written: str) -> tuple[int, int, int] | None:
    """Question, row and the row it changes places with, from the button of an ordering question."""
    parts = written.split(":")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 4 for part in parts):
        return None
    question, row, other = map(int, parts)
    return question, row, other


def _swap(given: Given, moved: tuple[int, int, int]) -> Given:
    """The same answer with two rows changed."""
    values, (_question, row, other) = list(given.values), moved
    if max(row, other) < len(values):
        values[row], values[other] = values[other], values[row]
    return replace(given, values=values)


def _taken_out(written: str) -> tuple[int, int] | None:
    """Question and place of the file that is taken out of the answer."""
    number, _colon, place = written.partition(":")
    both = as_id(number), as_id(place)
    return None if both[0] is None or both[1] is None else (both[0], both[1])


def _without(given: Given, place: int) -> Given:
    """The same answer without its file at this place, from 1."""
    return replace(given, values=[value for n, value in enumerate(given.values, start=1) if n != place])
