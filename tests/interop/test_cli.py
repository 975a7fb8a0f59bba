"""lms questions …: what people see, what scripts read, and how it ends."""

import json

import pytest
from click.testing import CliRunner

from lms.cli import main

GIFT = "// [tag:dễ]\n::Thủ đô::Thủ đô ở đâu? {=Hà Nội ~Huế#Cố đô.}\n"


@pytest.fixture
def lms(tmp_path, monkeypatch):
    """The command, run in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LMS_INSTANCE", str(tmp_path / "instance"))
    (tmp_path / "instance").mkdir()

    def run(*arguments, **files):
        for name, text in files.items():
            (tmp_path / name.replace("_", ".")).write_text(text, "utf-8")
        return CliRunner().invoke(main, ["questions", *arguments], catch_exceptions=False)

    return run


def test_a_script_reads_what_was_understood(lms):
    done = lms("read", "de.gift", "--format", "gift", "--json", de_gift=GIFT)
    assert done.exit_code == 0
    said = json.loads(done.stdout)
    assert said["problems"] == []
    assert said["questions"] == [
        {
            "type": "single_choice",
            "name": "Thủ đô",
            "text": "Thủ đô ở đâu?",
            "format": "moodle",
            "points": 1,
            "tags": ["dễ"],
            "answers": [
                {"text": "Hà Nội", "weight": 100},
                {"text": "Huế", "weight": 0, "feedback": "Cố đô."},
            ],
        }
    ]


@pytest.mark.parametrize(
    ("more", "message"), [([], "tệp không phải UTF-8"), (["--lang", "en"], "the file is not UTF-8")]
)
def test_a_refused_file_ends_with_1_and_gives_nothing(lms, tmp_path, more, message):
    (tmp_path / "de.txt").write_bytes(GIFT.encode() + b"\n\xff {T}")
    done = lms("read", "de.txt", "--format", "gift", "--json", *more)
    assert done.exit_code == 1
    said = json.loads(done.stdout)
    assert said["questions"] == []
    (problem,) = said["problems"]
    assert (problem["path"], problem["line"], problem["level"]) == ("de.txt", 4, "error")
    assert problem["message"].startswith(message)


def test_people_see_questions_and_problems_in_words(lms):
    done = lms("read", "de.gift", "--format", "gift", de_gift=GIFT + "\nQ {true}\n")
    assert done.exit_code == 0
    assert "1. Thủ đô — chọn một đáp án (1 điểm)" in done.stdout
    assert "✓ 100%  Hà Nội" in done.stdout
    assert "⚠ de.gift:4: câu “Q” được đọc là câu trả lời ngắn" in done.stdout
    assert "2 câu hỏi, 1 cảnh báo." in done.stdout


def test_people_see_why_nothing_was_taken(lms):
    done = lms("read", "de.txt", "--format", "aiken", de_txt="Q?\nA) x\nB) y\nANSWER: E")
    assert done.exit_code == 1
    assert "✖ de.txt:4: câu “Q?”: không có lựa chọn E; lựa chọn cuối là B" in done.stdout
    assert "Không nhận: 1 lỗi, 0 cảnh báo." in done.stdout


@pytest.mark.parametrize(
    "arguments", [("read", "de.gift"), ("read", "de.gift", "--format", "word"), ("read", "x", "--format", "gift")]
)
def test_a_command_that_is_not_complete_says_what_is_missing(lms, arguments):
    assert lms(*arguments, de_gift=GIFT).exit_code == 2


XML = """<quiz><question type="truefalse"><name><text>Ảnh</text></name>
<questiontext format="html"><text><![CDATA[Đây là <b>dấu</b> <img src="@@PLUGINFILE@@/dau.png" alt="dấu">?]]></text>
<file name="dau.png" encoding="base64">iVBORw==</file></questiontext>
<answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer></question></quiz>
"""
QUIZ = """## Ảnh {#anh}
Đây là **dấu** ![dấu](hinh/dau.png)?

- [x] Đúng
- [ ] Sai
"""


def test_questions_become_markdown_with_their_pictures_beside(lms, tmp_path):
    done = lms("convert", "nh.xml", "--format", "moodlexml", "--media", "hinh", nh_xml=XML)
    assert done.exit_code == 0
    assert done.stdout == QUIZ
    assert done.stderr == "1 câu hỏi, 0 cảnh báo.\n"
    assert (tmp_path / "hinh" / "dau.png").read_bytes() == b"\x89PNG"


def test_pictures_that_nobody_asked_for_are_named(lms, tmp_path):
    done = lms("convert", "nh.xml", "--format", "moodlexml", nh_xml=XML)
    assert "media/dau.png" in done.stdout
    assert "--media" in done.stderr
    assert not (tmp_path / "media").exists()


def test_what_is_lost_goes_to_the_error_output(lms):
    done = lms("convert", "de.gift", "--format", "gift", de_gift=GIFT + "\nQ {#5 ~#sai}")
    assert done.exit_code == 0
    assert done.stdout.startswith("## Thủ đô {#thu-do .dễ}")
    assert "⚠ de.gift:4: câu “Q”: nhận xét của các đáp án bị bỏ" in done.stderr


def test_nothing_of_a_refused_file_is_converted(lms):
    done = lms("convert", "de.gift", "--format", "gift", de_gift=GIFT + "\nQ {#ba}")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "✖ de.gift:4:" in done.stderr


@pytest.fixture
def folder(tmp_path):
    """A course with one quiz."""
    home = tmp_path / "khoa"
    (home / "kiem-tra" / "hinh").mkdir(parents=True)
    (home / "course.md").write_text("---\nformat: 1\nid: k\ntitle: K\n---\n\n- [Thi](kiem-tra/thi.md)\n", "utf-8")
    (home / "kiem-tra" / "thi.md").write_text(
        f"---\nid: thi\nkind: quiz\ntitle: Thi\n---\n\n{QUIZ}\n## B {{#b}}\nQ\n\n1. x\n2. y\n", "utf-8"
    )
    (home / "kiem-tra" / "hinh" / "dau.png").write_bytes(b"\x89PNG")
    return home


def test_a_quiz_goes_out_with_its_pictures_and_what_was_left_out_is_named(lms, folder, tmp_path):
    done = lms("export", "khoa", "thi", "--format", "moodlexml", "-o", "ra.xml")
    assert done.exit_code == 0
    assert done.stdout == "1 câu hỏi trong ra.xml, 1 cảnh báo.\n"
    assert "⚠ kiem-tra/thi.md:13: câu “B” bị bỏ: Moodle XML không có dạng câu hỏi sắp xếp thứ tự" in done.stderr
    again = lms("convert", "ra.xml", "--format", "moodlexml", "--media", "hinh")
    assert again.stdout == QUIZ


@pytest.mark.parametrize(
    ("quiz", "text", "words"),
    [
        ("khac", QUIZ, "không có bài kiểm tra khac; có: thi"),
        ("thi", QUIZ.replace("[x]", "[ ]"), "bài kiểm tra còn lỗi"),
    ],
)
def test_a_quiz_that_is_not_there_or_broken_does_not_go_out(lms, folder, tmp_path, quiz, text, words):
    (folder / "kiem-tra" / "thi.md").write_text(f"---\nid: thi\nkind: quiz\ntitle: Thi\n---\n\n{text}", "utf-8")
    done = lms("export", "khoa", quiz, "--format", "gift", "-o", "ra.gift")
    assert done.exit_code == 1
    assert words in done.stderr
    assert not (tmp_path / "ra.gift").exists()
