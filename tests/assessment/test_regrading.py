"""Correcting a question: seen before it is done, explained after it, and nothing that stood is overwritten."""

import json
import re

import pytest

from lms.assessment import dry_runs, regrading, rules
from lms.assessment.models import Attempt, AwaitedMark, DryRun, Grade, QuestionCorrection
from lms.assessment.rules import Corrected, Correction
from lms.content.queries import find_course
from lms.core import jobs
from lms.core.db import begin_writing, db
from lms.course.document import Quiz
from lms.learning.models import Enrolment, ItemRecord
from tests import cast, make
from tests.course.test_question_types import SINGLE, question
from tests.see import all_of, everything, only

QUIZ = """---
id: thi
kind: quiz
title: Thi
pass: 60%
show: answers
---

## Thủ đô {#thu-do}
Thủ đô nằm ở đâu?

- [ ] Hà Nội
- [x] Huế

## Số giờ {#so-gio}
Bao nhiêu giờ?

Đáp án: 24

## Gốc {#goc}
Gốc nào?

- [x] Một
- [ ] Hai
"""
PAGE = "/soan/mau/tinh-lai/thi"
PLACES = {"thu-do": 0, "goc": 0}


@pytest.fixture
def slug(app):
    make.issuer()
    return make.course({"thi.md": QUIZ})


@pytest.fixture
def dung(client_of, slug):
    return client_of("dung")


def take(browser, hours="72"):
    """Everything as it truly is: Hà Nội, 72, Một; by the key of the course only the last is right."""
    browser.post("/khoa-hoc/mau/ghi-danh")
    url = browser.post("/bai-kiem-tra/mau/thi/bat-dau").location.partition("?")[0]
    attempt = all_of(Attempt)[-1]
    values = {}
    for number, entry in enumerate(attempt.paper, start=1):
        values[number] = [str(entry["order"].index(0))] if entry["question"] in PLACES else [hours]
    browser.post(f"{url}/luu", json=make.answers(values))
    browser.post(f"{url}/nop")
    return attempt.id


def look(browser, name, how):
    """Ask what would change, let the job find out, and read the page that tells."""
    answer = browser.post(f"{PAGE}/thu", data={"question": name, "how": how})
    if answer.status_code != 303:
        return answer.text
    jobs.run_all_due()
    return browser.get(answer.location).text


def correct(browser, name, how, reason="Đáp án công bố sai"):
    answer = browser.post(PAGE, data={"thu": shown(look(browser, name, how)), "reason": reason})
    jobs.run_all_due()
    return answer


def shown(page):
    """The number of the dry run that the page would decide by."""
    found = re.search(r'name="thu" value="([^"]+)"', page)
    return found[1] if found else all_of(DryRun)[-1].id if all_of(DryRun) else 0


def newest():
    return all_of(Grade)[-1]


@pytest.mark.parametrize(
    ("how", "points", "most"), [("everyone", 2, 3), ("drop", 1, 2)], ids=["everyone right", "left out"]
)  # fmt: skip
def test_a_bad_question_counts_otherwise_and_the_old_grade_stays(dung, client_of, how, points, most):
    an = client_of("an")
    attempt = take(an)
    assert (newest().points, newest().most_points, newest().passed) == (1, 3, False)
    page = look(dung, "thu-do", how)
    assert "Nguyễn Thị An" in page
    assert {"everyone": "Mọi người đều được điểm", "drop": "Bỏ câu này"}[how] in page.partition("<h2>")[2]
    assert len(all_of(Grade)) == 1  # looking changes nothing
    assert correct(dung, "thu-do", how).status_code == 303
    old, new = all_of(Grade)
    assert (old.points, new.points, new.most_points) == (1, points, most)
    assert new.correction_id == only(QuestionCorrection).id
    assert only(QuestionCorrection).done_at
    assert "Đáp án công bố sai" in an.get(f"/luot-lam-bai/{attempt}/ket-qua").text


def test_a_new_key_is_the_one_that_is_published_now(dung, client_of):
    an = client_of("an")
    take(an)
    assert "không đổi" in look(dung, "thu-do", "new_key").lower()
    make.course({"thi.md": QUIZ.replace("- [ ] Hà Nội\n- [x] Huế", "- [x] Hà Nội\n- [ ] Huế")})
    assert correct(dung, "thu-do", "new_key").status_code == 303
    assert (newest().points, newest().passed) == (2, True)
    assert only(ItemRecord).passed


def test_a_question_with_other_options_gives_no_new_key(dung, client_of):
    take(client_of("an"))
    make.course({"thi.md": QUIZ.replace("- [ ] Hà Nội\n- [x] Huế", "- [x] Hà Nội\n- [ ] Đà Nẵng")})
    before = everything()
    assert "thay đổi nhiều hơn" in look(dung, "thu-do", "new_key")
    assert everything() == before


def test_numbers_and_words_take_a_new_key(dung, client_of):
    take(client_of("an"))
    make.course({"thi.md": QUIZ.replace("Đáp án: 24", "Đáp án: 72")})
    correct(dung, "so-gio", "new_key")
    assert newest().points == 2


def test_two_corrections_stand_together_and_the_later_one_of_a_question_holds(dung, client_of):
    take(client_of("an"))
    correct(dung, "thu-do", "everyone")
    correct(dung, "so-gio", "everyone")
    assert newest().points == 3
    correct(dung, "thu-do", "drop")
    assert (newest().points, newest().most_points) == (2, 2)
    assert [grade.points for grade in all_of(Grade)] == [1, 2, 3, 2]


def test_open_attempts_of_that_revision_count_by_it_and_later_revisions_do_not(dung, client_of):
    an, chi = client_of("an"), client_of("chi")
    take(an)
    chi.post("/khoa-hoc/mau/ghi-danh")
    url = chi.post("/bai-kiem-tra/mau/thi/bat-dau").location.partition("?")[0]
    correct(dung, "thu-do", "drop")
    chi.post(f"{url}/nop")
    assert newest().most_points == 2
    make.course({"thi.md": QUIZ.replace("- [ ] Hà Nội\n- [x] Huế", "- [x] Hà Nội\n- [ ] Huế")})
    hoa = client_of("hoa")
    take(hoa)
    assert (newest().points, newest().most_points) == (2, 3)


def test_what_is_completed_stays_completed(dung, client_of):
    an = client_of("an")
    an.post("/khoa-hoc/mau/ghi-danh")
    for lesson in ("mot", "hai"):
        an.post(f"/khoa-hoc/mau/{lesson}/xong")
    take(an, hours="24")
    assert only(Enrolment).completed_at
    make.course({"thi.md": QUIZ.replace("Đáp án: 24", "Đáp án: 72")})
    assert "đã hoàn thành, giữ nguyên" in look(dung, "so-gio", "new_key")
    correct(dung, "so-gio", "new_key")
    assert not newest().passed
    assert only(Enrolment).completed_at
    assert all_of(ItemRecord)[-1].passed


def test_a_correction_that_changes_nothing_is_not_made(dung, client_of):
    take(client_of("an"))
    assert correct(dung, "goc", "everyone").status_code == 409
    assert all_of(QuestionCorrection) == []


def test_what_was_published_since_the_look_is_looked_at_again(dung, client_of):
    take(client_of("an"))
    run = shown(look(dung, "thu-do", "drop"))
    make.course({"thi.md": QUIZ.replace("Gốc nào?", "Gốc nào vậy?")})
    assert "đã thay đổi sau lần xem này" in dung.get(PAGE, query_string={"thu": run}).text
    answer = dung.post(PAGE, data={"thu": run, "reason": "Đáp án in nhầm"}, follow_redirects=True)
    assert "vừa thay đổi" in answer.text
    jobs.run_all_due()
    assert 'value="Đáp án in nhầm"' in dung.get(PAGE, query_string={"thu": only(DryRun).id}).text
    assert all_of(QuestionCorrection) == []
    assert only(DryRun).revision_id == find_course("mau").revision_id


def test_pressing_twice_corrects_once(dung, client_of):
    take(client_of("an"))
    data = {"thu": shown(look(dung, "thu-do", "drop")), "reason": "x"}
    first, second = (dung.post(PAGE, data=data).location for _ in range(2))
    assert (first, f"{PAGE}?thu=" in second) == (PAGE, True)
    assert len(all_of(QuestionCorrection)) == 1


def test_what_is_decided_is_what_was_looked_at_whatever_was_asked_in_another_tab(dung, client_of):
    take(client_of("an"))
    first = shown(look(dung, "thu-do", "everyone"))
    second = shown(look(dung, "so-gio", "drop"))
    assert first != second
    assert dung.post(PAGE, data={"thu": first, "reason": "x"}).location == PAGE
    assert all_of(QuestionCorrection) == []


def test_a_dry_run_whose_job_gave_up_says_so_and_loads_no_more(dung, client_of, monkeypatch):
    take(client_of("an"))
    jobs.run_all_due()
    monkeypatch.setattr(dry_runs, "go_on", lambda *_args, **_more: 1 / 0)
    where = dung.post(f"{PAGE}/thu", data={"question": "thu-do", "how": "drop"}).location
    begin_writing()
    db.session.execute(db.update(jobs.Job).where(jobs.Job.kind == dry_runs.JOB).values(tries=jobs.MOST_TRIES))
    db.session.commit()
    page = dung.get(where)
    assert ("Không tính được" in page.text, "Refresh" in page.headers) == (True, False)


def test_a_correction_changes_no_mark_of_another_question_however_answers_are_compared_by_now(dung, client_of):
    take(client_of("an"))
    begin_writing()
    attempt = only(Attempt)
    older = {**newest().marks, "goc": 0.9999}
    db.session.execute(
        db.text("UPDATE grade SET marks = :marks, points = 0.9999, fraction = 0.3333"), {"marks": json.dumps(older)}
    )
    db.session.commit()
    correct(dung, "thu-do", "everyone")
    assert newest().marks == older | {"thu-do": 1.0}
    assert newest().attempt_id == attempt.id
    assert len(all_of(QuestionCorrection)) == 1


@pytest.mark.parametrize(("how", "most"), [("drop", 3), ("everyone", 13)])
def test_answers_to_a_dropped_essay_wait_for_nobody_any_more(dung, client_of, how, most):
    make.course({"thi.md": QUIZ + "\n## Viết {#viet points=10}\nViết đi.\n\nTrả lời: tự luận\n"})
    an = client_of("an")
    an.post("/khoa-hoc/mau/ghi-danh")
    url = an.post("/bai-kiem-tra/mau/thi/bat-dau").location.partition("?")[0]
    an.post(f"{url}/luu", json=make.answers({4: ["Một bài viết"]}))
    an.post(f"{url}/nop")
    assert all_of(Grade) == []
    assert "1 câu trả lời sẽ không phải chờ chấm" in look(dung, "viet", how)
    assert correct(dung, "viet", how).status_code == 303
    assert (newest().points, newest().most_points) == (most - 3, most)
    assert all_of(AwaitedMark) == []


def test_a_correction_without_a_reason_is_not_made_and_what_was_looked_at_stays(dung, client_of):
    take(client_of("an"))
    answer = correct(dung, "thu-do", "drop", reason=" ")
    assert answer.status_code == 422
    assert shown(answer.text) == str(only(DryRun).id)
    assert all_of(QuestionCorrection) == []


@pytest.mark.parametrize("data", [{}, {"question": "x", "how": "drop"}, {"question": "thu-do", "how": "x"}])
def test_what_does_not_exist_is_not_corrected(dung, client_of, data):
    take(client_of("an"))
    assert dung.post(f"{PAGE}/thu", data=data).status_code == 422
    assert all_of(DryRun) == []


@pytest.mark.parametrize("number", ["", "x", "7", "-1", "99999999999999999999"])
def test_a_dry_run_that_does_not_exist_decides_nothing(dung, client_of, number):
    take(client_of("an"))
    assert dung.post(PAGE, data={"thu": number, "reason": "x"}).location == PAGE
    assert dung.get(PAGE, query_string={"thu": number}).status_code == 200
    assert all_of(QuestionCorrection) == []


def test_a_dry_run_is_of_one_quiz_alone(dung, client_of):
    take(client_of("an"))
    run = shown(look(dung, "thu-do", "drop"))
    make.course({"course.md": make.FILES["course.md"].replace("id: mau", "id: khac"), "thi.md": QUIZ})
    assert client_of("giang").post("/soan/khac/tinh-lai/thi", data={"thu": run, "reason": "x"}).status_code in (
        403,
        404,
    )
    assert dung.post("/soan/khac/tinh-lai/thi", data={"thu": run, "reason": "x"}).status_code in (303, 404)
    assert all_of(QuestionCorrection) == []


def test_a_dry_run_tells_how_far_it_is_and_is_not_decided_before_its_end(dung, client_of, monkeypatch):
    monkeypatch.setattr(regrading, "AT_ONCE", 1)
    monkeypatch.setattr(dry_runs, "BATCHES", 1)
    for who in ("an", "chi", "hoa"):
        take(client_of(who))
    jobs.run_all_due()
    where = dung.post(f"{PAGE}/thu", data={"question": "thu-do", "how": "everyone"}).location
    jobs.run_one()
    page = dung.get(where)
    assert "Đã xem 1/3 lượt làm bài" in page.text
    assert page.headers["Refresh"] == "5"
    assert dung.post(PAGE, data={"thu": only(DryRun).id, "reason": "x"}).location == where
    assert all_of(QuestionCorrection) == []
    jobs.run_all_due()
    page = dung.get(where)
    assert ("3 kết quả" in page.text, "Refresh" in page.headers) == (True, False)
    assert all(name in page.text for name in ("Nguyễn Thị An", cast.CAST["chi"].name, cast.CAST["hoa"].name))


def test_a_new_question_to_a_dry_run_takes_the_place_of_the_last(dung, client_of):
    take(client_of("an"))
    look(dung, "thu-do", "drop")
    look(dung, "so-gio", "drop")
    assert only(DryRun).question == "so-gio"


def test_only_those_who_write_the_course_correct_it(client_of, slug):
    an = client_of("an")
    take(an)
    for browser in (an, client_of("hoa"), client_of("giang")):
        assert browser.get(PAGE).status_code in (403, 404)
        assert browser.post(f"{PAGE}/thu", data={"question": "thu-do", "how": "drop"}).status_code in (403, 404)
        assert browser.post(PAGE, data={"thu": "1", "reason": "x"}).status_code in (403, 404)
    assert all_of(QuestionCorrection) == []


def test_hundreds_of_attempts_are_graded_again_in_turns_each_once(dung, client_of, monkeypatch):
    monkeypatch.setattr(regrading, "AT_ONCE", 1)
    for who in ("an", "chi", "hoa"):
        take(client_of(who))
    correct(dung, "thu-do", "everyone")
    assert [grade.attempt_id for grade in all_of(Grade)] == [1, 2, 3, 1, 2, 3]
    assert only(QuestionCorrection).regraded == 3


def test_marks_by_people_are_kept_when_another_question_is_corrected(dung, client_of, time):
    essay = "\n## Viết {#viet points=10}\nViết đi.\n\nTrả lời: tự luận\n"
    make.course({"thi.md": QUIZ + essay})
    an = client_of("an")
    an.post("/khoa-hoc/mau/ghi-danh")
    url = an.post("/bai-kiem-tra/mau/thi/bat-dau").location.partition("?")[0]
    an.post(f"{url}/luu", json=make.answers({4: ["Một bài viết"]}))
    an.post(f"{url}/nop")
    from_dung = {"points-0": "7,5"}
    dung.post(f"/cham/mau/thi/viet/{only(Attempt).id}", data=from_dung)
    dung.post("/cham/mau/thi/cong-bo")
    time.passes(minutes=11)
    jobs.run_all_due()
    assert newest().points == 7.5
    correct(dung, "thu-do", "everyone")
    assert newest().points == 8.5


def test_a_penalty_falls_away_with_the_question():
    quiz = Quiz(
        id="t", title="T", path="t.md", penalty_percent=50, questions=(question(SINGLE), question(SINGLE, "B {#b}"))
    )
    paper = rules.make_paper(quiz, "1")
    right, wrong = 0, 2
    first, second = (one.id for one in quiz.questions)
    answers = {first: wrong, second: right}
    assert rules.grade_paper(quiz, paper, answers).points == 0.5
    dropped = rules.grade_paper(quiz, paper, answers, corrected={first: Corrected(Correction.DROP)})
    assert (dropped.points, dropped.most, dropped.fraction) == (1, 1, 1)
    assert first not in dropped.marks
