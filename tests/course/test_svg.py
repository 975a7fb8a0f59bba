"""Drawings: whatever runs or loads is taken out and named; a real drawing comes out as it was."""

import base64
import re
import time
from pathlib import Path
from xml.parsers import expat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.course import svg, svg_style

OWN = "http://www.w3.org/2000/svg"
DRAWINGS = sorted(Path("courses").glob("*/media/*.svg"))
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
EMBEDDED = "data:image/png;base64," + base64.b64encode(PIXEL).decode()


def drawing(inside, attributes="", before=""):
    names = f'xmlns="{OWN}" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:h="http://www.w3.org/1999/xhtml"'
    return f"{before}<svg {names} {attributes}>{inside}</svg>".encode()


def cleaned(inside, attributes="", before=""):
    data, problems = svg.sanitise("media/x.svg", drawing(inside, attributes, before))
    assert data is not None, problems
    text = data.decode().removesuffix("\n")
    return text.removeprefix(f'<svg xmlns="{OWN}"').removesuffix(
        "/>" if text.count("<") == 1 else "</svg>"
    ).removeprefix(">"), problems


def refusal(data):
    made, (problem,) = svg.sanitise("media/x.svg", data)
    assert made is None
    assert problem.is_error
    return problem.text()


def test_there_are_drawings_of_the_sample_course():
    assert len(DRAWINGS) >= 3


@pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.name)
def test_a_drawing_made_by_hand_keeps_every_byte(path):
    assert svg.sanitise(path.name, path.read_bytes()) == (path.read_bytes(), [])


KEPT = {
    "shapes": '<g fill="none" stroke="#1f3a5f"><path d="M0 0h9"/><circle cx="5" cy="5" r="2"/></g>',
    "text": '<text x="1" y="2" font-family="\'Segoe UI\', sans-serif">Nghị định &amp; <tspan dy="1">a &lt; b</tspan></text>',
    "gradient": '<defs><linearGradient id="g1"><stop offset="0" stop-color="red"/></linearGradient></defs>'
    '<rect width="9" height="9" fill="url(#g1)"/>',
    "arrow": '<marker id="m" orient="auto"><path d="M0 0"/></marker><path d="M0 0" marker-end="url(#m)"/>',
    "symbol": '<symbol id="biểu-tượng"><path d="M0 0"/></symbol><use href="#biểu-tượng" x="3"/>',
    "style": "<style>.a{fill:#fff;stroke:url(#g1)}\ng &gt; .b:first-child{font:bold 12px Arial, sans-serif}</style>",
    "style attribute": '<rect style="fill:rgb(1, 2, 3);opacity:.5"/>',
    "transform": '<g transform="translate(3 4) rotate(45)"><ellipse rx="1" ry="2"/></g>',
    "clip": '<clipPath id="c"><rect width="1"/></clipPath><g clip-path="url(#c)"><path d="M1 1"/></g>',
    "shadow": '<filter id="f"><feDropShadow dx="1" dy="1" stdDeviation="2" flood-color="#000"/></filter>',
    "picture": f'<image width="1" height="1" href="{EMBEDDED}"/>',
    "names": "<title>Đường báo tin</title><desc>Ba mũi tên</desc>",
    "spaces": '<text xml:space="preserve">a  b</text>',
    "aria": '<g role="img" aria-label="Sơ đồ"><path d="M0 0"/></g>',
}


@pytest.mark.parametrize("what", KEPT)
def test_what_drawings_are_made_of_stays(what):
    assert cleaned(KEPT[what]) == (KEPT[what], [])


HOSTILE = {
    "script": ("<script>alert(1)</script>", "<script>"),
    "script of a page": ("<h:script>alert(1)</h:script>", "<script>"),
    "script in CDATA": ("<script><![CDATA[alert(1)]]></script>", "<script>"),
    "script elsewhere": ('<script href="https://evil.example/x.js"/>', "<script>"),
    "a page in it": ("<foreignObject><h:iframe src='javascript:alert(1)'/></foreignObject>", "<foreignObject>"),
    "event": ('<rect onclick="alert(1)"/>', "onclick"),
    "event in other letters": ('<rect onClick="alert(1)" ONLOAD="alert(1)"/>', "onClick, ONLOAD"),
    "event of a namespace": ('<rect h:onclick="alert(1)"/>', "onclick"),
    "link that runs": ('<a xlink:href="javascript:alert(1)"><text>x</text></a>', "<a href>"),
    "link elsewhere": ('<a href="https://evil.example/"><text>x</text></a>', "<a href>"),
    "animated link": ('<a><animate attributeName="href" values="javascript:alert(1)"/></a>', "<animate>"),
    "set event": ('<set attributeName="onmouseover" to="alert(1)"/>', "<set>"),
    "handler": ('<handler type="text/javascript">alert(1)</handler>', "<handler>"),
    "use elsewhere": ('<use href="https://evil.example/x.svg#a"/>', "<use>"),
    "use of data": ('<use xlink:href="data:image/svg+xml;base64,PHN2Zy8+#a"/>', "<use>"),
    "picture elsewhere": ('<image href="https://evil.example/x.png"/>', "<image>"),
    "picture of the course": ('<image href="../x.png"/>', "<image>"),
    "drawing in data": ('<image href="data:image/svg+xml;base64,PHN2Zy8+"/>', "<image>"),
    "page in data": ('<image href="data:text/html,%3Cscript%3Ealert(1)%3C/script%3E"/>', "<image>"),
    "picture that is none": ('<image href="data:image/png;base64,PHNjcmlwdD4="/>', "<image>"),
    "filter that loads": ('<filter><feImage href="https://evil.example/x"/></filter>', "<feImage>"),
    "fill elsewhere": ('<rect fill="url(https://evil.example/x#a)"/>', "fill"),
    "fill escaped": ('<rect fill="u\\72l(https://evil.example)"/>', "fill"),
    "fill by comment": ('<rect fill="url/**/(https://evil.example)"/>', "fill"),
    "mask elsewhere": ('<rect mask="URL( //evil.example/x )"/>', "mask"),
    "image set": ('<rect filter="image-set(\'x.png\' 1x)"/>', "filter"),
    "style that loads": ('<rect style="fill:red;background:url(//evil.example)"/>', "background"),
    "style escaped": ('<rect style="fill:\\75rl(//evil.example)"/>', "fill"),
    "style of old browsers": ('<rect style="behavior:url(x);fill:expression(alert(1))"/>', "behavior, fill"),
    "import": ("<style>@import 'https://evil.example/x.css';.a{fill:red}</style>", "@import"),
    "import by url": ("<style>@import url(//evil.example);</style>", "@import"),
    "font": ("<style>@font-face{font-family:x;src:url(//evil.example)}</style>", "@font-face"),
    "rule that loads": ("<style>.a{fill:url('//evil.example/x#a');opacity:1}</style>", "fill"),
    "rule nested": ("<style>@media all{.a{fill:url(//evil.example)}} .b{opacity:1}</style>", "@media"),
    "rule behind a comment": ("<style>/*x*/@im/**/port 'x';.a{fill:red}</style>", "@im"),
    "selector that tells": ("<style>text[id^='a']{fill:red}</style>", "text[id^='a']"),
    "element in a style": ("<style><h:img src='x' onerror='alert(1)'/></style>", "<img>"),
    "base": ('<g xml:base="https://evil.example/"><use href="#a"/></g>', ""),
    "sheet": ("", "<?xml-stylesheet?>"),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_what_runs_or_loads_is_taken_out_and_named(what):
    inside, names = HOSTILE[what]
    before = '<?xml-stylesheet href="https://evil.example/x.css"?>' if what == "sheet" else ""
    text, problems = cleaned(inside, before=before)
    for word in ("alert", "evil", "script", "iframe", "import", "expression", "behavior", "<?", "<a", "x.png", "src="):
        assert word not in text, text
    told = ", ".join(str(problem.values["names"]) for problem in problems)
    assert all(name in told for name in names.split(", ")), told
    assert not any(problem.is_error for problem in problems)
    assert cleaned(text) == (text, [])


def test_what_stands_beside_the_hostile_part_stays():
    text, _ = cleaned(
        '<style>.a{fill:url(//evil.example);opacity:1} .b{fill:red}</style><a href="x:"><path d="M0 0"/></a>'
    )
    assert text == '<style>.a{opacity:1}\n.b{fill:red}</style><path d="M0 0"/>'


def test_what_drawing_programs_note_for_themselves_goes_without_a_word():
    inside = (
        '<s:namedview xmlns:s="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd" s:zoom="1"/>'
        "<metadata><x/></metadata><!-- made by hand -->"
        '<g xmlns:i="http://www.inkscape.org/namespaces/inkscape" i:label="Lớp 1" data-name="x" style="-inkscape-x:1;fill:red"/>'
    )
    assert cleaned(inside, 'version="1.1" baseProfile="tiny"') == ('<g style="fill:red"/>', [])


def test_the_old_way_to_name_a_part_becomes_the_new_one():
    assert cleaned('<path id="a" d="M0 0"/><use xlink:href="#a"/>')[0] == '<path id="a" d="M0 0"/><use href="#a"/>'


def test_a_usual_document_type_is_left_out():
    before = '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/G/SVG/1.1/DTD/svg11.dtd">'
    assert cleaned('<path d="M0 0"/>', before=before) == ('<path d="M0 0"/>', [])


ENTITIES = '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
UNTAKEN = {
    "entities": (drawing("<text>&b;</text>", before=ENTITIES), "plain SVG"),
    "a file of the server": (
        drawing("<text>&x;</text>", before='<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        "plain SVG",
    ),
    "an entity that nobody defined": (drawing("<text>&x;</text>", before='<!DOCTYPE svg SYSTEM "x.dtd">'), "plain SVG"),
    "half of it": (drawing("<path/>")[:-8], "plain SVG"),
    "something behind it": (drawing("") + b"<script>alert(1)</script>", "plain SVG"),
    "a page": (b"<html><svg/></html>", "plain SVG"),
    "nothing": (b"", "plain SVG"),
    "UTF-16": (drawing("").decode().encode("utf-16"), "UTF-8"),
    "UTF-7 that claims to be": (b'<?xml version="1.0" encoding="utf-7"?><svg>\xff+ADw-</svg>', "UTF-8"),
    "too deep": (drawing("<g>" * 150 + "</g>" * 150), "simpler"),
    "too many parts": (drawing("<path/>" * 50_001), "simpler"),
    "too large": (drawing(" " * 2_000_001), "simpler"),
    "parts that repeat each other": (
        drawing(
            "".join(f'<g id="g{n}">' + f'<use href="#g{n + 1}"/>' * 10 + "</g>" for n in range(9)) + '<path id="g9"/>'
        ),
        "simpler",
    ),
    "a part that repeats itself": (drawing('<g id="a"><use href="#a"/></g>'), "simpler"),
}


@pytest.mark.parametrize("what", UNTAKEN)
def test_a_drawing_that_cannot_be_read_or_would_keep_a_browser_busy_is_refused_with_the_cure(what):
    data, cure = UNTAKEN[what]
    started = time.perf_counter()
    assert cure in refusal(data)
    assert time.perf_counter() - started < 3


def test_hundred_arrows_that_share_a_head_are_no_bomb():
    inside = '<marker id="m"><path d="M0 0"/></marker>' + '<path d="M0 0" marker-end="url(#m)"/>' * 100
    assert cleaned(inside) == (inside, [])


@pytest.mark.parametrize("unit", ["{", "}", ";", "/*", "@", "a{", "a{b:c;", "url(", "url(#a", '"', "@x{{", ":"])
def test_endless_style_sheets_take_no_time(unit):
    started = time.perf_counter()
    svg_style.rules(unit * (400_000 // len(unit)), lambda _name: None)
    svg_style.declarations(unit * (400_000 // len(unit)), lambda _name: None)
    assert time.perf_counter() - started < 3


PIECES = st.sampled_from(
    [
        "<g>", "</g>", "<path d='M0 0'/>", "<use href='#a'/>", "<style>", "</style>", "<script>", "</script>", "<a>", "</a>",
        "<text>", "</text>", "url(#a)", "url(//x)", "{", "}", ";", ":", "fill", "@import", "/*", "*/", "'", "<![CDATA[", "]]>",
        "&amp;", "&lt;", "&#10;", "<!--", "-->", " style='fill:", " onclick='", "\\", "é", "\r", "\t", "#a", "(", ")", "!", ">",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=60))
def test_whatever_comes_out_is_a_drawing_that_comes_out_the_same(inside):
    data, problems = svg.sanitise("x.svg", drawing(inside))
    if data is None:
        assert problems[0].is_error
        return
    assert svg.sanitise("x.svg", data) == (data, [])
    seen = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, found: seen.append((tag, found))
    parser.Parse(data, True)
    for tag, found in seen:
        assert tag in svg.ELEMENTS
        assert not [name for name in found if name.startswith("on")]
    assert not re.search(rb"url\(\s*['\"]?[^#'\"]", re.sub(rb"<text>.*?</text>|>[^<]*<", b"", data, flags=re.DOTALL))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(data):
    made, problems = svg.sanitise("x.svg", data)
    assert (made is None) == any(problem.is_error for problem in problems)
