"""Counts every answered request for Prometheus.

Belongs here: when. Does not: how (vitals/requests.py).
"""

import time

from flask import Flask, Response, g, request

from api.vitals.requests import RequestVitals


def register_request_vitals(app: Flask, vitals: RequestVitals) -> None:
    """Counts each request with its route's template, status, time and where its answer was from."""

    def count(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else None
        vitals.count(route, response.status_code, time.monotonic() - g.started, g.get("cache"))
        return response

    app.after_request(count)
