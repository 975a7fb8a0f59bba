"""Courses from outside: a zip is believed in nothing, and none of its files is a page of ours."""

import io
import json
import stat
import zipfile

import pytest

from lms.content import drafts
from lms.content.models import CourseFile, Draft
from lms.core.db import db
from tests import make
from tests.see import everything


def archive(*entries):
    """A zip whose entries are (ZipInfo or path, data)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for info, data in entries:
            made.writestr(info, data)
    return out.getvalue()


def special(path, mode):
    info = zipfile.ZipInfo(path)
    info.create_system, info.external_attr = 3, mode << 16
    return info


def encrypted():
    data = bytearray(archive(("course.md", make.FILES["course.md"])))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    return bytes(data)


GOOD = [(path, text) for path, text in make.FILES.items()]
HOSTILE = {
    "a path that climbs out": (archive(*GOOD, ("../../etc/cron.d/x", "x")), "ra ngoài thư mục khóa học"),
    "an absolute path": (archive(*GOOD, ("/etc/passwd", "x")), "ra ngoài thư mục khóa học"),
    "a drive": (archive(*GOOD, ("C:/x.md", "x")), "ra ngoài thư mục khóa học"),
    "a backslash": (archive(*GOOD, ("..\\..\\x.md", "x")), "dấu gạch chéo ngược"),
    "a link": (archive(*GOOD, (special("media/x.png", stat.S_IFLNK | 0o777), "/etc/passwd")), "liên kết"),
    "a device": (archive(*GOOD, (special("media/x.png", stat.S_IFCHR | 0o666), "")), "liên kết"),
    "too many files": (archive(*GOOD, *((f"media/{n}.txt", "") for n in range(2001))), "2000"),
    "too much": (archive(*GOOD, *((f"media/{n}.txt", b"\0" * (9 << 20)) for n in range(30))), "256"),
    "a bomb": (archive(*GOOD, ("media/x.txt", b"\0" * (20 << 20))), "100 lần"),
    "a password": (encrypted(), "mật khẩu"),
    "the course in a folder of a folder": (archive(*((f"a/b/{path}", text) for path, text in GOOD)), "course.md"),
    "no course": (archive(("bai.md", "# x")), "course.md"),
    "nothing": (archive(), "trống"),
    "no zip": (b"%PDF-1.7 not a zip", "không phải tệp zip"),
    "half a zip": (archive(*GOOD)[:200], "không phải tệp zip"),
    "an id that is none": (archive(*GOOD[1:], ("course.md", make.FILES["course.md"].replace("id: mau", "id: ../x"))), "../x"),
    "an endless id": (archive(*GOOD[1:], ("course.md", make.FILES["course.md"].replace("id: mau", "id: " + "a" * 200))), "a–z"),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_an_upload_is_refused_in_words_and_nothing_is_stored(app, client_of, what):
    data, words = HOSTILE[what]
    dung = client_of("dung")
    blobs = sorted(app.config["BLOBS"].rglob("*"))
    before = everything()
    answer = dung.post("/soan/tai-len", data={"file": (io.BytesIO(data), "khoa.zip")})
    assert answer.status_code == 422
    assert words in answer.text
    assert everything() == before
    assert sorted(app.config["BLOBS"].rglob("*")) == blobs


def test_an_endless_title_is_a_problem_and_no_crash(client_of):
    dung, title = client_of("dung"), "Khóa " * 100
    files = make.FILES | {"course.md": make.FILES["course.md"].replace("Khóa mẫu", title)}
    answer = dung.post("/soan/tai-len", data={"file": (make.zipped(files), "khoa.zip")})
    assert answer.status_code == 303
    assert "dài hơn 200 ký tự" in dung.get(answer.location).text
    digest = drafts.source_of(db.session.scalars(db.select(Draft.id)).one()).digest()
    publish = {"note": "x", "weight": "minor", "when": "now", "digest": digest}
    assert dung.post("/soan/mau/xuat-ban", data=publish).status_code == 409


# Files of courses

FILES = {
    "x.svg": ("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "image/svg+xml", False),
    "x.png": ("<html><script>alert(1)</script>", "image/png", False),
    "x.html": ("<script>alert(1)</script>", "application/octet-stream", True),
    "x.svg.html": ("<script>alert(1)</script>", "application/octet-stream", True),
    "x.js": ("alert(1)", "application/octet-stream", True),
    "x.swf": ("x", "application/octet-stream", True),
    "x.pdf": ("%PDF-", "application/pdf", True),
    "x.xml": ("<x/>", "application/octet-stream", True),
}


def test_a_course_file_is_never_a_page_of_ours(client_of):
    listed = "\n".join(f"- [Tệp](media/{name})" for name in FILES if name not in {"x.svg", "x.png"})
    make.course(
        {"course.md": make.FILES["course.md"] + listed, **{f"media/{n}": text for n, (text, *_) in FILES.items()}}
    )
    rows = dict(db.session.execute(db.select(CourseFile.name, CourseFile.digest)).all())
    an = client_of("an")
    for name, (text, kind, is_saved) in FILES.items():
        answer = an.get(f"/tep/{rows[name]}/{name}")
        assert answer.status_code == 200, name
        assert answer.text == text
        assert answer.mimetype == kind, name
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        policy = answer.headers["Content-Security-Policy"]
        assert "sandbox" in policy
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert answer.headers.get("Content-Disposition", "").startswith("attachment") is is_saved, name
        # Its address is what it contains and is called: no other name makes it another kind
        assert an.get(f"/tep/{rows[name]}/x.htm").status_code == 404


def test_the_text_of_a_course_is_no_file_for_learners(client_of):
    make.course()
    assert db.session.scalars(db.select(CourseFile)).all() == []
    files = db.session.execute(db.text("SELECT files FROM revision")).scalar()
    digest = (json.loads(files) if isinstance(files, str) else files)["thi.md"]
    for name in ("thi.md", "x.png", "thi.md.png"):
        assert client_of("an").get(f"/tep/{digest}/{name}").status_code == 404


def test_what_a_zip_shows_is_made_safe_before_it_is_a_draft(client_of):
    """Pictures are what their bytes say; a drawing keeps its shapes and loses its scripts."""
    dung = client_of("dung")
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><rect width="9" height="9"/></svg>'
    files = make.FILES | {
        "media/so-do.svg": drawing.decode(),
        "mot.md": make.FILES["mot.md"] + "\n![Sơ đồ](media/so-do.svg)\n",
    }
    assert dung.post("/soan/tai-len", data={"file": (make.zipped(files), "khoa.zip")}).status_code == 303
    kept = drafts.source_of(db.session.scalars(db.select(Draft.id)).one())["media/so-do.svg"]
    assert b"<rect" in kept
    assert b"script" not in kept
    fake = make.FILES | {"media/anh.png": "<html><script>alert(1)</script>"}
    before = everything()
    answer = dung.post("/soan/tai-len", data={"file": (make.zipped(fake), "khoa.zip")})
    assert answer.status_code == 422
    assert "media/anh.png" in answer.text
    assert everything() == before
