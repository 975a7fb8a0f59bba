"""HTML of questions as Markdown: what it says is kept and shown, what it cannot say is named, and nothing is slow."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.course.markdown import render
from lms.interop.formats.html_text import Lost, markdown, plain_text


def written(html, **how):
    lost = Lost()
    return markdown(html, picture, lost, **how), lost.names


def picture(address, _said):
    return f"media/{address[15:]}" if "PLUGINFILE" in address else None


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("a", "a"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<p>a\n   b</p>", "a b"),
        ("<p>a<br>b<br/>c</p>", "a  \nb  \nc"),
        ("<p>a<br><br>b<br></p>", "a\n\nb"),
        ("<p>&nbsp;a &amp; b &lt;c&gt; &eacute;</p>", "\u00a0a & b <c> é"),
        ("<strong>a</strong> <b>b</b> <em>c</em> <i>d</i>", "**a** **b** *c* *d*"),
        ("<b> a </b>b<b></b>", "**a** b"),
        ("<b>a<b>b</b></b>", "a**b**"),
        ("<p><span style='color:red'>a</span> <font>b</font></p>", "a b"),
        ("<code>a*b</code> <kbd>`x`</kbd>", "`a*b` `` `x` ``"),
        ("<pre>if (a) {\n  b = `1`;\n}</pre>", "```\nif (a) {\n  b = `1`;\n}\n```"),
        ("<pre><code>```</code></pre>", "````\n```\n````"),
        ("<ul><li>a</li><li><b>b</b></li></ul>", " - a\n - **b**"),
        ("<p>x</p><ol><li>a<li>b<ul><li>c</ul></ol><p>y", "x\n\n 1. a\n 2. b\n      - c\n\ny"),
        ("<ul><li><p>a</p><p>b</p></li></ul>", " - a\n\n     b"),
        ("<table><tr><th>a</th><th>b|c</th></tr><tr><td>1<br>2</td></tr></table>", "| a | b\\|c |\n| --- | --- |\n| 1 2 |  |"),
        ("<table><tr><td>1</td><td>2</td></tr></table>", "|  |  |\n| --- | --- |\n| 1 | 2 |"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", " > a\n >\n > b"),
        ("<h2>Tên <b>x</b></h2>a", "**Tên x**\n\na"),
        ("a<hr>b", "a\n\n---\n\nb"),
        ("H<sub>2</sub>O, m<sup>2</sup>, 10<sup>-3</sup>", "H₂O, m², 10⁻³"),
        ("<del>a</del><s>b</s>", "~~a~~~~b~~"),
        ('<a href="https://a.vn/?x=(1)&amp;y=2">b [c]</a>', "[b \\[c\\]](https://a.vn/?x=%281%29&y=2)"),
        ('<a href="mailto:a@b.vn">a</a><a>b</a>', "[a](mailto:a@b.vn)b"),
        ('<img src="@@PLUGINFILE@@/a.png" alt="Sơ đồ [1]">', "![Sơ đồ \\[1\\]](media/a.png)"),
        ('<img src="@@PLUGINFILE@@/so-do.png">', "![so-do](media/so-do.png)"),
        ('<a href="@@PLUGINFILE@@/mau.docx">Mẫu</a>', "[Mẫu](media/mau.docx)"),
        ("<div>a<div>b</div>c</div>", "a\n\nb\n\nc"),
        ("<dl><dt>a</dt><dd>b</dd></dl>", "**a**\n\nb"),
        ("<!-- x -->a<!DOCTYPE y><?z?>b", "ab"),
        ("a < b and c <", "a < b and c <"),
        ("<p>a</p", "a</p"),
        ('<a href="x>y', '<a href="x>y'),
        ("</b></p>a</i>", "a"),
    ],
)  # fmt: skip
def test_markdown_says_what_the_html_says(html, expected):
    assert written(html)[0] == expected


@pytest.mark.parametrize(
    "text",
    [
        "# a", "#", "- a", "+ a", "* a", "1. a", "10) a", "> a", "a * b * c", "**a**", "_a_ a_b_c __d__ _____", "`a`", "[a](b)", "![a](b)",
        "[[a | b]]", "{{a}} {{ b }}", "[@nd331 Đ3]", "\\alpha \\\\ \\*", "&lt; &amp;nbsp; &", "~~a~~", "++ctrl+c++ C++ và C++", "<b>a</b>",
        "Đáp án: a", "Trả lời: tự luận", "Gợi ý: b", "!!! ghi-nho", "??? a", ": a", "---", "===", "_____", "| a | b |", "a -> b", "- [x] a",
        "https://a.vn/b_c?d=1", "[^1]: a", "Xem [^1]", "~~~", "```",
    ],
)  # fmt: skip
@pytest.mark.parametrize("how", ["html", "plain"])
def test_what_looks_like_markdown_is_only_shown(text, how):
    """Rendered as a lesson or question is, it is the text itself, alone in its paragraph."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    made = written(f"<p>{escaped}</p>")[0] if how == "html" else plain_text(text)
    shown = re.fullmatch(r"<p>(.*)</p>\s*", render(made), re.DOTALL)
    assert shown, (made, render(made))
    assert shown[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


@pytest.mark.parametrize(
    ("html", "expected", "names"),
    [
        ("<u>a</u>", "a", ["<u>"]),
        ("<script>alert(1)</script>a<style>b</style>", "a", ["<script>", "<style>"]),
        ("<iframe src='https://a.vn'></iframe>a", "a", ["<iframe>"]),
        ("<a href='javascript:alert(1)'>a</a>", "a", ["<a>"]),
        ("<img src='https://a.vn/b.png' alt='c'>", "[c](https://a.vn/b.png)", ["<img>"]),
        ("<img src='x.png'>a", "a", ["<img>"]),
        ("<video src='https://a.vn/b.mp4'></video>", "[b](https://a.vn/b.mp4)", ["<video>"]),
        ("<audio><source src='@@PLUGINFILE@@/b.mp3'></audio>", "[b](media/b.mp3)", ["<audio>"]),
        ("x<sup>ab</sup>", "x^(ab)", ["<sup>"]),
        ("<table><tr><td colspan=2>a</td></tr></table>", "|  |\n| --- |\n| a |", ["colspan, rowspan"]),
        (r"\(x^2\)", r"\\(x^2\\)", ["LaTeX"]),
    ],
)
def test_what_markdown_cannot_say_is_named(html, expected, names):
    assert written(html) == (expected, names)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a</p><p>b</p>", "a\nb"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<pre>a\n\n b</pre>", "`a`\n`b`"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a · b"),
        ("<blockquote>a</blockquote>", "a"),
        ("<p>&gt; a</p><p>- b</p>", "\\> a\n\\- b"),
    ],
)
def test_an_option_has_lines_only(html, expected):
    assert written(html, block=False)[0] == expected


def test_line_breaks_count_where_the_format_says_so():
    assert written("a\nb\n\nc <b>d</b>", lines_count=True)[0] == "a  \nb\n\nc **d**"
    assert written("<p>a</p>\n<p>b</p>\n", lines_count=True)[0] == "a\n\nb"


pieces = st.sampled_from([
    "<p>", "</p>", "<ul>", "<li>", "</ul>", "<ol>", "<table>", "<tr>", "<td>", "</table>", "<b>", "</b>", "<i>", "<br>", "<pre>", "</pre>",
    "<code>", "</code>", "<a href='https://a.vn'>", "</a>", "<img src='@@PLUGINFILE@@/a'>", "<blockquote>", "</blockquote>", "<h1>", "<sub>",
    "<script>", "</script>", "<!--", "-->", "<", ">", '"', "&", "&lt;", "# ", "- ", "1. ", "> ", "[", "]", "(", ")", "*", "_", "`", "\\", "|", "\n",
    " ", "a", "Đáp án: ", "[[", "{{a}}", "\ue002", "\0", "<div", "<p a='", "<SPAN/>",
])  # fmt: skip


@settings(deadline=None)
@given(st.lists(pieces, max_size=40).map("".join), st.booleans(), st.booleans())
def test_any_html_becomes_markdown_that_begins_no_answer(html, lines_count, block):
    made, _ = written(html, lines_count=lines_count, block=block)
    outside, fence = [], ""
    for line in made.split("\n"):
        mark = re.match(r" *(`{3,})", line)
        if mark and not fence:
            fence = mark[1]
        elif mark and line.strip() == fence:
            fence = ""
        elif not fence:
            outside.append(line)
    assert not [line for line in outside if re.match(r"#{1,6}[ \t]|[-*+] |\d{1,3}[.)] |>|Đáp án:", line)], made
    assert block or "\n\n" not in made
    assert "\ue002" not in made
    render(made)


@pytest.mark.parametrize(
    ("start", "piece", "end"),
    [
        ("", "<", ""), ("", "<a", ""), ("", '<a "', ""), ("", "<a href='", ""), ("", "<p>", ""), ("", "</p>", ""), ("", "<b>", ""), ("", "<b>a</b>", ""),
        ("", "<ul><li>", ""), ("", "<table><tr><td>", ""), ("", "<table><tr><td>a</td></tr></table>", ""), ("", "&amp;", ""), ("", "&", ""), ("", "<!--", ""),
        ("", "<!", ""), ("", "<script>", ""), ("", "a ", ""), ("", "*", ""), ("", "`", ""), ("<code>", "`", "</code>"), ("<pre>", "`\n", "</pre>"), ("", "\n", ""),
        ("", "<br>", ""), ("", "_a", ""), ("", "++a", ""), ("", "[", ""), ("<a ", "b=c ", ">"), ("<a ", "b=", ">"), ("<p>", "<br>a", "</p>"), ("", "<img src=x>", ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("block", [True, False])
def test_two_hundred_kilobytes_of_the_worst_take_no_time(start, piece, end, block):
    html = start + piece * (200_000 // len(piece)) + end
    begun = time.process_time()
    written(html, block=block, lines_count=True)
    assert time.process_time() - begun < 2
