"""Enrolling: who may, again and when, until which day, and what becomes of it when the course changes."""

import re
from datetime import date, timedelta

import pytest

from lms.assessment.models import Attempt, Extension
from lms.audit.models import AuditEntry
from lms.certificates.models import Certificate
from lms.certificates.service import set_issuer
from lms.content import disk
from lms.content.queries import find_course
from lms.content.service import prepare, publish, set_open
from lms.core import clock, jobs
from lms.core.actor import SYSTEM
from lms.core.db import begin_writing, db
from lms.course.parse import parse
from lms.course.source import Source
from lms.learning import service, tasks
from lms.learning.models import Enrolment
from lms.learning.rules import StillValid, expires_on, may_renew
from lms.people import service as people
from lms.settings import ROOT
from tests import cast
from tests.parallel import at_once, tab_of
from tests.see import all_of

COURSE = "ucsc"
SAMPLE = disk.read(ROOT / "tests" / "samples" / "ung-cuu-su-co")


def put_out(source=SAMPLE):
    """Publish the source as the newest revision."""
    doc, problems = parse(source)
    prepared = prepare(source, doc, problems)
    begin_writing()
    publish(prepared, by=SYSTEM, now=clock.now())
    db.session.commit()


def changed(old, new, base=SAMPLE):
    """The sample course with other words in its outline."""
    text = base.files["course.md"].decode()
    assert old in text
    return Source({**base.files, "course.md": text.replace(old, new).encode()})


def set_up_issuer():
    begin_writing()
    set_issuer(
        parent_name="", name="Sở Khoa học và Công nghệ", abbreviation="SKHCN", place="Sông Lam",
        signer_name="Phạm Văn Khánh", signer_capacity="GIÁM ĐỐC", valid_from=cast.SINCE, by=SYSTEM, now=clock.now(),
    )  # fmt: skip
    db.session.commit()


@pytest.fixture
def course(app):
    put_out()
    return find_course(COURSE)


LASTING = changed("valid_months: 24\n", "")
TODAY = date(2026, 11, 24)


def completed(who, days_ago):
    """An enrolment that was completed so many days ago, under the newest revision."""
    begin_writing()
    now, found = clock.now(), find_course(COURSE)
    enrolment = service.enrol(cast.person(who).id, found, by=SYSTEM, now=now - timedelta(days=days_ago + 1))
    enrolment.completed_at = now - timedelta(days=days_ago)
    enrolment.completed_revision_id = found.revision_id
    db.session.commit()


def by_list_only():
    begin_writing()
    set_open(find_course(COURSE), is_open=False, by=SYSTEM, now=clock.now())
    db.session.commit()


def enrolments(who):
    query = db.select(Enrolment).where(Enrolment.learner_id == cast.person(who).id).order_by(Enrolment.id)
    return list(db.session.scalars(query))


def test_hr_enrols_her_own_unit_and_so_herself_in_a_course_that_is_not_open(client_of, course):
    by_list_only()
    hoa = client_of("hoa")
    answer = hoa.post("/theo-doi/ghi-danh", data={"course": COURSE, "unit": cast.unit("hoasua").id})
    assert answer.status_code == 303, answer.text
    assert (len(enrolments("hoa")), len(enrolments("an"))) == (1, 1)


@pytest.mark.parametrize("who", ["chi", "hoa"])
def test_nobody_takes_a_course_that_is_not_open_by_herself(client_of, course, who):
    by_list_only()
    assert client_of(who).post(f"/khoa-hoc/{COURSE}/ghi-danh").status_code == 409
    assert enrolments(who) == []


# Again, after completing it


@pytest.mark.parametrize(
    ("days_left", "herself", "picked", "unit"),
    [(None, False, True, False), (400, False, False, False), (61, False, False, False), (60, False, True, True),
     (1, False, True, True), (0, False, True, True), (-1, True, True, True), (-400, True, True, True)],
)  # fmt: skip
def test_a_completed_course_is_taken_again_when_its_completion_ends(days_left, herself, picked, unit):
    expiry = None if days_left is None else TODAY + timedelta(days=days_left)
    assert may_renew(expiry, TODAY, is_self=True) == herself
    assert may_renew(expiry, TODAY) == picked
    assert may_renew(expiry, TODAY, by_unit=True) == unit


def test_a_completion_holds_for_the_months_of_its_own_revision():
    assert expires_on(date(2024, 2, 29), 24) == date(2026, 2, 28)
    assert expires_on(TODAY, None) is None


def test_a_stale_button_makes_no_second_certificate(client_of, course):
    completed("chi", 1)
    chi = client_of("chi")
    assert chi.post(f"/khoa-hoc/{COURSE}/ghi-danh").status_code == 409
    assert "/ghi-danh" not in chi.get(f"/khoa-hoc/{COURSE}").text
    assert len(enrolments("chi")) == 1


def test_what_has_expired_may_be_taken_again_by_oneself(client_of, course):
    completed("chi", 800)
    chi = client_of("chi")
    assert f"/khoa-hoc/{COURSE}/ghi-danh" in chi.get(f"/khoa-hoc/{COURSE}").text
    assert chi.post(f"/khoa-hoc/{COURSE}/ghi-danh").status_code == 303
    assert [one.completed_at is None for one in enrolments("chi")] == [False, True]
    assert chi.post(f"/khoa-hoc/{COURSE}/ghi-danh").status_code == 409


def test_hr_renews_what_expires_soon_for_a_whole_unit(client_of, course):
    completed("an", 700)  # of 730 days or so
    completed("hoa", 100)
    answer = client_of("hoa").post("/theo-doi/ghi-danh", data={"course": COURSE, "unit": cast.unit("hoasua").id})
    assert answer.status_code == 303
    assert [one.completed_at is None for one in enrolments("an")] == [False, True]
    assert [one.completed_at is None for one in enrolments("hoa")] == [False]


def test_what_holds_for_good_is_given_again_only_to_people_who_are_picked(client_of, app):
    put_out(LASTING)
    completed("an", 3000)
    hoa, unit = client_of("hoa"), cast.unit("hoasua").id
    assert hoa.post("/theo-doi/ghi-danh", data={"course": COURSE, "unit": unit}).status_code == 303
    assert len(enrolments("an")) == 1
    assert client_of("an").post(f"/khoa-hoc/{COURSE}/ghi-danh").status_code == 409
    picked = {"course": COURSE, "unit": unit, "person": cast.person("an").id}
    assert hoa.post("/theo-doi/ghi-danh", data=picked).status_code == 303
    assert [one.completed_at is None for one in enrolments("an")] == [False, True]


def test_the_months_are_those_of_the_revision_that_was_completed(app):
    put_out()
    completed("chi", 800)
    put_out(LASTING)
    begin_writing()
    chi = cast.person("chi").id
    assert service.enrol(chi, find_course(COURSE), by=SYSTEM, is_self=True, now=clock.now()).id
    completed("an", 800)
    with pytest.raises(StillValid):
        service.enrol(cast.person("an").id, find_course(COURSE), by=SYSTEM, is_self=True, now=clock.now())


# When the course changes under learners

QUIZ_LINE = "1. [Kiểm tra cuối khóa](kiem-tra/cuoi-khoa.md)\n"


def without_quiz():
    """The next revision: it asks for the lessons only."""
    return changed(f"## Phần 3. Kiểm tra\n\n{QUIZ_LINE}", "", base=changed("grade_from: cuoi-khoa\n", ""))


def read_all_lessons(browser):
    browser.post(f"/khoa-hoc/{COURSE}/ghi-danh")
    for lesson in parse(SAMPLE)[0].lessons:
        assert browser.post(f"/khoa-hoc/{COURSE}/{lesson.id}/xong").status_code == 303


def test_who_lacks_nothing_of_a_new_revision_completes_without_a_click(client_of, course):
    an, chi = client_of("an"), client_of("chi")
    read_all_lessons(an)
    chi.post(f"/khoa-hoc/{COURSE}/ghi-danh")
    set_up_issuer()
    put_out(without_quiz())
    assert f"/khoa-hoc/{COURSE}" in an.get("/viec-can-lam").text  # until the job has run it is still to be seen
    assert an.get(f"/khoa-hoc/{COURSE}").status_code == 200
    jobs.run_all_due()
    (done,), (open_one,) = enrolments("an"), enrolments("chi")
    db.session.refresh(done)
    assert done.completed_revision_id == find_course(COURSE).revision_id
    assert open_one.completed_at is None
    assert [one.learner_id for one in db.session.scalars(db.select(Certificate))] == [cast.person("an").id]
    entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "learning:enrolment:complete")).one()
    assert (entry.actor_name, entry.object_id) == ("hệ thống", str(done.id))
    assert f"/khoa-hoc/{COURSE}" in chi.get("/viec-can-lam").text


def test_batches_reach_everybody_and_running_them_again_changes_nothing(client_of, course, monkeypatch):
    monkeypatch.setattr(tasks, "AT_ONCE", 1)
    for who in ("an", "chi", "dung"):
        read_all_lessons(client_of(who))
    put_out(without_quiz())
    jobs.run_all_due()
    first = [one.completed_at for who in ("an", "chi", "dung") for one in enrolments(who)]
    assert all(first)
    tasks.reevaluate(f"{find_course(COURSE).id} {find_course(COURSE).revision_id} 0")
    assert [one.completed_at for who in ("an", "chi", "dung") for one in enrolments(who)] == first


def test_publishing_a_course_that_nobody_takes_asks_for_no_work(app):
    put_out()
    put_out(without_quiz())
    assert [job.kind for job in all_of(jobs.Job) if job.kind.startswith("learning")] == []


# The page on which HR enrols


def test_ticks_come_along_when_searching(client_of, course):
    an, hoa_id = cast.person("an").id, cast.person("hoa").id
    page = client_of("hoa").get("/theo-doi/ghi-danh", query_string={"person": an, "tim": "Hoa", "unit": 0}).text
    assert ticked(page) == {an}
    assert f'value="{hoa_id}"' in page
    assert "Nguyễn Thị An" in page  # by name, so that the tick can be taken away


def test_ticks_come_along_from_page_to_page(client_of, course):
    begin_writing()
    for number in range(60):
        made = people.add_user(
            name=f"Trần Thị Cán Bộ {number}", email=f"cb{number}@songlam.example", password_hash=None,
            must_change_password=False, by=SYSTEM, now=clock.now(),
        )  # fmt: skip
        people.assign(made, cast.unit("vhxh"), None, valid_from=clock.today(), by=SYSTEM, now=clock.now())
    db.session.commit()
    hoa, an = client_of("hoa"), cast.person("an").id
    first = hoa.get("/theo-doi/ghi-danh").text
    following = re.search(r'name="sau" value="([^"]+)"', first)[1]
    second = hoa.get("/theo-doi/ghi-danh", query_string={"person": [an, made.id], "sau": following}).text
    assert ticked(second) == {an, made.id}
    assert "To the beginning" in second or "Về đầu" in second
    sent = {"course": COURSE, "unit": 0, "person": [an, made.id]}
    assert hoa.post("/theo-doi/ghi-danh", data=sent).status_code == 303
    assert {one.learner_id for one in db.session.scalars(db.select(Enrolment))} == {an, made.id}


def ticked(page):
    return {int(found) for found in re.findall(r'name="person" value="(\d+)" checked', page)}


def test_the_address_never_shows_the_token(client_of, course):
    page = client_of("hoa").get("/theo-doi/ghi-danh").text.split('<form method="get"')[1].split("</form>")[0]
    assert '<input type="hidden"' not in page
    buttons = re.findall(r"<button[^>]*>", page)
    assert ['name="csrf_token"' in one for one in buttons] == ['formmethod="post"' in one for one in buttons]
    assert "formmethod" not in buttons[0]  # what the Enter key presses


def test_nobody_outside_her_units_is_named_on_the_page(client_of, course):
    page = client_of("hoa").get(
        "/theo-doi/ghi-danh", query_string={"person": [cast.person("chi").id, "x", "²", 10**12]}
    )
    assert page.status_code == 200
    assert "Lê Văn Chi" not in page.text


# The day due, and leaving


def given_to(who, **more):
    begin_writing()
    made = service.enrol(cast.person(who).id, find_course(COURSE), by=SYSTEM, now=clock.now(), **more).id
    db.session.commit()
    return made


def day(offset):
    return (clock.today() + timedelta(days=offset)).strftime("%d/%m/%Y")


def test_a_day_that_has_passed_is_no_day_due(client_of, course):
    hoa, an = client_of("hoa"), cast.person("an").id
    answer = hoa.post("/theo-doi/ghi-danh", data={"course": COURSE, "unit": 0, "person": an, "due_on": day(-1)})
    assert answer.status_code == 422
    assert 'id="due_on-error"' in answer.text
    assert ticked(answer.text) == {an}
    assert enrolments("an") == []
    made = given_to("an")
    assert hoa.post(f"/theo-doi/ghi-danh/{made}/han", data={"due_on": day(-1)}).status_code == 422
    assert db.session.get(Enrolment, made).due_on is None


def test_hr_changes_the_day_due(client_of, course):
    hoa, made = client_of("hoa"), given_to("an", due_on=date(2026, 1, 31))
    assert "31/01/2026" in hoa.get(f"/theo-doi/ghi-danh/{made}").text
    for due, stored in ((day(0), clock.today()), (day(0), clock.today()), ("", None)):
        assert hoa.post(f"/theo-doi/ghi-danh/{made}/han", data={"due_on": due}).status_code == 303
        db.session.expire_all()
        assert db.session.get(Enrolment, made).due_on == stored
    changes = db.select(AuditEntry).where(AuditEntry.action == "learning:enrolment:set_due").order_by(AuditEntry.id)
    first, second = db.session.scalars(changes)
    assert (first.before, first.after) == ({"due_on": "2026-01-31"}, {"due_on": clock.today().isoformat()})
    assert (second.after, second.actor_id) == ({"due_on": None}, cast.person("hoa").id)


def test_who_is_withdrawn_no_longer_takes_the_course_and_may_be_let_back(client_of, course):
    hoa, an, made = client_of("hoa"), client_of("an"), given_to("an")
    an.post(f"/bai-kiem-tra/{COURSE}/cuoi-khoa/bat-dau")
    for _ in range(2):
        assert hoa.post(f"/theo-doi/ghi-danh/{made}/rut").status_code == 303
    assert f"/khoa-hoc/{COURSE}" not in an.get("/viec-can-lam").text
    assert "/luot-lam-bai/" not in an.get("/viec-can-lam").text
    assert hoa.post(f"/theo-doi/ghi-danh/{made}/han", data={"due_on": day(9)}).status_code == 409
    assert f"/theo-doi/ghi-danh/{made}/hoan-tac" in hoa.get(f"/theo-doi/ghi-danh/{made}").text
    for _ in range(2):
        assert hoa.post(f"/theo-doi/ghi-danh/{made}/hoan-tac").status_code == 303
    assert f"/khoa-hoc/{COURSE}" in an.get("/viec-can-lam").text
    done = db.select(AuditEntry.action).where(AuditEntry.object_kind == "enrolment").order_by(AuditEntry.id)
    assert [action.rpartition(":")[2] for action in db.session.scalars(done)] == ["create", "withdraw", "restore"]


def test_a_withdrawal_is_not_taken_back_once_the_person_was_enrolled_again(client_of, course):
    hoa, first = client_of("hoa"), given_to("an")
    hoa.post(f"/theo-doi/ghi-danh/{first}/rut")
    given_to("an")
    assert hoa.post(f"/theo-doi/ghi-danh/{first}/hoan-tac").status_code == 409


def test_what_is_completed_is_not_withdrawn(client_of, course):
    completed("an", 3)
    (done,) = enrolments("an")
    hoa = client_of("hoa")
    assert hoa.get(f"/theo-doi/ghi-danh/{done.id}").status_code == 200
    for action in ("rut", "han"):
        assert hoa.post(f"/theo-doi/ghi-danh/{done.id}/{action}").status_code == 409


def test_who_lacked_nothing_while_she_was_withdrawn_completes_when_she_is_back(client_of, course):
    read_all_lessons(client_of("an"))
    hoa, (enrolment,) = client_of("hoa"), enrolments("an")
    hoa.post(f"/theo-doi/ghi-danh/{enrolment.id}/rut")
    put_out(without_quiz())
    jobs.run_all_due()
    assert enrolments("an")[0].completed_at is None
    assert hoa.post(f"/theo-doi/ghi-danh/{enrolment.id}/hoan-tac").status_code == 303
    db.session.expire_all()
    assert enrolments("an")[0].completed_at is not None


def test_hr_changes_no_enrolment_outside_her_units(client_of, course):
    hoa, made = client_of("hoa"), given_to("chi")
    assert hoa.get(f"/theo-doi/ghi-danh/{made}").status_code == 404
    for action in ("han", "rut", "hoan-tac"):
        assert hoa.post(f"/theo-doi/ghi-danh/{made}/{action}", data={"due_on": day(9)}).status_code == 404
    assert client_of("giang").get(f"/theo-doi/ghi-danh/{made}").status_code == 200


# More attempts

QUIZ = "cuoi-khoa"
BEGIN = f"/bai-kiem-tra/{COURSE}/{QUIZ}/bat-dau"


def use_up(browser):
    """Take the quiz, with nothing answered, until it says no."""
    for _ in range(20):
        answer = browser.post(BEGIN)
        if answer.status_code != 303:
            return answer
        browser.post(f"{answer.location}/nop")
    raise AssertionError("there is no limit")


def grants():
    return list(db.session.scalars(db.select(Extension).order_by(Extension.id)))


MORE = {"item": QUIZ, "attempts": "2", "reason": "Mất điện giữa lượt thứ ba", "seen": "0"}


def test_hr_gives_more_attempts_to_who_used_them_up(client_of, course):
    an, hoa, made = client_of("an"), client_of("hoa"), given_to("an")
    assert use_up(an).status_code == 409
    url = f"/theo-doi/ghi-danh/{made}/gia-han"
    assert url in hoa.get(f"/theo-doi/ghi-danh/{made}").text
    assert hoa.get(url).status_code == 200
    assert hoa.post(url, data=MORE).status_code == 303
    page = an.get(f"/bai-kiem-tra/{COURSE}/{QUIZ}").text
    assert BEGIN in page
    assert re.search(r"\b4\b\D+\b5\b", page)  # the fourth of five
    result = an.get(f"{an.post(BEGIN).location}").text
    assert "4/3" not in result
    assert use_up(an).status_code == 409
    assert db.session.scalar(db.select(db.func.max(Attempt.number))) == 5
    (row,) = grants()
    assert (row.extra_attempts, row.granted_by_id, row.reason) == (2, cast.person("hoa").id, MORE["reason"])
    assert MORE["reason"] in hoa.get(url).text
    entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "assessment:extension:grant")).one()
    assert entry.after == {
        "enrolment_id": made, "unit_id": None, "item": QUIZ, "minutes": 0, "attempts": 2, "closes_at": None
    }  # fmt: skip


def test_pressing_twice_gives_the_attempts_once(client_of, course):
    hoa, url = client_of("hoa"), f"/theo-doi/ghi-danh/{given_to('an')}/gia-han"
    assert sorted(at_once(2, lambda: tab_of(hoa).post(url, data=MORE).status_code)) == [303, 409]
    assert [row.extra_attempts for row in grants()] == [2]
    assert 'name="seen" type="hidden" value="1"' in hoa.get(url).text
    assert hoa.post(url, data=MORE | {"seen": "1", "attempts": "1"}).status_code == 303
    assert [row.extra_attempts for row in grants()] == [2, 1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"attempts": "0"},
        {"attempts": "11"},
        {"attempts": "x"},
        {"attempts": ""},
        {"attempts": "-1"},
        {"reason": ""},
        {"item": "khong-co"},
        {"minutes": "601"},
        {"hour": "9:00"},
        {"day": "1/1/2020"},
        {"day": "31/12/2099", "hour": "25:00"},
        {"day": "31/12/2099"},
    ],
)
def test_what_cannot_be_given_is_explained(client_of, course, wrong):
    answer = client_of("hoa").post(f"/theo-doi/ghi-danh/{given_to('an')}/gia-han", data=MORE | wrong)
    assert answer.status_code == 422
    assert 'class="error"' in answer.text
    assert grants() == []


def test_nobody_gives_attempts_to_herself_or_outside_her_units(client_of, course):
    hoa = client_of("hoa")
    own, theirs = given_to("hoa"), given_to("chi")
    assert hoa.post(f"/theo-doi/ghi-danh/{own}/gia-han", data=MORE).status_code == 403
    assert hoa.get(f"/theo-doi/ghi-danh/{theirs}/gia-han").status_code == 404
    assert hoa.post(f"/theo-doi/ghi-danh/{theirs}/gia-han", data=MORE).status_code == 404
    assert grants() == []


def test_an_enrolment_that_is_over_gets_no_more_attempts(client_of, course):
    hoa, made = client_of("hoa"), given_to("an")
    hoa.post(f"/theo-doi/ghi-danh/{made}/rut")
    assert hoa.post(f"/theo-doi/ghi-danh/{made}/gia-han", data=MORE).status_code == 409
    assert "<form" not in hoa.get(f"/theo-doi/ghi-danh/{made}/gia-han").text.split("<main")[1].split("</main")[0]


def test_a_quiz_without_a_limit_needs_no_more_attempts(client_of, app):
    quiz = SAMPLE.files["kiem-tra/cuoi-khoa.md"].decode()
    assert "attempts: 3\n" in quiz
    put_out(Source({**SAMPLE.files, "kiem-tra/cuoi-khoa.md": quiz.replace("attempts: 3\n", "").encode()}))
    made = given_to("an")
    assert client_of("hoa").post(f"/theo-doi/ghi-danh/{made}/gia-han", data=MORE).status_code == 422
