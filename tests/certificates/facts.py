"""Facts for certificates that nobody holds: three that are drawn and compared word by word, and one beyond all measure."""

import unicodedata
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from lms.certificates.rules import Facts

SHORT = Facts(
    issuer_parent="",
    issuer_name="Trường Chính trị",
    issuer_abbreviation="TCT",
    place="Sông Lam",
    signer_name="Lê Na",
    signer_capacity="HIỆU TRƯỞNG",
    holder_name="Y Ý",
    birth_date=None,
    position="",
    unit_name="UBND xã Tân Lập",
    course_title="An toàn thông tin",
    started_on=date(2026, 3, 5),
    finished_on=date(2026, 3, 5),
    hours=None,
    fraction=None,
    rating="Hoàn thành",
    number="0001/2026/GCN-TCT",
    register_number="0001",
    code="WMUC-G2A8-LVAS",
    issued_on=date(2026, 3, 5),
    expires_on=None,
)
"""Ungraded, for ever, nothing that may be left out."""

USUAL = Facts(
    issuer_parent="Ủy ban nhân dân tỉnh Sông Lam",
    issuer_name="Sở Khoa học và Công nghệ",
    issuer_abbreviation="SKHCN",
    place="Sông Lam",
    signer_name="Phạm Văn Khánh",
    signer_capacity="GIÁM ĐỐC",
    holder_name="Nguyễn Văn Đức",
    birth_date=date(1985, 2, 5),
    position="Chuyên viên",
    unit_name="Phòng Văn hóa - Xã hội, UBND phường Hoa Sữa",
    course_title="Ứng cứu sự cố an toàn thông tin mạng",
    started_on=date(2026, 12, 1),
    finished_on=date(2026, 12, 15),
    hours=Decimal(16),
    fraction=0.85,
    rating="Giỏi",
    number="0123/2026/GCN-SKHCN",
    register_number="0123",
    code="7K3Q-9FDM-2XTB",
    issued_on=date(2026, 12, 20),
    expires_on=date(2028, 12, 20),
)
"""Graded, with an expiry."""

LONG = replace(
    USUAL,
    issuer_parent="Ủy ban nhân dân thành phố trực thuộc trung ương Sông Lam Thượng",
    issuer_name="Trung tâm Giám sát, điều hành đô thị thông minh và Ứng cứu sự cố an toàn thông tin mạng",
    issuer_abbreviation="TTGSĐHĐTTM-ƯCSC",
    place="Thành phố Sông Lam Thượng",
    signer_name="Hoàng Phủ Ngọc Tường Vy",
    signer_capacity="KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC",
    holder_name="Công Tằng Tôn Nữ Hoàng Nguyễn Thị Phương Quỳnh Trân Châu Diễm Khuê",
    position="Phó Trưởng phòng phụ trách chuyển đổi số, kiêm Đội trưởng Đội ứng cứu sự cố",
    unit_name=(
        "Phòng Quản lý hạ tầng số, dữ liệu dùng chung và giám sát an toàn thông tin, Trung tâm Chuyển đổi số và Phục vụ "
        "hành chính công, UBND phường Nguyễn Thị Minh Khai Đông Hưng"
    ),
    course_title=(
        "Ứng cứu sự cố an toàn thông tin mạng và khôi phục hoạt động của hệ thống thông tin dùng chung cấp tỉnh, cấp xã "
        "dành cho công chức, viên chức phụ trách công nghệ thông tin"
    ),
    hours=Decimal("40.5"),
    number="0123/2026/GCN-TTGSĐHĐTTM-ƯCSC",
)
"""Every text long; a deputy signs."""

EXTREME = replace(
    LONG,
    issuer_parent=" ".join(["Ủy ban nhân dân thành phố trực thuộc trung ương"] * 4),
    issuer_name=" ".join(["Trung tâm Giám sát điều hành đô thị thông minh và Ứng cứu sự cố"] * 3),
    place="Đặc khu hành chính quần đảo Sông Lam Thượng và các đảo phụ cận thuộc thành phố Sông Lam Thượng",
    signer_name=" ".join(["Nguyễn Phúc Bảo"] * 6),
    signer_capacity=(
        "TUQ. CHỦ TỊCH ỦY BAN NHÂN DÂN THÀNH PHỐ SÔNG LAM THƯỢNG\nKT. GIÁM ĐỐC TRUNG TÂM\n"
        "PHÓ GIÁM ĐỐC PHỤ TRÁCH CHUYÊN MÔN VÀ ĐÀO TẠO, BỒI DƯỠNG CÔNG CHỨC"
    ),
    holder_name=" ".join(["Công Tằng Tôn Nữ"] * 11),
    unit_name=f"{LONG.unit_name}, {LONG.unit_name}",
    course_title=f"{LONG.course_title} {LONG.course_title}",
    number="0123/2026/GCN-" + "W" * 40,
)
"""As long as the forms let anybody type."""

SAMPLES = {"short": SHORT, "usual": USUAL, "long": LONG, "extreme": EXTREME}

_WITH_TONES = [
    unicodedata.normalize("NFC", vowel + tone) for vowel in "aăâeêioôơuưy" for tone in "\u0300\u0301\u0303\u0309\u0323"
]
VIETNAMESE = "".join(letter + letter.upper() for letter in (*_WITH_TONES, *"ăâđêôơư"))
"""All 134 letters that ASCII does not have: twelve vowels with five tones each, seven more with a mark, small and capital."""
OTHER_LETTERS = "ƀɃčČĕĔĭĬŏŎŭŬñÑfjwzFJWZ'’ʼ-–—“”…,.;:/()&№₫\u0306\u0302\u031b\u0323"
"""Of names in minority languages (Ê Đê, Gia Rai, Ba Na, Mnông, Cơ Tu), and of titles."""


def usual(**changes: Any) -> Facts:
    """The usual facts with some of them changed."""
    return replace(USUAL, **changes)


def verify_url(facts: Facts) -> str:
    """The public page of a certificate, on a server that there is not."""
    return f"https://daotao.songlam.example/xm/{facts.code}"
