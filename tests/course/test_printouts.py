"""What is printed of a course, read from its text."""

import pytest

from lms.course.printouts import key_points


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("Một đoạn.", ""),
        ('!!! ghi-nho "Ghi nhớ"\n    - Một\n    - Hai\n\nHết.', "- Một\n- Hai"),
        ("!!! ghi-nho\n    - Một\n\n    Còn nữa.\n\n!!! luu-y\n    Không phải.\n", "- Một\n\nCòn nữa."),
        ("!!! ghi-nho\n    - Một\n\nGiữa.\n\n!!! ghi-nho\n\t- Hai\n", "- Một\n\n\n- Hai"),
        ("```\n!!! ghi-nho\n    - mã\n```\n", ""),
        ("!!! ghi-nhớ\n    - không", ""),
    ],
    ids=["none", "one", "until it ends", "several, with a tab", "code", "another word"],
)
def test_the_job_aid_holds_what_lessons_ask_to_be_remembered(text, points):
    assert key_points(text) == points
