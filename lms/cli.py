"""The lms command: set-up, serving, backup, and the features' own commands."""

import signal
import sys
from pathlib import Path
from typing import Any

import click
import flask_migrate
from alembic.script import ScriptDirectory
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from sqlalchemy import inspect

from lms.app import create_app
from lms.certificates import pdf
from lms.content.cli import course
from lms.core import backup as backups
from lms.core import clock, jobs
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
from lms.server import serve as run_server
from lms.settings import ROOT, BadSetting, load


class Commands(click.Group):
    """Every command is one transaction in the application's context."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            app = create_app(load())
        except BadSetting as error:
            raise click.ClickException(str(error)) from None
        ctx.obj = app
        with app.app_context():
            begin_reading()
            try:
                result = super().invoke(ctx)
                db.session.commit()
            except Refused as refusal:
                db.session.rollback()
                raise click.ClickException(refusal.text) from None
            except backups.BadBackup as error:
                db.session.rollback()
                raise click.ClickException(str(error)) from None
            finally:
                begin_reading()
        return result


@click.group(cls=Commands)
def main() -> None:
    """Tam Kỳ: courses, quiz results and certificates."""


main.add_command(users)
main.add_command(course)
main.add_command(questions)


@main.command()
@click.option(
    "--demo/--no-demo",
    "with_demo",
    default=False,
    help="Fill an empty database with demo people and the sample courses.",
)
def setup(with_demo: bool) -> None:
    """Make everything ready to serve: database, catalogues, first accounts. Safe to run again."""
    compile_catalogues()
    missing = pdf.check()
    for line in missing:
        click.echo(f"  ! {line}")
    if missing:
        raise click.ClickException("WeasyPrint chưa đủ thư viện hệ thống (xem trên)")
    flask_migrate.upgrade()
    click.echo("  Cơ sở dữ liệu: sẵn sàng")
    if people.count_users():
        click.echo("  Dữ liệu: đã có, giữ nguyên")
        return
    if with_demo:
        demo.remember(load().instance)
        demo.fill(clock.now())
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
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Web processes.")
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 64), help="Threads of each.")
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve pages and do jobs, until stopped."""
    _refuse_old_database()
    db.session.remove()
    db.engine.dispose()
    if demo_accounts := demo.accounts():
        click.echo(f"\nMở http://{host}:{port} rồi đăng nhập bằng một tài khoản mẫu:")
        for account in demo_accounts:
            click.echo(f"  {account.login:<28} {account.password:<22} {account.what}")
    else:
        click.echo(f"\nMở http://{host}:{port} và đăng nhập.")
    click.echo("Dừng: Ctrl+C\n")
    sys.exit(run_server(host, port, workers, threads))


def _refuse_old_database() -> None:
    """Serving with tables of another version would fail page by page."""
    head = ScriptDirectory(str(ROOT / "migrations")).get_current_head()
    tables = inspect(db.engine).get_table_names()
    here = (
        db.session.execute(db.text("SELECT version_num FROM alembic_version")).scalar()
        if "alembic_version" in tables
        else None
    )
    if here != head:
        raise click.ClickException("cơ sở dữ liệu chưa đúng phiên bản: chạy “lms setup” trước")


@main.command()
def work() -> None:
    """Do jobs, until stopped; `lms serve` starts one of these."""
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
    """Write everything to FILE, while in use."""
    rows = backups.save(file, app.config["SETTINGS"].instance, clock.now())
    click.echo(
        f"Đã sao lưu {sum(rows.values())} dòng vào {file} ({file.stat().st_size / 1e6:.1f} MB). Giữ tệp này ở nơi khác máy chủ."
    )


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def restore(app: Flask, file: Path) -> None:
    """Fill an empty database and instance folder from FILE."""
    rows = backups.restore(
        file, app.config["SETTINGS"].instance, lambda version: flask_migrate.upgrade(revision=version)
    )
    click.echo(f"Đã khôi phục {sum(rows.values())} dòng từ {file}.")


@main.command()
def doctor() -> None:
    """Say what is wrong with this installation; exit 1 when something is."""
    problems = list(pdf.check())
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
