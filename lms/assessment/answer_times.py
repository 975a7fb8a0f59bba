"""How long people thought about an answer, out of when answers came. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

LONGEST_SECONDS = 3600.0
"""A longer time between two answers is a pause, not thinking."""


def seconds_each(started_at: datetime, saved: Sequence[tuple[str, datetime, datetime | None]]) -> dict[str, float]:
    """How long each answer of an attempt took: from the answer before it, or from the start, to its own last change.

    `saved` are (question, when the server stored it, when the browser says it was given). An approximation: reading ahead
    counts for the next answer, and whoever comes back to a question has the time since the answer before counted for it.
    Answers that a broken line sent together are told apart by the browser's clock, which is set right by the answer that
    came over the line quickest. Answers that one form sent together have no time of their own.
    """
    lag = min((stored - given for _name, stored, given in saved if given is not None), default=timedelta())
    by_browser = all(given is not None for _name, _stored, given in saved)
    moments = [(given + lag if by_browser and given else stored, name) for name, stored, given in saved]
    found, before = {}, started_at
    for moment, name in sorted(moments):
        found[name] = (moment - before).total_seconds()
        before = moment
    return {name: took for name, took in found.items() if 0 < took <= LONGEST_SECONDS}
