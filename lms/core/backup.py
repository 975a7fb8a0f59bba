"""One file that holds everything: the tables in a form that both databases read, and the blobs."""

import base64
import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Engine, LargeBinary, Table, func, insert, select, text, update

from lms.core.db import UtcDateTime, db

FORMAT = 1
ROWS_AT_ONCE = 500
KEPT = ("settings.toml", "secret_key")


class BadBackup(Exception):
    """The file cannot be restored; the message says why and what to do."""


def _version(connection: Connection) -> str:
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def save(target: Path, instance: Path, now: datetime) -> dict[str, int]:
    """Write everything to the file, while in use; returns the rows of each table.

    The tables are read in one transaction. Blobs are stored before the rows that name them, so
    copying them afterwards misses none.
    """
    part = target.with_name(target.name + ".part")
    digests: dict[str, str] = {}
    counts: dict[str, int] = {}
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        with _snapshot(db.engine) as connection:
            version = _version(connection)
            for table in db.metadata.sorted_tables:
                name = f"tables/{table.name}.jsonl"
                with archive.open(name, "w", force_zip64=True) as out:
                    counts[table.name], digests[name] = _dump(connection, table, out)
        for file in _instance_files(instance):
            name = file.relative_to(instance).as_posix()
            data = file.read_bytes()
            digests[name] = hashlib.sha256(data).hexdigest()
            archive.writestr(name, data)
        manifest = {"format": FORMAT, "version": version, "made_at": now.isoformat(), "rows": counts, "sha256": digests}
        archive.writestr("manifest.json", json.dumps(manifest, indent=1))
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.chmod(0o600)  # it holds names, answers and the key that signs sessions
    part.replace(target)
    return counts


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


def _dump(connection: Connection, table: Table, out: IO[bytes]) -> tuple[int, str]:
    """Every row as a line of JSON; how many, and their SHA-256."""
    total, count = hashlib.sha256(), 0
    rows = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(select(table).order_by(table.c.id))
    for row in rows:
        line = json.dumps([_plain(value) for value in row], ensure_ascii=False).encode() + b"\n"
        out.write(line)
        total.update(line)
        count += 1
    return count, total.hexdigest()


def _plain(value: Any) -> Any:
    """A value as JSON has it; the column's type brings it back."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value


def _reader(column: Any) -> Callable[[Any], Any]:
    """What turns the plain value of a column into its own."""
    kind = column.type
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat
    if isinstance(kind, LargeBinary):
        return base64.b64decode
    if kind.python_type is date:
        return date.fromisoformat
    return lambda value: value


def restore(source: Path, instance: Path, upgrade_to: Callable[[str], None]) -> dict[str, int]:
    """Fill an empty database from the file, on whichever database; `upgrade_to` migrates to a version.

    The whole file is checked before anything is written, and the rows are one transaction.
    """
    try:
        archive = zipfile.ZipFile(source)
    except (OSError, zipfile.BadZipFile) as error:
        raise BadBackup(f"{source}: {error}") from None
    with archive:
        manifest = _checked(archive)
        upgrade_to(manifest["version"])
        _refuse_filled(db.engine)
        _put_files(archive, manifest, instance)
        with db.engine.begin() as connection:
            for table in db.metadata.sorted_tables:
                with archive.open(f"tables/{table.name}.jsonl") as lines:
                    _fill(connection, table, lines)
            _close_circle(connection, archive)
            _set_sequences(connection)
    upgrade_to("head")
    return dict(manifest["rows"])


def _checked(archive: zipfile.ZipFile) -> dict[str, Any]:
    """The manifest, when every entry is there and is what it says."""
    try:
        manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
    except (KeyError, ValueError):
        raise BadBackup("this is not a backup of this product: it has no manifest") from None
    if manifest.get("format") != FORMAT:
        raise BadBackup("the backup was made by a newer version; update first")
    for name, expected in manifest["sha256"].items():
        total = hashlib.sha256()
        try:
            with archive.open(name) as file:
                while chunk := file.read(1 << 20):
                    total.update(chunk)
        except (KeyError, zipfile.BadZipFile):
            raise BadBackup(f"the backup is damaged: {name}") from None
        if total.hexdigest() != expected:
            raise BadBackup(f"the backup is damaged: {name}")
    return manifest


def _refuse_filled(engine: Engine) -> None:
    """Restoring over people's work is never right."""
    with engine.connect() as connection:
        for table in db.metadata.sorted_tables:
            if connection.scalar(select(func.count()).select_from(table)):
                raise BadBackup(
                    "the database is not empty; restore into a new one (another LMS_INSTANCE or LMS_DATABASE_URL)"
                )


def _put_files(archive: zipfile.ZipFile, manifest: dict[str, Any], instance: Path) -> None:
    """Blobs and key go where they belong; settings of the new place stay."""
    for name in manifest["sha256"]:
        parts = Path(name).parts
        is_blob = parts[0] == "blobs" and len(parts) == 3 and ".." not in parts
        if not (is_blob or name in KEPT):
            continue
        target = instance / name
        if name == "settings.toml" and target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(archive.read(name))
        if name == "secret_key":
            target.chmod(0o600)


def _fill(connection: Connection, table: Table, lines: IO[bytes]) -> None:
    """Insert the rows of one table."""
    columns = list(table.columns)
    readers = [_reader(column) for column in columns]
    batch: list[dict[str, Any]] = []
    for line in lines:
        values = (None if value is None else read(value) for value, read in zip(json.loads(line), readers, strict=True))
        row = {column.name: value for column, value in zip(columns, values, strict=True)}
        if table.name == "course":
            row["revision_id"] = None  # its revision comes later; see _close_circle
        batch.append(row)
        if len(batch) == ROWS_AT_ONCE:
            connection.execute(insert(table), batch)
            batch = []
    if batch:
        connection.execute(insert(table), batch)


def _close_circle(connection: Connection, archive: zipfile.ZipFile) -> None:
    """Courses point at revisions and revisions at courses: the first pointer is set last."""
    table = db.metadata.tables["course"]
    names = [column.name for column in table.columns]
    with archive.open("tables/course.jsonl") as lines:
        for line in lines:
            row = dict(zip(names, json.loads(line), strict=True))
            connection.execute(update(table).where(table.c.id == row["id"]).values(revision_id=row["revision_id"]))


def _set_sequences(connection: Connection) -> None:
    """PostgreSQL counts on from the highest id; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in db.metadata.sorted_tables:
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', 'id'), "  # noqa: S608 - our own table names
                f'(SELECT coalesce(max(id), 0) + 1 FROM "{table.name}"), false)'
            )
        )
