"""Drills as text and as machines: what an author writes is read, checked, written back and played."""

import json
import re
import time
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.content import disk
from lms.course import drills
from lms.course.document import Band, Choice, CourseDoc, Deadline, Drill, Gain, Inject, Scene, dump, load
from lms.course.drill_ways import ways
from lms.course.drills import Met, NotOffered
from lms.course.parse import parse
from lms.course.source import Source
from lms.course.write import write
from lms.settings import ROOT
from tests.make import BEST_WAY, DRILL, WORST_WAY

TEXT = DRILL["tap.md"]
COURSE = "---\nformat: 1\nid: mau\ntitle: Mẫu\n---\n\nGiới thiệu.\n\n- [Tập](tap.md)\n"


def read(text, *, data=None):
    doc, problems = parse(Source({"course.md": COURSE.encode(), "tap.md": data or text.encode()}))
    assert doc is not None
    return next(iter(doc.drills), None), [one for one in problems if one.path == "tap.md"]


def small():
    found, problems = read(TEXT)
    assert problems == []
    return found


def sample():
    doc, problems = parse(disk.read(ROOT / "tests" / "samples" / "ung-cuu-su-co"))
    assert problems == []
    return doc.drills[0]


# Reading


def test_a_drill_is_read_as_the_format_says():
    drill = small()
    assert (drill.starts, drill.scales, drill.pass_points) == ("2026-12-07T07:50", ("Điểm", "Bằng chứng"), 50)
    assert drill.bands == (Band(least=80, name="Tốt"), Band(least=50, name="Đạt"), Band(least=0, name="Tập lại"))
    assert drill.deadlines == (Deadline(hours=24, name="Báo đầu"),)
    assert drill.introduction == "Gọi {{sdt_ho_tro}}."
    first, second, last = drill.scenes
    assert (first.id, first.title, first.text) == ("n1", "Tệp lạ", "Tệp đổi đuôi.")
    assert first.injects == (Inject(minutes=3, text="Máy thứ hai báo lỗi."),)
    assert first.choices[1] == Choice(
        text="Rút mạng", target="n2", gains=(Gain(scale="Điểm", points=50), Gain(scale="Bằng chứng", points=20)), minutes=5,
        starts_deadlines=True, reason="Chặn lây lan.",
    )  # fmt: skip
    assert (second.choices[0].forbids, second.choices[0].meets) == (("muộn",), ("Báo đầu",))
    assert (second.choices[1].minutes, second.choices[2].needs) == (1800, ("muộn",))
    assert last.is_ending


def test_english_words_say_the_same():
    said = {
        "đặt": "set",
        "nếu không": "if not",
        "nếu": "if",
        "phút": "minutes",
        "giờ": "hours",
        "sau": "after",
        "xong": "done",
    }
    text = TEXT
    for vietnamese, english in said.items():
        text = re.sub(rf"(?<=[\d·>-] ){vietnamese}\b", english, text)
    found, problems = read(text)
    assert problems == []
    assert found == small()


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("- [", "* [").replace("·", "|").replace("-10", "−10"),
        lambda text: text.replace("bands: 80 Tốt; 50 Đạt; 0 Tập lại", "bands:\n  - 80 Tốt\n  - 50 Đạt\n  - 0 Tập lại"),
    ],
    ids=["CRLF", "NFD", "BOM", "other signs", "lists"],
)
def test_what_editors_and_systems_make_of_it_is_read_alike(change):
    found, problems = read(change(TEXT))
    assert found == small()
    assert not [one for one in problems if one.is_error]


WRONG = [
    ("title: Tập dượt", "title: Tập dượt\nmau: x", 5, "“mau” is not known here"),
    ("2026-12-07 07:50", "sáng thứ Hai", 5, "when the story begins"),
    ("2026-12-07 07:50", "2026-13-07 07:50", 5, "when the story begins"),
    ("80 Tốt; 50 Đạt; 0 Tập lại", "80 Tốt; 50 Đạt", 7, "results under 50"),
    ("80 Tốt; 50 Đạt; 0 Tập lại", "50 Đạt; 80 Tốt; 0 Tập lại", 7, "highest to the lowest"),
    ("80 Tốt; 50 Đạt; 0 Tập lại", "tốt", 7, "“tốt” is not understood"),
    ("bands: 80 Tốt; 50 Đạt; 0 Tập lại\n", "", 1, "how results are called"),
    ("pass: 50", "pass: nửa", 8, "not a percentage"),
    ("pass: 50", "pass: 49,5", 8, "whole points"),
    ("24 giờ Báo đầu", "Báo đầu", 9, "is not understood"),
    ("scales: Điểm, Bằng chứng", "scales: Điểm, điểm", 6, "stands twice"),
    ("{#n1}", "", 14, "has no id"),
    ("{#n1}", "{#N 1}", 14, "has no id"),
    ("{#het}", "{#n1}", 34, "the scene #n1 stands already"),
    ("(#n2) +50", "(#kho) +50", 21, "there is no scene #kho; the scenes are: #n1, #n2, #het"),
    ("Bằng chứng +20", "Chứng cứ +20", 21, "there is no scale “Chứng cứ”; the scales are: Điểm, Bằng chứng"),
    ("Bằng chứng +20", "20", 21, "points or minutes"),
    ("Bằng chứng +20", "+20", 21, "changes “Điểm” twice"),
    ("Bằng chứng +20", "nhanh lên", 21, "“nhanh lên” is not understood"),
    ("đặt muộn", "đặt rất muộn", 19, "is no flag"),
    ("nếu muộn:", "nếu muon:", 31, "the flag “muon” is asked for and never set; the flags are: muộn"),
    (" · T0", "", 9, "the deadlines never begin"),
    ("xong Báo đầu", "xong Báo cáo", 27, "there is no deadline “Báo cáo”; the deadlines are: Báo đầu"),
    ("> sau 3 phút: Máy", "> sau 3 phút Máy", 17, "with a colon"),
    ("- [Đợi](#n2)", "- nếu muộn: đợi", 19, "a choice is a link"),
    ("  > Chặn lây lan.", "Chặn lây lan.", 22, "text after the choices"),
    ("  > Chặn lây lan.", "- Chặn lây lan.", 22, "this is no choice"),
    ("[Rút mạng]", "[Rút [mạng](mot.md)]", 21, "a button"),
    ("[Rút mạng]", "[]", 21, "no words"),
    ("Tệp đổi đuôi.", "", 14, "has no text"),
    ("## Báo {#n2}", "### Báo {#n2}", 24, "begins with “## ”"),
    ("30 giờ", "900 ngày", 29, "more than 100000 minutes"),
    ("pass: 50", "pass: 100\nminutes: 0", 9, "whole number"),
]


@pytest.mark.parametrize(("before", "after", "line", "words"), WRONG)
def test_what_is_wrong_is_told_with_its_line_and_cure(before, after, line, words):
    assert before in TEXT
    _, problems = read(TEXT.replace(before, after))
    told = [(one.line, one.text()) for one in problems if one.is_error]
    assert [text for where, text in told if where == line and words in text], told


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("  > Chặn lây lan.\n", "", "has no reason"),
        ("· xong Báo đầu", "", "no choice does what “Báo đầu” asks"),
        ("deadlines: 24 giờ Báo đầu\n", "", "there is no deadline"),
        ("[Rút mạng](#n2) +50", "[Rút mạng](#n2) +60", "beyond 100"),
        ("80 Tốt", "101 Tốt", "not understood"),
        ("pass: 50", "pass: 0", "lets everybody pass"),
        ("- nếu muộn: [Báo và", "- nếu muộn và không muộn: [Báo và", "ever offered"),
    ],
)
def test_what_is_doubtful_is_told(before, after, words):
    _, problems = read(TEXT.replace(before, after))
    assert any(words in one.text() for one in problems), [str(one) for one in problems]


def scenes(*lines):
    return TEXT[: TEXT.index("## Tệp lạ")] + "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["## A {#a}", "x", "- [Đi](#b) T0", "## B {#b}", "x", "- [Về](#a)"], "has no ending"),
        (["## A {#a}", "x"], "the first scene has no choices"),
        (["## A {#a}", "x", "## B {#b}", "x", "- [Đi](#a) T0"], "the first scene has no choices"),
        (["## A {#a}", "x", "- [Đi](#het) +60 · T0", "## B {#b}", "x", "- [Về](#a)", "## Hết {#het}", "x"], "nobody reaches the scene #b"),
        (
            ["## A {#a}", "x", "- [Đi](#het) +60 · T0", "- [Vòng](#b)", "## B {#b}", "x", "- [Mãi](#b)", "## Hết {#het}", "x"],
            "from the scene #b no ending",
        ),
        (["## A {#a}", "x", "- [Vòng](#a) +1 · T0", "- [Hết](#het) +60", "## Hết {#het}", "x"], "going round #a earns points"),
        (
            ["## A {#a}", "x", "- [Đi](#b) +60 · T0 · đặt x", "- [Nữa](#b)", "## B {#b}", "x", "- nếu x: [Hết](#het)", "## Hết {#het}", "x"],
            "with the flags – the scene #b offers no choice",
        ),
        (["## A {#a}", "x", "- [Đi](#het) +49 · T0", "## Hết {#het}", "x"], "nobody can pass"),
        (["## A {#a}", "x", "- [Đi](#het) +60 · T0 · 25 giờ", "- [Đi khác](#het) T0 · xong Báo đầu", "## Hết {#het}", "x"], "misses the deadline"),
    ],
)  # fmt: skip
def test_ways_that_lead_nowhere_are_told(lines, words):
    _, problems = read(scenes(*lines))
    assert any(words in one.text() for one in problems), [str(one) for one in problems]


def test_a_circle_that_costs_is_allowed_and_the_best_way_leaves_it_out():
    found, problems = read(
        scenes("## A {#a}", "x", "- [Chờ](#a) -5 · 10 phút · T0", "- [Hết](#het) +60 · T0", "## Hết {#het}", "x")
    )
    assert not [one for one in problems if one.is_error]
    assert ways(found).best == (1,)


@pytest.mark.parametrize(
    "text",
    [
        "---\nkind: drill\n---\n",
        "---\nid: tap\nkind: drill\ntitle: x\n---\n## {#}\n- [](#)\n",
        scenes("## A {#a}", *(f"- [x{n}](#a) đặt f{n}" for n in range(20))),
        scenes(*(f"## A {{#s{n}}}\nx\n- nếu f{n}: [Đi](#s{n + 1}) đặt g{n}\n- [Về](#s{n - 1}) +1 · đặt f{n}" for n in range(400))),
        scenes(
            *(
                f"## A {{#s{n}}}\nx\n" + "\n".join(f"- [x{m}](#s{(n * 7 + m) % 60}) +{m} · đặt f{m}\n- nếu f{m}: [y{m}](#s{m})" for m in range(9))
                for n in range(60)
            )
        ),
        scenes("## A {#a}", "x", *("- [" * 3000,), "- nếu " * 5000),
        scenes("## A {#a}", "- [" + "x" * 200_000 + "](#a) " + "+1 · " * 20_000),
        scenes("## A {#a}", "> sau 99999 phút: x\n" * 5_000),
        scenes("## A {#a}", "- nếu " + "và " * 30_000 + ": [x](#a)"),
    ],
    ids=["empty", "bare", "twenty flags", "four hundred scenes", "a tangle", "brackets", "long line", "injects", "conditions"],
)  # fmt: skip
def test_hostile_text_is_read_or_explained_in_time(text):
    start = time.perf_counter()
    found, problems = read(text)
    assert time.perf_counter() - start < 5
    assert problems
    for one in problems:
        assert 1 <= one.line <= text.count("\n") + 1
        assert "%(" not in one.text()
    if found is not None:
        assert load(json.loads(json.dumps(dump(CourseDoc(id="x", title="x", drills=(found,)))))).drills == (found,)


def test_documents_stored_before_there_were_drills_are_read():
    stored = dump(CourseDoc(id="x", title="x"))
    del stored["drills"]
    assert load(stored).drills == ()


# Writing

NAMES = st.text(alphabet="abcđêôABC 0", min_size=1, max_size=12).map(lambda text: " ".join(text.split())).filter(bool)
WORDS = st.lists(
    st.sampled_from(["chị Lan", "gọi", "**ngay**", "`a`", "[@nd331 Đ31.2.d]", "{{sdt}}", "số 5", "- nhé", "#1"]),
    min_size=1,
    max_size=6,
)
PROSE = WORDS.map(" ".join).map(lambda text: "Rồi " + text)
BLOCKS = st.lists(PROSE, min_size=1, max_size=3).map("\n\n".join)
FLAGS = st.lists(st.sampled_from(["lan_rộng", "giữ", "x1", "T"]), max_size=2, unique=True).map(tuple)
LABELS = st.lists(
    st.sampled_from(["rút", "mạng", "**ngay**", "{{sdt}}", "a [b] c", "+5", "và", "nếu"]), min_size=1, max_size=4
).map(" ".join)


@st.composite
def any_drill(draw):
    """Any drill that our own code may hold."""
    ids = [f"n{n}" for n in range(draw(st.integers(1, 4)))]
    scales = draw(st.sampled_from([("Điểm",), ("Điểm", "Bằng chứng"), ("Điểm", "Uy tín của phường", "B")]))
    hours = draw(st.lists(st.integers(1, 99), max_size=2, unique=True))
    deadlines = tuple(Deadline(hours=one, name=f"Báo cáo {chr(97 + place)}") for place, one in enumerate(hours))

    def choice():
        gains = draw(st.lists(st.sampled_from(scales), max_size=3, unique=True))
        points = st.integers(-300, 300).filter(bool)
        return Choice(
            text=draw(LABELS),
            target=draw(st.sampled_from([*ids, "khong-co"])),
            gains=tuple(Gain(scale=scale, points=draw(points)) for scale in gains),
            minutes=draw(st.integers(0, 5_000)),
            starts_deadlines=draw(st.booleans()),
            sets=draw(FLAGS),
            meets=tuple(one.name for one in deadlines if draw(st.booleans())),
            needs=draw(FLAGS),
            forbids=draw(FLAGS),
            reason=draw(st.just("") | BLOCKS),
        )

    bands = sorted(draw(st.sets(st.integers(1, 100), max_size=3)), reverse=True)
    made = [
        Scene(
            id=one,
            title=draw(NAMES.filter(lambda name: not name.isdigit())),
            text=draw(BLOCKS),
            injects=tuple(
                Inject(minutes=draw(st.integers(0, 600)), text=draw(BLOCKS)) for _ in range(draw(st.integers(0, 2)))
            ),
            choices=tuple(choice() for _ in range(draw(st.integers(0, 3)))),
        )
        for one in ids
    ]
    return Drill(
        id="tap", title="Tập", path="tap.md", minutes=draw(st.none() | st.integers(1, 600)), starts="2026-12-07T07:50",
        scales=scales, bands=(*(Band(least=one, name=draw(NAMES)) for one in bands), Band(least=0, name="Lại")),
        pass_points=draw(st.integers(0, 100)), deadlines=deadlines, introduction=draw(st.just("") | BLOCKS), scenes=tuple(made),
    )  # fmt: skip


@given(any_drill())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_written_is_read_as_it_was(drill):
    text = write(CourseDoc(id="mau", title="Mẫu", drills=(drill,)))["tap.md"].decode()
    found, _ = read(text)
    assert replace(found, cites=(), local_names=()) == drill


def test_the_drill_of_the_product_survives_being_written():
    drill = sample()
    text = write(CourseDoc(id="mau", title="Mẫu", drills=(drill,)))["dien-tap/ma-doc.md"]
    found, _ = read("", data=text)
    assert replace(found, path=drill.path) == drill


# Playing


def test_a_run_counts_points_minutes_and_deadlines():
    drill = small()
    run = drills.play(drill, [1, 0])
    assert [(one.minutes, one.scene) for one in run.steps[0].happened] == [(3, "n1")]
    assert (run.state.scene, run.state.minutes, run.state.sums) == ("het", 15, (100, 20))
    found = drills.outcome(drill, run.state)
    assert (found.fraction, found.passed, found.band) == (1.0, True, "Tốt")
    [judged] = found.deadlines
    assert (judged.met, judged.due, judged.done) == (Met.MET, 1440, 15)


@pytest.mark.parametrize(
    ("places", "points", "band", "met"),
    [([1, 0], 100, "Tốt", Met.MET), ([1, 1], 45, "Tập lại", Met.MISSED), ([0, 1], 0, "Tập lại", Met.MISSED), ([0, 2], 20, "Tập lại", Met.MET)],
)  # fmt: skip
def test_each_way_is_worth_what_a_hand_would_count(places, points, band, met):
    drill = small()
    found = drills.outcome(drill, drills.play(drill, places).state)
    assert (found.points[0][1], found.band, found.deadlines[0].met) == (points, band, met)


def test_the_sum_is_limited_and_not_each_step():
    """A first mistake costs, although there was nothing to lose yet."""
    drill = small()
    assert drills.play(drill, [0]).state.sums[0] == -10
    assert drills.points(drill, drills.play(drill, [0]).state)[0] == ("Điểm", 0)
    assert drills.points(drill, drills.play(drill, [0, 2]).state)[0] == ("Điểm", 20)


@pytest.mark.parametrize("places", [[2], [-1], [1, 2], [0, 0], [1, 0, 0], [99]])
def test_what_is_not_offered_cannot_be_chosen(places):
    with pytest.raises(NotOffered):
        drills.play(small(), places)
    assert list(drills.possible(small(), places)) == places[:-1]


def test_a_deadline_without_t0_is_not_begun_and_one_that_runs_is_neither_met_nor_missed():
    drill = small()
    assert drills.deadlines(drill, drills.begin(drill), is_over=False)[0].met is Met.NOT_BEGUN
    assert drills.deadlines(drill, drills.play(drill, [1]).state, is_over=False)[0].met is Met.RUNNING


def test_an_inject_waits_for_its_minute_and_happens_once():
    text = TEXT.replace("> sau 3 phút", "> sau 6 phút")
    drill, _ = read(text)
    run = drills.play(drill, [1, 0])
    assert [[(one.minutes, one.scene) for one in step.happened] for step in run.steps] == [[], [(6, "n1")]]


def test_the_best_way_is_the_best_of_all_ways():
    drill = small()
    every = [[a, b] for a in range(2) for b in range(3) if list(drills.possible(drill, [a, b])) == [a, b]]
    most = max(drills.play(drill, way).state.sums[0] for way in every)
    assert (ways(drill).best, ways(drill).most) == ((1, 0), most)


@given(any_drill(), st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_run_earns_more_than_the_best_way_and_every_run_can_be_played_again(drill, data):
    state, places = drills.begin(drill), []
    while (offers := drills.offered(drill, state)) and len(places) < 15:
        place, _ = data.draw(st.sampled_from(offers))
        state = drills.step(drill, state, place)
        places.append(place)
    again = drills.play(drill, places)
    assert again.state == state
    assert [step.after for step in again.steps][-1:] == ([state] if places else [])
    found = ways(drill)
    assert {step.scene.id for step in again.steps} | {state.scene} <= found.reached
    if drill.by_id[state.scene].is_ending and found.most is not None:
        assert state.sums[0] <= found.most
    outcome = drills.outcome(drill, state)
    assert 0 <= outcome.fraction <= 1
    assert outcome.band


# The drill that comes with the product


def test_the_drill_of_the_product_has_what_it_promises():
    drill = sample()
    endings = {scene.id for scene in drill.scenes if scene.is_ending}
    assert len(drill.scenes) >= 12
    assert len(endings) == len(drill.bands) == 3
    assert sum(len(scene.injects) for scene in drill.scenes) >= 5
    assert {one.hours for one in drill.deadlines} == {24, 72}
    assert ways(drill).best == BEST_WAY
    assert ways(drill).most == 100
    assert drills.outcome(drill, drills.play(drill, BEST_WAY).state).band == "Xử lý tốt"
    worst = drills.play(drill, WORST_WAY)
    assert worst.state.scene == "ket-lai"
    assert {one.met for one in drills.outcome(drill, worst.state).deadlines} == {Met.MISSED}
    assert str(drills.moment(drill, drills.deadlines(drill, worst.state, is_over=True)[0].due)) == "2026-12-08 07:50:00"
