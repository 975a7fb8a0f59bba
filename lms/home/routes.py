"""The pages that combine features."""

from flask import Blueprint, current_app, jsonify, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy import text
from werkzeug.wrappers import Response as AnyResponse

from lms.core.db import db
from lms.web.access import public, signed_in

bp = Blueprint("home", __name__, template_folder="templates")


@bp.get("/")
@public
def root() -> AnyResponse:
    """The first page: the tasks of whoever is signed in, else signing in."""
    return redirect(url_for(".start" if current_user.is_authenticated else "people.sign_in"), 303)


@bp.get("/viec-can-lam")
@signed_in
def start() -> str:
    """What to do next."""
    return render_template("home/start.html")


@bp.get("/tro-giup")
@public
def help_page() -> str:
    """How to use the product, on one page."""
    return render_template("home/help.html")


@bp.get("/_ui")
@public
def gallery() -> str:
    """Every part that pages are made of, in every state."""
    return render_template("gallery.html")


@bp.get("/healthz")
@public
def health() -> AnyResponse:
    """200 when the database answers: for watchdogs."""
    db.session.execute(text("SELECT 1"))
    return jsonify(status="ok", version=current_app.config.get("VERSION", ""))
