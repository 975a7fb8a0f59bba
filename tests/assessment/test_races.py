"""Many requests at once: one attempt, one grade, one completion, one certificate."""

from datetime import date

import pytest

from lms.assessment.models import Attempt, Grade, ReplacedResponse, Response
from lms.certificates.models import Certificate
from lms.certificates.service import set_issuer
from lms.content import disk
from lms.content.service import prepare, publish
from lms.core import clock
from lms.core.actor import SYSTEM
from lms.core.db import begin_reading, begin_writing, db
from lms.course.parse import parse
from lms.settings import ROOT
from tests import make
from tests.parallel import at_once, tab_of


@pytest.fixture
def slug(app):
    source = disk.read(ROOT / "tests" / "samples" / "ung-cuu-su-co")
    doc, problems = parse(source)
    prepared = prepare(source, doc, problems)
    begin_writing()
    publish(prepared, by=SYSTEM, now=clock.now())
    set_issuer(
        parent_name="", name="Sở Khoa học và Công nghệ", abbreviation="SKHCN", place="Sông Lam", signer_name="Phạm Văn Khánh",
        signer_capacity="GIÁM ĐỐC", valid_from=date(2025, 7, 1), by=SYSTEM, now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    begin_reading()
    return doc.id


def count(model):
    return db.session.scalar(db.select(db.func.count()).select_from(model))


def test_eight_starts_at_once_open_one_attempt(client_of, slug):
    an = client_of("an")
    an.post(f"/khoa-hoc/{slug}/ghi-danh")
    statuses = at_once(8, lambda: tab_of(an).post(f"/bai-kiem-tra/{slug}/cuoi-khoa/bat-dau").status_code)
    assert set(statuses) <= {303, 409}
    assert count(Attempt) == 1


def test_eight_submits_at_once_grade_and_certify_once(client_of, slug, app):
    an = client_of("an")
    an.post(f"/khoa-hoc/{slug}/ghi-danh")
    from_outline = [lesson.id for lesson in parse(disk.read(ROOT / "tests" / "samples" / "ung-cuu-su-co"))[0].lessons]
    for item in from_outline:
        assert an.post(f"/khoa-hoc/{slug}/{item}/xong").status_code == 303
    an.post(f"/bai-kiem-tra/{slug}/cuoi-khoa/bat-dau")
    attempt = db.session.scalars(db.select(Attempt)).one()
    answers = [{"question": n, "values": values, "revision": 0} for n, values in make.right_values(attempt).items()]
    an.post(f"/luot-lam-bai/{attempt.id}/luu", json={"answers": answers})
    url = f"/luot-lam-bai/{attempt.id}/nop"
    statuses = at_once(8, lambda: tab_of(an).post(url).status_code)
    assert set(statuses) <= {303, 409}
    assert (count(Grade), count(Certificate)) == (1, 1)


def test_three_attempts_are_all_there_are(client_of, slug):
    an = client_of("an")
    an.post(f"/khoa-hoc/{slug}/ghi-danh")
    for _ in range(3):
        answer = an.post(f"/bai-kiem-tra/{slug}/cuoi-khoa/bat-dau")
        assert answer.status_code == 303
        an.post(f"{answer.location}/nop")
    assert an.post(f"/bai-kiem-tra/{slug}/cuoi-khoa/bat-dau").status_code == 409
    assert count(Attempt) == 3


def test_saving_is_idempotent_and_keeps_what_it_replaces(client_of, slug):
    an = client_of("an")
    an.post(f"/khoa-hoc/{slug}/ghi-danh")
    url = an.post(f"/bai-kiem-tra/{slug}/cuoi-khoa/bat-dau").location

    def save(values, revision):
        return an.post(f"{url}/luu", json={"answers": [{"question": 1, "values": values, "revision": revision}]}).json[
            "answers"
        ][0]

    assert save(["1"], 0)["revision"] == 1
    assert save(["1"], 0)["revision"] == 1  # the same again
    assert save(["2"], 1) == {"question": 1, "revision": 2, "conflict": False, "values": ["2"]}
    assert save(["0"], 1)["conflict"] is True  # another device came between
    assert count(Response) == 1
    assert count(ReplacedResponse) == 2


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {"answers": 1}, {"answers": [{}]}, {"answers": [{"question": 99, "values": ["1"], "revision": 0}]},
     {"answers": [{"question": 1, "values": ["77"], "revision": 0}]}, {"answers": [{"question": "1", "values": "1"}]},
     {"answers": [{"question": 1, "values": ["x" * 1_000_000], "revision": 10**30}]}],
)  # fmt: skip
def test_what_our_page_cannot_have_sent_is_refused(client_of, slug, body):
    an = client_of("an")
    an.post(f"/khoa-hoc/{slug}/ghi-danh")
    url = an.post(f"/bai-kiem-tra/{slug}/cuoi-khoa/bat-dau").location
    assert an.post(f"{url}/luu", json=body).status_code == 422
    assert count(Response) == 0


def test_nobody_opens_another_persons_attempt(client_of, slug):
    an, chi = client_of("an"), client_of("chi")
    an.post(f"/khoa-hoc/{slug}/ghi-danh")
    url = an.post(f"/bai-kiem-tra/{slug}/cuoi-khoa/bat-dau").location
    for path in ("", "/nop", "/ket-qua"):
        assert chi.get(url + path).status_code == 404
    assert (
        chi.post(f"{url}/luu", json={"answers": [{"question": 1, "values": ["1"], "revision": 0}]}).status_code == 404
    )
    assert chi.post(f"{url}/nop").status_code == 404
