"""Word documents: what stands in them becomes a lesson, what does not is named, and no file does harm."""

import io
import time
import unicodedata
import zipfile

import pytest

from lms.interop.formats.word import read_word

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
TYPES = """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""
RELATIONSHIPS = f"""<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{R}/officeDocument" Target="word/document.xml"/></Relationships>"""
LINKS = f"""<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="img" Type="{R}/image" Target="media/image1.png"/><Relationship Id="link" Type="{R}/hyperlink" Target="https://a.vn/luat" TargetMode="External"/><Relationship Id="away" Type="{R}/image" Target="file:///etc/passwd" TargetMode="External"/></Relationships>"""
STYLES = f"""<w:styles xmlns:w="{W}"><w:style w:type="paragraph" w:styleId="u1"><w:name w:val="heading 1"/></w:style><w:style w:type="paragraph" w:styleId="u3"><w:name w:val="heading 3"/></w:style><w:style w:type="paragraph" w:styleId="DeMuc"><w:name w:val="Đề mục"/><w:basedOn w:val="u3"/></w:style><w:style w:type="paragraph" w:styleId="Tieude"><w:name w:val="Title"/></w:style></w:styles>"""
NUMBERING = f"""<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl><w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>"""
NOTES = f"""<w:footnotes xmlns:w="{W}"><w:footnote w:id="2"><w:p><w:r><w:t>Điều 4 Luật.</w:t></w:r></w:p></w:footnote></w:footnotes>"""


def paragraph(text, style="", extra=""):
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f'<w:p><w:pPr>{named}{extra}</w:pPr><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def item(text, level):
    return paragraph(text, extra=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr>')


def cell(text):
    return f"<w:tc>{paragraph(text)}</w:tc>"


def picture(relationship="img", alt="Sơ đồ"):
    return f"""<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"><wp:docPr id="1" name="x" descr="{alt}"/><a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData><pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:blipFill><a:blip r:{"embed" if relationship == "img" else "link"}="{relationship}"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"""


def docx(body, **parts):
    """The bytes of a document with this body; other parts by their path, `__` for the slash."""
    document = f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{W}" xmlns:r="{R}"><w:body>{body}</w:body></w:document>'
    files = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": RELATIONSHIPS,
        "word/document.xml": document,
        "word/_rels/document.xml.rels": LINKS,
        "word/styles.xml": STYLES,
        "word/numbering.xml": NUMBERING,
        "word/footnotes.xml": NOTES,
        "word/media/image1.png": PNG,
        **{path.replace("__", "/"): data for path, data in parts.items()},
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return out.getvalue()


def test_a_document_becomes_a_lesson():
    header = f"<w:tr><w:trPr><w:tblHeader/></w:trPr>{cell('Bước')}{cell('Ai')}</w:tr>"
    body = (
        paragraph("Quy trình tiếp dân", "Tieude")
        + paragraph("Phần một", "u1")
        + paragraph("Sâu hơn", "DeMuc")
        + item("Một", 0)
        + item("nhỏ", 1)
        + item("Hai", 0)
        + f"<w:tbl>{header}<w:tr>{cell('Nhận')}{cell('Hoa')}</w:tr></w:tbl>"
        + picture()
        + '<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>Đậm</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r>'
        + '<w:hyperlink r:id="link"><w:r><w:t xml:space="preserve"> luật</w:t></w:r></w:hyperlink>'
        + "<w:ins w:id='1'><w:r><w:t> thêm</w:t></w:r></w:ins><w:del w:id='2'><w:r><w:delText> bớt</w:delText></w:r></w:del></w:p>"
    )
    page = read_word(docx(unicodedata.normalize("NFD", body)), name="quy-trinh.docx")
    ((path, data),) = page.pictures.items()
    assert data == PNG
    assert page.title == "Quy trình tiếp dân"
    assert page.markdown == (
        "## Phần một\n\n### Sâu hơn\n\n1. Một\n    - nhỏ\n2. Hai\n\n| Bước | Ai |\n| --- | --- |\n| Nhận | Hoa |\n\n"
        f"![Sơ đồ]({path})\n\n**Đậm**[^1] [luật](https://a.vn/luat) thêm\n\n[^1]: Điều 4 Luật.\n"
    )
    told = " ".join(problem.text() for problem in page.problems)
    assert "tracked changes" in told
    assert "numbered lists begin at 1" in told


def test_a_picture_outside_the_document_is_never_fetched():
    page = read_word(docx(paragraph("a") + picture("away")))
    assert not page.pictures
    assert "a" in page.markdown
    assert page.problems


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no Word document"),
        (b"PK\x03\x04 broken", "no Word document"),
        (b"\xd0\xcf\x11\xe0 old", "old Word"),
        (docx("", word__vbaProject_bin=b"x").replace(b"vbaProject_bin", b"vbaProject.bin"), "macros"),
        (docx("", word__styles=""), "no text"),
        (docx("", **{"word/document.xml": f"{BOMB}<a>&b;</a>"}), "declares XML entities"),
        (docx("", **{"word/document.xml": f"{BOMB}<a>&b;</a>".encode("utf-16")}), "declares XML entities"),
        (
            docx("", **{"word/document.xml": '<!DOCTYPE x SYSTEM "file:///etc/passwd"><a/>'}),
            "declares XML entities",
        ),
        (docx("", **{"word/document.xml": '<?xml version="1.0" encoding="cp037"?><a/>'}), "no Word document"),
        (docx("<w:p>"), "no Word document"),
        (docx("<w:sdt>" * 5_000 + "</w:sdt>" * 5_000), "no Word document"),
        (docx("", word__media__x=b"\0" * 30_000_000), "no Word document"),
        (docx("", **{"word/document.xml": "<a>" + "".join(map(str, range(2_500_000))) + "</a>"}), "too large"),
    ],
)
def test_what_is_no_document_is_refused_with_a_cure(data, message):
    page = read_word(data, name="x.docx")
    assert not page.markdown
    assert any(problem.is_error and message in problem.text() for problem in page.problems), page.problems


@pytest.mark.parametrize("place", range(0, 3000, 150))
def test_no_damaged_document_raises(place):
    data = bytearray(docx(paragraph("a") + item("b", 0)))
    data[place % len(data)] ^= 0x55
    page = read_word(bytes(data))
    assert page.markdown or page.problems


def test_two_hundred_paragraphs_take_less_than_a_second():
    text = "Công chức tiếp công dân phải đeo thẻ, mặc trang phục chỉnh tề và giữ thái độ đúng mực. " * 4
    data = docx("".join(paragraph(f"{number}. {text}", "u1" if number % 20 == 0 else "") for number in range(200)))
    begun = time.process_time()
    assert read_word(data).markdown.count("\n\n") == 199
    assert time.process_time() - begun < 1
