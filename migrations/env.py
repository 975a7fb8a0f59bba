"""Alembic's environment: the application's engine and tables, on either database."""

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from lms.core.db import UtcDateTime, db

EVERY = db.metadata


def render(kind: str, item: object, _context: object) -> str | bool:
    """Our moments are plain timestamps to a migration, so that it needs nothing of ours."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def watch_foreign_keys(connection: Connection, state: str) -> None:
    """SQLite changes most tables by making them anew, and dropping the old one would break what points at it.

    This is no part of a transaction: it must be said before one begins.
    """
    if connection.dialect.name == "sqlite":
        connection.connection.cursor().execute(f"PRAGMA foreign_keys={state}")


def check_foreign_keys(ctx, **_kwargs: object) -> None:
    """Before a step is committed: nothing points at what is not there."""
    if ctx.dialect.name == "sqlite" and (broken := ctx.connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
        raise RuntimeError(f"the migration left rows that point at nothing: {broken[:5]}")


def run() -> None:
    """Migrate with a real connection, each step in a transaction of its own."""
    with current_app.extensions["migrate"].db.engine.connect() as connection:
        watch_foreign_keys(connection, "OFF")
        context.configure(
            connection=connection,
            target_metadata=EVERY,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            render_item=render,
            transaction_per_migration=True,
            on_version_apply=check_foreign_keys,
        )
        try:
            with context.begin_transaction():
                context.run_migrations()
        finally:
            connection.rollback()
            watch_foreign_keys(connection, "ON")


run()
