"""Which attempt is a person's first at a quiz that counts, whatever she practised before.

Of attempts that stand already the first one is taken, for what they practised is not told by the database; statistics leave
practice out by its revision, so that who practised first before this upgrade is missing there.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("attempts_of_quiz", table_name="attempt")
    with op.batch_alter_table("attempt") as batch:
        batch.add_column(sa.Column("is_first", sa.Boolean(), nullable=False, server_default=sa.false()))
    attempt = sa.table("attempt", sa.column("number", sa.Integer), sa.column("is_first", sa.Boolean))
    op.execute(attempt.update().where(attempt.c.number == 1).values(is_first=sa.true()))
    with op.batch_alter_table("attempt") as batch:
        batch.alter_column("is_first", server_default=None)
    op.create_index("attempts_of_quiz", "attempt", ["revision_id", "item", "is_first", "submitted_at"])


def downgrade() -> None:
    op.drop_index("attempts_of_quiz", table_name="attempt")
    with op.batch_alter_table("attempt") as batch:
        batch.drop_column("is_first")
    op.create_index("attempts_of_quiz", "attempt", ["revision_id", "item", "number", "submitted_at"])
