"""Migrations: from nothing to what the models say, and down again, with data."""

import flask_migrate
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from lms.core.db import db
from tests import cast


def test_the_tables_are_what_the_models_say(app):
    db.session.commit()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, db.metadata) == []


def test_all_steps_go_down_and_up_again_with_data(app):
    db.session.commit()
    db.engine.dispose()
    flask_migrate.downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    flask_migrate.upgrade()
    cast.assemble()
    assert cast.person("an").name == "Nguyễn Thị An"
