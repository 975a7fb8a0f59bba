"""A throw-away installation, and the servers of it: the product as `lms serve` starts it, the ceilings, the job worker."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from benchmarks import ceiling
from benchmarks.load import HOST
from lms.app import create_app
from lms.core.db import db
from lms.server import web_command, worker_command
from lms.settings import ROOT, load
from tests.servers import postgres_url, process_of, run_name

LMS = (sys.executable, "-m", "lms.cli")
WORKERS = 4
"""Web processes of the product and of the bare applications; `lms serve` starts two unless it is told."""
START_SECONDS, STOP_SECONDS = 60.0, 30.0
MOST_SAID = 5000


@dataclass(frozen=True)
class Installation:
    """A folder and a database of its own, with the demonstration in it."""

    database: str
    folder: Path
    settings: dict[str, str]

    @property
    def environment(self) -> dict[str, str]:
        """The caller's own variables, without any setting of a real installation."""
        return {name: value for name, value in os.environ.items() if not name.startswith("LMS_")} | self.settings

    @contextmanager
    def application(self) -> Iterator[Flask]:
        """The application on its database, in this process."""
        app = create_app(load(self.settings))
        with app.app_context():
            try:
                yield app
            finally:
                db.session.remove()
                db.engine.dispose()

    def server_of_database(self) -> int | None:
        """The process of the database server, where there is one."""
        return process_of(run_name(durable=True)) if self.database == "postgresql" else None


@contextmanager
def installed(database: str) -> Iterator[Installation]:
    """Set one up from nothing, with the product's own command; it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="lms-bench-") as name:
        settings = {"LMS_INSTANCE": name, "LMS_BASE_URL": f"http://{HOST}:8000"}
        if database == "postgresql":
            settings["LMS_DATABASE_URL"] = postgres_url("lms_bench", durable=True)
        made = Installation(database, Path(name), settings)
        subprocess.run([*LMS, "setup", "--demo"], env=made.environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        yield made


@dataclass(frozen=True)
class Stand:
    """The product and the bare applications, served side by side; the idle one costs nothing."""

    product: int
    ceiling: int
    process: int
    """`lms serve`, from which all processes of the product come."""


@contextmanager
def standing(place: Installation) -> Iterator[Stand]:
    """Start both and wait until they answer."""
    product, bare = _free_port(), _free_port()
    file = str(place.folder / "ceiling.sqlite")
    ceiling.prepare(file)
    environment = place.environment
    serve = [*LMS, "serve", "--host", HOST, "--port", str(product), "--workers", str(WORKERS)]
    bare_command = web_command(HOST, bare, WORKERS, application="benchmarks.ceiling:app")
    with (
        running(serve, environment, place.folder / "serve.log") as process,
        running(bare_command, environment | {ceiling.FILE: file}, place.folder / "ceiling.log") as other,
    ):
        _wait_for(f"http://{HOST}:{product}/healthz", process)
        _wait_for(f"http://{HOST}:{bare}/read", other)
        yield Stand(product, bare, process.pid)


@contextmanager
def working(place: Installation) -> Iterator[None]:
    """The job worker alone."""
    with running(worker_command(), place.environment, place.folder / "work.log"):
        yield


@contextmanager
def running(command: Sequence[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with the block; what it says goes into the file, and is told when something fails."""
    with log.open("ab") as said:
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=said, stderr=said)
    try:
        yield process
    except Exception as error:
        error.add_note(f"{log.name}:\n{log.read_text('utf-8', 'replace')[-MOST_SAID:]}")
        raise
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - our own server
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{url} does not answer")
