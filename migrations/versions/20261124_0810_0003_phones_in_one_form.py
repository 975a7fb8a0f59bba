"""Phones are stored as +84…, so that 0905…, 905… and 84905… are one account; an empty sign-in name is none.

A phone that is none, or that would be another account's, stays as it is: an administrator has to correct it, and until
then its owner cannot sign in by it. Going down again changes nothing, because the older form also reads +84….
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PHONE = re.compile(r"(?:(?:\+84|84|0084)0?|0)?([35789][0-9]{8}|2[0-9]{9})")
users = sa.table("user", sa.column("id", sa.Integer), sa.column("email", sa.String), sa.column("phone", sa.String))


def upgrade() -> None:
    connection = op.get_bind()
    for column, other in ((users.c.email, users.c.phone), (users.c.phone, users.c.email)):
        # One of the two must stand: an account that has neither keeps what it has.
        connection.execute(
            users.update().where(column == "", other.is_not(None), other != "").values({column.name: None})
        )
    taken = set(connection.scalars(sa.select(users.c.phone).where(users.c.phone.like("+84%"))))
    old = sa.select(users.c.id, users.c.phone).where(users.c.phone.is_not(None)).order_by(users.c.id)
    for user_id, phone in connection.execute(old).all():
        found = PHONE.fullmatch(phone)
        if found is None or f"+84{found[1]}" in taken:
            continue
        connection.execute(users.update().where(users.c.id == user_id).values(phone=f"+84{found[1]}"))
        taken.add(f"+84{found[1]}")


def downgrade() -> None:
    pass
