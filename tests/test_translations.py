"""Words: every message of the code in Vietnamese, with its values; English is the code's own and complete by itself."""

import re
import subprocess
import sys

import pytest
from babel.messages.pofile import read_po

from lms.app import create_app
from lms.core.i18n import LOCALES
from lms.settings import ROOT, Settings

CATALOGUES = sorted((ROOT / "lms" / "translations").glob("*/LC_MESSAGES/messages.po"))
KEYWORDS = ("_", "_l", "N_", "gettext", "ngettext:1,2")
PLACE = re.compile(r"%\((\w+)\)[a-z]")
VIETNAMESE = re.compile(r"[àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]", re.IGNORECASE)
# English messages quote the words of the course format and give examples; these names stand outside both.
NAMES = ("Tiếng Việt", "phường Hoa Sữa", "PHÓ GIÁM ĐỐC", "GIÁM ĐỐC", "tỉnh Sông Lam")


def catalogue(path):
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def strings(message):
    """The translations of a message: one, or one for each plural form."""
    return message.string if isinstance(message.string, tuple) else (message.string,)


def test_every_language_but_the_codes_own_has_a_catalogue():
    assert {path.parts[-3] for path in CATALOGUES} == set(LOCALES) - {"en"}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_every_message_of_the_code_is_translated(path, tmp_path):
    pot = tmp_path / "messages.pot"
    arguments = [word for keyword in KEYWORDS for word in ("--keyword", keyword)]
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "--mapping", "pyproject.toml"]
    command += ["--no-default-keywords", *arguments, "--output-file", str(pot), "."]
    subprocess.run(command, cwd=ROOT, check=True)
    with pot.open("rb") as file:
        wanted = {message.id for message in read_po(file) if message.id}
    found = {message.id for message in catalogue(path) if message.id}
    assert found - wanted == set(), "gone from the code: make translate"
    assert wanted - found == set(), "new in the code: make translate"


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_every_translation_is_finished_and_has_the_same_values(path):
    for message in catalogue(path):
        if not message.id:
            continue
        assert not message.fuzzy, message.id
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        for text in strings(message):
            assert text, message.id
            assert text.strip() == text or ids[-1].strip() != ids[-1], message.id
            assert set(PLACE.findall(text)) == set(PLACE.findall(ids[-1])), message.id
            if "python-format" in message.flags:
                values = dict.fromkeys(PLACE.findall(ids[-1]), 1)
                assert text.count("%s") == ids[-1].count("%s"), message.id
                filled = text.replace("%s", "") % values  # raises when the translation cannot be filled in
                assert "%(" not in filled
    assert catalogue(path).num_plurals == 1


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_the_codes_own_words_are_english(path):
    for message in catalogue(path):
        for text in message.id if isinstance(message.id, tuple) else (message.id,):
            words = re.sub(r"(?i)for example.*|“[^”]*”", "", text)
            assert not VIETNAMESE.search(re.sub("|".join(NAMES), "", words)), message.id


def test_whoever_chose_english_reads_english_only(tmp_path):
    """Every page that needs no account, and what refuses: no Vietnamese word but the name of the language."""
    app = create_app(Settings(instance=tmp_path, site_name="Learning", administration="Province", support="Call 1"))
    browser = app.test_client()
    browser.set_cookie("locale", "en")
    for path in ("/dang-nhap", "/tro-giup", "/xac-minh", "/xac-minh?ma=x", "/khong-co"):
        text = re.sub(r"<[^>]*>", " ", browser.get(path).text).replace("Tiếng Việt", "")
        assert not VIETNAMESE.search(text), (path, VIETNAMESE.search(text))
    refused = browser.post("/dang-nhap")
    assert "Go back" in refused.text
    browser.set_cookie("locale", "vi")
    assert "Đăng nhập" in browser.get("/dang-nhap").text
