"""Figures: what was measured, under which name, and how it is kept."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

HELLO = "bare hello"
READ = "bare page with one SQLite read"
HOME, COURSE, LESSON, SAVE = "home", "course page", "lesson page", "save an answer"
SIGN_IN = "sign in, to the first page"
ATTEMPT = "complete attempt"
DOWNLOAD = "certificate download"
COMPLETION, COMPLETION_XLSX, REGISTER_XLSX = "completion table", "completion workbook", "register workbook"
SIGN_IN_PAGE, QUIZ_PAGE, ATTEMPT_PAGE = "sign-in page", "quiz page", "attempt page"
CATALOGUE, LOOK, RESULT, CERTIFICATES = "catalogue", "look before submitting", "result page", "own certificates"
BESIDE_OTHERS = (HOME, CATALOGUE, COURSE, LESSON, QUIZ_PAGE, ATTEMPT_PAGE, SAVE, LOOK, RESULT, CERTIFICATES)
"""What a learner does beside ever more attempts of others."""
LONG_OPENED, LONG_GRADED = "attempt of 300 questions opened", "attempt of 300 questions submitted and graded"
STATISTICS, STATISTICS_PAGE = "statistics of a quiz worked out", "statistics page"
COMPLETE = "completing a course, certificate entered"
PDF, COLD, WARM = (
    "certificate PDF in one process",
    "certificates through the worker, cold",
    "certificates through the worker",
)
MEMORY, DATABASE_MEMORY = "memory of all our processes under load", "memory of the database server under load"
CLIENT, OTHERS = "load client for each hello", "processor time that others took"

RATE, MEDIAN, P95 = "per second", "ms median", "ms p95"
PER_MINUTE, BYTES, ROWS, MEGABYTES = "per minute", "bytes", "rows", "MB"
STATEMENTS, GZIPPED = "SQL statements", "bytes, gzip"
GROWTH, MILLISECONDS, ATTEMPTS = "times from the fewest to the most", "ms", "attempts"
BESIDE = "ms beside"
COLD_REQUESTS, COLD_BYTES, WARM_REQUESTS, WARM_BYTES = "requests cold", "bytes cold", "requests warm", "bytes warm"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured number.

    Where requests were measured, `ceiling` is what a bare hello reached between them, at as many clients, and `ratio`
    the share of it. Where a time was measured without a server, `ceiling` is that of plain Python in between.
    """

    name: str
    value: float
    unit: str
    clients: int = 1
    database: str | None = None
    ceiling: float | None = None
    ratio: float | None = None


def beside(size: int) -> str:
    """The unit of a time that was measured beside so many attempts of others."""
    return f"{BESIDE} {size:,}"


class Figures:
    """All figures of a run, found by what they say."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        self._by_key = {(f.name, f.unit, f.clients, f.database): f for f in figures}

    def find(self, name: str, unit: str, database: str | None, clients: int = 1) -> Figure | None:
        """The figure, if this run has it."""
        return self._by_key.get((name, unit, clients, database))

    def clients(self) -> list[int]:
        """How many clients there were at once, from few to many."""
        return sorted({key[2] for key in self._by_key if key[1] == RATE})

    def databases(self) -> list[str]:
        """The databases of the run, in its order."""
        return list(dict.fromkeys(key[3] for key in self._by_key if key[3]))


def write(figures: Iterable[Figure], file: Path) -> None:
    """Keep them as a list of objects."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps([asdict(figure) for figure in figures], ensure_ascii=False, indent=1) + "\n", "utf-8")


def read(file: Path) -> list[Figure]:
    """What an earlier run kept."""
    return [Figure(**row) for row in json.loads(file.read_text("utf-8"))]
