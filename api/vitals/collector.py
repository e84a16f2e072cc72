"""Reads all parts at the same time when Prometheus asks, and never longer than it waits.

Belongs here: threads, the time limit, and what is said of a part that can't be read. Does not: what is read
(readings.py).
"""

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future

from prometheus_client.core import Metric

from api.vitals.families import UP
from api.vitals.readings import Read
from warehouse.errors import CorbiError

SECONDS = 5.0
"""How long an answer waits for its parts; Prometheus waits for ten."""

logger = logging.getLogger("api.vitals")


class VitalsCollector:
    """The metrics of every part that could be read in time, and which could not.

    A part that hangs keeps one thread, however often it is asked for: who asks again waits for the same.
    """

    def __init__(self, readings: Mapping[str, Read], seconds: float = SECONDS) -> None:
        self._readings = readings
        self._seconds = seconds
        self._lock = threading.Lock()
        self._begun: dict[str, Future[list[Metric]]] = {}

    def collect(self) -> Iterator[Metric]:
        """Raises nothing."""
        deadline = time.monotonic() + self._seconds
        begun = {part: self._begin(part, read) for part, read in self._readings.items()}
        up = {}
        for part, reading in begun.items():
            found = self._result(part, reading, deadline)
            up[(part,)] = float(found is not None)
            yield from found or ()
        yield UP.by(up)

    def _begin(self, part: str, read: Read) -> "Future[list[Metric]]":
        with self._lock:
            reading = self._begun.get(part)
            if reading is None or reading.done():
                reading = self._begun[part] = Future()
                threading.Thread(target=_run, args=(read, reading), name=f"vitals {part}", daemon=True).start()
        return reading

    def _result(self, part: str, reading: "Future[list[Metric]]", deadline: float) -> Iterable[Metric] | None:
        try:
            return reading.result(max(0.0, deadline - time.monotonic()))
        except TimeoutError:
            logger.error("Metrics of %s are left out: it did not answer in %g s.", part, self._seconds)
        except CorbiError as error:
            logger.error("Metrics of %s are left out: %s", part, error)
        except Exception:
            logger.exception("Metrics of %s are left out.", part)
        return None


def _run(read: Read, reading: "Future[list[Metric]]") -> None:
    try:
        reading.set_result(list(read()))
    except BaseException as error:
        reading.set_exception(error)
