"""What the operator may set: instance/settings.toml, overridden by LMS_* variables; checked at start."""

import os
import secrets
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


class BadSetting(Exception):
    """A setting that cannot be used; the message names it and says what is allowed."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting there is, with what holds when the operator says nothing."""

    instance: Path = ROOT / "instance"
    """Folder of the database, files, keys and settings.toml."""
    database_url: str = ""
    """SQLAlchemy URL, sqlite:///… or postgresql+psycopg://…; silent: instance/lms.sqlite."""
    base_url: str = "http://127.0.0.1:8000"
    """The address people type; printed in QR codes."""
    site_name: str = "Học trực tuyến cán bộ"
    administration: str = ""
    """Who runs this installation, under the name in the masthead and at the foot."""
    support: str = ""
    """Whom to call: a line of text at the foot and in error messages."""
    demo: bool = False
    """Show the demo accounts and their passwords on the sign-in page."""
    secure_cookies: bool = False
    """Send cookies over HTTPS only; set it wherever there is HTTPS."""
    trusted_proxies: int = 0
    """How many proxies in front add X-Forwarded-For and -Proto."""
    session_minutes: int = 480
    """Idle minutes after which one must sign in again."""
    upload_mib: int = 64
    """The largest upload."""
    course_quota_mib: int = 200
    """What the files of one course may take together."""
    publishing_needs_approval: bool = False
    """A second person, an owner or a reviewer of the course, has to approve before learners see what was written."""

    @property
    def database(self) -> str:
        """The URL in use."""
        return self.database_url or f"sqlite:///{self.instance / 'lms.sqlite'}"


def load(env: Mapping[str, str] = os.environ) -> Settings:
    """Read the file, then the variables; raise BadSetting on what cannot be used."""
    instance = Path(env.get("LMS_INSTANCE") or Settings.instance).resolve()
    file = instance / "settings.toml"
    try:
        raw: dict[str, Any] = (
            tomllib.loads(file.read_text("utf-8-sig")) if file.exists() else {}
        )  # Notepad's mark is let in
    except (OSError, ValueError) as error:
        raise BadSetting(f"không đọc được {file}: {error}") from None
    known = {field.name: field for field in fields(Settings)}
    for name in raw:
        if name not in known or name == "instance":
            raise BadSetting(
                f"{file}: không có thiết lập “{name}”. Có: {', '.join(sorted(known.keys() - {'instance'}))}"
            )
    raw |= {name: env[f"LMS_{name.upper()}"] for name in known if f"LMS_{name.upper()}" in env}
    raw["instance"] = instance
    settings = Settings(**{name: _typed(name, value, getattr(Settings, name)) for name, value in raw.items()})
    _refuse_unusable(settings)
    return settings


def _typed(name: str, value: Any, default: Any) -> Any:
    """The value as the kind of its default."""
    if isinstance(default, Path):
        return Path(value)
    if isinstance(default, bool):
        if str(value).lower() in {"1", "true", "yes", "on"}:
            return True
        if str(value).lower() in {"0", "false", "no", "off", ""}:
            return False
        raise BadSetting(f"{name}: “{value}” phải là true hoặc false")
    if isinstance(default, int):
        try:
            return int(str(value))
        except ValueError:
            raise BadSetting(f"{name}: “{value}” phải là số nguyên") from None
    return str(value)


def _refuse_unusable(settings: Settings) -> None:
    """What would only fail later, and less clearly."""
    if settings.database_url and not settings.database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise BadSetting("database_url: phải bắt đầu bằng sqlite:/// hoặc postgresql+psycopg://")
    if not settings.base_url.startswith(("http://", "https://")):
        raise BadSetting(f"base_url: “{settings.base_url}” phải bắt đầu bằng https:// hoặc http://")
    for name, least in (("trusted_proxies", 0), ("session_minutes", 1), ("upload_mib", 1), ("course_quota_mib", 1)):
        if getattr(settings, name) < least:
            raise BadSetting(f"{name}: phải từ {least} trở lên")


def secret_key(instance: Path) -> str:
    """The key that signs sessions: made once, readable by this account only."""
    file = instance / "secret_key"
    instance.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        handle = os.open(file.with_suffix(".new"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):  # another process was first
            file.hardlink_to(file.with_suffix(".new"))
        file.with_suffix(".new").unlink(missing_ok=True)
    return file.read_text("ascii").strip()
