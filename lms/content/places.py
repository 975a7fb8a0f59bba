"""What a command names: a course folder, a zip, or a published course (SLUG, SLUG@ or SLUG@3)."""

from pathlib import Path

import click
from flask_babel import force_locale
from sqlalchemy import select

from lms.content import disk
from lms.content.models import Course, Revision
from lms.core import blobs, i18n
from lms.core.db import db
from lms.course.archive import PACKED_LIMIT
from lms.course.source import Source, from_zip, plain


class CoursePlace(click.ParamType[Source]):
    """Reads the course; exit code 2, as for every argument that cannot be, when there is none."""

    name = "course"

    def convert(self, value: str | Source, param: click.Parameter | None, ctx: click.Context | None) -> Source:
        """A folder or file of that name first; `SLUG@` always means the published one."""
        if isinstance(value, Source):
            return value
        path = Path(value)
        try:
            if path.is_dir():
                return disk.read(path)
            return _zip(path) if path.is_file() else _named(value)
        except OSError as error:
            self.fail(f"không đọc được {error.filename or value}: {error.strerror}", param, ctx)
        except LookupError as error:
            self.fail(str(error.args[0]), param, ctx)


def _zip(path: Path) -> Source:
    if path.stat().st_size > PACKED_LIMIT:
        raise LookupError(f"{path} lớn hơn {PACKED_LIMIT // 1024**2} MB")
    source, problems = from_zip(path.read_bytes())
    if source is None:
        with force_locale("vi"):
            raise LookupError("\n".join(f"{path / p.path}: {p.text(i18n.gettext_now)}" for p in problems))
    return source


def _named(value: str) -> Source:
    if "/" in value or value.endswith(".zip"):
        raise LookupError(f"không có thư mục hay tệp {value}")
    slug, _, number = value.partition("@")
    if number and not (number.isascii() and number.isdigit() and len(number) < 10):
        raise LookupError(f"“{value}”: sau @ là số của bản, ví dụ {slug}@3")
    return published(slug, int(number) if number else None)


def published(slug: str, number: int | None = None) -> Source:
    """A revision as it was published, the current one without a number; texts with LF whoever wrote them."""
    query = select(Revision.files).join(Course, Course.id == Revision.course_id).where(Course.slug == slug)
    query = query.where(Revision.id == Course.revision_id if number is None else Revision.number == number)
    files = db.session.scalar(query)
    if files is None:
        raise LookupError(f"không có khóa học đã xuất bản “{slug}”" + (f" bản {number}" if number else ""))
    return Source({path: plain(path, blobs.get(digest)) for path, digest in sorted(files.items())})
