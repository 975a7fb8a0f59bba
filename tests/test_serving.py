"""lms serve and lms setup as an operator runs them: real processes, started, stopped, killed and doubled."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

LMS = [sys.executable, "-m", "lms.cli"]


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Of one installation, set up by the first test."""
    return {**os.environ, "LMS_INSTANCE": str(tmp_path_factory.mktemp("installation"))}


def until(is_so: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not (so := is_so()) and time.monotonic() < end:
        time.sleep(0.1)
    return so


def descendants(process: int) -> list[int]:
    try:
        children = [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except FileNotFoundError:
        return []
    return children + [below for child in children for below in descendants(child)]


def runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def answers(port: int) -> bool:
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).status == 200
    except OSError:
        return False


def test_two_set_ups_at_once_make_one_administrator(env):
    both = [subprocess.Popen([*LMS, "setup"], env=env, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted("Mật khẩu tạm" in text for text in said) == [False, True]


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_however_it_ends_the_server_leaves_nothing_running(env, ending):
    subprocess.run([*LMS, "setup"], env=env, check=True, capture_output=True)  # where this test runs alone
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen([*LMS, "serve", "--port", str(port)], env=env, stdout=subprocess.DEVNULL) as server:
        try:
            assert until(lambda: answers(port), 60)
            assert until(lambda: len(descendants(server.pid)) >= 4, 30)  # gunicorn, its two workers, the job worker
            below = descendants(server.pid)
        finally:
            server.send_signal(ending)
    assert until(lambda: not any(runs(process) for process in below), 30)
    assert not answers(port)
