"""The pages of the guide for trainers, its pictures, and its self-checks, which keep nothing."""

import hashlib
from collections.abc import Mapping
from io import BytesIO

from flask import Blueprint, abort, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from lms.content.queries import local_values
from lms.content.rules import delivery
from lms.content.self_checks import Answered, answered, drawn
from lms.core.i18n import _
from lms.course.markdown import fill
from lms.home.guide import ADDRESS, Page, contents, find_page, guide, introduction
from lms.web.access import public, slow_first

bp = Blueprint("guide", __name__, url_prefix=ADDRESS)


@bp.get("")
@public
def cover() -> str:
    """What the guide is, and its contents."""
    return render_template(
        "home/guide.html", doc=guide().doc, parts=contents(""), body=[_fill(introduction())], checks=[]
    )


@bp.get("/<item>")
@public
def read(item: str) -> str:
    """One page of it."""
    return _page(item, _found(item), {})


@bp.post("/<item>/tu-kiem-tra/<check>")
@public
@slow_first  # it writes nothing
def answer_check(item: str, check: str) -> str:
    """What an answer to a self-check is worth, told at once and kept nowhere."""
    found = _found(item)
    question = found.question(check) or abort(404)
    said = answered(question, request.form.getlist(f"q-{check}"), request.form.get("move", ""))
    return _page(item, found, {check: said})


def _found(item: str) -> Page:
    return find_page(item) or abort(404)


def _fill(html: str) -> str:
    return fill(html, local_values(), _("not filled in yet"))


def _page(item: str, found: Page, answers: Mapping[str, Answered]) -> str:
    doc = guide().doc
    place = [entry.item for entry in doc.items].index(item)
    return render_template(
        "home/guide_page.html",
        doc=doc,
        item=doc.item(item),
        number=place + 1,
        parts=contents(item),
        body=[_fill(part) if isinstance(part, str) else part for part in found.body],
        checks=[
            drawn(
                one,
                found.pieces[one.id],
                answers.get(one.id),
                _fill,
                url=url_for(".answer_check", item=item, check=one.id),
            )
            for one in found.questions
        ],
        previous=doc.items[place - 1] if place else None,
        following=doc.items[place + 1] if place + 1 < len(doc.items) else None,
    )


@bp.get("/tep/<name>")
@public
def file(name: str) -> AnyResponse:
    """A picture or download of the guide."""
    data = guide().files.get(name)
    if data is None:
        abort(404)
    sent = delivery(name)
    response = send_file(
        BytesIO(data),
        mimetype=sent.mimetype,
        as_attachment=not sent.is_inline,
        download_name=name,
        conditional=True,
        etag=hashlib.sha256(data).hexdigest(),
        max_age=3600,
    )
    response.headers.update(sent.headers)
    return response
