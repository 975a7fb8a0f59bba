"""A rule said no."""

from typing import Any, ClassVar

from flask_babel import LazyString


class Refused(Exception):
    """A rule forbids this; `message` tells the person why and what to do, `status` is the answer's."""

    message: ClassVar[LazyString | str]
    status: ClassVar[int] = 409

    def __init__(self, **values: Any) -> None:
        self.values = values
        super().__init__(type(self).__name__)

    @property
    def text(self) -> str:
        """The message in the reader's language, with its values filled in."""
        text = str(self.message)
        return text % self.values if self.values else text
