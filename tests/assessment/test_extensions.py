"""More time, more attempts, a later close: for one person or a unit, in the middle of an attempt, and never twice."""

from datetime import UTC, datetime, timedelta

import pytest

from lms.assessment import extensions
from lms.assessment.allowance import Extra, allowance
from lms.assessment.extensions import More
from lms.assessment.models import Attempt, Extension
from lms.assessment.rules import NothingToAddTo
from lms.content.queries import find_course, load_document
from lms.core import clock, jobs
from lms.core.actor import SYSTEM
from lms.core.db import Frozen, begin_writing, db
from lms.core.jobs import Job
from lms.course.document import Quiz, When
from lms.learning.models import Enrolment
from lms.people import service as people
from tests import cast, make
from tests.parallel import tab_of, together
from tests.see import all_of, only

START = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)


def hours(number):
    return START + timedelta(hours=number)


@pytest.mark.parametrize(
    ("extra", "minutes", "attempts", "closes", "ends"),
    [
        (Extra(), 30, 2, hours(9), START + timedelta(minutes=30)),
        (Extra(minutes=15), 45, 2, hours(9), START + timedelta(minutes=45)),
        (Extra(attempts=3), 30, 5, hours(9), START + timedelta(minutes=30)),
        (Extra(minutes=570), 600, 2, hours(9), hours(9)),
        (Extra(minutes=570, closes_at=hours(20)), 600, 2, hours(20), hours(10)),
        (Extra(closes_at=hours(3)), 30, 2, hours(9), START + timedelta(minutes=30)),  # earlier takes nothing away
    ],
)
def test_what_is_given_is_added_to_what_the_author_allows(extra, minutes, attempts, closes, ends):
    quiz = Quiz(id="thi", title="Thi", path="t.md", minutes=30, attempts=2, closes=When(moment="2026-12-01T17:00:00"))
    found = allowance(quiz, START, extra)
    assert (found.minutes, found.attempts, found.closes_at, found.must_end_by(START)) == (
        minutes, attempts, closes, ends,
    )  # fmt: skip


def test_what_has_no_limit_stays_without_one():
    found = allowance(Quiz(id="thi", title="Thi", path="t.md"), START, Extra(15, 3, hours(9)))
    assert (found.minutes, found.attempts, found.closes_at, found.must_end_by(START)) == (None, None, None, None)
    assert (found.extra_minutes, found.extra_attempts) == (0, 0)


def published(*lines):
    head = "\n".join(["minutes: 30", *lines])
    return make.course({"thi.md": make.FILES["thi.md"].replace("minutes: 30", head)})


@pytest.fixture
def slug(app):
    return published("attempts: 2")


@pytest.fixture
def an(client_of, slug):
    browser = client_of("an")
    browser.post(f"/khoa-hoc/{slug}/ghi-danh")
    return browser


def of_person(who="an"):
    taken = db.select(Enrolment.id).where(Enrolment.learner_id == cast.person(who).id).order_by(Enrolment.id.desc())
    return f"/theo-doi/ghi-danh/{db.session.scalars(taken).first()}/gia-han"


def of_unit(unit="hoasua", slug="mau"):
    return f"/theo-doi/gia-han?khoa={find_course(slug).id}&don-vi={cast.unit(unit).id}"


def give(browser, url, **what):
    data = {"item": "thi", "reason": "Mất điện", "seen": "0"} | {key: str(value) for key, value in what.items()}
    return browser.post(url, data=data)


def begin(browser, slug="mau"):
    return browser.post(f"/bai-kiem-tra/{slug}/thi/bat-dau")


def minutes_of(attempt):
    return round((attempt.deadline_at - attempt.started_at).total_seconds() / 60)


def test_minutes_given_before_count_when_she_begins_and_the_page_says_until_when(an, client_of):
    assert give(client_of("hoa"), of_person(), minutes=15).status_code == 303
    page = an.get("/bai-kiem-tra/mau/thi").text
    assert "45 phút" in page
    assert "15 phút" in page
    begin(an)
    assert minutes_of(only(Attempt)) == 45


def test_of_several_the_most_minutes_count_attempts_add_up_and_the_latest_close_holds(an, client_of):
    hoa = client_of("hoa")
    give(hoa, of_unit(), minutes=10, attempts=1)
    give(hoa, of_unit("vhxh"), minutes=25)
    give(hoa, of_person(), minutes=20, attempts=2)
    taken = only(Enrolment)
    found = extensions.queries.extra_of(taken.id, "thi", clock.now())
    assert found == Extra(25, 3, None)
    begin(an)
    assert minutes_of(only(Attempt)) == 55
    page = hoa.get(of_person()).text
    assert all(words in page for words in ("55 phút", "UBND phường Hoa Sữa", "Phòng Văn hóa - Xã hội"))


def test_minutes_given_in_the_middle_move_the_deadline_and_the_page_learns_of_it(an, client_of, time):
    url = begin(an).location
    time.passes(minutes=20)
    assert give(client_of("hoa"), of_person(), minutes=15).status_code == 303
    assert minutes_of(only(Attempt)) == 45
    first = make.right_values(only(Attempt))[1]
    assert 1490 <= an.post(f"{url}/luu", json=make.answers({1: first})).json["seconds_left"] <= 1500
    told = an.post(f"{url}/luu", json={"answers": []}).json
    assert 1490 <= told["seconds_left"] <= 1500
    assert told["finish_before"] == clock.local(only(Attempt).deadline_at).strftime("%H:%M %d/%m/%Y")


def test_the_server_closes_at_the_moved_deadline_and_not_before(an, client_of, time):
    url = begin(an).location
    an.post(f"{url}/luu", json=make.answers(make.right_values(only(Attempt))))
    give(client_of("hoa"), of_person(), minutes=60)
    time.passes(minutes=41)
    assert jobs.run_all_due() == 0
    assert only(Attempt).submitted_at is None
    assert an.post(f"{url}/luu", json={"answers": []}).status_code == 200
    time.passes(minutes=60)
    assert jobs.run_all_due() == 1
    attempt = only(Attempt)
    assert attempt.submitted_how == "deadline"
    assert attempt.submitted_at > attempt.deadline_at


def test_a_closing_that_is_being_done_while_the_deadline_moves_closes_nothing(an, client_of, time):
    """The worker holds the lease; the extension takes it away, and the work is done at the new deadline."""
    begin(an)
    begin_writing()
    db.session.execute(db.update(Job).values(leased_until=clock.now() + timedelta(minutes=5), fence=7))
    make.done(None)
    give(client_of("hoa"), of_person(), minutes=60)
    job = only(Job)
    assert (job.fence, job.leased_until) == (8, None)
    assert job.run_at > only(Attempt).deadline_at


def test_a_unit_gets_it_with_all_below_and_others_do_not(an, client_of):
    chi = client_of("chi")
    chi.post("/khoa-hoc/mau/ghi-danh")
    begin(an)
    begin(chi)
    assert give(client_of("hoa"), of_unit(), minutes=15).status_code == 303
    by_learner = {attempt.learner_id: minutes_of(attempt) for attempt in all_of(Attempt)}
    assert by_learner == {cast.person("an").id: 45, cast.person("chi").id: 30}


def test_whoever_comes_to_the_unit_later_has_it_and_who_left_has_not(an, client_of):
    give(client_of("hoa"), of_unit(), attempts=3)
    chi = client_of("chi")
    chi.post("/khoa-hoc/mau/ghi-danh")
    taken = {row.learner_id: row.id for row in all_of(Enrolment)}
    a, c = taken[cast.person("an").id], taken[cast.person("chi").id]

    def attempts(enrolment):
        return extensions.queries.extra_of(enrolment, "thi", clock.now()).attempts

    assert (attempts(a), attempts(c)) == (3, 0)
    begin_writing()
    today = clock.today()
    people.assign(cast.person("chi"), cast.unit("vhxh"), "Chuyên viên", valid_from=today, by=SYSTEM, now=clock.now())
    make.done(None)
    assert attempts(c) == 3
    begin_writing()
    for post in all_of(people.Assignment):
        if post.user_id == cast.person("an").id:
            post.valid_to = today
    make.done(None)
    assert attempts(a) == 0


def test_nobody_extends_for_herself_alone_or_by_her_unit(client_of, slug):
    hoa = client_of("hoa")
    hoa.post(f"/khoa-hoc/{slug}/ghi-danh")
    begin(hoa)
    assert give(hoa, of_person("hoa"), minutes=15).status_code == 403
    assert give(hoa, of_unit(), minutes=15, attempts=1).status_code == 303
    assert minutes_of(only(Attempt)) == 30
    assert extensions.queries.extra_of(only(Enrolment).id, "thi", clock.now()) == Extra()
    assert give(client_of("giang"), of_unit(), minutes=20, seen=1).status_code == 303
    assert minutes_of(only(Attempt)) == 50


def test_a_unit_outside_her_scope_is_no_choice_and_a_trainer_gives_nothing(client_of, slug):
    hoa = client_of("hoa")
    assert give(hoa, of_unit("tanlap"), minutes=15).status_code == 404
    assert give(hoa, "/theo-doi/gia-han", minutes=15).status_code == 404
    assert client_of("dung").get(of_unit()).status_code == 403
    assert give(client_of("dung"), of_unit(), minutes=15).status_code == 403
    assert all_of(Extension) == []


def test_pressing_twice_gives_a_unit_its_extension_once(client_of, slug):
    hoa, url = client_of("hoa"), of_unit()
    assert give(hoa, url, attempts=1).status_code == 303
    assert give(hoa, url, attempts=1).status_code == 409
    assert len(all_of(Extension)) == 1
    assert give(hoa, url, attempts=1, seen=1).status_code == 303
    assert len(all_of(Extension)) == 2


def close(days):
    """A close so many days from today at midnight, as authors write it."""
    return f"closes: {(clock.today() + timedelta(days=days)).isoformat()}"


def test_what_the_close_makes_useless_is_said_and_a_later_close_offered(client_of, app, time):
    here = clock.local(clock.now())
    afternoon = here.replace(hour=16, minute=0) + timedelta(days=1)
    time.passes(seconds=int((afternoon - here).total_seconds()))  # eight hours before the quiz closes at midnight
    slug = published(close(1))
    an, hoa = client_of("an"), client_of("hoa")
    an.post(f"/khoa-hoc/{slug}/ghi-danh")
    begin(an)
    warned = give(hoa, of_person(), minutes=600)
    assert minutes_of(only(Attempt)) == 30
    enough = only(Attempt).started_at + timedelta(minutes=630)
    assert warned.status_code == 422
    assert clock.local(enough).strftime("%d/%m/%Y") in warned.text
    assert all_of(Extension) == []
    given = give(
        hoa, of_person(), minutes=600, warned=1,
        day=(clock.local(enough) + timedelta(days=1)).strftime("%d/%m/%Y"), hour="",
    )  # fmt: skip
    assert given.status_code == 303
    assert minutes_of(only(Attempt)) == 630


@pytest.mark.parametrize("url", [of_person, of_unit])
def test_attempts_given_after_the_close_need_a_later_close(client_of, app, url):
    slug = published("attempts: 1", close(-1))
    an, hoa = client_of("an"), client_of("hoa")
    an.post(f"/khoa-hoc/{slug}/ghi-danh")
    assert begin(an).status_code == 409
    assert give(hoa, url(), attempts=1).status_code == 422
    assert all_of(Extension) == []
    later = clock.today() + timedelta(days=3)
    assert give(hoa, url(), attempts=1, warned=1, day=later.strftime("%d/%m/%Y"), hour="17:00").status_code == 303
    assert begin(an).status_code == 303
    assert only(Extension).closes_at == datetime.combine(later, datetime.min.time(), clock.VIETNAM) + timedelta(
        hours=17
    )
    page = an.get("/bai-kiem-tra/mau/thi").text
    assert later.strftime("17:00 %d/%m/%Y") in page


@pytest.mark.parametrize("url", [of_person, of_unit])
@pytest.mark.parametrize("what", [{"attempts": 1}, {"minutes": 15}, {"attempts": 1, "minutes": 15}])
def test_nothing_is_given_at_a_quiz_that_stays_closed(client_of, app, url, what):
    """The later close that is offered may be changed, but not left out: nobody could use what is given."""
    slug = published("attempts: 1", close(-1))
    client_of("an").post(f"/khoa-hoc/{slug}/ghi-danh")
    hoa = client_of("hoa")
    about = f"thi:{what.get('minutes', 0)}"
    for day, hour in (("", ""), ("", "06:00")):
        refused = give(hoa, url(), warned=about, day=day, hour=hour, **what)
        assert refused.status_code == 422
    assert "đóng" in give(hoa, url(), warned=about, **what).text
    assert all_of(Extension) == []
    tomorrow = (clock.today() + timedelta(days=1)).strftime("%d/%m/%Y")
    assert give(hoa, url(), warned=about, day=tomorrow, **what).status_code == 303


def test_what_was_given_a_later_close_before_is_not_refused(client_of, app):
    slug = published("attempts: 1", close(-1))
    client_of("an").post(f"/khoa-hoc/{slug}/ghi-danh")
    hoa, later = client_of("hoa"), (clock.today() + timedelta(days=3)).strftime("%d/%m/%Y")
    assert give(hoa, of_unit(), day=later).status_code == 303
    assert give(hoa, of_person(), attempts=1).status_code == 303
    assert give(hoa, of_unit(), attempts=1, seen=1).status_code == 303


def test_a_unit_of_which_one_may_still_begin_is_given_what_helps_that_one(client_of, app, time):
    slug = published("attempts: 1", "closes: 7 days after enrolment")
    an, hoa = client_of("an"), client_of("hoa")
    an.post(f"/khoa-hoc/{slug}/ghi-danh")
    time.passes(days=8)
    hoa, giang = client_of("hoa"), client_of("giang")
    assert give(giang, of_unit(), attempts=1, warned="thi:0").status_code == 422
    hoa.post(f"/khoa-hoc/{slug}/ghi-danh")
    warned = give(giang, of_unit(), attempts=1)
    assert warned.status_code == 422  # An's days are over; that is said once
    assert all_of(Extension) == []
    assert give(giang, of_unit(), attempts=1, warned="thi:0").status_code == 303


def at_four_in_the_afternoon(time):
    """Tomorrow, eight hours before the day's end."""
    here = clock.local(clock.now())
    time.passes(seconds=int((here.replace(hour=16, minute=0) + timedelta(days=1) - here).total_seconds()))


def later_close(days):
    return (clock.today() + timedelta(days=days)).strftime("%d/%m/%Y")


@pytest.mark.parametrize("whose", [of_person, of_unit])
@pytest.mark.parametrize("earlier", [of_person, of_unit, lambda: of_unit("vhxh")])
def test_the_warning_reckons_with_every_later_close_that_somebody_has(client_of, app, time, whose, earlier):
    """Her own, of the unit that is given more, of one below it: eight hours are too few for 630 minutes, two days enough."""
    at_four_in_the_afternoon(time)
    slug = published(close(1))
    an, hoa = client_of("an"), client_of("hoa")
    an.post(f"/khoa-hoc/{slug}/ghi-danh")
    begin(an)
    assert give(hoa, whose(), minutes=600).status_code == 422
    assert give(hoa, earlier(), day=later_close(2)).status_code == 303
    seen = int(earlier() == whose())
    assert give(hoa, whose(), minutes=600, seen=seen).status_code == 303
    assert minutes_of(only(Attempt)) == 630


@pytest.mark.parametrize("earlier", [of_person, lambda: of_unit("vhxh")])
def test_the_warning_reckons_with_the_minutes_that_somebody_has_besides(client_of, app, time, earlier):
    """A close at two in the morning does for half an hour, not for the ten hours more that she was given elsewhere."""
    at_four_in_the_afternoon(time)
    slug = published(close(1))
    an, hoa = client_of("an"), client_of("hoa")
    an.post(f"/khoa-hoc/{slug}/ghi-danh")
    begin(an)
    assert give(hoa, earlier(), minutes=600, warned="thi:600").status_code == 303
    assert give(hoa, of_unit(), day=later_close(1), hour="02:00").status_code == 422
    assert give(hoa, of_unit(), day=later_close(1), hour="03:00").status_code == 303
    assert minutes_of(only(Attempt)) == 630


def test_the_warning_goes_by_the_rules_that_an_open_attempt_began_with(client_of, app, time):
    at_four_in_the_afternoon(time)
    slug = published(close(1))
    an, hoa = client_of("an"), client_of("hoa")
    an.post(f"/khoa-hoc/{slug}/ghi-danh")
    begin(an)
    published(close(9))  # for attempts from now on; hers still ends with the day
    for url in (of_person(), of_unit()):
        warned = give(hoa, url, minutes=600)
        assert warned.status_code == 422
        assert all_of(Extension) == []


def test_the_warning_reckons_from_the_opening_of_a_quiz_that_opens_later(client_of, app):
    opens, closes = clock.today() + timedelta(days=3), clock.today() + timedelta(days=4)
    slug = published(f"opens: {opens.isoformat()}T16:00", f"closes: {closes.isoformat()}")
    client_of("an").post(f"/khoa-hoc/{slug}/ghi-danh")
    assert give(client_of("hoa"), of_person(), minutes=60).status_code == 303
    assert give(client_of("hoa"), of_person(), minutes=600, seen=1).status_code == 422


def test_days_after_enrolment_close_later_too(client_of, app, time):
    slug = published("closes: 7 days after enrolment")
    an = client_of("an")
    an.post(f"/khoa-hoc/{slug}/ghi-danh")
    time.passes(days=8)
    an = client_of("an")
    assert begin(an).status_code == 409
    later = (clock.today() + timedelta(days=2)).strftime("%d/%m/%Y")
    assert give(client_of("hoa"), of_person(), day=later).status_code == 303
    assert begin(an).status_code == 303


def test_more_of_what_has_no_limit_is_refused(app):
    slug = make.course({"thi.md": make.FILES["thi.md"].replace("minutes: 30\n", "")})
    taken = make.enrolment(cast.person("an"), slug)
    quiz = load_document(find_course(slug).revision_id).quiz("thi")
    for more in (More(10, 0, None, "x"), More(0, 1, None, "x"), More(0, 0, clock.now(), "x"), More(0, 0, None, "x")):
        with pytest.raises(NothingToAddTo):
            extensions.extend_person(taken.id, quiz, more, seen=0, by=SYSTEM, now=clock.now())


def test_an_extension_is_never_changed(an, client_of):
    give(client_of("hoa"), of_person(), minutes=15)
    begin_writing()
    made = only(Extension)
    made.extra_minutes = 90
    with pytest.raises(Frozen):
        db.session.flush()
    db.session.rollback()


def finished(browser):
    answer = begin(browser)
    if answer.status_code == 303:
        browser.post(f"{answer.location}/nop")
    return answer.status_code


def test_attempts_given_in_parallel_allow_exactly_as_many(an, client_of):
    """Two more attempts for the person and one for the unit while she presses begin and submit as fast as she can."""
    hoa = [client_of("hoa") for _ in range(2)]
    person, unit = of_person(), of_unit()
    tabs = [tab_of(an) for _ in range(4)]

    def press(tab):
        for _ in range(8):
            finished(tab)

    together(
        lambda: give(hoa[0], person, attempts=2),
        lambda: give(hoa[1], unit, attempts=1),
        *[lambda tab=tab: press(tab) for tab in tabs],
    )
    while finished(an) == 303:
        pass
    assert sorted(row.number for row in all_of(Attempt)) == [1, 2, 3, 4, 5]
    assert sum(row.extra_attempts for row in all_of(Extension)) == 3


def test_no_attempt_that_begins_at_the_same_moment_misses_its_minutes(an, client_of):
    hoa = client_of("hoa")
    unit, tab = of_unit(), tab_of(an)
    answers = together(lambda: give(hoa, unit, minutes=15), lambda: begin(tab))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert minutes_of(only(Attempt)) == 45


def test_submitting_while_an_extension_is_given_harms_neither(an, client_of):
    url = begin(an).location
    hoa, tab, person = client_of("hoa"), tab_of(an), of_person()
    answers = together(lambda: give(hoa, person, minutes=15), lambda: tab.post(f"{url}/nop"))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert only(Attempt).submitted_at is not None
    assert only(Extension).extra_minutes == 15
