"""What every session needs, loaded before the first visitor comes.

Belongs here: imports and the first use of what is slow the first time. Does not: anything a visitor sees.
"""

from datetime import UTC, datetime

from notebooks.look import lists, message_charts
from notebooks.views import alert_page, channel_details, message_table, overview, recipients

LOADED = (alert_page, channel_details, lists, message_table, overview, recipients)


def warm_up() -> None:
    """Builds one chart, which loads Altair's schema."""
    point = {"at": datetime(2026, 1, 1, tzinfo=UTC).isoformat(), "outbound": 1, "sent": 1, "delivered": 1, "read": 1,
             "failed": 0, "inbound": 0}  # fmt: skip
    message_charts.messages_over_time([point], "1h", "UTC", "/messages/?", what="Nothing")
