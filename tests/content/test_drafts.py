"""Drafts: who sees them, saves that never overwrite each other unseen, files that come back, courses that go out and in."""

import io
import re
from dataclasses import replace

import pytest

from lms.content import drafts
from lms.content.members import ownerless
from lms.content.models import Course, Draft, DraftFile, DraftSave
from lms.content.queries import find_course
from lms.core.db import db
from lms.course.source import from_zip
from tests import cast, make
from tests.parallel import tab_of, together
from tests.see import everything

LESSON = make.FILES["mot.md"]
SAVE = "/soan/mau/tep/mot.md"
JSON = {"Accept": "application/json"}


def stored(path="mot.md"):
    db.session.rollback()
    draft = drafts.find_draft(find_course("mau").id)
    return db.session.scalar(db.select(DraftFile).where(DraftFile.draft_id == draft.id, DraftFile.path == path))


def typed(text, version=1):
    return {"text": text, "version": str(version)}


def share(dung, role="co_author"):
    data = {"login": "khanh@songlam.example", "role": role}
    assert dung.post("/soan/mau/nguoi-soan", data=data).status_code == 303


def test_a_new_course_is_its_makers_alone(client_of, other_trainer):
    made = client_of("dung").post("/soan/moi", data={"title": "An toàn thư điện tử"}).location
    assert made == "/soan/an-toan-thu-dien-tu/tep/bai/01.md"
    assert other_trainer.get(made).status_code == 404
    assert "An toàn thư điện tử" not in other_trainer.get("/soan").text
    assert client_of("an").get("/khoa-hoc/an-toan-thu-dien-tu").status_code == 404


def test_two_courses_of_one_title_get_ids_of_their_own(client_of):
    dung = client_of("dung")
    made = [dung.post("/soan/moi", data={"title": "Mật khẩu"}).location for _ in range(3)]
    assert [url.split("/")[2] for url in made] == ["mat-khau", "mat-khau-2", "mat-khau-3"]


def test_what_was_typed_is_kept_and_what_it_replaced_too(dung):
    answer = dung.post(SAVE, data=typed(LESSON + "\r\nThêm."), headers=JSON)
    assert (answer.status_code, answer.json["version"]) == (200, 2)
    assert stored().text == LESSON + "\nThêm."
    [kept] = db.session.scalars(db.select(DraftSave)).all()
    assert (kept.text, kept.version) == (LESSON, 1)


def test_saves_of_one_sitting_are_one_in_the_history(dung, time):
    for number in range(1, 6):
        assert dung.post(SAVE, data=typed(LESSON + f"\n{number}", number), headers=JSON).status_code == 200
    assert db.session.scalar(db.select(db.func.count()).select_from(DraftSave)) == 1
    time.passes(minutes=6)
    dung.post(SAVE, data=typed(LESSON + "\nSau giờ nghỉ", 6), headers=JSON)
    assert db.session.scalar(db.select(db.func.count()).select_from(DraftSave)) == 2


def test_the_second_of_two_trainers_sees_both_texts_and_overwrites_neither(dung, other_trainer):
    share(dung)
    assert dung.post(SAVE, data=typed(LESSON + "\nCủa Dũng."), headers=JSON).status_code == 200
    answer = other_trainer.post(SAVE, data=typed(LESSON + "\nCủa Khánh."))
    assert answer.status_code == 409
    assert "Của Dũng." in answer.text
    assert "Của Khánh." in answer.text
    assert stored().text.endswith("Của Dũng.")
    assert other_trainer.post(SAVE, data=typed(LESSON + "\nCủa Khánh.", 2)).status_code == 303
    assert stored().text.endswith("Của Khánh.")
    assert "Của Dũng." in db.session.scalar(db.select(DraftSave.text).where(DraftSave.version == 2))


def test_saving_what_stands_already_is_no_conflict(dung, other_trainer):
    share(dung)
    assert dung.post(SAVE, data=typed("---\nid: mot\n---\n"), headers=JSON).status_code == 200
    assert other_trainer.post(SAVE, data=typed("---\nid: mot\n---\n"), headers=JSON).json["version"] == 2


def test_of_saves_at_the_same_moment_one_stands_and_the_others_are_told(app, client_of):
    slug = make.course()
    dung = client_of("dung")
    dung.post(f"/soan/{slug}/ban-nhap")

    def writer(number):
        tab = tab_of(dung)
        return lambda: tab.post(SAVE, data=typed(f"{LESSON}\n{number}"), headers=JSON).status_code

    answers = together(*[writer(number) for number in range(4)])
    assert sorted(answers) == [200, 409, 409, 409]
    assert stored().version == 2


def test_a_text_too_long_to_edit_is_refused_and_what_stood_stays(dung):
    answer = dung.post(SAVE, data=typed("a" * 1_000_001), headers=JSON)
    assert answer.status_code == 409
    assert "1000 kB" in answer.json["message"]
    assert stored().text == LESSON


@pytest.mark.parametrize("role", ["reviewer"])
def test_a_reviewer_reads_and_changes_nothing(dung, other_trainer, role):
    share(dung, role)
    assert other_trainer.get(SAVE).status_code == 200
    for url in (SAVE, "/soan/mau/bo/mot.md", "/soan/mau/tep-moi", "/soan/mau/ban-nhap/bo", "/soan/mau/xuat-ban"):
        assert other_trainer.post(url, data=typed("x")).status_code == 403, url
    assert stored().text == LESSON


def test_a_file_taken_out_comes_back_with_its_place_in_the_outline(dung):
    assert dung.post("/soan/mau/bo/hai.md").status_code == 303
    assert "hai.md" not in stored("course.md").text
    assert stored("hai.md") is None
    assert dung.post("/soan/mau/dua-lai/1/hai.md").status_code == 303
    assert stored("hai.md").text == make.FILES["hai.md"]
    assert "(hai.md)" in stored("course.md").text


def test_course_md_cannot_be_taken_out(dung):
    assert dung.post("/soan/mau/bo/course.md").status_code == 409
    assert stored("course.md") is not None


def test_a_renamed_file_keeps_its_place_in_the_outline(dung):
    assert dung.post("/soan/mau/doi-ten/mot.md", data={"path": "bai/mở đầu.md"}).location.endswith(
        "/m%E1%BB%9F%20%C4%91%E1%BA%A7u.md"
    )
    assert "[Bài một](<bai/mở đầu.md>)" in stored("course.md").text


@pytest.mark.parametrize(
    "path", ["../ngoai.md", "/goc.md", ".git/config", "a/../../b.md", "bai/ .md", "a\\..\\..\\b.md"]
)
def test_a_path_that_leads_out_of_the_folder_is_refused(dung, path):
    assert dung.post("/soan/mau/doi-ten/mot.md", data={"path": path}).status_code == 409
    assert stored().text == LESSON


def test_a_new_lesson_is_linked_at_the_end_of_the_outline(dung):
    made = dung.post("/soan/mau/tep-moi", data={"title": "Mật khẩu mạnh", "kind": "lesson"})
    assert made.location == "/soan/mau/tep/bai/mat-khau-manh.md", made.text
    assert stored("course.md").text.rstrip().endswith("- [Mật khẩu mạnh](bai/mat-khau-manh.md)")
    assert "Mật khẩu mạnh" in dung.get(made.location).text


def test_a_draft_given_up_can_be_taken_back(dung):
    dung.post(SAVE, data=typed(LESSON + "\nDở dang."))
    page = dung.post("/soan/mau/ban-nhap/bo", follow_redirects=True)
    undo = f"/soan/mau/ban-nhap/{db.session.scalar(db.select(Draft.id))}/lay-lai"
    assert undo in page.text
    assert dung.post(undo).status_code == 303
    assert stored().text.endswith("Dở dang.")


def test_a_course_goes_out_as_a_zip_and_comes_back_the_same(dung):
    dung.post(SAVE, data=typed(LESSON + "\nThêm."))
    before = drafts.source_of(drafts.find_draft(find_course("mau").id).id)
    packed = dung.get("/soan/mau/ban-nhap.zip").data
    source, problems = from_zip(packed)
    assert not problems
    assert dict(source) == {path: before[path] for path in before}
    upload = {"file": (make.zipped({path: source[path] for path in source}), "mau.zip")}
    assert dung.post("/soan/tai-len", data=upload).status_code == 303
    db.session.rollback()
    assert drafts.source_of(drafts.find_draft(find_course("mau").id).id).digest() == before.digest()


def test_somebody_elses_course_cannot_be_overwritten_by_a_zip(dung, other_trainer):
    upload = {"file": (make.zipped(make.FILES), "mau.zip")}
    answer = other_trainer.post("/soan/tai-len", data=upload)
    assert answer.status_code == 409
    assert "mau" in answer.text
    assert stored().text == LESSON


def test_a_course_keeps_an_owner(dung, other_trainer):
    dung_id = cast.person("dung").id
    assert dung.post(f"/soan/mau/nguoi-soan/{dung_id}/bo").status_code == 409
    share(dung, "owner")
    assert dung.post(f"/soan/mau/nguoi-soan/{dung_id}/bo").status_code == 303
    assert dung.get("/soan/mau").status_code == 404
    assert other_trainer.get("/soan/mau").status_code == 200


def test_only_trainers_are_given_a_part_in_a_course(dung):
    answer = dung.post("/soan/mau/nguoi-soan", data={"login": cast.CAST["an"].email, "role": "co_author"})
    assert answer.status_code == 409
    assert "Nguyễn Thị An" in answer.text


def test_trying_a_quiz_leaves_no_trace(dung):
    before = everything()
    answer = dung.post("/soan/mau/xem-truoc/thi/thu-do", data={"q-thu-do": "0"})
    assert answer.status_code == 200
    db.session.rollback()
    assert everything() == before


def test_typing_shows_what_learners_will_see_and_what_is_wrong(dung):
    text = LESSON + "\n![](media/khong-co.png)\n\n!!! ghi-nho\n    Rút dây mạng.\n"
    page = dung.post("/soan/mau/xem-nhanh/mot.md", data={"text": text}).text
    assert 'class="callout callout-ghi-nho"' in page
    assert "#dong-11" in page
    assert stored().text == LESSON


def test_courses_of_nobody_are_counted_for_the_administrator(app):
    make.course()
    db.session.execute(db.text("DELETE FROM course_member"))
    assert ownerless() == db.session.scalar(db.select(db.func.count()).select_from(Course)) == 1


HALF = {
    "no id": LESSON.replace("id: mot\n", ""),
    "an id that is none": LESSON.replace("id: mot", "id: Một Hai"),
    "another's id": LESSON.replace("id: mot", "id: hai"),
    "no facts": "Chỉ có chữ.",
    "nothing": "",
    "a question without answer": LESSON + "\n```quiz\n## Câu {#c}\nGì?\n\nĐáp án:\n```\n",
    "a fence that is open": LESSON + "\n```quiz\n## Câu",
    "odd letters": "---\nid: mot\ntitle: \x00\u202e\n---\n",
}


@pytest.mark.parametrize("path", ["mot.md", "thi.md", "course.md"])
@pytest.mark.parametrize("what", HALF)
def test_a_text_that_is_half_written_is_shown_and_kept(dung, what, path):
    assert dung.post(f"/soan/mau/xem-nhanh/{path}", data={"text": HALF[what]}).status_code == 200
    assert dung.post(f"/soan/mau/tep/{path}", data=typed(HALF[what]), headers=JSON).status_code == 200
    for page in (
        f"tep/{path}",
        f"cau-hoi/{path}",
        f"ban-luu/{path}",
        "xuat-ban",
        "tep-dinh-kem",
        "",
        "so-sanh?tu=1&den=nhap",
    ):
        assert dung.get(f"/soan/mau/{page}".rstrip("/")).status_code == 200, page


def test_a_picture_is_no_text_to_be_written(dung):
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>'
    sent = dung.post("/soan/mau/tai-tep?base=mot.md", data={"file": (io.BytesIO(svg), "so-do.svg")}, headers=JSON)
    assert sent.json["markdown"].endswith("(media/so-do.svg)")
    evil = typed("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    assert dung.post("/soan/mau/tep/media/so-do.svg", data=evil, headers=JSON).status_code == 409
    assert dung.post("/soan/mau/doi-ten/mot.md", data={"path": "media/mot.svg"}).status_code == 409
    assert dung.get("/soan/mau/tep/media/so-do.svg").status_code == 200
    assert dung.get("/soan/mau/cau-hoi/media/so-do.svg").status_code in (200, 404, 409)


def test_a_picture_of_a_draft_is_its_trainers_alone(dung, other_trainer, client_of):
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>'
    dung.post("/soan/mau/tai-tep?base=mot.md", data={"file": (io.BytesIO(svg), "so-do.svg")}, headers=JSON)
    url = f"/tep/{stored('media/so-do.svg').digest}/so-do.svg"
    assert dung.get(url).status_code == 200
    assert other_trainer.get(url).status_code == 404
    assert client_of("an").get(url).status_code == 404


def test_the_files_of_a_course_have_a_limit(app, dung):
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(before, course_quota_mib=1)

    def sent(name):
        pdf = b"%PDF-1.7\n" + name.encode() * 200_000 + b"\n%%EOF\n"
        data = {"file": (io.BytesIO(pdf), f"{name}.pdf")}
        return dung.post("/soan/mau/tai-tep?base=mot.md", data=data, headers=JSON)

    answers = [sent(name) for name in ("aa", "bb", "cc")]
    answer = answers[-1]
    app.config["SETTINGS"] = before
    assert [one.status_code for one in answers] == [200, 200, 409]
    assert "1 MB" in answer.json["message"]
    assert stored("media/cc.pdf") is None


def reopened(dung):
    """The draft is given up and a new one opened, as after publishing."""
    assert dung.post("/soan/mau/ban-nhap/bo").status_code == 303
    assert dung.post("/soan/mau/ban-nhap").status_code == 303


def test_an_editor_left_open_does_not_fit_the_next_draft(dung, other_trainer):
    share(dung)
    reopened(dung)
    assert dung.post(SAVE, data=typed(LESSON + "\nMới.", stored().version), headers=JSON).status_code == 200
    late = other_trainer.post(SAVE, data=typed(LESSON + "\nTừ bản nháp cũ.", 1), headers=JSON)
    assert late.status_code == 409
    assert stored().text.endswith("Mới.")


def test_a_draft_taken_back_fits_no_editor_of_the_other(dung):
    first = db.session.scalar(db.select(Draft.id))
    reopened(dung)
    newer = stored().version
    dung.post(f"/soan/mau/ban-nhap/{first}/lay-lai")
    assert dung.post(SAVE, data=typed("khác", newer), headers=JSON).status_code == 409
    assert dung.post(SAVE, data=typed("khác", 1), headers=JSON).status_code == 409


def test_a_letter_that_no_database_keeps_takes_no_text_along(dung):
    assert dung.post(SAVE, data=typed("trước\0sau"), headers=JSON).status_code == 200
    assert stored().text == "trướcsau"


def test_a_save_without_a_text_saves_nothing(dung):
    assert dung.post(SAVE, data={"version": "1"}, headers=JSON).status_code == 400
    assert stored().text == LESSON


@pytest.mark.parametrize("version", ["²", "١", "-1", "9" * 30, ""])
def test_a_version_that_is_none_fits_nothing(dung, version):
    assert dung.post(SAVE, data={"text": "x", "version": version}, headers=JSON).status_code == 409
    assert dung.get(f"/soan/mau/ban-luu/mot.md?ban={version}").status_code == 200


FORM = "/soan/mau/cau-hoi/thi.md?cau=thu-do"
QUESTION = {
    "kind": "single_choice", "shown": "single_choice", "id": "thu-do", "title": "Thủ đô", "points": "1", "stem": "Ở đâu?",
    "row-0-text": "Hà Nội", "row-0-mark": "x", "row-1-text": "Huế", "row-1-mark": "", "shuffle": "1",
}  # fmt: skip


def test_looking_at_a_question_does_not_take_over_what_somebody_saved_meanwhile(dung, other_trainer):
    share(dung)
    theirs = make.FILES["thi.md"].replace("72 giờ", "24 giờ")
    assert other_trainer.post("/soan/mau/tep/thi.md", data=typed(theirs), headers=JSON).status_code == 200
    page = dung.post(FORM, data=QUESTION | {"version": "1", "look": "1"})
    assert page.status_code == 200
    assert 'name="version" value="1"' in page.text
    assert dung.post(FORM, data=QUESTION | {"version": "1", "save": "1"}).status_code == 409
    assert "24 giờ" in stored("thi.md").text
    assert dung.post(FORM, data=QUESTION | {"version": "2", "save": "1"}).status_code == 303
    assert "24 giờ" in stored("thi.md").text
    assert "Ở đâu?" in stored("thi.md").text


def test_a_question_that_is_gone_keeps_what_was_typed(dung):
    renamed = make.FILES["thi.md"].replace("{#thu-do}", "{#thu-do-nuoc}")
    dung.post("/soan/mau/tep/thi.md", data=typed(renamed), headers=JSON)
    answer = dung.post(FORM, data=QUESTION | {"version": "1", "save": "1", "stem": "Chữ vừa gõ?"})
    assert answer.status_code == 409
    assert "Chữ vừa gõ?" in answer.text


@pytest.mark.parametrize(
    "path", ["a:b.md", "aux.md", "bai./mot.md", "a*b.md", "__MACOSX/a.md", "HAI.md", "hai.md/x.md"]
)
def test_a_name_that_would_not_come_back_from_a_folder_is_refused(dung, path):
    assert dung.post("/soan/mau/doi-ten/mot.md", data={"path": path}).status_code == 409
    assert stored().text == LESSON


def test_nobody_learns_names_by_number(dung):
    answer = dung.post(f"/soan/mau/nguoi-soan/{cast.person('an').id}/bo", follow_redirects=True)
    assert answer.status_code == 404
    assert "Nguyễn Thị An" not in answer.text


def test_an_owner_whose_account_is_closed_counts_as_none(dung, other_trainer, client_of):
    share(dung, "owner")
    khanh = db.session.scalar(db.text("SELECT id FROM \"user\" WHERE email = 'khanh@songlam.example'"))
    assert (
        client_of("giang").post(f"/quan-tri/tai-khoan/{khanh}/trang-thai", data={"state": "closed"}).status_code == 303
    )
    assert dung.post(f"/soan/mau/nguoi-soan/{cast.person('dung').id}/bo").status_code == 409


def test_of_two_who_begin_courses_of_one_title_each_has_her_own(app, client_of, other_trainer):
    def begin(browser):
        tab = tab_of(browser)
        return lambda: tab.post("/soan/moi", data={"title": "Mật khẩu"}).status_code

    acts = [begin(browser) for browser in (client_of("dung"), other_trainer)]
    assert set(together(*acts)) <= {303, 409}
    owned = db.session.execute(db.text("SELECT course_id, count(*) FROM course_member GROUP BY course_id")).all()
    assert {count for _course, count in owned} == {1}


def test_a_file_of_another_course_is_not_brought_in_by_its_digest(dung, other_trainer):
    other_trainer.post("/soan/moi", data={"title": "Khóa khác"})
    digest = stored("thi.md").digest
    data = {"digest": digest, "format": "html", "name": "x.html", "title": "Lấy trộm"}
    assert other_trainer.post("/soan/khoa-khac/nhap/ghi", data=data).status_code == 422


def test_questions_are_looked_at_and_then_brought_in(dung):
    gift = "::Tổng:: Hai cộng hai? {=4 ~5}\n".encode()
    page = dung.post("/soan/mau/nhap", data={"format": "gift", "file": (io.BytesIO(gift), "a.gift")})
    assert page.status_code == 200
    signed = re.search(r'name="digest" value="([^"]+)"', page.text)[1]
    data = {"digest": signed, "format": "gift", "name": "a.gift", "title": "Ôn tập"}
    assert dung.post("/soan/mau/nhap/ghi", data=data).location == "/soan/mau/tep/kiem-tra/on-tap.md"
    assert "Hai cộng hai?" in stored("kiem-tra/on-tap.md").text
    assert "(kiem-tra/on-tap.md)" in stored("course.md").text


def test_a_draft_that_was_published_keeps_no_second_copy_of_its_texts(dung):
    reopened(dung)
    kept = db.session.scalar(db.select(db.func.count()).select_from(DraftFile).where(DraftFile.text.is_not(None)))
    assert kept == len(make.FILES)
