"""What was promised: the product's own goals, and the multiples of a peer that was measured on such a machine."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks import figures
from benchmarks.figures import (
    BYTES,
    COLD_BYTES,
    COLD_REQUESTS,
    GROWTH,
    MEDIAN,
    MEGABYTES,
    P95,
    PER_MINUTE,
    RATE,
    STATEMENTS,
    Figure,
    Figures,
)

# A stock Moodle 5.1 with 500 learners on two cores, the client on the same: flows per second with 8 clients, the
# milliseconds of a workbook of 500 rows with one, megabytes of memory under load.
PEER = {
    figures.SIGN_IN: 12.1,
    figures.HOME: 29.6,
    figures.COURSE: 26.8,
    figures.LESSON: 33.8,
    figures.ATTEMPT: 3.6,
    figures.DOWNLOAD: 6.4,
    figures.COMPLETION: 15.7,
    figures.COMPLETION_XLSX: 589,
    figures.MEMORY: 390,
}


@dataclass(frozen=True)
class Goal:
    """What a figure should reach, or stay below."""

    what: str
    name: str
    unit: str
    limit: float
    clients: int = 1
    at_least: bool = True
    because: str = ""
    of: Callable[[Figure], float] = lambda figure: figure.value

    def measured(self, run: Figures, database: str | None) -> float | None:
        """What the run reached; None where it was not measured."""
        figure = run.find(self.name, self.unit, database, self.clients)
        return None if figure is None else self.of(figure)

    def is_met(self, value: float) -> bool:
        """Whether that is enough."""
        return value >= self.limit if self.at_least else value <= self.limit


def _times(name: str, factor: float) -> Goal:
    return Goal(
        f"{name}, per second, 8 clients", name, RATE, factor * PEER[name], 8, because=f"{factor:g} × {PEER[name]:g}"
    )


def _light(name: str, kilobytes: int) -> tuple[Goal, Goal]:
    return (
        Goal(f"{name}, first visit, kB", name, COLD_BYTES, kilobytes, at_least=False, of=lambda f: f.value / 1000),
        Goal(f"{name}, first visit, requests", name, COLD_REQUESTS, 10, at_least=False),
    )


def _few(name: str) -> Goal:
    return Goal(f"{name}, SQL statements", name, STATEMENTS, 5, at_least=False)


def _steady(name: str) -> Goal:
    return Goal(f"{name}, times beside the most attempts of others", name, GROWTH, 1.3, at_least=False)


GOALS = (
    Goal("lesson page, % of a bare hello, 16 clients", figures.LESSON, RATE, 10, 16, of=lambda f: 100 * (f.ratio or 0)),
    _few(figures.HOME),
    _few(figures.COURSE),
    _few(figures.LESSON),
    _few(figures.COMPLETION),
    Goal("signing in, per second, 8 clients", figures.SIGN_IN, RATE, 50, 8),
    _times(figures.SIGN_IN, 4),
    _times(figures.HOME, 12),
    _times(figures.COURSE, 12),
    _times(figures.LESSON, 12),
    _times(figures.ATTEMPT, 5),
    Goal("save an answer, 95th percentile, 8 clients, ms", figures.SAVE, P95, 80, 8, at_least=False),
    *(_steady(name) for name in figures.BESIDE_OTHERS),
    _times(figures.DOWNLOAD, 50),
    _times(figures.COMPLETION, 15),
    Goal(
        "completion workbook, ms",
        figures.COMPLETION_XLSX,
        MEDIAN,
        PEER[figures.COMPLETION_XLSX] / 10,
        at_least=False,
        because=f"{PEER[figures.COMPLETION_XLSX]:g} / 10",
    ),
    Goal("certificates a minute, one process", figures.PDF, PER_MINUTE, 900),
    Goal("certificates a minute, job worker", figures.WARM, PER_MINUTE, 900),
    Goal("certificate PDF, kB", figures.PDF, BYTES, 20, at_least=False, of=lambda f: f.value / 1000),
    *_light(figures.SIGN_IN_PAGE, 55),
    *_light(figures.COURSE, 65),
    *_light(figures.ATTEMPT_PAGE, 85),
    Goal(
        "memory of all our processes, MB",
        figures.MEMORY,
        MEGABYTES,
        PEER[figures.MEMORY] / 2,
        at_least=False,
        because=f"{PEER[figures.MEMORY]:g} / 2",
    ),
)
SLOWER_ON_POSTGRESQL = 1.8
"""How many times as long a lesson page may take there, for one client."""
