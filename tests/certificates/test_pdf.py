"""The certificate as PDF: its words, its page, its fonts, its QR code; the same facts make the same bytes."""

import hashlib
import io
import os
import re
import subprocess
import sys
import unicodedata
from itertools import combinations
from pathlib import Path

import pypdf
import pypdfium2
import pytest
import zxingcpp
from fontTools.ttLib import TTFont
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pypdf.generic import ContentStream
from weasyprint.urls import FatalURLFetchingError, URLFetchingError

from lms.certificates import pdf, qr
from lms.certificates.drawing import QR, QR_SAYS
from lms.core import libraries
from lms.core.pdf import VendoredOnly, WordsForPictures
from lms.settings import ROOT
from tests.certificates.facts import EXTREME, SAMPLES, SHORT, USUAL, VIETNAMESE, usual, verify_url

GOLDEN = Path(__file__).parent / "golden"
MM = 72 / 25.4


def render(facts):
    return pdf.render(facts, verify_url(facts))


@pytest.fixture(scope="module")
def drawn():
    """Each sample, drawn once."""
    return {name: render(facts) for name, facts in SAMPLES.items()}


def words(data):
    """The text as a reader of PDFs copies it."""
    return pypdfium2.PdfDocument(data)[0].get_textpage().get_text_range().replace("\r\n", "\n")


def texts(data):
    """Each piece of text with the edges of its ink in millimetres from the top left: left, top, right, bottom."""
    page = pypdfium2.PdfDocument(data)[0]
    height, reader = page.get_height(), page.get_textpage()
    for piece in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT], textpage=reader):
        left, bottom, right, top = piece.get_bounds()
        yield piece.extract(), (left / MM, (height - top) / MM, right / MM, (height - bottom) / MM)


def overlaps(one, other, least=0.05):
    width, height = (min(one[i + 2], other[i + 2]) - max(one[i], other[i]) for i in (0, 1))
    return width > least and height > least


@pytest.mark.parametrize("name", ["short", "usual", "long"])
def test_it_says_word_by_word_what_it_should(drawn, name):
    assert words(drawn[name]) + "\n" == (GOLDEN / f"{name}.txt").read_text("utf-8")


@pytest.mark.parametrize("name", SAMPLES)
def test_it_is_one_page_of_a4_across(drawn, name):
    pages = pypdf.PdfReader(io.BytesIO(drawn[name])).pages
    assert [tuple(round(side / MM, 2) for side in page.mediabox[2:]) for page in pages] == [(297, 210)]


def assert_well_set(data):
    """No text runs into another, into the QR code or out of the frame."""
    found = list(texts(data))
    left, top, side = QR
    assert len(found) > 20
    for text, (x1, y1, x2, y2) in found:
        assert 12 < x1 < x2 < 285 and 12 < y1 < y2 < 199.5, text  # noqa: PT018 - one box
        assert not overlaps((x1, y1, x2, y2), (left, top, left + side, top + side)), text
    for (text, edges), (other, others) in combinations(found, 2):
        assert not overlaps(edges, others), (text, other)


@pytest.mark.parametrize("name", SAMPLES)
def test_no_text_runs_into_another(drawn, name):
    assert_well_set(drawn[name])


WORDS = [
    "Ủy",
    "ban",
    "nhân",
    "dân",
    "Quảng",
    "Nghiêng",
    "Nguyễn",
    "Phường",
    "chuyển",
    "ỆẪ",
    "-",
    "thông,",
    "Công-tằng-tôn-nữ",
]


def phrase(most):
    """Long ones are as likely as short ones."""
    words = st.sampled_from(WORDS)
    return st.integers(1, most).flatmap(lambda count: st.lists(words, min_size=count, max_size=count)).map(" ".join)


@settings(max_examples=25, deadline=None, derandomize=True, phases=[Phase.generate])  # each example is a whole PDF
@given(
    issuer_parent=phrase(22), issuer_name=phrase(22), holder_name=phrase(22), position=phrase(22), unit_name=phrase(45),
    course_title=phrase(45), place=phrase(10), signer_name=phrase(10),
    signer_capacity=st.lists(phrase(9), min_size=1, max_size=3).map("\n".join),
)  # fmt: skip
def test_no_text_runs_into_another_however_long_each_is(**changes):
    assert_well_set(render(usual(**changes)))


@pytest.mark.parametrize("name", SAMPLES)
def test_every_font_is_inside_with_what_a_reader_needs_and_no_more(drawn, name):
    fonts = pypdf.PdfReader(io.BytesIO(drawn[name])).pages[0]["/Resources"]["/Font"]
    assert {font.get_object()["/BaseFont"][8:] for font in fonts.values()} == {"Tinos", "Tinos-Bold", "Tinos-Italic"}
    for font in map(pypdf.generic.IndirectObject.get_object, fonts.values()):
        file = font["/DescendantFonts"][0]["/FontDescriptor"]["/FontFile2"]
        data = file.get_data()
        assert file["/Length1"] == len(data)
        embedded = TTFont(io.BytesIO(data))
        assert set(embedded.keys()) - {"GlyphOrder"} == {"glyf", "head", "hhea", "hmtx", "loca", "maxp"}
        glyphs = embedded["glyf"]
        letters = font["/ToUnicode"].get_data().partition(b"beginbfchar")[2]
        for code in re.findall(rb"^<([0-9a-f]{4})> <(?!0020>)", letters, re.MULTILINE):
            assert glyphs[embedded.getGlyphName(int(code, 16))].numberOfContours != 0, code


def test_every_vietnamese_letter_is_copied_as_one_whoever_typed_it():
    letters = " ".join(VIETNAMESE[start : start + 14] for start in range(0, len(VIETNAMESE), 14))
    typed = unicodedata.normalize("NFD", letters)
    facts = usual(unit_name=typed, holder_name=typed, place=typed[:120], signer_name=typed[:80])
    copied = words(render(facts))
    assert unicodedata.is_normalized("NFC", copied)
    lines = "".join(copied.split())
    assert "".join(letters.split()) in lines  # regular
    assert "".join(letters.upper().split()) in lines  # bold
    assert len(set(letters) - {" "}) == 134


def test_letters_of_minority_languages_are_copied_and_drawn():
    unit = "Êê Ê̆ê̆ Ơ̆ơ̆ Ư̆ư̆ Ô̆ô̆ Ơơ Ưư Ôô, Ƀƀ Čč Ññ Ŏŏ Ŭŭ Ĭĭ Ĕĕ, Bh’nong Bh'riu Mʼnông"
    data = render(usual(holder_name="Y Ƀih Ê̆ban H'Lŏ", position="", unit_name=unit))
    copied = words(data).replace(" ", "")  # readers guess a space beside a mark that stands aside
    assert unit.replace(" ", "") in copied
    assert "YɃIHÊ̆BANH'LŎ" in copied
    assert_well_set(data)


def test_a_name_is_text_whatever_is_in_it():
    name = "<b>&amp; {{ facts }} \\ ("
    assert name.upper() in words(render(usual(holder_name=name)))


def scanned(data, scale=2):
    page = pypdfium2.PdfDocument(data)[0]
    return [code.text for code in zxingcpp.read_barcodes(page.render(scale=scale).to_pil())]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_qr_code_opens_the_public_page(drawn, name):
    assert scanned(drawn[name]) == [verify_url(SAMPLES[name])]


def test_the_qr_code_of_a_long_address_is_read_too():
    url = f"https://{'dao-tao-truc-tuyen.' * 5}songlam.example/hoc-tap/xm/{USUAL.code}"
    assert scanned(pdf.render(USUAL, url)) == [url]


def test_the_areas_of_a_qr_code_are_its_dark_modules():
    symbol = qr.symbol("https://x.example/xm/7K3Q-9FDM-2XTB")
    dark = [(x, y) for left, top, w, h in symbol.areas for x in range(left, left + w) for y in range(top, top + h)]
    assert len(dark) == len(set(dark))
    assert symbol.size - 8 == 29
    edge = range(qr.QUIET_ZONE, symbol.size - qr.QUIET_ZONE)
    assert all(x in edge and y in edge for x, y in dark)
    assert {(4 + x, 4) for x in range(7)} <= set(dark)  # the finder's upper side
    assert (11, 4) not in dark


def test_the_same_facts_make_the_same_bytes(drawn):
    render(EXTREME)  # whatever was drawn before
    assert render(USUAL) == drawn["usual"]
    assert render(usual(holder_name=unicodedata.normalize("NFD", USUAL.holder_name))) == drawn["usual"]


def test_the_same_facts_make_the_same_bytes_in_another_process(drawn):
    program = (
        "import hashlib; from tests.certificates.facts import USUAL, verify_url; from lms.certificates import pdf;"
        "print(hashlib.sha256(pdf.render(USUAL, verify_url(USUAL))).hexdigest())"
    )
    env = {**os.environ, "PYTHONHASHSEED": "12", "TZ": "America/Lima"}
    other = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == hashlib.sha256(drawn["usual"]).hexdigest()


def test_other_facts_make_another_file():
    def name_of(facts):
        return pypdf.PdfReader(io.BytesIO(render(facts))).trailer["/ID"][0]

    assert name_of(USUAL) != name_of(usual(code=SHORT.code))


def test_a_usual_certificate_has_no_more_than_twenty_kilobytes(drawn):
    assert len(drawn["usual"]) <= 20_000
    assert len(drawn["short"]) <= 20_000


def test_it_says_what_it_is_to_programs(drawn):
    reader = pypdf.PdfReader(io.BytesIO(drawn["usual"]))
    assert reader.metadata.title == "Giấy chứng nhận hoàn thành khóa học – Nguyễn Văn Đức"
    assert (reader.metadata.author, reader.metadata.subject) == (USUAL.issuer_name, USUAL.course_title)
    assert reader.metadata["/Keywords"] == f"{USUAL.number}, {USUAL.code}"
    assert reader.metadata["/CreationDate"] == "D:20261220"
    catalog = reader.trailer["/Root"]
    assert catalog["/Lang"] == "vi"
    assert catalog["/MarkInfo"]["/Marked"] == True  # noqa: E712 - pypdf's own kind of truth
    assert 'pdfuaid:part="1"' in catalog["/Metadata"].get_data().decode()


def test_no_kerning_is_taken_out_of_what_is_said():
    data = render(usual(course_title="Phép so sánh a>0<b"))
    assert pypdf.PdfReader(io.BytesIO(data)).metadata.subject == "Phép so sánh a>0<b"
    assert "PHÉP SO SÁNH A>0<B" in words(data)


def structure(element):
    """Every element of the tags, in the order in which it is read aloud."""
    element = element.get_object()
    yield element
    for kid in element.get("/K", []):
        if isinstance(kid, pypdf.generic.IndirectObject):
            yield from structure(kid)


def test_everything_drawn_is_tagged_once_or_called_decoration(drawn):
    reader = pypdf.PdfReader(io.BytesIO(drawn["usual"]))
    page, root = reader.pages[0], reader.trailer["/Root"]["/StructTreeRoot"]
    depth, marks = 0, []
    for operands, operator in ContentStream(page.get_contents(), reader).operations:
        match operator:
            case b"BDC" | b"BMC":
                depth += 1
                marks += [operands[1]["/MCID"]] if operator == b"BDC" else []
            case b"EMC":
                depth -= 1
            case b"TJ" | b"Tj" | b"f" | b"S" | b"Do":
                assert depth == 1, operator
    assert depth == 0
    elements = list(structure(root["/K"][0]))
    tagged = [kid for element in elements for kid in element.get("/K", []) if isinstance(kid, int)]
    assert sorted(tagged) == sorted(marks) == list(range(len(marks)))
    owners = root["/ParentTree"]["/Nums"][1]
    assert all(mark in owners[mark].get_object()["/K"] for mark in marks)


def test_the_tags_are_a_heading_paragraphs_a_link_and_a_figure_with_words(drawn):
    reader = pypdf.PdfReader(io.BytesIO(drawn["usual"]))
    elements = [e for e in structure(reader.trailer["/Root"]["/StructTreeRoot"]["/K"][0]) if "/S" in e]
    kinds = [element["/S"] for element in elements]
    assert (kinds[0], kinds.count("/H1"), kinds.count("/Link"), kinds.count("/Figure")) == ("/Document", 1, 1, 1)
    figure = next(element for element in elements if element["/S"] == "/Figure")
    assert figure["/Alt"] == QR_SAYS
    left, bottom, right, top = (float(edge) / MM for edge in figure["/A"]["/BBox"])
    assert (left, 210 - top, right - left, top - bottom) == pytest.approx((*QR, QR[2]), abs=0.01)
    link = reader.pages[0]["/Annots"][0].get_object()
    assert link["/A"]["/URI"] == verify_url(USUAL)


@pytest.mark.parametrize("url", ["https://x.example/a.png", "file:///etc/passwd", "font:../pdf.py", "font:Other.ttf"])
def test_drawing_loads_nothing_but_its_fonts(url):
    with pytest.raises(FatalURLFetchingError):
        VendoredOnly().fetch(url)
    with pytest.raises(URLFetchingError):
        WordsForPictures().fetch(url)


def test_this_machine_has_the_libraries():
    assert libraries.check() == []
