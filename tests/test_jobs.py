"""Jobs: whatever is killed, lost or asked for twice, each piece of work is done, and its result stands once."""

import contextvars
import os
import signal
import subprocess
import sys
import threading
import time as wall
from datetime import timedelta
from pathlib import Path

import pytest

from lms.audit.models import AuditEntry
from lms.core import clock, jobs, throttle
from lms.core.db import begin_reading, begin_writing, db
from lms.core.jobs import Job, enqueue, run_all_due, run_one
from tests import cast, make
from tests.parallel import together
from tests.see import all_of

WORKER = """
import sys
import time
from datetime import timedelta
from pathlib import Path

from lms.app import create_app
from lms.core import clock, jobs, throttle
from lms.core.db import begin_writing, db
from lms.settings import Settings

instance, url, marker, seconds = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), float(sys.argv[4])
jobs.LEASE = timedelta(seconds=2)


def write_slowly(subject):
    begin_writing()
    throttle.strike(subject, now=clock.now())
    db.session.flush()
    marker.touch()
    time.sleep(seconds)


app = create_app(Settings(instance=instance, database_url=url))
app.extensions["job_handlers"] = {"test.write": write_slowly}
with app.app_context():
    jobs.work_forever(lambda: False)
"""


@pytest.fixture
def handlers(app, monkeypatch):
    """The kinds of jobs there are in this test."""
    found = {}
    monkeypatch.setitem(app.extensions, "job_handlers", found)
    return found


def ask(subject, **when):
    begin_writing()
    enqueue("test.write", subject, now=clock.now(), **when)
    make.done(None)


def write(subject):
    begin_writing()
    throttle.strike(subject, now=clock.now())


def written(subject):
    db.session.rollback()
    return throttle.count(subject, window=timedelta(days=1), now=clock.now())


def elsewhere(app, act):
    """Do it in another process's place: a thread with a context and a session of its own."""

    def run():
        with app.app_context():
            act()
            db.session.remove()

    thread = threading.Thread(target=contextvars.Context().run, args=(run,))
    thread.start()
    thread.join()


def test_work_is_done_once_and_what_it_wrote_stands(handlers):
    handlers["test.write"] = write
    ask("x")
    assert run_all_due() == 1
    assert run_all_due() == 0
    assert written("x") == 1


def test_work_of_a_transaction_that_is_undone_is_never_done(handlers):
    handlers["test.write"] = write
    begin_writing()
    enqueue("test.write", "x", now=clock.now())
    db.session.rollback()
    begin_reading()
    assert run_all_due() == 0
    assert all_of(Job) == []


def test_the_same_work_waits_once_and_may_be_asked_for_again_when_done(handlers):
    handlers["test.write"] = write
    ask("x")
    ask("x")
    ask("y")
    assert [job.subject for job in all_of(Job)] == ["x", "y"]
    run_all_due()
    ask("x")
    run_all_due()
    assert written("x") == 2


def test_two_transactions_that_ask_for_the_same_work_at_once_both_succeed(app, handlers):
    def ask_and_linger():
        with app.app_context():
            begin_writing()
            enqueue("test.write", "x", now=clock.now())
            db.session.flush()
            wall.sleep(0.2)  # the other one asks meanwhile
            db.session.commit()
            db.session.remove()

    assert together(ask_and_linger, ask_and_linger) == [None, None]
    assert len(all_of(Job)) == 1


def test_work_waits_for_its_time(handlers, time):
    handlers["test.write"] = write
    ask("x", run_at=clock.now() + timedelta(minutes=40))
    assert run_all_due() == 0
    time.passes(minutes=41)
    assert run_all_due() == 1


def test_what_is_asked_for_while_it_is_being_done_is_done_again(app, handlers):
    """The one that runs has read what held before; what it found out must not be the last word."""
    calls = []

    def interrupted(subject):
        calls.append(subject)
        if len(calls) == 1:
            elsewhere(app, lambda: ask(subject))
        write(subject)

    handlers["test.write"] = interrupted
    ask("x")
    run_all_due()
    assert len(calls) == 2
    assert written("x") == 1


def test_a_worker_that_lost_its_lease_reports_nothing(app, handlers, time):
    calls = []

    def overtaken(subject):
        calls.append(subject)
        if len(calls) == 1:
            time.passes(minutes=3)
            elsewhere(app, run_one)  # another worker takes the job and finishes it
        write(subject)

    handlers["test.write"] = overtaken
    ask("x")
    run_all_due()
    assert len(calls) == 2
    assert written("x") == 1
    assert [job.fence for job in all_of(Job)] == [2]


def test_what_failed_leaves_nothing_and_is_tried_again(handlers, time):
    calls = []

    def fails_once(subject):
        calls.append(subject)
        write(subject)
        if len(calls) == 1:
            raise OSError("the disk is full")

    handlers["test.write"] = fails_once
    ask("x")
    run_all_due()
    assert written("x") == 0
    assert all_of(Job)[0].error == "OSError: the disk is full"
    time.passes(seconds=6)
    run_all_due()
    assert written("x") == 1
    assert all_of(Job)[0].error is None


def test_five_failures_show_on_the_system_page_and_the_job_can_be_run_again(handlers, client_of, time):
    def fails(subject):
        raise OSError("the disk is full")

    handlers["test.write"] = fails
    ask("x")
    for _ in range(7):
        run_all_due()
        time.passes(seconds=6)
    job = all_of(Job)[0]
    assert job.tries == 5
    giang = client_of("giang")
    page = giang.get("/quan-tri/he-thong").text
    assert "test.write x" in page
    assert "the disk is full" in page
    handlers["test.write"] = write
    assert giang.post(f"/quan-tri/he-thong/viec/{job.id}/lai").status_code == 303
    assert run_all_due() == 1
    assert written("x") == 1
    assert "test.write x" not in giang.get("/quan-tri/he-thong").text
    entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "core:job:retry")).one()
    assert (entry.actor_id, entry.object_id) == (cast.person("giang").id, str(job.id))


def test_what_was_given_up_gets_its_tries_back_when_it_is_asked_for_again(handlers, time):
    def fails(subject):
        raise OSError("the disk is full")

    handlers["test.write"] = fails
    ask("x")
    for _ in range(5):
        run_all_due()
        time.passes(seconds=6)
    assert run_all_due() == 0
    handlers["test.write"] = write
    ask("x")
    assert run_all_due() == 1
    assert written("x") == 1


def test_a_failing_job_tells_the_log_where_but_nobodys_data(handlers, caplog):
    def fails(subject):
        raise ValueError(subject)

    handlers["test.write"] = fails
    ask("an@songlam.example")
    run_all_due()
    assert "in fails" in caplog.text
    assert "ValueError" in caplog.text
    assert "an@songlam.example" not in caplog.text
    assert all_of(Job)[0].error == "ValueError"


def start_worker(app, marker: Path, seconds: float) -> subprocess.Popen:
    settings = app.config["SETTINGS"]
    arguments = [str(settings.instance), settings.database, str(marker), str(seconds)]
    return subprocess.Popen([sys.executable, "-c", WORKER, *arguments], cwd=Path.cwd())


def wait_until(is_so, seconds=60):
    until = wall.monotonic() + seconds
    while not is_so():
        assert wall.monotonic() < until, "waited in vain"
        wall.sleep(0.05)


def test_a_killed_worker_loses_nothing_and_does_nothing_twice(app, tmp_path):
    """SIGKILL in the middle of a job, after it wrote and before it reported."""
    ask("x")
    marker = tmp_path / "in the middle"
    with start_worker(app, marker, 60) as victim:
        wait_until(marker.exists)
        os.kill(victim.pid, signal.SIGKILL)
    assert written("x") == 0
    lease = all_of(Job)[0].leased_until
    assert all_of(Job)[0].done_at is None
    with start_worker(app, tmp_path / "again", 0) as next_one:
        wait_until(lambda: all_of(Job)[0].done_at is not None)
        next_one.kill()
    job = all_of(Job)[0]
    assert job.done_at > lease
    assert (job.tries, written("x")) == (2, 1)
    assert jobs.count_waiting(clock.now()) == 0
