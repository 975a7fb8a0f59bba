"""All tables of the first version."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("object_label", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index("audit_of_actor", ["actor_id"], unique=False)
        batch_op.create_index("audit_of_object", ["object_kind", "object_id"], unique=False)

    op.create_table(
        "course",
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("folded", sa.String(length=300), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_course_revision_id_revision"), use_alter=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("slug", name=op.f("uq_course_slug")),
    )
    op.create_table(
        "course_file",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("is_published", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_file")),
        sa.UniqueConstraint("digest", "name", "slug", name=op.f("uq_course_file_digest_name_slug")),
    )
    with op.batch_alter_table("course_file", schema=None) as batch_op:
        batch_op.create_index("files_of_draft", ["slug", "is_published"], unique=False)

    op.create_table(
        "issuer",
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issuer")),
    )
    op.create_table(
        "job",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("jobs_to_run", ["done_at", "run_at"], unique=False)
        batch_op.create_index(
            "one_waiting_job",
            ["kind", "subject"],
            unique=True,
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )

    op.create_table(
        "local_value",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_value")),
        sa.UniqueConstraint("name", name=op.f("uq_local_value_name")),
    )
    op.create_table(
        "strike",
        sa.Column("key_digest", sa.Text(), nullable=False),
        sa.Column("struck_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_strike")),
    )
    with op.batch_alter_table("strike", schema=None) as batch_op:
        batch_op.create_index("strikes_of_key", ["key_digest", "struck_at"], unique=False)

    op.create_table(
        "unit",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_unit_code")),
    )
    op.create_table(
        "user",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "sort_key",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("folded", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("staff_code", sa.String(length=60), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("text_size", sa.String(length=4), nullable=True),
        sa.Column("theme", sa.String(length=10), nullable=True),
        sa.Column("locale", sa.String(length=4), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deactivated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("email IS NOT NULL OR phone IS NOT NULL", name=op.f("ck_user_has_sign_in_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
        sa.UniqueConstraint("phone", name=op.f("uq_user_phone")),
        sa.UniqueConstraint("staff_code", name=op.f("uq_user_staff_code")),
    )
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_folded"), ["folded"], unique=False)
        batch_op.create_index(batch_op.f("ix_user_sort_key"), ["sort_key"], unique=False)

    op.create_table(
        "assignment",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.String(length=200), nullable=True),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_assignment_unit_id_unit")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_assignment_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index("assignments_of_unit", ["unit_id"], unique=False)
        batch_op.create_index("assignments_of_user", ["user_id"], unique=False)

    op.create_table(
        "certificate_counter",
        sa.Column("issuer_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_certificate_counter_issuer_id_issuer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_counter")),
        sa.UniqueConstraint("issuer_id", "year", name=op.f("uq_certificate_counter_issuer_id_year")),
    )
    op.create_table(
        "draft",
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("files", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("problems", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["user.id"], name=op.f("fk_draft_uploaded_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("slug", name=op.f("uq_draft_slug")),
    )
    op.create_table(
        "issuer_version",
        sa.Column("issuer_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("parent_name", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("abbreviation", sa.String(length=40), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("signer_name", sa.Text(), nullable=False),
        sa.Column("signer_capacity", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_issuer_version_issuer_id_issuer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issuer_version")),
        sa.UniqueConstraint("issuer_id", "valid_from", name=op.f("uq_issuer_version_issuer_id_valid_from")),
    )
    op.create_table(
        "revision",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("files", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("item_count", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("is_material", sa.Boolean(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_revision_course_id_course")),
        sa.ForeignKeyConstraint(["published_by_id"], ["user.id"], name=op.f("fk_revision_published_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sa.UniqueConstraint("course_id", "digest", name=op.f("uq_revision_course_id_digest")),
        sa.UniqueConstraint("course_id", "number", name=op.f("uq_revision_course_id_number")),
    )
    op.create_table(
        "role_grant",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_role_grant_unit_id_unit")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_role_grant_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sa.UniqueConstraint("user_id", "role", "unit_id", name=op.f("uq_role_grant_user_id_role_unit_id")),
    )
    op.create_table(
        "unit_name",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("short_name", sa.String(length=120), nullable=True),
        sa.Column("folded", sa.String(length=300), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_name_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_name")),
        sa.UniqueConstraint("unit_id", "valid_from", name=op.f("uq_unit_name_unit_id_valid_from")),
    )
    with op.batch_alter_table("unit_name", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_name_folded"), ["folded"], unique=False)

    op.create_table(
        "unit_parent",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("unit_id <> parent_id", name=op.f("ck_unit_parent_not_its_own_parent")),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_parent_id_unit")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_parent_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_parent")),
        sa.UniqueConstraint("unit_id", "valid_from", name=op.f("uq_unit_parent_unit_id_valid_from")),
    )
    with op.batch_alter_table("unit_parent", schema=None) as batch_op:
        batch_op.create_index("children_of_unit", ["parent_id"], unique=False)

    op.create_table(
        "unit_successor",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["successor_id"], ["unit.id"], name=op.f("fk_unit_successor_successor_id_unit")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_successor_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_successor")),
        sa.UniqueConstraint("unit_id", "successor_id", name=op.f("uq_unit_successor_unit_id_successor_id")),
    )
    with op.batch_alter_table("unit_successor", schema=None) as batch_op:
        batch_op.create_index("predecessors_of_unit", ["successor_id"], unique=False)

    op.create_table(
        "enrolment",
        sa.Column("learner_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enrolled_by_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("last_item", sa.String(length=100), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_revision_id", sa.Integer(), nullable=True),
        sa.Column("fraction", sa.Double(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["completed_revision_id"], ["revision.id"], name=op.f("fk_enrolment_completed_revision_id_revision")
        ),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_enrolment_course_id_course")),
        sa.ForeignKeyConstraint(["enrolled_by_id"], ["user.id"], name=op.f("fk_enrolment_enrolled_by_id_user")),
        sa.ForeignKeyConstraint(["learner_id"], ["user.id"], name=op.f("fk_enrolment_learner_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
    )
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.create_index("enrolments_of_course", ["course_id", "completed_at"], unique=False)
        batch_op.create_index("enrolments_of_learner", ["learner_id"], unique=False)
        batch_op.create_index(
            "one_open_enrolment",
            ["learner_id", "course_id"],
            unique=True,
            sqlite_where=sa.text("completed_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=sa.text("completed_at IS NULL AND withdrawn_at IS NULL"),
        )

    op.create_table(
        "rendering",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=100), nullable=False),
        sa.Column("renderer", sa.Integer(), nullable=False),
        sa.Column("pieces", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_rendering_revision_id_revision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rendering")),
        sa.UniqueConstraint("revision_id", "item", "renderer", name=op.f("uq_rendering_revision_id_item_renderer")),
    )
    op.create_table(
        "attempt",
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("learner_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=40), nullable=False),
        sa.Column("paper", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_how", sa.String(length=10), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_attempt_course_id_course")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_attempt_enrolment_id_enrolment")),
        sa.ForeignKeyConstraint(["learner_id"], ["user.id"], name=op.f("fk_attempt_learner_id_user")),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_attempt_revision_id_revision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("enrolment_id", "item", "number", name=op.f("uq_attempt_enrolment_id_item_number")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index("attempts_of_learner", ["learner_id", "submitted_at"], unique=False)
        batch_op.create_index(
            "one_open_attempt",
            ["enrolment_id", "item"],
            unique=True,
            sqlite_where=sa.text("submitted_at IS NULL"),
            postgresql_where=sa.text("submitted_at IS NULL"),
        )

    op.create_table(
        "certificate",
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("learner_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("issuer_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("code", sa.String(length=14), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("holder_name", sa.String(length=200), nullable=False),
        sa.Column(
            "holder_sort_key",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("holder_folded", sa.String(length=200), nullable=False),
        sa.Column("unit_name", sa.Text(), nullable=False),
        sa.Column("course_title", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_certificate_course_id_course")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_certificate_enrolment_id_enrolment")),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_certificate_issuer_id_issuer")),
        sa.ForeignKeyConstraint(["learner_id"], ["user.id"], name=op.f("fk_certificate_learner_id_user")),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_certificate_revision_id_revision")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_certificate_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("code", name=op.f("uq_certificate_code")),
        sa.UniqueConstraint("enrolment_id", name=op.f("uq_certificate_enrolment_id")),
        sa.UniqueConstraint("issuer_id", "year", "sequence", name=op.f("uq_certificate_issuer_id_year_sequence")),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
    )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.create_index("certificates_by_day", ["issued_on", "id"], unique=False)
        batch_op.create_index("certificates_of_course", ["course_id"], unique=False)
        batch_op.create_index("certificates_of_learner", ["learner_id"], unique=False)
        batch_op.create_index("certificates_of_unit", ["unit_id"], unique=False)

    op.create_table(
        "item_record",
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=100), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("fraction", sa.Double(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_item_record_enrolment_id_enrolment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_record")),
        sa.UniqueConstraint("enrolment_id", "item", name=op.f("uq_item_record_enrolment_id_item")),
    )
    op.create_table(
        "certificate_pdf",
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_pdf_certificate_id_certificate")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_pdf")),
        sa.UniqueConstraint("certificate_id", name=op.f("uq_certificate_pdf_certificate_id")),
    )
    op.create_table(
        "grade",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("most_points", sa.Double(), nullable=False),
        sa.Column("fraction", sa.Double(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("marks", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("graded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_grade_attempt_id_attempt")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade")),
    )
    with op.batch_alter_table("grade", schema=None) as batch_op:
        batch_op.create_index("grades_of_attempt", ["attempt_id"], unique=False)

    op.create_table(
        "replaced_response",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=100), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("answer", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_replaced_response_attempt_id_attempt")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replaced_response")),
        sa.UniqueConstraint(
            "attempt_id", "question", "revision", name=op.f("uq_replaced_response_attempt_id_question_revision")
        ),
    )
    op.create_table(
        "response",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=100), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("answer", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_response_attempt_id_attempt")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
        sa.UniqueConstraint("attempt_id", "question", name=op.f("uq_response_attempt_id_question")),
    )
    op.create_table(
        "revocation",
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_revocation_certificate_id_certificate")
        ),
        sa.ForeignKeyConstraint(["revoked_by_id"], ["user.id"], name=op.f("fk_revocation_revoked_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revocation")),
        sa.UniqueConstraint("certificate_id", name=op.f("uq_revocation_certificate_id")),
    )
    # SQLite took this key with the table; PostgreSQL can only take it now that both tables stand.
    if op.get_bind().dialect.name != "sqlite":
        op.create_foreign_key("fk_course_revision_id_revision", "course", "revision", ["revision_id"], ["id"])


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint("fk_course_revision_id_revision", "course", type_="foreignkey")
    op.drop_table("revocation")
    op.drop_table("response")
    op.drop_table("replaced_response")
    with op.batch_alter_table("grade", schema=None) as batch_op:
        batch_op.drop_index("grades_of_attempt")

    op.drop_table("grade")
    op.drop_table("certificate_pdf")
    op.drop_table("item_record")
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_index("certificates_of_unit")
        batch_op.drop_index("certificates_of_learner")
        batch_op.drop_index("certificates_of_course")
        batch_op.drop_index("certificates_by_day")

    op.drop_table("certificate")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index(
            "one_open_attempt",
            sqlite_where=sa.text("submitted_at IS NULL"),
            postgresql_where=sa.text("submitted_at IS NULL"),
        )
        batch_op.drop_index("attempts_of_learner")

    op.drop_table("attempt")
    op.drop_table("rendering")
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.drop_index(
            "one_open_enrolment",
            sqlite_where=sa.text("completed_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=sa.text("completed_at IS NULL AND withdrawn_at IS NULL"),
        )
        batch_op.drop_index("enrolments_of_learner")
        batch_op.drop_index("enrolments_of_course")

    op.drop_table("enrolment")
    with op.batch_alter_table("unit_successor", schema=None) as batch_op:
        batch_op.drop_index("predecessors_of_unit")

    op.drop_table("unit_successor")
    with op.batch_alter_table("unit_parent", schema=None) as batch_op:
        batch_op.drop_index("children_of_unit")

    op.drop_table("unit_parent")
    with op.batch_alter_table("unit_name", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_name_folded"))

    op.drop_table("unit_name")
    op.drop_table("role_grant")
    op.drop_table("revision")
    op.drop_table("issuer_version")
    op.drop_table("draft")
    op.drop_table("certificate_counter")
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_index("assignments_of_user")
        batch_op.drop_index("assignments_of_unit")

    op.drop_table("assignment")
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_sort_key"))
        batch_op.drop_index(batch_op.f("ix_user_folded"))

    op.drop_table("user")
    op.drop_table("unit")
    with op.batch_alter_table("strike", schema=None) as batch_op:
        batch_op.drop_index("strikes_of_key")

    op.drop_table("strike")
    op.drop_table("local_value")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index(
            "one_waiting_job", sqlite_where=sa.text("done_at IS NULL"), postgresql_where=sa.text("done_at IS NULL")
        )
        batch_op.drop_index("jobs_to_run")

    op.drop_table("job")
    op.drop_table("issuer")
    with op.batch_alter_table("course_file", schema=None) as batch_op:
        batch_op.drop_index("files_of_draft")

    op.drop_table("course_file")
    op.drop_table("course")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index("audit_of_object")
        batch_op.drop_index("audit_of_actor")

    op.drop_table("audit_entry")
