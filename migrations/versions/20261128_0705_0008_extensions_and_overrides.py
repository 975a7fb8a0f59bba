"""Extensions in place of extra attempts; what trainers say about an item against its record."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _to(table: str, name: str, other: str, *, nullable: bool = False) -> tuple[sa.Column, sa.ForeignKeyConstraint]:
    key = sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_{table}_{name}_{other}"))
    return sa.Column(name, sa.Integer(), nullable=nullable), key


def _table(name: str, *columns: sa.Column | sa.Constraint | tuple) -> None:
    flat = [one for column in columns for one in (column if isinstance(column, tuple) else (column,))]
    op.create_table(
        name,
        *[one for one in flat if isinstance(one, sa.Column)],
        sa.Column("id", sa.Integer(), nullable=False),
        *[one for one in flat if not isinstance(one, sa.Column)],
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )


def upgrade() -> None:
    _table(
        "extension",
        _to("extension", "course_id", "course"),
        sa.Column("item", sa.String(length=100), nullable=False),
        _to("extension", "enrolment_id", "enrolment", nullable=True),
        _to("extension", "unit_id", "unit", nullable=True),
        sa.Column("extra_minutes", sa.Integer(), nullable=False),
        sa.Column("extra_attempts", sa.Integer(), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        _to("extension", "granted_by_id", "user", nullable=True),
        sa.CheckConstraint("(enrolment_id IS NULL) <> (unit_id IS NULL)", name=op.f("ck_extension_person_or_unit")),
        sa.CheckConstraint("extra_minutes >= 0 AND extra_attempts >= 0", name=op.f("ck_extension_takes_nothing_away")),
        sa.CheckConstraint(
            "extra_minutes > 0 OR extra_attempts > 0 OR closes_at IS NOT NULL",
            name=op.f("ck_extension_gives_something"),
        ),
    )
    op.create_index("extensions_of_enrolment", "extension", ["enrolment_id", "item"])
    op.create_index("extensions_of_unit", "extension", ["course_id", "item", "unit_id"])
    op.execute(
        "INSERT INTO extension (course_id, item, enrolment_id, extra_minutes, extra_attempts, reason, granted_at, "
        "granted_by_id) SELECT enrolment.course_id, given.item, given.enrolment_id, 0, given.count, given.reason, "
        "given.granted_at, given.granted_by_id FROM extra_attempts AS given "
        "JOIN enrolment ON enrolment.id = given.enrolment_id ORDER BY given.id"
    )
    op.drop_index("extra_attempts_of_enrolment", table_name="extra_attempts")
    op.drop_table("extra_attempts")
    _table(
        "override",
        _to("override", "enrolment_id", "enrolment"),
        sa.Column("item", sa.String(length=100), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _to("override", "by_id", "user"),
    )
    op.create_index("overrides_of_enrolment", "override", ["enrolment_id", "item"])


def downgrade() -> None:
    """More attempts of one person go back; minutes, closes, units' extensions and overrides have no place before.

    What the deadlines of attempts and the records of items have become by them stays.
    """
    op.drop_index("overrides_of_enrolment", table_name="override")
    op.drop_table("override")
    _table(
        "extra_attempts",
        _to("extra_attempts", "enrolment_id", "enrolment"),
        sa.Column("item", sa.String(length=100), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        _to("extra_attempts", "granted_by_id", "user", nullable=True),
        sa.CheckConstraint("count > 0", name=op.f("ck_extra_attempts_at_least_one")),
    )
    op.create_index("extra_attempts_of_enrolment", "extra_attempts", ["enrolment_id", "item"])
    op.execute(
        "INSERT INTO extra_attempts (enrolment_id, item, count, reason, granted_at, granted_by_id) "
        "SELECT enrolment_id, item, extra_attempts, reason, granted_at, granted_by_id FROM extension "
        "WHERE enrolment_id IS NOT NULL AND extra_attempts > 0 ORDER BY id"
    )
    op.drop_index("extensions_of_unit", table_name="extension")
    op.drop_index("extensions_of_enrolment", table_name="extension")
    op.drop_table("extension")
