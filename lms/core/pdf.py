"""HTML as PDF bytes, always the same for the same words, with fonts of our own inside; the only user of WeasyPrint."""

import hashlib
import mimetypes
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse, URLFetchingError

from lms.core import blobs, lean

FONTS = Path(__file__).parent / "fonts"
FONT_FILES = ("Tinos-Regular.ttf", "Tinos-Bold.ttf", "Tinos-Italic.ttf")

_drawing = threading.Lock()
"""Pango and the shared fonts are used by one thread at a time."""


class VendoredOnly(URLFetcher):  # type: ignore[misc]  # the library has no types
    """Gives the three fonts that stand beside this file; anything else stops the drawing."""

    refusal: type[Exception] = FatalURLFetchingError

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        name = url.removeprefix("font:")
        if url == name or name not in FONT_FILES:
            raise self.refusal(f"A document may not load {url}")
        return URLFetcherResponse(url, (FONTS / name).read_bytes(), {"Content-Type": "font/ttf"})


PICTURES = "picture:"
"""What stands before the digest and name of a stored picture in the HTML of a document."""


class WithPictures(VendoredOnly):
    """The same, and those of the stored files that the document may show."""

    refusal = URLFetchingError

    def __init__(self, allowed: AbstractSet[str]) -> None:
        super().__init__()
        self.allowed = allowed

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        digest, _slash, name = url.removeprefix(PICTURES).partition("/")
        if url.startswith(PICTURES) and digest in self.allowed:
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            return URLFetcherResponse(url, blobs.get(digest), {"Content-Type": kind})
        return super().fetch(url, headers)


class WordsForPictures(VendoredOnly):
    """The same for texts that others wrote: instead of each picture stands what it says of itself."""

    refusal = URLFetchingError


def draw(
    html: str,
    style: Path,
    *,
    identifier: bytes,
    fetcher: Callable[[], VendoredOnly] = VendoredOnly,
    address: str | None = None,
    before_packing: Callable[[Any], None] | None = None,
    pictures_dpi: int | None = None,
) -> bytes:
    """A tagged PDF of the page, styled by the file; its links are those of a page at `address`."""

    def finish(_document: Any, drawn: Any) -> None:
        """What WeasyPrint calls between drawing and writing."""
        if before_packing is not None:
            before_packing(drawn)
        lean.pack(drawn)

    with _drawing:
        made: bytes = HTML(string=html, base_url=address, url_fetcher=fetcher()).write_pdf(
            stylesheets=[_stylesheet(style)],
            font_config=_fonts(),
            pdf_variant="pdf/ua-1",
            pdf_identifier=identifier,
            finisher=finish,
            dpi=pictures_dpi,
            optimize_images=pictures_dpi is not None,
        )
    return made


def count_pages(html: str, style: Path, *, fetcher: Callable[[], VendoredOnly] = VendoredOnly) -> int:
    """How many pages it takes."""
    with _drawing:
        page = HTML(string=html, url_fetcher=fetcher())
        return len(page.render(stylesheets=[_stylesheet(style)], font_config=_fonts()).pages)


class TookTooLong(BaseException):
    """Raised in the middle of drawing; the library would go on after an ordinary exception."""


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """TimeoutError when what is drawn inside takes longer. For jobs: only a process's main thread has an alarm."""

    def stop(_signal: int, _frame: Any) -> None:
        raise TookTooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)
    try:
        yield
    except TookTooLong:
        raise TimeoutError(f"drawing took more than {seconds} seconds") from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def digest_of(*files: Path) -> str:
    """One digest of what a document is drawn with."""
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def identifier(said: str) -> bytes:
    """The PDF's own identifier, from what it says: no clock and no chance in the file."""
    return hashlib.sha256(said.encode()).hexdigest()[:32].encode()


@cache
def _fonts() -> FontConfiguration:
    """One for the process: making it anew costs as much as drawing a page."""
    return FontConfiguration()


@cache
def _stylesheet(path: Path) -> CSS:
    return CSS(string=path.read_text("utf-8"), url_fetcher=VendoredOnly(), font_config=_fonts())
