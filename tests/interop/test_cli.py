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
