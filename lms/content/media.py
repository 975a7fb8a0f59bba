"""What a media file goes through before it enters a draft; the only user of Pillow.

Decoding takes seconds and much memory: call it before a write transaction begins.
"""

import io
import re
import struct
import unicodedata
import warnings
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from PIL import Image, ImageCms

from lms.content.rules import delivery
from lms.core.errors import Refused
from lms.core.i18n import _
from lms.core.text import slug
from lms.course import kinds, metadata, svg
from lms.course.archive import printable
from lms.course.check import PICTURE_LIMIT
from lms.course.kinds import Kind, Use
from lms.course.media import FOLDER, ORIGINALS
from lms.course.problems import N_, Problem, error, warning
from lms.course.source import Source

PIXEL_LIMIT = 50_000_000
SIDES = (1600, 1280)
QUALITIES = (60, 72, 85)
"""Below the first, letters in a screenshot blur."""
BYTES_A_PIXEL = 1
"""Screenshots and drawings need less in a PNG, photos more."""
STEM_LIMIT = 60
RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
"""Names that Windows refuses, whatever their ending."""
ORIENTATION = 0x0112
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
TOO_MANY_PIXELS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
UNREADABLE = (
    OSError,  # what Pillow does not know is one too
    SyntaxError,  # so it calls a broken PNG
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    OverflowError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
    metadata.Broken,
)
SRGB = ImageCms.createProfile("sRGB")
warnings.simplefilter("error", Image.DecompressionBombWarning)  # a decompression bomb is refused, not remarked on


class NotTaken(Refused):
    """The file may not enter the course; `problem` says why, with the cure."""

    status = 422

    def __init__(self, problem: Problem) -> None:
        super().__init__(**problem.values)
        self.problem = problem

    @property
    def text(self) -> str:
        """The message in the reader's language."""
        return self.problem.text(_)


@dataclass(frozen=True)
class Taken:
    """What is stored of one file: `files` by path, which of them lessons link, and what was changed, as warnings."""

    files: Mapping[str, bytes]
    shown: str
    notes: tuple[Problem, ...] = ()


def take(path: str, data: bytes, taken: Collection[str] = frozenset()) -> Taken:
    """An upload under a plain new name that is not `taken`, pictures made small with the original beside them."""
    kind = _kind(path, data)
    stem, ending = _plain(path, kind)
    names = {name.lower() for name in taken}
    if kind.use is Use.PICTURE:
        picture = _Picture.read(path, kind, data)
        if small := picture.small():
            return _both(picture, small, _free(stem, [(FOLDER, ".webp"), (ORIGINALS, ending)], names), ending)
        shown = f"{FOLDER}{_free(stem, [(FOLDER, ending)], names)}{ending}"
        return Taken({shown: picture.bare}, shown, tuple(picture.notes(shown)))
    shown = f"{FOLDER}{_free(stem, [(FOLDER, ending)], names)}{ending}"
    return _cleaned(path, shown, kind, data)


def keep(path: str, data: bytes) -> Taken:
    """A file of a whole course: checked and cleaned as an upload is, but its texts link it, so name and size stay."""
    kind = _kind(path, data)
    if kind.use is Use.PICTURE:
        picture = _Picture.read(path, kind, data)
        return Taken({path: picture.bare}, path, tuple(picture.notes(path)))
    return _cleaned(path, path, kind, data)


def cleaned(source: Source) -> tuple[Source, list[Problem]]:
    """A course with what its pages show made safe, names and pixels as they are; a refusal is an error among the problems."""
    files, problems = dict(source.files), []
    for path in source:
        if not delivery(path).is_inline:
            continue
        try:
            taken = keep(path, source[path])
        except NotTaken as refused:
            problems.append(replace(refused.problem, path=path))
            continue
        files |= taken.files
        problems += taken.notes
    return Source(files), problems


def plain_name(path: str) -> str:
    """The name that an upload gets: thu-gia.png for “Thư giả.PNG”."""
    stem, ending = _plain(path, None)
    return f"{stem}{ending}"


def _kind(path: str, data: bytes) -> Kind:
    try:
        return kinds.kind_of(_base(path), data)
    except kinds.NotAKind as refusal:
        raise NotTaken(_error(path, refusal.message, **refusal.values)) from None


def _error(path: str, message: str, **values: str | int) -> Problem:
    return error(printable(path), 1, message, **values)


def _base(path: str) -> str:
    """The name without folders; some browsers send those of Windows."""
    return unicodedata.normalize("NFC", path.replace("\\", "/").rpartition("/")[2])


def _plain(path: str, kind: Kind | None) -> tuple[str, str]:
    """Stem and ending of the new name."""
    base = _base(path)
    ending = kinds.ending_of(base)
    stem = slug(base[: len(base) - len(ending)])[:STEM_LIMIT].strip("-")
    if not stem:
        stem = "hinh" if kind and kind.use in {Use.PICTURE, Use.DRAWING} else "tep"
    return f"tep-{stem}" if RESERVED.fullmatch(stem) else stem, ending


def _free(stem: str, places: list[tuple[str, str]], taken: set[str]) -> str:
    """The stem, with a number when one of the places has it already."""
    found, number = stem, 1
    while any(f"{folder}{found}{ending}" in taken for folder, ending in places):
        number += 1
        found = f"{stem}-{number}"
    return found


def _cleaned(path: str, shown: str, kind: Kind, data: bytes) -> Taken:
    """What is no picture: drawings are sanitised, the rest stays as it is."""
    if kind.use is Use.DRAWING:
        clean, problems = svg.sanitise(shown, data)
        if clean is None:
            raise NotTaken(_error(path, problems[0].message, **problems[0].values))
        return Taken({shown: clean}, shown, tuple(problems))
    notes = []
    if codec := kinds.odd_codec(data) if kind.use is Use.FILM else "":
        message = N_("Not every browser plays this film (%(codec)s); export it as MP4 with H.264.")
        notes.append(warning(shown, 1, message, codec=codec))
    return Taken({shown: data}, shown, tuple(notes))


def _both(picture: "_Picture", small: "_Small", stem: str, ending: str) -> Taken:
    """The small picture for lessons, and the original beside it."""
    shown, original = f"{FOLDER}{stem}.webp", f"{ORIGINALS}{stem}{ending}"
    message = N_(
        "The picture was made lighter: %(before)s kB became %(after)s kB (%(size)s). The original stays in %(original)s."
    )
    size = "×".join(map(str, small.size))
    before, after = _kilobytes(picture.data), _kilobytes(small.data)
    notes = [warning(shown, 1, message, before=before, after=after, size=size, original=original)]
    if len(small.data) > PICTURE_LIMIT:
        notes.append(_heavy(shown, small.data))
    return Taken({shown: small.data, original: picture.bare}, shown, tuple(notes))


def _heavy(shown: str, data: bytes) -> Problem:
    message = N_("The picture still has %(size)s kB, which is slow on weak lines; cut it to what matters.")
    return warning(shown, 1, message, size=_kilobytes(data))


def _kilobytes(data: bytes) -> int:
    return max(1, round(len(data) / 1000))


@dataclass(frozen=True)
class _Small:
    """A picture written anew."""

    data: bytes
    size: tuple[int, int]


@dataclass(frozen=True)
class _Picture:
    """A picture that was read to its end; `bare` is the file without metadata, `image` perhaps smaller than `size`."""

    kind: Kind
    data: bytes
    bare: bytes
    orientation: int
    size: tuple[int, int]
    is_moving: bool
    image: Image.Image

    @classmethod
    def read(cls, path: str, kind: Kind, data: bytes) -> "_Picture":
        """NotTaken when it is damaged or has too many pixels."""
        try:
            orientation = _orientation(kind, data)
            bare = metadata.bare(kind.name.lower(), data, orientation)
            image = _open(kind, bare)
            size = image.size
            if size[0] * size[1] > PIXEL_LIMIT:
                raise Image.DecompressionBombError
            if _is_large(size, bare):
                image.draft(None, (SIDES[0], SIDES[0]))  # JPEG is read at half or a quarter, in a third of the time
            image.load()
            is_moving = kind.name != "JPEG" and bool(getattr(image, "is_animated", False))
        except TOO_MANY_PIXELS:
            message = N_("The picture has more than %(limit)s million pixels; make it smaller and choose it again.")
            raise NotTaken(_error(path, message, limit=PIXEL_LIMIT // 1_000_000)) from None
        except UNREADABLE:
            refusal = kinds.cut_short(kind)
            raise NotTaken(_error(path, refusal.message, **refusal.values)) from None
        return cls(kind, data, bare, orientation, size, is_moving, image)

    def small(self) -> "_Small | None":
        """A lighter picture; None when the file is good as it is, or would not get lighter."""
        must = self.image.mode == "CMYK" or (self.orientation != 1 and self.kind.name != "JPEG")
        if self.is_moving or not (must or _is_large(self.size, self.bare)):
            return None
        is_photo = len(self.bare) > BYTES_A_PIXEL * self.size[0] * self.size[1] or self.kind.name == "JPEG"
        made = _lightest(_upright(_fitted(self.image, SIDES[0]), self.orientation), is_photo=is_photo)
        if must or max(self.size) > SIDES[0] or len(made.data) < len(self.bare):
            return made
        return None

    def notes(self, shown: str) -> list[Problem]:
        """What is said of a picture that was not made smaller."""
        found = []
        if self.bare != self.data:
            message = N_(
                "Hidden data was taken out of the picture (such as place, time and device); it looks the same."
            )
            found.append(warning(shown, 1, message))
        if self.is_moving and len(self.bare) > PICTURE_LIMIT:
            message = N_(
                "The moving picture has %(size)s kB; as a short MP4 film it is lighter, and people can stop it."
            )
            found.append(warning(shown, 1, message, size=_kilobytes(self.bare)))
        elif len(self.bare) > PICTURE_LIMIT:
            found.append(_heavy(shown, self.bare))
        return found


def _open(kind: Kind, data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data), formats=[kind.name])


def _is_large(size: tuple[int, int], data: bytes) -> bool:
    return max(size) > SIDES[0] or len(data) > PICTURE_LIMIT


def _orientation(kind: Kind, data: bytes) -> int:
    """Which way is up; 1 when the file does not say, or says it in a way that browsers do not understand either."""
    try:
        found = _open(kind, data).getexif().get(ORIENTATION, 1)
    except (*UNREADABLE, *TOO_MANY_PIXELS):
        return 1
    return found if found in UPRIGHT else 1


def _fitted(image: Image.Image, side: int) -> Image.Image:
    """A copy in the colours of the web, no side longer."""
    copy = _without_palette(image)
    copy.thumbnail((side, side), Image.Resampling.LANCZOS)
    return _in_srgb(copy)


def _without_palette(image: Image.Image) -> Image.Image:
    """Colours that can be mixed: grey, RGB or CMYK with 8 bits, and transparency as a channel."""
    if image.mode.startswith("I"):
        return image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.copy() if image.mode in {"L", "RGB", "CMYK"} else image.convert("RGB")


def _in_srgb(image: Image.Image) -> Image.Image:
    wanted = "RGBA" if image.mode == "RGBA" else "RGB"
    profile = image.info.get("icc_profile")
    if profile:
        try:
            converted = ImageCms.profileToProfile(image, io.BytesIO(profile), SRGB, outputMode=wanted)
        except (ImageCms.PyCMSError, *UNREADABLE):
            converted = None  # browsers pass over a profile that is broken or for other colours, too
        if converted:
            return converted
    return image.convert(wanted)


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(UPRIGHT[orientation]) if orientation in UPRIGHT else image


def _lightest(image: Image.Image, *, is_photo: bool) -> _Small:
    """The best picture within the limit; photos may also become smaller, where letters would blur."""
    tried = [] if is_photo else [_webp(image, lossless=True)]
    if tried and len(tried[0].data) <= PICTURE_LIMIT:
        return tried[0]
    for side in SIDES if is_photo else SIDES[:1]:
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        within = None
        for quality in QUALITIES:
            made = _webp(image, quality=quality)
            tried.append(made)
            if len(made.data) > PICTURE_LIMIT:
                break
            within = made
        if within:
            return within
    return min(tried, key=lambda small: len(small.data))


def _webp(image: Image.Image, *, quality: int = 75, lossless: bool = False) -> _Small:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=quality, lossless=lossless, method=4, icc_profile=b"", exif=b"", xmp=b"")
    return _Small(out.getvalue(), image.size)
