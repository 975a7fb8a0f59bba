"""Rendering: what trainers expect from Markdown, and nothing that can do harm."""

import re

import pytest

from lms.course.markdown import fill, render

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](javascript:alert(1))",
    "![x](https://evil.example/x.png)",
    "[x]: javascript:alert(1)\n\n[x]",
    "<svg/onload=alert(1)>",
    "[x](//evil.example)",
    '!!! ghi-nho "<img src=x onerror=alert(1)>"\n    x',
    "`<script>alert(1)</script>`",
    "{{ <script>alert(1)</script> }}",
    '[a](x" onclick="alert(1))',
    "<a href='vbscript:x'>x</a>",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_come_out_harmless(attack):
    html = render(attack)
    tags = "".join(re.findall(r"<[^>]*>", html)).lower()
    for danger in (
        "<script",
        "<svg",
        "onerror",
        "onload",
        "onclick",
        "javascript:",
        "vbscript:",
        "data:",
        "evil.example",
    ):
        assert danger not in tags, html


def test_a_list_may_follow_a_line_at_once_and_nest_by_two_spaces():
    html = render("Ba việc:\n- một\n  - nhỏ\n- hai")
    assert html.count("<ul>") == 2
    assert "<p>Ba việc:</p>" in html


def test_local_values_are_escaped_and_missing_ones_shown():
    html = render("Gọi {{sdt}} hoặc {{khac}}.")
    filled = fill(html, {"sdt": "<b>1</b>"}, "chưa điền")
    assert "&lt;b&gt;1&lt;/b&gt;" in filled
    assert "chưa điền: khac" in filled
