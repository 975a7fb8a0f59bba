"""How a request ends: a returned response commits, a raised error rolls back and is explained."""

import json
import logging
import secrets
from typing import Any

from flask import Flask, Response, abort, current_app, g, jsonify, render_template, request, session
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.exceptions import BadRequest, HTTPException

from lms.core.db import begin_reading, begin_writing, db
from lms.core.errors import Refused
from lms.core.i18n import _, locale
from lms.core.log import traced
from lms.web.access import PUBLIC, wants_json

KEPT_LIMIT = 200_000
"""How much of a form is offered again after signing in, in letters."""
SAFE = {"GET", "HEAD", "OPTIONS"}
log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """One request, one transaction; every kind of no gets its page."""
    app.before_request(_begin)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(IntegrityError, _conflict)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(RecursionError, lambda _error: _http_error(BadRequest()))  # JSON nested without end
    app.register_error_handler(Exception, _crash)


def end_with_commit(app: Flask) -> None:
    """What runs after a view runs in reverse order: said last, so that an answer of `_commit` gets its headers too."""
    app.after_request(_commit)


def _begin() -> None:
    """Writers take the lock with their first statement, unless the view does slow work first."""
    begin_reading()
    g.session_before = {name: list(kept) if isinstance(kept, list) else kept for name, kept in session.items()}
    if "\0" in request.path or b"%00" in request.query_string:
        abort(404)  # no text of ours has this character, and PostgreSQL refuses to look for it
    if request.method in SAFE or request.endpoint is None:
        return
    view = current_app.view_functions.get(request.endpoint)
    if not getattr(view, "slow_first", False):
        begin_writing()


def _commit(response: Response) -> Response:
    """Commit what a view returned; error answers have rolled back already, so nothing is left to commit."""
    try:
        if request.method in SAFE:
            db.session.rollback()
        else:
            db.session.commit()
    except IntegrityError as error:
        return _conflict(error)
    except OperationalError as error:
        return _busy(error)
    finally:
        begin_reading()
    return response


def _refused(error: Refused) -> Response:
    return explain(error.status, error.text)


def _http_error(error: HTTPException) -> Response:
    if error.response is not None:  # a redirect of the routing
        db.session.rollback()
        return current_app.make_response(error.response)
    status = error.code or 500
    if status == 401 or (isinstance(error, CSRFError) and not current_user.is_authenticated and not _is_public()):
        return _session_over()
    if isinstance(error, CSRFError):
        return explain(
            403,
            _("This page was open too long. Go back, reload it and send it again; nothing was changed."),
            reason="csrf",
        )
    response = explain(status, _words().get(status, _("The request could not be understood. Go back and try again.")))
    if status == 405 and error.get_headers():
        response.headers["Allow"] = dict(error.get_headers()).get("Allow", "")
    return response


def _is_public() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "access", None) == PUBLIC


def _session_over() -> Response:
    """Nobody is signed in any more: sign in on this very page, and send again what was typed."""
    db.session.rollback()
    begin_reading()
    if wants_json():
        response = jsonify(message=_words()[401], reason="signed-out")
    else:
        fields = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
        kept = json.dumps(fields) if request.method == "POST" and not request.files else ""
        page = render_template("session_over.html", kept=kept if len(kept) <= KEPT_LIMIT else "", to=request.path)
        response = current_app.make_response(page)
    response.status_code = 401
    return response


def _words() -> dict[int, str]:
    """What each refusal means and what to do."""
    return {
        401: _("You have been signed out to protect the account. Sign in again to go on; your answers are kept."),
        403: _("Your account may not see this page. If you need it, ask the administrator."),
        404: _("The link may be old, or what it led to is not for this account."),
        405: _("This address cannot be opened that way. Go back and use the button on the page."),
        413: _(
            "The file is too large: at most %(mib)d MB. Make it smaller and send it again.",
            mib=current_app.config["UPLOAD_MIB"],
        ),
        429: _("Too many requests in a short time. Wait a minute and try again."),
    }


def _conflict(error: IntegrityError) -> Response:
    """Two wrote what may stand once. Another broken constraint is no race but a bug."""
    if "unique" not in f"{type(error.orig).__name__} {error.orig}".lower():
        return _crash(error)
    log.warning("conflict: %s", type(error.orig).__name__)
    return explain(409, _("Someone changed this at the same moment. Reload the page to see how it stands now."))


def _busy(error: OperationalError) -> Response:
    log.error("database: %s", type(error.orig).__name__)
    response = explain(503, _("The server is busy; your last change was not saved. Try again in a minute."))
    response.headers["Retry-After"] = "30"
    return response


def _crash(error: Exception) -> Response:
    """A bug: loud in the log, one page with a reference for the person."""
    reference = secrets.token_hex(3).upper()
    log.error("crash %s %s %s\n%s", reference, request.method, request.endpoint, traced(error))
    return explain(
        500,
        _(
            "The server met an error; your last change was not saved. Support code %(code)s. Try again in a minute.",
            code=reference,
        ),
    )


def _heading(status: int) -> str:
    """What kind of no this is, in a few words."""
    return {
        400: _("The request was not understood"),
        401: _("Signed out"),
        403: _("Not for this account"),
        404: _("Page not found"),
        409: _("This cannot be done now"),
        413: _("File too large"),
        429: _("Too many requests"),
        503: _("The server is busy"),
        500: _("The server met an error"),
    }.get(status, _("The request was not understood"))


def explain(status: int, message: str, reason: str = "") -> Response:
    """The one page, or JSON for scripts, that says what happened and the cure; nothing is kept."""
    db.session.rollback()
    begin_reading()
    _restore_session()
    if wants_json():
        response = jsonify(message=message, reason=reason)
    else:
        response = current_app.make_response(_page(_heading(status), message))
    response.status_code = status
    return response


def _restore_session() -> None:
    """What the request did to the session is undone with the rest: nobody is signed in, nothing is announced as done."""
    before, token = g.get("session_before", {}), session.get("csrf_token")
    if _without_token(session) != _without_token(before):
        session.clear()
        session.update(before)
        if token:
            session["csrf_token"] = token  # forms on this page may carry it already
        g.pop("_login_user", None)  # Flask-Login's; it reads the session again


def _without_token(kept: Any) -> dict[str, Any]:
    return {name: value for name, value in kept.items() if name != "csrf_token"}


def _page(heading: str, message: str) -> str:
    """The page that says so; a plain one where the database does not even tell who asks."""
    try:
        return render_template("error.html", heading=heading, text=message)
    except OperationalError:
        db.session.rollback()
        plain = current_app.jinja_env.get_template("error_plain.html")
        return plain.render(heading=heading, text=message, locale=locale())
