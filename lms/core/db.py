"""The database: the session, the base of all tables, and how a transaction begins."""

import sqlite3
import time
from contextvars import ContextVar
from datetime import UTC, date, datetime
from threading import Lock
from typing import Annotated, Any

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, DateTime, Engine, LargeBinary, MetaData, String, Text, event
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, ORMExecuteState, mapped_column, object_session, registry
from sqlalchemy.types import TypeDecorator

from lms.core.text import LONGEST_KEY

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_TIMEOUT_SECONDS = 10

_writing: ContextVar[bool] = ContextVar("writing", default=False)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment; stored as UTC, always read with its time zone, refused without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# Names are sorted and compared by bytes on both databases, so that they agree.
_KEY, _KEY_BY_BYTES = String(LONGEST_KEY), String(LONGEST_KEY, collation="C")
SortText = Annotated[str, mapped_column(_KEY.with_variant(_KEY_BY_BYTES, "postgresql"))]
Json = dict[str, Any] | list[Any]


class Base(DeclarativeBase):
    """The base of every table: an integer id, typed columns, named constraints."""

    registry = registry(
        metadata=MetaData(naming_convention=CONVENTION),
        type_annotation_map={
            datetime: UtcDateTime,
            str: Text,
            bytes: LargeBinary,
            dict[str, Any]: JSON(none_as_null=True),
            list[Any]: JSON(none_as_null=True),
        },
    )


db = SQLAlchemy(model_class=Base, disable_autonaming=True)
migrate = Migrate()


class Model(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy makes its base at run time
    """A stored thing with a number of its own."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)


class FrozenModel(Model):
    """A stored thing that is never changed or deleted once it stands."""

    __abstract__ = True


class Frozen(Exception):
    """Code tried to change what must stay as it was: a bug, never a person's mistake."""


@event.listens_for(db.session, "do_orm_execute")
def _refuse_bulk_change(state: ORMExecuteState) -> None:
    """Statements that change many rows at once pass by the mapper; they are asked here."""
    target = state.bind_mapper
    if (state.is_update or state.is_delete) and target is not None and issubclass(target.class_, FrozenModel):
        raise Frozen(target.class_.__tablename__)


@event.listens_for(FrozenModel, "before_update", propagate=True)
@event.listens_for(FrozenModel, "before_delete", propagate=True)
def _refuse_change(_mapper: Any, _connection: Any, target: FrozenModel) -> None:
    session = object_session(target)
    if session is not None and (session.is_modified(target) or target in session.deleted):
        raise Frozen(f"{target.__tablename__} {target.id}")


def init_app(app: Flask) -> None:
    """Bind the database of the settings; SQLite files get the pragmas that durability needs."""
    # What a statement was given may be personal; errors and the log get along without it.
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {"hide_parameters": True})
    db.init_app(app)
    migrate.init_app(app, db, directory=str(app.config["MIGRATIONS"]), compare_type=True)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", _prepare_sqlite)
            turn = _Turn()
            event.listen(db.engine, "begin", turn.begin)
            event.listen(db.engine, "commit", turn.end)
            event.listen(db.engine, "rollback", turn.end)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling begins too late; SQLAlchemy's "begin" does it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


class _Turn:
    """Writers of this process begin one after another, and look every millisecond whether another process is done.

    Left alone, SQLite lets a writer that has to wait sleep for up to a tenth of a second at a time: of sixteen at
    once the unlucky ones waited for seconds (docs/performance.md).
    """

    def __init__(self) -> None:
        self._lock = Lock()

    def begin(self, connection: Any) -> None:
        """Begin the transaction; raise OperationalError when no turn comes in time."""
        if not _writing.get():
            connection.exec_driver_sql("BEGIN")
            return
        deadline = time.monotonic() + BUSY_TIMEOUT_SECONDS
        if not self._lock.acquire(timeout=BUSY_TIMEOUT_SECONDS):
            raise OperationalError("BEGIN IMMEDIATE", None, TimeoutError("database is locked"))
        connection.info["has_turn"] = True
        try:
            _begin_immediate(connection, deadline)
        except BaseException:
            self.end(connection)
            raise

    def end(self, connection: Any) -> None:
        """The transaction is over: the next writer's turn."""
        if connection.info.pop("has_turn", False):
            self._lock.release()


def _begin_immediate(connection: Any, deadline: float) -> None:
    """Take the write lock of the file; the connection's own patience is set aside for it."""
    raw = connection.connection.dbapi_connection
    raw.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                raw.execute("BEGIN IMMEDIATE")
                break
            except sqlite3.OperationalError as busy:
                if busy.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise OperationalError("BEGIN IMMEDIATE", None, busy) from busy
                time.sleep(0.001)
    finally:
        raw.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}")


def begin_reading() -> None:
    """What follows only reads until `begin_writing`; slow work belongs here."""
    _writing.set(False)


def begin_writing() -> None:
    """End the read transaction; the next statement takes the write lock at once.

    A read transaction that turns into a write fails on SQLite when another writer came between, so
    every writer starts here. What was read before must be read again.
    """
    db.session.rollback()
    _writing.set(True)


def insert(table: type[Base]) -> Any:
    """An INSERT that knows ON CONFLICT, in the words of the database in use."""
    return postgres_insert(table) if db.engine.dialect.name == "postgresql" else sqlite_insert(table)


def insert_if_absent(table: type[Base], values: dict[str, Any], keys: tuple[str, ...]) -> bool:
    """Insert the row unless one with these keys stands; True when it was inserted."""
    statement = insert(table).values(**values).on_conflict_do_nothing(index_elements=list(keys))
    # The number of rows that an INSERT of the mapper reports is not one that every driver knows.
    return db.session.execute(statement.returning(*[getattr(table, key) for key in keys])).first() is not None


def changed(statement: Any) -> int:
    """Run an INSERT, UPDATE or DELETE and return how many rows it touched."""
    result: Any = db.session.execute(statement)
    return int(result.rowcount)


def is_valid_on(start: Any, end: Any, day: date) -> Any:
    """The condition that half-open dates [start, end) cover the day."""
    return (start <= day) & ((end.is_(None)) | (end > day))


def engine() -> Engine:
    """The engine of the running application."""
    return db.engine
