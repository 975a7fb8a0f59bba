"""The frame and the QR code, drawn straight into the PDF: as lines and squares they need no layout."""

import pydyf

from lms.certificates.qr import Symbol

PAGE = (297.0, 210.0)
"""Width and height in millimetres, as document.css has them."""
QR = (20.0, 163.5, 31.0)
"""Where the QR code stands: left, top and side in millimetres, its quiet zone counted in."""
QR_SAYS = "Mã QR mở trang xác thực giấy chứng nhận"
POINTS_PER_MM = 72 / 25.4

FRAME = b"""
.561 .114 .129 RG .9 w 8.45 8.45 280.1 193.1 re S
.706 .541 .235 RG .25 w
15.9 10.3 m 281.1 10.3 l 15.9 199.7 m 281.1 199.7 l 10.3 15.9 m 10.3 194.1 l 286.7 15.9 m 286.7 194.1 l
9 9 6.9 6.9 re 281.1 9 6.9 6.9 re 9 194.1 6.9 6.9 re 281.1 194.1 6.9 6.9 re S
"""
"""A heavy line, and a fine one that squares cut off at the corners; in millimetres from the top left."""


def draw(pdf: pydyf.PDF, symbol: Symbol) -> None:
    """Under the text of the only page; the QR code is tagged as a figure that says what it is."""
    page = next(item for item in pdf.objects if isinstance(item, pydyf.Dictionary) and item.get("Type") == "/Page")
    mark = _tag(pdf, page)
    drawn = pydyf.Stream(compress=True)
    drawn.push_state()
    drawn.set_matrix(POINTS_PER_MM, 0, 0, -POINTS_PER_MM, 0, PAGE[1] * POINTS_PER_MM)
    drawn.stream += [b"/Artifact BMC", FRAME, b"EMC", b"/Figure <</MCID %d>> BDC" % mark]
    left, top, side = QR
    drawn.set_matrix(side / symbol.size, 0, 0, side / symbol.size, left, top)
    drawn.set_color_rgb(0.067, 0.067, 0.067)
    for area in symbol.areas:
        drawn.rectangle(*area)
    drawn.fill()
    drawn.stream.append(b"EMC")
    drawn.pop_state()
    pdf.add_object(drawn)
    page["Contents"] = pydyf.Array([drawn.reference, page["Contents"]])


def _tag(pdf: pydyf.PDF, page: pydyf.Dictionary) -> int:
    """Enter the figure at the end of what is read aloud; the number that marks its drawing."""
    root = _find(pdf, pdf.catalog["StructTreeRoot"])
    document = _find(pdf, root["K"][0])
    marked = _find(pdf, root["ParentTree"])["Nums"][1]
    left, top, side = QR
    bottom = PAGE[1] - top - side
    figure = pydyf.Dictionary(
        {
            "Type": "/StructElem",
            "S": "/Figure",
            "P": document.reference,
            "Pg": page.reference,
            "K": pydyf.Array([len(marked)]),
            "Alt": pydyf.String(QR_SAYS),
            "A": pydyf.Dictionary(
                {
                    "O": "/Layout",
                    "BBox": pydyf.Array([n * POINTS_PER_MM for n in (left, bottom, left + side, bottom + side)]),
                }
            ),
        }
    )
    pdf.add_object(figure)
    document["K"].append(figure.reference)
    marked.append(figure.reference)
    return len(marked) - 1


def _find(pdf: pydyf.PDF, reference: bytes) -> pydyf.Dictionary:
    return pdf.objects[int(reference.split()[0])]
