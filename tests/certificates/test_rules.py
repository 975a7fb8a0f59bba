"""Numbers, codes, ratings, dates and names of files: what a certificate says, decided from plain values."""

from calendar import monthrange
from datetime import date
from decimal import Decimal
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.certificates.rules import (
    ALPHABET,
    BadCode,
    Facts,
    Rating,
    Status,
    file_name,
    folder,
    is_abbreviation,
    new_code,
    number,
    rating,
    read_code,
    register_number,
    score,
    short_date,
    status,
)  # fmt: skip
from lms.core.clock import add_months
from lms.core.text import long_date
from tests.certificates.facts import LONG, SAMPLES, SHORT

codes = st.integers(min_value=0).map(lambda seed: new_code(Random(seed)))
days = st.dates(date(1990, 1, 1), date(2100, 12, 31))


def test_a_number_has_four_digits_or_more_the_year_and_the_issuer():
    assert number(123, 2026, "SKHCN") == "0123/2026/GCN-SKHCN"
    assert number(12345, 2027, "UBND-HS") == "12345/2027/GCN-UBND-HS"
    assert register_number(7) == "0007"


def test_codes_have_no_symbol_that_is_read_as_another():
    assert len(set(ALPHABET)) == 32
    assert not set("0O1I") & set(ALPHABET)


@given(codes)
def test_a_code_is_three_groups_of_four_and_is_read_however_it_is_typed(code):
    assert [len(group) for group in code.split("-")] == [4, 4, 4]
    assert set(code) <= {*ALPHABET, "-"}
    for typed in (
        code,
        code.lower(),
        code.replace("-", ""),
        code.replace("-", " – "),
        f" https://x.example/xm/{code}/ ",
    ):
        assert read_code(typed) == code


@given(codes)
def test_one_wrong_symbol_is_always_noticed(code):
    for place, right in enumerate(code):
        for wrong in ALPHABET if right != "-" else "":
            if wrong != right:
                assert isinstance(read_code(code[:place] + wrong + code[place + 1 :]), BadCode)


@given(codes)
def test_two_symbols_that_changed_places_are_always_noticed_neighbours_or_not(code):
    symbols = code.replace("-", "")
    for one, other in combinations(range(12), 2):
        if symbols[one] != symbols[other]:
            swapped = list(symbols)
            swapped[one], swapped[other] = swapped[other], swapped[one]
            assert isinstance(read_code("".join(swapped)), BadCode)


@pytest.mark.parametrize(
    ("typed", "group"),
    [
        ("WMUC-G2A8-LVA0", 3),  # no code has a 0
        ("WMUC-GIA8-LVAS", 2),
        ("WMU-G2A8-LVAS", 1),
        ("WMUC-G2A8-LVASX", 3),
        ("WMUC-G2A8-LVAT", None),  # the check fails: nobody can tell where
        ("WMUCG2A8LVA", None),
        ("", None),
    ],
)
def test_whoever_mistypes_is_told_where_to_look(typed, group):
    assert read_code(typed) == BadCode(group)


@given(st.text())
def test_anything_may_be_typed_as_a_code(text):
    assert isinstance(read_code(text), str | BadCode)


@pytest.mark.parametrize(
    ("fraction", "printed", "name"),
    [
        (1.0, "10.0", Rating.EXCELLENT),
        (0.9, "9.0", Rating.EXCELLENT),
        (0.895, "9.0", Rating.EXCELLENT),  # rounded first, so that no printed 9,0 is called Giỏi
        (0.8949, "8.9", Rating.GOOD),
        (0.8, "8.0", Rating.GOOD),
        (0.7949, "7.9", Rating.FAIR),
        (0.7, "7.0", Rating.FAIR),
        (0.6949, "6.9", Rating.AVERAGE),
        (0.5, "5.0", Rating.AVERAGE),
        (0.4949, "4.9", Rating.COMPLETED),
        (0.0, "0.0", Rating.COMPLETED),
        (0.85, "8.5", Rating.GOOD),
        (2 / 3, "6.7", Rating.AVERAGE),
    ],
)
def test_ratings_begin_at_the_printed_score(fraction, printed, name):
    assert str(score(fraction)) == printed
    assert rating(fraction) == name


def test_what_is_not_graded_is_completed():
    assert rating(None) == Rating.COMPLETED


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2026, 2, 5), "ngày 05 tháng 02 năm 2026"),
        (date(2026, 1, 31), "ngày 31 tháng 01 năm 2026"),
        (date(2026, 3, 5), "ngày 05 tháng 3 năm 2026"),
        (date(2026, 9, 9), "ngày 09 tháng 9 năm 2026"),
        (date(2026, 12, 20), "ngày 20 tháng 12 năm 2026"),
    ],
)
def test_long_dates_have_a_zero_before_small_days_and_the_first_two_months_only(day, written):
    assert long_date(day) == written


def test_short_dates_have_all_zeros():
    assert short_date(date(2026, 3, 5)) == "05/03/2026"


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 12, 20), 24, date(2028, 12, 20)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
    ],
)
def test_months_end_where_a_month_is_too_short(day, months, then):
    assert add_months(day, months) == then


@given(days, st.integers(0, 600))
def test_so_many_months_on_is_the_same_day_or_the_last_of_the_month(day, months):
    then = add_months(day, months)
    assert (then.year - day.year) * 12 + then.month - day.month == months
    assert then.day == min(day.day, monthrange(then.year, then.month)[1])


@pytest.mark.parametrize(
    ("revoked", "replaced", "expires_on", "expected"),
    [
        (False, False, None, Status.VALID),
        (False, False, date(2026, 12, 20), Status.VALID),  # the last day still counts
        (False, False, date(2026, 12, 19), Status.EXPIRED),
        (False, True, date(2026, 12, 19), Status.REPLACED),
        (True, True, date(2026, 12, 19), Status.REVOKED),
    ],
)
def test_what_holds_today(revoked, replaced, expires_on, expected):
    found = status(is_revoked=revoked, is_replaced=replaced, expires_on=expires_on, today=date(2026, 12, 20))
    assert found == expected


@pytest.mark.parametrize(
    ("number", "holder", "name"),
    [
        ("0123/2026/GCN-SKHCN", "Nguyễn Văn Đức", "0123_Nguyen-Van-Duc.pdf"),
        ("0007/2026/GCN-SKHCN", "Y Krŏng Bh'riu  Ƀuôn", "0007_Y-Krong-Bh-riu-Buon.pdf"),
        ("12345/2026/GCN-X", "../../etc/passwd", "12345_etc-passwd.pdf"),
        ("0001/2026/GCN-X", "王", "0001.pdf"),
    ],
)
def test_files_are_named_in_ascii(number, holder, name):
    assert file_name(number, holder) == name


@given(st.text(), st.text())
def test_no_name_makes_a_path(number, holder):
    made = file_name(number, holder) + folder(holder, 2026)
    assert made.isascii()
    assert not set(made) & set('/\\:*?"<>| \n\0')


def test_folders_are_the_issuer_and_the_year():
    assert folder("TTCĐS-ĐN", 2026) == "TTCDS-DN-2026"


@pytest.mark.parametrize("text", ["SKHCN", "UBND-HS", "TTCĐS", "VP3"])
def test_abbreviations_are_letters_and_digits_in_groups(text):
    assert is_abbreviation(text)


@pytest.mark.parametrize("text", ["", "SKH CN", "SKHCN/", "-SKHCN", "A--B", "A_B", "SKHCN\n"])
def test_other_abbreviations_are_refused(text):
    assert not is_abbreviation(text)


@pytest.mark.parametrize("facts", SAMPLES.values(), ids=SAMPLES)
def test_facts_come_back_from_json_as_they_were(facts):
    assert Facts.from_json(facts.to_json()) == facts


def test_facts_keep_their_kinds_through_json():
    assert Facts.from_json(LONG.to_json()).hours == Decimal("40.5")
    assert Facts.from_json(SHORT.to_json()).expires_on is None
