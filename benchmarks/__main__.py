"""make bench: starts real servers, drives them, prints a table and writes benchmarks.json into instance/."""

import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lms.app import create_app
from lms.certificates import pdf
from lms.certificates.rules import Facts
from lms.core import clock
from lms.home.demo import ACCOUNTS
from lms.people.signin import password
from lms.settings import ROOT, Settings

SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))
CLIENTS = (1, 8, 16)
GUNICORN = [
    sys.executable,
    "-m",
    "gunicorn",
    "--worker-class",
    "gthread",
    "--workers",
    "2",
    "--threads",
    "8",
    "--keep-alive",
    "30",
    "--log-level",
    "error",
]
Figure = dict[str, object]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def serving(application: str, env: dict[str, str]) -> Iterator[int]:
    """A gunicorn with two workers of eight threads, as `lms serve` starts it."""
    port = free_port()
    server = subprocess.Popen(
        [*GUNICORN, "--bind", f"127.0.0.1:{port}", application], env={**os.environ, **env}, cwd=ROOT
    )
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(20)


class Client:
    """One connection that keeps its cookies."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.cookies: dict[str, str] = {}

    def ask(
        self, method: str, path: str, body: str = "", kind: str = "application/x-www-form-urlencoded", **headers: str
    ) -> tuple[int, bytes]:
        """Status and body; redirects are not followed."""
        sent = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "Accept-Encoding": "gzip", **headers}
        if body:
            sent["Content-Type"] = kind
        self.connection.request(method, path, body or None, sent)
        answer = self.connection.getresponse()
        data = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        self.location = answer.headers.get("Location", "")
        return answer.status, data

    def token(self, path: str) -> str:
        """The CSRF token of a page."""
        _, page = self.ask("GET", path, **{"Accept-Encoding": "identity"})
        found = re.search(rb'name="csrf_token" value="([^"]+)"', page)
        if not found:
            raise RuntimeError(f"{path} has no token")
        return found[1].decode()

    def post(self, path: str, page: str, **fields: str) -> int:
        """Send a form whose token stands on the page."""
        return self.ask("POST", path, urllib.parse.urlencode({"csrf_token": self.token(page), **fields}))[0]


def signed_in(port: int) -> Client:
    client = Client(port)
    account = ACCOUNTS[0]
    if client.post("/dang-nhap", "/dang-nhap", login=account.login, password=account.password) != 303:
        raise RuntimeError("could not sign in")
    return client


def drive(clients: int, make: Callable[[], Callable[[], None]]) -> tuple[float, float, float]:
    """Requests per second, median and 95th percentile in milliseconds of so many clients at once."""
    times: list[float] = []
    lock = threading.Lock()
    stop = time.monotonic() + SECONDS

    def work(act: Callable[[], None]) -> None:
        own = []
        while time.monotonic() < stop:
            begun = time.perf_counter()
            act()
            own.append((time.perf_counter() - begun) * 1000)
        with lock:
            times.extend(own)

    acts = [make() for _ in range(clients)]
    stop = time.monotonic() + SECONDS
    threads = [threading.Thread(target=work, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ordered = sorted(times)
    return len(times) / SECONDS, statistics.median(ordered), ordered[int(len(ordered) * 0.95)]


def getter(client: Client, path: str) -> Callable[[], None]:
    def act() -> None:
        status, _ = client.ask("GET", path)
        if status != 200:
            raise RuntimeError(f"{path} answered {status}")

    return act


def saver(client: Client, attempt: str, token: str) -> Callable[[], None]:
    state = {"n": 0}

    def act() -> None:
        state["n"] += 1
        body = json.dumps({"answers": [{"question": 1, "values": [str(state["n"] % 2)], "revision": state["n"]}]})
        status, _ = client.ask("POST", f"{attempt}/luu", body, "application/json", **{"X-CSRFToken": token})
        if status != 200:
            raise RuntimeError(f"saving answered {status}")

    return act


def measure(database: str, env: dict[str, str]) -> list[Figure]:
    figures: list[Figure] = []
    ceilings: dict[int, float] = {}
    with serving("benchmarks.ceiling:app", {}) as port:
        for path in ("/hello", "/read"):
            for count in CLIENTS:
                rps, median, p95 = drive(count, lambda path=path: getter(Client(port), path))
                if path == "/hello":
                    ceilings[count] = rps
                figures += rows(f"ceiling {path}", rps, median, p95, count, database, ceilings[count])
    with serving("wsgi:app", env) as port:
        client = signed_in(port)
        client.post("/khoa-hoc/ucsc/ghi-danh", "/khoa-hoc/ucsc")
        client.post("/bai-kiem-tra/ucsc/cuoi-khoa/bat-dau", "/bai-kiem-tra/ucsc/cuoi-khoa")
        attempt = client.location
        token = client.token(attempt)
        pages = {
            "home": "/viec-can-lam",
            "course page": "/khoa-hoc/ucsc",
            "lesson page": "/khoa-hoc/ucsc/c5-bao-cao-dung-moc",
        }
        for name, path in pages.items():
            size = len(client.ask("GET", path)[1])
            figures.append(
                {
                    "name": f"{name}, gzip",
                    "value": size,
                    "unit": "bytes",
                    "clients": 1,
                    "database": database,
                    "ceiling": None,
                    "ratio": None,
                }
            )
            for count in CLIENTS:
                figures += rows(
                    name,
                    *drive(count, lambda path=path: getter(copy(client, port), path)),
                    count,
                    database,
                    ceilings[count],
                )
        for count in CLIENTS:
            figures += rows(
                "save an answer",
                *drive(count, lambda: saver(copy(client, port), attempt, token)),
                count,
                database,
                ceilings[count],
            )
    return figures


def copy(client: Client, port: int) -> Client:
    made = Client(port)
    made.cookies = dict(client.cookies)
    return made


def rows(name: str, rps: float, median: float, p95: float, clients: int, database: str, ceiling: float) -> list[Figure]:
    common = {"clients": clients, "database": database}
    return [
        {
            "name": name,
            "value": round(rps, 1),
            "unit": "per second",
            **common,
            "ceiling": round(ceiling, 1),
            "ratio": round(rps / ceiling, 3),
        },
        {"name": name, "value": round(median, 2), "unit": "ms median", **common, "ceiling": None, "ratio": None},
        {"name": name, "value": round(p95, 2), "unit": "ms p95", **common, "ceiling": None, "ratio": None},
    ]


def alone() -> list[Figure]:
    """What needs no server: one password, one certificate, on one core."""
    today = clock.today()
    facts = Facts(
        issuer_parent="Ủy ban nhân dân tỉnh Sông Lam", issuer_name="Sở Khoa học và Công nghệ", issuer_abbreviation="SKHCN",
        place="Sông Lam", signer_name="Phạm Văn Khánh", signer_capacity="GIÁM ĐỐC", holder_name="Nguyễn Thị An", birth_date=None,
        position="Chuyên viên", unit_name="UBND phường Hoa Sữa", course_title="Ứng cứu sự cố", started_on=today, finished_on=today,
        hours=None, fraction=0.9, rating="Xuất sắc", number="0001/2026/GCN-SKHCN", register_number="0001", code="WMUC-G2A8-LVAS",
        issued_on=today, expires_on=None,
    )  # fmt: skip
    begun = time.perf_counter()
    data = pdf.render(facts, "http://127.0.0.1/xm/WMUC-G2A8-LVAS")
    cold = time.perf_counter() - begun
    warm = timed(lambda: pdf.render(facts, "http://127.0.0.1/xm/WMUC-G2A8-LVAS"))
    hashing = timed(lambda: password.make("Hoa-Sen-Trang-26"))
    common = {"clients": 1, "database": "-", "ceiling": None, "ratio": None}
    return [
        {"name": "first certificate PDF", "value": round(cold * 1000, 1), "unit": "ms", **common},
        {"name": "certificate PDFs, warm", "value": round(60 / warm), "unit": "per minute per core", **common},
        {"name": "certificate PDF", "value": len(data), "unit": "bytes", **common},
        {"name": "password checks", "value": round(1 / hashing, 1), "unit": "per second per core", **common},
    ]


def timed(act: Callable[[], object]) -> float:
    """Median seconds of one go."""
    taken = []
    stop = time.monotonic() + SECONDS
    while time.monotonic() < stop:
        begun = time.perf_counter()
        act()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def main() -> None:
    figures = alone()
    with tempfile.TemporaryDirectory() as folder:
        env = {"LMS_INSTANCE": folder}
        subprocess.run(
            [sys.executable, "-m", "lms.cli", "setup", "--demo"],
            env={**os.environ, **env},
            check=True,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )
        create_app(Settings(instance=Path(folder)))
        figures += measure("sqlite", env)
    for figure in figures:
        ratio = f"  {figure['ratio']:.1%} of hello" if figure["ratio"] else ""
        print(f"{figure['name']:<28} {figure['clients']:>3} clients  {figure['value']:>10} {figure['unit']}{ratio}")
    out = ROOT / "instance" / "benchmarks.json"
    out.write_text(json.dumps(figures, indent=1), "utf-8")
    print(f"\n{out}")


if __name__ == "__main__":
    main()
