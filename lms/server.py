"""lms serve: the web server and the job worker together, as two children that are watched."""

import signal
import subprocess
import sys
import time
from types import FrameType

RESTART_PAUSE_SECONDS = 1.0
GRACE_SECONDS = 20.0


def serve(host: str, port: int, workers: int, threads: int) -> int:
    """Run until told to stop; a child that dies is started again. Returns the exit code."""
    commands = {
        "web": [
            sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"{host}:{port}", "--worker-class", "gthread",
            "--workers", str(workers), "--threads", str(threads), "--timeout", "60", "--graceful-timeout", "15",
            "--keep-alive", "10", "--log-level", "warning",
            "--limit-request-line", "8190",  # the page that enrols people carries its ticks in the address
        ],
        "worker": [sys.executable, "-m", "lms.cli", "work"],
    }  # fmt: skip
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    children = {name: subprocess.Popen(command) for name, command in commands.items()}
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
            children[name] = subprocess.Popen(commands[name])
    for child in children.values():
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    for child in children.values():
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
    return code
