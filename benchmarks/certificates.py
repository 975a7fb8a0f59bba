"""Certificates: completed by service, rendered by the real job worker; and the PDF alone, in this process."""

import statistics
import time
from collections.abc import Sequence

from sqlalchemy import func, select

from benchmarks import figures
from benchmarks.figures import BYTES, PER_MINUTE, RATE, Figure
from benchmarks.people import SLUG, Course, account
from benchmarks.servers import Installation, working
from lms.certificates import pdf
from lms.certificates.models import Certificate, CertificatePdf
from lms.certificates.queries import of_learner
from lms.certificates.rules import Facts
from lms.certificates.service import verify_url
from lms.core import clock
from lms.core.db import begin_reading, begin_writing, db
from lms.learning.queries import get_enrolment
from lms.learning.service import record

POLL_SECONDS, PATIENCE_SECONDS = 0.02, 120.0


def through_worker(place: Installation, course: Course, cold: Sequence[str], warm: Sequence[str]) -> list[Figure]:
    """Some wait when the worker starts, the others come when it is warm; each until every PDF is stored."""
    with place.application():
        _complete(cold, course)
        started = time.perf_counter()
        with working(place):
            first = _wait_for(1) - started
            cold_seconds = _wait_for(len(cold)) - started
            entered = _complete(warm, course)
            started = time.perf_counter()
            warm_seconds = _wait_for(len(cold) + len(warm)) - started
    database = place.database
    return [
        Figure(name=figures.COMPLETE, value=round(len(warm) / entered, 1), unit=RATE, database=database),
        Figure(name=figures.COLD, value=round(first, 2), unit="seconds to the first", database=database),
        Figure(name=figures.COLD, value=round(60 * len(cold) / cold_seconds), unit=PER_MINUTE, database=database),
        Figure(name=figures.WARM, value=round(60 * len(warm) / warm_seconds), unit=PER_MINUTE, database=database),
    ]


def _complete(logins: Sequence[str], course: Course) -> float:
    """Everything done and passed, in one transaction, so that the worker finds it all at once; returns the seconds."""
    begin_writing()
    started = time.perf_counter()
    for login in logins:
        enrolment = get_enrolment(account(login).id, SLUG)
        for item in course.items:
            record(enrolment, item, passed=True, fraction=1.0, now=clock.now())
    seconds = time.perf_counter() - started
    db.session.commit()
    return seconds


def _wait_for(count: int) -> float:
    """The moment when so many documents are stored."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        begin_reading()
        stored = db.session.scalar(select(func.count()).select_from(CertificatePdf)) or 0
        db.session.rollback()
        if stored >= count:
            return time.perf_counter()
        time.sleep(POLL_SECONDS)
    raise RuntimeError(f"the worker did not store {count} certificates in {PATIENCE_SECONDS:.0f} seconds")


def codes(place: Installation, logins: Sequence[str]) -> dict[str, str]:
    """The codes of the learners' certificates, by sign-in name."""
    with place.application():
        held = {login: of_learner(account(login).id)[0].code for login in logins}
        db.session.rollback()
    return held


def alone(place: Installation, seconds: float) -> list[Figure]:
    """The PDFs of stored facts, one after another in this process: what one core does without jobs and database."""
    with place.application():
        rows = db.session.execute(select(Certificate.facts, Certificate.code)).all()
        wanted = [(Facts.from_json(row.facts), verify_url(row.code)) for row in rows]
        db.session.rollback()
    begun = time.perf_counter()
    sizes = [len(pdf.render(*wanted[0]))]
    first = time.perf_counter() - begun
    begun, stop = time.perf_counter(), time.perf_counter() + seconds
    while time.perf_counter() < stop or len(sizes) < 2:
        sizes.append(len(pdf.render(*wanted[len(sizes) % len(wanted)])))
    rate = 60 * (len(sizes) - 1) / (time.perf_counter() - begun)
    return [
        Figure(name=figures.PDF, value=round(first * 1000, 1), unit="ms for the first"),
        Figure(name=figures.PDF, value=round(rate), unit=PER_MINUTE),
        Figure(name=figures.PDF, value=round(statistics.median(sizes)), unit=BYTES),
    ]
