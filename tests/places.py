"""Every page of the product, who opens it, and what it may weigh."""

from collections.abc import Callable
from dataclasses import dataclass

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lms.certificates.models import Certificate
from lms.content.queries import find_course
from lms.core import jobs
from lms.core.db import db
from lms.learning.models import Enrolment
from tests import cast, make


@dataclass(frozen=True)
class Budget:
    """What a class of pages may weigh, compressed and on a first visit."""

    html: int
    scripts: int
    total: int
    requests: int


# ux.md 2.7, in bytes
PUBLIC = Budget(html=5_000, scripts=3_000, total=55_000, requests=7)
READING = Budget(html=12_000, scripts=3_000, total=65_000, requests=8)
QUIZ = Budget(html=25_000, scripts=9_000, total=85_000, requests=10)
STAFF = Budget(html=30_000, scripts=28_000, total=110_000, requests=12)
STYLES = 14_000

# What is no page: files, answers to scripts, addresses that only lead on.
NO_PAGES = {
    "certificates.download", "handouts.printout", "content.download_draft", "home.guide.file", "assessment.own_file", "marking.file", "statistics.question", "statistics.questions", "certificates.register_xlsx", "certificates.register_zip", "content.download", "content.file",
    "drills.minutes_pdf", "home.health", "home.root", "reports.completion_xlsx", "certificates.verify_code",
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Who opens which page, and what class it is of."""

    endpoint: str
    who: str
    url: str
    budget: Budget


FORTY = "\n".join(
    f"## Câu hỏi số {n} {{#cau-{n}}}\nTình huống {n}: máy tính của cơ quan có dấu hiệu lạ, việc cần làm trước là gì?\n\n"
    f"- [x] Rút dây mạng của máy số {n}\n- [ ] Tắt nguồn ngay\n- [ ] Cài lại hệ điều hành\n- [ ] Gửi thư hỏi đồng nghiệp\n\n"
    f"> Giữ được chứng cứ trong bộ nhớ của máy số {n}.\n"
    for n in range(1, 41)
)


def furnish(anybody: FlaskClient, client_of: Callable[[str], FlaskClient]) -> "Places":
    """Courses with An in the middle of them, a colleague's certificate in HR's scope, a draft: a page of every kind."""
    make.issuer()
    slug = make.sample_course()
    big = make.course({"thi.md": make.FILES["thi.md"].partition("## ")[0] + FORTY})
    browsers = {who: client_of(who) for who in ("an", "dung", "hoa", "giang")} | {"anybody": anybody}
    an = browsers["an"]
    for course in (slug, big):
        assert an.post(f"/khoa-hoc/{course}/ghi-danh").status_code == 303
    over = an.post(f"/bai-kiem-tra/{big}/thi/bat-dau").location
    an.post(f"{over}/nop")
    attempt = an.post(f"/bai-kiem-tra/{big}/thi/bat-dau").location
    [colleague] = make.colleagues(1)
    make.history([colleague], slug)
    certificate = db.session.scalars(db.select(Certificate)).one()
    enrolment = db.session.scalars(db.select(Enrolment.id).where(Enrolment.learner_id == colleague)).one()
    essay = make.essay(cast.person("an")).id
    found_big = find_course(big).id
    make.done(None)
    ended, going = make.drill_runs(an, slug)
    looked = (
        browsers["dung"].post(f"/soan/{big}/tinh-lai/thi/thu", data={"question": "cau-1", "how": "everyone"}).location
    )
    jobs.run_all_due()
    upload = {
        "file": (make.zipped(make.FILES | make.DRILL | {"mot.md": make.FILES["mot.md"] + "\nThêm.\n"}), "mau.zip")
    }
    assert browsers["dung"].post("/soan/tai-len", data=upload).status_code == 303
    lesson = f"/khoa-hoc/{slug}/c1-su-co-va-quy-dinh"
    found = [
        Place("people.sign_in", "anybody", "/dang-nhap", PUBLIC),
        Place("certificates.verify", "anybody", f"/xac-minh?ma={certificate.code}", PUBLIC),
        Place("home.help_page", "anybody", "/tro-giup", READING),
        Place("home.gallery", "anybody", "/_ui", STAFF),
        Place("home.start", "an", "/viec-can-lam", READING),
        Place("learning.catalogue", "an", "/khoa-hoc", READING),
        Place("learning.course", "an", f"/khoa-hoc/{slug}", READING),
        Place("learning.lesson", "an", lesson, READING),
        Place("assessment.quiz", "an", f"/bai-kiem-tra/{slug}/cuoi-khoa", READING),
        Place("assessment.attempt", "an", attempt, QUIZ),
        Place("assessment.submit", "an", f"{attempt}/nop", QUIZ),
        Place("assessment.result", "an", f"{over}/ket-qua", QUIZ),
        Place("drills.drill", "an", f"/dien-tap/{slug}/dt-ma-doc", READING),
        Place("drills.run", "an", going, QUIZ),
        Place("drills.debrief", "an", f"{ended}/ket-qua", QUIZ),
        Place("drills.minutes", "an", f"{ended}/bien-ban", QUIZ),
        Place("certificates.mine", "an", "/giay-chung-nhan", READING),
        Place("people.account", "an", "/ca-nhan", READING),
        Place("people.change_password", "an", "/ca-nhan/mat-khau", READING),
        Place("home.guide.cover", "anybody", "/tro-giup/soan-bai", READING),
        # Every type of question stands on it.
        Place("home.guide.read", "anybody", "/tro-giup/soan-bai/cau-hoi", QUIZ),
        Place("content.courses", "dung", "/soan", STAFF),
        Place("content.course", "dung", f"/soan/{big}", STAFF),
        Place("desk.edit", "dung", f"/soan/{big}/tep/mot.md", STAFF),
        Place("desk.edit", "dung", f"/soan/{big}/tep/thi.md", STAFF),
        Place("desk.saves", "dung", f"/soan/{big}/ban-luu/mot.md", STAFF),
        Place("desk.files", "dung", f"/soan/{big}/tep-dinh-kem", STAFF),
        Place("desk.preview_item", "dung", f"/soan/{big}/xem-truoc/mot", STAFF),
        Place("desk.preview_item", "dung", f"/soan/{big}/xem-truoc/thi", STAFF),
        Place("desk.preview_item", "dung", f"/soan/{big}/xem-truoc/tap", STAFF),
        Place("question.form", "dung", f"/soan/{big}/cau-hoi/thi.md?cau=thu-do", STAFF),
        Place("release.compare", "dung", f"/soan/{big}/so-sanh?tu=1&den=nhap", STAFF),
        Place("release.people", "dung", f"/soan/{big}/nguoi-soan", STAFF),
        Place("publishing.publish", "dung", f"/soan/{big}/xuat-ban", STAFF),
        Place("teaching.learners", "dung", f"/soan/{slug}/hoc-vien", STAFF),
        Place("teaching.learner", "dung", f"/soan/{slug}/hoc-vien/{enrolment}", STAFF),
        Place("interop.bring", "dung", f"/soan/{big}/nhap", STAFF),
        Place("assessment.result", "an", f"/luot-lam-bai/{essay}/ket-qua", QUIZ),
        Place("marking.queue", "dung", "/cham", STAFF),
        Place("marking.quiz", "dung", "/cham/cham-tay/thi", STAFF),
        Place("marking.answer", "dung", f"/cham/cham-tay/thi/xu-ly/{essay}", STAFF),
        Place("regrading.quiz", "dung", looked, STAFF),
        Place("statistics.course", "dung", f"/soan/{big}/thong-ke", STAFF),
        Place("statistics.quiz", "dung", f"/soan/{big}/thong-ke/thi", STAFF),
        Place("upkeep.report", "dung", "/soan/can-xem-lai", STAFF),
        Place("upkeep.links", "dung", f"/soan/{big}/lien-ket", STAFF),
        Place("reports.completion", "hoa", "/theo-doi/hoan-thanh", STAFF),
        Place("certificates.register", "hoa", "/theo-doi/giay-chung-nhan", STAFF),
        Place("certificates.revoke", "hoa", f"/theo-doi/giay-chung-nhan/{certificate.id}/thu-hoi", STAFF),
        Place("people.people", "hoa", "/theo-doi/nguoi", STAFF),
        Place("home.person", "hoa", f"/theo-doi/nguoi/{colleague}", STAFF),
        Place("people.confirm_reset", "hoa", f"/theo-doi/nguoi/{colleague}/mat-khau", STAFF),
        Place("learning.enrol_others", "hoa", "/theo-doi/ghi-danh", STAFF),
        Place("learning.enrolment", "hoa", f"/theo-doi/ghi-danh/{enrolment}", STAFF),
        Place("extensions.person", "hoa", f"/theo-doi/ghi-danh/{enrolment}/gia-han", STAFF),
        Place("extensions.unit", "hoa", f"/theo-doi/gia-han?khoa={found_big}&don-vi={cast.unit('hoasua').id}", STAFF),
        Place("people.accounts", "giang", "/quan-tri/tai-khoan", STAFF),
        Place("people.new_account", "giang", "/quan-tri/tai-khoan/moi", STAFF),
        Place("people.edit_account", "giang", f"/quan-tri/tai-khoan/{cast.person('an').id}", STAFF),
        Place("units.tree", "giang", "/quan-tri/don-vi", STAFF),
        Place("units.edit", "giang", f"/quan-tri/don-vi/{cast.unit('hoasua').id}", STAFF),
        Place("content.local_values", "giang", "/quan-tri/bien-dia-phuong", STAFF),
        Place("certificates.issuer", "giang", "/quan-tri/co-quan-cap", STAFF),
        Place("home.audit_trail", "giang", "/quan-tri/nhat-ky", STAFF),
        Place("home.system", "giang", "/quan-tri/he-thong", STAFF),
    ]
    return Places(found, browsers, slug)


class Places(list[Place]):
    """The pages, the browsers that open them, and the course whose other learners tests multiply."""

    def __init__(self, places: list[Place], browsers: dict[str, FlaskClient], slug: str) -> None:
        super().__init__(places)
        self.browsers, self.slug = browsers, slug

    def open(self, place: Place, **how: object) -> TestResponse:
        """The page, for whom it is made."""
        answer = self.browsers[place.who].get(place.url, **how)
        assert answer.status_code == 200, (place.url, answer.status_code)
        return answer
