"""The certificate as PDF bytes, always the same for the same facts."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from lms.certificates import drawing, qr, wording
from lms.certificates.rules import Facts, short_date
from lms.certificates.typesetting import Setting, Step, face, fit
from lms.core import pdf
from lms.core.text import long_date, normalise_lines

HERE = Path(__file__).parent
CERTIFIES = " chứng nhận"

# Widths in millimetres and sizes in points: document.css has the same widths, and a class for each size.
SMALLEST: tuple[Step, ...] = ((9, 3), (8, 3), (7, 3))
LETTERHEAD: tuple[Step, ...] = (
    (13, 1), (12.5, 1), (12, 1), (11, 1), (12, 2), (11, 2), (10, 2), (9, 2), (8, 2), (8, 3), (7, 3),
)  # fmt: skip
CERTIFIER: tuple[Step, ...] = ((14, 1), (13, 1), (13, 2), (12, 2), (11, 2), (10, 2), (10, 3), *SMALLEST)
NAME: tuple[Step, ...] = (
    (20, 1), (18, 1), (17, 1), (16, 1), (17, 2), (16, 2), (14, 2), (13, 2), (12, 2), (12, 3), (11, 3), (10, 3), *SMALLEST,
)  # fmt: skip
FACT: tuple[Step, ...] = (
    (14, 1), (14, 2), (13, 2), (12.5, 2), (12, 2), (11.5, 2), (11, 2), (11, 3), (10.5, 3), (10, 3), *SMALLEST,
)  # fmt: skip
SIGNED: tuple[Step, ...] = ((14, 1), (13, 1), (12.5, 1), (12, 1), *FACT[2:])
NUMBER: tuple[Step, ...] = ((12.5, 1), (12, 1), (11, 1), (10, 1), *SMALLEST)
LETTERHEAD_WIDTH, CERTIFIER_WIDTH, FACT_WIDTH, SIGNER_WIDTH, NUMBER_WIDTH = 112.0, 253.0, 198.0, 118.0, 98.0
RULE = 0.42
"""How long the rule under the issuer is, of its name: NĐ 30/2020 says from a third to a half."""
MOST_LINES, MOST_LETTERHEAD_LINES = 9, 3
"""At their usual distance; more would come down to the date and the signature, or to the title."""


def render(facts: Facts, verify_url: str) -> bytes:
    """One A4 page, tagged, with its fonts inside; `verify_url` is the public page that the QR code opens."""
    facts = normal(facts)
    html = _template().render(values(facts, verify_url))
    return pdf.draw(
        html,
        HERE / "document.css",
        identifier=identifier(facts, verify_url),
        before_packing=partial(drawing.draw, symbol=qr.symbol(verify_url)),
    )


def normal(facts: Facts) -> Facts:
    """The same facts in NFC, so that the text copied out of the PDF is NFC whoever typed it."""
    texts = {name: normalise_lines(value) for name, value in vars(facts).items() if isinstance(value, str)}
    return replace(facts, **texts)


def identifier(facts: Facts, verify_url: str) -> bytes:
    """The file's own, from the facts and the address."""
    return pdf.identifier(json.dumps([facts.to_json(), verify_url], ensure_ascii=False, sort_keys=True))


def values(facts: Facts, verify_url: str) -> dict[str, Any]:
    """Everything the template prints, each long text already broken into lines that fit."""
    bold, regular = face("Bold"), face("Regular")
    rows = list(_rows(facts))
    certifier = fit(wording.certifier(facts), bold, CERTIFIER_WIDTH, CERTIFIER, ending=CERTIFIES)
    issuer_parent = fit(facts.issuer_parent.upper(), regular, LETTERHEAD_WIDTH, LETTERHEAD)
    issuer_name = fit(facts.issuer_name.upper(), bold, LETTERHEAD_WIDTH, LETTERHEAD)
    letterhead_lines = len(issuer_parent.lines) + len(issuer_name.lines)
    lines = len(certifier.lines) + sum(len(setting.lines) for _, setting, _ in rows)
    return {
        "facts": facts,
        "title_lines": [line.upper() for line in wording.TITLE],
        "title": " ".join(wording.TITLE).capitalize(),
        "is_crowded": lines > MOST_LINES or letterhead_lines > MOST_LETTERHEAD_LINES,
        "issuer_parent": issuer_parent,
        "issuer_name": issuer_name,
        "rule": round(RULE * max((bold.width(line, issuer_name.size) for line in issuer_name.lines), default=0), 1),
        "certifier": certifier,
        "certifies": CERTIFIES,
        "rows": rows,
        "number": fit(f"Số: {facts.number}", regular, NUMBER_WIDTH, NUMBER),
        "dated": fit(f"{facts.place}, {long_date(facts.issued_on)}", face("Italic"), SIGNER_WIDTH, SIGNED),
        "capacity": [fit(line.upper(), bold, SIGNER_WIDTH, SIGNED) for line in facts.signer_capacity.splitlines()],
        "signer": fit(facts.signer_name, bold, SIGNER_WIDTH, SIGNED),
        "expires_on": facts.expires_on and short_date(facts.expires_on),
        "verify_url": verify_url,
    }


def _rows(facts: Facts) -> Iterator[tuple[str, Setting, str]]:
    """Label, value and class of each line of the table; what is not known has no line."""
    regular, bold = face("Regular"), face("Bold")
    yield "Ông (Bà)", fit(facts.holder_name.upper(), bold, FACT_WIDTH, NAME), "strong"
    if facts.birth_date:
        yield "Ngày sinh", fit(short_date(facts.birth_date), regular, FACT_WIDTH, FACT), ""
    label, post = wording.post(facts)
    if post:
        yield label, fit(post, regular, FACT_WIDTH, FACT), ""
    yield "Đã hoàn thành khóa học", fit(facts.course_title.upper(), bold, FACT_WIDTH, FACT), "strong"
    yield "Thời gian", fit(wording.period(facts), regular, FACT_WIDTH, FACT), ""
    yield "Hình thức", fit(facts.mode, regular, FACT_WIDTH, FACT), ""
    label, reached = wording.result(facts)
    yield label, fit(reached, regular, FACT_WIDTH, FACT), ""


@cache
def _template() -> Template:
    loader = FileSystemLoader(HERE / "templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template("certificates/document.html")
