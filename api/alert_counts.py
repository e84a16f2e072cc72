"""How many alerts an organization has.

Belongs here: that one question, asked by every overview. Does not: alerts themselves (alerts/).
"""

from typing import get_args

from api.schemas.metrics import AlertCounts, AlertCountsOut, Severity
from warehouse.queries.scope import Organization


def read_alert_counts(organization: Organization) -> AlertCounts:
    """Alerts that the warehouse raised for an organization, by severity and status.

    Nothing raises alerts yet, so zero is the true count of every kind for every organization. Once there is an alert
    store, it is asked here and nowhere else.
    """
    return {severity: AlertCountsOut() for severity in get_args(Severity)}
