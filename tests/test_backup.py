"""Backup and restore: everything, while in use, onto either database."""

from pathlib import Path

import flask_migrate
import pytest

from lms.app import create_app
from lms.content import disk
from lms.content.service import prepare, publish
from lms.core import backup, clock
from lms.core.actor import SYSTEM
from lms.core.db import begin_writing, db
from lms.course.parse import parse
from lms.settings import ROOT, Settings
from tests import cast


@pytest.fixture
def saved(app, tmp_path: Path) -> Path:
    source = disk.read(ROOT / "courses" / "ung-cuu-su-co")
    doc, problems = parse(source)
    prepared = prepare(source, doc, problems)
    begin_writing()
    publish(prepared, by=SYSTEM, now=clock.now())
    db.session.commit()
    file = tmp_path / "backup.zip"
    backup.save(file, app.config["SETTINGS"].instance, clock.now())
    return file


def test_a_backup_fills_an_empty_installation(saved, tmp_path):
    fresh = create_app(Settings(instance=tmp_path / "fresh"))
    with fresh.app_context():
        rows = backup.restore(saved, tmp_path / "fresh", lambda version: flask_migrate.upgrade(revision=version))
        assert rows["user"] == 5
        assert fresh.test_client().get("/xac-minh").status_code == 200
        assert cast.person("an").name == "Nguyễn Thị An"
        again = tmp_path / "again.zip"
        assert backup.save(again, tmp_path / "fresh", clock.now()) == rows
        with pytest.raises(backup.BadBackup, match="not empty"):
            backup.restore(saved, tmp_path / "fresh", lambda _version: None)
        db.session.remove()
        db.engine.dispose()


def test_a_damaged_backup_changes_nothing(saved, tmp_path):
    data = bytearray(saved.read_bytes())
    data[len(data) // 2] ^= 0xFF
    saved.write_bytes(bytes(data))
    fresh = create_app(Settings(instance=tmp_path / "fresh"))
    with fresh.app_context():
        with pytest.raises(backup.BadBackup):
            backup.restore(saved, tmp_path / "fresh", lambda version: flask_migrate.upgrade(revision=version))
        db.engine.dispose()
