"""How many requests a caller may make (CORBI_RATE_LIMIT), counted by each worker process for itself.

Belongs here: whom a request is counted for, and the answer when there were too many. Does not: who calls (identity.py).
"""

import math
import time

from flask import Flask, Response, current_app, request
from flask_limiter import Limiter
from flask_limiter.errors import RateLimitExceeded

from api.access import person
from api.errors import ApiError, error_answer
from api.serving import Operation


def register_rate_limit(app: Flask, limit: str) -> None:
    """Counts the requests of each key and user; of those without credentials that hold, each address. Empty: none."""
    if not limit:
        return
    limiter = Limiter(_counted_for, application_limits=[limit], storage_uri="memory://", strategy="fixed-window")
    limiter.request_filter(_is_free)
    limiter.init_app(app)

    def too_many(error: RateLimitExceeded) -> tuple[Response, int]:
        breached = limiter.current_limit
        seconds = max(1, math.ceil(breached.window.reset_time - time.time())) if breached else 1
        response, status = error_answer(429, f"More than {error.description}; go on in {seconds} s.")
        response.headers["Retry-After"] = str(seconds)
        return response, status

    app.register_error_handler(RateLimitExceeded, too_many)


def _counted_for() -> str:
    try:
        return person().credentials
    except ApiError:
        return f"address {request.remote_addr}"


def _is_free() -> bool:
    """Probes, documentation and the questions of browsers before a request cost nothing and are never refused."""
    operation = getattr(current_app.view_functions.get(request.endpoint or ""), "operation", None)
    return request.method == "OPTIONS" or not isinstance(operation, Operation) or operation.is_open
