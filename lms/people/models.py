"""People, their roles, the units through time and who worked where."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from lms.core import text
from lms.core.db import Model, SortText


class User(Model):
    """A person with an account; deactivated, never deleted."""

    __tablename__ = "user"
    __table_args__ = (CheckConstraint("email IS NOT NULL OR phone IS NOT NULL", name="has_sign_in_name"),)

    name: Mapped[str] = mapped_column(String(200))
    sort_key: Mapped[SortText] = mapped_column(index=True)
    folded: Mapped[str] = mapped_column(String(200), index=True)
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    phone: Mapped[str | None] = mapped_column(String(20), unique=True)
    staff_code: Mapped[str | None] = mapped_column(String(60), unique=True)
    birth_date: Mapped[date | None]
    password_hash: Mapped[str | None]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    session_epoch: Mapped[int] = mapped_column(default=0)
    text_size: Mapped[str | None] = mapped_column(String(4))
    theme: Mapped[str | None] = mapped_column(String(10))
    locale: Mapped[str | None] = mapped_column(String(4))
    created_at: Mapped[datetime]
    deactivated_at: Mapped[datetime | None]

    @validates("name")
    def _derive(self, _key: str, name: str) -> str:
        """The forms for sorting and searching follow the name."""
        clean = text.normalise(name)
        self.sort_key, self.folded = text.sort_key(clean), text.fold(clean)
        return clean

    @property
    def login(self) -> str:
        """The name to sign in with."""
        return self.email or self.phone or ""


class RoleGrant(Model):
    """A person's role; HR's is for a unit and what stands below it, one for each, others' for everything."""

    __tablename__ = "role_grant"
    __table_args__ = (
        UniqueConstraint("user_id", "role", "unit_id"),
        CheckConstraint("role <> 'hr' OR unit_id IS NOT NULL", name="hr_has_unit"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    role: Mapped[str] = mapped_column(String(20))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    granted_at: Mapped[datetime]

    user: Mapped[User] = relationship()
    unit: Mapped["Unit | None"] = relationship()


class Unit(Model):
    """An organisation's identity; what it is called and where it stands have dates of their own."""

    __tablename__ = "unit"

    kind: Mapped[str] = mapped_column(String(20))
    code: Mapped[str | None] = mapped_column(String(60), unique=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class UnitName(Model):
    """What a unit is called on the days [valid_from, valid_to)."""

    __tablename__ = "unit_name"
    __table_args__ = (UniqueConstraint("unit_id", "valid_from"),)

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    name: Mapped[str] = mapped_column(String(300))
    short_name: Mapped[str | None] = mapped_column(String(120))
    folded: Mapped[str] = mapped_column(String(300), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    unit: Mapped[Unit] = relationship()

    @validates("name")
    def _derive(self, _key: str, name: str) -> str:
        clean = text.normalise(name)
        self.folded = text.fold(clean)
        return clean


class UnitParent(Model):
    """Which unit a unit stands under on the days [valid_from, valid_to)."""

    __tablename__ = "unit_parent"
    __table_args__ = (
        UniqueConstraint("unit_id", "valid_from"),
        CheckConstraint("unit_id <> parent_id", name="not_its_own_parent"),
        Index("children_of_unit", "parent_id"),
    )

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    parent_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class UnitSuccessor(Model):
    """What became of a unit: merged, consolidated, split or dissolved into others, on a day, by a decision."""

    __tablename__ = "unit_successor"
    __table_args__ = (UniqueConstraint("unit_id", "successor_id"), Index("predecessors_of_unit", "successor_id"))

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    successor_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[str] = mapped_column(String(20))
    effective_on: Mapped[date]
    basis: Mapped[str | None]


class Assignment(Model):
    """A person's post in a unit on the days [valid_from, valid_to); history is never overwritten."""

    __tablename__ = "assignment"
    __table_args__ = (Index("assignments_of_unit", "unit_id"), Index("assignments_of_user", "user_id"))

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    position: Mapped[str | None] = mapped_column(String(200))
    is_primary: Mapped[bool] = mapped_column(default=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    user: Mapped[User] = relationship()
    unit: Mapped[Unit] = relationship()
