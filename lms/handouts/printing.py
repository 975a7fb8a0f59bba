"""The pages that are printed: every lesson one after another, or what each asks to be remembered, on one page."""

import re
from collections.abc import Callable, Mapping
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
from lms.course.markdown import fill, render
from lms.course.printouts import Kind, key_points, lessons

VERSION = 1
"""To be raised when the pages look otherwise, so that stored ones are drawn anew."""
STYLE = Path(__file__).parent / "document.css"
SIZES = ("s100", "s95", "s90", "s85", "s80", "s75", "s70")
"""The sizes of letters that a job aid is tried in, the largest first."""

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
    with speaking(doc.language):
        fill_in = partial(fill, values=local_values(), missing_label=_("not filled in yet"))
        if kind is Kind.HANDOUT:
            html = _page("handout", **_handout(doc, revision_id, digest, fill_in))
        else:
            html = _job_aid(doc, stored, fill_in, fetcher)
    return pdf.draw(html, STYLE, identifier=pdf.identifier(html), fetcher=fetcher)


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


def _job_aid(doc: CourseDoc, stored: Mapping[str, str], fill_in: Callable[[str], str], fetcher: Fetcher) -> str:
    """In the largest letters in which it fits one page."""
    points = []
    for _number, lesson in lessons(doc):
        text = key_points(lesson.text)
        if text:
            body = render(text, **rendering.recipe(doc, lesson.id, stored).where)
            points.append({"title": lesson.title, "body": _printable(fill_in(body), lesson.id, doc)})
    html = ""
    for size in SIZES:
        html = _page("job_aid", doc=doc, points=points, size=size)
        if pdf.count_pages(html, STYLE, fetcher=fetcher) == 1:
            break
    return html
