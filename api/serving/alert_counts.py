"""How many alerts an organization has, and which are the newest.

Belongs here: what overviews ask of the alert store. Does not: the alerts' own routes (routes/alerts.py).
"""

from datetime import datetime
from typing import get_args

from sqlalchemy import Engine

from alerts.feed import Filter, count_alerts, read_alerts, read_openings, seen_by
from alerts.vocabulary import Severity as SeverityWord
from alerts.vocabulary import Status
from api.schemas.alerts import AlertOut, alert_out
from api.schemas.metrics import AlertCounts, AlertCountsOut, Severity
from api.serving.needs import needs
from warehouse.queries.scope import Organization
from warehouse.queries.window import Window

RECENT = 10


def read_alert_counts(organization: Organization) -> AlertCounts:
    """The alerts that an organization's members see, by severity and status; zeros are told too."""
    return alert_counts_in(needs().alerts.engine, organization)


def alert_counts_in(engine: Engine, organization: Organization) -> AlertCounts:
    """The same, for those who are no request."""
    counts = count_alerts(engine, seen_by(organization.id))
    return {
        severity: AlertCountsOut(**{status.value: counts.get((SeverityWord(severity), status), 0) for status in Status})
        for severity in get_args(Severity)
    }


def read_alert_openings(organization: Organization, window: Window) -> list[datetime]:
    """When the alerts that were raised in a window opened, in order."""
    return read_openings(needs().alerts.engine, seen_by(organization.id), window.start, window.end)


def read_recent_alerts(organization: Organization, channel: str | None) -> list[AlertOut]:
    """The newest alerts, of one channel or of all."""
    found = needs()
    wanted = Filter(seen_by(organization.id), channel=channel)
    page = read_alerts(found.alerts.engine, wanted, limit=RECENT)
    return [alert_out(alert, found.settings.runbook_url) for alert in page.alerts]
