"""Work that must happen later: a table in the same database, leased, at least once, idempotent."""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app, g
from sqlalchemy import Index, func, or_, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock
from lms.core.db import Model, begin_reading, begin_writing, changed, db, insert
from lms.core.log import said, traced

LEASE = timedelta(minutes=2)
MOST_TRIES = 5
RETRY_AFTER = timedelta(seconds=5)
POLL_SECONDS = 0.2

NOT_DONE = text("done_at IS NULL")
Handler = Callable[[str], None]
log = logging.getLogger(__name__)


class Job(Model):
    """One piece of work: its kind, and what it is about; unique while it waits."""

    __tablename__ = "job"
    __table_args__ = (
        Index("one_waiting_job", "kind", "subject", unique=True, sqlite_where=NOT_DONE, postgresql_where=NOT_DONE),
        Index("jobs_to_run", "done_at", "run_at"),
    )

    kind: Mapped[str]
    subject: Mapped[str]
    created_at: Mapped[datetime]
    run_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    done_at: Mapped[datetime | None]

    @property
    def has_failed(self) -> bool:
        """Given up; shown to the administrator with its error."""
        return self.tries >= MOST_TRIES and self.done_at is None


def init_app(app: Flask, handlers: Mapping[str, Handler]) -> None:
    """Tell which function does which kind of job."""
    app.extensions["job_handlers"] = handlers


def enqueue(kind: str, subject: object, *, now: datetime, run_at: datetime | None = None) -> None:
    """Ask for work in this transaction; the same work already waiting is enough.

    Work that somebody is doing has read what this transaction changes: it loses its lease, reports
    nothing and is done again. Work that was given up gets its tries back.
    """
    again = {"run_at": run_at or now, "fence": Job.fence + 1, "tries": 0, "leased_until": None, "error": None}
    statement = insert(Job).values(kind=kind, subject=str(subject), created_at=now, run_at=run_at or now)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["kind", "subject"],
            index_where=NOT_DONE,
            set_=again,
            where=or_(Job.leased_until.is_not(None), Job.tries >= MOST_TRIES),
        )
    )


def put_off(kind: str, subject: object, *, now: datetime, run_at: datetime) -> None:
    """Let work that waits run at another time instead; whoever is doing it just now does it in vain."""
    values = {"run_at": run_at, "fence": Job.fence + 1, "tries": 0, "leased_until": None, "error": None}
    waiting = (Job.kind == kind, Job.subject == str(subject), Job.done_at.is_(None))
    if not changed(update(Job).where(*waiting).values(values)):
        enqueue(kind, subject, now=now, run_at=run_at)


def failed() -> list[Job]:
    """Jobs given up after five tries, newest first."""
    query = select(Job).where(Job.done_at.is_(None), Job.tries >= MOST_TRIES)
    return list(db.session.scalars(query.order_by(Job.id.desc()).limit(100)))


def is_waiting(kind: str, subject: object) -> bool:
    """Whether the work is still to be done, and was not given up."""
    mine = (Job.kind == kind, Job.subject == str(subject), Job.done_at.is_(None), Job.tries < MOST_TRIES)
    return db.session.scalar(select(Job.id).where(*mine)) is not None


def gave_up(kind: str, prefix: str) -> bool:
    """Whether work of the kind whose subject begins so was given up."""
    mine = (Job.kind == kind, Job.subject.startswith(prefix, autoescape=True))
    return db.session.scalar(select(Job.id).where(*mine, Job.done_at.is_(None), Job.tries >= MOST_TRIES)) is not None


def retry(job_id: int, *, now: datetime) -> Job | None:
    """Let a given-up job run again; None when there is none."""
    touched = changed(
        update(Job)
        .where(Job.id == job_id, Job.done_at.is_(None), Job.tries >= MOST_TRIES)
        .values(tries=0, run_at=now, leased_until=None, error=None)
    )
    return db.session.get(Job, job_id) if touched else None


def count_waiting(now: datetime) -> int:
    """Jobs due and not done, given-up ones left out."""
    return db.session.scalar(select(func.count()).select_from(Job).where(*_due(now))) or 0


def _due(now: datetime) -> tuple[Any, ...]:
    return (
        Job.done_at.is_(None),
        Job.run_at <= now,
        Job.tries < MOST_TRIES,
        or_(Job.leased_until.is_(None), Job.leased_until < now),
    )


def run_one() -> bool:
    """Lease the next due job and do it; False when nothing is due."""
    begin_reading()
    found = db.session.execute(
        select(Job.id, Job.fence).where(*_due(clock.now())).order_by(Job.run_at, Job.id).limit(1)
    ).first()
    db.session.rollback()
    if found is None:
        return False
    begin_writing()
    taken = changed(
        update(Job)
        .where(Job.id == found.id, Job.fence == found.fence, Job.done_at.is_(None))
        .values(fence=found.fence + 1, tries=Job.tries + 1, leased_until=clock.now() + LEASE)
    )
    db.session.commit()
    if taken:
        _do(found.id, found.fence + 1)
    return True


def _do(job_id: int, fence: int) -> None:
    """Run the handler; its writes and the mark of being done are one transaction, or neither is.

    The handler starts reading; slow work comes first, then it calls `begin_writing` itself.
    """
    for name in list(g):
        g.pop(name)  # what is remembered for one request is remembered for one job
    begin_reading()
    job = db.session.get_one(Job, job_id)
    kind, subject = job.kind, job.subject
    try:
        current_app.extensions["job_handlers"][kind](subject)
        done = changed(update(Job).where(Job.id == job_id, Job.fence == fence).values(done_at=clock.now(), error=None))
        # A worker that lost its lease must not report what another one is doing again.
        if done:
            db.session.commit()
        else:
            db.session.rollback()
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is a failed try
        db.session.rollback()
        log.error("job %s %s failed\n%s", kind, job_id, traced(error))  # noqa: TRY400 - a bare traceback quotes values
        begin_writing()
        db.session.execute(
            update(Job)
            .where(Job.id == job_id, Job.fence == fence)
            .values(
                error=said(error)[:2000],
                leased_until=None,
                run_at=clock.now() + RETRY_AFTER,
            )
        )
        db.session.commit()
    finally:
        begin_reading()


def run_all_due(limit: int = 1000) -> int:
    """Do everything that is due now; how many were done."""
    count = 0
    while count < limit and run_one():
        count += 1
    return count


def work_forever(should_stop: Callable[[], bool]) -> None:
    """The worker: do what is due, look again every fifth of a second."""
    while not should_stop():
        if not run_one():
            db.session.remove()
            time.sleep(POLL_SECONDS)
