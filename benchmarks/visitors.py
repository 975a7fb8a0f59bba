"""People's browsers as the load plays them, and what they do there."""

import gzip
import json
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from benchmarks.load import Answer, Flow, Request, Work

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
SIGN_IN_URL, HOME_URL = "/dang-nhap", "/viec-can-lam"
OPENED, SENT, SAVED = (200, 304), (303,), (200,)
_COOKIE = re.compile(rb"\r\nset-cookie: *([^=]+)=([^;\r]*)", re.IGNORECASE)
_LOCATION = re.compile(rb"\r\nlocation: *(\S+)", re.IGNORECASE)
TOKEN = re.compile(rb'name="csrf_token"[^>]* value="([^"]+)"')


@dataclass
class Visitor:
    """One browser: its cookies, and the CSRF token of its session."""

    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def get(self, path: str, **headers: str) -> Request:
        """Opening a page."""
        return self._request("GET", path, b"", headers, OPENED)

    def post(self, path: str, **fields: str) -> Request:
        """Sending a form; a page of ours answers with where to go on."""
        body = urlencode({"csrf_token": self.token, **fields}).encode()
        return self._request("POST", path, body, {"Content-Type": FORM}, SENT)

    def save(self, attempt: str, number: int, value: str, revision: int = 0) -> Request:
        """An answer as the script of the attempt's page sends it."""
        answers = [{"question": number, "values": [value], "revision": revision}]
        headers = {"Content-Type": JSON, "X-CSRFToken": self.token}
        return self._request("POST", f"{attempt}/luu", json.dumps({"answers": answers}).encode(), headers, SAVED)

    def _request(
        self, method: str, path: str, body: bytes, headers: dict[str, str], expected: tuple[int, ...]
    ) -> Request:
        sent = {"Host": "127.0.0.1", "Accept-Encoding": "gzip", **headers}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method == "POST":
            sent["Content-Length"] = str(len(body))
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", ""]
        return Request("\r\n".join(lines).encode() + body, expected)

    def keep(self, answer: Answer) -> None:
        """Store the cookies, and the token where the page has a form."""
        for name, value in _COOKIE.findall(answer.head):
            self.cookies[name.decode()] = value.decode()
        found = TOKEN.search(text_of(answer))
        if found:
            self.token = found[1].decode()


def text_of(answer: Answer) -> bytes:
    """The body, unpacked."""
    return gzip.decompress(answer.body) if answer.body[:2] == b"\x1f\x8b" else answer.body


def location(answer: Answer) -> str:
    """The path that a redirect leads to."""
    found = _LOCATION.search(answer.head)
    if found is None:
        raise RuntimeError("the answer leads nowhere")
    return urlsplit(found[1].decode()).path


def opening(request: Request) -> Work:
    """The same page again and again."""

    def flow() -> Flow:
        yield request

    return flow


def signing_in(login: str, password: str) -> Flow:
    """From the sign-in page to the first one; returns the visitor, signed in."""
    visitor = Visitor()
    visitor.keep((yield visitor.get(SIGN_IN_URL)))
    visitor.keep((yield visitor.post(SIGN_IN_URL, login=login, password=password)))
    visitor.keep((yield visitor.get(HOME_URL)))
    return visitor


def beginning(visitor: Visitor, quiz: str) -> Flow:
    """Open an attempt; returns its address."""
    return location((yield visitor.post(f"{quiz}/bat-dau")))


def saving(visitor: Visitor, attempt: str, questions: int) -> Work:
    """One answer after another, through all questions and again with another option."""
    saved = 0

    def flow() -> Flow:
        nonlocal saved
        turn, place = divmod(saved, questions)
        saved += 1
        yield visitor.save(attempt, place + 1, str(turn % 2), turn)

    return flow


def attempting(visitor: Visitor, quiz: str, questions: int) -> Flow:
    """A whole attempt: the quiz, its paper, every answer saved as it is given, the look before submitting, the result."""
    yield visitor.get(quiz)
    attempt = location((yield visitor.post(f"{quiz}/bat-dau")))
    yield visitor.get(attempt)
    for number in range(1, questions + 1):
        yield visitor.save(attempt, number, "1")
    yield visitor.get(f"{attempt}/nop")
    yield visitor.post(f"{attempt}/nop")
    yield visitor.get(f"{attempt}/ket-qua")
