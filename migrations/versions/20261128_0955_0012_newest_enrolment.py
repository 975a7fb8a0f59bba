"""The newest enrolment of a person in a course stands first in its index: looking for it no longer walks past others'."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("enrolments_of_learner", table_name="enrolment")
    op.create_index("enrolments_of_learner", "enrolment", ["learner_id", "course_id", "id"])


def downgrade() -> None:
    op.drop_index("enrolments_of_learner", table_name="enrolment")
    op.create_index("enrolments_of_learner", "enrolment", ["learner_id"])
