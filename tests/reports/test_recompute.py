"""Results and completions come out the same when they are worked out anew, and what was tampered with is found."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from lms.assessment import service as assessment
from lms.assessment.models import Attempt, Grade
from lms.content.queries import load_document
from lms.core import clock, jobs
from lms.core.actor import SYSTEM
from lms.core.db import begin_writing, db
from lms.course.completion import Done
from lms.course.document import Quiz
from lms.drills.models import DrillRun
from lms.learning import service as learning
from lms.learning.models import Enrolment, ItemRecord
from lms.reports.cli import learning as command
from lms.reports.recompute import Graded, Played, Read, Said, differences, worth, worth_of_drill
from tests import cast, make
from tests.assessment.test_regrading import correct
from tests.learning.test_overrides import decide, page, read, take_quiz
from tests.parallel import tab_of, together
from tests.see import all_of, everything, only

AT = datetime(2026, 12, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def grades(*fractions):
    return [Graded(n, n, 1, fraction, AT + n * HOUR) for n, fraction in enumerate(fractions, start=1)]


@pytest.mark.parametrize(
    ("how", "given", "said", "until", "passed", "fraction"),
    [
        ("highest", grades(0.9, 0.2), [], None, True, 0.9),
        ("last", grades(0.9, 0.2), [], None, True, 0.2),  # passed stays passed
        ("average", grades(0.5, 0.9), [], None, True, 0.7),
        ("first", grades(0.5, 0.9), [], None, False, 0.5),
        ("highest", grades(0.2, 0.9), [], AT + HOUR, False, 0.2),
        ("highest", [*grades(0.2), Graded(2, 1, 1, 0.8, AT + HOUR)], [], None, True, 0.8),  # graded again
        ("highest", grades(0.9), [Said(False, AT)], None, False, 0.9),
        ("highest", grades(0.2), [Said(False, AT), Said(True, AT + HOUR)], None, True, 0.2),
        ("highest", grades(0.2), [Said(False, AT), Said(True, AT + 5 * HOUR)], AT + HOUR, False, 0.2),
        ("highest", [], [], None, False, None),
    ],
)
def test_what_an_item_is_worth_by_hand(how, given, said, until, passed, fraction):
    quiz = Quiz(id="thi", title="Thi", path="t.md", grade=how)
    found = worth(given, said, None, lambda _: quiz, until)
    assert found.passed is passed
    assert found.fraction == (None if fraction is None else pytest.approx(fraction))


def test_a_lesson_is_worth_what_was_read_by_then():
    assert worth([], [], Read(AT), lambda _: None) == Done(True)
    assert worth([], [], Read(AT), lambda _: None, AT - HOUR) == Done(False)
    assert worth([], [Said(False, AT)], Read(AT), lambda _: None) == Done(False)


def runs(*fractions):
    return [
        Played(n, AT + n * HOUR, Done(False), Done(fraction >= 0.5, fraction))
        for n, fraction in enumerate(fractions, 1)
    ]


@pytest.mark.parametrize(
    ("played", "said", "until", "worked_out"),
    [
        (runs(0.2, 0.9, 0.4), [], None, Done(True, 0.9)),
        (runs(0.2, 0.9, 0.4), [], AT + HOUR, Done(False, 0.2)),
        (runs(0.2, 0.9), [Said(False, AT + 3 * HOUR)], None, Done(False, 0.9)),
        (runs(0.2), [Said(True, AT + 3 * HOUR)], AT + 2 * HOUR, Done(False, 0.2)),
        (runs(0.2), [], AT, Done(False)),
    ],
)
def test_what_a_drill_is_worth_by_hand(played, said, until, worked_out):
    assert worth_of_drill(played, said, until) == worked_out


@pytest.fixture
def drilled(app, client_of):
    """An ended three runs and has a fourth open; Chi was told that hers counts; over two revisions."""
    make.course(make.DRILL)
    an, chi, dung = (client_of(who) for who in ("an", "chi", "dung"))
    for browser in (an, chi):
        browser.post("/khoa-hoc/mau/ghi-danh")
    for way in ([1, 1], [1, 0]):
        make.play(an, an.post("/dien-tap/mau/tap/bat-dau").location, way)
    make.play(chi, chi.post("/dien-tap/mau/tap/bat-dau").location, [0, 1])
    decide(dung, "tap", "yes", url=page("chi"))
    make.course({**make.DRILL, "tap.md": make.DRILL["tap.md"].replace("+50", "+40")})
    make.play(an, an.post("/dien-tap/mau/tap/bat-dau").location, [0, 2])
    an.post(an.post("/dien-tap/mau/tap/bat-dau").location, data={"step": 1, "choice": 1})


def test_runs_come_out_as_they_are_stored(drilled):
    assert list(differences()) == []
    assert sorted((row.passed, row.fraction) for row in all_of(ItemRecord)) == [(True, 0.0), (True, 1.0)]


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("UPDATE item_record SET fraction = 0.9 WHERE fraction = 1", {("tap", 0)}),
        ("UPDATE drill_run SET fraction = 0.9 WHERE fraction = 1", {("tap", 2)}),
        ("UPDATE drill_run SET passed = NOT passed WHERE number = 3", {("tap", 3)}),
        ("UPDATE drill_decision SET choice = 1 WHERE step = 2 AND choice = 0", {("tap", 2), ("tap", 0)}),
        ("UPDATE drill_decision SET choice = 9 WHERE step = 2 AND choice = 0", {("tap", 2), ("tap", 0)}),
        ("DELETE FROM item_record WHERE fraction = 1", {("tap", 0)}),
    ],
)
def test_a_run_or_its_record_that_was_tampered_with_is_found(drilled, sql, found):
    begin_writing()
    db.session.execute(text(sql))
    make.done(None)
    assert {(one.item, one.run) for one in differences()} == found


def test_a_run_that_ends_after_the_completion_by_an_older_clock_is_no_part_of_it(app, client_of, time):
    make.course(make.DRILL)
    an = client_of("an")
    an.post("/khoa-hoc/mau/ghi-danh")
    read(an, "mot", "hai")
    take_quiz(an)
    time.passes(minutes=-0.5)
    make.play(an, an.post("/dien-tap/mau/tap/bat-dau").location, [1, 0])
    assert only(DrillRun).ended_at > only(Enrolment).completed_at
    assert list(differences()) == []


@pytest.fixture
def histories(app, client_of, time):
    """Completed, failed, overridden both ways, taken again, withdrawn, and still learning; over two revisions."""
    make.issuer()
    graded = {"thi.md": make.FILES["thi.md"].replace("minutes: 30", "minutes: 30\ngrade: last")}
    make.course(graded)
    make.history(make.colleagues(3), "mau")
    an, chi, dung, hoa = (client_of(who) for who in ("an", "chi", "dung", "hoa"))
    for browser in (an, chi, hoa):
        browser.post("/khoa-hoc/mau/ghi-danh")
    read(an, "mot", "hai")
    take_quiz(an, {3: ["1"]})
    decide(dung, "thi", "yes", url=page("an"))
    time.passes(minutes=5)
    take_quiz(an)  # after it is completed: the item's result changes, the course's does not
    take_quiz(chi)
    decide(dung, "thi", "no", url=page("chi"))
    make.course(graded | {"mot.md": make.FILES["mot.md"] + "\nThêm.\n"})
    take_quiz(chi)
    decide(dung, "mot", "yes", url=page("chi"))
    read(hoa, "mot")
    begin_writing()
    taken = db.session.scalars(db.select(Enrolment).where(Enrolment.learner_id == cast.person("hoa").id)).one()
    learning.withdraw(taken, by=SYSTEM, now=clock.now())
    make.done(None)
    make.attempt(make.enrolment(cast.person("dung"), "mau"))
    jobs.run_all_due()


def test_made_histories_come_out_as_they_are_stored(histories):
    assert list(differences()) == []
    assert len(all_of(Enrolment)) == 7


@pytest.mark.parametrize("order", [("mot", "hai", "thi"), ("thi", "hai", "mot"), ("hai", "thi", "mot")])
def test_who_read_the_clock_first_and_was_let_in_last_completes_at_the_last_moment(app, order):
    """Three requests at once: each read the clock before it waited for the row, and the last one let in was the first to read.

    What comes after the completion with an older clock does not seem to have been part of it.
    """
    make.course()
    make.attempt(make.enrolment(cast.person("an"), "mau"))
    tried, taken, now = only(Attempt).id, only(Enrolment).id, clock.now()
    for place, item in enumerate(order):
        begin_writing()
        at = now - place * timedelta(milliseconds=200)
        if item == "thi":
            learner = cast.person("an").id
            given = [assessment.Given(n, v, 0) for n, v in make.right_values(db.session.get(Attempt, tried)).items()]
            assessment.save(learner, tried, given, now=at)
            assessment.submit(learner, tried, now=at)
        else:
            learning.record(db.session.get_one(Enrolment, taken), item, passed=True, fraction=None, now=at)
        make.done(None)
    assert list(differences()) == []
    done = only(Enrolment)
    assert done.completed_at == max(row.recorded_at for row in all_of(ItemRecord))
    assert now <= done.completed_at < now + timedelta(milliseconds=1)
    begin_writing()
    again = assessment.begin(taken, done.completed_revision_id, quiz_of_completion(done), now=now)
    assessment.submit(again.learner_id, again.id, now=now - timedelta(seconds=1))
    make.done(None)
    assert all_of(Grade)[-1].graded_at > done.completed_at
    assert list(differences()) == []


def quiz_of_completion(enrolment):
    return load_document(enrolment.completed_revision_id).quiz("thi")


def test_everything_at_once_is_worked_out_as_it_is_stored(app, client_of):
    make.issuer()
    make.course({"thi.md": make.FILES["thi.md"].replace("minutes: 30", "minutes: 30\ngrade: last")})
    browsers = [client_of(who) for who in ("an", "chi", "hoa", "dung")]
    acts = []
    for browser in browsers:
        browser.post("/khoa-hoc/mau/ghi-danh")
        url = browser.post("/bai-kiem-tra/mau/thi/bat-dau").location
        browser.post(f"{url}/luu", json=make.answers(make.right_values(all_of(Attempt)[-1])))
        tabs = [tab_of(browser) for _ in range(3)]
        acts += [
            partial(tabs[0].post, "/khoa-hoc/mau/mot/xong"),
            partial(tabs[1].post, "/khoa-hoc/mau/hai/xong"),
            partial(tabs[2].post, f"{url}/nop"),
        ]
    assert {answer.status_code for answer in together(*acts)} == {303}
    assert all(row.completed_at is not None for row in all_of(Enrolment))
    assert list(differences()) == []


def test_a_clock_that_was_wrong_once_does_not_date_what_comes_later(app):
    make.course()
    taken, now = make.enrolment(cast.person("an"), "mau").id, clock.now()
    begin_writing()
    for item, at in (("mot", now + timedelta(days=900)), ("hai", now)):
        learning.record(db.session.get_one(Enrolment, taken), item, passed=True, fraction=None, now=at)
    make.done(None)
    assert {row.item: row.recorded_at for row in all_of(ItemRecord)}["hai"] == now


def test_the_sample_course_comes_out_as_it_is_stored(app):
    make.issuer()
    make.history(make.colleagues(5), make.sample_course())
    assert list(differences()) == []
    assert {row.fraction for row in all_of(Enrolment)} == {1.0}


def test_marks_by_people_corrections_and_drills_come_out_as_they_are_stored(app, client_of, time):
    an, dung = client_of("an"), client_of("dung")
    make.essay(cast.person("an"))
    waiting = make.essay(cast.person("chi"))
    make.marked(waiting, cast.person("dung"), "4", "1.5")
    time.passes(minutes=11)
    jobs.run_all_due()
    make.course(make.DRILL)
    an.post("/khoa-hoc/mau/ghi-danh")
    run = an.post("/dien-tap/mau/tap/bat-dau").location
    make.play(an, run, [1, 0])
    take_quiz(an, {3: ["1"]})
    assert correct(dung, "so-gio", "drop").status_code == 303
    jobs.run_all_due()
    assert len(all_of(Grade)) == 3
    assert [row.fraction is not None for row in all_of(ItemRecord) if row.item == "tap"] == [True]
    assert list(differences()) == []


@pytest.mark.parametrize(
    ("sql", "item"),
    [
        ("UPDATE item_record SET passed = NOT passed WHERE item = 'mot' AND enrolment_id = 1", "mot"),
        ("UPDATE item_record SET fraction = 0.99 WHERE item = 'thi' AND enrolment_id = 2", "thi"),
        ("UPDATE enrolment SET fraction = 0.5 WHERE id = 3", ""),
        ("UPDATE enrolment SET completed_at = NULL, completed_revision_id = NULL, fraction = NULL WHERE id = 3", ""),
        ("DELETE FROM item_record WHERE item = 'thi' AND enrolment_id = 1", "thi"),
        ("UPDATE override SET passed = NOT passed", "thi"),
    ],
)
def test_what_was_tampered_with_is_found(histories, sql, item):
    begin_writing()
    db.session.execute(text(sql))
    make.done(None)
    assert item in {one.item for one in differences()}


def test_a_completion_that_nothing_bears_out_is_found(app, client_of):
    make.course()
    client_of("an").post("/khoa-hoc/mau/ghi-danh")
    assert list(differences()) == []
    begin_writing()
    taken = only(Enrolment)
    begin_writing()
    db.session.execute(
        db.update(Enrolment).values(completed_at=clock.now(), completed_revision_id=taken.course.revision_id)
    )
    make.done(None)
    (found,) = differences()
    assert (found.item, found.stored, found.worked_out) == ("", Done(True), Done(False))
    assert all_of(Attempt) == []


def test_the_command_says_what_differs_and_changes_nothing(histories):
    run = CliRunner().invoke
    assert (run(command, ["recompute"]).exit_code, run(command, ["recompute", "mau"]).exit_code) == (0, 0)
    assert run(command, ["recompute", "khong-co"]).exit_code == 1
    begin_writing()
    db.session.execute(text("UPDATE enrolment SET fraction = 0.5 WHERE id = 3"))
    make.done(None)
    before = everything()
    said = run(command, ["recompute"])
    assert said.exit_code == 1
    assert "ghi danh 3" in said.output
    assert "đạt 50%" in said.output
    assert everything() == before
