"""Dry runs: what a correction would change, worked out by a job."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def _to(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_dry_run_{column}_{table}"))


def upgrade() -> None:
    counts = ("total", "looked_at", "asked", "changed", "passing", "failing", "freed")
    op.create_table(
        "dry_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=100), nullable=False),
        sa.Column("question", sa.String(length=100), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("correction_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        *[sa.Column(name, sa.Integer(), nullable=False) for name in counts],
        sa.Column("changes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        _to("course_id", "course"),
        _to("revision_id", "revision"),
        _to("correction_id", "question_correction"),
        _to("asked_by_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dry_run")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_dry_run_course_id"), "dry_run", ["course_id"])


def downgrade() -> None:
    """Dry runs are a cache: they are worked out again."""
    op.drop_table("dry_run")
