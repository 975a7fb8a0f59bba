"""The minutes of a run as a PDF, in the form that NĐ 30/2020 gives minutes; in Vietnamese whatever the reader's language."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import render_template
from sqlalchemy import Row

from lms.core import clock, pdf
from lms.core.text import ascii_name, long_date
from lms.people.queries import Post

STYLE = Path(__file__).parent / "document.css"


def draw(run: Row, said: Mapping[str, Any], post: Post | None, address: str) -> bytes:
    """As many pages of A4 as it takes; `said` is what the page of the minutes shows, in Vietnamese."""
    html = render_template(
        "drills/document.html",
        run=run,
        post=post,
        moment_in_words=moment_in_words,
        ended_on=clock.day_of(run.ended_at),
        **said,
    )
    return pdf.draw(html, STYLE, identifier=pdf.identifier(html), fetcher=pdf.WordsForPictures, address=address)


def moment_in_words(at: datetime) -> str:
    """08 giờ 05 phút, ngày 28 tháng 11 năm 2026: in Vietnam's time."""
    here = clock.local(at)
    return f"{here:%H} giờ {here:%M} phút, {long_date(here.date())}"


def file_name(run: Row, title: str) -> str:
    """bien-ban_Sang-thu-Hai_luot-2_Nguyen-Thi-An.pdf: safe on every system."""
    parts = ("bien-ban", ascii_name(title)[:60].strip("-"), f"luot-{run.number}", ascii_name(run.learner))
    return "_".join(filter(None, parts)) + ".pdf"
