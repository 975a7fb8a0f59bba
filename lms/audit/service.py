"""Writing the audit trail: called in services, next to the change."""

from datetime import datetime
from typing import Any

from lms.audit.models import AuditEntry
from lms.core.actor import Actor
from lms.core.db import Model, db


def record(
    by: Actor,
    action: str,
    target: Model,
    *,
    now: datetime,
    label: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Note that `by` did `action` (feature:object:verb) to the flushed target."""
    if target.id is None:
        db.session.flush()
    db.session.add(
        AuditEntry(
            at=now,
            actor_id=by.id,
            actor_name=by.name,
            action=action,
            object_kind=target.__tablename__,
            object_id=str(target.id),
            object_label=label,
            before=before,
            after=after,
        )
    )
