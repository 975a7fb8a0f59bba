"""Issuing, the register and the public check, on real databases: numbers without gaps, nothing twice, nothing changed."""

import contextvars
import re
import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from lms.certificates import pdf, service
from lms.certificates.models import Certificate, CertificateCounter, CertificatePdf, Issuer, IssuerVersion, Revocation
from lms.certificates.rules import AlreadyRevoked, Facts
from lms.content.models import Course
from lms.content.service import prepare, publish
from lms.core import clock, jobs
from lms.core.actor import SYSTEM
from lms.core.db import Frozen, begin_reading, begin_writing, db
from lms.course.parse import parse
from lms.course.source import Source
from lms.learning.models import Enrolment
from lms.learning.service import enrol, record
from lms.people.rules import Role
from lms.people.service import add_user, assign, grant_role
from tests import cast

LESSON = "---\nid: bai\ntitle: Bài một\nminutes: 45\n---\n\n## Mở đầu\n\nMột đoạn.\n"
LONG_AGO = datetime(2025, 10, 1, 8, tzinfo=UTC)


@pytest.fixture
def course(app):
    """A course of one lesson, published; its certificate holds for twelve months."""
    return published("mau", "valid_months: 12\n")


@pytest.fixture
def issuer(course):
    """Who signs, since the year before the cast came."""
    return set_issuer()


def published(slug, more=""):
    text = f"---\nformat: 1\nid: {slug}\ntitle: Soạn thảo văn bản\nhours: 1\n{more}---\n\n## Phần 1\n\n1. [Bài một](bai.md)\n"
    source = Source({"course.md": text.encode(), "bai.md": LESSON.encode()})
    doc, problems = parse(source)
    prepared = prepare(source, doc, problems)
    begin_writing()
    publish(prepared, by=SYSTEM, now=LONG_AGO)
    db.session.commit()
    return db.session.scalars(db.select(Course).where(Course.slug == slug)).one()


def set_issuer(**changes):
    begin_writing()
    version = service.set_issuer(
        **{
            "parent_name": "UBND tỉnh Sông Lam", "name": "Sở Khoa học và Công nghệ", "abbreviation": "SKHCN", "place": "Sông Lam",
            "signer_name": "Phạm Văn Khánh", "signer_capacity": "GIÁM ĐỐC", "valid_from": date(2025, 7, 1),
            "by": SYSTEM, "now": clock.now(), **changes,
        }
    )  # fmt: skip
    db.session.commit()
    return db.session.get_one(Issuer, version.issuer_id)


@pytest.fixture
def at(monkeypatch):
    """Let it be this moment."""
    return lambda moment: monkeypatch.setattr(clock, "now", lambda: moment)


def complete(user, course, *, fraction=None):
    """The person takes the course and has done all of it; the certificate, or None."""
    now = clock.now()
    begin_writing()
    enrolment = enrol(user.id, course, by=SYSTEM, now=now)
    record(enrolment, "bai", passed=True, fraction=fraction, now=now)
    db.session.commit()
    return db.session.scalar(db.select(Certificate).where(Certificate.enrolment_id == enrolment.id))


def learners(count):
    """So many people without a post."""
    begin_writing()
    made = [
        add_user(
            name=f"Học viên {n}", email=f"hv{n}@songlam.example", password_hash=None, must_change_password=False,
            by=SYSTEM, now=LONG_AGO,
        )
        for n in range(count)
    ]  # fmt: skip
    db.session.commit()
    return made


def count(model):
    return db.session.scalar(db.select(db.func.count()).select_from(model))


def at_once(app, acts):
    """Each act in a thread, a session and a transaction of its own; their outcomes or errors, in order."""
    db.session.commit()
    begin_reading()
    outcomes, start = [None] * len(acts), threading.Barrier(len(acts))

    def run(place, act):
        start.wait()
        with app.app_context():
            begin_writing()
            try:
                outcomes[place] = act()
                db.session.commit()
            except Exception as error:  # noqa: BLE001 - it is what the test looks at
                db.session.rollback()
                outcomes[place] = error

    threads = [threading.Thread(target=contextvars.Context().run, args=(run, *each)) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.expire_all()
    return outcomes


# Numbers


def test_eight_completions_at_once_get_eight_numbers_in_a_row(app, course, issuer):
    begin_writing()
    enrolments = [enrol(user.id, course, by=SYSTEM, now=LONG_AGO).id for user in learners(8)]
    now, year = clock.now(), clock.today().year

    def completion(enrolment_id):
        return lambda: record(db.session.get_one(Enrolment, enrolment_id), "bai", passed=True, fraction=None, now=now)

    assert at_once(app, [completion(each) for each in enrolments]) == [None] * 8
    issued = db.session.scalars(db.select(Certificate).order_by(Certificate.sequence)).all()
    assert [each.sequence for each in issued] == list(range(1, 9))
    assert [each.number for each in issued] == [f"{n:04d}/{year}/GCN-SKHCN" for n in range(1, 9)]
    assert len({each.code for each in issued}) == 8
    assert db.session.scalars(db.select(CertificateCounter.last)).all() == [8]


def test_a_completion_that_fails_leaves_no_gap(course, issuer):
    an, chi = cast.person("an"), cast.person("chi")
    begin_writing()
    enrolment = enrol(an.id, course, by=SYSTEM, now=clock.now())
    record(enrolment, "bai", passed=True, fraction=None, now=clock.now())
    assert count(Certificate) == 1
    db.session.rollback()
    assert complete(chi, course).sequence == 1


def test_each_year_begins_with_one_at_midnight_in_vietnam(course, issuer, at):
    one, two, three = learners(3)
    at(datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC))
    before = complete(one, course)
    at(datetime(2026, 12, 31, 17, 0, 0, tzinfo=UTC))
    after = complete(two, course)
    at(datetime(2027, 1, 1, 8, tzinfo=UTC))
    later = complete(three, course)
    assert (before.number, before.issued_on) == ("0001/2026/GCN-SKHCN", date(2026, 12, 31))
    assert (after.number, after.issued_on) == ("0001/2027/GCN-SKHCN", date(2027, 1, 1))
    assert later.number == "0002/2027/GCN-SKHCN"


def test_each_issuer_counts_for_itself_and_goes_on_counting_under_a_new_name(course, issuer):
    one, two, three = learners(3)
    complete(one, course)
    set_issuer(abbreviation="SKHCN-SL", signer_name="Lê Thị Mai", valid_from=clock.today())
    second = complete(two, course)
    assert second.number.startswith("0002/")
    assert second.number.endswith("/GCN-SKHCN-SL")
    begin_writing()
    db.session.get_one(Issuer, issuer.id).is_default = False
    db.session.commit()
    set_issuer(abbreviation="TCT", name="Trường Chính trị")
    assert complete(three, course).sequence == 1


# Once


def test_a_completed_course_gives_one_certificate_however_often_it_is_asked(app, course, issuer):
    certificate = complete(cast.person("an"), course)
    begin_writing()
    assert service.issue(certificate.enrolment_id, now=clock.now()) is None
    assert service.issue_waiting(now=clock.now()) == 0
    db.session.commit()
    assert count(Certificate) == 1


def test_eight_issues_at_once_make_one_certificate(app, course):
    assert complete(cast.person("an"), course) is None  # nobody signs yet
    set_issuer()
    (enrolment_id,) = db.session.scalars(db.select(Enrolment.id)).all()
    now = clock.now()
    outcomes = at_once(app, [lambda: service.issue(enrolment_id, now=now)] * 8)
    assert all(each is None or isinstance(each, Certificate | IntegrityError) for each in outcomes)
    assert [isinstance(each, Certificate) for each in outcomes].count(True) == 1
    assert count(Certificate) == 1
    assert db.session.scalars(db.select(CertificateCounter.last)).all() == [1]


def test_two_workers_store_one_pdf(app, course, issuer):
    certificate_id = complete(cast.person("an"), course).id
    now = clock.now()
    assert at_once(app, [lambda: service.render(certificate_id, now=now)] * 2) == [None, None]
    stored = db.session.scalars(db.select(CertificatePdf)).one()
    begin_writing()
    service.render(certificate_id, now=now + timedelta(days=1))
    db.session.commit()
    again = db.session.scalars(db.select(CertificatePdf)).one()
    assert (again.id, again.data, again.created_at) == (stored.id, stored.data, stored.created_at)


# What was completed before anybody signed


def test_what_was_completed_before_there_was_an_issuer_is_issued_then(course, at):
    an, chi, now = cast.person("an"), cast.person("chi"), clock.now()
    at(LONG_AGO)
    assert complete(chi, course) is None
    at(LONG_AGO + timedelta(days=1))
    assert complete(an, course) is None
    jobs.run_all_due()
    assert count(Certificate) == 0
    at(now)
    set_issuer()
    jobs.run_all_due()
    issued = db.session.scalars(db.select(Certificate).order_by(Certificate.sequence)).all()
    assert [(each.holder_name, each.sequence) for each in issued] == [(chi.name, 1), (an.name, 2)]
    facts = Facts.from_json(issued[0].facts)
    assert (facts.finished_on, facts.issued_on) == (clock.day_of(LONG_AGO), clock.today())
    assert count(CertificatePdf) == 2


def test_an_issuer_of_tomorrow_signs_tomorrow_what_is_completed_today(course, at):
    tomorrow = clock.today() + timedelta(days=1)
    set_issuer(valid_from=tomorrow)
    assert complete(cast.person("an"), course) is None
    jobs.run_all_due()
    assert count(Certificate) == 0
    at(clock.start_of(tomorrow))
    jobs.run_all_due()
    assert db.session.scalars(db.select(Certificate.issued_on)).all() == [tomorrow]


def test_a_completion_that_the_issuers_job_could_not_see_yet_is_issued_too(course):
    assert complete(cast.person("an"), course) is None
    set_issuer()
    begin_writing()
    db.session.execute(db.delete(jobs.Job).where(jobs.Job.subject.startswith("issuer")))  # it came too early
    db.session.commit()
    jobs.run_all_due()
    assert count(Certificate) == 1


def test_a_course_without_certificate_issues_none(issuer):
    course = published("khong", "certificate: none\n")
    assert complete(cast.person("an"), course) is None
    begin_writing()
    assert service.issue_waiting(now=clock.now()) == 0


# What a certificate says


def test_it_says_who_the_person_was_on_that_day(course, issuer, at):
    an = cast.person("an")
    begin_writing()
    an.birth_date = date(1985, 2, 5)
    db.session.commit()
    at(datetime(2026, 11, 20, 2, tzinfo=UTC))
    facts = Facts.from_json(complete(an, course).facts)
    assert (facts.holder_name, facts.birth_date, facts.position) == ("Nguyễn Thị An", date(1985, 2, 5), "Chuyên viên")
    assert facts.unit_name == "Phòng Văn hóa - Xã hội, UBND phường Hoa Sữa"
    assert (facts.rating, facts.fraction, facts.hours) == ("Hoàn thành", None, 1)
    assert facts.expires_on == date(2027, 11, 20)


def test_a_person_without_a_post_gets_one_too(course, issuer):
    (somebody,) = learners(1)
    certificate = complete(somebody, course)
    assert (certificate.unit_id, certificate.unit_name) == (None, "")
    jobs.run_all_due()
    assert count(CertificatePdf) == 1


# Nothing changes


def test_revoking_leaves_certificate_and_document_as_they_were(course, issuer):
    certificate = complete(cast.person("an"), course)
    jobs.run_all_due()

    def stored():
        db.session.expire_all()
        rows = (certificate, db.session.scalars(db.select(CertificatePdf)).one())
        return [{column.name: getattr(row, column.name) for column in row.__table__.columns} for row in rows]

    before = stored()
    begin_writing()
    service.revoke(certificate, "Theo Quyết định 45/QĐ-SKHCN", by=SYSTEM, now=clock.now())
    db.session.commit()
    assert stored() == before
    begin_writing()
    with pytest.raises(AlreadyRevoked):
        service.revoke(certificate, "Theo Quyết định 46/QĐ-SKHCN", by=SYSTEM, now=clock.now())


def test_the_number_of_a_revoked_certificate_is_not_given_again(course, issuer):
    one, two = learners(2)
    begin_writing()
    service.revoke(complete(one, course), "Theo Quyết định 45/QĐ-SKHCN", by=SYSTEM, now=clock.now())
    db.session.commit()
    assert complete(two, course).sequence == 2


@pytest.mark.parametrize("model", [Certificate, CertificatePdf, Revocation])
def test_what_stands_in_the_register_refuses_to_change_or_go(course, issuer, model):
    certificate = complete(cast.person("an"), course)
    jobs.run_all_due()
    begin_writing()
    service.revoke(certificate, "Theo Quyết định 45/QĐ-SKHCN", by=SYSTEM, now=clock.now())
    db.session.commit()
    changes = {Certificate: ("holder_name", "X"), CertificatePdf: ("data", b"X"), Revocation: ("reason", "X")}
    begin_writing()
    row = db.session.scalars(db.select(model)).one()
    setattr(row, *changes[model])
    with pytest.raises(Frozen):
        db.session.flush()
    db.session.rollback()
    begin_writing()
    db.session.delete(db.session.scalars(db.select(model)).one())
    with pytest.raises(Frozen):
        db.session.flush()


def test_a_new_signer_changes_nothing_that_was_issued(course, issuer):
    certificate = complete(cast.person("an"), course)
    set_issuer(signer_name="Lê Thị Mai", name="Sở Khoa học, Công nghệ và Chuyển đổi số")
    jobs.run_all_due()
    db.session.expire_all()
    facts = Facts.from_json(certificate.facts)
    assert (facts.signer_name, facts.issuer_name) == ("Phạm Văn Khánh", "Sở Khoa học và Công nghệ")
    versions = db.session.scalars(db.select(IssuerVersion)).all()
    assert [each.signer_name for each in versions] == ["Lê Thị Mai"]


# A document that cannot be made


def test_a_document_that_fails_undoes_nothing_and_is_made_later(client_of, course, issuer, monkeypatch, time):
    an = client_of("an")
    assert an.post("/khoa-hoc/mau/ghi-danh").status_code == 303
    jobs.run_all_due()
    monkeypatch.setattr(pdf, "render", broken)
    assert an.post("/khoa-hoc/mau/bai/xong").status_code == 303
    certificate = db.session.scalars(db.select(Certificate)).one()
    assert db.session.scalars(db.select(Enrolment)).one().completed_at is not None
    for _ in range(5):
        time.passes(minutes=1)
        assert jobs.run_one()
    assert count(CertificatePdf) == 0
    (job,) = jobs.failed()
    assert (job.kind, job.subject) == ("certificates.render", str(certificate.id))
    assert "no ink" in job.error
    assert an.get(f"/giay-chung-nhan/{certificate.code}.pdf").status_code == 202
    monkeypatch.undo()
    begin_writing()
    jobs.retry(job.id, now=clock.now())
    db.session.commit()
    jobs.run_all_due()
    assert an.get(f"/giay-chung-nhan/{certificate.code}.pdf").data.startswith(b"%PDF-1.7")


def broken(*_):
    raise OSError("no ink")


# Who sees what


def test_hr_of_another_unit_neither_finds_nor_opens_nor_revokes_it(client_of, course, issuer):
    certificate = complete(cast.person("an"), course)
    jobs.run_all_due()
    begin_writing()
    grant_role(cast.person("chi"), Role.HR, unit=cast.unit("tanlap"), by=SYSTEM, now=clock.now())
    db.session.commit()
    document, revoke = f"/giay-chung-nhan/{certificate.code}.pdf", f"/theo-doi/giay-chung-nhan/{certificate.id}/thu-hoi"
    chi, hoa = client_of("chi"), client_of("hoa")
    assert certificate.number in hoa.get("/theo-doi/giay-chung-nhan").text
    assert (hoa.get(document).status_code, hoa.get(revoke).status_code) == (200, 200)
    assert certificate.number not in chi.get("/theo-doi/giay-chung-nhan").text
    assert (chi.get(document).status_code, chi.get(revoke).status_code) == (404, 404)
    assert chi.post(revoke, data={"reason": "Theo Quyết định 45/QĐ-SKHCN"}).status_code == 404
    assert count(Revocation) == 0


def test_a_document_is_its_holders_and_hrs_and_nobody_elses(client, client_of, course, issuer):
    code = complete(cast.person("an"), course).code
    jobs.run_all_due()
    statuses = {who: client_of(who).get(f"/giay-chung-nhan/{code}.pdf").status_code for who in cast.CAST}
    assert statuses == {"an": 200, "chi": 404, "dung": 404, "hoa": 200, "giang": 200}
    assert client.get(f"/giay-chung-nhan/{code}.pdf").status_code == 303


def test_who_moved_away_is_still_found_by_the_old_unit_and_by_the_new_one(client_of, course, issuer):
    certificate = complete(cast.person("an"), course)
    begin_writing()
    today = clock.today()
    assign(cast.person("an"), cast.unit("tanlap"), "Công chức", valid_from=today, by=SYSTEM, now=clock.now())
    grant_role(cast.person("chi"), Role.HR, unit=cast.unit("tanlap"), by=SYSTEM, now=clock.now())
    db.session.commit()
    for who in ("hoa", "chi"):
        assert certificate.number in client_of(who).get("/theo-doi/giay-chung-nhan").text


def test_a_document_is_sent_as_a_file_with_a_plain_name_and_only_once(client_of, course, issuer):
    certificate = complete(cast.person("an"), course)
    jobs.run_all_due()
    an = client_of("an")
    sent = an.get(f"/giay-chung-nhan/{certificate.code}.pdf")
    assert sent.headers["Content-Disposition"] == "attachment; filename=0001_Nguyen-Thi-An.pdf"
    again = an.get(f"/giay-chung-nhan/{certificate.code}.pdf", headers={"If-None-Match": sent.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


# What anybody may know


def said_to_anybody(client, certificate):
    page = client.get(f"/xm/{certificate.code}")
    assert page.status_code == 200
    return page.text, re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page.text)


def test_the_public_page_says_six_things_and_no_more(client, course, issuer, at):
    an = cast.person("an")
    begin_writing()
    an.birth_date, an.phone, an.staff_code = date(1985, 2, 5), "+84905123456", "CB-00817"
    db.session.commit()
    at(datetime(2026, 11, 20, 2, tzinfo=UTC))
    certificate = complete(an, course, fraction=0.87)
    jobs.run_all_due()
    text, facts = said_to_anybody(client, certificate)
    assert facts == [
        ("Họ và tên", "Nguyễn Thị An"),
        ("Khóa học", "Soạn thảo văn bản"),
        ("Số giấy chứng nhận", certificate.number),
        ("Ngày cấp", "20/11/2026"),
        ("Đơn vị", "Phòng Văn hóa - Xã hội, UBND phường Hoa Sữa"),
        ("Trạng thái", "Hợp lệ"),
    ]
    for secret in (
        "05/02/1985",
        "1985",
        "Chuyên viên",
        "8,7",
        "0,87",
        "Giỏi",
        "905123456",
        "CB-00817",
        an.email,
        ".pdf",
    ):
        assert secret not in text


def test_the_last_day_still_counts_and_the_day_after_is_expired(client, course, issuer, at):
    at(datetime(2026, 2, 28, 2, tzinfo=UTC))
    certificate = complete(cast.person("an"), course)
    assert certificate.expires_on == date(2027, 2, 28)
    at(datetime(2027, 2, 28, 16, 59, 59, tzinfo=UTC))
    assert ("Trạng thái", "Hợp lệ") in said_to_anybody(client, certificate)[1]
    at(datetime(2027, 2, 28, 17, 0, 0, tzinfo=UTC))
    text, facts = said_to_anybody(client, certificate)
    assert ("Trạng thái", "Hết hạn") in facts
    assert "28/02/2027" in text


def test_a_revoked_certificate_says_so_and_not_why(client, course, issuer):
    certificate = complete(cast.person("an"), course)
    begin_writing()
    service.revoke(certificate, "Gian lận khi làm bài, theo Quyết định 45", by=SYSTEM, now=clock.now())
    db.session.commit()
    text, facts = said_to_anybody(client, certificate)
    assert ("Trạng thái", "Đã thu hồi") in facts
    assert "Gian lận" not in text


def test_a_code_is_read_as_it_is_typed_and_a_wrong_one_is_not_found(client, course, issuer):
    code = complete(cast.person("an"), course).code
    assert "Nguyễn Thị An" in client.get(f"/xac-minh?ma={code.lower().replace('-', ' ')}").text
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    assert client.get(f"/xm/{wrong}").status_code == 404
    assert client.get("/xm/WMUC-G2A8-LVAS").status_code == 404  # well formed, given to nobody
