"""Whether alerts are judged at all: a note of each evaluation, and what the doctor says of it.

Belongs here: that note, and the doctor's check. Does not: evaluating (evaluate.py), showing findings (cli/).
Without it nobody can tell "nothing is wrong" from "nobody looked".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql import insert

from alerts.database import transaction
from alerts.model import SCHEMA, Evaluation
from alerts.plan import Moment
from alerts.thresholds import load_defaults
from warehouse.doctor import STALE_AFTER, Finding
from warehouse.errors import CorbiError, SettingsError, WarehouseEmptyError
from warehouse.lake.connection import connect_warehouse
from warehouse.settings import Settings
from warehouse.status import Status, read_status

_PART = "alerts"
_HOW = (
    "Start Dagster (docs/operations.md), which judges after each pass, or run `corbi-monitoring alerts evaluate` after "
    "each `corbi-monitoring refresh`."
)


@dataclass(frozen=True)
class Evaluated:
    """The last evaluation: when it was made, and the moment its figures stood for."""

    at: datetime
    as_of: datetime


def note_evaluation(engine: Engine, at: Moment) -> None:
    """Keeps when all organizations were judged, and by which figures."""
    row = {"evaluated_at": at.now, "as_of": at.as_of}
    with transaction(engine) as session:
        session.execute(
            insert(Evaluation).values(id=1, **row).on_conflict_do_update(index_elements=["id"], set_=row)
        )  # fmt: skip


def last_evaluation(settings: Settings) -> Evaluated | None:
    """The last evaluation; None when there was none. Makes no tables. Raises WarehouseUnavailableError."""
    with connect_warehouse(settings, autocommit=True) as connection:
        if connection.execute("select to_regclass(%s)", (f"{SCHEMA}.evaluation",)).fetchone() == (None,):
            return None
        row = connection.execute(f"select evaluated_at, as_of from {SCHEMA}.evaluation".encode()).fetchone()
    return Evaluated(*row) if row else None


def check_alerts(settings: Settings, _now: datetime) -> Iterator[Finding]:
    """The thresholds, and whether the figures that are there were judged."""
    try:
        load_defaults(settings.alert_thresholds)
    except SettingsError as error:
        yield Finding(
            _PART, str(error), "Correct the file, or unset CORBI_ALERT_THRESHOLDS: until then none is judged."
        )
        return
    try:
        yield judged(read_status(settings), last_evaluation(settings))
    except WarehouseEmptyError:
        yield Finding(_PART, "there are no figures to judge yet")
    except CorbiError as error:
        yield Finding(_PART, str(error), "See the findings above.")


def judged(status: Status, last: Evaluated | None) -> Finding:
    """What the last evaluation says of the alerts there are. Pure."""
    if last is None:
        passes = f"{status.passes:,} {'pass' if status.passes == 1 else 'passes'}"
        return Finding(_PART, f"were never evaluated, though the warehouse has {passes}: the list is empty", _HOW)
    text = f"evaluated at {last.at:%Y-%m-%d %H:%M:%S} UTC, by figures as of {last.as_of:%Y-%m-%d %H:%M:%S} UTC"
    figures = status.rolled_up_as_of or status.as_of
    if figures - last.as_of > STALE_AFTER:
        return Finding(_PART, f"{text}; there have been newer ones since {figures:%Y-%m-%d %H:%M:%S} UTC", _HOW)
    return Finding(_PART, text)
