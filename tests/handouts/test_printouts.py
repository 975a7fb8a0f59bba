"""Printouts: drawn once by a job, for those who take the course, with the names that are valid here."""

import io
import re
from time import sleep

import pypdfium2
import pytest

from lms.content.service import set_local_values
from lms.core import clock, jobs, pdf
from lms.core.actor import SYSTEM
from lms.core.db import begin_writing, db
from lms.handouts import printing, service
from lms.handouts.models import Printout
from tests import make
from tests.see import all_of

HANDOUT, JOB_AID = "/khoa-hoc/mau/tai-lieu-phat-tay.pdf", "/khoa-hoc/mau/to-viec-can-lam.pdf"
LESSON = """---
id: mot
title: Bài một
minutes: 5
---

## Mở đầu

Gọi {{sdt_ho_tro}}, rồi đọc [bài hai](hai.md) và [làm bài thi](thi.md).[^1]

![Ba ô nối nhau.](media/so-do.svg "Sơ đồ ba ô")

```quiz
## Ai hỏi {#ai-hoi}
Ai được hỏi mã?

- [x] Không ai
- [ ] Công an
```

[^1]: Chú thích một.

!!! ghi-nho "Ghi nhớ"
    - Gọi {{sdt_ho_tro}} trước.[^1]
    - Rút dây mạng.
"""
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 10"><title>Ba ô</title><rect width="30" height="10" fill="#c00"/></svg>'


@pytest.fixture
def an(app, client_of):
    make.course({"mot.md": LESSON, "media/so-do.svg": SVG})
    browser = client_of("an")
    browser.post("/khoa-hoc/mau/ghi-danh")
    return browser


def drawn(browser, url):
    """Ask, let the job draw, and fetch."""
    assert browser.post(url).location == url
    jobs.run_all_due()
    answer = browser.get(url)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    return answer


def read(data):
    """The words of every page."""
    return [
        re.sub(r"\s+", " ", page.get_textpage().get_text_range()) for page in pypdfium2.PdfDocument(io.BytesIO(data))
    ]


def test_the_handout_holds_every_lesson_and_the_names_that_are_valid_here(an):
    begin_writing()
    set_local_values({"sdt_ho_tro": "0238 000 0100"}, by=SYSTEM, now=clock.now())
    make.done(None)
    pages = read(drawn(an, HANDOUT).data)
    words = " ".join(pages)
    for said in ("Khóa mẫu", "Bài một", "Bài hai", "Gọi 0238 000 0100", "Sơ đồ ba ô", "Chú thích một"):
        assert said in words, said
    assert "1. Bài một" in pages[0]  # by the numbers that the outline shows
    assert "Ai được hỏi mã" not in words  # a self-check is answered on its page
    assert len(pages) == 3


def test_pictures_of_the_course_are_in_the_handout(an):
    page = pypdfium2.PdfDocument(io.BytesIO(drawn(an, HANDOUT).data))[1]
    pixels = page.render(scale=1).to_pil().convert("RGB").getcolors(1 << 20)
    assert sum(count for count, colour in pixels if colour == (204, 0, 0)) > 1_000


def test_the_job_aid_is_one_page_of_what_is_to_be_remembered(an):
    [page] = read(drawn(an, JOB_AID).data)
    assert "Rút dây mạng." in page
    assert "Mở đầu" not in page
    assert "trước.[" not in page
    assert "Ghi nhớ" not in page


def test_a_job_aid_with_much_to_say_gets_smaller_letters(an):
    points = "".join(
        f"    - Việc thứ {n}: gọi số trực, ghi giờ, giữ nguyên máy và chờ người phụ trách.\n" for n in range(45)
    )
    make.course({"mot.md": LESSON + points, "media/so-do.svg": SVG})
    [page] = read(drawn(an, JOB_AID).data)
    assert "Việc thứ 44" in page


def test_who_presses_first_is_told_to_wait_and_whoever_comes_later_is_not(an):
    assert (an.get(HANDOUT).status_code, "Chưa có bản PDF" in an.get(HANDOUT).text) == (202, True)
    an.post(HANDOUT)
    answer = an.get(HANDOUT)
    assert (answer.status_code, answer.headers["Refresh"]) == (202, "3")
    assert "Đang tạo bản PDF" in answer.text
    jobs.run_all_due()
    assert an.post(HANDOUT, follow_redirects=True).mimetype == "application/pdf"


def test_it_is_drawn_once_and_again_when_the_course_or_a_local_name_changed(an, monkeypatch):
    first = drawn(an, HANDOUT)
    monkeypatch.setattr(printing, "draw", lambda *_args: b"%PDF-new")
    assert an.get(HANDOUT, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    begin_writing()
    set_local_values({"sdt_ho_tro": "0238 000 0999"}, by=SYSTEM, now=clock.now())
    make.done(None)
    answer = an.get(HANDOUT)
    assert (answer.status_code, "Refresh" in answer.headers) == (202, False)
    assert drawn(an, HANDOUT).data == b"%PDF-new"
    make.course({"mot.md": LESSON.replace("Mở đầu", "Bắt đầu"), "media/so-do.svg": SVG})
    assert an.get(HANDOUT).status_code == 202
    assert {one.kind: one.data for one in all_of(Printout)}["tai-lieu-phat-tay"] == b"%PDF-new"


def test_pressing_again_disturbs_nobody_who_draws_and_what_is_there_is_not_drawn_again(an, monkeypatch):
    drawings = []
    monkeypatch.setattr(printing, "draw", lambda *_args: drawings.append(1) or b"%PDF-new")
    assert an.post(HANDOUT).status_code == an.post(HANDOUT).status_code == 303
    jobs.run_all_due()
    assert len(drawings) == 1
    an.post(HANDOUT)
    assert jobs.count_waiting(clock.now()) == 0


def test_a_drawing_that_was_made_to_hold_the_worker_is_stopped_and_told(an, monkeypatch):
    monkeypatch.setattr(printing, "MOST_SECONDS", 0.05)
    monkeypatch.setattr(pdf, "draw", lambda *_args, **_more: sleep(5))
    an.post(HANDOUT)
    jobs.run_all_due()
    begin_writing()
    db.session.execute(db.update(jobs.Job).where(jobs.Job.kind == service.JOB).values(tries=jobs.MOST_TRIES))
    make.done(None)
    assert all("TimeoutError" in job.error for job in jobs.failed())
    answer = an.get(HANDOUT)
    assert ("Không tạo được" in answer.text, "Refresh" in answer.headers) == (True, False)


def test_what_became_of_a_law_is_printed_anew(an, time):
    law = "- id: luat\n  number: 116/2025/QH15\n  name: Luật\n  in_force_from: 2026-07-01\n  in_force_to: 2026-12-31\n  checked_on: 2026-11-23\n"
    make.course(
        {
            "mot.md": LESSON.replace("Một đoạn", "Theo [@luat]").replace("Mở đầu", "Mở [@luat]"),
            "references.yaml": law,
            "media/so-do.svg": SVG,
        }
    )
    drawn(an, HANDOUT)
    time.passes(days=60)
    assert an.get(HANDOUT).status_code == 202


def test_only_those_who_take_the_course_print_it(an, client_of, client):
    jobs.run_all_due()
    chi = client_of("chi")
    assert (chi.get(HANDOUT).location, chi.post(HANDOUT).status_code) == ("/khoa-hoc/mau", 404)
    assert client.get(HANDOUT).location.startswith("/dang-nhap")


@pytest.mark.parametrize("url", ["/khoa-hoc/mau/khac.pdf", "/khoa-hoc/khong-co/tai-lieu-phat-tay.pdf"])
def test_what_cannot_be_printed_is_not_found(an, url):
    assert an.get(url).status_code == 404


def test_a_course_that_asks_nothing_to_be_remembered_has_no_job_aid(client_of):
    make.course()
    browser = client_of("an")
    browser.post("/khoa-hoc/mau/ghi-danh")
    assert browser.get(JOB_AID).status_code == 404
    assert JOB_AID not in browser.get("/khoa-hoc/mau").text
    assert HANDOUT in browser.get("/khoa-hoc/mau").text


def test_the_course_page_leads_to_what_can_be_printed(an):
    page = an.get("/khoa-hoc/mau").text
    assert HANDOUT in page
    assert JOB_AID in page
