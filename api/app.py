"""The application factory: the one place where the API is put together.

Belongs here: parts, blueprints, handlers. Does not: routes.
"""

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

from api.access.parts import Parts, build_parts
from api.access.rate_limit import register_rate_limit
from api.http.base_path import BasePath
from api.http.redirects import register_redirects
from api.http.request_log import register_request_log
from api.http.request_size import register_request_size
from api.http.response_headers import register_response_headers
from api.routes import alert_settings, alerts, details, docs, events, health, me, messages, metrics, sendings, summary
from api.serving.errors import register_error_handlers
from api.serving.needs import EXTENSION
from warehouse.settings import Settings, load_settings


def create_app(settings: Settings | None = None) -> Flask:
    """The API as a WSGI application. Opens no connection: each process does when it first needs one.

    Raises SettingsError when a setting is missing that no request could be answered without.
    """
    settings = settings or load_settings()
    require_settings(settings)
    app = Flask("api", static_folder=None)
    app.url_map.converters["int"] = IdConverter
    parts = app.extensions[EXTENSION] = build_parts(settings)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    register_request_log(app)
    register_response_headers(app, settings.origins_that_call)
    register_redirects(app)
    register_error_handlers(app)
    register_request_size(app)
    register_rate_limit(app, settings.rate_limit)
    for subject in (health, docs, me, metrics, summary, details, events, messages, alerts, alert_settings):
        app.register_blueprint(subject.blueprint)
    for blueprint in (sendings.campaign_blueprint, sendings.email_job_blueprint):
        app.register_blueprint(blueprint)
    if settings.metrics_token:
        _register_vitals(app, parts)
    app.wsgi_app = BasePath(app.wsgi_app, settings.api_base_path)  # type: ignore[method-assign]
    return app


def _register_vitals(app: Flask, parts: Parts) -> None:
    # What they stand on looks when it is imported where processes count together: a server says so before it serves.
    from api.http.request_vitals import register_request_vitals  # noqa: PLC0415
    from api.routes.vitals import vitals_blueprint  # noqa: PLC0415
    from api.vitals.requests import RequestVitals  # noqa: PLC0415

    requests = RequestVitals()
    register_request_vitals(app, requests)
    app.register_blueprint(vitals_blueprint(parts, requests))


class IdConverter(IntegerConverter):
    """`<int:…>` in a path: a number that can be a row's id. There is nothing at a path with any other."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**63 - 1)


def require_settings(settings: Settings) -> None:
    """Raises SettingsError when a setting is missing that no request could be answered without."""
    for name in ("secret_key", "warehouse_url", "lake_path"):
        settings.required(name)
