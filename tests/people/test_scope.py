"""An HR officer sees the people of her units, today's and those they succeeded, and nobody else, on any way."""

import io
import re
import zipfile
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook

from lms.certificates.models import Certificate
from lms.core import clock, jobs
from lms.core.actor import SYSTEM
from lms.core.db import begin_writing, db
from lms.learning.models import Enrolment
from lms.people import service
from lms.people.models import Unit, User
from tests import cast, make
from tests.see import all_of

AN, CHI = cast.CAST["an"].name, cast.CAST["chi"].name
LISTS = ("/theo-doi/nguoi", "/theo-doi/ghi-danh", "/theo-doi/hoan-thanh", "/theo-doi/giay-chung-nhan")
SHEETS = ("/theo-doi/hoan-thanh.xlsx", "/theo-doi/giay-chung-nhan.xlsx")


@pytest.fixture
def both(app):
    """An of Hoa's units and Chi of another have each finished the course."""
    make.issuer()
    make.course()
    make.history([cast.person("an").id, cast.person("chi").id], "mau")
    jobs.run_all_due()


@pytest.fixture
def hoa(both, client_of):
    return client_of("hoa")


def sheet(browser, url):
    data = io.BytesIO(browser.get(url).data)
    return " ".join(
        str(cell) for row in CalamineWorkbook.from_filelike(data).get_sheet_by_index(0).to_python() for cell in row
    )


def certificate_of(who):
    return db.session.scalars(db.select(Certificate).where(Certificate.learner_id == cast.person(who).id)).one()


def test_no_list_and_no_file_shows_others(hoa):
    unit = cast.unit("tanlap").id
    for url in LISTS:
        assert AN in hoa.get(url).text, url
        for asked in (url, f"{url}?tim=chi", f"{url}?don-vi={unit}", f"{url}?tim=chi%40songlam"):
            assert CHI not in hoa.get(asked).text, asked
    for url in SHEETS:
        assert AN in sheet(hoa, url)
        assert CHI not in sheet(hoa, url)
        refused = hoa.get(f"{url}?don-vi={unit}")
        assert refused.status_code == 303
        assert CHI not in hoa.get(refused.location).text
    names = zipfile.ZipFile(io.BytesIO(hoa.get("/theo-doi/giay-chung-nhan.zip").data)).namelist()
    assert [name.rpartition("_")[2] for name in names] == ["Nguyen-Thi-An.pdf"]


def test_totals_count_her_people_only(hoa, client_of):
    stats = re.findall(
        r"<b>(\d+)</b>",
        re.search(r'class="stats".*?</div>\s*</div>', hoa.get("/theo-doi/hoan-thanh").text, re.DOTALL)[0],
    )
    assert stats
    assert sum(int(number) for number in stats) == 1
    giang = client_of("giang").get("/theo-doi/hoan-thanh").text
    assert sum(int(number) for number in re.findall(r"<b>(\d+)</b>", giang)) == 2


def test_no_action_reaches_others(hoa):
    chi, theirs, hers = cast.person("chi").id, certificate_of("chi"), certificate_of("an")
    assert hoa.get(f"/giay-chung-nhan/{theirs.code}.pdf").status_code == 404
    assert hoa.get(f"/giay-chung-nhan/{hers.code}.pdf").status_code == 200
    url = f"/theo-doi/giay-chung-nhan/{theirs.id}/thu-hoi"
    assert hoa.get(url).status_code == 404
    assert hoa.post(url, data={"reason": "Theo Quyết định 45/QĐ-SKHCN"}).status_code == 404
    assert hoa.post(f"/theo-doi/nguoi/{chi}/mat-khau").status_code == 404
    make.course({"course.md": make.FILES["course.md"].replace("id: mau", "id: khac")})
    assert hoa.post("/theo-doi/ghi-danh", data={"course": "khac", "person": chi, "unit": 0}).status_code == 303
    assert hoa.post("/theo-doi/ghi-danh", data={"course": "khac", "unit": cast.unit("tanlap").id}).status_code == 422
    assert not [row for row in all_of(Enrolment) if row.learner_id == chi and row.completed_at is None]


def test_learners_and_trainers_see_nobody(both, client_of):
    for who in ("an", "dung"):
        browser = client_of(who)
        for url in (*LISTS, *SHEETS, "/theo-doi/giay-chung-nhan.zip"):
            assert browser.get(url).status_code == 403, (who, url)
        theirs = certificate_of("chi")
        assert browser.get(f"/giay-chung-nhan/{theirs.code}.pdf").status_code == 404


def test_administrators_see_everybody(both, client_of):
    giang = client_of("giang")
    for url in LISTS:
        page = giang.get(url).text
        assert AN in page, url
        assert CHI in page, url


def move(who, unit, day):
    user, target = cast.person(who).id, cast.unit(unit).id
    begin_writing()
    service.assign(
        db.session.get_one(User, user),
        db.session.get_one(Unit, target),
        "Chuyên viên",
        valid_from=day,
        by=SYSTEM,
        now=clock.now(),
    )
    make.done(None)


def test_who_moves_away_is_the_other_officers_and_the_certificate_stays(hoa):
    move("an", "tanlap", clock.today())
    for url in LISTS[:3]:
        assert AN not in hoa.get(url).text, url
    assert AN in hoa.get("/theo-doi/giay-chung-nhan").text, "it was issued in her unit"
    assert hoa.post(f"/theo-doi/nguoi/{cast.person('an').id}/mat-khau").status_code == 404


def test_who_comes_is_hers_from_the_day_on(hoa, time):
    move("chi", "vhxh", clock.today() + timedelta(days=2))
    assert CHI not in hoa.get("/theo-doi/nguoi").text
    time.passes(days=2)
    assert CHI in hoa.get("/theo-doi/nguoi").text


def test_a_post_that_ended_with_no_other_after_it_stays_in_sight(hoa, time):
    """Somebody who left without a new post would otherwise be nobody's."""
    begin_writing()
    post = db.session.scalars(
        db.select(service.Assignment).where(service.Assignment.user_id == cast.person("an").id)
    ).one()
    post.valid_to = clock.today()
    make.done(None)
    assert AN in hoa.get("/theo-doi/nguoi").text


def test_people_of_a_unit_that_was_merged_into_hers_are_hers(hoa):
    unit, successor = cast.unit("tanlap").id, cast.unit("hoasua").id
    begin_writing()
    service.end_unit(
        db.session.get_one(Unit, unit), [db.session.get_one(Unit, successor)], "merge",
        on=clock.today(), basis="Nghị quyết 1/NQ-HĐND", by=SYSTEM, now=clock.now(),
    )  # fmt: skip
    make.done(None)
    assert CHI in hoa.get("/theo-doi/nguoi").text
    assert CHI in hoa.get("/theo-doi/giay-chung-nhan").text


def test_an_hr_officer_needs_a_unit(client_of):
    """Forgetting to choose it must not show her everybody."""
    giang, an = client_of("giang"), cast.person("an").id
    assert giang.post(f"/quan-tri/tai-khoan/{an}/vai-tro", data={"roles": "hr", "unit": 0}).status_code == 422
    data = {"name": "Mới", "email": "moi@songlam.example", "roles": "hr", "unit": 0}
    assert giang.post("/quan-tri/tai-khoan/moi", data=data).status_code == 422
    assert giang.post("/quan-tri/tai-khoan/moi", data=data | {"unit": cast.unit("tinh").id}).status_code == 200
