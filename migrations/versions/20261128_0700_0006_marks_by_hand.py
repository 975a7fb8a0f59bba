"""Marks by people: files that learners hand in, answers that wait, drafts of marks, releases, and the marks that count."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _to(table: str, name: str, other: str, *, nullable: bool = False) -> tuple[sa.Column, sa.ForeignKeyConstraint]:
    key = sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_{table}_{name}_{other}"))
    return sa.Column(name, sa.Integer(), nullable=nullable), key


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _table(name: str, *columns: sa.Column | sa.Constraint | tuple) -> None:
    flat = [one for column in columns for one in (column if isinstance(column, tuple) else (column,))]
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        *[one for one in flat if isinstance(one, sa.Column)],
        *[one for one in flat if not isinstance(one, sa.Column)],
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )


def upgrade() -> None:
    _table(
        "handed_in",
        _to("handed_in", "attempt_id", "attempt"),
        sa.Column("question", sa.String(length=100), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        _moment("sent_at"),
        _unique("handed_in", "attempt_id", "question", "digest", "name"),
    )
    _table(
        "awaited_mark",
        _to("awaited_mark", "attempt_id", "attempt"),
        _to("awaited_mark", "course_id", "course"),
        sa.Column("item", sa.String(length=100), nullable=False),
        sa.Column("question", sa.String(length=100), nullable=False),
        _moment("since"),
        _unique("awaited_mark", "attempt_id", "question"),
    )
    op.create_index("awaited_marks_of_quiz", "awaited_mark", ["course_id", "item", "question"])
    _table(
        "mark_release",
        _to("mark_release", "course_id", "course"),
        sa.Column("item", sa.String(length=100), nullable=False),
        _to("mark_release", "released_by_id", "user", nullable=True),
        _moment("released_at"),
        _moment("takes_effect_at"),
        _moment("undone_at", nullable=True),
        _moment("done_at", nullable=True),
    )
    op.create_index("mark_releases_of_quiz", "mark_release", ["course_id", "item"])
    _table(
        "marking",
        _to("marking", "attempt_id", "attempt"),
        sa.Column("question", sa.String(length=100), nullable=False),
        _to("marking", "marker_id", "user"),
        sa.Column("points", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        _moment("saved_at"),
        _to("marking", "release_id", "mark_release", nullable=True),
        _unique("marking", "attempt_id", "question", "marker_id"),
    )
    op.create_index("markings_of_release", "marking", ["release_id"])
    _table(
        "hand_mark",
        _to("hand_mark", "release_id", "mark_release"),
        _to("hand_mark", "attempt_id", "attempt"),
        sa.Column("question", sa.String(length=100), nullable=False),
        _to("hand_mark", "marker_id", "user"),
        sa.Column("points", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        _moment("marked_at"),
        _unique("hand_mark", "release_id", "attempt_id", "question", "marker_id"),
    )
    op.create_index(op.f("ix_hand_mark_attempt_id"), "hand_mark", ["attempt_id"])


def downgrade() -> None:
    """Marks by people are lost: the version before has no place for them. The grades made of them stay."""
    for name in ("hand_mark", "marking", "mark_release", "awaited_mark", "handed_in"):
        op.drop_table(name)
