"""lms serve: the web server and the job worker together, as two children that are watched."""

import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType

WEB_WORKERS = 2
THREADS = 8
RESTART_PAUSE_SECONDS = 1.0
MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(2**20)}
"""glibc then gives the 19 MiB that each password takes back to the system (mallopt(3)); else it keeps them by thread."""
GRACE_SECONDS = 20.0

Child = subprocess.Popen[bytes]
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def complaint(host: str, port: int) -> str | None:
    """Why nobody can be served at this address; gunicorn says it less clearly, and later."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except PermissionError:
        return f"cổng {port} chỉ dành cho root: chọn cổng từ 1024 trở lên"
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return f"cổng {port} đang có chương trình khác dùng: dừng nó, hoặc chọn cổng khác (PORT=9000 make run, lms serve --port 9000)"
        return f"máy này không có địa chỉ {host}"
    return None


def web_command(
    host: str, port: int, workers: int = WEB_WORKERS, threads: int = THREADS, application: str = "lms.app:create_app()"
) -> list[str]:
    """How the web server is started; benchmarks serve their bare applications with the same line."""
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return [
        sys.executable, "-m", "gunicorn", application, "--bind", address, "--worker-class", "gthread",
        "--workers", str(workers), "--threads", str(threads), "--timeout", "60", "--graceful-timeout", "15",
        "--keep-alive", "10", "--log-level", "warning", "--no-control-socket",
        "--limit-request-line", "8190",  # the page that enrols people carries its ticks in the address
    ]  # fmt: skip


def worker_command() -> list[str]:
    """How the job worker is started."""
    return [sys.executable, "-m", "lms.cli", "work"]


def serve(host: str, port: int, workers: int, threads: int) -> int:
    """Run until told to stop; a child that dies is started again. Returns the exit code."""
    commands = {"web": web_command(host, port, workers, threads), "worker": worker_command()}
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):  # SIGHUP: the terminal was closed
        signal.signal(number, stop)
    children = {name: _start(command) for name, command in commands.items()}
    code = 0
    while not stopping:
        time.sleep(0.2)
        for name, child in children.items():
            if child.poll() is None or stopping:
                continue
            if name == "web" and child.returncode == 1:
                # gunicorn could not start at all: the port is taken, or the settings are wrong
                stopping, code = True, 1
                break
            time.sleep(RESTART_PAUSE_SECONDS)
            children[name] = _start(commands[name])
    _stop_all(list(children.values()))
    return code


def _start(command: list[str]) -> Child:
    return subprocess.Popen(command, env=MEMORY | os.environ, preexec_fn=_end_with_us)  # noqa: PLW1509 - we have no threads


def _stop_all(children: list[Child]) -> None:
    """Ask them to finish what they are at; those that do not are killed."""
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()


def _end_with_us() -> None:
    """In the child: if we are killed, it is told to stop; otherwise it would keep the port."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
