"""Printouts as they were last drawn; a cache that can be thrown away."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import Model


class Printout(Model):
    """The newest PDF of a kind of a course."""

    __tablename__ = "printout"
    __table_args__ = (UniqueConstraint("course_id", "kind"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(64))
    """The digest of all that it was drawn from: revision, local values, renderer."""
    data: Mapped[bytes]
    made_at: Mapped[datetime]
