"""Throw-away PostgreSQL servers for tests and benchmarks: the first to ask starts one, and it ends with the run, killed or not."""

import fcntl
import os
import pwd
import secrets
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

# The process whose end is the server's end, and a name for this run: the first to import this, which with pytest-xdist
# is the controller; its workers inherit both and so share one server.
RUN = os.environ.setdefault("LMS_TEST_RUN", f"{os.getpid()}-{secrets.token_hex(4)}")

CONFIGURATION = """
listen_addresses = ''
unix_socket_directories = '{socket}'
timezone = 'Asia/Ho_Chi_Minh'
"""
# A test's data is thrown away, so that nothing has to survive a power cut.
HASTY = """
fsync = off
full_page_writes = off
synchronous_commit = off
"""


def postgres_url(name: str, *, durable: bool = False) -> str:
    """The SQLAlchemy URL of an empty database of this name; one that was there before is replaced.

    Durable: on a server of its own that waits for the disk, as a real one does, for whoever measures it.
    """
    socket = _server(durable=durable)
    with psycopg.connect(host=str(socket), user="postgres", dbname="postgres", autocommit=True) as connection:
        database = sql.Identifier(name)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(database))
    return f"postgresql+psycopg://postgres@/{name}?host={socket}"


def run_name(*, durable: bool) -> str:
    """The run of one of the two servers; it begins with the process that owns it."""
    return f"{RUN}-durable" if durable else RUN


def process_of(run: str) -> int:
    """The process that all others of a run's server come from."""
    return int((folder_of(run) / "data" / "postmaster.pid").read_text().splitlines()[0])


def folder_of(run: str) -> Path:
    """Where a run keeps its server; short, because the path of a socket may have a hundred letters."""
    base = tempfile.gettempdir()
    return Path(base if len(base) < 60 else "/tmp") / f"lms-postgresql-{run}"


def _server(*, durable: bool) -> Path:
    """The folder of the server's socket; the workers wait here for the one that starts it."""
    run = run_name(durable=durable)
    folder = folder_of(run)
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "started").exists():
            _start(folder, run, "" if durable else HASTY)
            (folder / "started").touch()
    return folder / "socket"


def _start(folder: Path, run: str, more: str) -> None:
    """Make a cluster and start it, watched from the first moment by a process that outlives us."""
    nowhere = subprocess.DEVNULL
    subprocess.run(
        [sys.executable, __file__, run],
        stdin=nowhere,
        stdout=nowhere,
        stderr=nowhere,
        start_new_session=True,
        check=True,
    )
    folder.chmod(0o711)  # the server's user passes through, nobody looks around
    for name in ("data", "socket"):
        (folder / name).mkdir(mode=0o700)
        if os.geteuid() == 0:
            user = _server_user()
            os.chown(folder / name, user.pw_uid, user.pw_gid)
    # Sorted as in a Vietnamese office: a query that needs another order has to say so.
    locale = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=vi"]
    _run("initdb", "--pgdata", folder / "data", "--username=postgres", "--auth=trust", "--no-sync", *locale)
    with (folder / "data" / "postgresql.conf").open("a") as file:
        file.write(CONFIGURATION.format(socket=folder / "socket") + more)
    _run("pg_ctl", "start", "--pgdata", folder / "data", "--log", folder / "data" / "log", "--wait", "--silent")


def _run(program: str, *arguments: str | Path) -> None:
    """Run one of PostgreSQL's programs; its own words are the error's."""
    with tempfile.TemporaryFile("w+") as output:  # a pipe would stay open in the server that pg_ctl leaves behind
        done = subprocess.run(
            [_binary(program), *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            **_identity(),
        )
        if done.returncode:
            output.seek(0)
            raise RuntimeError(f"The throw-away PostgreSQL: {program} failed.\n{output.read()}")


def _binary(program: str) -> str:
    """Debian keeps the server's programs out of PATH; the newest version is taken."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: int(path.parts[4]))
    path = str(found[-1]) if found else shutil.which(program)
    if path is None:
        raise RuntimeError(
            f"The throw-away PostgreSQL: {program} was not found; make test and make bench install the server."
        )
    return path


def _identity() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: root lends it another user."""
    if os.geteuid() != 0:
        return {}
    user = _server_user()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _server_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _watch(run: str) -> None:
    """Wait for the owner to end, however it ends; then stop the server and remove all of it."""
    try:
        owner = os.pidfd_open(int(run.partition("-")[0]))
        select.select([owner], [], [])
    except ProcessLookupError:
        pass  # it has ended already
    folder = folder_of(run)
    for _ in range(20):  # a server that was just starting is still to come
        try:
            _run("pg_ctl", "stop", "--pgdata", folder / "data", "--mode=immediate", "--silent")
            break
        except RuntimeError:
            time.sleep(0.1)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__" and os.fork() == 0:  # the parent returns at once, the child stays
    _watch(sys.argv[1])
