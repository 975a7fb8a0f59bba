"""Counted limits per key and window, kept in the database so that every worker sees them."""

import hashlib
import hmac
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import Index, delete, func, select
from sqlalchemy.orm import Mapped

from lms.core.db import Model, db


class Strike(Model):
    """One counted event of a key; keys are hashed with the instance's secret, so that no list of phones finds them."""

    __tablename__ = "strike"
    __table_args__ = (Index("strikes_of_key", "key_digest", "struck_at"),)

    key_digest: Mapped[str]
    struck_at: Mapped[datetime]


def _digest(key: str) -> str:
    secret: str = current_app.config["SECRET_KEY"]
    return hmac.new(secret.encode(), key.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def one_at_a_time(key: str) -> None:
    """Whoever asks for the same key waits until this transaction has ended, so that everybody counts what others struck.

    Writers of SQLite wait for each other anyway.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(_digest(key), 0))))


def count(key: str, *, window: timedelta, now: datetime) -> int:
    """How often the key was struck within the window."""
    query = select(func.count()).where(Strike.key_digest == _digest(key), Strike.struck_at > now - window)
    return db.session.scalar(query) or 0


def strike(key: str, *, now: datetime, keep: timedelta = timedelta(days=1)) -> Strike:
    """Count one more, and forget what is too old to count."""
    db.session.execute(delete(Strike).where(Strike.struck_at < now - keep))
    struck = Strike(key_digest=_digest(key), struck_at=now)
    db.session.add(struck)
    return struck


def forgive(key: str) -> None:
    """Forget what was counted for the key."""
    db.session.execute(delete(Strike).where(Strike.key_digest == _digest(key)))
