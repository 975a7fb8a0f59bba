"""One database from an empty folder to all its figures."""

import os
import time
from collections.abc import Sequence

from benchmarks import certificates, figures
from benchmarks.figures import ROWS, Figure
from benchmarks.people import divide, gather
from benchmarks.processes import busy_seconds, processor_seconds
from benchmarks.servers import Installation, installed, standing
from benchmarks.visit import Visit

DATABASES = ("sqlite", "postgresql")
CLIENTS = (1, 8, 16)
FEWEST_LEARNERS = 40


def measure(database: str, seconds: float, learners: int, clients: Sequence[int], *, with_pdf: bool) -> list[Figure]:
    """Everything on one database; each thing runs for so many seconds."""
    with installed(database) as place:
        clock = _Clock(place)
        cast = gather(place, max(learners, FEWEST_LEARNERS))
        groups = divide(cast, max(clients))
        found = certificates.through_worker(place, cast.course, groups.cold, groups.warm)
        if with_pdf:
            found += certificates.alone(place, seconds)
        with standing(place) as stand:
            found += Visit(place, stand, cast, groups, clients, seconds).everything()
            found += [
                Figure(name=figures.REGISTER_XLSX, value=len(groups.certified), unit=ROWS, database=database),
                Figure(name=figures.COMPLETION_XLSX, value=len(cast.logins), unit=ROWS, database=database),
            ]
        found.append(clock.others())
    return found


class _Clock:
    """How busy the machine was with what is not ours, from now on: tells whether the figures can be trusted."""

    def __init__(self, place: Installation) -> None:
        self.place = place
        self.begun, self.busy, self.own = time.monotonic(), busy_seconds(), self._own()

    def _own(self) -> float:
        server = self.place.server_of_database()
        return processor_seconds(os.getpid()) + (processor_seconds(server) if server else 0)

    def others(self) -> Figure:
        """In per cent of all processors."""
        taken = busy_seconds() - self.busy - (self._own() - self.own)
        share = 100 * max(0.0, taken) / ((time.monotonic() - self.begun) * (os.cpu_count() or 1))
        return Figure(name=figures.OTHERS, value=round(share, 1), unit="%", database=self.place.database)
