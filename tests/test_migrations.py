"""Migrations: from nothing to what the models say, and every step down and up again under real data."""

import json
import shutil

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from lms.app import create_app
from lms.content import drafts, members
from lms.content.models import DeadLink
from lms.content.queries import find_course
from lms.core import blobs, clock, jobs
from lms.core.db import UtcDateTime, begin_writing, db
from lms.settings import ROOT, Settings
from tests import cast, make
from tests.see import everything

STEPS = [step.revision for step in ScriptDirectory(str(ROOT / "migrations")).walk_revisions()]  # newest first


@pytest.fixture
def used(app):
    """A database in which people have worked: courses that were revised, attempts, certificates, jobs, strikes."""
    make.issuer()
    slug = make.course()
    make.history([cast.person("an").id, cast.person("chi").id], slug)
    make.course({"mot.md": make.FILES["mot.md"] + "\nThêm.\n"})
    make.attempt(make.enrolment(cast.person("dung"), slug))
    make.marked(make.essay(cast.person("dung")), cast.person("giang"))
    app.test_client().post("/dang-nhap", data={"login": cast.CAST["an"].email, "password": "sai"})
    jobs.run_all_due()
    begin_writing()
    course = find_course(slug)
    db.session.add(DeadLink(course_id=course.id, url="https://x.example", note="báo hỏng", recorded_at=clock.now()))
    make.done(None)


REMADE = {"rendering"}
"""A cache: what a step throws away is rendered again by `lms setup`."""


def moment_or_same(_context, _column, _metadata_column, _database_type, metadata_type):
    """Our moments are the database's timestamps with time zone; other types are compared by Alembic."""
    return False if isinstance(metadata_type, UtcDateTime) else None


def is_as_the_models_say():
    db.session.remove()
    with db.engine.connect() as connection:
        options = {"compare_type": moment_or_same}
        return compare_metadata(MigrationContext.configure(connection, opts=options), db.metadata) == []


def counted():
    """How many rows each table has, whatever the models say."""
    with db.engine.connect() as connection:
        return {name: connection.scalar(text(f'SELECT count(*) FROM "{name}"')) for name in tables()}


def tables():
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_the_tables_are_what_the_models_say(app):
    assert is_as_the_models_say()


def test_every_step_goes_down_and_up_again_under_data(used):
    """What a step does not touch is still there; the last one down leaves nothing."""
    db.session.remove()
    for step in STEPS:
        before = counted()
        flask_migrate.downgrade(revision="-1")
        between = counted()
        if step == STEPS[-1]:
            assert between == {}
            break
        flask_migrate.upgrade(revision="+1")
        after = counted()
        assert after.keys() == before.keys()
        kept = between.keys() & before.keys() - REMADE
        assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
        flask_migrate.downgrade(revision="-1")
    flask_migrate.upgrade()
    assert is_as_the_models_say()


def test_what_was_taken_down_can_be_filled_again(used):
    db.session.remove()
    flask_migrate.downgrade(revision="base")
    assert tables() == set()
    flask_migrate.upgrade()
    cast.assemble()
    slug = make.course()
    make.history([cast.person("an").id], slug)
    assert cast.person("an").name == cast.CAST["an"].name


def test_migrating_again_changes_nothing(used):
    before = everything()
    db.session.remove()
    flask_migrate.upgrade()
    assert everything() == before


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


OLD_DRAFT = {
    "slug": "cho-xuat-ban", "title": "Chờ xuất bản", "digest": "0" * 64, "document": "{}", "problems": "[]",
    "uploaded_at": "2026-11-20 08:00:00+00:00",
}  # fmt: skip


def test_a_draft_of_the_first_version_is_opened_by_the_next(app):
    """What a trainer had uploaded and not published yet is there after the upgrade, and is hers."""
    texts = {path: blobs.put(text.encode()) for path, text in make.FILES.items()}
    dung = cast.person("dung").id
    make.done(None)
    flask_migrate.downgrade(revision="0004")
    with db.engine.begin() as connection:
        values = {**OLD_DRAFT, "files": json.dumps(texts), "by": dung}
        connection.execute(
            text(
                "INSERT INTO draft (slug, title, digest, files, document, problems, uploaded_at, uploaded_by_id) "
                "VALUES (:slug, :title, :digest, :files, :document, :problems, :uploaded_at, :by)"
            ),
            values,
        )
    flask_migrate.upgrade()
    course = find_course("cho-xuat-ban")
    draft = drafts.find_draft(course.id)
    assert {path: data.decode() for path, data in drafts.source_of(draft.id).items()} == make.FILES
    assert [(one.user_id, one.role) for one in members.members(course.id)] == [(dung, "owner")]


def steps_to(revision):
    """Down to this revision and no further."""
    db.session.remove()
    flask_migrate.downgrade(revision=revision)


def rows(sql):
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def test_more_attempts_become_extensions_and_go_back(used):
    """What was given before the step holds after it; minutes, units and overrides have no place on the way down."""
    taken = db.session.execute(text("SELECT id, course_id FROM enrolment ORDER BY id DESC LIMIT 1")).one()
    hoa, unit = cast.person("hoa").id, cast.unit("hoasua").id
    steps_to("0005")
    insert = (
        "INSERT INTO extra_attempts (enrolment_id, item, count, reason, granted_at, granted_by_id) "
        f"VALUES ({taken.id}, 'thi', {{count}}, '{{why}}', '2026-11-20 08:00:00+00:00', {{by}})"
    )
    with db.engine.begin() as connection:
        connection.execute(text(insert.format(count=2, why="Mất điện", by=hoa)))
        connection.execute(text(insert.format(count=1, why="Ốm", by="NULL")))
    flask_migrate.upgrade()
    extensions = "SELECT enrolment_id, course_id, unit_id, item, extra_minutes, extra_attempts, reason, granted_by_id FROM extension ORDER BY id"
    assert rows(extensions) == [
        (taken.id, taken.course_id, None, "thi", 0, 2, "Mất điện", hoa), (taken.id, taken.course_id, None, "thi", 0, 1, "Ốm", None),
    ]  # fmt: skip
    more = (
        "INSERT INTO extension (course_id, item, enrolment_id, unit_id, extra_minutes, extra_attempts, reason, granted_at) "
        f"VALUES ({taken.course_id}, 'thi', {{enrolment}}, {{unit}}, 15, {{attempts}}, 'x', '2026-11-21 08:00:00+00:00')"
    )
    word = (
        f"INSERT INTO override (enrolment_id, item, passed, reason, at, by_id) "
        f"VALUES ({taken.id}, 'thi', true, 'x', '2026-11-21 08:00:00+00:00', {hoa})"
    )
    with db.engine.begin() as connection:
        connection.execute(text(more.format(enrolment=taken.id, unit="NULL", attempts=3)))
        connection.execute(text(more.format(enrolment=taken.id, unit="NULL", attempts=0)))
        connection.execute(text(more.format(enrolment="NULL", unit=unit, attempts=1)))
        connection.execute(text(word))
    steps_to("0005")
    assert rows("SELECT enrolment_id, item, count, reason FROM extra_attempts ORDER BY id") == [
        (taken.id, "thi", 2, "Mất điện"), (taken.id, "thi", 1, "Ốm"), (taken.id, "thi", 3, "x"),
    ]  # fmt: skip
    assert "override" not in tables()
    flask_migrate.upgrade()
    assert is_as_the_models_say()


@pytest.mark.parametrize(
    "values", ["NULL, NULL, 15, 0", "1, 1, 15, 0", "1, NULL, 0, 0", "1, NULL, -5, 1", "NULL, 1, 5, -1"]
)
def test_an_extension_is_for_a_person_or_a_unit_and_gives_something(used, values):
    sql = (
        "INSERT INTO extension (course_id, item, enrolment_id, unit_id, extra_minutes, extra_attempts, reason, granted_at) "
        f"VALUES (1, 'thi', {values}, 'x', '2026-11-21 08:00:00+00:00')"
    )
    with pytest.raises(IntegrityError), db.engine.begin() as connection:
        connection.execute(text(sql))
