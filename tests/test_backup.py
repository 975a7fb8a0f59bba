"""Backup and restore: everything, while in use, onto either database; all of it or nothing."""

import json
import os
import struct
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect

from lms.app import create_app
from lms.content import disk
from lms.content.service import prepare, publish
from lms.core import backup, clock
from lms.core.actor import SYSTEM
from lms.core.backup import BadBackup
from lms.core.db import begin_writing, db
from lms.course.parse import parse
from lms.people import service
from lms.settings import ROOT, Settings
from tests import cast
from tests.servers import postgres_url

KNOWN = [step.revision for step in ScriptDirectory(str(ROOT / "migrations")).walk_revisions()]


@pytest.fixture
def saved(app, tmp_path: Path) -> Path:
    source = disk.read(ROOT / "tests" / "samples" / "ung-cuu-su-co")
    doc, problems = parse(source)
    prepared = prepare(source, doc, problems)
    begin_writing()
    publish(prepared, by=SYSTEM, now=clock.now())
    db.session.commit()
    file = tmp_path / "backup.zip"
    backup.save(file, app.config["SETTINGS"].instance, clock.now())
    return file


ON_BOTH = pytest.mark.parametrize("target", ["sqlite", "postgresql"])


@pytest.fixture
def target() -> str:
    """Where a file that is refused is not restored to: it is refused before the database is asked for anything."""
    return "sqlite"


@pytest.fixture
def fresh(target: str, saved, tmp_path: Path) -> Iterator[Flask]:
    """An empty installation, in its context."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    url = postgres_url(f"fresh_{worker}") if target == "postgresql" else ""
    app = create_app(Settings(instance=tmp_path / "fresh", database_url=url))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def restore(file: Path, into: Flask) -> dict[str, int]:
    return backup.restore(
        file,
        into.config["SETTINGS"].instance,
        lambda version: version in KNOWN,
        lambda version: flask_migrate.upgrade(revision=version),
    )


def rewrite(file: Path, **changes: object) -> None:
    """The same backup with other words in its manifest."""
    with zipfile.ZipFile(file) as old:
        entries = {name: old.read(name) for name in old.namelist()}
    entries["manifest.json"] = json.dumps(json.loads(entries["manifest.json"]) | changes).encode()
    with zipfile.ZipFile(file, "w") as new:
        for name, data in entries.items():
            new.writestr(name, data)


def assert_untouched(app: Flask, key: str) -> None:
    instance = app.config["SETTINGS"].instance
    assert inspect(db.engine).get_table_names() == []
    assert not (instance / "blobs").exists()
    assert not (instance / "settings.toml").exists()
    assert (instance / "secret_key").read_text() == key


def key_of(app: Flask) -> str:
    return (app.config["SETTINGS"].instance / "secret_key").read_text()


@ON_BOTH
def test_a_backup_fills_an_empty_installation(app, saved, fresh, tmp_path):
    rows = restore(saved, fresh)
    assert rows["user"] == 5
    assert fresh.test_client().get("/xac-minh").status_code == 200
    assert cast.person("an").name == "Nguyễn Thị An"
    assert key_of(fresh) == key_of(app)
    again = tmp_path / "again.zip"
    assert backup.save(again, fresh.config["SETTINGS"].instance, clock.now()) == rows
    with zipfile.ZipFile(saved) as one, zipfile.ZipFile(again) as other:
        assert sorted(one.namelist()) == sorted(other.namelist())
        for name in one.namelist():
            if name != "manifest.json":
                assert one.read(name) == other.read(name), name


@ON_BOTH
def test_ids_go_on_after_those_restored(saved, fresh):
    restore(saved, fresh)
    begin_writing()
    user = service.add_user(
        name="Bùi Thị Lan",
        email="lan@songlam.example",
        password_hash=None,
        must_change_password=True,
        by=SYSTEM,
        now=clock.now(),
    )
    db.session.commit()
    assert user.id == 6


@ON_BOTH
def test_nothing_is_restored_over_peoples_work(saved, fresh):
    restore(saved, fresh)
    with pytest.raises(BadBackup, match="không trống"):
        restore(saved, fresh)


def test_a_backup_that_is_damaged_anywhere_changes_nothing(saved, fresh):
    key, whole = key_of(fresh), saved.read_bytes()
    with zipfile.ZipFile(saved) as archive:
        entries = [entry for entry in archive.infolist() if entry.file_size]
    assert len(entries) > 20
    for entry in entries:
        data = bytearray(whole)
        length_of_name, length_of_extra = struct.unpack_from("<HH", data, entry.header_offset + 26)
        data[entry.header_offset + 30 + length_of_name + length_of_extra + entry.compress_size // 2] ^= 0xFF
        saved.write_bytes(bytes(data))
        with pytest.raises(BadBackup):
            restore(saved, fresh)
    assert_untouched(fresh, key)


def test_a_backup_that_is_cut_off_changes_nothing(saved, fresh):
    key, whole = key_of(fresh), saved.read_bytes()
    for share in (0, 0.3, 0.9, 0.999):
        saved.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(BadBackup):
            restore(saved, fresh)
    assert_untouched(fresh, key)


def test_a_foreign_zip_changes_nothing(saved, fresh):
    key = key_of(fresh)
    for entries in ({}, {"manifest.json": "[]"}, {"manifest.json": '{"format": "x"}'}, {"word/document.xml": "<x/>"}):
        with zipfile.ZipFile(saved, "w") as archive:
            for name, text in entries.items():
                archive.writestr(name, text)
        with pytest.raises(BadBackup):
            restore(saved, fresh)
        assert_untouched(fresh, key)


def test_a_backup_of_a_newer_version_changes_nothing(saved, fresh):
    key = key_of(fresh)
    for changes in ({"version": "9999"}, {"format": 2}):
        rewrite(saved, **changes)
        with pytest.raises(BadBackup, match="phiên bản mới hơn"):
            restore(saved, fresh)
    assert_untouched(fresh, key)


@ON_BOTH
def test_a_restore_that_was_stopped_can_be_said_again(saved, fresh, monkeypatch):
    def stop(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(backup, "_close_circle", stop)
        with pytest.raises(KeyboardInterrupt):
            restore(saved, fresh)
    assert restore(saved, fresh)["user"] == 5
    assert cast.person("an").name == "Nguyễn Thị An"


def test_a_backup_that_is_stopped_leaves_no_file_and_the_old_one_stays(app, saved, monkeypatch):
    old = saved.read_bytes()

    def stop(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_instance_files", stop)
    with pytest.raises(OSError, match="No space"):
        backup.save(saved, app.config["SETTINGS"].instance, clock.now())
    assert saved.read_bytes() == old
    assert [file.name for file in saved.parent.iterdir() if "backup" in file.name] == ["backup.zip"]


def test_two_backups_to_one_file_do_not_mix(app, saved, monkeypatch):
    begun, go_on, refusals = threading.Event(), threading.Event(), []
    files = backup._instance_files

    def wait(instance: Path) -> Iterator[Path]:
        begun.set()
        go_on.wait(20)
        return files(instance)

    def first() -> None:
        with app.app_context():
            backup.save(saved, app.config["SETTINGS"].instance, clock.now())

    with monkeypatch.context() as patch:
        patch.setattr(backup, "_instance_files", wait)
        thread = threading.Thread(target=first)
        thread.start()
        assert begun.wait(20)
        try:
            backup.save(saved, app.config["SETTINGS"].instance, clock.now())
        except BadBackup as error:
            refusals.append(error)
        go_on.set()
        thread.join()
    assert len(refusals) == 1
    with zipfile.ZipFile(saved) as archive:
        assert archive.testzip() is None


def test_only_its_owner_may_read_a_backup(saved):
    assert saved.stat().st_mode & 0o777 == 0o600


def test_the_database_of_the_old_place_stays_there(app, fresh, tmp_path):
    (app.config["SETTINGS"].instance / "settings.toml").write_text(
        'site_name = "Lớp học"\ndatabase_url = "postgresql+psycopg://tam_ky@db.example/tam_ky"\n', "utf-8"
    )
    file = tmp_path / "with-settings.zip"
    try:
        with app.app_context():
            backup.save(file, app.config["SETTINGS"].instance, clock.now())
    finally:
        (app.config["SETTINGS"].instance / "settings.toml").unlink()
    restore(file, fresh)
    restored = (fresh.config["SETTINGS"].instance / "settings.toml").read_text("utf-8")
    assert restored == 'site_name = "Lớp học"\n# database_url = "postgresql+psycopg://tam_ky@db.example/tam_ky"\n'
