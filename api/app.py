"""The application factory: the one place where the API is put together.

Belongs here: parts, blueprints, handlers. Does not: routes.
"""

from flask import Flask

from api import alert_feed, alert_settings, events, health, me, messages, metrics, monitoring, sendings
from api.access import EXTENSION, build_parts
from api.errors import register_error_handlers
from api.request_log import register_request_log
from warehouse.settings import Settings, load_settings


def create_app(settings: Settings | None = None) -> Flask:
    """The API as a WSGI application. Opens no connection: each process does when it first needs one.

    Raises SettingsError when a setting is missing that no request could be answered without.
    """
    settings = settings or load_settings()
    for name in ("secret_key", "warehouse_url", "lake_path"):
        settings.required(name)
    app = Flask("api", static_folder=None)
    app.extensions[EXTENSION] = build_parts(settings)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    register_request_log(app)
    register_error_handlers(app)
    app.register_blueprint(health.blueprint)
    for subject in (me, metrics, monitoring, events, messages, alert_feed, alert_settings):
        app.register_blueprint(subject.blueprint)
    for blueprint in (sendings.campaign_blueprint, sendings.email_job_blueprint):
        app.register_blueprint(blueprint)
    return app
