"""The load: clients on kept-alive connections, all driven by one lean loop.

The client shares its cores with the server that it measures, so it must cost little. Threads with http.client took more
processor time for a request than the bare hello did, and waited for one another. Here one thread waits for all sockets
at once, sends bytes that were made beforehand, and reads no more of an answer than status, length and the end: some
tens of microseconds, which the run measures and prints (figures.CLIENT). The servers are other processes, so a process
of its own would win nothing more.
"""

import re
import selectors
import socket
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

HOST = "127.0.0.1"
PATIENCE_SECONDS = 30.0
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_BODILESS = {204, 304}


class Request(NamedTuple):
    """What is sent, and the statuses that may come back: an error is never counted as speed."""

    data: bytes
    expected: tuple[int, ...]


class Answer(NamedTuple):
    """What came back; the head with its status line, the body as it was sent."""

    status: int
    head: bytes
    body: bytes


Flow = Generator[Request, Answer, Any]
"""One unit of work: it yields requests and is given their answers."""
Work = Callable[[], Flow | None]
"""What a client does again and again; None when there is nothing left to do."""


class _Client:
    """One connection, working through one flow after another."""

    def __init__(self, port: int, work: Work) -> None:
        self.socket = socket.create_connection((HOST, port), timeout=PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.work = work
        self.result: Any = None
        self._held = b""

    def begin(self) -> bool:
        """Start the next flow; False when there is none."""
        flow = self.work()
        if flow is None:
            return False
        self.flow, self.begun = flow, time.perf_counter()
        self._send(next(flow))
        return True

    def _send(self, request: Request) -> None:
        self.request = request
        self.socket.sendall(request.data)

    def receive(self) -> bool:
        """Take what has arrived and go on; True when the flow has ended."""
        arrived = self.socket.recv(65_536)
        if not arrived:
            raise RuntimeError(f"the server hung up after {_first_line(self.request.data)}")
        self._held += arrived
        answer = _answer(self._held)
        if answer is None:
            return False
        self._held = b""
        if answer.status not in self.request.expected:
            raise RuntimeError(f"{_first_line(self.request.data)} was answered {answer.status}")
        try:
            self._send(self.flow.send(answer))
        except StopIteration as end:
            self.result = end.value
            return True
        return False


def _first_line(data: bytes) -> str:
    return data.partition(b"\r\n")[0].decode()


def _answer(held: bytes) -> Answer | None:
    """The answer, once all of it is there."""
    end = held.find(b"\r\n\r\n")
    if end < 0:
        return None
    head, status = held[:end], int(held[9:12])
    length = _LENGTH.search(head)
    if length is None and status not in _BODILESS:
        raise RuntimeError(f"an answer without a length cannot be measured: {_first_line(head)}")
    size = int(length[1]) if length and status not in _BODILESS else 0
    return Answer(status, head, held[end + 4 :]) if len(held) >= end + 4 + size else None


@dataclass(frozen=True)
class Load:
    """What came of a load: the seconds of each finished flow, those of the whole, the processor time of the client."""

    times: list[float]
    seconds: float
    client_seconds: float

    @property
    def rate(self) -> float:
        """Flows per second."""
        return len(self.times) / self.seconds


def drive(port: int, works: Sequence[Work], seconds: float) -> Load:
    """Let the clients work for so long at once; what is begun by then is finished and counts."""
    clients = [_Client(port, work) for work in works]
    selector = selectors.DefaultSelector()
    times: list[float] = []
    spent = time.process_time()
    started = last = time.perf_counter()
    stop = started + seconds
    try:
        for client in clients:
            if client.begin():
                selector.register(client.socket, selectors.EVENT_READ, client)
        while selector.get_map():
            ready = selector.select(PATIENCE_SECONDS)
            if not ready:
                raise RuntimeError(f"nothing was answered for {PATIENCE_SECONDS:.0f} seconds")
            for key, _ in ready:
                client = key.data
                if client.receive():
                    last = time.perf_counter()
                    times.append(last - client.begun)
                    if last >= stop or not client.begin():
                        selector.unregister(client.socket)
    finally:
        selector.close()
        for client in clients:
            client.socket.close()
    return Load(times, last - started, time.process_time() - spent)


def perform(port: int, flow: Flow) -> Any:
    """Do one flow once and return what it returns."""
    client = _Client(port, lambda: flow)
    try:
        client.begin()
        while not client.receive():
            pass
    finally:
        client.socket.close()
    return client.result
