"""Migrations: from nothing to what the models say, and down again, with data."""

import shutil

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from lms.app import create_app
from lms.core.db import db
from lms.settings import ROOT, Settings
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


REBUILD = '''"""Tries out."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "tried", {head!r}


def upgrade():
    with op.batch_alter_table("user") as batch:
        batch.alter_column("email", existing_type=sa.Text(), nullable=False)
    {more}
'''


@pytest.mark.parametrize("more", ["pass", "op.execute('DELETE FROM \"user\"')"])
def test_a_table_that_others_point_at_can_be_rebuilt_on_sqlite_with_data(tmp_path, caplog, more):
    folder = tmp_path / "migrations"
    shutil.copytree(ROOT / "migrations", folder, ignore=shutil.ignore_patterns("__pycache__"))
    app = create_app(Settings(instance=tmp_path / "instance"))
    with app.app_context():
        flask_migrate.upgrade(directory=str(folder))
        cast.assemble()
        head = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar()
        db.session.commit()
        (folder / "versions" / "9999_tried.py").write_text(REBUILD.format(head=head, more=more), "utf-8")
        if more == "pass":
            flask_migrate.upgrade(directory=str(folder))
        else:
            with pytest.raises(SystemExit):
                flask_migrate.upgrade(directory=str(folder))
            assert "point at nothing" in caplog.text
        assert cast.person("an").name == "Nguyễn Thị An"
        assert db.session.execute(text("PRAGMA foreign_keys")).scalar() == 1
        db.session.remove()
        db.engine.dispose()
