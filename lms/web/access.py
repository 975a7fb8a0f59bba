"""Who may open which view: declared on every one, refused where nothing is declared."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, jsonify, redirect, request, url_for
from flask_login import current_user

from lms.core.i18n import _
from lms.core.permissions import Permission

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC, SIGNED_IN = "public", "signed in"


def public(view: View) -> View:
    """Anyone may open it."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Everyone with an account may open it."""
    view.access = SIGNED_IN  # type: ignore[attr-defined]
    return view


def requires(permission: Permission) -> Callable[[View], View]:
    """Only people with this permission may open it; which objects they see is the query's matter."""

    def declare(view: View) -> View:
        view.access = permission  # type: ignore[attr-defined]
        return view

    return declare


def open_to_new_password(view: View) -> View:
    """It stays open while a forced password change is due."""
    view.open_to_new_password = True  # type: ignore[attr-defined]
    return view


def slow_first(view: View) -> View:
    """The view hashes, parses or renders before it writes, and calls `begin_writing` itself."""
    view.slow_first = True  # type: ignore[attr-defined]
    return view


def init_app(app: Flask) -> None:
    """Ask before each view."""
    app.before_request(_guard)


def _guard() -> Any:
    """None lets the view run; what is not declared is refused."""
    if request.endpoint is None or request.endpoint == "static":
        return None  # no view: the routing error itself is the answer
    view = current_app.view_functions[request.endpoint]
    access = getattr(view, "access", None)
    if access == PUBLIC:
        return None
    if access is None:
        abort(403)
    if not current_user.is_authenticated:
        if wants_json() or request.method != "GET":
            abort(401)
        return redirect(url_for("people.sign_in", next=request.full_path.rstrip("?")), 303)
    if current_user.must_change_password and not getattr(view, "open_to_new_password", False):
        if wants_json():
            words = _("Choose a new password first; your answers are kept on this computer meanwhile.")
            return jsonify(message=words, reason="new-password", url=url_for("people.change_password")), 403
        return redirect(url_for("people.change_password"), 303)
    if access != SIGNED_IN and not current_user.may(access):
        abort(403)
    return None


def wants_json() -> bool:
    """The caller is one of the two JSON endpoints' scripts, not a page."""
    return request.is_json or request.accept_mimetypes.best == "application/json"
