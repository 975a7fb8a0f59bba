"""Questions that turned out wrong: what was decided, and which grades were made anew because of it."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _to(name: str, other: str, *, nullable: bool = False) -> tuple[sa.Column, sa.ForeignKeyConstraint]:
    key = sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_question_correction_{name}_{other}"))
    return sa.Column(name, sa.Integer(), nullable=nullable), key


def upgrade() -> None:
    keys = [_to("course_id", "course"), _to("revision_id", "revision"), _to("made_by_id", "user", nullable=True)]
    op.create_table(
        "question_correction",
        sa.Column("id", sa.Integer(), nullable=False),
        *[column for column, _key in keys],
        sa.Column("item", sa.String(length=100), nullable=False),
        sa.Column("question", sa.String(length=100), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("regraded", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        *[key for _column, key in keys],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_correction")),
    )
    op.create_index("corrections_of_quiz", "question_correction", ["course_id", "item"])
    with op.batch_alter_table("grade") as batch:
        batch.add_column(sa.Column("correction_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_grade_correction_id_question_correction"), "question_correction", ["correction_id"], ["id"]
        )


def downgrade() -> None:
    """Why a grade was made anew is lost; the grades stay."""
    with op.batch_alter_table("grade") as batch:
        batch.drop_constraint(op.f("fk_grade_correction_id_question_correction"), type_="foreignkey")
        batch.drop_column("correction_id")
    op.drop_table("question_correction")
