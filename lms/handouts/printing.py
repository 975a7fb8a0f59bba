"""The pages that are printed: every lesson one after another, or what each asks to be remembered, on one page."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from flask import current_app

from lms.content import rendering
from lms.content.queries import files, local_values, pieces
from lms.content.rules import INTRODUCTION, is_servable
from lms.core import clock, pdf
from lms.core.i18n import _, speaking
from lms.course.document import CourseDoc
from lms.course.markdown import fill
from lms.course.printouts import Kind, lessons

STYLE = Path(__file__).parent / "document.css"
LOOKS = pdf.digest_of(
    STYLE,
    *sorted((Path(__file__).parent / "templates").rglob("*.html")),
    Path(rendering.__file__).parent / "templates/content/_legal.html",
)
"""What the pages look like, so that those drawn with another look are drawn anew."""
MOST_SECONDS = 60
"""Our own courses take five; beyond this it is a drawing that was made to hold the worker."""
PICTURES_DPI = 150
SIZES = ("s100", "s95", "s90", "s85", "s80", "s75", "s70")
"""The sizes of letters that a job aid is tried in, the largest first."""

CALLOUT = re.compile(r'<div class="callout callout-ghi-nho"[^>]*>')
DIV = re.compile(r"</?div\b[^>]*>")
TITLE = re.compile(r'\s*<p class="callout-title">.*?</p>', re.DOTALL)
FOOTNOTE = re.compile(r"<sup\b[^>]*>.*?</sup>", re.DOTALL)
NOWHERE = re.compile(r'<a\b[^>]*\bhref="#[^>]*>')
OWN_NAME = re.compile(r'\b(id|href)="(#?)(?!can-cu-)((?:muc|fn)[^"]*)"')
LINK = re.compile(r'<a\b[^>]*\bhref="(/[^"]*)"[^>]*>')
PICTURE = re.compile(r'(<img\b[^>]*\bsrc=")/tep/')
Fetcher = Callable[[], pdf.VendoredOnly]
VIDEO = re.compile(r"<video\b.*?</video>", re.DOTALL)


def draw(doc: CourseDoc, revision_id: int, digest: str, kind: Kind) -> bytes:
    """The PDF, in the language of the course."""
    stored = files(revision_id, digest)
    servable = frozenset(sha256 for path, sha256 in stored.items() if is_servable(path))
    fetcher = partial(pdf.WithPictures, servable)
    with pdf.within(MOST_SECONDS), speaking(doc.language):
        fill_in = partial(fill, values=local_values(), missing_label=_("not filled in yet"))
        if kind is Kind.HANDOUT:
            html = _page("handout", **_handout(doc, revision_id, digest, fill_in))
        else:
            html = _job_aid(doc, revision_id, digest, fill_in, fetcher)
        return pdf.draw(html, STYLE, identifier=pdf.identifier(html), fetcher=fetcher, pictures_dpi=PICTURES_DPI)


def _page(name: str, **values: Any) -> str:
    """A job has no request, which the context of pages asks for."""
    return current_app.jinja_env.get_template(f"handouts/{name}.html").render(values)


def _handout(doc: CourseDoc, revision_id: int, digest: str, fill_in: Callable[[str], str]) -> dict[str, Any]:
    def body(item: str, name: str) -> str:
        return _printable(fill_in(pieces(revision_id, item, digest)["body"]), name, doc)

    numbered = list(lessons(doc))
    cited = {cite for _number, lesson in numbered for cite in lesson.cites}
    references = [reference for reference in doc.references if reference.id in cited]
    return {
        "doc": doc,
        "introduction": body(INTRODUCTION, "gioi-thieu"),
        "lessons": [
            {"number": number, "lesson": lesson, "body": body(lesson.id, lesson.id)} for number, lesson in numbered
        ],
        "references": references,
        "checked_on": min((reference.checked_on for reference in references), default=None),
        "today": clock.today(),
    }


def _printable(html: str, item: str, doc: CourseDoc) -> str:
    """A rendered text as part of one long document: names made its own, links within it, pictures to be embedded."""
    html = VIDEO.sub("", rendering.CHECK.sub("", html))
    html = OWN_NAME.sub(rf'\1="\2{item}-\3"', html)
    places = {rendering.item_url(doc, lesson.id): f"#{lesson.id}" for _number, lesson in lessons(doc)}
    html = LINK.sub(lambda link: _link(places, link[1]), html)
    return PICTURE.sub(rf"\1{pdf.PICTURES}", html)


def _link(places: Mapping[str, str], address: str) -> str:
    """To a lesson of the handout, or nowhere: on paper no other page of ours can be opened."""
    place = places.get(address.partition("#")[0])
    return f'<a href="{place}">' if place else "<a>"


def _job_aid(doc: CourseDoc, revision_id: int, digest: str, fill_in: Callable[[str], str], fetcher: Fetcher) -> str:
    """In the largest letters in which it fits one page; in the smallest where it fits none."""
    points = []
    for _number, lesson in lessons(doc):
        html = fill_in(pieces(revision_id, lesson.id, digest)["body"])
        body = "".join(NOWHERE.sub("<a>", FOOTNOTE.sub("", one)) for one in callouts(html))
        if body:
            points.append({"title": lesson.title, "body": _printable(body, lesson.id, doc)})
    html = ""
    for size in SIZES:
        html = _page("job_aid", doc=doc, points=points, size=size)
        if pdf.count_pages(html, STYLE, fetcher=fetcher) == 1:
            break
    return html


def callouts(html: str) -> Iterator[str]:
    """What stands in each callout “ghi-nho” of a rendered text, without its title."""
    for start in CALLOUT.finditer(html):
        depth, end = 1, len(html)
        for tag in DIV.finditer(html, start.end()):
            depth += -1 if tag[0].startswith("</") else 1
            if depth == 0:
                end = tag.start()
                break
        yield TITLE.sub("", html[start.end() : end], count=1)
