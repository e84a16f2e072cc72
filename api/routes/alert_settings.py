"""/api/monitoring/alerts/thresholds/ and /mutes/: what an organization sets for its alerts.

Belongs here: these routes. Does not: what a threshold may be (alerts/thresholds.py), alerts (alerts.py).
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Blueprint

from alerts.limits import Default, Limits
from alerts.mutes import add_mute, end_mute, read_mutes_of
from alerts.overrides import forget_threshold, put_threshold, read_thresholds
from alerts.thresholds import Thresholds, load_defaults
from alerts.vocabulary import Rule
from api.access.identity import Caller
from api.access.parts import parts
from api.schemas.alerts import (
    DoneOut,
    MuteBody,
    MuteOut,
    MutesOut,
    ThresholdBody,
    ThresholdOut,
    ThresholdParameters,
    ThresholdsOut,
    mute_out,
)
from api.serving.endpoints import NoParameters, endpoint
from api.serving.errors import ApiError
from warehouse.queries.window import UTC_ZONE, in_utc

blueprint = Blueprint("alert_settings", __name__, url_prefix="/api/monitoring/alerts")


@endpoint(blueprint, "/thresholds/", answer=ThresholdsOut)
def thresholds(caller: Caller, asked: NoParameters) -> ThresholdsOut:
    """Every rule's limits: the defaults, the organization's own, and which of them apply to each channel."""
    found = read_thresholds(parts().alerts.engine, _defaults(), caller.organization.id)
    return ThresholdsOut(thresholds=[threshold_out(found, rule, caller.organization.id) for rule in Rule])


@endpoint(
    blueprint, "/thresholds/", method="PUT", answer=ThresholdOut, body=ThresholdBody, acts=True,
    statuses={400: "The limits can't work together; `detail` says why."},
)  # fmt: skip
def put_thresholds(caller: Caller, asked: NoParameters, body: ThresholdBody) -> ThresholdOut:
    """Replaces the organization's own limits of a rule, for one channel or for every one.

    What is not named stays as it is by default. The next evaluation uses them.
    """
    organization_id, rule = caller.organization.id, Rule(body.rule)
    engine, key = parts().alerts.engine, (organization_id, rule, body.channel or "")
    put_threshold(engine, _defaults(), key, body.values, actor_id=caller.user_id, at=datetime.now(UTC))
    return threshold_out(read_thresholds(engine, _defaults(), organization_id), rule, organization_id)


@endpoint(
    blueprint, "/thresholds/", method="DELETE", answer=ThresholdOut, parameters=ThresholdParameters, acts=True,
    statuses={404: "The organization has no limits of its own there."},
)  # fmt: skip
def delete_thresholds(caller: Caller, asked: ThresholdParameters) -> ThresholdOut:
    """Takes the organization's own limits of a rule away, so that the defaults hold again."""
    organization_id, rule = caller.organization.id, Rule(asked.rule)
    engine = parts().alerts.engine
    if not forget_threshold(engine, (organization_id, rule, asked.channel or "")):
        raise ApiError(404, f"The organization has no limits of its own for {rule} here.")
    return threshold_out(read_thresholds(engine, _defaults(), organization_id), rule, organization_id)


@endpoint(blueprint, "/mutes/", answer=MutesOut)
def mutes(caller: Caller, asked: NoParameters) -> MutesOut:
    """What the organization keeps quiet for now, the next to end first."""
    found = read_mutes_of(parts().alerts.engine, caller.organization.id, datetime.now(UTC))
    return MutesOut(mutes=[mute_out(mute) for mute in found])


@endpoint(blueprint, "/mutes/", method="POST", answer=MuteOut, body=MuteBody, acts=True)
def add(caller: Caller, asked: NoParameters, body: MuteBody) -> MuteOut:
    """Keeps notices of a rule and channel back until a time.

    Alerts open and stand in the list all the same; what is still there when the mute ends is told then.
    """
    until = in_utc(body.until, UTC_ZONE)
    mute = add_mute(
        parts().alerts.engine, caller.organization.id, rule=body.rule or "", channel=body.channel or "", until=until,
        actor_id=caller.user_id, now=datetime.now(UTC), note=body.note,
    )  # fmt: skip
    return mute_out(mute)


@endpoint(
    blueprint, "/mutes/<int:mute_id>/", method="DELETE", answer=DoneOut, acts=True, statuses={404: "No such mute."}
)
def end(caller: Caller, asked: NoParameters, mute_id: int) -> DoneOut:
    """Ends a mute now."""
    if not end_mute(parts().alerts.engine, caller.organization.id, mute_id):
        raise ApiError(404, f"There is no mute {mute_id}.")
    return DoneOut()


def threshold_out(found: Thresholds, rule: Rule, organization_id: int) -> ThresholdOut:
    """A rule's limits as they are told. Pure."""
    default = found.defaults[rule]
    unit = default.measured_in()
    mine = found.own(organization_id).items()
    return ThresholdOut.model_validate(
        {
            "rule": rule.value,
            "unit": unit.name,
            "least": unit.least,
            "most": unit.most,
            "why": default.why,
            "window_minutes": default.window_minutes,
            "default": default.model_dump(include=set(Limits.model_fields)),
            "own": {channel: dict(values) for (of_rule, channel), values in mine if of_rule is rule},
            "applied": {
                channel: found.of(rule, organization_id, channel).document()
                for channel in found.channels(rule, organization_id)
            },
        }
    )


def _defaults() -> Mapping[Rule, Default]:
    return load_defaults(parts().settings.alert_thresholds)
