"""What nobody's page sends, or sends a hundred times: refused in words, nothing else disturbed, nothing counted twice."""

import io
from datetime import timedelta

import pytest

from lms.assessment.models import Attempt, Grade, HandedIn, ReplacedResponse, Response
from lms.core import clock
from lms.learning.models import ItemRecord
from tests import make
from tests.parallel import at_once, tab_of
from tests.see import all_of, everything, only

PAGES = ("", "/nop", "/ket-qua", "/tep/" + "0" * 64)
SENT = ("", "/luu", "/nop")


@pytest.fixture
def an(app, client_of):
    browser = client_of("an")
    browser.post(f"/khoa-hoc/{make.course()}/ghi-danh")
    return browser


def begin(browser):
    return browser.post("/bai-kiem-tra/mau/thi/bat-dau").location.partition("?")[0]


def one(question=1, values=("0",), revision=0, **more):
    return {"question": question, "values": list(values), "revision": revision} | more


def save(browser, url, *answers):
    return browser.post(f"{url}/luu", json={"answers": list(answers)})


@pytest.mark.parametrize("number", ["0", "2", "99999999", "9" * 30, "-1", "1.0", "abc", "%00", "1%27"])
def test_an_attempt_that_does_not_exist_is_not_there(an, number):
    begin(an)
    before, url = everything(), f"/luot-lam-bai/{number}"
    assert {an.get(url + page).status_code for page in PAGES} == {404}
    assert {an.post(url + page, json={"answers": [one()]}).status_code for page in SENT} <= {404, 405}
    assert everything() == before


def test_anothers_attempt_is_not_there_either(an, client_of):
    url, chi = begin(an), client_of("chi")
    chi.post("/khoa-hoc/mau/ghi-danh")
    before = everything()
    assert {chi.get(url + page).status_code for page in PAGES} == {404}
    assert {chi.post(url + page, json={"answers": [one()]}).status_code for page in SENT} == {404}
    assert everything() == before


def test_an_attempt_that_is_over_takes_nothing_and_leads_to_its_result(an):
    url = begin(an)
    save(an, url, one())
    an.post(f"{url}/nop")
    before = everything()
    late = save(an, url, one(values=["1"], revision=1))
    assert (late.status_code, late.json["closed"], late.json["url"]) == (409, True, f"{url}/ket-qua")
    for answer in (an.post(url, data={"s-1": "1", "q-1": "1", "r-1": "1"}), an.post(f"{url}/nop"), an.get(url)):
        assert (answer.status_code, answer.location) == (303, f"{url}/ket-qua")
    assert everything() == before


@pytest.mark.parametrize("question", [0, -1, 4, 99, 2**31, 2**63, 10**30])
def test_a_question_that_was_not_drawn_is_not_answered_and_the_others_are(an, question):
    url = begin(an)
    answer = save(an, url, one(question), one(3, ["72 giờ"]))
    assert answer.status_code == 200
    assert "message" in answer.json["answers"][0]
    assert "message" not in answer.json["answers"][1]
    assert [row.question for row in all_of(Response)] == [only(Attempt).paper[2]["question"]]


@pytest.mark.parametrize("values", [["3"], ["-1"], ["0", "1"], ["0.5"], ["x"], ["9" * 40], ["\u0660"]])
def test_an_option_that_does_not_exist_is_not_stored_and_what_stood_there_stays(an, values):
    url = begin(an)
    place = next(n for n, entry in enumerate(only(Attempt).paper, start=1) if entry["question"] == "thu-do")
    save(an, url, one(place, ["1"]))
    before = everything()
    answer = save(an, url, one(place, values, 1))
    assert answer.status_code == 422
    assert answer.json["answers"][0]["message"]
    assert everything() == before


def test_revisions_that_come_out_of_order_end_with_the_newest_and_keep_the_rest(an):
    url, now = begin(an), clock.now()
    at = [(now + timedelta(milliseconds=n)).isoformat() for n in range(4)]
    said = [
        save(an, url, one(1, [value], revision, at=at[n])).json["answers"][0]
        for n, value, revision in [(1, "1", 0), (3, "2", 1), (2, "0", 1), (0, "1", 0)]
    ]
    assert [(row["revision"], row["values"], row["conflict"]) for row in said] == [
        (1, ["1"], False), (2, ["2"], False), (2, ["2"], True), (2, ["2"], True),
    ]  # fmt: skip
    from_the_future = save(an, url, one(1, ["0"], 10**9)).json["answers"][0]
    assert (from_the_future["revision"], from_the_future["conflict"]) == (3, False)
    assert only(Response).revision == 3
    assert [row.revision for row in all_of(ReplacedResponse)] == [1, 2]


WRONG_CLOCKS = [
    "1970-01-01T00:00:00+00:00", "2199-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+14:00",
    "2026-13-45T99:99:99Z", "2026-11-28T10:00:00", "hôm qua", "", 0, -1, 10**30, None, [], {},
]  # fmt: skip


@pytest.mark.parametrize("at", WRONG_CLOCKS, ids=str)
def test_a_computer_whose_clock_is_wrong_loses_nothing_in_time(an, at):
    url = begin(an)
    assert save(an, url, one(1, ["1"], at=at)).status_code == 200
    assert save(an, url, one(1, ["2"], 1, at=at)).json["answers"][0]["values"] == ["2"]
    assert only(Response).revision == 2


@pytest.mark.parametrize("at", [*WRONG_CLOCKS[1:2], *WRONG_CLOCKS[4:]], ids=str)
def test_a_clock_that_is_wrong_gains_no_time(an, at, time):
    url = begin(an)
    time.passes(minutes=31)
    assert save(an, url, one(1, ["1"], at=at)).status_code == 422
    assert all_of(Response) == []


@pytest.mark.parametrize("minutes", [31, 39])
def test_a_claim_to_have_answered_in_time_is_kept_with_the_moment_when_it_came(an, minutes, time):
    """Within the grace the browser's word counts; that it came late stands in the row for whoever looks into it."""
    url = begin(an)
    deadline = only(Attempt).deadline_at
    time.passes(minutes=minutes)
    assert save(an, url, one(1, ["1"], at=(deadline - timedelta(minutes=5)).isoformat())).status_code == 200
    row = only(Response)
    assert row.given_at < deadline < row.saved_at
    time.passes(minutes=10)
    assert save(an, url, one(1, ["0"], 1, at=(deadline - timedelta(minutes=4)).isoformat())).status_code == 409


@pytest.mark.timeout(240)
def test_a_hundred_submits_at_once_grade_once(an):
    url = begin(an)
    save(an, url, *(one(n, values) for n, values in make.right_values(only(Attempt)).items()))
    statuses = at_once(100, lambda: tab_of(an).post(f"{url}/nop").status_code)
    assert set(statuses) <= {303, 503}  # 503: the server is busy, press again
    assert 303 in statuses
    assert an.post(f"{url}/nop").status_code == 303
    assert len(all_of(Grade)) == 1
    assert (only(ItemRecord).passed, only(ItemRecord).fraction) == (True, 1.0)


@pytest.mark.timeout(240)
def test_a_hundred_starts_and_submits_at_once_use_exactly_the_attempts_there_are(app, client_of):
    make.course({"thi.md": make.FILES["thi.md"].replace("minutes: 30", "minutes: 30\nattempts: 3")})
    an = client_of("an")
    an.post("/khoa-hoc/mau/ghi-danh")

    def press():
        tab = tab_of(an)
        answer = tab.post("/bai-kiem-tra/mau/thi/bat-dau")
        if answer.status_code == 303:
            tab.post(f"{answer.location}/nop")
        return answer.status_code

    assert set(at_once(100, press)) <= {303, 409, 503}
    for _ in range(4):
        press()
    assert [attempt.number for attempt in all_of(Attempt)] == [1, 2, 3]
    assert len(all_of(Grade)) == 3


@pytest.fixture
def essay(app, client_of):
    """An open attempt at a quiz with one essay and one file, and who writes it."""
    files = "\n## Biên bản {#bien-ban points=5}\nNộp biên bản.\n\nTrả lời: tệp .txt .pdf, tối đa 2 tệp, 1 MB\n"
    make.course({"thi.md": make.ESSAY + files})
    an = client_of("an")
    an.post("/khoa-hoc/mau/ghi-danh")
    url = begin(an)
    places = {entry["question"]: n for n, entry in enumerate(only(Attempt).paper, start=1)}
    return an, url, places["xu-ly"], places["bien-ban"]


def test_an_essay_of_a_megabyte_is_refused_in_words_and_what_was_written_before_stays(essay):
    an, url, place, _file = essay
    assert save(an, url, one(place, ["Rút dây mạng, giữ nguyên máy."])).status_code == 200
    before = everything()
    answer = save(an, url, one(place, ["chữ " * 250_000], 1))
    assert answer.status_code == 422
    assert answer.json["answers"][0]["message"]
    typed = an.post(url, data={f"s-{place}": "1", f"r-{place}": "1", f"q-{place}": "chữ " * 250_000})
    assert typed.status_code in (413, 422)
    assert everything() == before


class Endless:
    """The head of a form, and then so many bytes that nobody holds in memory; it counts what is read of it."""

    def __init__(self, head: bytes, size: int) -> None:
        self.head, self.left, self.taken, self.place = io.BytesIO(head), size, 0, 0

    def tell(self) -> int:
        return self.place

    def seek(self, place: int, whence: int = 0) -> int:
        """Its end, for whoever measures it."""
        self.place = self.left if whence == 2 else place
        return self.place

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "all of it at once"
        data = self.head.read(size) or b"x" * min(size, self.left - self.taken)
        self.taken += len(data)
        return data

    readline = read

    def close(self) -> None:
        pass


@pytest.mark.timeout(240)
# The form parser lets go of what it has read so far without closing it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("says_its_size", [True, False])
def test_a_file_of_200_megabytes_is_refused_before_it_is_read_to_its_end_and_nothing_is_kept(essay, app, says_its_size):
    an, url, _essay, place = essay
    head = (
        f'--x\r\nContent-Disposition: form-data; name="file-{place}"; filename="a.pdf"\r\n'
        "Content-Type: application/pdf\r\n\r\n%PDF-1.7"
    ).encode()
    stream = Endless(head, 200 * 1024 * 1024)
    before, blobs = everything(), sorted(app.config["BLOBS"].rglob("*"))
    chunked = {} if says_its_size else {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    answer = an.post(
        url, input_stream=stream, content_type="multipart/form-data; boundary=x", environ_overrides=chunked
    )
    assert answer.status_code == 413
    assert "MB" in answer.text
    assert stream.taken <= app.config["MAX_CONTENT_LENGTH"] + 1024 * 1024
    assert all_of(HandedIn) == []
    assert everything() == before
    assert sorted(app.config["BLOBS"].rglob("*")) == blobs
