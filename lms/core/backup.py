"""One file that holds everything: the tables in a form that both databases read, and the blobs."""

import base64
import fcntl
import hashlib
import json
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Date,
    Engine,
    Integer,
    LargeBinary,
    TableClause,
    bindparam,
    column,
    func,
    insert,
    inspect,
    select,
    table,
    text,
    update,
)
from sqlalchemy.types import NullType, TypeEngine

from lms.core.db import UtcDateTime, db
from lms.core.i18n import _

FORMAT = 1
ROWS_AT_ONCE = 500
KEPT = ("settings.toml", "secret_key")
# What a value is in the file; the rest is in JSON what it is in the database.
KINDS: dict[str, TypeEngine[Any]] = {
    "moment": UtcDateTime(),
    "date": Date(),
    "bytes": LargeBinary(),
    "json": JSON(none_as_null=True),
    "plain": NullType(),
}
READERS: dict[str, Callable[[Any], Any]] = {
    "moment": datetime.fromisoformat,
    "date": date.fromisoformat,
    "bytes": base64.b64decode,
}
_BLOB = re.compile(r"blobs/([0-9a-f]{2})/\1[0-9a-f]{62}")
_UNREADABLE = (
    KeyError,
    ValueError,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
)

Layout = dict[str, list[tuple[str, str]]]
"""The tables in the order in which they can be filled, with the names and kinds of their columns."""


class BadBackup(Exception):
    """A backup cannot be made or restored; the message says why and what to do."""


def _version(connection: Connection) -> str | None:
    """The migration at which the database stands; none when it has not been set up."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _layout() -> Layout:
    return {each.name: [(found.name, _kind(found)) for found in each.columns] for each in db.metadata.sorted_tables}


def _kind(found: Column[Any]) -> str:
    return next((name for name, kind in KINDS.items() if isinstance(found.type, type(kind))), "plain")


def save(target: Path, instance: Path, now: datetime) -> dict[str, int]:
    """Write everything to the file, while in use; returns the rows of each table.

    The tables are read in one transaction. Blobs are stored before the rows that name them, so
    copying them afterwards misses none. The file appears whole or not at all.
    """
    digests: dict[str, str] = {}
    counts: dict[str, int] = {}
    with _draft_of(target) as draft:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
            with _snapshot(db.engine) as connection:
                version, layout = _version(connection), _layout()
                for name, columns in layout.items():
                    entry = f"tables/{name}.jsonl"
                    with archive.open(entry, "w", force_zip64=True) as out:
                        counts[name], digests[entry] = _dump(connection, name, columns, out)
            for file in _instance_files(instance):
                name = file.relative_to(instance).as_posix()
                data = file.read_bytes()
                digests[name] = hashlib.sha256(data).hexdigest()
                archive.writestr(name, data)
            manifest = {
                "format": FORMAT,
                "version": version,
                "made_at": now.isoformat(),
                "tables": layout,
                "rows": counts,
                "sha256": digests,
            }
            archive.writestr("manifest.json", json.dumps(manifest, indent=1))
        draft.flush()
        os.fsync(draft.fileno())
    return counts


@contextmanager
def _draft_of(target: Path) -> Iterator[IO[bytes]]:
    """A file beside the target that takes its place at the end, and goes away if there is none.

    Only we may read it: it holds names, answers and the key that signs sessions.
    """
    part = target.with_name(target.name + ".part")
    with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as draft:
        try:
            fcntl.flock(draft, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_ours = os.path.samestat(os.fstat(draft.fileno()), part.stat())  # or it has just become the target
        except (BlockingIOError, FileNotFoundError):
            is_ours = False
        if not is_ours:
            raise BadBackup(_("Another backup is being written to %(file)s.", file=target))
        try:
            draft.truncate()
            os.fchmod(draft.fileno(), 0o600)
            yield draft
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _snapshot(engine: Engine) -> Connection:
    """A connection that sees one moment only."""
    if engine.dialect.name == "postgresql":
        return engine.connect().execution_options(isolation_level="REPEATABLE READ")
    return engine.connect()


def _instance_files(instance: Path) -> Iterator[Path]:
    """The blobs, and the operator's settings and key."""
    yield from (
        file for file in sorted((instance / "blobs").rglob("*")) if file.is_file() and not file.name.startswith(".")
    )
    yield from (instance / name for name in KEPT if (instance / name).exists())


def _dump(connection: Connection, name: str, columns: list[tuple[str, str]], out: IO[bytes]) -> tuple[int, str]:
    """Every row as a line of JSON; how many, and their SHA-256."""
    total, count = hashlib.sha256(), 0
    source = db.metadata.tables[name]
    query = select(*(source.c[each] for each, _kind_of in columns)).order_by(source.c.id)
    for row in connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query):
        line = json.dumps([_plain(value) for value in row], ensure_ascii=False).encode() + b"\n"
        out.write(line)
        total.update(line)
        count += 1
    return count, total.hexdigest()


def _plain(value: Any) -> Any:
    """A value as JSON has it; the column's kind brings it back."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value


def restore(
    source: Path, instance: Path, known: Callable[[str], bool], upgrade_to: Callable[[str], None]
) -> dict[str, int]:
    """Fill an empty database from the file, on whichever database.

    `known` says whether we have a migration, `upgrade_to` migrates to it. File and place are checked before anything
    is written. The rows are one transaction and come last, so that a restore that was killed can be said again.
    """
    try:
        archive = zipfile.ZipFile(source)
    except _UNREADABLE:
        raise BadBackup(_("%(file)s is not a backup of this product, or it is not complete.", file=source)) from None
    with archive:
        manifest = _checked(archive, source)
        version, layout = str(manifest["version"]), manifest["tables"]
        if not known(version):
            raise BadBackup(_("%(file)s was made by a newer version of this product: update first.", file=source))
        _refuse_filled(db.engine)
        upgrade_to(version)
        _refuse_newer(db.engine, version)
        _put_files(archive, manifest, instance)
        with db.engine.begin() as connection:
            for name, columns in layout.items():
                with archive.open(f"tables/{name}.jsonl") as lines:
                    _fill(connection, name, columns, lines)
            _close_circle(connection, archive, layout["course"])
            _set_sequences(connection, layout)
    upgrade_to("head")
    return dict(manifest["rows"])


def _checked(archive: zipfile.ZipFile, source: Path) -> dict[str, Any]:
    """The manifest, when every entry is there and is what it says."""
    try:
        manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
        is_ours = isinstance(manifest, dict) and isinstance(manifest.get("format"), int)
    except _UNREADABLE:
        is_ours = False
    if not is_ours:
        raise BadBackup(_("%(file)s is not a backup of this product, or it is not complete.", file=source))
    if manifest["format"] != FORMAT:
        raise BadBackup(_("%(file)s was made by a newer version of this product: update first.", file=source))
    for name, expected in manifest["sha256"].items():
        total = hashlib.sha256()
        try:
            with archive.open(name) as file:
                while chunk := file.read(1 << 20):
                    total.update(chunk)
        except _UNREADABLE:
            total = hashlib.sha256()
        if total.hexdigest() != expected:
            raise BadBackup(_("%(file)s is damaged at %(name)s: take another backup.", file=source, name=name))
    return manifest


def _refuse_filled(engine: Engine) -> None:
    """Restoring over people's work is never right."""
    with engine.connect() as connection:
        names = set(inspect(connection).get_table_names())
        for found in db.metadata.sorted_tables:
            if found.name in names and connection.scalar(select(func.count()).select_from(found)):
                raise BadBackup(
                    _("The database is not empty: restore into a new one (another LMS_INSTANCE or LMS_DATABASE_URL).")
                )


def _refuse_newer(engine: Engine, version: str) -> None:
    """Empty tables of a later version than the backup's cannot take its rows."""
    with engine.connect() as connection:
        if _version(connection) != version:
            raise BadBackup(_("The database already has tables of a newer version: restore into a new one."))


def _put_files(archive: zipfile.ZipFile, manifest: dict[str, Any], instance: Path) -> None:
    """Blobs and key go where they belong; settings of the new place stay."""
    for name in manifest["sha256"]:
        target = instance / name
        if name == "settings.toml":
            if not target.exists():
                _write(target, _without_database(archive.read(name)))
        elif name == "secret_key":
            _write(target, archive.read(name))
        elif _BLOB.fullmatch(name):
            target.parent.mkdir(parents=True, exist_ok=True)
            _write(target, archive.read(name))


def _without_database(settings: bytes) -> bytes:
    """The old place's database stays there: a restore that was tried out must not go on with it."""
    return re.sub(rb"(?m)^(\s*database_url\s*=)", rb"# \1", settings)


def _write(target: Path, data: bytes) -> None:
    """The file whole, and on the disk, before the rows that name it."""
    draft = target.with_name(f".{target.name}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(target)


def _clause(name: str, columns: list[tuple[str, str]]) -> TableClause:
    """The table as it was when the backup was made, whatever the models say today."""
    return table(name, *(column(each, KINDS[kind]) for each, kind in columns))


def _rows(columns: list[tuple[str, str]], lines: IO[bytes]) -> Iterator[dict[str, Any]]:
    names = [each for each, _kind_of in columns]
    readers = [READERS.get(kind, lambda value: value) for _each, kind in columns]
    for line in lines:
        values = (None if value is None else read(value) for value, read in zip(json.loads(line), readers, strict=True))
        yield dict(zip(names, values, strict=True))


def _fill(connection: Connection, name: str, columns: list[tuple[str, str]], lines: IO[bytes]) -> None:
    """Insert the rows of one table."""
    statement = insert(_clause(name, columns))
    batch: list[dict[str, Any]] = []
    for row in _rows(columns, lines):
        if name == "course":
            row["revision_id"] = None  # its revision comes later; see _close_circle
        batch.append(row)
        if len(batch) == ROWS_AT_ONCE:
            connection.execute(statement, batch)
            batch = []
    if batch:
        connection.execute(statement, batch)


def _close_circle(connection: Connection, archive: zipfile.ZipFile, columns: list[tuple[str, str]]) -> None:
    """Courses point at revisions and revisions at courses: the first pointer is set last."""
    course = table("course", column("id", Integer), column("revision_id", Integer))
    statement = update(course).where(course.c.id == bindparam("number")).values(revision_id=bindparam("current"))
    with archive.open("tables/course.jsonl") as lines:
        pointers = [{"number": row["id"], "current": row["revision_id"]} for row in _rows(columns, lines)]
    if pointers:
        connection.execute(statement, pointers)


def _set_sequences(connection: Connection, layout: Layout) -> None:
    """PostgreSQL counts on from the highest id; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for name in layout:
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), "  # noqa: S608 - names of our own file
                f'(SELECT coalesce(max(id), 0) + 1 FROM "{name}"), false)'
            )
        )
