"""make bench still measures everything it promises; how fast anything is, no test says."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import figures, table
from lms.settings import ROOT

BENCH = [sys.executable, "-m", "benchmarks"]
pytestmark = pytest.mark.timeout(240)
SERVED = {*table.SERVED} - {figures.HELLO}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The figures of the shortest run there can be."""
    target = tmp_path_factory.mktemp("bench") / "benchmarks.json"
    short = [
        "--databases",
        "sqlite",
        "--learners",
        "40",
        "--clients",
        "1",
        "2",
        "--attempts",
        "20",
        "60",
        "--file",
        str(target),
    ]
    env = {**os.environ, "BENCH_SECONDS": "0.05"}
    done = subprocess.run([*BENCH, *short], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


def test_every_figure_says_what_it_is(file):
    rows = json.loads(file.read_text("utf-8"))
    assert {tuple(row) for row in rows} == {("name", "value", "unit", "clients", "database", "ceiling", "ratio")}
    assert {row["database"] for row in rows} == {"sqlite", None}
    for row in rows:
        assert row["value"] >= 0, row
        assert isinstance(row["clients"], int), row
    keys = [(row["name"], row["unit"], row["clients"], row["database"]) for row in rows]
    assert len(keys) == len(set(keys))


def test_what_is_served_stands_beside_a_bare_hello(file):
    rates = [
        row for row in json.loads(file.read_text("utf-8")) if row["ceiling"] is not None and row["unit"] == figures.RATE
    ]
    assert {row["name"] for row in rates} == SERVED | {figures.HELLO}
    assert all(row["value"] > 0 and row["ratio"] > 0 and row["ceiling"] > 0 for row in rates)
    everywhere = {figures.HELLO, figures.READ, figures.HOME, figures.COURSE, figures.LESSON, figures.SAVE}
    assert {(row["name"], row["clients"]) for row in rates} >= {(name, n) for name in everywhere for n in (1, 2)}


def test_pages_certificates_and_memory_are_counted(file):
    rows = {(row["name"], row["unit"]): row["value"] for row in json.loads(file.read_text("utf-8"))}
    for page in table.PAGES:
        assert rows[page, figures.COLD_REQUESTS] > rows[page, figures.WARM_REQUESTS] >= 1
        assert rows[page, figures.COLD_BYTES] > rows[page, figures.WARM_BYTES] > rows[page, figures.GZIPPED]
    assert 0 < rows[figures.LESSON, figures.STATEMENTS] <= 20
    for name in (figures.COLD, figures.WARM, figures.PDF):
        assert rows[name, figures.PER_MINUTE] > 0
    assert rows[figures.MEMORY, figures.MEGABYTES] > 20


def test_a_learner_is_measured_beside_few_and_many_attempts_of_others(file):
    rows = {(row["name"], row["unit"]): row["value"] for row in json.loads(file.read_text("utf-8"))}
    for name in figures.BESIDE_OTHERS:
        assert rows[name, figures.beside(20)] > 0
        assert rows[name, figures.beside(60)] > 0
        assert rows[name, figures.GROWTH] > 0
    for name in (figures.LONG_OPENED, figures.LONG_GRADED, figures.STATISTICS, figures.STATISTICS_PAGE):
        assert rows[name, figures.MILLISECONDS] > 0
    assert rows[figures.STATISTICS, figures.ATTEMPTS] == 60


def test_the_tables_are_printed_again_without_measuring(file):
    before = file.stat().st_mtime_ns
    done = subprocess.run(
        [*BENCH, "--markdown", "--file", str(file)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert file.stat().st_mtime_ns == before
    lines = done.stdout.splitlines()
    for name in (*table.SERVED, *table.PAGES, *figures.BESIDE_OTHERS):
        assert any(line.startswith(f"| {name} ") for line in lines), name
    assert "| Goal" in done.stdout
