"""The minutes of a run as a document: word by word, whoever asks and in whatever language she reads."""

import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pypdf
import pypdfium2
import pytest

from lms.core.db import begin_writing, db
from lms.drills.models import DrillDecision, DrillRun
from tests import make
from tests.see import everything

GOLDEN = Path(__file__).parent / "golden"
BEGIN = "/dien-tap/mau/tap/bat-dau"
BEGUN, ENDED = datetime(2027, 1, 5, 1, 5, tzinfo=UTC), datetime(2027, 1, 5, 7, 40, tzinfo=UTC)
PICTURE = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><rect width='9' height='9'/></svg>"


def words(data):
    """The text as a reader of PDFs copies it, page by page."""
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data)]
    return "\n---\n".join(pages).replace("\r\n", "\n")


def played(browser, way, files=None):
    """The address of a run of these choices, held on a day of the past."""
    slug = make.course(make.DRILL | (files or {}))
    browser.post(f"/khoa-hoc/{slug}/ghi-danh")
    url = browser.post(BEGIN).location
    make.play(browser, url, way)
    begin_writing()
    db.session.execute(db.update(DrillRun).values(started_at=BEGUN, ended_at=ENDED))
    db.session.execute(db.update(DrillDecision.__table__).values(decided_at=ENDED))
    return make.done(url)


@pytest.mark.parametrize(("name", "way"), [("best", [1, 0]), ("late", [0, 1])])
def test_it_says_word_by_word_what_it_should(client_of, name, way):
    an = client_of("an")
    answer = an.get(played(an, way) + "/bien-ban.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == "attachment; filename=bien-ban_Tap-duot_luot-1_Nguyen-Thi-An.pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    assert words(answer.data) + "\n" == (GOLDEN / f"{name}.txt").read_text("utf-8")


def test_it_is_vietnamese_and_the_same_whatever_the_reader_reads(client_of):
    an = client_of("an")
    url = played(an, [1, 0])
    vietnamese = an.get(f"{url}/bien-ban.pdf").data
    an.set_cookie("locale", "en")
    assert an.get(f"{url}/bien-ban.pdf").data == vietnamese
    page = an.get(f"{url}/bien-ban").text
    assert "Minutes of the tabletop drill" in page
    assert f"{url}/bien-ban.pdf" in page


def test_pages_are_of_a4_numbered_from_the_second_and_named_for_programs(client_of):
    slug = make.sample_course()
    an = client_of("an")
    an.post(f"/khoa-hoc/{slug}/ghi-danh")
    url = an.post(f"/dien-tap/{slug}/dt-ma-doc/bat-dau").location
    make.play(an, url, make.WORST_WAY)
    data = an.get(f"{url}/bien-ban.pdf").data
    reader = pypdf.PdfReader(io.BytesIO(data))
    assert {tuple(round(side / 72 * 25.4) for side in page.mediabox[2:]) for page in reader.pages} == {(210, 297)}
    pages = words(data).split("\n---\n")
    assert len(pages) >= 4
    assert [bool(re.search(rf"^{n}$", page, re.MULTILINE)) for n, page in enumerate(pages, 1)] == [False] + [True] * (
        len(pages) - 1
    )
    assert reader.metadata.title == "Biên bản diễn tập – Sáng thứ Hai ở phường Hoa Sữa"
    catalog = reader.trailer["/Root"]
    assert catalog["/Lang"] == "vi"
    assert 'pdfuaid:part="1"' in catalog["/Metadata"].get_data().decode()
    for said in ("Báo cáo đến sau hạn", "Phải diễn tập lại: 0/100 điểm", "331/2026/NĐ-CP", "Phương án xử lý tốt nhất"):
        assert said in " ".join(words(data).split())


def test_words_stand_for_pictures_and_whatever_an_author_types_is_printed(client_of):
    scene = "Xem ![Sơ đồ mạng](so-do.svg) và [trang ngoài](https://vi.example/a). 😀 → ✓ <b>&amp; {{ x }}</b>\n\n| A | B |\n|--|--|\n| 1 | 2 |\n\n```\nmã lệnh\n```"
    changed = make.DRILL["tap.md"].replace("Xong việc.", scene).replace("Chặn lây lan.", scene.partition("\n")[0])
    an = client_of("an")
    data = an.get(played(an, [1, 0], {"tap.md": changed, "so-do.svg": PICTURE}) + "/bien-ban.pdf").data
    said = words(data)
    for word in ("Sơ đồ mạng", "trang ngoài", "mã lệnh"):
        assert word in said
    assert "/Image" not in str(pypdf.PdfReader(io.BytesIO(data)).pages[0]["/Resources"].get("/XObject", {}))


def test_nobody_has_minutes_of_an_open_run_or_of_anothers_and_none_leave_a_trace(client_of):
    an, chi, hoa = (client_of(who) for who in ("an", "chi", "hoa"))
    url = played(an, [1, 0])
    before = everything()
    assert an.get(f"{url}/bien-ban.pdf").status_code == 200
    for browser in (chi, hoa):
        assert browser.get(f"{url}/bien-ban.pdf").status_code == 404
    assert everything() == before
    going = an.post(BEGIN).location
    assert an.get(f"{going}/bien-ban.pdf").location == going
