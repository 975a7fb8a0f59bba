"""Which media no text of a course uses."""

from lms.course.media import total_bytes, unused
from lms.course.parse import parse
from lms.course.source import Source

COURSE = """---
format: 1
id: mau
title: Mẫu
---

1. [Bài](bai/01.md)

[Mẫu báo cáo](media/mau.docx)
"""
LESSON = """---
id: bai-01
title: Bài
---

![Sơ đồ](../media/so-do.webp) và ![phim](<../media/phim hay.mp4>)

[![Bìa](../media/bia.png)](../media/sach.pdf)

[Phụ lục][1]

[1]: ../media/phu-luc.pdf

```
![mã](../media/trong-ma.png)
```
"""
MEDIA = (
    "mau.docx", "so-do.webp", "goc/so-do.png", "phim hay.mp4", "phim hay.vtt", "bia.png", "sach.pdf", "phu-luc.pdf",
    "trong-ma.png", "thua.png", "goc/thua.png", "thua.vtt", "nhap.png",
)  # fmt: skip


def course():
    files = {"course.md": COURSE.encode(), "bai/01.md": LESSON.encode(), "bai/nhap.md": b"![x](../media/nhap.png)\n"}
    return Source(files | {f"media/{name}": b"12345" for name in MEDIA})


def test_only_what_no_text_links_is_listed_without_what_belongs_to_it():
    source = course()
    doc, _problems = parse(source)
    assert unused(source, doc) == ["media/goc/thua.png", "media/thua.png", "media/thua.vtt", "media/trong-ma.png"]


def test_the_texts_do_not_count_as_media():
    assert total_bytes(course()) == 5 * len(MEDIA)
