"""Alembic's environment: the application's engine and tables, on either database."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from lms.core.db import UtcDateTime, db

EVERY = db.metadata


def render(kind: str, item: object, _context: object) -> str | bool:
    """Our moments are plain timestamps to a migration, so that it needs nothing of ours."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


@contextmanager
def without_foreign_keys(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by making it anew: rows that point at the old one would forbid that. They are checked after."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")  # outside any transaction, or it would do nothing
    try:
        yield
        if broken := driver.execute("PRAGMA foreign_key_check").fetchall():
            raise RuntimeError(f"rows that point nowhere after migrating, (table, row, parent, key): {broken[:5]}")
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def run() -> None:
    """Migrate with a real connection, each step in a transaction of its own."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection, without_foreign_keys(connection):
        context.configure(
            connection=connection,
            target_metadata=EVERY,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            render_item=render,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
