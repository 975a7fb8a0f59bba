"""make bench: measure everything on each database, keep instance/benchmarks.json, print it as tables."""

import argparse
import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from benchmarks import desk, figures, scale
from benchmarks.figures import Figure
from benchmarks.measure import CLIENTS, DATABASES, FEWEST_LEARNERS, measure
from benchmarks.table import markdown
from lms.core.clock import VIETNAM
from lms.settings import ROOT

FILE = ROOT / "instance" / "benchmarks.json"


def main() -> None:
    """Measure, or print again what was measured."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # ended early, it ends its servers too
    if not options.markdown:
        found: list[Figure] = []
        for database in options.databases:
            found += measure(database, options.seconds, options.learners, options.clients, with_pdf=not found)
            found += scale.measure(database, options.attempts)
        figures.write(found, options.file)
    measured_at = datetime.fromtimestamp(options.file.stat().st_mtime, VIETNAM)
    print(markdown(figures.read(options.file), measured_at))
    if not options.markdown:
        print()
        desk.main()
    print(f"\n{options.file}", file=sys.stderr)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--markdown", action="store_true", help="print the last run's tables, measure nothing")
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument(
        "--learners", type=int, default=500, help=f"how many take the course, {FEWEST_LEARNERS} or more"
    )
    parser.add_argument("--clients", nargs="+", type=int, default=CLIENTS, help="how many at once, from 1 up")
    parser.add_argument(
        "--attempts", nargs="+", type=int, default=scale.SIZES, help="how many are stored beside one's own"
    )
    parser.add_argument("--file", type=Path, default=FILE, help="where the figures are kept")
    parser.set_defaults(seconds=float(os.environ.get("BENCH_SECONDS", "2")))
    return parser.parse_args()


if __name__ == "__main__":
    main()
