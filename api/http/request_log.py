"""A request's identity and its one log line.

Belongs here: X-Request-ID, which all JSON lines that are logged meanwhile have too, and the structured line. Does not:
who called (access/), other headers (response_headers.py).
"""

import logging
import re
import time
from datetime import UTC, datetime
from uuid import uuid4

from flask import Flask, Response, g, request

from api.access.identity import Person
from warehouse.logs import Event, bind

logger = logging.getLogger("api.request")

_SAFE_ID = re.compile(r"[A-Za-z0-9._:+/=@-]{1,128}", re.ASCII)


def register_request_log(app: Flask) -> None:
    """Gives each request an id, and writes one line of JSON when it is answered."""
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(lambda _error: bind())


def _begin() -> None:
    g.started = time.monotonic()
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _SAFE_ID.fullmatch(given) else uuid4().hex
    bind(request_id=g.request_id)


def _end(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.request_id
    caller, person = g.get("caller"), g.get("person")
    line = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "request_id": g.request_id,
        "org": caller.organization.id if caller else None,
        # Who may not read an organization is known all the same.
        "user": person.user_id if isinstance(person, Person) else None,
        "method": request.method,
        "route": request.url_rule.rule if request.url_rule else None,
        "status": response.status_code,
        "cache": g.get("cache"),
        "duration_ms": round((time.monotonic() - g.started) * 1000, 1),
    }
    if response.status_code >= 400:
        line["reason"] = g.get("reason")
    route = line["route"] or "nothing at this path"
    event = Event(f"{request.method} {route} {response.status_code}", **line)
    logger.log(logging.ERROR if response.status_code >= 500 else logging.INFO, event)
    return response
