"""create_app: core, web, the features one by one, reactions, jobs and commands."""

from flask import Flask

from lms import settings as operator
from lms.assessment import extension_routes, marking_routes, regrading_routes, statistics_routes
from lms.assessment import routes as assessment
from lms.certificates import routes as certificates
from lms.content import desk_routes, question_routes, release_routes
from lms.content import routes as content
from lms.core import bus, db, i18n, jobs
from lms.drills import routes as drills
from lms.handouts import routes as handouts
from lms.home import demo, publish_routes, upkeep_routes
from lms.home import routes as home
from lms.interop import routes as interop
from lms.learning import routes as learning
from lms.learning import teaching_routes
from lms.people import routes as people
from lms.people import session, unit_routes
from lms.reactions import HANDLERS, REACTIONS
from lms.reports import routes as reports
from lms.settings import ROOT, Settings
from lms.web import access, assets, errors, filters, security, templating
from lms.web.pages import IdConverter

BLUEPRINTS = (
    people.bp, unit_routes.bp, content.bp, desk_routes.bp, question_routes.bp, release_routes.bp, learning.bp, teaching_routes.bp, handouts.bp,
    assessment.bp, extension_routes.bp, marking_routes.bp, regrading_routes.bp, statistics_routes.bp, drills.bp, certificates.bp, reports.bp, interop.bp,
    home.bp, publish_routes.bp,
    upkeep_routes.bp,
)  # fmt: skip


def create_app(settings: Settings | None = None, **config: object) -> Flask:
    """The application of these settings; without any, those of the operator."""
    settings = settings or operator.load()
    settings.instance.mkdir(parents=True, exist_ok=True)
    app = Flask("lms", instance_path=str(settings.instance), static_folder=None, template_folder="web/templates")
    app.config.update(
        SECRET_KEY=operator.secret_key(settings.instance),
        SQLALCHEMY_DATABASE_URI=settings.database,
        MIGRATIONS=ROOT / "migrations",
        BLOBS=settings.instance / "blobs",
        SETTINGS=settings,
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.config.update(config)
    app.jinja_environment = templating.Templates  # type: ignore[assignment]  # the attribute is declared as our base
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.url_map.converters["int"] = IdConverter
    i18n.init_app(app)
    db.init_app(app)
    bus.init_app(app, REACTIONS)
    jobs.init_app(app, HANDLERS)
    # The order of what runs before a view: begin the transaction, CSRF and limits, then access.
    errors.init_app(app)
    security.init_app(app, settings)
    session.init_app(app)
    access.init_app(app)
    filters.init_app(app, settings)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.extensions["demo_accounts"] = demo.accounts
    assets.init_app(app, settings.instance)
    errors.end_with_commit(app)
    return app
