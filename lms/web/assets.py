"""Style sheets, scripts, fonts and icons: built once at start, served under an address that never changes its content."""

import gzip
import hashlib
import os
import re
import shutil
import tempfile
from functools import cache
from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask
from markupsafe import Markup
from whitenoise import WhiteNoise

SOURCE = Path(__file__).parent / "static"
COMPRESSED = {".css", ".js", ".svg"}


def files() -> dict[str, bytes]:
    """Every served file by its address; style sheets and the editor's scripts joined in the order of their names."""
    joined = {"app.css": "css/*.css", "desk.css": "css/desk/*.css", "editor.js": "js/editor/*.js"}
    found = {
        name: b"\n".join(part.read_bytes() for part in sorted(SOURCE.glob(which))) for name, which in joined.items()
    }
    for file in sorted(SOURCE.rglob("*")):
        name = file.relative_to(SOURCE).as_posix()
        if file.is_file() and not name.startswith(("css/", "js/editor/")):
            found[name.removeprefix("js/")] = file.read_bytes()
    return found


def digest(built: dict[str, bytes]) -> str:
    """Twelve letters that change with any file."""
    total = hashlib.sha256()
    for name, data in sorted(built.items()):
        total.update(name.encode() + b"\0" + hashlib.sha256(data).digest())
    return total.hexdigest()[:12]


def build(target: Path, built: dict[str, bytes]) -> None:
    """Write the files, pre-compressed beside; several processes may start at once."""
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=target.parent, prefix=".new-"))
    for name, data in built.items():
        file = draft / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        if file.suffix in COMPRESSED:
            (draft / f"{name}.gz").write_bytes(gzip.compress(data, 9, mtime=0))
    draft.chmod(0o755)
    try:
        os.rename(draft, target)  # noqa: PTH104 - must fail when another process was first
    except OSError:
        shutil.rmtree(draft)


def _guard(headers: Headers, _path: str, _url: str) -> None:
    """The web server's answers do not pass the application's own."""
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"


def init_app(app: Flask, instance: Path) -> None:
    """Serve the files for ever, and tell templates their addresses."""
    built = files()
    version = digest(built)
    folder = instance / "assets" / version
    build(folder, built)
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=folder,
        prefix=f"static/{version}/",
        immutable_file_test=lambda _path, _url: True,
        allow_all_origins=False,
        add_headers_function=_guard,
        mimetypes={".woff2": "font/woff2"},
    )

    def asset(name: str) -> str:
        """The address of a file; an unknown name is a mistake in the template."""
        if name not in built:
            raise LookupError(f"no asset {name}")
        return f"/static/{version}/{name}"

    known = set(re.findall(rb'id="([a-z0-9-]+)"', built["icons.svg"]))

    @cache
    def symbol(name: str, classes: str = "i") -> Markup:
        """One symbol of icons.svg, always beside a word; an unknown name is a mistake in the template."""
        if name.encode() not in known:
            raise LookupError(f"no symbol {name}")
        use = f'<use href="{asset("icons.svg")}#{name}" />'
        return Markup(f'<svg class="{classes}" aria-hidden="true" focusable="false">{use}</svg>')  # noqa: S704 - our own names

    app.jinja_env.globals.update(asset=asset, symbol=symbol)
