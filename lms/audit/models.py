"""The audit trail."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from lms.core.db import FrozenModel


class AuditEntry(FrozenModel):
    """One thing that was done; never changed, never deleted.

    `before` and `after` hold no values that a person may ask to be erased: ids and states only.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (Index("audit_of_object", "object_kind", "object_id"), Index("audit_of_actor", "actor_id"))

    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    actor_name: Mapped[str]
    action: Mapped[str]
    object_kind: Mapped[str]
    object_id: Mapped[str]
    object_label: Mapped[str]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
