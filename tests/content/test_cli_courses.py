"""lms course export, diff and list: what goes out comes back as the same revision, and what differs is said."""

import subprocess
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from lms.cli import main
from lms.content import disk, told
from lms.course.difference import changes
from lms.course.source import from_zip
from lms.settings import ROOT
from tests.make import FILES

SAMPLE = ROOT / "tests" / "samples" / "ung-cuu-su-co"


@pytest.fixture
def lms(tmp_path, monkeypatch):
    """Runs the command on an installation of its own, in a folder of its own."""
    monkeypatch.setenv("LMS_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.chdir(tmp_path)

    def run(*words, code=0):
        result = CliRunner().invoke(main, ["course", *map(str, words)])
        assert result.exit_code == code, (result.output, result.exception)
        assert isinstance(result.exception, SystemExit | None)
        return result.output

    assert CliRunner().invoke(main, ["setup"]).exit_code == 0
    return run


def folder(name, changed=None):
    for path, text in {**FILES, **(changed or {})}.items():
        Path(name).mkdir(exist_ok=True)
        (Path(name) / path).write_bytes(text if isinstance(text, bytes) else text.encode())
    return name


TRAINER = ["users", "create", "--name", "Trần Văn Dũng", "--email", "dung@songlam.example", "--role", "trainer"]


@pytest.fixture
def two(lms):
    """A course with two revisions."""
    lms("publish", folder("a"))
    lms("publish", folder("b", {"mot.md": FILES["mot.md"].replace("Một đoạn.", "Một đoạn văn.")}))
    return lms


def test_an_exported_course_published_again_is_the_same_revision(lms):
    lms("publish", SAMPLE)
    for out in ("khoa.zip", "khoa"):
        assert disk.read(SAMPLE).digest()[:12] in lms("export", "ucsc", "--out", out)
    source, problems = from_zip(Path("khoa.zip").read_bytes())
    assert (source.digest(), problems) == (disk.read(SAMPLE).digest(), [])
    assert disk.read(Path("khoa")) == source
    assert "không có gì mới, vẫn là bản 1" in lms("publish", "khoa")
    with zipfile.ZipFile("khoa.zip") as archive:
        archive.extractall("lai")
    assert "không có gì mới, vẫn là bản 1" in lms("publish", "lai")
    assert lms("diff", "khoa.zip", "ucsc@1") == ""


def test_the_same_revision_is_the_same_zip_to_the_byte(two):
    two("export", "mau", "--revision", "1", "--out", "x.zip")
    two("export", "mau", "--revision", "1", "--out", "y.zip")
    assert Path("x.zip").read_bytes() == Path("y.zip").read_bytes()
    with zipfile.ZipFile("x.zip") as archive:
        assert archive.namelist() == sorted(archive.namelist())


def git(*words):
    return subprocess.run(["git", "-C", "kho", *words], check=True, capture_output=True, text=True).stdout


def test_an_exported_folder_lives_in_git_without_noise(lms):
    windows = {path: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode() for path, text in FILES.items()}
    lms("publish", folder("win", {**windows, "ghi-chu.txt": b"m\xe1\xbb\x99t\r\nhai\r\n"}))
    subprocess.run(["git", "init", "-q", "kho"], check=True)
    lms("export", "mau", "--out", "kho")
    git("add", "-A")
    assert git("diff") == ""
    assert git("ls-files").split() == sorted([*FILES, "ghi-chu.txt"])
    assert "crlf" not in git("ls-files", "--eol")
    assert git("-c", "core.whitespace=cr-at-eol", "diff", "--cached", "--check") == ""
    assert "không có gì mới" in lms("publish", "kho")


def test_an_export_overwrites_nothing(two):
    folder("day")
    Path("co.zip").write_bytes(b"mine")
    assert "không trống" in two("export", "mau", "--out", "day", code=1)
    assert "đã có" in two("export", "mau", "--out", "co.zip", code=1)
    assert Path("co.zip").read_bytes() == b"mine"
    two("export", "mau")
    assert "đã có" in two("export", "mau", code=1)
    assert "bản 7" in two("export", "mau", "--revision", "7", "--out", "bay", code=1)
    assert "“la”" in two("export", "la", code=1)
    assert not Path("bay").exists()


def test_two_revisions_differ_by_the_word_that_was_added(two):
    found = two("diff", "mau@1", "mau", code=1)
    assert "mot.md  (sửa)  +1 −0 từ" in found
    assert "Một đoạn{+ văn+}." in found
    assert two("diff", "mau@1", "mau@2", "--stat", code=1) == "mot.md  (sửa)  +1 −0 từ\n"
    assert two("diff", "mau@2", "b") == ""
    assert two("diff", "a", "mau@1") == ""


def test_a_folder_wins_over_a_course_of_its_name_and_the_sign_over_both(two):
    folder("mau")
    assert two("diff", "mau", "mau@1") == ""
    assert "văn" in two("diff", "mau", "mau@", code=1)


@pytest.mark.parametrize(
    "name", ["không-có", "mau@9", "mau@ba", "mau@-1", "mau@²", "@", "hỏng.zip", "mau@999999999999"]
)
def test_what_cannot_be_read_is_said_and_is_neither_equal_nor_different(two, name):
    Path("hỏng.zip").write_bytes(b"PK\x03\x04")
    assert "Traceback" not in two("diff", name, "mau", code=2)


def test_a_text_cannot_command_the_terminal(lms):
    folder("a")
    folder("b", {"mot.md": FILES["mot.md"] + "\x1b[2J\x1b]0;xin chào\x07\u202e\n"})
    found = lms("diff", "a", "b", code=1)
    assert "<U+001B>[2J" in found
    assert not {"\x1b", "\x07", "\u202e"} & set(found)


def test_in_colour_words_are_struck_through_and_underlined():
    [change] = changes({"a.md": "số 113\n".encode()}, {"a.md": "số 114\n".encode()})
    found = "\n".join(told.whole(change, colour=True))
    assert "\x1b[31m\x1b[9m113\x1b[0m\x1b[32m\x1b[4m114\x1b[0m" in found


def test_the_list_names_every_course_with_its_revision(two):
    assert "mau" in two("list")
    assert "bản 2" in two("list")


def test_a_course_brought_along_is_a_draft_of_its_owner(lms):
    assert CliRunner().invoke(main, TRAINER).exit_code == 0
    assert "đã thành bản nháp, 0 lỗi" in lms("import", folder("a"), "--by", "dung@songlam.example")
    assert "bản —" in lms("list")
    assert "không đọc được khóa học" in lms("import", folder("b", {"course.md": "không có gì"}), code=1)


def test_a_course_published_by_command_is_given_an_owner(lms):
    lms("publish", folder("a"))
    assert "chưa có chủ" in CliRunner().invoke(main, ["doctor"]).output
    CliRunner().invoke(main, TRAINER)
    assert "Trần Văn Dũng là" in lms("member", "mau", "dung@songlam.example")
    assert "chưa có chủ" not in CliRunner().invoke(main, ["doctor"]).output
    assert "không có tài khoản" in lms("member", "mau", "ai@songlam.example", code=1)
