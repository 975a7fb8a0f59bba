"""Runs of drills and the decisions in them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OPEN = sa.text("ended_at IS NULL")


def _to(table: str, name: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_{table}_{name}_{other}"))


def upgrade() -> None:
    op.create_table(
        "drill_run",
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("learner_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fraction", sa.Double(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        _to("drill_run", "enrolment_id", "enrolment"),
        _to("drill_run", "learner_id", "user"),
        _to("drill_run", "course_id", "course"),
        _to("drill_run", "revision_id", "revision"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill_run")),
        sa.UniqueConstraint("enrolment_id", "item", "number", name=op.f("uq_drill_run_enrolment_id_item_number")),
    )
    op.create_index("drill_runs_of_learner", "drill_run", ["learner_id", "ended_at"], unique=False)
    op.create_index(
        "one_open_drill_run",
        "drill_run",
        ["enrolment_id", "item"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_table(
        "drill_decision",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("scene", sa.String(length=100), nullable=False),
        sa.Column("choice", sa.Integer(), nullable=False),
        sa.Column("story_minutes", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("step > 0", name=op.f("ck_drill_decision_counted_from_one")),
        _to("drill_decision", "run_id", "drill_run"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill_decision")),
        sa.UniqueConstraint("run_id", "step", name=op.f("uq_drill_decision_run_id_step")),
    )


def downgrade() -> None:
    op.drop_table("drill_decision")
    op.drop_index("one_open_drill_run", table_name="drill_run")
    op.drop_index("drill_runs_of_learner", table_name="drill_run")
    op.drop_table("drill_run")
