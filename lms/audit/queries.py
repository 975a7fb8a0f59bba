"""Reading the audit trail."""

from datetime import date

from sqlalchemy import Select, or_, select

from lms.audit.models import AuditEntry
from lms.core import clock
from lms.core.db import db


def entries(*, actor: str = "", action: str = "", start: date | None = None, end: date | None = None) -> Select:
    """Entries whose actor and action contain the words, on the days from start to end."""
    query = select(
        AuditEntry.id,
        AuditEntry.at,
        AuditEntry.actor_name,
        AuditEntry.action,
        AuditEntry.object_kind,
        AuditEntry.object_id,
        AuditEntry.object_label,
        AuditEntry.before,
        AuditEntry.after,
    )
    if actor:
        query = query.where(AuditEntry.actor_name.contains(actor, autoescape=True))
    if action:
        query = query.where(
            or_(
                AuditEntry.action.contains(action, autoescape=True),
                AuditEntry.object_label.contains(action, autoescape=True),
            )
        )
    if start:
        query = query.where(AuditEntry.at >= clock.start_of(start))
    if end:
        query = query.where(AuditEntry.at < clock.end_of(end))
    return query


def actions() -> list[str]:
    """Every action that was ever recorded."""
    return list(db.session.scalars(select(AuditEntry.action).distinct().order_by(AuditEntry.action)))
