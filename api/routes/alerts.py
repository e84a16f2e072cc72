"""/api/monitoring/alerts/: the list, one with its history, and acting on them.

Belongs here: these routes. Does not: thresholds and mutes (alert_settings.py), what may follow what (alerts/).
"""

from datetime import UTC, datetime

from flask import Blueprint, g

from alerts.feed import Filter, read_alert, read_alerts, seen_by
from alerts.lifecycle import Action, ConflictError
from alerts.model import Alert
from alerts.store import UnknownAlertError, act
from alerts.vocabulary import OPERATIONS, Rule, Severity, Status
from api.access.identity import Caller
from api.access.parts import parts
from api.schemas.alerts import (
    AcknowledgeBody,
    AcknowledgeOut,
    AlertDetailOut,
    AlertOut,
    AlertsParameters,
    BulkBody,
    BulkItemOut,
    BulkOut,
    NoteBody,
    alert_detail_out,
    alert_out,
)
from api.schemas.shared import AnswerParameters
from api.serving.answers import Listed
from api.serving.endpoints import NoParameters, endpoint, lake_endpoint
from api.serving.errors import ApiError
from api.serving.paging import list_headers
from warehouse.queries.newest import position_of
from warehouse.queries.scope import OrganizationLake
from warehouse.queries.span import Span, span_of

blueprint = Blueprint("alerts", __name__, url_prefix="/api/monitoring/alerts")

_ACTING = {
    403: "The role may look but not act, or the alert concerns the monitoring itself.",
    404: "No such alert.",
    409: "The step does not follow from where the alert is: somebody was faster. `alert` is its present state.",
}


@lake_endpoint(blueprint, "/", parameters=AlertsParameters, answer=AlertOut, is_array=True, is_platforms=True)
def alerts(lake: OrganizationLake, asked: AlertsParameters) -> Listed:
    """Alerts, newest first.

    Those of the organization, and those that concern the monitoring itself (`is_operations`). X-Total-Count says how
    many there are in all, Link where the other pages are: its rel="next" goes on where this page ends, whatever arrives
    meanwhile, unless `offset` is asked for.
    """
    opened = span_of(asked.asked(), lake.as_of, lake.held)
    if asked.range:
        # Figures end where the last pass did; alerts are raised by the clock too.
        opened = Span(opened.start)
    wanted = Filter(
        organizations=seen_by(lake.organization.id),
        severity=Severity(asked.severity) if asked.severity else None,
        status=Status(asked.status) if asked.status else None,
        channel=asked.channel,
        rule=Rule(asked.rule) if asked.rule else None,
        start=opened.start,
        end=opened.end,
        q=asked.q,
    )
    after = position_of(asked.cursor) if asked.cursor else None
    page = read_alerts(parts().alerts.engine, wanted, limit=asked.limit, offset=asked.offset, after=after)
    runbook_url = parts().settings.runbook_url
    headers = list_headers(page.total, asked.limit, asked.offset, str(page.next) if page.next else None)
    return Listed([alert_out(alert, runbook_url) for alert in page.alerts], headers)


@lake_endpoint(
    blueprint, "/<int:alert_id>/", parameters=AnswerParameters, answer=AlertDetailOut, statuses={404: "No such alert."}
)
def alert(lake: OrganizationLake, asked: AnswerParameters, alert_id: int) -> AlertDetailOut:
    """One alert with its history: who changed it, when, from what to what, and why."""
    try:
        found, events = read_alert(parts().alerts.engine, seen_by(lake.organization.id), alert_id)
    except UnknownAlertError as error:
        raise ApiError(404, str(error)) from None
    return alert_detail_out(found, list(events), parts().settings.runbook_url)


@endpoint(
    blueprint, "/<int:alert_id>/<any(ack, resolve, reopen):action>/", method="POST", answer=AlertOut, body=NoteBody,
    acts=True, statuses=_ACTING,
)  # fmt: skip
def change_alert(caller: Caller, asked: NoParameters, body: NoteBody, alert_id: int, action: str) -> AlertOut:
    """Acks, resolves or reopens an alert.

    Of two people who act at once one wins; the other gets 409 with the alert as it is now.
    """
    return alert_out(_acted(caller, alert_id, Action(action), body.note), parts().settings.runbook_url)


@endpoint(blueprint, "/bulk/", method="POST", answer=BulkOut, body=BulkBody, acts=True)
def change_alerts(caller: Caller, asked: NoParameters, body: BulkBody) -> BulkOut:
    """One action on many alerts, each by itself: one that can't be changed does not keep the others from it."""
    unique = dict.fromkeys(body.ids)
    return BulkOut(results=[_tried(caller, alert_id, Action(body.action), body.note) for alert_id in unique])


@endpoint(
    blueprint, "/", method="POST", answer=AcknowledgeOut, body=AcknowledgeBody, acts=True, statuses=_ACTING,
    is_platforms=True,
)  # fmt: skip
def acknowledge(caller: Caller, asked: NoParameters, body: AcknowledgeBody) -> AcknowledgeOut:
    """Acknowledges an alert or takes it back, as today's clients do; doing it twice changes nothing."""
    if body.id is None:
        raise ApiError(400, "id required")
    action = Action.ACK if body.acknowledge else Action.REOPEN
    try:
        status = Status(_acted(caller, body.id, action, "").status)
    except ApiError as error:
        if error.status == 404:
            raise ApiError(404, "Not found") from None
        if error.status != 409:
            raise
        status = Status(error.more["alert"]["status"])
    return AcknowledgeOut(is_acknowledged=status is not Status.OPEN)


def _acted(caller: Caller, alert_id: int, action: Action, note: str) -> Alert:
    """A person's step. Raises ApiError 403, 404, 409."""
    engine, organization_id = parts().alerts.engine, caller.organization.id
    try:
        found, _ = read_alert(engine, seen_by(organization_id), alert_id)
        if found.organization_id == OPERATIONS:
            raise ApiError(403, "This alert concerns the monitoring itself: its operators act on it.")
        return act(
            engine, organization_id, alert_id, action,
            actor_id=caller.user_id, at=datetime.now(UTC), request_id=g.get("request_id"), note=note,
        )  # fmt: skip
    except UnknownAlertError as error:
        raise ApiError(404, str(error)) from None
    except ConflictError as conflict:
        present, _ = read_alert(engine, seen_by(organization_id), alert_id)
        told = alert_out(present, parts().settings.runbook_url).model_dump(mode="json")
        raise ApiError(409, str(conflict), alert=told) from None


def _tried(caller: Caller, alert_id: int, action: Action, note: str) -> BulkItemOut:
    try:
        changed = _acted(caller, alert_id, action, note)
    except ApiError as error:
        outcome = {403: "forbidden", 404: "not_found", 409: "conflict"}[error.status]
        status = error.more["alert"]["status"] if "alert" in error.more else None
        return BulkItemOut.model_validate(
            {"id": alert_id, "outcome": outcome, "status": status, "detail": error.detail}
        )
    return BulkItemOut.model_validate({"id": alert_id, "outcome": "ok", "status": changed.status, "detail": None})
