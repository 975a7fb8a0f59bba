"""Publishing: at once, at an hour, by a second person; what it touches, what it keeps, and the way back."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from lms.content import drafts
from lms.content.models import Part, Publication, Rendering, Revision
from lms.content.queries import find_course
from lms.core import clock, jobs
from lms.core.db import begin_reading, db
from tests import cast, make

LESSON = make.FILES["mot.md"]
PAGE = "/soan/mau/xuat-ban"
WISH = {"note": "Sửa bài một", "weight": "minor", "when": "now"}


def save(browser, text, path="mot.md"):
    draft = drafts.find_draft(find_course("mau").id)
    version = drafts.find_file(draft.id, path).version
    answer = browser.post(f"/soan/mau/tep/{path}", data={"text": text, "version": str(version)})
    assert answer.status_code == 303, answer.text


def looked_at(browser):
    return re.search(r'name="digest" value="(\w+)"', browser.get(PAGE).text)[1]


def publish(browser, **more):
    return browser.post(PAGE, data=WISH | {"digest": looked_at(browser)} | more)


def current():
    db.session.rollback()
    return find_course("mau").revision


def lesson(client_of):
    an = client_of("an")
    an.post("/khoa-hoc/mau/ghi-danh")
    return an.get("/khoa-hoc/mau/mot").text


@pytest.fixture
def needs_approval(app):
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(before, publishing_needs_approval=True)
    yield
    app.config["SETTINGS"] = before


def run_jobs():
    db.session.rollback()
    jobs.run_all_due()
    begin_reading()


def test_what_is_published_is_what_learners_read(dung, client_of):
    save(dung, LESSON + "\nĐoạn mới.\n")
    assert "Đoạn mới." not in lesson(client_of)
    assert publish(dung).status_code == 303
    revision = current()
    assert (revision.number, revision.note, revision.is_material) == (2, "Sửa bài một", False)
    assert "Đoạn mới." in lesson(client_of)
    assert drafts.find_draft(revision.course_id) is None


def test_the_page_says_what_changed_word_by_word_and_whom_it_touches(dung, client_of):
    lesson(client_of)
    make.attempt(make.enrolment(cast.person("chi"), "mau"))
    save(dung, LESSON.replace("Một đoạn.", "Một đoạn dài."))
    page = dung.get(PAGE).text
    assert "<ins>" in page
    assert "dài" in page
    assert "2 người đang học" in page
    assert "1 lượt làm bài đang mở giữ" in page


def test_open_attempts_keep_their_questions(dung):
    before = make.attempt(make.enrolment(cast.person("chi"), "mau")).revision_id
    save(dung, make.FILES["thi.md"].replace("72 giờ", "24 giờ"), "thi.md")
    publish(dung)
    assert current().id != before
    assert db.session.scalar(db.text("SELECT revision_id FROM attempt")) == before


def test_what_was_changed_after_one_looked_is_not_published(dung):
    digest = looked_at_after = None
    save(dung, LESSON + "\nMột.\n")
    digest = looked_at(dung)
    save(dung, LESSON + "\nHai.\n")
    looked_at_after = dung.post(PAGE, data=WISH | {"digest": digest})
    assert looked_at_after.status_code == 409
    assert current().number == 1


def test_errors_keep_a_draft_from_being_published(dung):
    save(dung, LESSON + "\n![](khong-co.png)\n")
    page = dung.get(PAGE)
    assert 'name="digest"' not in page.text
    digest = drafts.source_of(drafts.find_draft(find_course("mau").id).id).digest()
    assert dung.post(PAGE, data=WISH | {"digest": digest}).status_code == 409
    assert current().number == 1


def test_the_same_again_is_not_published(dung):
    digest = drafts.source_of(drafts.find_draft(find_course("mau").id).id).digest()
    assert dung.post(PAGE, data=WISH | {"digest": digest}).status_code == 409
    assert current().number == 1


def test_the_id_of_a_published_course_stays(dung):
    save(dung, make.FILES["course.md"].replace("id: mau", "id: khac"), "course.md")
    assert publish(dung).status_code == 409
    assert find_course("khac") is None


def test_publishing_at_a_set_time_waits_for_it(dung, time):
    save(dung, LESSON + "\nTheo lịch.\n")
    when = clock.local(clock.now() + timedelta(days=2))
    later = {"when": "later", "day": when.strftime("%d/%m/%Y"), "hour": when.strftime("%H:%M")}
    assert publish(dung, **later).status_code == 303
    run_jobs()
    assert current().number == 1
    save(dung, LESSON + "\nViết tiếp sau khi hẹn.\n")
    time.passes(days=2, minutes=1)
    run_jobs()
    assert current().number == 2
    published = drafts.source_at(current().id)["mot.md"].decode()
    assert published.endswith("\nTheo lịch.\n")
    db.session.rollback()
    assert drafts.find_draft(current().course_id).base_id == current().id


@pytest.mark.parametrize(
    ("day", "hour"), [("", "06:00"), ("31/12/2030", ""), ("31/12/2030", "25:99"), ("01/01/2020", "06:00")]
)
def test_a_time_that_is_none_or_has_passed_is_asked_for_again(dung, day, hour):
    save(dung, LESSON + "\nThêm.\n")
    answer = publish(dung, when="later", day=day, hour=hour)
    assert answer.status_code == 422
    assert "Sửa bài một" in answer.text
    assert db.session.scalar(db.select(db.func.count()).select_from(Publication)) == 0


def test_what_was_withdrawn_is_not_published_at_its_time(dung, time):
    save(dung, LESSON + "\nTheo lịch.\n")
    when = clock.local(clock.now() + timedelta(days=2))
    publish(dung, when="later", day=when.strftime("%d/%m/%Y"), hour=when.strftime("%H:%M"))
    request = db.session.scalar(db.select(Publication.id))
    assert dung.post(f"/soan/mau/yeu-cau/{request}/rut").status_code == 303
    time.passes(days=3)
    run_jobs()
    assert current().number == 1


def test_where_a_second_person_is_needed_nobody_approves_her_own(dung, other_trainer, needs_approval):
    dung.post("/soan/mau/nguoi-soan", data={"login": "khanh@songlam.example", "role": "reviewer"})
    save(dung, LESSON + "\nChờ duyệt.\n")
    assert publish(dung).status_code == 303
    request = db.session.scalar(db.select(Publication.id))
    assert dung.post(f"/soan/mau/yeu-cau/{request}/duyet").status_code == 409
    assert current().number == 1
    assert "Chờ người thứ hai" in other_trainer.get("/soan/mau").text
    save(dung, LESSON + "\nViết thêm sau khi gửi.\n")
    asked = other_trainer.get("/soan/mau/so-sanh?tu=1&den=yeu-cau").text
    assert "Chờ duyệt." in asked
    assert "Viết thêm sau khi gửi." not in asked
    assert other_trainer.post(f"/soan/mau/yeu-cau/{request}/duyet").status_code == 303
    assert current().number == 2
    assert "Lý Quốc Khánh" in dung.get("/soan/mau").text
    assert other_trainer.post(f"/soan/mau/yeu-cau/{request}/duyet").status_code == 409


def test_a_co_author_does_not_approve(dung, other_trainer, needs_approval):
    dung.post("/soan/mau/nguoi-soan", data={"login": "khanh@songlam.example", "role": "co_author"})
    save(dung, LESSON + "\nChờ duyệt.\n")
    publish(dung)
    request = db.session.scalar(db.select(Publication.id))
    assert other_trainer.post(f"/soan/mau/yeu-cau/{request}/duyet").status_code == 403
    assert current().number == 1


def test_an_older_revision_comes_back_as_a_draft(dung):
    save(dung, LESSON + "\nHỏng.\n")
    publish(dung)
    assert dung.post("/soan/mau/phien-ban/1/khoi-phuc").status_code == 303
    db.session.rollback()
    draft = drafts.find_draft(find_course("mau").id)
    assert drafts.source_of(draft.id)["mot.md"].decode() == LESSON
    assert "Hỏng." in dung.get("/soan/mau/so-sanh?tu=2&den=nhap").text
    assert publish(dung).status_code == 303
    assert current().number == 1
    assert "Học viên đang đọc bản 1." in dung.get("/soan/mau").text


def test_forty_revisions_grow_by_what_changed_only(dung):
    def counted():
        db.session.rollback()
        return {table: db.session.scalar(db.select(db.func.count()).select_from(table)) for table in (Part, Rendering)}

    before = counted()
    for number in range(2, 12):
        dung.post("/soan/mau/ban-nhap")
        save(dung, f"{LESSON}\nLần {number}.\n")
        assert publish(dung).status_code == 303
    after = counted()
    assert db.session.scalar(db.select(db.func.count()).select_from(Revision)) == 11
    assert {table: after[table] - before[table] for table in after} == {Part: 10, Rendering: 10}
