"""Facts travel right: publish(event) calls the reactions in the same transaction."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Flask, current_app

Reactions = Mapping[type, Sequence[Callable[[Any], None]]]


def init_app(app: Flask, reactions: Reactions) -> None:
    """Tell who reacts to what; `lms.reactions` is the only table of it."""
    app.extensions["reactions"] = reactions


def publish(event: Any) -> None:
    """Call every reaction to the event; one that fails undoes the fact with it."""
    for react in current_app.extensions["reactions"].get(type(event), ()):
        react(event)
