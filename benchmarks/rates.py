"""Rates and waiting times, each taken in turn with a bare hello, since the machine's own pace changes by the minute."""

import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from benchmarks import figures
from benchmarks.figures import MEDIAN, P95, RATE, Figure
from benchmarks.load import Load, Work, drive
from benchmarks.servers import Stand
from benchmarks.visitors import Visitor, opening

ROUNDS = 5
HELLO_SHARE = 0.3
"""How long each bare hello runs, next to a round of what is measured."""


@dataclass
class Rates:
    """Measures on one stand; `seconds` is how long each thing runs in all its rounds together."""

    database: str
    stand: Stand
    seconds: float
    found: list[Figure] = field(default_factory=list)
    hellos: dict[int, list[Load]] = field(default_factory=dict)

    def ceiling(self, count: int) -> None:
        """The bare page with one read, at so many clients."""
        self._paired(
            figures.READ, self.stand.ceiling, [opening(Visitor().get("/read"))] * count, ROUNDS, self.seconds / ROUNDS
        )

    def measure(self, name: str, works: Sequence[Work], *, rounds: int = ROUNDS, longer: int = 1) -> None:
        """One thing of the product, each work by a client of its own; `longer` times as long as others."""
        self._paired(name, self.stand.product, works, rounds, self.seconds * longer / rounds)

    def _paired(self, name: str, port: int, works: Sequence[Work], rounds: int, part: float) -> None:
        """Hello, thing, hello, thing, …, hello: each round of the thing is compared with the hellos around it."""
        count = len(works)
        print(f"  {self.database}: {name}, {count} at once", file=sys.stderr, flush=True)
        drive(port, works, part / 5)  # a first go that does not count
        before, loads, around = self._hello(count, part), [], []
        for _ in range(rounds):
            load = drive(port, works, part)
            if not load.times:
                break  # nothing is left to do
            after = self._hello(count, part)
            loads.append(load)
            around.append((before.rate + after.rate) / 2)
            before = after
        if not loads:
            raise RuntimeError(f"{name}: there was nothing to do")
        self._enter(name, count, loads, around)

    def _hello(self, count: int, part: float) -> Load:
        load = drive(self.stand.ceiling, [opening(Visitor().get("/hello"))] * count, part * HELLO_SHARE)
        self.hellos.setdefault(count, []).append(load)
        return load

    def _enter(self, name: str, count: int, loads: list[Load], around: list[float]) -> None:
        """The median round; waiting times over all rounds."""
        ratio = statistics.median(load.rate / hello for load, hello in zip(loads, around, strict=True))
        times = sorted(seconds * 1000 for load in loads for seconds in load.times)
        make = partial(Figure, name=name, clients=count, database=self.database)
        rate = statistics.median(load.rate for load in loads)
        self.found += [
            make(value=_short(rate), unit=RATE, ceiling=_short(statistics.median(around)), ratio=round(ratio, 4)),
            make(value=_short(statistics.median(times)), unit=MEDIAN),
            make(value=_short(times[int(len(times) * 0.95)]), unit=P95),
        ]

    def close(self) -> list[Figure]:
        """All figures, with those of the hello that ran between them."""
        for count, loads in sorted(self.hellos.items()):
            self._enter(figures.HELLO, count, loads, [load.rate for load in loads])
        loads = self.hellos[max(self.hellos)]
        each = sum(load.client_seconds for load in loads) / sum(len(load.times) for load in loads)
        self.found.append(
            Figure(name=figures.CLIENT, value=round(each * 1e6, 1), unit="µs of processor time", database=self.database)
        )
        return self.found


def _short(value: float) -> float:
    """Three digits and one more: no noise after the point, no zero for what is small."""
    return round(value, 1) if value >= 100 else round(value, 2)
