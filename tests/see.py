"""What stands in the database, as another reader would see it."""

from typing import Any

from lms.core.db import Base, db


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, to see that nothing changed."""
    db.session.rollback()
    return {
        table.name: [tuple(row) for row in db.session.execute(table.select().order_by(table.c.id))]
        for table in db.metadata.sorted_tables
    }


def all_of(model: type[Base]) -> list[Any]:
    """The rows of a table, oldest first."""
    db.session.rollback()
    return list(db.session.scalars(db.select(model).order_by(model.id)))


def only(model: type[Base]) -> Any:
    """The one row that there is."""
    (found,) = all_of(model)
    return found
