"""Killed without warning: the real server on a SQLite file loses nothing that it acknowledged."""

import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from lms.home.demo import ACCOUNTS
from tests import make

pytestmark = pytest.mark.timeout(240)
COMMAND = [sys.executable, "-m", "lms.cli"]
COURSE = "ucsc"


class Server:
    """`lms serve` on an instance of its own, in a process group that a test can kill as a whole."""

    def __init__(self, instance: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.instance, self.address = instance, f"http://127.0.0.1:{self.port}"
        self.env = {**os.environ, "LMS_INSTANCE": str(instance)}
        self.env.pop("LMS_DATABASE_URL", None)
        subprocess.run([*COMMAND, "setup", "--demo"], env=self.env, check=True, timeout=120, stdout=subprocess.DEVNULL)
        subprocess.run(
            [*COMMAND, "course", "publish", str(make.SAMPLE)],
            env=self.env,
            check=True,
            timeout=60,
            stdout=subprocess.DEVNULL,
        )
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        with (self.instance / "server.log").open("a") as log:
            self.process = subprocess.Popen(
                [*COMMAND, "serve", "--port", str(self.port)],
                env=self.env, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        wait_until(self.is_up, 60)

    def is_up(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.address}/healthz", timeout=2).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        """SIGKILL for the web server, its workers and the job worker, all at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def rows(self, query: str) -> list[tuple]:
        with sqlite3.connect(self.instance / "lms.sqlite") as connection:
            return connection.execute(query).fetchall()


class Person:
    """A browser's cookies and forms, without the browser."""

    def __init__(self, server: Server, login: str) -> None:
        self.server = server
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        password = next(account.password for account in ACCOUNTS if account.login == login)
        self.post("/dang-nhap", page="/dang-nhap", login=login, password=password)

    def get(self, path: str) -> str:
        with self.opener.open(self.server.address + path, timeout=30) as answer:
            return answer.read().decode()

    def token(self, page: str) -> str:
        return re.search(r'name="csrf_token" value="([^"]+)"', self.get(page))[1]

    def post(self, path: str, page: str, **form: str) -> str:
        """Send the form of a page; the address that it led to."""
        body = urllib.parse.urlencode({**form, "csrf_token": self.token(page)}).encode()
        with self.opener.open(self.server.address + path, body, timeout=30) as answer:
            return answer.url.removeprefix(self.server.address)

    def save(self, url: str, token: str, question: int, values: list[str], revision: int) -> int:
        """Autosave one answer; the revision that the server acknowledged."""
        body = json.dumps({"answers": [{"question": question, "values": values, "revision": revision}]}).encode()
        headers = {"Content-Type": "application/json", "X-CSRFToken": token}
        request = urllib.request.Request(f"{self.server.address}{url}/luu", body, headers)
        with self.opener.open(request, timeout=30) as answer:
            return json.load(answer)["answers"][0]["revision"]


def wait_until(is_so, seconds=60):
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("killed"))
    made.start()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.kill()


def test_no_acknowledged_answer_is_lost_when_everything_is_killed(server: Server) -> None:
    """Four tabs save as fast as they can; SIGKILL meets them all in the middle."""
    an = Person(server, "an@songlam.example")
    an.post(f"/khoa-hoc/{COURSE}/ghi-danh", page=f"/khoa-hoc/{COURSE}")
    url = an.post(f"/bai-kiem-tra/{COURSE}/cuoi-khoa/bat-dau", page=f"/bai-kiem-tra/{COURSE}/cuoi-khoa")
    token = an.token(url)
    acknowledged = dict.fromkeys(range(1, 5), 0)

    def save_on(question: int) -> None:
        revision = 0
        try:
            while True:
                revision = an.save(url, token, question, [str(revision % 2)], revision)
                acknowledged[question] = revision
        except (OSError, http.client.HTTPException):
            return  # the line is dead, as the server is

    tabs = [threading.Thread(target=save_on, args=(question,)) for question in acknowledged]
    for tab in tabs:
        tab.start()
    wait_until(lambda: min(acknowledged.values()) >= 5)
    server.kill()
    for tab in tabs:
        tab.join()
    assert server.rows("PRAGMA integrity_check") == [("ok",)]
    held = dict(server.rows("SELECT question, revision FROM response"))
    paper = json.loads(server.rows("SELECT paper FROM attempt")[0][0])
    for question, told in acknowledged.items():
        # One more may have been stored than was acknowledged, never one less.
        assert held[paper[question - 1]["question"]] - told in {0, 1}
    server.start()
    page = an.get(url)
    assert len(re.findall(r'data-revision="[1-9]\d*"', page)) == len(acknowledged)
    assert an.post(f"{url}/nop", page=f"{url}/nop") == f"{url}/ket-qua"


def test_a_killed_job_worker_is_started_again(server: Server) -> None:
    assert server.process is not None

    def worker() -> int | None:
        children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
        for child in children:
            words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
            if b"work" in words:
                return int(child)
        return None

    first = worker()
    assert first is not None
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: worker() not in {None, first})
    assert server.is_up()


def test_stopping_ends_every_process(server: Server) -> None:
    assert server.process is not None
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(30) == 0
    wait_until(lambda: not _group_lives(server.process.pid))
    assert not server.is_up()


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
