"""The trainer's desk: members of courses, drafts file by file, requests to publish, parts that revisions share."""

import hashlib
import json
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from flask import current_app

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NOT_DISCARDED = sa.text("discarded_at IS NULL")
SHARED = ("lessons", "quizzes")

revisions = sa.table(
    "revision", sa.column("id", sa.Integer), sa.column("document", sa.JSON), sa.column("published_by_id", sa.Integer),
    sa.column("course_id", sa.Integer),
)  # fmt: skip
parts = sa.table("part", sa.column("digest", sa.String), sa.column("data", sa.JSON))
files = sa.table(
    "course_file", sa.column("id", sa.Integer), sa.column("digest", sa.String), sa.column("name", sa.String)
)


def _moment(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _to(table: str, name: str, other: str, *, nullable: bool = True) -> tuple[sa.Column, sa.ForeignKeyConstraint]:
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


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def upgrade() -> None:
    _table(
        "course_member",
        _to("course_member", "course_id", "course", nullable=False),
        _to("course_member", "user_id", "user", nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        _moment("added_at", nullable=False),
        _unique("course_member", "course_id", "user_id"),
    )
    op.create_index(op.f("ix_course_member_user_id"), "course_member", ["user_id"])
    _table(
        "part",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        _unique("part", "digest"),
    )
    op.drop_table("rendering")
    _table(
        "rendering",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("pieces", sa.JSON(none_as_null=True), nullable=False),
        _unique("rendering", "key"),
    )
    op.rename_table("draft", "old_draft")
    _drafts()
    _publications()
    _share_parts()
    _keep_old_drafts()
    _owners()
    op.drop_table("old_draft")
    _files_of_nobody()


def _drafts() -> None:
    # On SQLite a renamed table keeps the names of its constraints; they go with it.
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE old_draft RENAME CONSTRAINT pk_draft TO pk_old_draft")
        op.execute("ALTER SEQUENCE draft_id_seq RENAME TO old_draft_id_seq")
    _table(
        "draft",
        _to("draft", "course_id", "course", nullable=False),
        _to("draft", "base_id", "revision"),
        _moment("opened_at", nullable=False),
        _moment("changed_at", nullable=False),
        _to("draft", "changed_by_id", "user"),
        _moment("discarded_at"),
    )
    op.create_index(
        "one_open_draft",
        "draft",
        ["course_id"],
        unique=True,
        sqlite_where=NOT_DISCARDED,
        postgresql_where=NOT_DISCARDED,
    )
    for name, when, who in (("draft_file", "changed_at", "changed_by_id"), ("draft_save", "saved_at", "saved_by_id")):
        _table(
            name,
            _to(name, "draft_id", "draft", nullable=False),
            sa.Column("path", sa.String(length=300), nullable=False),
            sa.Column("version", sa.Integer(), nullable=False),
            sa.Column("text", sa.Text(), nullable=True),
            sa.Column("digest", sa.String(length=64), nullable=False),
            sa.Column("size", sa.Integer(), nullable=False),
            _moment(when, nullable=False),
            _to(name, who, "user"),
            _unique(name, *(("draft_id", "path") if name == "draft_file" else ("draft_id", "path", "version"))),
        )
    op.create_index("draft_files_by_digest", "draft_file", ["digest"])


def _publications() -> None:
    _table(
        "publication",
        _to("publication", "course_id", "course", nullable=False),
        sa.Column("files", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("is_material", sa.Boolean(), nullable=False),
        _moment("publish_at"),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        _moment("asked_at", nullable=False),
        _to("publication", "asked_by_id", "user"),
        _moment("approved_at"),
        _to("publication", "approved_by_id", "user"),
        _moment("published_at"),
        _to("publication", "revision_id", "revision"),
        _moment("withdrawn_at"),
        _moment("failed_at"),
    )
    op.create_index("publications_of_course", "publication", ["course_id"])
    _table(
        "dead_link",
        _to("dead_link", "course_id", "course", nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        _moment("recorded_at", nullable=False),
        _to("dead_link", "recorded_by_id", "user"),
        _unique("dead_link", "course_id", "url"),
    )


def _digest(data: object) -> str:
    written = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def _share_parts() -> None:
    """Lessons and quizzes out of the documents, each stored once."""
    bind, known = op.get_bind(), set()
    for row in bind.execute(sa.select(revisions.c.id, revisions.c.document)).all():
        document = dict(row.document)
        for name in SHARED:
            items = {_digest(item): item for item in document[name]}
            document[name] = [_digest(item) for item in document[name]]
            for digest in items.keys() - known:
                bind.execute(parts.insert().values(digest=digest, data=items[digest]))
                known.add(digest)
        bind.execute(revisions.update().where(revisions.c.id == row.id).values(document=document))


def _folded(title: str) -> str:
    """Without marks, in lower case: what search compares."""
    bare = "".join(c for c in unicodedata.normalize("NFD", title) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare.replace("đ", "d").replace("Đ", "D").lower())


def _keep_old_drafts() -> None:
    """What was uploaded and not published stays a draft; its texts lie among the blobs until they are changed."""
    bind, blobs = op.get_bind(), Path(current_app.config["BLOBS"])
    old = sa.table(
        "old_draft", sa.column("slug", sa.String), sa.column("title", sa.String), sa.column("files", sa.JSON),
        sa.column("uploaded_at", sa.DateTime(timezone=True)), sa.column("uploaded_by_id", sa.Integer),
    )  # fmt: skip
    courses = sa.table(
        "course", sa.column("id", sa.Integer), sa.column("slug", sa.String), sa.column("title", sa.String),
        sa.column("folded", sa.String), sa.column("revision_id", sa.Integer), sa.column("is_open", sa.Boolean),
        sa.column("created_at", sa.DateTime(timezone=True)),
    )  # fmt: skip
    drafts = sa.table(
        "draft", sa.column("id", sa.Integer), sa.column("course_id", sa.Integer), sa.column("base_id", sa.Integer),
        sa.column("opened_at", sa.DateTime(timezone=True)), sa.column("changed_at", sa.DateTime(timezone=True)),
        sa.column("changed_by_id", sa.Integer),
    )  # fmt: skip
    held = sa.table(
        "draft_file", sa.column("draft_id", sa.Integer), sa.column("path", sa.String), sa.column("version", sa.Integer),
        sa.column("digest", sa.String), sa.column("size", sa.Integer), sa.column("changed_at", sa.DateTime(timezone=True)),
        sa.column("changed_by_id", sa.Integer),
    )  # fmt: skip
    for row in bind.execute(sa.select(old)).all():
        at = row.uploaded_at or datetime.now(UTC)
        course = bind.execute(sa.select(courses).where(courses.c.slug == row.slug)).first()
        if course is None:
            values = {
                "slug": row.slug,
                "title": row.title,
                "folded": _folded(row.title),
                "is_open": True,
                "created_at": at,
            }
            bind.execute(courses.insert().values(**values))
            course = bind.execute(sa.select(courses).where(courses.c.slug == row.slug)).one()
        values = {"course_id": course.id, "base_id": course.revision_id, "opened_at": at, "changed_at": at}
        bind.execute(drafts.insert().values(**values, changed_by_id=row.uploaded_by_id))
        draft_id = bind.execute(sa.select(drafts.c.id).where(drafts.c.course_id == course.id)).scalar_one()
        for path, digest in row.files.items():
            blob = blobs / digest[:2] / digest
            size = blob.stat().st_size if blob.exists() else 0
            values = {
                "draft_id": draft_id,
                "path": path,
                "version": 1,
                "digest": digest,
                "size": size,
                "changed_at": at,
            }
            bind.execute(held.insert().values(**values, changed_by_id=row.uploaded_by_id))


def _owners() -> None:
    """Whoever published a course, or uploaded its draft, owns it; the administrator names the others."""
    op.execute(
        "INSERT INTO course_member (course_id, user_id, role, added_at) "
        "SELECT worked.course_id, worked.user_id, 'owner', MIN(worked.at) FROM ("
        "SELECT course_id, published_by_id AS user_id, published_at AS at FROM revision "
        "UNION ALL SELECT course_id, changed_by_id, changed_at FROM draft) AS worked "
        "WHERE worked.user_id IS NOT NULL GROUP BY worked.course_id, worked.user_id"
    )


def _files_of_nobody() -> None:
    """Files that may be shown are told by content and name; those of drafts stand with their draft."""
    bind = op.get_bind()
    op.execute("DELETE FROM course_file WHERE NOT is_published")
    first = sa.select(sa.func.min(files.c.id)).group_by(files.c.digest, files.c.name)
    bind.execute(files.delete().where(files.c.id.not_in(first)))
    with op.batch_alter_table("course_file", schema=None) as batch:
        batch.drop_index("files_of_draft")
        batch.drop_constraint(op.f("uq_course_file_digest_name_slug"), type_="unique")
        batch.drop_column("slug")
        batch.drop_column("is_published")
        batch.create_unique_constraint(op.f("uq_course_file_digest_name"), ["digest", "name"])


def downgrade() -> None:
    """Drafts, members and requests to publish are lost: the version before has no place for them."""
    with op.batch_alter_table("course_file", schema=None) as batch:
        batch.drop_constraint(op.f("uq_course_file_digest_name"), type_="unique")
        batch.add_column(sa.Column("slug", sa.String(length=100), nullable=False, server_default=""))
        batch.add_column(sa.Column("is_published", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch.create_unique_constraint(op.f("uq_course_file_digest_name_slug"), ["digest", "name", "slug"])
        batch.create_index("files_of_draft", ["slug", "is_published"], unique=False)
    for name in ("slug", "is_published"):
        with op.batch_alter_table("course_file", schema=None) as batch:
            batch.alter_column(name, server_default=None)
    bind = op.get_bind()
    for row in bind.execute(sa.select(revisions.c.id, revisions.c.document)).all():
        document = dict(row.document)
        for name in SHARED:
            document[name] = [
                bind.execute(sa.select(parts.c.data).where(parts.c.digest == digest)).scalar_one()
                for digest in document[name]
            ]
        bind.execute(revisions.update().where(revisions.c.id == row.id).values(document=document))
    for name in ("dead_link", "publication", "draft_save", "draft_file", "draft", "course_member", "part", "rendering"):
        op.drop_table(name)
    # A course that was never published had no row of its own.
    op.execute("DELETE FROM course WHERE revision_id IS NULL")
    _table(
        "rendering",
        _to("rendering", "revision_id", "revision", nullable=False),
        sa.Column("item", sa.String(length=100), nullable=False),
        sa.Column("renderer", sa.Integer(), nullable=False),
        sa.Column("pieces", sa.JSON(none_as_null=True), nullable=False),
        _unique("rendering", "revision_id", "item", "renderer"),
    )
    _table(
        "draft",
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("files", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("problems", sa.JSON(none_as_null=True), nullable=False),
        _moment("uploaded_at", nullable=False),
        _to("draft", "uploaded_by_id", "user"),
        _unique("draft", "slug"),
    )
