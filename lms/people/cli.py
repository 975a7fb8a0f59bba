"""lms users …: accounts from the command line."""

import click

from lms.core import clock
from lms.core.actor import SYSTEM, Actor
from lms.core.db import begin_writing, db
from lms.people import queries, service
from lms.people.models import Unit
from lms.people.rules import Role, password_problems
from lms.people.signin import password


def actor(login: str | None) -> Actor:
    """Who a command works for: the account of `--by`, else the system."""
    if login is None:
        return SYSTEM
    found = queries.find_by_login(login)
    if found is None or found.deactivated_at is not None:
        raise click.ClickException(f"--by: không có tài khoản {login}")
    return Actor(found.id, found.name)


def _unit(words: str) -> Unit:
    """The one unit with this number or name."""
    found = queries.units_called(words, clock.today())
    if not found:
        raise click.ClickException(f"--unit: không có đơn vị {words}")
    if len(found) > 1:
        names = "; ".join(f"{unit.id} = {queries.full_unit_name(unit.id, clock.today())}" for unit in found)
        raise click.ClickException(f"--unit: nhiều đơn vị cùng tên, hãy dùng số: {names}")
    return found[0]


@click.group()
def users() -> None:
    """Accounts."""


@users.command("create")
@click.option("--name", required=True, help="Full name.")
@click.option("--email", help="Official e-mail: the sign-in name.")
@click.option("--phone", help="Phone: the sign-in name of people without e-mail.")
@click.option("--staff-code", help="Staff code, when HR has one.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice([r.value for r in Role if r != Role.LEARNER]),
    help="May be given more than once; everyone is a learner, hr sees everyone.",
)
@click.option(
    "--unit", "unit_names", multiple=True, help="A unit that HR oversees: its number or exact name. May be repeated."
)
@click.option("--password", "typed", help="Without it a temporary one is made and printed.")
@click.option("--by", "by_login", help="Sign-in name of who does this; the audit names it.")
def create(name: str, email: str | None, phone: str | None, staff_code: str | None, roles: tuple[str, ...], unit_names: tuple[str, ...], typed: str | None, by_login: str | None) -> None:  # fmt: skip
    """Make an account and print how to sign in."""
    if not (name := " ".join(name.split())):
        raise click.UsageError("--name: cần họ và tên")
    if typed and password_problems(typed, name=name, login=email or phone or ""):
        raise click.UsageError(
            "mật khẩu cần ít nhất 14 ký tự, có chữ thường, chữ hoa, chữ số và ký hiệu, không chứa tên"
        )
    if unit_names and Role.HR not in roles:
        raise click.UsageError("--unit chỉ dùng cùng --role hr")
    first = typed or service.temporary_password()
    hashed = password.make(first)
    begin_writing()
    now, by = clock.now(), actor(by_login)
    overseen = [_unit(words) for words in unit_names]
    user = service.add_user(
        name=name,
        email=email,
        phone=phone,
        staff_code=staff_code,
        password_hash=hashed,
        must_change_password=typed is None,
        by=by,
        now=now,
    )
    for role in roles:
        for unit in overseen if role == Role.HR and overseen else [None]:
            service.grant_role(user, Role(role), unit=unit, by=by, now=now)
    db.session.flush()
    click.echo(f"Đã tạo tài khoản {user.login} ({user.name}).")
    if typed is None:
        click.echo(f"Mật khẩu tạm: {first} (đổi khi đăng nhập lần đầu)")


@users.command("reset-password")
@click.argument("login")
@click.option("--by", "by_login", help="Sign-in name of who does this.")
def reset_password(login: str, by_login: str | None) -> None:
    """Set a temporary password and print it."""
    temporary = service.temporary_password()
    hashed = password.make(temporary)
    begin_writing()
    user = queries.find_by_login(login)
    if user is None:
        raise click.ClickException(f"không có tài khoản {login}")
    service.reset_password(user, hashed, by=actor(by_login), now=clock.now())
    click.echo(f"Mật khẩu tạm của {user.login}: {temporary} (đổi khi đăng nhập lần đầu)")
