"""The whole chain: a course is published, given, learnt, passed, certified, checked and revoked."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date

import pypdf
import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from lms.assessment.models import Attempt
from lms.certificates.models import Certificate, CertificatePdf
from lms.certificates.service import set_issuer
from lms.content import disk
from lms.content.service import prepare, publish
from lms.core import clock, jobs
from lms.core.actor import SYSTEM
from lms.core.db import begin_writing, db
from lms.course.parse import parse
from lms.settings import ROOT
from tests import cast, make

Clients = Callable[[str], FlaskClient]


@pytest.fixture
def course(app: Flask) -> str:
    """The sample course, published, with an issuer set up."""
    source = disk.read(ROOT / "tests" / "samples" / "ung-cuu-su-co")
    doc, problems = parse(source)
    prepared = prepare(source, doc, problems)
    begin_writing()
    publish(prepared, by=SYSTEM, now=clock.now())
    set_issuer(
        parent_name="UBND tỉnh Sông Lam", name="Sở Khoa học và Công nghệ", abbreviation="SKHCN", place="Sông Lam",
        signer_name="Phạm Văn Khánh", signer_capacity="GIÁM ĐỐC", valid_from=date(2025, 7, 1), by=SYSTEM, now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    return doc.id


def finish(an: FlaskClient, slug: str) -> Attempt:
    """Read every lesson and pass the quiz with the right answers, all over HTTP."""
    doc_items = re.findall(rf'href="/khoa-hoc/{slug}/([a-z0-9-]+)"', an.get(f"/khoa-hoc/{slug}").text)
    for item in dict.fromkeys(doc_items):
        assert an.get(f"/khoa-hoc/{slug}/{item}").status_code == 200
        assert an.post(f"/khoa-hoc/{slug}/{item}/xong").status_code == 303
    answer = an.post(f"/bai-kiem-tra/{slug}/cuoi-khoa/bat-dau")
    assert answer.status_code == 303, answer.text
    attempt = db.session.scalars(db.select(Attempt).order_by(Attempt.id.desc())).first()
    answers = [{"question": n, "values": values, "revision": 0} for n, values in make.right_values(attempt).items()]
    saved = an.post(f"/luot-lam-bai/{attempt.id}/luu", json={"answers": answers})
    assert saved.status_code == 200, saved.text
    assert an.post(f"/luot-lam-bai/{attempt.id}/nop").status_code == 303
    return attempt


def test_from_enrolling_to_the_certificate(client_of: Clients, course: str) -> None:
    an = client_of("an")
    assert course in an.get("/khoa-hoc").text
    assert an.post(f"/khoa-hoc/{course}/ghi-danh").status_code == 303
    attempt = finish(an, course)
    result = an.get(f"/luot-lam-bai/{attempt.id}/ket-qua")
    assert result.status_code == 200
    assert "100%" in result.text
    certificate = db.session.scalars(db.select(Certificate)).one()
    assert certificate.number == f"0001/{clock.today().year}/GCN-SKHCN"
    assert certificate.unit_name == "Phòng Văn hóa - Xã hội, UBND phường Hoa Sữa"
    waiting = an.get(f"/giay-chung-nhan/{certificate.code}.pdf")
    assert waiting.status_code == 202
    assert jobs.run_all_due() >= 1
    pdf = an.get(f"/giay-chung-nhan/{certificate.code}.pdf")
    assert pdf.mimetype == "application/pdf"
    assert "NGUYỄN THỊ AN" in pypdf.PdfReader(io.BytesIO(pdf.data)).pages[0].extract_text().upper()
    assert an.get("/giay-chung-nhan").status_code == 200
    assert an.get("/viec-can-lam").status_code == 200


def test_anybody_checks_a_certificate_and_hr_revokes_it(client: FlaskClient, client_of: Clients, course: str) -> None:
    an = client_of("an")
    an.post(f"/khoa-hoc/{course}/ghi-danh")
    finish(an, course)
    jobs.run_all_due()
    certificate = db.session.scalars(db.select(Certificate)).one()
    public = client.get(f"/xm/{certificate.code}")
    assert public.status_code == 200
    assert "Nguyễn Thị An" in public.text
    assert "Chuyên viên" not in public.text  # the position is no business of the public
    assert client.get("/xac-minh?ma=7K3Q-9FDM-2XTZ").status_code == 404
    hoa = client_of("hoa")
    assert certificate.number in hoa.get("/theo-doi/giay-chung-nhan").text
    sheet = CalamineWorkbook.from_filelike(
        io.BytesIO(hoa.get("/theo-doi/giay-chung-nhan.xlsx").data)
    ).get_sheet_by_index(0)
    assert any(certificate.number in row and date.today() in row for row in sheet.to_python())  # noqa: DTZ011 - the cell is a day
    archive = zipfile.ZipFile(io.BytesIO(hoa.get("/theo-doi/giay-chung-nhan.zip").data))
    assert archive.namelist() == [f"SKHCN-{clock.today().year}/0001_Nguyen-Thi-An.pdf"]
    assert hoa.post(f"/theo-doi/giay-chung-nhan/{certificate.id}/thu-hoi", data={"reason": "ngắn"}).status_code == 422
    reason = {"reason": "Theo Quyết định 45/QĐ-SKHCN ngày 02/12/2026"}
    assert hoa.post(f"/theo-doi/giay-chung-nhan/{certificate.id}/thu-hoi", data=reason).status_code == 303
    assert hoa.post(f"/theo-doi/giay-chung-nhan/{certificate.id}/thu-hoi", data=reason).status_code == 409
    assert "Đã thu hồi" in client.get(f"/xm/{certificate.code}").text


def test_renaming_and_republishing_change_no_certificate(client_of: Clients, course: str) -> None:
    an, giang = client_of("an"), client_of("giang")
    an.post(f"/khoa-hoc/{course}/ghi-danh")
    finish(an, course)
    jobs.run_all_due()
    certificate = db.session.scalars(db.select(Certificate)).one()
    facts, before = dict(certificate.facts), db.session.scalars(db.select(CertificatePdf.sha256)).one()
    user = cast.person("an").id
    assert giang.post(f"/quan-tri/tai-khoan/{user}/ten", data={"name": "Nguyễn Thị Ánh"}).status_code == 303
    source = disk.read(ROOT / "tests" / "samples" / "ung-cuu-su-co")
    changed = type(source)(
        {**source.files, "course.md": source.files["course.md"].replace(b"title: ", b"title: M\xe1\xbb\x9bi ")}
    )
    doc, problems = parse(changed)
    prepared = prepare(changed, doc, problems)
    begin_writing()
    publish(prepared, by=SYSTEM, now=clock.now())
    db.session.commit()
    db.session.expire_all()
    assert certificate.facts == facts
    assert db.session.scalars(db.select(CertificatePdf.sha256)).one() == before


def test_hr_gives_a_course_to_a_whole_unit(client_of: Clients, course: str) -> None:
    hoa = client_of("hoa")
    answer = hoa.post(
        "/theo-doi/ghi-danh", data={"course": course, "unit": cast.unit("hoasua").id, "due_on": "31/12/2026"}
    )
    assert answer.status_code == 303, answer.text
    page = hoa.get(answer.location).text
    assert "Nguyễn Thị An" in page
    assert "Lê Văn Chi" not in page  # another commune's
    assert hoa.post("/theo-doi/ghi-danh", data={"course": course, "unit": cast.unit("tanlap").id}).status_code == 422
    assert "31/12/2026" in client_of("an").get("/viec-can-lam").text
