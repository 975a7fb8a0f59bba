"""The audit trail: every change that somebody makes leaves an entry, in the same transaction or not at all."""

import pytest

from lms.assessment import marking
from lms.assessment.models import HandMark
from lms.assessment.rules import UNDO
from lms.audit import service
from lms.audit.models import AuditEntry
from lms.certificates.models import Certificate
from lms.content import drafting, drafts
from lms.content.models import CourseMember, DeadLink, Draft, Publication, Revision
from lms.content.queries import find_course
from lms.core import clock, jobs
from lms.core.actor import SYSTEM
from lms.core.db import Frozen, begin_writing, db
from lms.core.jobs import Job
from lms.home.upkeep import digest
from lms.learning import service as learning
from tests import cast, make
from tests.see import all_of, everything

# Actions without an entry of their own, and why.
NO_ENTRY = {
    "people.sign_out": "ends nothing but the cookie of this browser",
    "people.set_display": "one's own text size, colours and language",
    "learning.finish": "the item's record says who and when; completing the course has an entry",
    "assessment.begin": "the attempt is the entry: whose, when, of which revision; it is never changed once submitted",
    "assessment.save": "answers keep their time and what they replaced",
    "assessment.answer": "the same without JavaScript",
    "assessment.do_submit": "the grade is a row that is never changed",
    "statistics.work_out": "it asks for figures that are worked out of what stands",
    "handouts.draw": "it asks for a PDF of what stands",
    "regrading.look": "a dry run says whose it is, and nothing changes by it",
    "marking.mark": "a draft says whose it is; what counts is a row that is never changed",
    "drills.begin": "the run is the entry: whose, when, of which revision",
    "drills.decide": "the decision is a row that is never changed",
    "desk.try_drill": "it writes nothing",
    "learning.answer_check": "it writes nothing",
    "home.guide.answer_check": "it writes nothing",
    "desk.quick_preview": "it writes nothing",
    "desk.try_item": "it writes nothing",
    "interop.look": "it writes nothing",
    "desk.save": "each file of a draft says who changed it when, and keeps what was replaced",
    "question.write": "the same",
    "desk.new_file": "the same",
    "desk.rename": "the same",
    "desk.remove": "the same",
    "desk.put_back": "the same",
    "desk.upload": "the same",
    "interop.take": "the same",
    "interop.paste": "the same",
    "release.open_draft": "the draft says who opened it when",
}


def upload():
    return {"file": (make.zipped(make.FILES | {"mot.md": make.FILES["mot.md"] + "\nThêm.\n"}), "mau.zip")}


def waiting_draft(browsers):
    assert browsers["dung"].post("/soan/tai-len", data=upload()).status_code == 303
    digest = drafts.source_of(db.session.scalars(db.select(Draft.id)).one()).digest()
    return {"note": "Sửa lỗi", "weight": "minor", "when": "now", "digest": digest}


def draft():
    """The open draft of the small course."""
    begin_writing()
    opened = drafting.begin(find_course("mau"), [], None, by=SYSTEM, now=clock.now())
    return make.done(opened.id)


def discarded():
    draft_id = draft()
    begin_writing()
    drafting.discard(db.session.get_one(Draft, draft_id), by=SYSTEM, now=clock.now())
    return make.done(draft_id)


DEAD = "https://x.example/cu"


def linking():
    """A course that links to the outside."""
    changed = {
        "course.md": make.FILES["course.md"].replace("id: mau", "id: dan"),
        "mot.md": make.FILES["mot.md"] + f"\n[Cổng cũ]({DEAD})\n",
    }
    return make.course(changed)


def reviewer():
    """An reviews the small course."""
    begin_writing()
    user_id = cast.person("an").id
    member = CourseMember(course_id=find_course("mau").id, user_id=user_id, role="reviewer", added_at=clock.now())
    db.session.add(member)
    return make.done(user_id)


def dead_link():
    begin_writing()
    made = DeadLink(course_id=find_course("mau").id, url=DEAD, note="báo hỏng", recorded_at=clock.now())
    db.session.add(made)
    db.session.flush()
    return make.done(made.id)


def requested():
    """A request to publish that waits for a second person."""
    begin_writing()
    course = find_course("mau")
    made = Publication(
        course_id=course.id, files=dict(course.revision.files), digest=course.revision.digest, note="Sửa", is_material=False,
        needs_approval=True, asked_at=clock.now(),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return make.done(made.id)


def released(*, taken_back=False):
    """A marked essay that is being released, or whose release was taken back."""
    release_id = make.marked(make.essay(cast.person("an")), cast.person("dung"))
    if not taken_back:
        return {"id": release_id}
    begin_writing()
    marking.take_back(find_course("cham-tay"), release_id, by=SYSTEM, now=clock.now())
    return make.done({})


def counted():
    """An essay whose mark counts; the number of its attempt."""
    release_id = released()["id"]
    begin_writing()
    marking.take_effect(release_id, now=clock.now() + UNDO)
    make.done(None)
    return db.session.scalars(db.select(HandMark.attempt_id)).one()


def wrong_question(browsers):
    """A question that somebody did not answer and that everyone shall have right."""
    browsers["an"].post("/khoa-hoc/mau/ghi-danh")
    url = browsers["an"].post("/bai-kiem-tra/mau/thi/bat-dau").location
    browsers["an"].post(f"{url}/nop")
    looked = (
        browsers["dung"].post("/soan/mau/tinh-lai/thi/thu", data={"question": "thu-do", "how": "everyone"}).location
    )
    jobs.run_all_due()
    return {"thu": looked.partition("thu=")[2], "reason": "Đáp án công bố sai"}


def given_up_job():
    begin_writing()
    db.session.add(Job(kind="x", subject="y", created_at=clock.now(), run_at=clock.now(), fence=5, tries=5, error="x"))
    make.done(None)
    return db.session.scalars(db.select(Job.id).where(Job.kind == "x")).one()


SIGN_IN = {"login": cast.CAST["chi"].email, "password": cast.PASSWORD}
ISSUER = {"name": "Sở", "abbreviation": "S", "place": "Vinh", "signer_name": "X", "signer_capacity": "GIÁM ĐỐC",
          "valid_from": "01/08/2025"}  # fmt: skip


def enrolment_url(*, withdrawn=False):
    """The page of an enrolment that stands open, or was just withdrawn, of somebody in Hoa's unit."""
    begin_writing()
    other = {
        "course.md": make.FILES["course.md"].replace("id: mau", "id: khac"),
        "thi.md": make.FILES["thi.md"].replace("minutes: 30", "minutes: 30\nattempts: 2"),
    }
    enrolment = make.enrolment(cast.person("an"), make.course(other))
    if withdrawn:
        learning.withdraw(enrolment, by=SYSTEM, now=clock.now())
    db.session.commit()
    return f"/theo-doi/ghi-danh/{enrolment.id}"


# endpoint → who does it, the address, what is sent; both made when their turn comes.
ACTIONS = {
    "people.do_sign_in": ("anybody", "/dang-nhap", lambda _: {"data": SIGN_IN}),
    "people.sign_in_again": ("anybody", "/dang-nhap/tai-cho", lambda _: {"json": SIGN_IN}),
    "learning.enrol": ("chi", "/khoa-hoc/mau/ghi-danh", lambda _: {}),
    "learning.do_enrol_others": ("hoa", "/theo-doi/ghi-danh", lambda _: {"data": {"course": "mau", "unit": cast.unit("hoasua").id}}),
    "learning.set_due": ("hoa", lambda: f"{enrolment_url()}/han", lambda _: {"data": {"due_on": "31/12/2099"}}),
    "learning.withdraw": ("hoa", lambda: f"{enrolment_url()}/rut", lambda _: {}),
    "learning.restore": ("hoa", lambda: f"{enrolment_url(withdrawn=True)}/hoan-tac", lambda _: {}),
    "extensions.do_person": (
        "hoa", lambda: f"{enrolment_url()}/gia-han", lambda _: {"data": {"item": "thi", "attempts": "1", "reason": "Mất điện khi làm bài"}},
    ),
    "extensions.do_unit": (
        "hoa", lambda: f"/theo-doi/gia-han?khoa={find_course('mau').id}&don-vi={cast.unit('hoasua').id}",
        lambda _: {"data": {"item": "thi", "minutes": "15", "reason": "Mất điện cả phường"}},
    ),
    "teaching.decide": (
        "dung", lambda: f"/soan/khac/hoc-vien/{enrolment_url().rsplit('/', 1)[1]}",
        lambda _: {"data": {"item": "hai", "decision": "yes", "reason": "Đã trình bày trực tiếp"}},
    ),
    "people.reset_password": ("hoa", lambda: f"/theo-doi/nguoi/{cast.person('an').id}/mat-khau", lambda _: {}),
    "certificates.do_revoke": (
        "hoa",
        lambda: f"/theo-doi/giay-chung-nhan/{db.session.scalars(db.select(Certificate.id)).one()}/thu-hoi",
        lambda _: {"data": {"reason": "Theo Quyết định 45/QĐ-SKHCN"}},
    ),
    "content.upload": ("dung", "/soan/tai-len", lambda _: {"data": upload()}),
    "content.create": ("dung", "/soan/moi", lambda _: {"data": {"title": "Khóa mới"}}),
    "publishing.do_publish": ("dung", "/soan/mau/xuat-ban", lambda browsers: {"data": waiting_draft(browsers)}),
    "release.discard": ("dung", lambda: f"/soan/mau/ban-nhap/bo?{draft()}", lambda _: {}),
    "release.take_back": ("dung", lambda: f"/soan/mau/ban-nhap/{discarded()}/lay-lai", lambda _: {}),
    "release.restore": ("dung", "/soan/mau/phien-ban/1/khoi-phuc", lambda _: {}),
    "release.approve": ("dung", lambda: f"/soan/mau/yeu-cau/{requested()}/duyet", lambda _: {}),
    "release.withdraw": ("dung", lambda: f"/soan/mau/yeu-cau/{requested()}/rut", lambda _: {}),
    "release.set_member": ("dung", "/soan/mau/nguoi-soan", lambda _: {"data": {"login": cast.CAST["dung"].email, "role": "owner"}}),
    "marking.release": ("dung", "/cham/cham-tay/thi/cong-bo", lambda _: released(taken_back=True)),
    "marking.take_back": ("dung", lambda: f"/cham/cham-tay/cong-bo/{released()['id']}/lay-lai", lambda _: {}),
    "marking.mark_again": ("dung", lambda: f"/cham/cham-tay/thi/xu-ly/{counted()}/cham-lai", lambda _: {}),
    "regrading.correct": ("dung", "/soan/mau/tinh-lai/thi", lambda browsers: {"data": wrong_question(browsers)}),
    "upkeep.record": (
        "dung", lambda: f"/soan/{linking()}/lien-ket", lambda _: {"data": {"link": digest(DEAD), "note": "báo hỏng"}},
    ),
    "upkeep.clear": ("dung", lambda: f"/soan/mau/lien-ket-hong/{dead_link()}/xoa", lambda _: {}),
    "release.remove_member": ("dung", lambda: f"/soan/mau/nguoi-soan/{reviewer()}/bo", lambda _: {}),
    "content.set_open": ("dung", "/soan/mau/mo", lambda _: {"data": {"is_open": "0"}}),
    "content.set_retired": ("dung", "/soan/mau/luu-tru", lambda _: {"data": {"is_retired": "1"}}),
    "content.set_local_values": ("giang", "/quan-tri/bien-dia-phuong", lambda _: {"data": {"sdt_ho_tro": "0238 000 0100"}}),
    "people.do_new_account": ("giang", "/quan-tri/tai-khoan/moi", lambda _: {"data": {"name": "Mới", "email": "moi@songlam.example", "unit": 0}}),
    "people.rename": ("giang", lambda: f"/quan-tri/tai-khoan/{cast.person('an').id}/ten", lambda _: {"data": {"name": "An Khác"}}),
    "people.set_roles": (
        "giang", lambda: f"/quan-tri/tai-khoan/{cast.person('an').id}/vai-tro", lambda _: {"data": {"roles": "trainer"}},
    ),
    "people.set_state": ("giang", lambda: f"/quan-tri/tai-khoan/{cast.person('chi').id}/trang-thai", lambda _: {"data": {"state": "closed"}}),
    "people.change_post": (
        "giang",
        lambda: f"/quan-tri/tai-khoan/{cast.person('an').id}/vi-tri",
        lambda _: {"data": {"unit": cast.unit("hoasua").id, "position": "Chuyên viên", "on": "31/12/2099"}},
    ),
    "home.enrol_person": (
        "hoa", lambda: f"/theo-doi/nguoi/{make.colleagues(1)[0]}", lambda _: {"data": {"course": "mau", "due_on": ""}},
    ),
    "units.rename": (
        "giang", lambda: f"/quan-tri/don-vi/{cast.unit('hoasua').id}/ten", lambda _: {"data": {"name": "Mới", "on": "31/12/2099"}},
    ),
    "units.move": (
        "giang", lambda: f"/quan-tri/don-vi/{cast.unit('hoasua').id}/truc-thuoc", lambda _: {"data": {"parent": 0, "on": "31/12/2099"}},
    ),
    "units.end": (
        "giang",
        lambda: f"/quan-tri/don-vi/{cast.unit('vhxh').id}/ket-thuc",
        lambda _: {"data": {"kind": "dissolved", "successor": 0, "on": "31/12/2099", "basis": "Nghị quyết 1"}},
    ),
    "units.add": (
        "giang", "/quan-tri/don-vi",
        lambda _: {"data": {"name": "Ban mới", "kind": "division", "parent": 0, "valid_from": "01/08/2025"}},
    ),
    "certificates.set_issuer": ("giang", "/quan-tri/co-quan-cap", lambda _: {"data": ISSUER}),
    "home.retry_job": ("giang", lambda: f"/quan-tri/he-thong/viec/{given_up_job()}/lai", lambda _: {}),
    "people.do_change_password": (
        "an", "/ca-nhan/mat-khau", lambda _: {"data": {"current": cast.PASSWORD, "password": "Bốn-Từ-Dễ-Nhớ-26"}},
    ),
    "people.sign_out_everywhere": ("an", "/ca-nhan/dang-xuat-moi-noi", lambda _: {}),
}  # fmt: skip


class Browsers(dict):
    """Each member of the cast signs in when first asked to do something."""

    def __init__(self, client_of, anybody):
        super().__init__(anybody=anybody)
        self.client_of = client_of

    def __missing__(self, who):
        self[who] = self.client_of(who)
        return self[who]


@pytest.fixture
def browsers(app, client, client_of):
    make.issuer()
    make.course()
    make.history([cast.person("an").id], "mau")
    return Browsers(client_of, client)


def test_every_action_leaves_an_entry_or_says_why_not(app):
    actions = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods}
    assert actions == set(ACTIONS) | set(NO_ENTRY)


@pytest.mark.parametrize("endpoint", ACTIONS)
def test_who_does_something_stands_in_the_trail(app, browsers, endpoint):
    who, url, sent = ACTIONS[endpoint]
    url, sent = url() if callable(url) else url, sent(browsers)
    browser, before = browsers[who], all_of(AuditEntry)
    answer = browser.post(url, **sent)
    assert answer.status_code in {200, 303}, answer.text
    new = all_of(AuditEntry)[len(before) :]
    assert new, "nothing was recorded"
    person = cast.person("chi" if who == "anybody" else who)
    for entry in new:
        assert (entry.actor_id, entry.actor_name) == (person.id, cast.CAST["chi" if who == "anybody" else who].name)
        feature, thing, verb = entry.action.split(":")
        assert feature
        assert thing
        assert verb


@pytest.mark.parametrize("endpoint", ACTIONS)
def test_what_cannot_be_recorded_is_not_done(app, browsers, endpoint, monkeypatch):
    who, url, sent = ACTIONS[endpoint]
    url, sent = url() if callable(url) else url, sent(browsers)
    browser, before = browsers[who], everything()

    def fails(*_args, **_more):
        raise RuntimeError

    monkeypatch.setattr(service, "record", fails)
    assert browser.post(url, **sent).status_code == 500
    assert everything() == before


def test_completing_issuing_and_jobs_are_recorded_too(browsers):
    actions = [entry.action for entry in all_of(AuditEntry)]
    for action in ("learning:enrolment:complete", "certificates:certificate:issue", "content:revision:publish"):
        assert action in actions


def test_entries_hold_nothing_that_a_person_may_ask_to_be_erased(browsers):
    """Ids and states only; the name of the actor stands in its own column."""
    giang, an = browsers["giang"], cast.person("an").id
    giang.post(f"/quan-tri/tai-khoan/{an}/ten", data={"name": "Nguyễn Thị Ánh"})
    giang.post(
        "/quan-tri/tai-khoan/moi",
        data={"name": "Mới", "email": "moi@songlam.example", "phone": "0905123456", "unit": 0},
    )
    for entry in all_of(AuditEntry):
        said = repr((entry.before, entry.after, entry.object_label))
        for private in ("Ánh", "Nguyễn", "@songlam", "905123456"):
            assert private not in said, entry.action


def test_what_is_frozen_cannot_be_changed_or_deleted(browsers):
    for model, column in ((AuditEntry, "action"), (Revision, "title"), (Certificate, "holder_name")):
        for change in (lambda row, column=column: setattr(row, column, "x"), db.session.delete):
            begin_writing()
            change(db.session.scalars(db.select(model)).first())
            with pytest.raises(Frozen):
                db.session.flush()
            db.session.rollback()
