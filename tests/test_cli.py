"""The lms command: what it answers to what cannot be, in one sentence and with which code; and that the docs name it all."""

import socket
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from lms.cli import main
from lms.settings import ROOT, BadSetting, Settings, load

Lms = Callable[..., Result]


@pytest.fixture
def lms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lms:
    """Runs the command on an installation of its own."""
    monkeypatch.setenv("LMS_INSTANCE", str(tmp_path / "instance"))
    return lambda *words: CliRunner().invoke(main, words)


@pytest.fixture
def installed(lms: Lms) -> Lms:
    assert lms("setup").exit_code == 0
    return lms


def test_before_set_up_every_command_says_so(lms, tmp_path):
    for words in (
        ("serve",),
        ("work",),
        ("doctor",),
        ("backup", str(tmp_path / "b.zip")),
        ("users", "create", "--name", "Lê An", "--email", "an@songlam.example"),
        ("users", "reset-password", "an@songlam.example"),
        ("course", "list"),
        ("course", "publish", str(ROOT / "tests" / "samples" / "ung-cuu-su-co")),
    ):
        result = lms(*words)
        assert result.exit_code == 1, words
        assert "chạy “lms setup” trước" in result.output, words
    assert not (tmp_path / "b.zip").exists()


def test_setting_up_twice_keeps_the_first_administrator(installed):
    again = installed("setup")
    assert again.exit_code == 0
    assert "giữ nguyên" in again.output
    assert "Mật khẩu" not in again.output
    assert installed("doctor").exit_code == 0


def test_a_taken_port_is_said_before_anything_starts(installed):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        result = installed("serve", "--port", str(other.getsockname()[1]))
    assert result.exit_code == 1
    assert "đang có chương trình khác dùng" in result.output


@pytest.mark.parametrize(
    ("words", "code", "answer"),
    [
        (("--email", "an@songlam.example"), 0, "Đã tạo tài khoản an@songlam.example (Lê An)"),
        (("--phone", "0905 123 456"), 0, "+84905123456"),
        ((), 1, "một trong hai là tên đăng nhập"),
        (("--email", "không phải"), 1, "Thư điện tử chưa đúng"),
        (("--phone", "113"), 1, "Số điện thoại có 10 chữ số"),
        (("--email", "an@songlam.example", "--password", "ngắn"), 2, "ít nhất 14 ký tự"),
        (("--email", "an@songlam.example", "--by", "ai@songlam.example"), 1, "--by: không có tài khoản"),
        (("--email", "quantri@songlam.example", "--staff-code", "CB1"), 1, "Mã cán bộ này đã có tài khoản khác dùng"),
    ],
)
def test_accounts_are_made_usable_or_not_at_all(installed, words, code, answer):
    assert (
        installed("users", "create", "--name", "Bùi Lan", "--phone", "0905000111", "--staff-code", "CB1").exit_code == 0
    )
    result = installed("users", "create", "--name", " Lê  An ", *words)
    assert (result.exit_code, answer in result.output) == (code, True), result.output
    if code:
        assert installed("users", "reset-password", "an@songlam.example").exit_code == 1


def test_a_name_of_spaces_is_none(installed):
    assert installed("users", "create", "--name", "  ", "--email", "an@songlam.example").exit_code == 2


def test_a_restore_that_is_refused_says_why(installed, tmp_path):
    file = tmp_path / "b.zip"
    assert installed("backup", str(file)).exit_code == 0
    full = installed("restore", str(file))
    assert (full.exit_code, "không trống" in full.output) == (1, True)
    file.write_bytes(b"PK")
    assert installed("restore", str(file)).exit_code == 1
    assert installed("restore", str(tmp_path / "none.zip")).exit_code == 2


def test_a_folder_that_cannot_be_used_is_named(lms, tmp_path):
    (tmp_path / "instance").write_text("a file")
    result = lms("doctor")
    assert (result.exit_code, str(tmp_path / "instance") in result.output) == (1, True)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("colour = 1", "không có thiết lập “colour”"),
        ("demo = 'có'", "demo: “có” phải là true hoặc false"),
        ("upload_mib = 0", "upload_mib: phải từ 1 trở lên"),
        ("session_minutes = 'lâu'", "session_minutes: “lâu” phải là số nguyên"),
        ("database_url = 'postgresql://db/x'", "postgresql+psycopg://"),
        ("base_url = 'hoc.example.gov.vn'", "https://"),
        ("site_name =", "không đọc được"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(tmp_path, text, answer):
    (tmp_path / "settings.toml").write_text(text, "utf-8")
    with pytest.raises(BadSetting) as refusal:
        load({"LMS_INSTANCE": str(tmp_path)})
    assert answer in str(refusal.value)


def test_a_file_from_notepad_is_read_and_variables_win(tmp_path):
    (tmp_path / "settings.toml").write_text('\ufeffsite_name = "Lớp học"\nupload_mib = 5\n', "utf-8")
    settings = load({"LMS_INSTANCE": str(tmp_path), "LMS_UPLOAD_MIB": "7"})
    assert (settings.site_name, settings.upload_mib) == ("Lớp học", 7)


def test_the_page_for_operators_names_every_setting_and_command():
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    names = [field.name for field in fields(Settings) if field.name != "instance"]
    for name, command in main.commands.items():
        parts = list(command.commands) if isinstance(command, click.Group) else []
        names += [name, *parts]
    assert [name for name in names if name not in page] == []


def test_the_page_for_operators_names_only_files_that_exist():
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    named = [word.strip("*`();,") for word in page.split() if word.startswith("/opt/tam-ky/deploy/")]
    assert len(named) == 2
    assert [name for name in named if not (ROOT / name.removeprefix("/opt/tam-ky/")).exists()] == []
