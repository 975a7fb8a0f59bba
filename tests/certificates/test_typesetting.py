"""Lines that fit, and are never cut."""

from itertools import pairwise

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from lms.certificates.typesetting import FONTS, face, fit
from tests.certificates.facts import OTHER_LETTERS, VIETNAMESE

STEPS = ((14, 1), (14, 2), (12, 2), (10, 3), (7, 3))
REGULAR = face("Regular")
texts = st.text(st.sampled_from("aăâđêôơưƯỄỘm ,-–.iIWW"), max_size=400)


def test_a_short_text_is_one_line_at_the_largest_size():
    assert fit("Nguyễn Thị An", REGULAR, 100, STEPS) == fit(" Nguyễn   Thị An ", REGULAR, 100, STEPS)
    assert (fit("Nguyễn Thị An", REGULAR, 100, STEPS).lines, fit("", REGULAR, 100, STEPS).lines) == (
        ("Nguyễn Thị An",),
        (),
    )


def test_two_lines_are_even_and_rather_end_after_a_comma():
    assert fit("một hai ba bốn năm sáu bảy tám", REGULAR, 50, STEPS).lines == ("một hai ba bốn", "năm sáu bảy tám")
    at_the_comma = fit("Phòng Văn hóa - Xã hội, UBND phường Hoa Sữa Đông", REGULAR, 80, STEPS)
    assert at_the_comma.lines == ("Phòng Văn hóa - Xã hội,", "UBND phường Hoa Sữa Đông")


def test_a_dash_does_not_begin_a_line():
    for width in range(20, 120):
        assert not any(line.startswith("-") for line in fit("Văn hóa - Xã hội - Thể thao", REGULAR, width, STEPS).lines)


def test_the_ending_stays_with_the_last_word():
    for width in range(40, 160):
        assert (
            fit("Giám đốc Sở Khoa học", REGULAR, width, STEPS, ending=" chứng nhận").lines[-1].endswith(" chứng nhận")
        )


@given(texts, st.integers(10, 250))
def test_nothing_is_lost_and_no_line_is_wider_than_its_room(text, width):
    setting = fit(text, REGULAR, width, STEPS)
    assert "".join(setting.lines).replace(" ", "") == "".join(text.split())
    assert all(REGULAR.width(line, setting.size) <= width + 1e-6 for line in setting.lines)
    most = dict(STEPS)[setting.size]
    if len(setting.lines) > most:  # past the last step
        assert setting.size == STEPS[-1][0]


@given(texts)
def test_more_room_never_makes_letters_smaller(text):
    sizes = [fit(text, REGULAR, width, STEPS).size for width in range(30, 250, 20)]
    assert all(narrow <= wide for narrow, wide in pairwise(sizes))


@pytest.mark.parametrize("style", ["Regular", "Bold", "Italic"])
def test_each_font_has_every_letter(style):
    assert len(VIETNAMESE) == 134
    with TTFont(FONTS / f"Tinos-{style}.ttf") as font:
        known = font.getBestCmap()
    needed = {*map(ord, VIETNAMESE), *map(ord, OTHER_LETTERS), *range(0x20, 0x7F), *range(0xA0, 0x100)}
    assert sorted(chr(code) for code in needed - known.keys()) == []
