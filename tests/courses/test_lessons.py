"""The courses that come with the product: whole, readable in their minutes, spelled rightly, and true to the law of the day."""

import re
import subprocess
import unicodedata
from datetime import date
from pathlib import Path

import pytest

from lms.content import disk
from lms.course.check_lesson import WORDS_A_MINUTE
from lms.course.fences import prose
from lms.course.parse import parse
from lms.settings import ROOT
from tests.courses.laws import IN_FORCE, REPLACED, UNSURE

FOLDERS = sorted(path.parent for path in (ROOT / "courses").glob("*/course.md"))
DOCS = {folder.name: parse(disk.read(folder)) for folder in FOLDERS}
LESSONS = [
    pytest.param(folder.name, lesson, id=f"{folder.name}/{lesson.id}")
    for folder in FOLDERS
    for entry in DOCS[folder.name][0].items
    if (lesson := DOCS[folder.name][0].lesson(entry.item or ""))
]
TEXTS = [
    pytest.param(path, id=str(path.relative_to(ROOT / "courses")))
    for folder in FOLDERS
    for path in sorted(folder.rglob("*.md"))
]
EXCEPTIONS = set((Path(__file__).parent / "spelling.txt").read_text("utf-8").split())
WORD = re.compile(r"[^\W\d_]+")
UNSAID = re.compile(
    r"```.*?```|`[^`]*`|\{\{[^}]*\}\}|\{[^}\n]*\}|\]\([^)\n]*\)|\[@[^\]]*\]|https?://\S+|\S+@\S+|\S*[./\\]\S*[a-z]{2,}\S*|^---$.*?^---$",
    re.DOTALL | re.MULTILINE,
)
LAW = re.compile(
    r"\b(?:Luật|NĐ|Nghị định|TT|Thông tư|QĐ|Quyết định|CT|Chỉ thị|NQ|Nghị quyết|TCVN)\s+(?:số\s+)?(\d{1,5}[/:]\d{4})"
    r"|(?<![\d/])(\d{1,5}/\d{4})(?=/(?:QH|NĐ|TT|QĐ|NQ|CT))|\b(\d{1,5}/CT-\w+)"
)
FORMER = re.compile(
    r"thay thế|thay bằng|được thay|đã thay|thay cho|không còn|hết hiệu lực|trước đây|quy định cũ|văn bản cũ|số hiệu cũ|lỗi thời|đã bị thay|bãi bỏ|luật cũ",
    re.IGNORECASE,
)
INSTEAD = {
    "tỉ lệ": "tỷ lệ", "hàng năm": "hằng năm", "file": "tệp", "tập tin": "tệp", "email": "thư điện tử", "e-mail": "thư điện tử",
    "password": "mật khẩu", "username": "tên đăng nhập", "backup": "sao lưu", "hacker": "kẻ tấn công", "xoá": "xóa", "hoà": "hòa",
    "khoá": "khóa", "thuỷ": "thủy", "chứng chỉ hoàn thành": "giấy chứng nhận hoàn thành",
}  # fmt: skip


def words_of(lesson, *, self_checks):
    return sum(len(line.split()) for _number, line in prose(lesson.text, self_checks=self_checks))


def test_there_are_four_courses():
    assert len(FOLDERS) == 4


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_checker_has_nothing_to_say(folder):
    doc, problems = DOCS[folder.name]
    assert doc is not None
    assert [str(one) for one in problems] == []


@pytest.mark.parametrize(("course", "lesson"), LESSONS)
def test_a_lesson_is_read_between_two_citizens(course, lesson):
    assert 600 <= words_of(lesson, self_checks=False) <= 1_200
    reading = words_of(lesson, self_checks=True) / WORDS_A_MINUTE
    assert abs(reading - lesson.minutes) <= 0.2 * lesson.minutes


@pytest.mark.parametrize(("course", "lesson"), LESSONS)
def test_a_lesson_has_all_that_its_reader_needs(course, lesson):
    assert len(lesson.objectives) >= 2
    assert lesson.practice
    assert 2 <= len(lesson.checks) <= 3
    for callout in ("can-lam", "ghi-nho", "tinh-huong"):
        assert f"!!! {callout}" in lesson.text, callout


@pytest.mark.parametrize("path", TEXTS)
def test_texts_are_composed_and_of_terms_of_the_glossary(path):
    text = path.read_text("utf-8")
    assert unicodedata.is_normalized("NFC", text)
    said = UNSAID.sub(" ", text).lower()
    found = {word: better for word, better in INSTEAD.items() if re.search(rf"(?<![\w-]){word}(?![\w-])", said)}
    assert found == {}


def test_every_word_is_in_the_dictionary_or_kept_as_an_exception():
    """Hunspell's Vietnamese dictionary knows syllables; names, units and foreign words are kept in spelling.txt."""
    said = "\n".join(UNSAID.sub(" ", param.values[0].read_text("utf-8")) for param in TEXTS)
    words = sorted({word for word in WORD.findall(said) if word not in EXCEPTIONS and word.lower() not in EXCEPTIONS})
    asked = subprocess.run(
        ["hunspell", "-d", "vi_VN", "-i", "utf-8", "-l"], input="\n".join(words), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert sorted(set(asked.stdout.split())) == []


def test_no_exception_is_kept_that_no_text_needs():
    said = {word.lower() for param in TEXTS for word in WORD.findall(param.values[0].read_text("utf-8"))}
    assert sorted(word for word in EXCEPTIONS if word.lower() not in said) == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_law_is_cited_with_its_dates_and_none_that_was_replaced(folder):
    doc, _problems = DOCS[folder.name]
    for reference in doc.references:
        number = re.match(r"\d+[/:](?:\d{4}|TTg)", reference.number)
        assert number, reference.number
        assert number[0] in IN_FORCE, reference.number
        known = IN_FORCE[number[0]]
        assert known is None or reference.in_force_from == known, reference.number
        assert reference.in_force_to is None
        assert reference.checked_on == date(2026, 11, 23)
    cited = {cite for entry in doc.items if (item := doc.item(entry.item or "")) for cite in getattr(item, "cites", ())}
    assert {reference.id for reference in doc.references} == cited


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("Nghị định 85/2016 hiện hành", "85/2016"),
        ("Luật An toàn thông tin mạng số 86/2015/QH13", "86/2015"),
        ("Nghị định của Chính phủ số 85/2016/NĐ-CP", "85/2016"),
        ("Chỉ thị số 60/CT-BTTTT", "60/CT-BTTTT"),
        ("ngày 05/12/2026, 3/4 số máy", None),
    ],
)
def test_laws_are_found_however_they_are_cited(said, number):
    found = LAW.search(said)
    assert (found and next(filter(None, found.groups()))) == number


@pytest.mark.parametrize("path", TEXTS)
def test_no_text_teaches_a_law_that_is_not_in_force(path):
    """A replaced text may be named only where its section says that it was replaced, or as a wrong answer."""
    for section in re.split(r"^(?=#)", path.read_text("utf-8"), flags=re.MULTILINE):
        for line in section.split("\n"):
            for law in LAW.finditer(line):
                number = next(filter(None, law.groups()))
                if number in IN_FORCE or (number in UNSURE and "chưa xác nhận" in section):
                    continue
                assert number in REPLACED, law[0]
                assert re.match(r"\s*- \[ \]", line) or FORMER.search(section), law[0]
