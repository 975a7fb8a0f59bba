"""What processes take of the machine, as the kernel tells."""

import os
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


def family(process: int) -> list[int]:
    """The process and all that came from it."""
    found = [process]
    for one in found:
        for listed in PROC.glob(f"{one}/task/*/children"):
            with suppress(FileNotFoundError, ProcessLookupError):  # it ended meanwhile
                found += [int(child) for child in listed.read_text().split()]
    return found


def memory(process: int) -> float:
    """Megabytes of the whole family; what several share is counted once (PSS)."""
    total = 0
    for one in family(process):
        with suppress(FileNotFoundError, ProcessLookupError):
            lines = (PROC / str(one) / "smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total * 1024 / 1e6


def processor_seconds(process: int) -> float:
    """Processor time of the family so far, that of ended members too."""
    total = 0
    for one in family(process):
        with suppress(FileNotFoundError, ProcessLookupError):
            numbers = (PROC / str(one) / "stat").read_text().rpartition(")")[2].split()
            total += sum(int(number) for number in numbers[11:15])  # its own and its ended children's
    return total / TICKS


def busy_seconds() -> float:
    """Processor time that the machine has given to anybody, or was robbed of by its host."""
    user, nice, system, _idle, _waiting, irq, softirq, steal = (
        int(number) for number in (PROC / "stat").read_text().split("\n", 1)[0].split()[1:9]
    )
    return (user + nice + system + irq + softirq + steal) / TICKS
