"""Requests, counted by each process of the API in files that all of them read.

Belongs here: counting, and the registry that adds up. Does not: when a request is counted (http/request_vitals.py).
"""

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.multiprocess import MultiProcessCollector

from api.vitals.families import CACHE, REQUESTS

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class RequestVitals:
    """The requests of this process; registered, they are those of all processes that share the folder."""

    def __init__(self) -> None:
        # Else each counter has a second metric with the time when it was made, and several processes' has none.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._seconds = Histogram(REQUESTS.name, REQUESTS.help, REQUESTS.labels, buckets=_BUCKETS, registry=None)
        self._answers = Counter(CACHE.name, CACHE.help, CACHE.labels, registry=None)

    def count(self, route: str | None, status: int, seconds: float, cache: str | None) -> None:
        """Counts an answered request."""
        self._seconds.labels(route or "none", str(status)).observe(seconds)
        if cache:
            self._answers.labels(cache.replace(" ", "_")).inc()

    def register(self, registry: CollectorRegistry) -> None:
        """Makes them part of what a registry collects."""
        # A ValueError is its word for: PROMETHEUS_MULTIPROC_DIR is not set, each process counts for itself.
        try:
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        except ValueError:
            registry.register(self._seconds)
            registry.register(self._answers)
