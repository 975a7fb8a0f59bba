"""Statistics of quizzes, kept as they were last worked out, and the index that finds a quiz's attempts."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quiz_statistics",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=100), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_quiz_statistics_revision_id_revision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_statistics")),
        sa.UniqueConstraint("revision_id", "item", name=op.f("uq_quiz_statistics_revision_id_item")),
    )
    op.create_index("attempts_of_quiz", "attempt", ["revision_id", "item", "number", "submitted_at"])


def downgrade() -> None:
    """The statistics are a cache: they are worked out again."""
    op.drop_index("attempts_of_quiz", table_name="attempt")
    op.drop_table("quiz_statistics")
