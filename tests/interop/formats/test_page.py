"""Pages pasted from Word, Google Docs, Moodle and browsers: clean Markdown that shows the same words, every loss named."""

import html as entities
import re
import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lms.course.markdown import render
from lms.interop.formats.page import HTML_LIMIT, read_page

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
WORD = """Version:1.0
<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p {mso-style-parent:""}</style></head><body>
<!--StartFragment--><p class=MsoTitle>Quy trình<o:p></o:p></p>
<h2>Tiếp&nbsp;nhận</h2>
<!--[if gte vml 1]><v:shape/><![endif]--><![if !vml]><img src="file:///C:/Temp/clip_image001.png" alt="Sơ đồ"><![endif]>
<p class=MsoListParagraphCxSpFirst style='mso-list:l0 level1 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span><![endif]>Một</p>
<p class=MsoListParagraphCxSpMiddle style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>1.<span>&nbsp;</span></span>Hai</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·</span>Ba</p>
<p class=MsoNormal><b>Ghi</b><b> chú</b><a href="#_ftn1" name="_ftnref1"><sup>[1]</sup></a> ở <st1:place w:st="on">Huế</st1:place></p>
<div style='mso-element:footnote-list'><hr><div style='mso-element:footnote' id=ftn1><p class=MsoFootnoteText><a href="#_ftnref1" name="_ftn1">[1]</a> Điều 4.</p></div></div>
<!--EndFragment--></body></html>"""  # fmt: skip
GOOGLE = """<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-1"><h1 dir="ltr"><span style="font-weight:400">Mở đầu</span></h1>
<p dir="ltr"><span style="font-weight:700;color:#000000">Đậm</span><span style="font-style:italic"> nghiêng</span><span style="color:#ff0000">đỏ</span></p><br />
<ul><li dir="ltr" aria-level="1"><p role="presentation"><span>a</span></p></li><ul><li dir="ltr" aria-level="2"><p role="presentation"><span>b</span></p></li></ul></ul></b>"""  # fmt: skip
MOODLE = """<html><head><title>Sách: Chương 1</title></head><body><nav>Trang chủ</nav><div role="main"><div class="book_toc">Mục lục</div>
<div class="book_content"><h3>Chương 1</h3><p>Xem <a href="https://a.vn/x y">nguồn</a>.</p><table class="generaltable"><thead><tr><th>A</th><th>B</th></tr></thead>
<tbody><tr><td rowspan="2">1</td><td>x|y</td></tr><tr><td>2</td></tr></tbody></table><h5>Nhỏ</h5><p>Chữ</p></div></div><footer>Cuối</footer></body></html>"""  # fmt: skip
WIKIPEDIA = """<div class="mw-parser-output"><p><b>Tam Kỳ</b> là một thành phố.<sup id="cite_ref-1" class="reference"><a href="#cite_note-1">[1]</a></sup></p>
<h2><span>Lịch sử</span><span class="mw-editsection">[sửa]</span></h2><figure><a href="/wiki/T"><img src="//upload.a.org/t.jpg" alt="Bản đồ"></a><figcaption>Bản đồ cũ</figcaption></figure>
<ol class="references"><li id="cite_note-1"><span class="mw-cite-backlink"><b><a href="#cite_ref-1">^</a></b></span> <span>Niên giám</span></li></ol></div>"""  # fmt: skip


def shown(made):
    """The words of a rendered page, without marks of footnotes."""
    bare = re.sub(r'<sup id="fnref.*?</sup>|<a class="footnote-backref".*?</a>', "", made, flags=re.DOTALL)
    return "".join(entities.unescape(re.sub(r"<[^>]*>", "", bare)).split())


def said(page):
    return {problem.message.split("%")[0].strip()[:40] for problem in page.problems}


@pytest.mark.parametrize(
    ("html", "title", "expected"),
    [
        (
            WORD,
            "Quy trình",
            "## Tiếp nhận\n\n![Sơ đồ](media/so-do-XXXXXXXX.png)\n\n- Một\n    1. Hai\n- Ba\n\n**Ghi chú**[^1] ở Huế\n\n[^1]: Điều 4.\n",
        ),
        (GOOGLE, "Mở đầu", "**Đậm** *nghiêng*đỏ\n\n- a\n    - b\n"),
        (
            MOODLE,
            "Chương 1",
            "Xem [nguồn](https://a.vn/x%20y).\n\n| A | B |\n| --- | --- |\n| 1 | x\\|y |\n|  | 2 |\n\n## Nhỏ\n\nChữ\n",
        ),
        (
            WIKIPEDIA,
            "",
            "**Tam Kỳ** là một thành phố.[^1]\n\n## Lịch sử\n\n![Bản đồ](media/ban-do-XXXXXXXX.jpg)\n\n*Bản đồ cũ*\n\n[^1]: Niên giám\n",
        ),
    ],
)
def test_what_programs_hand_over_is_clean(html, title, expected):
    page = read_page(html, name="dán")
    assert re.sub(r"-[0-9a-f]{8}\.", "-XXXXXXXX.", page.markdown) == expected
    if title:
        assert page.title == title
    last = page.markdown.count("\n")
    assert all(problem.path == "dán" and 1 <= problem.line <= last and problem.text() for problem in page.problems)


@pytest.mark.parametrize(
    ("html", "message"),
    [
        ("a<script>alert(1)</script>", "scripts were left out"),
        ("<p>a<iframe src='https://a.vn/v'></iframe>", "what was embedded became a link"),
        ("a<input name=x>", "fields of a form"),
        ("a<img src='https://a.vn/x.png' alt=x>", "stands elsewhere (https://a.vn/x.png)"),
        ("a<img src='x.png' alt=x>", "did not come along"),
        (f"a<img src='data:image/png;base64,{PNG}'>", "has no description"),
        ("a<img alt=x src='data:image/svg+xml;base64,PHN2Zz4='>", "format that a browser cannot show"),
        ("<table><tr><td colspan=2>a<tr><td>b<td>c</table>", "merged cells"),
        ("<table><tr><td>a<br>b<td>c</table>", "several lines"),
        ("<span style='color:#f00'>a</span>", "colours"),
        ("<u>a</u>", "underlined"),
        ("<a href='javascript:x()'>a</a>", "start a program"),
        ("<a href='#x'>a</a>", "plain text"),
        ("<ol type=a><li>a</ol>", "letters"),
        ("<p>- a", "typed dash"),
        ("<svg><path></svg>a", "drawing"),
        (r"\(x\)", "LaTeX"),
        ("<nav>x</nav>a", "menus"),
        ("<div>" * 10_000 + "a", "very deep"),
        ("", "there is no text"),
        ("x" * 1_000_001, "too long"),
    ],
)
def test_every_loss_is_named(html, message):
    assert any(message in problem.text() for problem in read_page(html).problems)


def test_pictures_come_along_and_stay_themselves():
    page = read_page(f"<p><img alt='Sơ đồ' src='data:image/png;base64,{PNG}'></p>")
    ((path, data),) = page.pictures.items()
    assert re.fullmatch(r"media/so-do-[0-9a-f]{8}\.png", path)
    assert data.startswith(b"\x89PNG")
    assert page.markdown == f"![Sơ đồ]({path})\n"
    assert not page.problems


def test_levels_of_headings_begin_at_two_and_skip_none():
    page = read_page("<p>x</p><h3>a</h3><h6>b</h6><h4>c</h4><h1>d #</h1><h2>e</h2>")
    assert re.findall(r"^#.*", page.markdown, re.MULTILINE) == ["## a", "### b", "### c", "## d \\#", "### e"]


def test_letters_are_composed_and_spaces_plain():
    html = unicodedata.normalize("NFD", "<p>Tiếng\u00a0Việt\u200b</p>")
    assert read_page(html).markdown == "Tiếng Việt\n"


words = st.text(st.sampled_from("ab1 .*_`[]()#+-~|<>&!:={}\\@ếĐ^\"'"), min_size=1, max_size=8).map(entities.escape)
inline = st.recursive(
    words | st.just("<br>"),
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag.split()[0]}>",
        st.sampled_from(["b", "i", "strong", "em", "s", "span", "a href='https://a.vn/b_c'", "font color=red", "code"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)
block = st.recursive(
    st.builds(lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>", st.sampled_from(["p", "h2", "h4", "div", "pre"]), st.lists(inline, max_size=4)),
    lambda inner: st.one_of(
        st.builds(lambda tag, items: f"<{tag}>{''.join(f'<li>{item}</li>' for item in items)}</{tag}>", st.sampled_from(["ul", "ol"]), st.lists(inner, max_size=3)),
        st.builds(lambda parts: f"<blockquote>{''.join(parts)}</blockquote>", st.lists(inner, max_size=2)),
        st.builds(lambda cells: f"<table><tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr></table>", st.lists(inline, min_size=2, max_size=3)),
    ),
    max_leaves=6,
)  # fmt: skip


@settings(deadline=None, max_examples=400)
@given(st.lists(block, min_size=1, max_size=4).map("".join))
@example("<p>a<b>b</b><i>c</i><b><i>d</i></b></p>")
@example("<p><a href='https://a.vn/b_c'>@1</a></p>")
@example("<p><a href='https://a.vn/b_c'>^1</a></p>")
@example("<p><b><br></b><a href='https://a.vn/b_c'>]:</a></p>")
def test_the_lesson_shows_the_words_of_the_page(html):
    """Whatever looks like Markdown in it, and however it is nested."""
    page = read_page(html)
    expected = "".join(entities.unescape(re.sub(r"<[^>]*>", "", html)).split())
    if page.markdown:
        assert shown(entities.escape(page.title) + render(page.markdown)) == expected, page.markdown
    else:
        assert expected in {"", shown(entities.escape(page.title))}


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from([
    "<p>", "</p>", "<ul>", "<li>", "</ul>", "<ol start=9999>", "<table>", "<tr>", "<td rowspan=99 colspan=99>", "</table>", "<b>", "</b>", "<br>", "<pre>", "</pre>",
    "<a href='#a' id=b>", "<a href='#b' id=a>", "</a>", "<img src=x>", "<blockquote>", "</blockquote>", "<h1>", "<sup>", "<script>", "</script>", "<!--", "-->",
    "<p style='mso-list:l0 level9'><span style='mso-list:ignore'>a)</span>", "<li data-aria-level=3>", "<iframe src=//a.vn>", "<form onsubmit=x>", "<", "&#0;", "x", "\ud800", "\ue002",
]), max_size=40).map("".join))  # fmt: skip
def test_no_page_raises(html):
    page = read_page(html)
    render(page.markdown)
    assert page.markdown or any(problem.is_error for problem in page.problems)
    assert "<script" not in render(page.markdown)


@pytest.mark.parametrize(
    "piece",
    ["<p>a</p>", "<div>", "<b>", "<ul><li>", "<table><tr><td>", "<a href='#a' id=a>", "<p onclick='x()'><a href='javascript:x'>a</a>", "&amp;", "<", "<!--", "* ", "_a", "[", "<blockquote>", "<img src=x>"],
)  # fmt: skip
def test_five_megabytes_of_the_worst_end_soon(piece):
    begun = time.process_time()
    page = read_page(piece * (5_000_000 // len(piece)))
    assert page.problems or len(page.markdown) < 1_000_100
    assert time.process_time() - begun < 5


def test_a_page_beyond_the_limit_is_refused():
    assert [problem.is_error for problem in read_page("x" * (HTML_LIMIT + 1)).problems] == [True]
