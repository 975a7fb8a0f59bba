"""The guide for trainers: right by its own rules, open to everybody, and every example in it works."""

import gzip
import re
from datetime import date, timedelta

import click
import pytest

from lms.cli import main
from lms.content import disk
from lms.core.db import db
from lms.course import check
from lms.course.parse import parse
from lms.course.questions import TYPES
from lms.course.source import Source
from lms.home.guide import FOLDER, guide
from lms.interop.formats import FORMATS
from tests.places import READING
from tests.see import everything

SOURCE = disk.read(FOLDER)
TEXTS = {path: data.decode() for path, data in SOURCE.items() if path.endswith(".md")}
PAGES = [entry.item for entry in guide().doc.items]
FENCED = re.compile(r"^(`{3,})(\w+)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
LAW = "- id: {}\n  number: 1/2026\n  name: Luật\n  in_force_from: 2026-01-01\n  checked_on: 2026-11-01\n"
# What the examples link to, and no example shows.
BESIDE = {
    "media/ma-otp.png": b"", "media/bon-buoc.svg": b"<svg/>", "media/kiem-tra-thu.mp4": b"", "media/kiem-tra-thu.vtt": b"WEBVTT\n",
    "media/mau-bao-cao.docx": b"",
    "references.yaml": "".join(LAW.format(one) for one in ("luat116", "nd331", "nd13")).encode(),
}  # fmt: skip


def examples(language):
    """Every fenced example in this language, with its page."""
    return [(path, found[3]) for path, text in TEXTS.items() for found in FENCED.finditer(text) if found[2] == language]


OTHER = b"---\nid: anh\ntitle: Anh\n---\n\nAnh.\n"


def course_of(text, kind=""):
    """A course whose one item is this text."""
    if not text.startswith("---"):
        text = f"---\nid: mot\ntitle: Một\n{kind}---\n\nChữ.\n\n{text}"
    outline = b"---\nformat: 1\nid: thu\ntitle: Th\xe1\xbb\xad\n---\n\n1. [M\xe1\xbb\x99t](bai/mot.md)\n2. [\xe1\xba\xa2nh](bai/03-anh-video-tep.md)\n"
    return Source({**BESIDE, "course.md": outline, "bai/mot.md": text.encode(), "bai/03-anh-video-tep.md": OTHER})


def wrong(source):
    """What is an error in it, but for links of an outline to files that the example does not show."""
    _, problems = parse(source)
    gone = ("there is no file", "the outline is empty", "grade_from", "nothing in the outline")
    person = "marked by a person"
    return [str(p) for p in problems if p.is_error and not p.message.startswith(gone) and person not in p.message]


def test_nothing_is_wrong_with_it():
    doc, problems = parse(SOURCE)
    assert problems == []
    assert list(check.law(doc, date.today() + timedelta(days=3650))) == [], "it must not grow old by itself"  # noqa: DTZ011
    assert not list(check.local(doc, SOURCE, ()))


@pytest.mark.parametrize("who", ["an", "dung", None])
def test_every_page_opens_for_everybody(client, client_of, who):
    browser = client_of(who) if who else client
    assert "/tro-giup/soan-bai" in browser.get("/tro-giup").text
    cover = browser.get("/tro-giup/soan-bai").text
    for item in PAGES:
        address = f"/tro-giup/soan-bai/{item}"
        assert f'href="{address}"' in cover
        answer = browser.get(address)
        assert answer.status_code == 200
        assert guide().doc.item(item).title.partition(":")[0] in answer.text


def test_every_link_and_picture_of_it_leads_somewhere(client):
    for item in ("", *PAGES):
        page = client.get(f"/tro-giup/soan-bai/{item}".rstrip("/")).text
        assert "/khoa-hoc/huong-dan" not in page
        for address in set(re.findall(r'(?:href|src)="(/tro-giup[^"#]*)', page)):
            assert client.get(address).status_code == 200, (item, address)


def test_what_it_has_not_is_not_found(client):
    for address in ("khong-co", "course.md", "tep/khong-co.svg", "tep/course.md", "tep/..%2f..%2fguide.py"):
        assert client.get(f"/tro-giup/soan-bai/{address}").status_code == 404, address
    assert client.post("/tro-giup/soan-bai/cau-hoi/tu-kiem-tra/khong-co").status_code == 404


def test_its_pictures_are_locked_up_as_those_of_courses_are(client):
    answer = client.get("/tro-giup/soan-bai/tep/bon-buoc.svg")
    assert answer.mimetype == "image/svg+xml"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_every_page_is_within_the_budget_of_reading(client):
    for item in ("", *PAGES):
        address = f"/tro-giup/soan-bai/{item}".rstrip("/")
        answer = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
        assert len(answer.data) <= READING.html, (item, len(answer.data))
        assert gzip.decompress(answer.data)


def test_every_question_type_is_in_it():
    kinds = {question.kind for _, text in question_examples() for question in asked(text)}
    assert kinds == set(TYPES)


def question_examples():
    return [(path, text) for path, text in examples("markdown") if re.match(r"## .*\{#", text)]


def asked(text):
    doc, _ = parse(course_of(text, "kind: quiz\n"))
    return doc.quizzes[0].questions


@pytest.mark.parametrize("text", [text for _, text in question_examples()])
def test_every_question_in_an_example_is_one(text):
    assert wrong(course_of(text, "kind: quiz\n")) == []
    assert len(asked(text)) == text.count("{#")


@pytest.mark.parametrize("text", [t for _, t in examples("markdown") if not re.match(r"## .*\{#", t)])
def test_every_other_example_is_a_file_or_a_piece_of_a_lesson(text):
    is_course = text.startswith("---\nformat")
    assert wrong(Source({**BESIDE, "course.md": text.encode()}) if is_course else course_of(text)) == []


def test_what_stands_below_an_example_is_the_example():
    shown = {question.id: question for question in guide().doc.lesson("cau-hoi").checks}
    written = {one.id: one for path, text in question_examples() if "05-" in path for one in asked(text)}
    assert set(shown) == {name for name in written if name.startswith("hd-") and not written[name].needs_person}
    for name, question in shown.items():
        assert question == written[name]


def test_the_cited_law_in_examples_can_be_read():
    for _, text in examples("yaml"):
        doc, problems = parse(Source({**course_of("Chữ."), "references.yaml": text.encode()}))
        assert [p for p in problems if p.is_error and p.path == "references.yaml"] == []
        assert len(doc.references) == text.count("- id:")


def test_questions_of_other_systems_in_examples_can_be_read():
    for _, text in [one for one in examples("text") if "WEBVTT" not in one[1] and "✖" not in one[1]]:
        name = "aiken" if "ANSWER:" in text else "gift"
        found, problems = FORMATS[name].read(text.encode(), "")
        assert found
        assert not [p for p in problems if p.is_error]


def test_every_command_it_names_exists():
    said = re.findall(r"(?:^|`)lms ([^`\n]+)", "\n".join(TEXTS.values()), re.MULTILINE)
    assert len(said) >= 7
    for words in said:
        command, rest = main, words.split()
        while isinstance(command, click.Group):
            command = command.commands[rest.pop(0)]
        options = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in rest if word.startswith("-")} <= options, words


@pytest.mark.parametrize(
    ("check_id", "values", "words"),
    [("hd-dung-sai", ["1"], "Đúng"), ("hd-ngan", ["ransomware"], "ransomware"), ("hd-so", ["298"], "297 ± 2 mm")],
)
def test_a_self_check_is_told_at_once_and_nothing_is_stored(client, check_id, values, words):
    before = everything()
    answer = client.post(f"/tro-giup/soan-bai/cau-hoi/tu-kiem-tra/{check_id}", data={f"q-{check_id}": values})
    assert answer.status_code == 200
    assert "badge ok" in answer.text.partition(f'id="tk-{check_id}"')[2].partition("</form>")[0]
    assert words in answer.text
    assert everything() == before


def test_an_answer_that_no_page_sends_is_refused_in_words(client):
    answer = client.post("/tro-giup/soan-bai/cau-hoi/tu-kiem-tra/hd-mot", data={"q-hd-mot": "99"})
    assert answer.status_code == 200
    assert 'role="alert"' in answer.text


def test_a_page_asks_the_database_for_local_values_only(client):
    client.get("/tro-giup/soan-bai/cau-hoi")
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    db.event.listen(db.engine, "before_cursor_execute", note)
    try:
        client.get("/tro-giup/soan-bai/cau-hoi")
    finally:
        db.event.remove(db.engine, "before_cursor_execute", note)
    assert len(seen) == 1, seen
