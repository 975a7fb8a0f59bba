"""HR oversees units that are named: a role of HR without a unit, which meant everybody, is refused.

Who had such a role keeps what it allowed: she gets one for each topmost unit of today, and the audit trail says so for
the administrator to look at. Where no unit stands at all the role is taken away, because there is nothing to oversee.
Going down again keeps the new roles; which of them came from here, the audit trail knows.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

grants = sa.table(
    "role_grant",
    sa.column("id", sa.Integer),
    sa.column("user_id", sa.Integer),
    sa.column("role", sa.String),
    sa.column("unit_id", sa.Integer),
    sa.column("granted_at", sa.DateTime(timezone=True)),
)
units = sa.table("unit", sa.column("id", sa.Integer), sa.column("valid_to", sa.Date))
parents = sa.table("unit_parent", sa.column("unit_id", sa.Integer), sa.column("valid_to", sa.Date))
audit = sa.table(
    "audit_entry",
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("actor_name", sa.Text),
    sa.column("action", sa.Text),
    sa.column("object_kind", sa.Text),
    sa.column("object_id", sa.Text),
    sa.column("object_label", sa.Text),
    sa.column("before", sa.JSON(none_as_null=True)),
    sa.column("after", sa.JSON(none_as_null=True)),
)


def upgrade() -> None:
    connection, now = op.get_bind(), datetime.now(UTC)
    has_parent = sa.select(parents.c.unit_id).where(parents.c.valid_to.is_(None))
    topmost = list(
        connection.scalars(
            sa.select(units.c.id).where(units.c.valid_to.is_(None), units.c.id.not_in(has_parent)).order_by(units.c.id)
        )
    )
    everybody = sa.and_(grants.c.role == "hr", grants.c.unit_id.is_(None))
    for user_id in connection.scalars(sa.select(grants.c.user_id).where(everybody).distinct()).all():
        had = sa.select(grants.c.unit_id).where(grants.c.user_id == user_id, grants.c.role == "hr")
        new = sorted(set(topmost) - set(connection.scalars(had)))
        for unit_id in new:
            connection.execute(grants.insert().values(user_id=user_id, role="hr", unit_id=unit_id, granted_at=now))
        connection.execute(
            audit.insert().values(
                at=now,
                actor_name="hệ thống",
                action="people:role:set",
                object_kind="user",
                object_id=str(user_id),
                object_label="",
                before={"roles": [{"role": "hr", "unit_id": None}]},
                after={"roles": [{"role": "hr", "unit_id": unit_id} for unit_id in topmost]},
            )
        )
    connection.execute(grants.delete().where(everybody))
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.create_check_constraint(op.f("ck_role_grant_hr_has_unit"), "role <> 'hr' OR unit_id IS NOT NULL")


def downgrade() -> None:
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_role_grant_hr_has_unit"), type_="check")
