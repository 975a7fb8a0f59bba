"""The figures as a person reads them: small tables in Markdown, which stand as well in a terminal."""

import os
import platform
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from benchmarks import figures
from benchmarks.figures import (
    BESIDE,
    COLD_BYTES,
    COLD_REQUESTS,
    GROWTH,
    GZIPPED,
    MEDIAN,
    P95,
    RATE,
    STATEMENTS,
    WARM_BYTES,
    WARM_REQUESTS,
    Figure,
    Figures,
)
from benchmarks.goals import GOALS, SLOWER_ON_POSTGRESQL, Goal

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
SERVED = (
    figures.HELLO, figures.READ, figures.HOME, figures.COURSE, figures.LESSON, figures.SAVE, figures.SIGN_IN,
    figures.ATTEMPT, figures.DOWNLOAD, figures.COMPLETION, figures.COMPLETION_XLSX, figures.REGISTER_XLSX,
)  # fmt: skip
PAGES = (
    figures.SIGN_IN_PAGE, figures.HOME, figures.COURSE, figures.LESSON, figures.QUIZ_PAGE, figures.ATTEMPT_PAGE,
    figures.COMPLETION,
)  # fmt: skip
OTHERS = (
    figures.PDF, figures.COLD, figures.WARM, figures.COMPLETE, figures.COMPLETION_XLSX, figures.REGISTER_XLSX,
    figures.LONG_OPENED, figures.LONG_GRADED, figures.STATISTICS, figures.STATISTICS_PAGE, figures.MEMORY,
    figures.DATABASE_MEMORY, figures.CLIENT, figures.OTHERS,
)  # fmt: skip


def markdown(measured: Sequence[Figure], measured_at: datetime) -> str:
    """Everything, with where it was measured."""
    run = Figures(measured)
    where = (
        f"Run of {measured_at:%d/%m/%Y} on {os.cpu_count()} processors, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}."
    )
    parts = [where, *(_served(run, database) for database in run.databases()), _pages(run), _beside(run, measured)]
    return "\n\n".join([*parts, _others(run, measured), _goals(run)])


def scale(measured: Sequence[Figure]) -> str:
    """What one learner does beside others' attempts, and what takes long."""
    run = Figures(measured)
    return f"{_beside(run, measured)}\n\n{_others(run, measured)}"


def _beside(run: Figures, measured: Sequence[Figure]) -> str:
    """Milliseconds beside each number of others' attempts, and how many times as long beside the most."""
    sizes = dict.fromkeys(figure.unit for figure in measured if figure.unit.startswith(BESIDE))
    units, columns = {unit: unit for unit in sizes} | {GROWTH: "times as long"}, run.databases()
    heads = ["Beside attempts of others", *(f"{NAMES[base]}, {words}" for base in columns for words in units.values())]
    rows = [
        [name, *(f"{f.value:.3g}" if (f := run.find(name, unit, base)) else "" for base in columns for unit in units)]
        for name in figures.BESIDE_OTHERS
    ]
    return _table(heads, rows)


def _served(run: Figures, database: str) -> str:
    """Flows per second, milliseconds of half of them and of 95 %, share of the bare hello."""
    counts = run.clients()
    heads = [f"Served, {NAMES[database]}", *(f"{count} client{'s' * (count > 1)}" for count in counts)]
    rows = [[name, *(_load(run, name, database, count) for count in counts)] for name in SERVED]
    return _table(heads, [row for row in rows if any(row[1:])])


def _load(run: Figures, name: str, database: str, count: int) -> str:
    rate = run.find(name, RATE, database, count)
    median, late = (run.find(name, unit, database, count) for unit in (MEDIAN, P95))
    if rate is None or median is None or late is None:
        return ""
    share = "" if name == figures.HELLO else f" · {100 * (rate.ratio or 0):.1f} %"
    return f"{_number(rate.value)}/s · {_number(median.value)} / {_number(late.value)} ms{share}"


def _pages(run: Figures) -> str:
    databases = run.databases()
    heads = ["Page", "SQL statements", "gzip, kB", "first visit", "next visit"]
    return _table(heads, [[name, *_page(run, name, databases)] for name in PAGES])


def _page(run: Figures, name: str, databases: Sequence[str]) -> list[str]:
    found = {
        unit: [figure.value for base in databases if (figure := run.find(name, unit, base))]
        for unit in (STATEMENTS, GZIPPED, COLD_REQUESTS, COLD_BYTES, WARM_REQUESTS, WARM_BYTES)
    }
    if not all(found.values()):
        return [""] * 4
    most = {unit: max(values) for unit, values in found.items()}
    return [
        " / ".join(f"{value:.0f}" for value in dict.fromkeys(found[STATEMENTS])),
        f"{most[GZIPPED] / 1000:.1f}",
        f"{most[COLD_REQUESTS]:.0f} requests, {most[COLD_BYTES] / 1000:.1f} kB",
        f"{most[WARM_REQUESTS]:.0f} requests, {most[WARM_BYTES] / 1000:.1f} kB",
    ]


def _others(run: Figures, measured: Sequence[Figure]) -> str:
    """What is no rate of requests, one row for each name and unit."""
    shown = {RATE, MEDIAN, P95, STATEMENTS, GZIPPED, COLD_REQUESTS, COLD_BYTES, WARM_REQUESTS, WARM_BYTES}
    kinds = dict.fromkeys(
        (f.name, f.unit) for f in measured if f.name in OTHERS and (f.unit not in shown or f.name == figures.COMPLETE)
    )
    columns = [*run.databases(), None]
    rows = [
        [f"{name}, {unit}", *(_number(f.value) if (f := run.find(name, unit, base)) else "" for base in columns)]
        for name, unit in sorted(kinds, key=lambda kind: OTHERS.index(kind[0]))
    ]
    return _table(["Other", *(NAMES[base] for base in run.databases()), "no database"], rows)


def _goals(run: Figures) -> str:
    columns = [*run.databases(), None]
    rows = [[goal.what, _limit(goal), *(_verdict(goal, run, base) for base in columns)] for goal in GOALS]
    return _table(
        ["Goal", "wanted", *(NAMES[base] for base in run.databases()), "no database"],
        [*rows, *_slower(run, len(columns))],
    )


def _limit(goal: Goal) -> str:
    because = f" ({goal.because})" if goal.because else ""
    return f"{'≥' if goal.at_least else '≤'} {_number(goal.limit)}{because}"


def _verdict(goal: Goal, run: Figures, database: str | None) -> str:
    value = goal.measured(run, database)
    return "" if value is None else f"{_number(value)} {'✓' if goal.is_met(value) else '✗'}"


def _slower(run: Figures, columns: int) -> list[list[str]]:
    """How much longer a page takes on PostgreSQL, when both were measured."""
    here, there = (run.find(figures.LESSON, MEDIAN, base) for base in ("sqlite", "postgresql"))
    if here is None or there is None:
        return []
    times = there.value / here.value
    verdict = f"{times:.2f} {'✓' if times <= SLOWER_ON_POSTGRESQL else '✗'}"
    row = ["lesson page, PostgreSQL / SQLite, 1 client, ms", f"≤ {SLOWER_ON_POSTGRESQL}", "", verdict]
    return [row + [""] * (columns + 2 - len(row))]


def _number(value: float) -> str:
    """Three digits that mean something."""
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.1f}" if value >= 10 else f"{value:.2g}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]
    lines = [heads, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )
