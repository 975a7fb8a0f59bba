"""Media on their way into a draft: what the bytes say counts, pictures become light, nothing hidden comes along."""

import io
import random
import struct
import time
import warnings
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from lms.content.media import NotTaken, keep, plain_name, take
from lms.core.errors import Refused

LIMIT = 60_000
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>\n'
VTT = "WEBVTT\n\n00:00.000 --> 00:02.000\nChào anh/chị\n".encode()


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def noise(width, height, mode="RGB", grain=8):
    """Something like a photo: soft spots and a little grain."""
    chance = random.Random(width)
    bands = []
    for _ in Image.new(mode, (1, 1)).getbands():
        spots = Image.frombytes("L", (grain, grain), chance.randbytes(grain * grain))
        bands.append(spots.resize((width, height), Image.Resampling.BICUBIC))
    return Image.merge(mode, bands)


def screen(width=1366, height=768):
    """Something like a screenshot: flat areas and many sharp edges."""
    image = Image.new("RGB", (width, height), "#f4f4f4")
    drawn, chance = ImageDraw.Draw(image), random.Random(1)
    for _ in range(2500):
        x, y = chance.randrange(width), chance.randrange(height)
        drawn.text((x, y), "Phường Hoa Sữa"[: chance.randrange(14)], fill=chance.choice(["#111", "#1f3a5f", "#8a2b0c"]))
    return image


def with_place(orientation=1):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "SecretPhone"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (15.0, 34.0, 12.0)
    return exif


def opened(data):
    return Image.open(io.BytesIO(data))


def packed(*names, **contents):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in names:
            made.writestr(name, contents.get("data", b"x"))
    return out.getvalue()


def refusal(path, data):
    with pytest.raises(NotTaken) as refused:
        take(path, data)
    assert isinstance(refused.value, Refused)
    assert refused.value.problem.is_error
    with pytest.raises(NotTaken):
        keep(path, data)
    return refused.value.problem.text()


def said(taken):
    assert all(note.line == 1 and not note.is_error for note in taken.notes)
    return " ".join(note.text() for note in taken.notes)


DOCX = packed("[Content_Types].xml", "word/document.xml")
MP4 = struct.pack(">I4s4sI", 16, b"ftyp", b"isom", 0) + struct.pack(">I4s", 8, b"moov")
GOOD = {
    "a.svg": SVG,
    "a.vtt": VTT,
    "a.pdf": b"%PDF-1.7\n1 0 obj\n%%EOF\n",
    "a.docx": DOCX,
    "a.xlsx": packed("[Content_Types].xml", "xl/workbook.xml"),
    "a.pptx": packed("[Content_Types].xml", "ppt/presentation.xml"),
    "a.odt": packed("mimetype", data=b"application/vnd.oasis.opendocument.text"),
    "a.ods": packed("mimetype", data=b"application/vnd.oasis.opendocument.spreadsheet"),
    "a.zip": packed("Tài liệu/a.txt"),
    "a.txt": "Điều 1. <html>".encode(),
    "a.csv": "\ufeffhọ tên;đơn vị\n".encode(),
    "a.mp3": b"ID3\x04\0\0\0\0\0\0",
    "a.mp4": MP4,
    "a.webm": b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\x82\x84webm" + b"\0" * 20,
    "a.gif": saved(Image.new("P", (9, 9)), "GIF"),
    "a.png": saved(Image.new("RGB", (9, 9)), "PNG"),
    "a.jpg": saved(Image.new("RGB", (9, 9)), "JPEG"),
    "a.jpeg": saved(Image.new("RGB", (9, 9)), "JPEG"),
    "a.webp": saved(Image.new("RGB", (9, 9)), "WEBP"),
}


@pytest.mark.parametrize("name", GOOD)
def test_every_kind_of_a_course_comes_in_as_it_is(name):
    taken = take(name, GOOD[name])
    assert dict(taken.files) == {f"media/{name}": GOOD[name]}
    assert (taken.shown, taken.notes) == (f"media/{name}", ())


@pytest.mark.parametrize("name", GOOD)
def test_a_file_of_a_whole_course_keeps_its_name(name):
    assert dict(keep(f"bai/Thư mục/{name}", GOOD[name]).files) == {f"bai/Thư mục/{name}": GOOD[name]}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("Thư giả.PNG", "thu-gia.png"),
        ("media/Đơn vị số 2.jpg", "don-vi-so-2.jpg"),
        ("C:\\fakepath\\Sơ đồ.svg", "so-do.svg"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("Thu\u031b gia\u0309.png", "thu-gia.png"),
        ("照片.png", "tep.png"),
        (".png", "tep.png"),
        ("con.txt", "tep-con.txt"),
        ("a" * 300 + ".pdf", "a" * 60 + ".pdf"),
        ("a\0b\n<script>.pdf", "ab-script.pdf"),
    ],
)
def test_uploads_get_plain_names(path, name):
    assert plain_name(path) == name


def test_a_name_that_is_taken_gets_a_number():
    taken = take("A.svg", SVG, taken={"media/a.svg", "media/A-2.svg"})
    assert taken.shown == "media/a-3.svg"
    big = saved(noise(2000, 1000), "PNG")
    assert set(take("a.png", big, taken={"media/goc/a.png"}).files) == {"media/a-2.webp", "media/goc/a-2.png"}


WRONG = {
    "a PNG as .jpg": ("a.jpg", GOOD["a.png"], "rename it to “a.png”"),
    "a JPEG as .png": ("Ảnh.png", GOOD["a.jpg"], "rename it to “Ảnh.jpg”"),
    "a zip as .png": ("a.png", GOOD["a.zip"], "rename it to “a.zip”"),
    "a Word file as .zip": ("a.zip", DOCX, "rename it to “a.docx”"),
    "a picture without ending": ("a", GOOD["a.png"], "rename it to “a.png”"),
    "a picture as text": ("a.txt", GOOD["a.png"], "rename it to “a.png”"),
    "text as a picture": ("a.png", b"hello", "no PNG"),
    "text as a Word file": ("a.docx", b"hello", "no Word"),
    "nothing": ("a.png", b"", "empty"),
    "a program": ("a.exe", b"MZ\x90\0", "Programs"),
    "a program as PDF": ("a.pdf", b"MZ\x90\0", "Programs"),
    "a page": ("a.html", b"<!DOCTYPE html><script>alert(1)</script>", "Programs"),
    "a page as a drawing": ("a.svg", b"<html><body><svg xmlns='http://www.w3.org/2000/svg'/></html>", "Programs"),
    "a script": ("a.js", b"alert(1)", "A course may hold png"),
    "a shell script": ("a.txt.sh", b"#!/bin/sh", "Programs"),
    "HEIC": ("a.heic", b"\0\0\0\x18ftypheic\0\0\0\0", "save it as JPEG"),
    "HEIC as .jpg": ("a.jpg", b"\0\0\0\x18ftypheic\0\0\0\0", "save it as JPEG"),
    "AVIF": ("a.avif", b"\0\0\0\x18ftypavif\0\0\0\0", "save it as JPEG"),
    "MOV": ("a.mov", b"\0\0\0\x14ftypqt  \0\0\0\0", "MP4"),
    "MKV": ("a.mkv", b"\x1aE\xdf\xa3\x9fB\x82\x88matroska", "MP4"),
    "old Word": ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".docx"),
    "RAR": ("a.rar", b"Rar!\x1a\x07", "ZIP"),
    "subtitles of another kind": ("a.vtt", b"1\n00:00:01,000 --> 00:00:02,000\nx\n", "WEBVTT"),
    "subtitles in an old encoding": ("a.vtt", "WEBVTT\n\nđã".encode("utf-16"), "UTF-8"),
    "text in an old encoding": ("a.txt", "Điều".encode("cp1258", "ignore") + b"\xd0", "UTF-8"),
    "macros": ("a.docx", packed("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "macros"),
    "macros by type": (
        "a.xlsx",
        packed("[Content_Types].xml", "xl/workbook.xml", data=b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"),
        "macros",
    ),
    "macros of LibreOffice": (
        "a.odt",
        packed("mimetype", "Basic/Standard/Module1.xml", data=b"application/vnd.oasis.opendocument.text"),
        "macros",
    ),
    "a zip with a program": ("a.zip", packed("a.txt", "Cài đặt.EXE"), "Cài đặt.EXE"),
    "a zip that climbs out": ("a.zip", packed("../x.txt"), "outside"),
    "a zip bomb": ("a.zip", packed("a.txt", data=b"\0" * (20 << 20)), "100"),
    "half a zip": ("a.docx", DOCX[:60], "damaged"),
    "half a PDF": ("a.pdf", b"%PDF-1.7\n1 0 obj\n", "cut short"),
    "half a film": ("a.mp4", MP4[:-8] + struct.pack(">I4s", 999, b"moov"), "cut short"),
    "a film without contents": ("a.mp4", MP4[:16], "cut short"),
    "a drawing with entities": ("a.svg", b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG, "plain SVG"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_not_taken_is_told_with_the_cure(what):
    name, data, cure = WRONG[what]
    assert cure in refusal(name, data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
@pytest.mark.parametrize("share", [0.03, 0.5, 0.9, 0.999])
def test_half_a_picture_is_refused(kind, share):
    data = saved(noise(300, 200), kind)
    ending = {"JPEG": "jpg"}.get(kind, kind.lower())
    assert "damaged" in refusal(f"a.{ending}", data[: int(len(data) * share)])


def test_a_damaged_piece_of_a_picture_is_refused():
    data = bytearray(saved(noise(300, 200), "PNG"))
    data[len(data) // 2] ^= 0x55
    assert "damaged" in refusal("a.png", bytes(data))


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@pytest.mark.parametrize("side", [7_100, 10_000, 60_000])
def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded(side):
    row = b"\0" * (1 + (side + 7) // 8)
    packer = zlib.compressobj()
    pixels = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    bomb += chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    started = time.perf_counter()
    assert "50 million pixels" in refusal("a.png", bomb)
    assert time.perf_counter() - started < 0.5


def test_a_large_photo_becomes_light_upright_and_tells_no_place():
    photo = noise(4000, 3000, grain=12)
    data = saved(photo, "JPEG", quality=92, exif=with_place(6))
    started = time.perf_counter()
    taken = take("Ảnh hội trường.JPG", data)
    assert time.perf_counter() - started < 5
    assert set(taken.files) == {"media/anh-hoi-truong.webp", "media/goc/anh-hoi-truong.jpg"}
    assert taken.shown == "media/anh-hoi-truong.webp"
    shown = opened(taken.files[taken.shown])
    assert (shown.format, shown.size) == ("WEBP", (1200, 1600))
    assert len(taken.files[taken.shown]) <= LIMIT
    original = opened(taken.files["media/goc/anh-hoi-truong.jpg"])
    assert dict(original.getexif()) == {0x0112: 6}
    assert original.tobytes() == opened(data).tobytes()
    assert not any(b"SecretPhone" in kept for kept in taken.files.values())
    assert "made lighter" in said(taken)
    assert "media/goc/anh-hoi-truong.jpg" in said(taken)
    corner = photo.transpose(Image.Transpose.ROTATE_270).resize((1200, 1600)).getpixel((40, 40))
    assert all(abs(a - b) < 20 for a, b in zip(shown.convert("RGB").getpixel((40, 40)), corner, strict=True))


def test_a_photo_full_of_grain_stops_at_a_readable_quality_and_says_so():
    grain = Image.frombytes("RGB", (1500, 1500), random.Random(1).randbytes(1500 * 1500 * 3))
    taken = take("a.jpg", saved(grain, "JPEG", quality=95))
    assert opened(taken.files[taken.shown]).size == (1280, 1280)
    assert f"still has {round(len(taken.files[taken.shown]) / 1000)} kB" in said(taken)


def test_a_screenshot_keeps_its_size_and_its_letters():
    image = screen()
    data = saved(image, "PNG", compress_level=1)
    taken = take("Màn hình.png", data)
    assert opened(taken.files[taken.shown]).size == image.size
    assert len(taken.files[taken.shown]) < len(data)
    assert taken.files["media/goc/man-hinh.png"] == data


def test_a_heavy_picture_that_would_not_get_lighter_stays():
    noisy = Image.frombytes("L", (400, 200), random.Random(1).randbytes(80_000)).point(lambda value: value & 1)
    data = saved(noisy.point(lambda value: value * 255).convert("1"), "PNG")
    assert take("a.png", data).files == {"media/a.png": data}
    webp = saved(noise(1200, 900, grain=300), "WEBP", quality=20)
    assert len(webp) > LIMIT
    assert len(take("a.webp", webp).files) == 1


def test_a_small_picture_keeps_its_pixels_without_the_place():
    data = saved(noise(200, 100), "JPEG", exif=with_place(8), comment=b"SecretPlace")
    taken = take("a.jpg", data)
    (kept,) = taken.files.values()
    assert b"Secret" not in kept
    assert dict(opened(kept).getexif()) == {0x0112: 8}
    assert opened(kept).tobytes() == opened(data).tobytes()
    assert "Hidden data" in said(taken)
    assert keep("a.jpg", kept).files == {"a.jpg": kept}


def test_texts_in_a_png_and_a_webp_go_too():
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "SecretName")
    image = noise(50, 50, "RGBA")
    png = saved(image, "PNG", pnginfo=info)
    webp = saved(image, "WEBP", lossless=True, exif=with_place(), xmp=b"<x>SecretName</x>")
    for name, data in (("a.png", png), ("a.webp", webp)):
        (kept,) = take(name, data).files.values()
        assert b"Secret" in data
        assert b"Secret" not in kept
        assert opened(kept).tobytes() == opened(data).tobytes()


def test_a_png_that_lies_on_its_side_is_set_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    taken = take("a.png", saved(noise(80, 40), "PNG", exif=exif))
    assert opened(taken.files[taken.shown]).size == (40, 80)


def test_transparency_stays():
    image = noise(1800, 900).quantize(64)
    image.info["transparency"] = image.getpixel((0, 0))
    taken = take("a.png", saved(image, "PNG", transparency=image.getpixel((0, 0))))
    shown = opened(taken.files[taken.shown])
    assert shown.mode == "RGBA"
    assert shown.getpixel((0, 0))[3] < 128
    assert shown.getpixel((shown.width - 1, shown.height - 1))[3] > 128


def test_colours_for_print_become_colours_for_screens():
    image = Image.new("CMYK", (100, 100), (0, 255, 255, 0))
    taken = take("a.jpg", saved(image, "JPEG"))
    red, green, blue = opened(taken.files[taken.shown]).convert("RGB").getpixel((50, 50))
    assert red > 200
    assert max(green, blue) < 80


@pytest.mark.parametrize("profile", [ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), b"no profile"])
def test_a_colour_profile_is_worked_in(profile):
    taken = take("a.png", saved(Image.new("RGB", (1700, 10), "#c02040"), "PNG", icc_profile=profile))
    shown = opened(taken.files[taken.shown])
    assert "icc_profile" not in shown.info
    assert shown.convert("RGB").getpixel((5, 5)) == pytest.approx((192, 32, 64), abs=4)


def test_greys_of_sixteen_bits_stay_grey():
    image = Image.new("I;16", (1700, 10), 32_768)
    taken = take("a.png", saved(image, "PNG"))
    assert opened(taken.files[taken.shown]).convert("L").getpixel((5, 5)) == pytest.approx(128, abs=3)


@pytest.mark.parametrize(("kind", "name"), [("GIF", "a.gif"), ("WEBP", "a.webp"), ("PNG", "a.png")])
def test_a_moving_picture_keeps_moving(kind, name):
    frames = [noise(300 + step, 200).resize((300, 200)) for step in range(12)]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100, loop=0)
    taken = take(name, data)
    assert opened(taken.files[taken.shown]).n_frames == 12
    assert ("moving picture" in said(taken)) == (len(data) > LIMIT)


POLYGLOTS = {
    "a.png": GOOD["a.png"] + b"<script>alert(1)</script>",
    "a.jpg": GOOD["a.jpg"] + b"<script>alert(1)</script>",
    "a.webp": GOOD["a.webp"] + b"<script>alert(1)</script>",
    "a.gif": GOOD["a.gif"] + b"*/=1;<script>alert(1)</script>",
    "b.gif": GOOD["a.gif"][:-1] + b"\x21\xfe\x19<script>alert(1)</script>\0;",
    "b.jpg": GOOD["a.jpg"][:2] + b"\xff\xfe\x00\x1b<script>alert(1)</script>" + GOOD["a.jpg"][2:],
    "b.png": GOOD["a.png"][:33] + chunk(b"tEXt", b"x\0<script>alert(1)</script>") + GOOD["a.png"][33:],
    "c.png": GOOD["a.png"] + packed("evil-script.class"),
}


@pytest.mark.parametrize("name", POLYGLOTS)
def test_what_hides_in_or_behind_a_picture_is_gone(name):
    taken = take(name, POLYGLOTS[name])
    (kept,) = taken.files.values()
    assert b"script" not in kept
    assert kept == GOOD[f"a{name[1:]}"]
    assert "Hidden data" in said(taken)


def test_a_drawing_is_sanitised_and_says_so():
    taken = take("a.svg", SVG.replace(b"<path", b"<script>alert(1)</script><path onclick='x'"))
    assert taken.files == {"media/a.svg": SVG}
    assert "<script>, onclick" in said(taken)


def test_a_film_that_some_browsers_cannot_play_is_remarked_on():
    moov = b"stsd" + b"\0" * 12 + b"hvc1"
    film = MP4[:16] + struct.pack(">I4s", 8 + len(moov), b"moov") + moov
    assert "HEVC" in said(take("a.mp4", film))


def test_a_jpeg_in_thousands_of_passes_is_refused():
    data = saved(noise(64, 64), "JPEG", progressive=True)
    start, end = data.rindex(b"\xff\xda"), len(data) - 2
    assert "damaged" in refusal("a.jpg", data[:end] + data[start:end] * 1000 + data[end:])


HEADS = st.sampled_from([data[:size] for data in GOOD.values() for size in (0, 4, 12, 40, len(data))])


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(GOOD)), HEADS, st.binary(max_size=80), st.data())
def test_no_bytes_make_it_raise_anything_but_its_refusal(name, head, tail, data):
    made = bytearray(head + tail)
    for _ in range(data.draw(st.integers(0, 3)) if made else 0):
        made[data.draw(st.integers(0, len(made) - 1))] = data.draw(st.integers(0, 255))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # Pillow remarks on notes that are broken
        try:
            taken = take(name, bytes(made))
        except NotTaken as refused:
            assert refused.problem.is_error  # noqa: PT017 - a refusal is one of two good ends
            return
        if len(taken.files) == 1:
            assert keep(taken.shown, taken.files[taken.shown]).files == taken.files


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80))
def test_every_name_becomes_a_plain_one(path):
    name = take(f"{path}.svg", SVG).shown
    assert name.isascii()
    assert name.startswith("media/")
    assert name.removeprefix("media/").replace(".", "-").replace("-", "").isalnum()
