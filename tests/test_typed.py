"""What people type is text, wherever it is shown: names, titles, answers, notes, searches."""

import io
import re
import zipfile
from html.parser import HTMLParser
from urllib.parse import quote

from lms.core.db import begin_writing, db
from lms.people import service as people
from tests import cast, make

MEAN = """x"><img src=x onerror=alert(1)><script>alert(1)</script>'{{7*7}}"""


class Tags(HTMLParser):
    """Every start tag with its attributes."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def nothing_runs(page, url):
    """No style, script or handler that the page brings along itself."""
    for tag, attributes in Tags(page).found:
        assert tag not in {"style", "iframe", "object", "embed", "base"}, (url, tag)
        assert tag != "script" or "src" in attributes, url
        for name, value in attributes.items():
            assert not name.startswith("on"), (url, tag, name)
            assert name != "style", (url, tag)
            if name in {"href", "src", "action", "formaction"}:
                assert re.match(r"(/(?!/)|#|https?://|mailto:|tel:|data:image/|\?|$)", value or ""), (url, tag, value)


def test_no_page_holds_anything_inline(places):
    for place in places:
        nothing_runs(places.open(place).text, place.url)


def test_markup_in_anything_that_people_type_is_shown_as_text(places):
    """Names, posts, units, titles, notes, answers, local values, issuers, searches: all say the same mean thing."""
    giang, hoa, an, dung = (places.browsers[who] for who in ("giang", "hoa", "an", "dung"))
    person = cast.person("an").id
    assert giang.post(f"/quan-tri/tai-khoan/{person}/ten", data={"name": MEAN}).status_code == 303
    unit = {"name": MEAN, "kind": "division", "parent": cast.unit("hoasua").id, "valid_from": "01/07/2025"}
    assert giang.post("/quan-tri/don-vi", data=unit).status_code == 303
    begin_writing()
    newest = max(cast.unit(name).id for name in cast.UNITS) + 1
    here = db.session.get_one(people.Unit, newest)
    people.assign(cast.person("an"), here, MEAN, valid_from=cast.SINCE, by=cast.SYSTEM, now=cast.clock.now())
    make.done(None)
    assert giang.post("/quan-tri/bien-dia-phuong", data={"sdt_ho_tro": MEAN}).status_code == 303
    issuer = {"name": MEAN, "abbreviation": "X", "place": MEAN, "signer_name": MEAN, "signer_capacity": MEAN,
              "valid_from": "01/08/2025", "parent_name": MEAN}  # fmt: skip
    assert giang.post("/quan-tri/co-quan-cap", data=issuer).status_code == 303
    course = make.FILES["course.md"].replace("Khóa mẫu", MEAN).replace("Phần 1", MEAN).replace("Bài một", MEAN)
    quiz = make.FILES["thi.md"].replace("Thủ đô {", MEAN.replace("{{7*7}}", "") + " {").replace("Huế", MEAN)
    lesson = make.FILES["mot.md"].replace("Bài một", MEAN)
    make.course({"course.md": course, "thi.md": quiz, "mot.md": lesson})
    url = an.post("/bai-kiem-tra/mau/thi/bat-dau").location
    an.post(f"{url}/nop")
    url = an.post("/bai-kiem-tra/mau/thi/bat-dau").location
    assert an.post(f"{url}/luu", json=make.answers({3: [MEAN]})).status_code == 200
    searches = [("hoa", "/theo-doi/nguoi"), ("giang", "/quan-tri/tai-khoan"), ("an", "/khoa-hoc"),
                ("hoa", "/theo-doi/giay-chung-nhan"), ("hoa", "/theo-doi/hoan-thanh"), ("hoa", "/theo-doi/ghi-danh")]  # fmt: skip
    pages = [(place.who, place.url) for place in places]
    pages += [(who, f"{address}?tim={quote(MEAN)}") for who, address in searches]
    pages += [
        ("giang", f"/quan-tri/nhat-ky?nguoi={quote(MEAN)}&viec={quote(MEAN)}"),
        ("anybody", f"/xac-minh?ma={quote(MEAN)}"),
    ]
    pages += [
        ("an", "/khoa-hoc/mau"),
        ("an", "/khoa-hoc/mau/mot"),
        ("an", "/bai-kiem-tra/mau/thi"),
        ("an", url),
        ("an", f"{url}/nop"),
    ]
    shown = 0
    for who, address in pages:
        page = places.browsers[who].get(address).text
        nothing_runs(page, address)
        assert "onerror=alert(1)>" not in page, address
        assert "49" not in re.findall(r"script&gt;&#39;(\d+)", page), "a template in a template"
        shown += "&lt;script&gt;alert(1)" in page
    assert shown > 15
    an.post(f"{url}/nop")
    nothing_runs(an.get(f"{url}/ket-qua").text, url)
    for address in ("/theo-doi/hoan-thanh.xlsx", "/theo-doi/giay-chung-nhan.xlsx"):
        assert b"<f>" not in zipfile.ZipFile(io.BytesIO(hoa.get(address).data)).read("xl/worksheets/sheet1.xml")
    assert dung.get("/soan").status_code == 200
