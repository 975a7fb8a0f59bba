"""What can be printed of a course, read from its text."""

import pytest

from lms.course.printouts import has_key_points


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ("Một đoạn.", False),
        ('!!! ghi-nho "Ghi nhớ"\n    - Một\n', True),
        ("Trước.\n\n!!!Ghi-nho\n    - Một\n", True),
        ("- Mục\n\n    !!! ghi-nho\n        - Một\n", True),
        ("!!! luu-y\n    - Một\n", False),
        ("Viết !!! ghi-nho ở đầu dòng.", False),
        ("!!! ghi-nhoa\n    - không", False),
    ],
    ids=["none", "one", "as people type it", "in a list", "another", "in a line", "another word"],
)
def test_there_is_a_job_aid_where_lessons_ask_to_be_remembered(text, has):
    assert has_key_points(text) is has
