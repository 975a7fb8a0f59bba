"""Real databases for every test that asks for the application: a SQLite file and a PostgreSQL server."""

import contextvars
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from lms.app import create_app
from lms.core import clock
from lms.core.db import begin_reading, begin_writing, db
from lms.settings import Settings
from lms.web.security import limiter
from tests import cast, servers
from tests.places import Places, furnish


class Browser(FlaskClient):
    """A client whose every request starts afresh, as in a server: the test's own context and session stay out of it."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if has_app_context():
            db.session.commit()  # what the test did stands, and its lock is free
        kwargs.setdefault("buffered", True)
        return contextvars.Context().run(super().open, *args, **kwargs)


WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


def _database_url(kind: str, folder: Path) -> str:
    return f"sqlite:///{folder / 'test.sqlite'}" if kind == "sqlite" else servers.postgres_url(f"lms_{WORKER}")


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def migrated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application on an empty database of each kind, migrated from nothing."""
    folder = tmp_path_factory.mktemp(request.param)
    url = _database_url(request.param, folder)
    app = create_app(Settings(instance=folder, database_url=url), TESTING=True)
    with app.app_context():
        app.test_client_class = Browser
        flask_migrate.upgrade()
        db.engine.dispose()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(migrated: Flask) -> Iterator[Flask]:
    """The application with the cast in its database; what a test writes is really committed."""
    limiter.enabled = False  # sixty requests a minute are soon used up; test_security counts them
    with migrated.app_context():
        _empty()
        cast.assemble()
        begin_writing()
        yield migrated
        db.session.rollback()
        begin_reading()


def _empty() -> None:
    """Clear every table, whatever points at what."""
    begin_writing()
    names = ", ".join(f'"{table.name}"' for table in db.metadata.sorted_tables)
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    else:
        db.session.execute(text("PRAGMA defer_foreign_keys=ON"))
        for table in db.metadata.tables.values():
            db.session.execute(table.delete())
    db.session.commit()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that is not signed in; forms need no CSRF token (test_security tries those that do)."""
    return _client(app)


def _client(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


@pytest.fixture
def client_of(app: Flask) -> Callable[[str], FlaskClient]:
    """A browser signed in as a member of the cast."""

    def sign_in(who: str) -> FlaskClient:
        browser = _client(app)
        answer = browser.post("/dang-nhap", data={"login": cast.CAST[who].email, "password": cast.PASSWORD})
        assert answer.status_code == 303, answer.text
        return browser

    return sign_in


@pytest.fixture
def places(app: Flask, client: FlaskClient, client_of: Callable[[str], FlaskClient]) -> Places:
    """Every page with something on it."""
    return furnish(client, client_of)


class Time:
    """The product's clock: it goes as ever until a test puts it forward."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead, real = timedelta(), clock.now
        monkeypatch.setattr(clock, "now", lambda: real() + self.ahead)

    def passes(self, **how_long: float) -> None:
        """Minutes, hours or days go by."""
        self.ahead += timedelta(**how_long)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    """Time that a test lets pass: `time.passes(minutes=31)`."""
    return Time(monkeypatch)
