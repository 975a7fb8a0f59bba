"""The session cookie: whose it is, and of which epoch; the only user of Flask-Login's set-up."""

from flask import Flask, g, session
from flask_login import LoginManager, login_user, logout_user

from lms.core import clock
from lms.people.models import User
from lms.people.queries import Viewer, find_viewer

RENEW_AFTER_MINUTES = 5
login_manager = LoginManager()
login_manager.session_protection = None  # official PCs change addresses behind one line; the epoch ends sessions


def init_app(app: Flask) -> None:
    """Load the viewer of each request from the cookie, in one statement."""
    login_manager.init_app(app)
    login_manager.user_loader(_load)
    app.config["SESSION_REFRESH_EACH_REQUEST"] = (
        False  # signing and sending the cookie anew is `_renew`'s, now and then
    )


def _load(cookie: str) -> Viewer | None:
    user_id, _, epoch = cookie.partition(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in (user_id, epoch)):
        return None
    viewer = find_viewer(int(user_id), int(epoch))
    if viewer is not None:
        _renew()
    return viewer


def _renew() -> None:
    """Begin the idle time afresh, at most once in five minutes."""
    minute = int(clock.now().timestamp()) // 60
    if minute - session.get("renewed", 0) >= RENEW_AFTER_MINUTES:
        session["renewed"] = minute


class _Cookie:
    """What Flask-Login stores of a person: number and session epoch."""

    is_active = True

    def __init__(self, user: User) -> None:
        self._id = f"{user.id}.{user.session_epoch}"

    def get_id(self) -> str:
        """The value of the cookie."""
        return self._id


def begin(user: User) -> None:
    """Sign the person in on this browser, with a fresh session."""
    session.clear()
    session.permanent = True
    login_user(_Cookie(user))
    # The page that follows sees the person, and the token of the new session.
    g.pop("_login_user", None)
    g.pop("csrf_token", None)


def end() -> None:
    """Sign out on this browser."""
    logout_user()
    session.clear()
