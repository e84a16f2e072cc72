"""How alerts and their delivery stand, over all organizations: numbers for whoever watches from outside.

Belongs here: counts and ages. Does not: whose alerts they are.
"""

from dataclasses import dataclass
from itertools import product

from alerts.vocabulary import Severity, Status
from warehouse.lake.connections import WarehouseConnections
from warehouse.lake.sql import statement

UNRESOLVED = (Status.OPEN, Status.ACKED)

_COUNTS = "select severity, status, count(*) from alert.alert where status <> 'resolved' group by 1, 2"


@dataclass(frozen=True)
class AlertVitals:
    """Alerts that are not resolved, by severity and status; the outbox.

    `judged_seconds_ago` is None when nobody ever judged. The outbox's oldest waits for `oldest_seconds`, 0 when nothing
    waits; `retried` messages could not be sent so far, `failed` ones were given up.
    """

    unresolved: dict[tuple[str, str], int]
    judged_seconds_ago: float | None
    waiting_notices: int
    waiting_messages: int
    oldest_seconds: float
    retried: int
    failed: int


def read_vitals(connections: WarehouseConnections) -> AlertVitals:
    """The vitals now. Raises WarehouseUnavailableError, and WarehouseEmptyError where the store has no tables yet."""
    counted = {(str(row[0]), str(row[1])): int(str(row[2])) for row in connections.rows(_COUNTS)}
    judged, notices, messages, oldest, retried, failed = connections.rows(statement("alerts", "vitals"))[0]
    return AlertVitals(
        unresolved={key: counted.get(key, 0) for key in product(map(str, Severity), map(str, UNRESOLVED))},
        judged_seconds_ago=None if judged is None else float(str(judged)),
        waiting_notices=int(str(notices)),
        waiting_messages=int(str(messages)),
        oldest_seconds=max(0.0, float(str(oldest or 0))),
        retried=int(str(retried)),
        failed=int(str(failed)),
    )
