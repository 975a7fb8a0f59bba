"""Who does something: a person, or the system itself."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """The doer that a service is told and the audit names; `id` is None for the system."""

    id: int | None
    name: str


SYSTEM = Actor(None, "hệ thống")
UNKNOWN = Actor(None, "chưa đăng nhập")
"""Somebody who has not shown who it is."""
