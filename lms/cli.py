"""The lms command: set-up, serving, backup, and the features' own commands."""

import fcntl
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click
import flask_migrate
from alembic.script import ScriptDirectory
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from sqlalchemy import inspect
from sqlalchemy.exc import OperationalError, ProgrammingError

from lms.app import create_app
from lms.content.cli import course
from lms.content.members import ownerless
from lms.content.service import render_current
from lms.core import backup as backups
from lms.core import clock, jobs, libraries
from lms.core.actor import SYSTEM
from lms.core.db import begin_reading, begin_writing, db
from lms.core.errors import Refused
from lms.home import demo
from lms.interop.cli import questions
from lms.people import queries as people
from lms.people import service
from lms.people.cli import users
from lms.people.rules import Role
from lms.people.signin import password
from lms.reports.cli import learning
from lms.server import THREADS, WEB_WORKERS, complaint
from lms.server import serve as run_server
from lms.settings import ROOT, BadSetting, load
from lms.web.security import proxy_seen

LEAST_FREE_BYTES = 500_000_000


class Commands(click.Group):
    """Every command is one transaction in the application's context; what stops it is one sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            settings = load()
            app = create_app(settings)
        except BadSetting as error:
            raise click.ClickException(str(error)) from None
        except OSError as error:
            raise click.ClickException(f"không dùng được thư mục dữ liệu: {_reason(error)}") from None
        ctx.obj = app
        with app.app_context():
            begin_reading()
            try:
                result = super().invoke(ctx)
                db.session.commit()
            except Refused as refusal:
                raise click.ClickException(refusal.text) from None
            except backups.BadBackup as error:
                raise click.ClickException(str(error)) from None
            except (OperationalError, ProgrammingError) as error:
                raise click.ClickException(_explained(error)) from None
            except OSError as error:
                raise click.ClickException(f"không đọc hoặc ghi được: {_reason(error)}") from None
            finally:
                db.session.rollback()
                begin_reading()
        return result


def _explained(error: OperationalError | ProgrammingError) -> str:
    db.session.rollback()
    with suppress(OperationalError, ProgrammingError):
        if problem := _version_problem():
            return problem
    return f"cơ sở dữ liệu không làm được việc này: {error.orig} ({db.engine.url.render_as_string()})"


def _reason(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}" if error.filename else str(error)


@click.group(cls=Commands)
def main() -> None:
    """Tam Kỳ: courses, quiz results and certificates."""


main.add_command(users)
main.add_command(course)
main.add_command(questions)
main.add_command(learning)


@contextmanager
def _alone(instance: Path) -> Iterator[None]:
    """Two set-ups at once would both find an empty database; the second waits."""
    folder = os.open(instance, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _versions() -> list[str]:
    """Every migration there is, the newest first."""
    return [script.revision for script in ScriptDirectory(str(ROOT / "migrations")).walk_revisions()]


def _version_of_database() -> str | None:
    if not inspect(db.engine).has_table("alembic_version"):
        return None
    found = db.session.execute(db.text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _version_problem() -> str | None:
    """What is wrong between program and database; with tables of another version pages would fail one by one."""
    here, known = _version_of_database(), _versions()
    if here is None:
        return "cơ sở dữ liệu chưa được tạo: chạy “lms setup” trước"
    if here not in known:
        return "cơ sở dữ liệu thuộc phiên bản mới hơn chương trình: cập nhật chương trình"
    if here != known[0]:
        return "cơ sở dữ liệu thuộc phiên bản cũ: chạy “lms setup” để nâng cấp (sao lưu trước)"
    return None


def _refuse_other_version() -> None:
    if problem := _version_problem():
        raise click.ClickException(problem)


def _refuse_without_people() -> None:
    """A restore that was stopped leaves tables without rows."""
    if not people.count_users():
        raise click.ClickException("chưa có tài khoản nào: chạy “lms setup”, hoặc “lms restore TỆP” lại nếu nó bị ngắt")


@main.command()
@click.option(
    "--demo/--no-demo",
    "with_demo",
    default=False,
    help="Fill an empty database with demo people and the sample courses.",
)
@click.pass_obj
def setup(app: Flask, with_demo: bool) -> None:
    """Make everything ready to serve: database, catalogues, first accounts. Safe to run again."""
    with _alone(app.config["SETTINGS"].instance):
        _set_up(app, with_demo=with_demo)


def _set_up(app: Flask, *, with_demo: bool) -> None:
    compile_catalogues()
    missing = libraries.check()
    for line in missing:
        click.echo(f"  ! {line}")
    if missing:
        raise click.ClickException("WeasyPrint chưa đủ thư viện hệ thống (xem trên)")
    if (_version_of_database() or _versions()[0]) not in _versions():
        _refuse_other_version()
    db.session.rollback()
    flask_migrate.upgrade()
    click.echo("  Cơ sở dữ liệu: sẵn sàng")
    if made := render_current():
        db.session.commit()
        click.echo(f"  Bài học: đã dựng lại {made} mục cho phiên bản này")
    begin_reading()
    if people.count_users():
        click.echo("  Dữ liệu: đã có, giữ nguyên")
        return
    if with_demo:
        demo.remember(app.config["SETTINGS"].instance)
        demo.fill(clock.now())
        db.session.commit()
        click.echo("  Dữ liệu mẫu: đã nạp người dùng, đơn vị và khóa học")
        return
    temporary = service.temporary_password()
    hashed = password.make(temporary)
    begin_writing()
    now = clock.now()
    admin = service.add_user(
        name="Quản trị hệ thống",
        email="quantri@localhost",
        password_hash=hashed,
        must_change_password=True,
        by=SYSTEM,
        now=now,
    )
    service.grant_role(admin, Role.ADMIN, by=SYSTEM, now=now)
    db.session.commit()
    click.echo(f"  Quản trị viên đầu tiên: {admin.login}\n  Mật khẩu tạm: {temporary} (đổi khi đăng nhập lần đầu)")


def compile_catalogues() -> None:
    """Make the .mo files where the .po is newer."""
    for source in (ROOT / "lms" / "translations").glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parts[-3])
        draft = target.with_suffix(".new")
        with draft.open("wb") as out:
            write_mo(out, catalogue)
        draft.replace(target)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=WEB_WORKERS, show_default=True, type=click.IntRange(1, 64), help="Web processes.")
@click.option("--threads", default=THREADS, show_default=True, type=click.IntRange(1, 64), help="Threads of each.")
@click.pass_obj
def serve(app: Flask, host: str, port: int, workers: int, threads: int) -> None:
    """Serve pages and do jobs, until stopped."""
    _refuse_other_version()
    _refuse_without_people()
    if problem := complaint(host, port):
        raise click.ClickException(problem)
    db.session.remove()
    db.engine.dispose()
    if demo_accounts := demo.accounts():
        click.echo(f"\nMở http://{host}:{port} rồi đăng nhập bằng một tài khoản mẫu:")
        for account in demo_accounts:
            click.echo(f"  {account.login:<28} {account.password:<22} {account.what}")
    else:
        click.echo(f"\nMở http://{host}:{port} và đăng nhập.")
    click.echo("Dừng: Ctrl+C\n")
    os.environ["LMS_INSTANCE"] = str(app.config["SETTINGS"].instance)
    os.chdir(ROOT)  # gunicorn does not start in a folder that its user may not enter, such as root's home
    sys.exit(run_server(host, port, workers, threads))


@main.command()
def work() -> None:
    """Do jobs, until stopped; `lms serve` starts one of these."""
    _refuse_other_version()
    stopping = False

    def stop(_signal: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    jobs.work_forever(lambda: stopping)


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def backup(app: Flask, file: Path) -> None:
    """Write everything to FILE, while in use; an older FILE is replaced when the new one is whole."""
    _refuse_other_version()
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(143))  # so that nothing half is left
    rows = backups.save(file, app.config["SETTINGS"].instance, clock.now())
    click.echo(
        f"Đã sao lưu {sum(rows.values())} dòng vào {file} ({file.stat().st_size / 1e6:.1f} MB). Giữ tệp này ở nơi khác máy chủ."
    )


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def restore(app: Flask, file: Path) -> None:
    """Fill an empty database and instance folder from FILE."""
    compile_catalogues()
    instance = app.config["SETTINGS"].instance
    with _alone(instance):
        rows = backups.restore(
            file,
            instance,
            lambda version: version in _versions(),
            lambda version: flask_migrate.upgrade(revision=version),
        )
    click.echo(f"Đã khôi phục {sum(rows.values())} dòng từ {file}.")


@main.command()
@click.pass_obj
def doctor(app: Flask) -> None:
    """Say what is wrong with this installation; exit 1 when something is."""
    problems = list(libraries.check())
    _refuse_other_version()
    _refuse_without_people()
    free = shutil.disk_usage(app.config["SETTINGS"].instance).free
    if free < LEAST_FREE_BYTES:
        problems.append(f"đĩa chứa dữ liệu chỉ còn trống {free / 1e6:.0f} MB")
    seen = proxy_seen(app.config["SETTINGS"].instance)
    if seen.exists():
        problems.append(
            "có proxy phía trước (đã nhận X-Forwarded-For) nhưng trusted_proxies = 0, nên mọi người bị tính chung một"
            f" địa chỉ: đặt trusted_proxies = 1; nếu không có proxy thì xóa tệp {seen}"
        )
    if without_owner := ownerless():
        problems.append(
            f"{without_owner} khóa học chưa có chủ nên không ai soạn được: chạy “lms course member MÃ TÀI_KHOẢN”"
        )
    waiting = jobs.count_waiting(clock.now())
    failed = jobs.failed()
    problems += [f"việc nền {job.kind} {job.subject} đã hỏng 5 lần: {job.error}" for job in failed]
    click.echo(f"Việc nền đang chờ: {waiting}")
    for problem in problems:
        click.echo(f"! {problem}")
    if problems:
        sys.exit(1)
    click.echo("Không thấy vấn đề gì.")


if __name__ == "__main__":
    main()
