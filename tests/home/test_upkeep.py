"""What grew old: repealed law, links that people found dead, lessons that nobody finishes; each trainer's own courses only."""

import re
from datetime import timedelta
from html import unescape

import pytest

from lms.audit.models import AuditEntry
from lms.content.bench import bench
from lms.content.drafts import find_draft
from lms.content.members import make_owner
from lms.content.models import CourseMember, DeadLink
from lms.content.queries import find_course
from lms.content.rules import CourseRole
from lms.core import clock
from lms.core.db import begin_writing, db
from lms.course import check
from lms.course.parse import parse
from lms.course.source import Source
from lms.home.upkeep import digest
from lms.learning.models import Enrolment, ItemRecord
from tests import cast, make
from tests.see import all_of, everything, only
from tests.test_budgets import MOST_FOR_STAFF, statements

REPORT = "/soan/can-xem-lai"
URL = "https://vanban.songlam.example/luat?so=86&nam=2015"
OTHER = "https://cu.songlam.example/"
LESSON = make.FILES["mot.md"] + f"\nXem [luật cũ]({URL} 'Luật') và `[mã](https://ma.example/)`.\n\n- <{OTHER}>\n"
QUIZ = make.FILES["thi.md"].replace("Thủ đô nằm ở đâu?", f"Theo [trang này]({OTHER}), thủ đô nằm ở đâu?")
LINKED = {"mot.md": LESSON, "thi.md": QUIZ}
LAW = """- id: luat-cu
  number: 86/2015/QH13
  name: Luật cũ
  in_force_from: 2016-07-01
  in_force_to: {to}
  checked_on: {checked}
"""


def law(*, to="2020-01-01", checked=None):
    return LAW.format(to=to, checked=checked or clock.today().isoformat())


def named(slug, files=()):
    return make.course({"course.md": make.FILES["course.md"].replace("id: mau", f"id: {slug}"), **dict(files)})


def mark(browser, url=URL, note="báo ngày 28/11/2026", slug="mau"):
    return browser.post(f"/soan/{slug}/lien-ket", data={"link": digest(url), "note": note})


def undo(browser, page):
    """Press “Undo” of the newest message that stands on the page."""
    address = re.findall(r'method="post" action="([^"]+)">(?:(?!</form>).)*#undo', page.text, re.DOTALL)[-1]
    return browser.post(unescape(address))


@pytest.fixture
def dung(client_of):
    return client_of("dung")


def test_a_trainer_whose_courses_are_fresh_has_nothing_to_do(dung):
    make.course()
    page = dung.get(REPORT)
    assert page.status_code == 200
    assert page.text.count('class="empty"') == 3
    assert f'href="{REPORT}"' in dung.get("/soan").text


def test_a_lesson_that_cites_repealed_law_is_listed_with_its_line(dung):
    make.course({"mot.md": make.FILES["mot.md"] + "\nTheo [@luat-cu].\n", "references.yaml": law()})
    page = dung.get(REPORT).text
    assert "86/2015/QH13" in page
    assert 'href="/soan/mau/tep/mot.md#dong-11"' in page
    assert page.count('class="empty"') == 2


def test_law_that_nobody_checked_for_half_a_year_is_listed_too(dung, time):
    make.course({"mot.md": make.FILES["mot.md"] + "\nTheo [@luat-cu].\n", "references.yaml": law(to="2099-01-01")})
    assert "86/2015/QH13" not in dung.get(REPORT).text
    time.passes(days=200)
    dung = dung.application.test_client()
    dung.post("/dang-nhap", data={"login": cast.CAST["dung"].email, "password": cast.PASSWORD})
    assert "86/2015/QH13" in dung.get(REPORT).text


def test_every_link_to_the_outside_is_found_and_code_is_none():
    doc, _problems = parse(Source({path: text.encode() for path, text in {**make.FILES, **LINKED}.items()}))
    assert list(check.outside_links(doc)) == [("mot.md", 11, URL), ("mot.md", 13, OTHER), ("thi.md", 10, OTHER)]
    found = check.dead_links(doc, {OTHER})
    assert [(one.path, one.line, one.is_error) for one in found] == [("mot.md", 13, False), ("thi.md", 10, False)]
    assert check.dead_links(doc, ()) == []


def test_a_link_that_was_found_dead_stands_in_the_report_and_in_the_editor(dung):
    make.course(LINKED)
    assert "https://ma.example" not in dung.get("/soan/mau/lien-ket").text
    assert mark(dung).status_code == 303
    link = only(DeadLink)
    assert (link.url, link.note, link.recorded_by_id) == (URL, "báo ngày 28/11/2026", cast.person("dung").id)
    page = dung.get(REPORT).text
    assert "báo ngày 28/11/2026" in page
    assert 'href="/soan/mau/tep/mot.md#dong-11"' in page
    dung.post("/soan/mau/ban-nhap")
    course = find_course("mau")
    problems = bench(course, CourseRole.OWNER, find_draft(course.id)).problems
    assert [(one.path, one.line, one.level) for one in problems if URL in one.text()] == [("mot.md", 11, "warning")]
    assert URL.partition("?")[0] in dung.get("/soan/mau/tep/mot.md").text


def test_recording_and_clearing_can_each_be_taken_back_in_one_press(dung):
    make.course(LINKED)
    assert undo(dung, dung.get(mark(dung).location)).status_code == 303
    assert all_of(DeadLink) == []
    mark(dung, note="báo ngày 1/2, “chị Lan”")
    cleared = dung.post(f"/soan/mau/lien-ket-hong/{only(DeadLink).id}/xoa")
    assert all_of(DeadLink) == []
    assert undo(dung, dung.get(cleared.location)).status_code == 303
    assert (only(DeadLink).url, only(DeadLink).note) == (URL, "báo ngày 1/2, “chị Lan”")
    trail = [entry.action for entry in all_of(AuditEntry) if "dead_link" in entry.action]
    assert [action.rsplit(":", 1)[1] for action in trail] == ["record", "clear", "record", "clear", "record"]


def test_a_link_recorded_twice_stands_once_with_the_newer_note(dung):
    make.course(LINKED)
    mark(dung)
    mark(dung, note="vẫn hỏng")
    assert only(DeadLink).note == "vẫn hỏng"


@pytest.mark.parametrize("note", ["", " ", "x" * 121])
def test_a_note_that_says_nothing_or_too_much_is_asked_for_again(dung, note):
    make.course(LINKED)
    answer = mark(dung, note=note)
    assert answer.status_code == 422
    assert 'href="#note"' in answer.text
    assert 'id="note"' in answer.text
    assert all_of(DeadLink) == []


@pytest.mark.parametrize("url", ["https://elsewhere.example/", "javascript:alert(1)", ""])
def test_nothing_is_recorded_but_what_the_course_links(dung, url):
    make.course(LINKED)
    assert mark(dung, url).status_code == 404
    assert dung.post("/soan/mau/lien-ket", data={"note": "x"}).status_code == 404


def test_an_address_too_long_to_be_kept_is_shown_and_not_recorded(dung):
    url = "https://dai.example/" + "x" * 500
    make.course({"mot.md": make.FILES["mot.md"] + f"\n[Trang dài]({url})\n"})
    assert url in dung.get("/soan/mau/lien-ket").text
    assert mark(dung, url).status_code == 404


def test_only_who_works_on_a_course_sees_it_and_only_who_writes_it_records(dung, client_of):
    slug, now = make.course(LINKED), clock.now()
    mark(dung)
    link = only(DeadLink)
    begin_writing()
    course, dung_id = find_course(slug), cast.person("dung").id
    make_owner(course, cast.person("giang").id, now=now)
    db.session.execute(db.update(CourseMember).where(CourseMember.user_id == dung_id).values(role="reviewer"))
    make.done(None)
    before = everything()
    assert mark(dung, OTHER).status_code == 403
    assert dung.post(f"/soan/mau/lien-ket-hong/{link.id}/xoa").status_code == 403
    page = dung.get("/soan/mau/lien-ket").text
    assert URL.partition("?")[0] in page
    assert "lien-ket-hong" not in page
    begin_writing()
    db.session.execute(db.delete(CourseMember).where(CourseMember.user_id == dung_id))
    make.done(None)
    assert dung.get("/soan/mau/lien-ket").status_code == 404
    assert mark(dung, OTHER).status_code == 404
    assert "songlam.example/luat" not in dung.get(REPORT).text
    assert client_of("an").get(REPORT).status_code == 403
    assert everything()["dead_link"] == before["dead_link"]


def test_a_record_of_another_course_cannot_be_cleared_through_ones_own(dung):
    make.course(LINKED)
    named("khac", LINKED)
    mark(dung)
    assert dung.post(f"/soan/khac/lien-ket-hong/{only(DeadLink).id}/xoa").status_code == 404
    assert len(all_of(DeadLink)) == 1


def take(people, slug, *, days, finished=()):
    """These people took the course so many days ago and finished these items."""
    begin_writing()
    course, then = find_course(slug), clock.now() - timedelta(days=days)
    for user_id in people:
        one = Enrolment(learner_id=user_id, course_id=course.id, enrolled_at=then)
        db.session.add(one)
        db.session.flush()
        db.session.add_all(
            ItemRecord(enrolment_id=one.id, item=item, passed=True, recorded_at=then, done_at=then) for item in finished
        )
    make.done(None)


def test_a_lesson_that_none_of_enough_people_finished_is_listed(dung):
    slug = make.course()
    take(make.colleagues(23), slug, days=31, finished=["mot"])
    page = dung.get(REPORT).text
    assert "0/23 " in page
    assert 'href="/soan/mau/tep/hai.md#dong-1"' in page
    assert "mot.md" not in page
    assert "thi.md" not in page


def test_too_few_people_or_too_little_time_say_nothing_of_a_lesson(dung):
    take(make.colleagues(4), make.course(), days=60)
    take(make.colleagues(9), named("moi-mo"), days=29)
    assert "hai.md" not in dung.get(REPORT).text


def test_who_was_withdrawn_is_not_counted(dung):
    take(make.colleagues(6), make.course(), days=60)
    assert "0/6 " in dung.get(REPORT).text
    begin_writing()
    db.session.execute(db.update(Enrolment).values(withdrawn_at=clock.now()).where(Enrolment.id < 3))
    make.done(None)
    assert "hai.md" not in dung.get(REPORT).text


def test_one_person_who_took_a_course_twice_is_one_person(dung):
    people = make.colleagues(5)
    slug = make.course()
    take(people, slug, days=400)
    begin_writing()
    db.session.execute(db.update(Enrolment).values(completed_at=clock.now()))
    make.done(None)
    take(people, slug, days=40)
    assert "0/5 " in dung.get(REPORT).text


def test_retired_courses_need_no_upkeep(dung):
    take(make.colleagues(6), make.course(LINKED), days=60)
    dung.post("/soan/mau/luu-tru", data={"is_retired": "1"})
    page = dung.get(REPORT).text
    assert page.count('class="empty"') == 3
    assert "hai.md" not in page


def test_the_report_asks_the_database_no_more_for_many_courses_even_when_nothing_of_them_stands_in_memory(dung):
    people = make.colleagues(6)
    counts = []
    for number in range(70):  # more than the shelf of documents holds
        take(people, named(f"khoa-{number}", LINKED), days=40)
        if number in {0, 69}:
            with statements() as seen:
                assert dung.get(REPORT).status_code == 200
            counts.append(len(seen))
    assert max(counts) <= MOST_FOR_STAFF, counts
    with statements() as seen:
        assert dung.get("/soan/khoa-3/lien-ket").status_code == 200
    assert len(seen) <= MOST_FOR_STAFF
