"""Attempts that HR gives beyond what a quiz allows."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "extra_attempts",
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=100), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("count > 0", name=op.f("ck_extra_attempts_at_least_one")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_extra_attempts_enrolment_id_enrolment")
        ),
        sa.ForeignKeyConstraint(["granted_by_id"], ["user.id"], name=op.f("fk_extra_attempts_granted_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extra_attempts")),
    )
    with op.batch_alter_table("extra_attempts", schema=None) as batch_op:
        batch_op.create_index("extra_attempts_of_enrolment", ["enrolment_id", "item"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("extra_attempts", schema=None) as batch_op:
        batch_op.drop_index("extra_attempts_of_enrolment")

    op.drop_table("extra_attempts")
