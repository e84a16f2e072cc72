"""How many requests a caller may make (CORBI_RATE_LIMIT), counted by each worker process for itself.

Belongs here: the counting, whom a request is counted for, and the answer when there were too many. Does not: who calls
(identity.py). Flask-Limiter took half as long again as a kept answer does, most of it to start a thread each time.
"""

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Flask, Response, current_app, request

from api.access.parts import person
from api.serving.endpoints import Operation
from api.serving.errors import ApiError, error_answer

MOST_CALLERS = 10_000
"""Whom one process remembers; beyond that, whoever came first is forgotten first."""

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}


@dataclass(frozen=True)
class Limit:
    """So many requests in a span, which begins with the first of them."""

    requests: int
    span: str

    def __str__(self) -> str:
        return f"{self.requests:,} a {self.span}"


def parse_limits(text: str) -> tuple[Limit, ...]:
    """The limits in a setting such as `20/second; 1200/minute`; none in an empty one."""
    parts = (part.split("/") for part in text.split(";") if part)
    return tuple(Limit(int(requests), span.strip()) for requests, span in parts)


class RequestCounts:
    """The requests of each caller in the present span of each limit."""

    def __init__(self, limits: Sequence[Limit], clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, Limit], tuple[float, int]] = {}

    def count(self, caller: str) -> tuple[Limit, int] | None:
        """Counts a request. Where it is one too many: the limit it breaks, and the seconds until it may be made."""
        now = self._clock()
        with self._lock:
            waits = [(self._seconds_to_wait((caller, limit), now), limit) for limit in self._limits]
        seconds, limit = max(waits, key=lambda wait: wait[0])
        return (limit, math.ceil(seconds)) if seconds > 0 else None

    def _seconds_to_wait(self, key: tuple[str, Limit], now: float) -> float:
        limit = key[1]
        ends, count = self._counts.get(key, (now, 0))
        if ends <= now:
            self._counts.pop(key, None)
            ends, count = now + _SECONDS[limit.span], 0
            if len(self._counts) >= MOST_CALLERS * len(self._limits):
                del self._counts[next(iter(self._counts))]
        self._counts[key] = (ends, count + 1)
        return ends - now if count >= limit.requests else 0.0


def register_rate_limit(app: Flask, setting: str) -> None:
    """Counts the requests of each key and user; of those without credentials that hold, each address."""
    limits = parse_limits(setting)
    if not limits:
        return
    counts = RequestCounts(limits)

    def refuse_too_many() -> tuple[Response, int] | None:
        refused = None if _is_free() else counts.count(_counted_for())
        if refused is None:
            return None
        limit, seconds = refused
        response, status = error_answer(429, f"More than {limit}: go on in {seconds} s.")
        response.headers["Retry-After"] = str(seconds)
        return response, status

    app.before_request(refuse_too_many)


def _counted_for() -> str:
    try:
        return person().credentials
    except ApiError:
        return f"address {request.remote_addr}"


def _is_free() -> bool:
    """Probes, documentation and the questions of browsers before a request cost nothing and are never refused."""
    operation = getattr(current_app.view_functions.get(request.endpoint or ""), "operation", None)
    return request.method == "OPTIONS" or not isinstance(operation, Operation) or operation.is_open
