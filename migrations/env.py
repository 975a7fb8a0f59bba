"""Alembic's environment: the application's engine and tables, on either database."""

from alembic import context
from flask import current_app

from lms.core.db import UtcDateTime, db

EVERY = db.metadata


def render(kind: str, item: object, _context: object) -> str | bool:
    """Our moments are plain timestamps to a migration, so that it needs nothing of ours."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def run() -> None:
    """Migrate with a real connection, each step in a transaction of its own."""
    with current_app.extensions["migrate"].db.engine.connect() as connection:
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
