"""Every consequence that crosses features, and every kind of job, on one page."""

from lms.core.bus import Reactions
from lms.core.jobs import Handler

REACTIONS: Reactions = {}

HANDLERS: dict[str, Handler] = {}
