"""GET /api/monitoring/messages/: messages one by one, without their text and whom they went to.

Belongs here: the route, and the answer made of the rows. Does not: the rows (warehouse/queries/messages.py).
"""

from flask import Blueprint

from api.schemas.rows import MessageOut, MessagesOut, MessagesParameters
from api.serving.answers import Paged
from api.serving.endpoints import lake_endpoint
from api.serving.paging import cursor_headers
from api.serving.tables import Table, table_of
from warehouse.queries.messages import MessageFilter, read_messages
from warehouse.queries.newest import position_of
from warehouse.queries.scope import OrganizationLake

blueprint = Blueprint("messages", __name__, url_prefix="/api/monitoring/messages")


def _table(answer: MessagesOut) -> Table:
    return table_of([vars(item) for item in answer.results], list(MessageOut.model_fields))


@lake_endpoint(blueprint, "/", parameters=MessagesParameters, answer=MessagesOut, table=_table)
def messages(lake: OrganizationLake, asked: MessagesParameters) -> Paged:
    """Messages, newest first: what a figure is made of.

    Those of a campaign are its recipients, those of an e-mail job its e-mails. `next_cursor` (and `Link`) leads on; it
    goes on where this page ends, whatever arrives meanwhile. Single rows are kept for a while (`CORBI_RAW_DAYS`):
    `notices` say where the span reaches back further. As CSV: a line for each.
    """
    wanted = MessageFilter(
        asked.direction,
        channel=asked.channel,
        status=asked.status,
        reason=asked.reason,
        template=asked.template,
        campaign_id=asked.campaign_id,
        email_job_id=asked.email_job_id,
    )
    after = position_of(asked.cursor) if asked.cursor else None
    page = read_messages(lake, asked.asked(), wanted, asked.limit, after)
    cursor = str(page.next) if page.next else None
    # The values are from typed columns: checking a thousand rows again would take longer than reading them.
    results = [MessageOut.model_construct(**vars(message)) for message in page.rows]
    answer = MessagesOut.model_construct(results=results, next_cursor=cursor, notices=list(page.notices))
    return Paged(answer, cursor_headers(cursor))
