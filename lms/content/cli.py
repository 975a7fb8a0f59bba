"""lms course …: check, publish, bring along, export and compare courses, and say who works on them."""

import json
import os
import sys
import unicodedata
from pathlib import Path

import click
from flask_babel import force_locale
from sqlalchemy import inspect

from lms.content import disk, drafting, media, members, places, queries, service, told
from lms.content.bench import looked_over
from lms.content.rules import COURSE_ROLE_LABELS, CourseRole
from lms.core import clock, i18n
from lms.core.db import begin_writing, db
from lms.course.desk import TITLE_LIMIT
from lms.course.difference import changes
from lms.course.document import CourseDoc
from lms.course.identify import with_ids
from lms.course.parse import parse
from lms.course.problems import Problem
from lms.course.source import Source, to_zip
from lms.people.cli import actor
from lms.people.queries import find_by_login

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def course() -> None:
    """Courses as folders."""


def _read(folder: Path) -> tuple[CourseDoc | None, list[Problem]]:
    known = queries.local_values() if inspect(db.engine).has_table("local_value") else None
    return looked_over(disk.read(folder), known)


def _tell(folder: Path, problems: list[Problem]) -> None:
    for problem in sorted(problems):
        mark = "✖" if problem.is_error else "⚠"
        click.echo(f"{mark} {folder / problem.path}:{problem.line}: {problem.text(i18n.gettext_now)}")


def _write_ids(folder: Path) -> None:
    """Change the files in which ids are missing, and tell where; on the error stream, which no script reads."""
    source = disk.read(folder)
    fixed, written = with_ids(source)
    on_disk = {unicodedata.normalize("NFC", file.relative_to(folder).as_posix()): file for file in folder.rglob("*")}
    for path, data in fixed.items():
        if data != source[path]:
            on_disk[path].write_bytes(data)
    for one in written:
        click.echo(f"✎ {folder / one.path}:{one.line}: {one.text(i18n.gettext_now)}", err=True)


@course.command("check")
@click.argument("folder", type=FOLDER)
@click.option("--json", "as_json", is_flag=True, help="One JSON list, for scripts.")
@click.option("--fix", is_flag=True, help="Write the ids that are missing into the files first.")
@click.option("--lang", type=click.Choice(i18n.LOCALES), default="vi", show_default=True)
def check(folder: Path, as_json: bool, fix: bool, lang: str) -> None:
    """Say what is wrong with the course in FOLDER; exit 1 when it cannot be published."""
    if fix:
        with force_locale(lang):
            _write_ids(folder)
    doc, problems = _read(folder)
    errors = sum(problem.is_error for problem in problems)
    with force_locale(lang):
        if as_json:
            rows = [
                {"path": p.path, "line": p.line, "level": p.level.value, "message": p.text(i18n.gettext_now)}
                for p in sorted(problems)
            ]
            click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        else:
            _tell(folder, problems)
            name = (doc and doc.title) or str(folder)
            click.echo(
                f"{name}: {errors} lỗi, {len(problems) - errors} cảnh báo"
                if lang == "vi"
                else f"{name}: {errors} errors, {len(problems) - errors} warnings"
            )
    if errors:
        sys.exit(1)


@course.command("publish")
@click.argument("folder", type=FOLDER)
@click.option("--note", help="What changed, in one line.")
@click.option("--minor", is_flag=True, help="Nothing that is taught or asked changed.")
@click.option("--by", "by_login", help="Sign-in name of who does this.")
def publish(folder: Path, note: str | None, minor: bool, by_login: str | None) -> None:
    """Publish the course in FOLDER; the same contents twice make nothing new."""
    source, notes = media.cleaned(disk.read(folder))
    doc, problems = parse(source)
    problems = [*notes, *problems]
    if doc is None or any(problem.is_error for problem in problems):
        _tell(folder, problems)
        raise click.ClickException("khóa học còn lỗi, chưa xuất bản")
    prepared = service.prepare(source, doc, problems)
    begin_writing()
    now, before = clock.now(), queries.find_course(doc.id)
    current = before.revision_id if before else None
    by = actor(by_login)
    revision = service.publish(prepared, by=by, now=now, note=note, is_material=not minor)
    if before is None:
        members.make_owner(revision.course, by.id, now=now)
    if revision.id == current:
        click.echo(f"{doc.title}: không có gì mới, vẫn là bản {revision.number}")
    else:
        click.echo(f"{doc.title}: đã xuất bản bản {revision.number} ({revision.digest[:12]})")


@course.command("list")
def list_all() -> None:
    """Every course with its current revision."""
    for row in queries.courses():
        state = "đã lưu trữ" if row.retired_at else "mở ghi danh" if row.is_open else "theo danh sách"
        click.echo(f"{row.slug:<24} bản {row.number or '—'}  {state}  {row.title}")


@course.command("retire")
@click.argument("slug")
@click.option("--by", "by_login", help="Sign-in name of who does this.")
def retire(slug: str, by_login: str | None) -> None:
    """Let nobody new enrol; those who take the course may finish."""
    begin_writing()
    found = queries.find_course(slug)
    if found is None:
        raise click.ClickException(f"không có khóa học {slug}")
    service.retire(found, by=actor(by_login), now=clock.now())
    click.echo(f"{found.title}: đã lưu trữ")


@course.command("export")
@click.argument("slug")
@click.option("--revision", "number", type=click.IntRange(min=1), help="Its number; the current one without.")
@click.option("--out", type=click.Path(path_type=Path), help="A new or empty folder, or a FILE.zip; SLUG.zip without.")
def export(slug: str, number: int | None, out: Path | None) -> None:
    """Write a published revision of SLUG as a folder or a zip; nothing is overwritten."""
    out = out or Path(f"{slug}.zip")
    try:
        source = places.published(slug, number)
    except LookupError as error:
        raise click.ClickException(error.args[0]) from None
    if out.suffix.lower() == ".zip":
        try:
            with out.open("xb") as file:
                file.write(to_zip(source))
        except FileExistsError:
            raise click.ClickException(f"{out} đã có: chọn tên khác") from None
    elif disk.is_free(out):
        disk.write(source, out)
    else:
        raise click.ClickException(f"{out} không trống: chọn thư mục khác")
    click.echo(f"{slug}: {len(source)} tệp trong {out} ({source.digest()[:12]})")


@course.command("diff")
@click.argument("before", type=places.CoursePlace())
@click.argument("after", type=places.CoursePlace())
@click.option("--stat", is_flag=True, help="Only how much changed in each file.")
def diff(before: Source, after: Source, stat: bool) -> None:
    """Say what differs between two courses, word by word.

    BEFORE and AFTER are each a folder, a zip, SLUG (what is published now; SLUG@ where a folder has that name)
    or SLUG@3 (its third revision). Exit 0 when they are equal, 1 when they differ, 2 when one cannot be read.
    """
    found = changes(before, after)
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    for change in found:
        click.echo(told.summary(change) if stat else "\n".join(told.whole(change, colour=colour)))
    if found:
        sys.exit(1)


@course.command("import")
@click.argument("place", type=places.CoursePlace())
@click.option("--by", "by_login", help="Sign-in name of who does this; owns the course when it is new.")
def bring(place: Source, by_login: str | None) -> None:
    """Keep the course at PLACE, a folder or zip, as the draft of its course; an open draft is set aside."""
    place, notes = media.cleaned(place)
    doc, problems = parse(place)
    if doc is None or not doc.id or any(note.is_error for note in notes):
        raise click.ClickException("không đọc được khóa học: chạy “lms course check” để xem vì sao")
    files = drafting.laid_out(place)
    begin_writing()
    now, by, found = clock.now(), actor(by_login), queries.find_course(doc.id)
    if found is None:
        drafting.create(doc.id, (doc.title or doc.id)[:TITLE_LIMIT], files, by=by, now=now)
    else:
        drafting.replace(found, files, by=by, now=now)
    click.echo(f"{doc.title}: đã thành bản nháp, {sum(problem.is_error for problem in problems)} lỗi")


@course.command("member")
@click.argument("slug")
@click.argument("login")
@click.option("--role", type=click.Choice(list(CourseRole)), default=CourseRole.OWNER, show_default=True)
@click.option("--by", "by_login", help="Sign-in name of who does this.")
def member(slug: str, login: str, role: str, by_login: str | None) -> None:
    """Give the trainer LOGIN a part in the course SLUG: a course published by command has no owner yet."""
    begin_writing()
    found, user = queries.find_course(slug), find_by_login(login)
    if found is None or user is None:
        raise click.ClickException(f"không có {'khóa học ' + slug if found is None else 'tài khoản ' + login}")
    members.set_member(found, user, CourseRole(role), by=actor(by_login), now=clock.now())
    click.echo(f"{found.title}: {user.name} là {COURSE_ROLE_LABELS[CourseRole(role)]}")
