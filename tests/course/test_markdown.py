"""Rendering: what trainers expect from Markdown, and nothing that can do harm."""

import html as entities
import unicodedata
from datetime import date
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.course.document import Reference
from lms.course.markdown import ATTRIBUTES, TAGS, fill, render, render_inline

FILES = {"media/so-do.svg": "/tep/abc/so-do.svg", "media/anh.png": "/tep/def/anh.png"}
ITEMS = {"bai/hai.md": "/khoa-hoc/mau/hai"}

# Each is tried as it stands, after text, in a list, a quotation, a table, a callout, a heading and a link's text.
ATTACKS = [
    "<script>alert(1)</script>",
    "<ScRiPt\n>alert(1)</sCrIpT >",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s></svg>",
    "<svg><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "<math><mi xlink:href='data:x,<script>alert(1)</script>'>x</mi></math>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='data:text/html,<script>alert(1)</script>'></object>",
    "<style>*{background:url(javascript:alert(1))}</style>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<form action='https://evil.example'><button>x</button></form>",
    "<a href='vbscript:x' onclick=alert(1)>x</a>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?php echo '<script>alert(1)</script>' ?>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](  javascript:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](java\u200bscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;&#x61;vascript&colon;alert(1))",
    "[x](javascript&#58;alert(1))",
    "[x](java&Tab;script:alert(1))",
    "[x](java&NewLine;script:alert(1))",
    "[x](javascript%3Aalert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](data:image/svg+xml,<svg onload=alert(1)>)",
    "[x](//evil.example)",
    "[x](\\\\evil.example)",
    "[x](/\\evil.example)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://evil.example/1)",
    "[x](filesystem:https://evil.example/1)",
    "[x]: javascript:alert(1)\n\n[x]",
    "[x]: java&#115;cript:alert(1) 'x'\n\n[y][x]",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    "![x](https://evil.example/x.png)",
    "![x](//evil.example/x.png)",
    "![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+)",
    '![x" onerror="alert(1)](media/anh.png)',
    '![x](media/anh.png" onerror="alert(1))',
    "![x](media/anh.png '\" onerror=\"alert(1)')",
    "![<img src=x onerror=alert(1)>](media/anh.png)",
    '![x](media/anh.png "<script>alert(1)</script>")',
    '[a](x" onclick="alert(1))',
    "[a](hai.md '\"><script>alert(1)</script>')",
    "[<img src=x onerror=alert(1)>](hai.md)",
    '!!! ghi-nho "<img src=x onerror=alert(1)>"\n    x',
    '!!! "><script>alert(1)</script>" "x"\n    x',
    '??? luu-y "<svg onload=alert(1)>"\n    x',
    "`<script>alert(1)</script>`",
    "```<script>alert(1)</script>\nx\n```",
    "```html onload=alert(1)\n<script>alert(1)</script>\n```",
    "```{.x onclick=alert(1)}\nx\n```",
    "x {: onclick=alert(1) }",
    "# x {: onclick=alert(1) style=x }",
    "{{ <script>alert(1)</script> }}",
    '{{a}}{{"onclick=alert(1)}}',
    "[@nd1 <script>alert(1)</script>]",
    '[@nd1 " onclick="alert(1)]',
    "[@khong-co <img src=x onerror=alert(1)>]",
    "x[^1]\n\n[^1]: <script>alert(1)</script>",
    'x[^"><script>alert(1)</script>]\n\n[^"><script>alert(1)</script>]: y',
    "*[HTML]: <script>alert(1)</script>\n\nHTML",
    "<script>alert(1)</script>\n:   <img src=x onerror=alert(1)>",
    "| <script>alert(1)</script> | x |\n|---|---|\n| <img src=x onerror=alert(1)> | y |",
    "- [ ] <script>alert(1)</script>",
    "++ctrl+<script>alert(1)</script>++",
    "~~<script>alert(1)</script>~~",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "＜script＞alert(1)＜/script＞",
    "\x02klzzwxh:0000\x03 <script>alert(1)</script>",
    "<<script>script>alert(1)<</script>/script>",
    "<a\x00href='javascript:alert(1)'>x</a>",
]  # fmt: skip
PLACES = {
    "alone": "{}",
    "after text": "Một đoạn. {}",
    "in a list": "- {}",
    "in a quotation": "> {}",
    "in a cell": "| a | b |\n|---|---|\n| {} | x |",
    "in a callout": "!!! ghi-nho\n    {}",
    "in a heading": "## {}",
    "in a link": "[{}](hai.md)",
    "in emphasis": "**{}**",
}
REFERENCE = Reference(
    id="nd1",
    number="1/2026/NĐ-CP",
    name="Nghị định",
    in_force_from=date(2026, 1, 1),
    checked_on=date(2026, 6, 1),
)


class Page(HTMLParser):
    """The start tags of what a browser would see."""

    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, attrs))


def is_harmless(html):
    """Only what the allow-list names, and addresses that lead to a web page, a letter box, a phone or our own files."""
    for tag, attributes in Page(html).tags:
        assert tag in TAGS | {"input"}, (tag, html)
        assert tag != "input", html
        for name, value in attributes:
            assert name in ATTRIBUTES["*"] | ATTRIBUTES.get(tag, set()), (tag, name, html)
            assert not name.startswith("on")
            if name in {"href", "src"}:
                address = "".join(c for c in entities.unescape(value or "") if unicodedata.category(c)[0] not in "CZ")
                scheme = urlsplit(address).scheme
                assert scheme in {"", "http", "https", "mailto", "tel"}, (value, html)
                assert not address.startswith(("//", "\\", "/\\")), (value, html)
                if name == "src":
                    assert address in {"", *FILES.values()}, (value, html)
    return True


def rendered(text):
    return render(text, base="bai/mot.md", files=FILES, items=ITEMS, references=[REFERENCE])


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_come_out_harmless(attack):
    for place in PLACES.values():
        assert is_harmless(rendered(place.format(attack)))
    assert is_harmless(render_inline(attack))
    assert is_harmless(fill(rendered(attack), {"a": attack}, attack))


@given(
    st.lists(
        st.sampled_from([*ATTACKS, *PLACES.values(), "\n", "\n\n", "    ", "> ", "[", "](", ")", "<", ">", '"', "&"]),
        max_size=6,
    )
)
@settings(max_examples=150, deadline=None)
def test_no_mixture_of_attacks_does_harm(pieces):
    assert is_harmless(rendered("".join(pieces)))


@given(st.text(alphabet=st.sampled_from("[](){}<>!\"'&;:#/\\|`~*_-=+^@ \n\tabjx0123.%"), max_size=60))
@settings(max_examples=300, deadline=None)
def test_nothing_that_can_be_typed_does_harm(text):
    assert is_harmless(rendered(text))


@pytest.mark.parametrize("text", ["[x](http://[a)", "![x](//[::1)", "<http://[a>", "[Máy chủ](http://[tên máy]/)"])
def test_an_address_that_is_none_leads_nowhere(text):
    assert "<a href" not in rendered(text)


@pytest.mark.parametrize("text", ["a\n: b\n" * 700, "> " * 2000, "[" * 200_000, "![" * 50_000, "a\n: b\n" * 50_000])
def test_what_nests_beyond_all_sense_is_shown_as_typed(text):
    assert is_harmless(rendered(text))


def test_links_and_pictures_of_the_course_lead_to_their_addresses():
    html = rendered("[Bài hai](hai.md#muc-1) ![Sơ đồ](../media/so-do.svg) [Web](https://example.vn/x?a=1&b=2)")
    assert '<a href="/khoa-hoc/mau/hai#muc-1">' in html
    assert 'src="/tep/abc/so-do.svg"' in html
    assert 'href="https://example.vn/x?a=1&amp;b=2" rel="noopener noreferrer"' in html


def test_a_list_may_follow_a_line_at_once_and_nest_by_two_spaces():
    html = render("Ba việc:\n- một\n  - nhỏ\n- hai")
    assert html.count("<ul>") == 2
    assert "<p>Ba việc:</p>" in html


def test_a_name_longer_than_the_database_keeps_is_no_local_value():
    assert "data-local" in render("{{" + "x" * 60 + "}}")
    assert "data-local" not in render("{{" + "x" * 61 + "}}")


def test_local_values_are_escaped_and_missing_ones_shown():
    html = render("Gọi {{sdt}} hoặc {{khac}}.")
    filled = fill(html, {"sdt": "<b>1</b>"}, "chưa điền")
    assert "&lt;b&gt;1&lt;/b&gt;" in filled
    assert "chưa điền: khac" in filled
