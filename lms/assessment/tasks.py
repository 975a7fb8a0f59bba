"""Jobs of attempts: each safe to run twice."""

from lms.assessment import dry_runs, gathering, marking, regrading, service
from lms.core import clock
from lms.core.db import begin_writing


def close(subject: str) -> None:
    """Close an attempt whose time is up."""
    begin_writing()
    service.close_overdue(int(subject), now=clock.now())


def release(subject: str) -> None:
    """Let released marks count, unless the release was taken back."""
    begin_writing()
    release_id, _dot, turn = subject.partition(".")
    marking.take_effect(int(release_id), int(turn or 0), now=clock.now())


def dry_run(subject: str) -> None:
    """See what a correction would change, from one attempt on: read first, for that takes long."""
    run_id, _dot, after = subject.partition(".")
    dry_runs.go_on(int(run_id), int(after), now=clock.now())


def regrade(subject: str) -> None:
    """Grade again what a correction changes, from one attempt on."""
    begin_writing()
    correction_id, _dot, after = subject.partition(".")
    regrading.regrade(int(correction_id), int(after), now=clock.now())


def work_out_statistics(subject: str) -> None:
    """What answers tell of a quiz: read first, for that takes long, then kept. They are as old as the reading."""
    revision_id, item, *_now = subject.split(":")
    now = clock.now()
    told = gathering.work_out(int(revision_id), item)
    if told is not None:
        begin_writing()
        gathering.keep(int(revision_id), item, told, now=now)
