"""What may be decided, and why not."""

from lms.core.errors import Refused
from lms.core.i18n import _l


class NoSuchChoice(Refused):
    """Invented, or not offered after what was decided before."""

    message = _l("This scene has no such choice. Nothing was changed; choose one of those on the page.")


class NotThisStepYet(Refused):
    """A step that is still to come, or none at all."""

    message = _l("The page does not fit where the drill stands. Nothing was changed; open the drill again.")


class RunOver(Refused):
    """An ended run takes no more decisions."""

    message = _l("This run is over. See the debrief, or begin another run.")
