"""What trainers see of the answers: figures of many first attempts, verdicts in words, and nobody's name."""

import re
from dataclasses import replace

import pytest

from lms.assessment import gathering
from lms.assessment import service as assessment
from lms.assessment.gathering import parallel
from lms.assessment.models import Attempt, Grade, StoredStatistics
from lms.assessment.statistics import cronbach
from lms.assessment.typed_answers import Typed, boxes
from lms.content.queries import find_course, load_document
from lms.core import clock, jobs
from lms.core.actor import SYSTEM
from lms.core.db import begin_writing, db
from lms.core.jobs import Job
from lms.course.document import Draw, Quiz
from lms.learning import service as learning
from lms.learning.models import Enrolment
from tests import make
from tests.course.test_draws import asked
from tests.see import all_of, only
from tests.test_budgets import statements

QUIZ = """---
id: thi
kind: quiz
title: Thi
---

## Khóa sai {#sai}
Rút gì?

- [x] Dây nguồn
- [ ] Dây mạng

## Dễ {#de}
Ai cũng biết?

- [x] Có
- [ ] Không

## Phân loại {#loai}
Loại nào?

- [x] Một
- [ ] Hai
- [ ] Ba

## Phân loại nữa {#nua}
Loại nào nữa?

- [x] Một
- [ ] Hai

## Phân loại lần ba {#ba}
Loại nào thứ ba?

- [x] Một
- [ ] Hai
"""
PAGE = "/soan/mau/thong-ke/thi"


def take_all(count, people=()):
    """The better half answers rightly, but for the question whose key is wrong; everybody knows the easy one."""
    people = people or make.colleagues(count)
    begin_writing()
    course = find_course("mau")
    quiz = load_document(course.revision_id).quiz("thi")
    for place, user_id in enumerate(people):
        is_good = place >= count // 2
        open_one = db.select(Enrolment.id).where(Enrolment.learner_id == user_id, Enrolment.completed_at.is_(None))
        begun = db.session.scalar(open_one)
        enrolment = begun or learning.enrol(user_id, course, by=SYSTEM, now=clock.now()).id
        attempt = assessment.begin(enrolment, course.revision_id, quiz, now=clock.now())
        wanted = {
            "sai": 1 if is_good else 0,
            "de": 0,
            "loai": 0 if is_good else 1,
            "nua": 0 if is_good else 1,
            "ba": 0 if is_good else 1,
        }
        given = [
            assessment.Given(number, [str(entry["order"].index(wanted[entry["question"]]))], 0)
            for number, entry in enumerate(attempt.paper, start=1)
        ]
        assessment.save(user_id, attempt.id, given, now=clock.now())
        assessment.submit(user_id, attempt.id, now=clock.now())
    make.done(None)


@pytest.fixture
def dung(client_of):
    make.course({"thi.md": QUIZ})
    return client_of("dung")


def work_out(browser):
    assert browser.post(PAGE).status_code == 303
    jobs.run_all_due()


def test_figures_are_told_from_thirty_attempts_on(dung):
    take_all(29)
    work_out(dung)
    page = dung.get(PAGE).text
    assert "29 lượt đầu" in page
    assert "histogram" not in page
    assert only(StoredStatistics).data["questions"]["sai"]["verdict"] is None


def test_a_wrong_key_is_named_with_the_option_that_the_best_choose(dung):
    take_all(40)
    work_out(dung)
    page = dung.get(PAGE).text
    assert "nhóm khá chọn B" in page
    assert page.index("Khóa sai") < page.index(">Phân loại<")
    told = only(StoredStatistics).data["questions"]
    assert {name: one["verdict"] for name, one in told.items()} == {
        "sai": "check_key", "de": "too_easy", "loai": "unused", "nua": "good", "ba": "good",
    }  # fmt: skip
    assert told["loai"]["facility"] == 0.5
    assert told["loai"]["options"][0]["high"] == 1


def test_nobodys_name_stands_on_the_pages(dung):
    take_all(30)
    work_out(dung)
    for url in (PAGE, "/soan/mau/thong-ke", f"{PAGE}/sai"):
        assert "Nguyễn Văn Bình" not in dung.get(url).text


def test_they_are_worked_out_within_the_hour_by_themselves_and_newer_attempts_are_counted(dung, time):
    take_all(30)
    assert all_of(StoredStatistics) == []
    time.passes(minutes=61)
    jobs.run_all_due()
    assert only(StoredStatistics).data["quiz"]["count"] == 30
    take_all(3)
    assert "3 lượt mới hơn" in " ".join(dung.get(PAGE).text.split())


def test_only_first_attempts_count(dung, client_of):
    take_all(30)
    user_id = all_of(Attempt)[0].learner_id
    begin_writing()
    course = find_course("mau")
    quiz = load_document(course.revision_id).quiz("thi")
    again = assessment.begin(all_of(Attempt)[0].enrolment_id, course.revision_id, quiz, now=clock.now())
    assessment.submit(user_id, again.id, now=clock.now())
    make.done(None)
    work_out(dung)
    assert only(StoredStatistics).data["quiz"]["count"] == 30


def test_each_revision_has_its_own_figures(dung):
    take_all(30)
    work_out(dung)
    make.course({"thi.md": QUIZ.replace("- [x] Dây nguồn\n- [ ] Dây mạng", "- [ ] Dây nguồn\n- [x] Dây mạng")})
    take_all(30)
    begin_writing()
    from_new = find_course("mau").revision_id
    make.done(None)
    time_now = clock.now()
    jobs.enqueue("assessment.statistics", f"{from_new}:thi:now", now=time_now)
    db.session.commit()
    jobs.run_all_due()
    old, new = (row.data["questions"]["sai"]["verdict"] for row in all_of(StoredStatistics))
    assert (old, new) == ("check_key", "good")
    assert "nhóm khá chọn B" in dung.get(f"{PAGE}?ban=1").text
    assert "nhóm khá chọn B" not in dung.get(f"{PAGE}?ban=2").text


def test_the_form_of_a_question_fetches_its_line(dung):
    take_all(40)
    work_out(dung)
    dung.post("/soan/mau/ban-nhap")
    form = dung.get("/soan/mau/cau-hoi/thi.md?cau=sai").text
    [url] = re.findall(rf'data-fetch="({PAGE}/sai\?dau=[0-9a-f]+)"', form)
    assert f'href="{PAGE}#cau-sai"' in form
    line = " ".join(dung.get(url).text.split())
    assert "40 lượt" in line
    assert "50% đúng" in line
    assert "data-changed" not in line
    assert "data-changed" in dung.get(f"{PAGE}/sai?dau=0").text


FIGURES = "/soan/mau/thong-ke-cau-hoi/thi"


def prints(page, of):
    """Fingerprint by question, in an editor page or in the fragment."""
    return dict(re.findall(rf'data-{of}="([a-z-]+)" data-asked="([0-9a-f]+)"', page))


def preview(browser, text):
    return browser.post("/soan/mau/xem-nhanh/thi.md", data={"text": text}).text


def test_the_editor_knows_which_questions_ask_what_they_asked_when_they_were_answered(dung):
    take_all(40)
    work_out(dung)
    dung.post("/soan/mau/ban-nhap")
    page = dung.get("/soan/mau/tep/thi.md").text
    told = prints(dung.get(FIGURES).text, "of")
    assert prints(page, "for") == told
    assert set(told) == {"sai", "de", "loai", "nua", "ba"}
    assert f'href="{PAGE}#cau-sai"' in page
    typed = QUIZ.replace("Rút gì?", "Rút gì trước?").replace("Loại nào nữa?", "Loại nào nữa?\n", 1)
    typed = typed.replace("- [ ] Ba\n", "- [ ] Ba\n\n> Vì thế.\n")
    now = prints(preview(dung, typed), "for")
    assert {name for name in told if now[name] != told[name]} == {"sai"}


def test_the_preview_asks_the_database_no_more_for_the_figures(dung):
    take_all(40)
    dung.post("/soan/mau/ban-nhap")
    preview(dung, QUIZ)
    with statements() as before:
        preview(dung, QUIZ)
    work_out(dung)
    with statements() as after:
        preview(dung, QUIZ)
    assert len(after) == len(before)
    assert not [one for one in after if "quiz_statistics" in str(one)]


def test_no_line_stands_under_questions_of_a_quiz_that_learners_do_not_have(dung):
    dung.post("/soan/mau/ban-nhap")
    new = dung.post("/soan/mau/tep-moi", data={"kind": "quiz", "title": "Thi lại"}).location
    page = dung.get(new).text
    assert 'class="as-form"' in page
    assert "data-figures" not in page
    assert "data-figures" in dung.get("/soan/mau/tep/thi.md").text
    assert prints(dung.get(FIGURES).text, "of") == {}


def test_strangers_see_no_figures(client_of, dung):
    for who in ("an", "hoa", "giang"):
        browser = client_of(who)
        for url in (PAGE, "/soan/mau/thong-ke", f"{PAGE}/sai"):
            assert browser.get(url).status_code in (403, 404)
        assert browser.post(PAGE).status_code in (403, 404)


def test_a_quiz_without_answers_says_so(dung):
    assert dung.get(PAGE).status_code == 200
    assert dung.get("/soan/mau/thong-ke/khong-co").status_code == 404


def test_where_people_submit_all_the_time_the_figures_are_still_worked_out(dung, time):
    """A result that comes while the worker is at it is for the next hour: it does not send the worker back."""
    take_all(30)
    time.passes(minutes=61)
    [waiting] = all_of(Job)
    begin_writing()
    job = db.session.get_one(Job, waiting.id)
    job.leased_until, job.fence, job.tries = clock.now() + jobs.LEASE, 1, 1
    make.done(None)
    take_all(3)
    first, second = all_of(Job)
    assert (first.fence, first.leased_until is not None) == (1, True)
    assert second.run_at > clock.now() >= first.run_at
    time.passes(minutes=61)
    jobs.run_all_due()
    assert only(StoredStatistics).data["quiz"]["count"] == 33


def test_a_revision_in_which_the_quiz_asks_the_same_goes_on_with_its_figures(dung, time):
    take_all(20)
    make.course(
        {
            "thi.md": QUIZ.replace("- [ ] Dây mạng", "- [ ] Dây mạng\n\n> Rút dây mạng giữ được chứng cứ."),
            "mot.md": make.FILES["mot.md"] + "\nThêm.\n",
        }
    )
    take_all(15)
    work_out(dung)
    assert only(StoredStatistics).data["quiz"]["count"] == 35
    page = " ".join(dung.get(PAGE).text.split())
    assert "bản 1 đến bản 2" in page


def test_a_question_that_was_left_out_afterwards_is_not_judged_any_more(dung):
    take_all(40)
    assert make.correct(dung, "sai", "drop").status_code == 303
    jobs.run_all_due()
    work_out(dung)
    told = only(StoredStatistics).data
    assert told["questions"]["sai"]["verdict"] == "corrected"
    assert told["quiz"]["alpha"] is not None
    assert "nhóm khá chọn B" not in dung.get(PAGE).text


def test_a_key_that_was_put_right_afterwards_is_the_one_that_options_are_judged_by(dung):
    take_all(40)
    make.course({"thi.md": QUIZ.replace("- [x] Dây nguồn\n- [ ] Dây mạng", "- [ ] Dây nguồn\n- [x] Dây mạng")})
    assert make.correct(dung, "sai", "new_key").status_code == 303
    jobs.run_all_due()
    old = only_revision_of_attempts()
    begin_writing()
    jobs.enqueue("assessment.statistics", f"{old}:thi:now", now=clock.now())
    make.done(None)
    jobs.run_all_due()
    assert only(StoredStatistics).data["questions"]["sai"]["verdict"] == "good"


def only_revision_of_attempts():
    [revision_id] = {attempt.revision_id for attempt in all_of(Attempt)}
    return revision_id


TYPED = """---
id: thi
kind: quiz
title: Thi
---

## Cơ quan {#noi}
Báo cho ai?

Đáp án: Trung tâm Giám sát

## Bao lâu {#gio}
Trong bao lâu?

Đáp án: 72 giờ

## Điền {#dien}
Rút [[dây mạng]], giữ [[*nguồn* | đĩa]].

## Chọn {#chon}
Chọn?

- [x] Đúng
- [ ] Sai
"""


def type_all(rows):
    """One attempt of a new person for each row, question → what the form sends."""
    people = make.colleagues(len(rows))
    begin_writing()
    course = find_course("mau")
    quiz = load_document(course.revision_id).quiz("thi")
    for user_id, row in zip(people, rows, strict=True):
        enrolment = learning.enrol(user_id, course, by=SYSTEM, now=clock.now())
        attempt = assessment.begin(enrolment.id, course.revision_id, quiz, now=clock.now())
        given = []
        for number, entry in enumerate(attempt.paper, start=1):
            raw = row.get(entry["question"], [])
            if entry["question"] == "chon":
                raw = [str(entry["order"].index(int(raw[0])))]
            given.append(assessment.Given(number, raw, 0))
        assessment.save(user_id, attempt.id, given, now=clock.now())
        assessment.submit(user_id, attempt.id, now=clock.now())
    make.done(None)


def test_a_right_answer_that_the_key_does_not_know_is_named_and_what_few_typed_is_not_kept(client_of):
    """The best half types the short name; two people give themselves away, one of them twice in numbers."""
    make.course({"thi.md": TYPED})
    dung = client_of("dung")
    rows = []
    for place in range(40):
        is_good = place >= 20
        rows.append(
            {
                "noi": ["  TT   giám sát " if is_good else "Công an"],
                "gio": ["72,0 giờ" if is_good and place % 2 else "72" if is_good else "24 giờ"],
                "dien": ["Dây MẠNG" if is_good else "dây điện", "nguồn" if place % 4 else "đĩa"],
                "chon": ["0" if is_good else "1"],
            }
        )
    rows[0]["noi"] = rows[1]["noi"] = ["Nguyễn Thị Lan 0912345678"]
    rows[0]["gio"] = ["24 Lan"]
    type_all(rows)
    work_out(dung)
    kept = only(StoredStatistics).data
    assert "0912345678" not in str(kept)
    assert "lan" not in str(kept).lower()
    told = kept["questions"]
    assert (told["noi"]["verdict"], told["noi"]["unknown"]) == ("check_key", "tt giám sát")
    answers = [(one["text"], one["worth"], one["count"]) for one in told["noi"]["typed"][0]]
    assert answers == [("tt giám sát", 0, 20), ("công an", 0, 18)]
    assert [(one["text"], one["worth"], one["count"]) for one in told["gio"]["typed"][0]] == [
        ("72", 1, 20),
        ("24", 0, 19),
    ]
    assert [[(one["text"], one["worth"]) for one in box] for box in told["dien"]["typed"]] == [
        [("dây mạng", 1), ("dây điện", 0)],
        [("nguồn", 1), ("đĩa", 0)],
    ]
    assert told["gio"]["unknown"] is told["dien"]["unknown"] is None
    page = " ".join(dung.get(PAGE).text.split())
    assert "“tt giám sát”" in page
    assert '<th scope="row">tt giám sát</th>' in page
    assert re.search(r'<th scope="row">dây mạng <span class="badge ok">', page)
    assert "/soan/mau/cau-hoi/thi.md?cau=noi" in page
    assert "0912345678" not in page


def test_what_one_person_typed_in_several_enrolments_is_still_one_persons(client_of):
    make.course({"thi.md": TYPED})
    question = load_document(find_course("mau").revision_id).quiz("thi").question("noi")
    typed = Typed(boxes(question)[0])
    for _ in range(5):
        typed.add("bí mật", person=7)
    assert typed.frequent() == []
    typed.add("Bí  mật", person=8)
    typed.add("BÍ MẬT", person=9)
    assert typed.frequent() == [(0, 7)]


def test_a_quiz_that_draws_has_a_reliability_of_what_is_drawn(dung):
    """Two of the three that separate, and both others: the row of the three holds two of each attempt."""
    sections = QUIZ.replace("## Khóa sai", "# Chung\n\n## Khóa sai").replace(
        "## Phân loại {", "# Riêng\n\n## Phân loại {"
    )
    make.course({"thi.md": sections.replace("title: Thi\n", "title: Thi\ndraw:\n  - 2 from Riêng\n  - 2 from Chung\n")})
    take_all(40)
    work_out(dung)
    told = only(StoredStatistics).data
    assert sum(told["questions"][name]["count"] for name in ("loai", "nua", "ba")) == 80
    good = [[0.0] * 20 + [1.0] * 20, [1.0] * 40, [0.0] * 40 + [1.0] * 40]
    turned = [[1.0] * 20 + [0.0] * 20, *good[1:]]
    assert told["quiz"]["alpha"] == pytest.approx(cronbach(turned, 40))
    assert told["quiz"]["alpha"] < 0  # the wrong key goes against all the others
    assert told["quiz"]["error"] == told["quiz"]["deviation"]


def test_draws_that_share_questions_are_one_row_and_a_pool_that_is_drawn_whole_is_none():
    questions = (
        asked("a", "A"), asked("b", "A", ["kho"]), asked("c", "B", ["kho"]), asked("d", "B"), asked("e", "C"), asked("f", "C"),
    )  # fmt: skip
    sharing, whole = (Draw(count=1, section="A"), Draw(count=1, tag="kho")), Draw(count=2, section="C")
    quiz = Quiz(id="t", title="T", path="t.md", questions=questions, draws=(*sharing, whole))
    assert parallel(quiz) == {"a": "a", "b": "a", "c": "a", "d": "d", "e": "e", "f": "f"}
    assert parallel(replace(quiz, draws=())) == {name: name for name in "abcdef"}


def test_results_that_people_or_corrections_change_make_the_figures_old(dung, time):
    take_all(30)
    work_out(dung)
    assert "Không có lượt nào mới hơn" in dung.get(PAGE).text
    time.passes(minutes=5)
    assert make.correct(dung, "sai", "everyone").status_code == 303
    jobs.run_all_due()
    changed = sum(grade.correction_id is not None for grade in all_of(Grade))
    assert changed > 0
    assert f"{changed} lượt mới hơn" in " ".join(dung.get(PAGE).text.split())


def test_attempts_at_every_revision_that_counts_together_are_counted_as_newer(dung, time):
    take_all(20)
    make.course({"thi.md": QUIZ, "mot.md": make.FILES["mot.md"] + "\nThêm.\n"})
    take_all(15)
    work_out(dung)
    time.passes(minutes=5)
    begin_writing()
    old = min(attempt.revision_id for attempt in all_of(Attempt))
    told = gathering.told(only(StoredStatistics).data)
    now = find_course("mau").revision_id
    assert gathering.count_since(now, "thi", told) == 0
    assert gathering.count_since(now, "thi", replace(told, newest_grade=0)) == 35
    assert gathering.count_since(old, "thi", None) == 20
    make.done(None)


def test_who_practised_first_is_counted_with_her_first_attempt_that_counts(dung):
    early, late = make.colleagues(2)
    ungraded = make.FILES["course.md"].replace("grade_from: thi\n", "")
    make.course({"course.md": ungraded, "thi.md": QUIZ.replace("title: Thi\n", "title: Thi\npractice: yes\n")})
    take_all(1, [early])
    make.course({"thi.md": QUIZ})
    take_all(2, [early, late])
    told = gathering.work_out(find_course("mau").revision_id, "thi")
    assert (told.quiz.count, len(all_of(Attempt))) == (2, 3)
    assert gathering.count_since(find_course("mau").revision_id, "thi", None) == 2
