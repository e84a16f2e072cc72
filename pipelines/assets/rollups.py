"""The rollups: the figures that the API, the alerts and the dashboards read.

Belongs here: one spec for each rollup table, with the tables it is computed from. Does not: computing
(warehouse/rollups/). A test compares these dependencies with the tables that the statements name.
"""

from datetime import date

import dagster as dg

from pipelines.assets.raw import raw_key
from pipelines.partitions import Windows, rollup_windows
from warehouse.rollups.families import CHANNEL, CONTACT, FAILURE, FAMILIES, ORGANIZATION, Family
from warehouse.settings import Settings
from warehouse.source.tables import BY_RAW

_EMAIL = ("email_recipient", "email_job", "campaign_recipient")
_MESSAGES = ("outbound_message", "whatsapp_message", "telegram_message", "instagram_message", *_EMAIL)

_MADE_OF = {
    CHANNEL.name: (*_MESSAGES, "inbound_message", "provider_event"),
    FAILURE.name: _MESSAGES,
    ORGANIZATION.name: ("booking", "llm_call", "campaign", *_EMAIL, "provider_event", "suppression"),
    CONTACT.name: ("contact",),
}
_COUNTS = {
    CHANNEL.name: "Messages by state, inbound messages and callbacks with their latency, by organization and channel",
    FAILURE.name: "Failed messages by masked error text, by organization and channel",
    ORGANIZATION.name: "Bookings, calls of the assistant's language models, recipients of e-mail jobs and campaigns by "
    "outcome, by organization",
    CONTACT.name: "New contacts, by organization",
}


def rollup_key(table: str) -> dg.AssetKey:
    """The key of a rollup table's asset."""
    return dg.AssetKey(["rollup", table])


def rollup_specs(settings: Settings, today: date) -> list[dg.AssetSpec]:
    """Every rollup table; those over time have a partition for each day that their rows are kept."""
    windows = rollup_windows(settings, today)
    return [
        *(spec for family in FAMILIES for spec in _family_specs(family, windows)),
        _spec(
            "campaign_day",
            "Recipients by outcome, by campaign and day",
            ("campaign_recipient", "campaign"),
            window=windows.day,
        ),
        _spec(
            "campaign_failure_day",
            "Failed recipients by masked error text, by campaign and day",
            ("campaign_recipient", "campaign"),
            window=windows.day,
        ),
        _spec(
            "email_job_day",
            "Recipients by outcome, bounces, drops and spam reports, by e-mail job and day",
            (*_EMAIL, "provider_event", "suppression"),
            window=windows.day,
        ),
        _spec(
            "email_job_failure_day",
            "Failed recipients by masked error text, by e-mail job and day",
            (*_EMAIL, "provider_event", "suppression"),
            window=windows.day,
        ),
        _spec(
            "unsubscribe",
            "Contacts who unsubscribed, each with the campaign that caused it",
            ("contact", "campaign_recipient", "suppression", "campaign"),
        ),
        _spec(
            "organization_total",
            "What each organization has now, and its sums over all time",
            ("contact", "campaign", "email_job"),
            ("organization_day",),
        ),
        _spec("channel_total", "Sums over all time, by organization and channel", rollups=("channel_day",)),
        _spec(
            "failure_reason",
            "The reason of each masked error text",
            rollups=("failure_hour", "failure_day", "campaign_failure_day", "email_job_failure_day"),
        ),
    ]


def _family_specs(family: Family, windows: Windows) -> list[dg.AssetSpec]:
    name, made_of, counts = family.name, _MADE_OF[family.name], _COUNTS[family.name]
    # Contacts are kept whole, so days that have no hours any more are counted from them.
    days_from = made_of if family is CONTACT else ()
    return [
        _spec(f"{name}_5m", f"{counts}, in buckets of 5 minutes", made_of, window=windows.five_minute),
        _spec(f"{name}_hour", f"{counts}, by hour", rollups=(f"{name}_5m",), window=windows.hour),
        _spec(f"{name}_day", f"{counts}, by UTC day", days_from, (f"{name}_hour",), window=windows.day),
    ]


def _spec(
    table: str,
    description: str,
    raw: tuple[str, ...] = (),
    rollups: tuple[str, ...] = (),
    *,
    window: dg.DailyPartitionsDefinition | None = None,
) -> dg.AssetSpec:
    # A day that is older than the raw window was computed from rows read for just that: it has no partition upstream.
    same_day = dg.TimeWindowPartitionMapping(allow_nonexistent_upstream_partitions=True) if window else None
    deps = [
        dg.AssetDep(raw_key(name), partition_mapping=same_day if BY_RAW[name].occurred_at else None) for name in raw
    ]
    deps += [dg.AssetDep(rollup_key(name), partition_mapping=same_day) for name in rollups]
    return dg.AssetSpec(
        rollup_key(table),
        deps=deps,
        group_name="rollups",
        description=f"{description}.",
        metadata={"dagster/table_name": f"lake.rollup.{table}"},
        kinds={"duckdb", "sql"},
        partitions_def=window,
    )
