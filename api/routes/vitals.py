"""GET /metrics: the monitoring's own vitals, for Prometheus.

Belongs here: who may ask, and the format. Does not: what is told (vitals/).
"""

import hmac

from flask import Blueprint, Response, request
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from api.access.parts import Parts
from api.serving.errors import ApiError
from api.vitals.collector import VitalsCollector
from api.vitals.readings import readings
from api.vitals.requests import RequestVitals


def vitals_blueprint(parts: Parts, requests: RequestVitals) -> Blueprint:
    """The route, which answers whoever brings CORBI_METRICS_TOKEN."""
    blueprint = Blueprint("vitals", __name__)
    expected = f"Bearer {parts.settings.required('metrics_token')}".encode()
    registry = CollectorRegistry()
    requests.register(registry)
    registry.register(VitalsCollector(readings(parts.settings, parts.lakes, parts.connections)))

    @blueprint.get("/metrics")
    def metrics() -> Response:
        given = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, expected):
            raise ApiError(401, "Metrics are for whoever sends CORBI_METRICS_TOKEN as a bearer token.")
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return Response(encode(registry), content_type=content_type, headers={"Cache-Control": "no-store"})

    return blueprint
