"""GET /api/monitoring/events/: the providers' callbacks one by one.

Belongs here: the route, and the answer made of the rows. Does not: the rows (warehouse/queries/events.py).
"""

from flask import Blueprint

from api.schemas.rows import EventOut, EventsParameters
from api.serving.answers import Listed
from api.serving.endpoints import lake_endpoint
from api.serving.paging import cursor_headers
from api.serving.tables import Table, table_of
from warehouse.queries.events import EventFilter, read_events
from warehouse.queries.newest import position_of
from warehouse.queries.scope import OrganizationLake

blueprint = Blueprint("events", __name__, url_prefix="/api/monitoring/events")


def _table(answer: Listed) -> Table:
    return table_of([vars(item) for item in answer.items], list(EventOut.model_fields))


@lake_endpoint(
    blueprint, "/", parameters=EventsParameters, answer=EventOut, table=_table, is_array=True, is_platforms=True
)
def events(lake: OrganizationLake, asked: EventsParameters) -> Listed:
    """Callbacks, newest first.

    `Link` with rel="next" leads on; it goes on where this page ends, whatever arrives meanwhile. Single callbacks are
    kept for a while (`CORBI_RAW_DAYS`): `X-Notice` says where the span reaches back further. As CSV: a line for each.
    """
    wanted = EventFilter(asked.channel, asked.status)
    after = position_of(asked.cursor) if asked.cursor else None
    page = read_events(lake, asked.asked(), wanted, asked.limit, after)
    headers = (*cursor_headers(str(page.next) if page.next else None), *(("X-Notice", n) for n in page.notices))
    # The values are from typed columns: checking a thousand rows again would take longer than reading them.
    return Listed([EventOut.model_construct(**vars(event)) for event in page.rows], headers)
