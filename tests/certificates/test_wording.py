"""The sentences of the certificate."""

from datetime import date
from decimal import Decimal

import pytest

from lms.certificates import wording
from tests.certificates.facts import usual


@pytest.mark.parametrize(
    ("capacity", "issuer", "parent", "sentence"),
    [
        ("GIÁM ĐỐC", "Sở Y tế", "Ủy ban nhân dân thành phố Sông Lam", "GIÁM ĐỐC SỞ Y TẾ THÀNH PHỐ SÔNG LAM"),
        ("GIÁM ĐỐC", "Sở Y tế tỉnh Sông Lam", "UBND tỉnh Sông Lam", "GIÁM ĐỐC SỞ Y TẾ TỈNH SÔNG LAM"),
        ("GIÁM ĐỐC", "Trung tâm Chuyển đổi số", "Sở Khoa học và Công nghệ", "GIÁM ĐỐC TRUNG TÂM CHUYỂN ĐỔI SỐ"),
        ("KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC", "Sở Y tế", "", "GIÁM ĐỐC SỞ Y TẾ"),
        ("kt.giám đốc", "Sở Y tế", "", "GIÁM ĐỐC SỞ Y TẾ"),
        ("TUQ. GIÁM ĐỐC\nCHÁNH VĂN PHÒNG", "Sở Y tế", "", "GIÁM ĐỐC SỞ Y TẾ"),
        ("TL. CHỦ TỊCH\nCHÁNH VĂN PHÒNG", "Ủy ban nhân dân xã Tân Lập", "", "CHỦ TỊCH ỦY BAN NHÂN DÂN XÃ TÂN LẬP"),
        ("TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH", "Ủy ban nhân dân xã Tân Lập", "", "ỦY BAN NHÂN DÂN XÃ TÂN LẬP"),
        ("Q. GIÁM ĐỐC", "Sở Y tế", "", "QUYỀN GIÁM ĐỐC SỞ Y TẾ"),
        ("Hiệu trưởng", "Trường Chính trị", "", "HIỆU TRƯỞNG TRƯỜNG CHÍNH TRỊ"),
    ],
)
def test_the_head_certifies_whoever_signs(capacity, issuer, parent, sentence):
    facts = usual(signer_capacity=capacity, issuer_name=issuer, issuer_parent=parent)
    assert wording.certifier(facts) == sentence


@pytest.mark.parametrize(
    ("first", "last", "hours", "written"),
    [
        (1, 15, Decimal(16), "từ ngày 01/12/2026 đến ngày 15/12/2026 (16 tiết)"),
        (1, 15, Decimal("2.50"), "từ ngày 01/12/2026 đến ngày 15/12/2026 (2,5 tiết)"),
        (1, 15, Decimal(100), "từ ngày 01/12/2026 đến ngày 15/12/2026 (100 tiết)"),
        (1, 1, None, "ngày 01/12/2026"),
    ],
)
def test_the_time_is_a_day_or_two_days_and_hours_if_known(first, last, hours, written):
    facts = usual(started_on=date(2026, 12, first), finished_on=date(2026, 12, last), hours=hours)
    assert wording.period(facts) == written


@pytest.mark.parametrize(
    ("fraction", "rating", "line"),
    [
        (0.85, "Giỏi", ("Xếp loại", "Giỏi (8,5 điểm)")),
        (1.0, "Xuất sắc", ("Xếp loại", "Xuất sắc (10,0 điểm)")),
        (None, "Hoàn thành", ("Kết quả", "Hoàn thành")),
        (0.4, "Hoàn thành", ("Kết quả", "Hoàn thành")),
    ],
)
def test_only_what_is_graded_has_a_rating(fraction, rating, line):
    assert wording.result(usual(fraction=fraction, rating=rating)) == line


@pytest.mark.parametrize(
    ("position", "unit", "line"),
    [
        ("Chuyên viên", "Sở Y tế", ("Chức vụ, đơn vị", "Chuyên viên, Sở Y tế")),
        ("", "Sở Y tế", ("Đơn vị", "Sở Y tế")),
        ("Chuyên viên", "", ("Chức vụ", "Chuyên viên")),
        ("", "", ("", "")),
    ],
)
def test_position_and_unit_are_named_as_far_as_they_are_known(position, unit, line):
    assert wording.post(usual(position=position, unit_name=unit)) == line
