"""The rollups, as declarations: what is computed alike, from which statement, by which keys.

Belongs here: families over time (channel, failure, organization, contact), subjects (campaign, e-mail job, and the
texts these failed with), and the SQL
that selects their rows from raw tables or adds up rows that exist. Does not: writing them (roll_up.py, lifetime.py).
"""

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass

from warehouse.lake.connection import Connection
from warehouse.lake.hours import day_of, hour_start
from warehouse.lake.sql import as_json, days_sql, statement, texts_sql
from warehouse.latency.sketch import LOG_GAMMA
from warehouse.source.earlier_emails import TABLE as EARLIER_EMAILS
from warehouse.source.recipient_states import campaign_state, campaign_template
from warehouse.source.tables import CALLBACK_ERRORS, DROP_REASONS, EMAIL_ENDINGS, SMTP_REPLY

SLOT_US = {"5m": 300_000_000, "hour": 3_600_000_000, "day": 86_400_000_000}

_STATEMENTS = {
    # In this order: each may hold those after it.
    **{
        name: statement("warehouse.rollups", name)
        for name in (
            "message_count",
            "message",
            "email_ended",
            "email_sent",
            "campaign_reached",
            "campaign_sent",
            "campaign_email",
        )
    },
    "campaign_state": campaign_state("r.state", "e.last.state"),
    "campaign_template": campaign_template("r.template", "e.last.state", "e.last.template"),
    "ending_statuses": texts_sql(EMAIL_ENDINGS),
    "error_statuses": texts_sql(CALLBACK_ERRORS),
    "drop_reasons": texts_sql(DROP_REASONS),
    "smtp_reply": f"'{SMTP_REPLY}'",
}


@dataclass(frozen=True)
class Family:
    """Rollups over time that are computed alike: `<name>_5m`, `<name>_hour`, `<name>_day` (and `<name>_lifetime`)."""

    name: str
    keys: str
    sums: tuple[str, ...] = ()
    has_lifetime: bool = True
    counts_messages: bool = False

    def merge(self, source: str, *times: str) -> str:
        """SQL that adds up the rows of `source` to one row a key and each of the columns in `times`."""
        keys = ", ".join((self.keys, *times))
        if self.name == "channel":
            return statement("warehouse.rollups", "channel_merge", {"source": source, "keys": keys})
        return f"select {keys}, {_sums(self.sums)} from ({source}) group by all order by all"

    def select(
        self, lake: Connection, slot: str, hours: Set[int], *, raw: str = "lake.raw.", counted: str | None = None
    ) -> str:
        """SQL of the family's rows of certain hours in buckets of `slot`, computed from the tables `<raw>…`.

        `counted` selects what `message_counts` says of these hours, where somebody has it already.
        """
        fragments = {**_fragments(lake, raw, hours, slot), "sums": sums_or_zero(self.sums)}
        if counted:
            fragments["message_count"] = counted
        return statement("warehouse.rollups", self.name, fragments)

    def select_late(self, *, raw: str) -> str:
        """SQL of the family's daily rows, computed from those rows of the tables `<raw>…` that are marked `is_late`."""
        fragments = {**_fragments_of(raw, "day", _is_late), "sums": sums_or_zero(self.sums)}
        return statement("warehouse.rollups", self.name, fragments)


@dataclass(frozen=True)
class Subject:
    """Rollups of what messages belong to: `<name>_day` and `<name>_lifetime`, by the recipients in `recipients`.

    `key` is the column that names the subject; `parts` are further keys within it. `rows` is the statement whose rows
    are one recipient each.
    """

    name: str
    key: str
    recipients: str
    rows: str
    sums: tuple[str, ...]
    parts: tuple[str, ...] = ()

    def merge(self, source: str) -> str:
        """SQL that adds up the rows of `source` to one row a subject (and part)."""
        keys = ", ".join(("organization_id", self.key, *self.parts))
        return f"select {keys}, {_sums(self.sums)} from ({source}) group by all order by all"

    def recipient_rows(self, where: str, *, raw: str = "lake.raw.") -> str:
        """SQL of the recipients `r` that satisfy a condition, one row each."""
        fragments = {**_STATEMENTS, "within:r.created_at": where, "raw": raw, "emails": _emails(raw)}
        return statement("warehouse.rollups", self.rows, fragments)

    def select_from(self, recipients: str) -> str:
        """SQL of the subject's rows for what `recipient_rows` selected."""
        return statement("warehouse.rollups", self.name, {"recipient": recipients})


CHANNEL_COUNTS = (
    "queued", "sent", "delivered", "read", "failed", "skipped", "retrying", "inbound",
    "callbacks", "callback_errors", "latency_count", "latency_sum_ms",
)  # fmt: skip
CAMPAIGN_SUMS = (
    "campaign_queued", "campaign_sent", "campaign_delivered", "campaign_read", "campaign_failed",
    "campaign_unsubscribed",
)  # fmt: skip
ORGANIZATION_SUMS = (
    "bookings", "bookings_cancelled", "llm_calls", "llm_failed",
    "email_queued", "email_sent", "email_delivered", "email_read", "email_failed", "email_skipped",
    "email_bounced", "email_dropped", "email_spam",
    *CAMPAIGN_SUMS,
)  # fmt: skip

CHANNEL = Family("channel", "organization_id, channel", counts_messages=True)
FAILURE = Family("failure", "organization_id, channel, template", ("failed",), counts_messages=True)
ORGANIZATION = Family("organization", "organization_id", ORGANIZATION_SUMS)
CONTACT = Family("contact", "organization_id", ("contacts",), has_lifetime=False)
FAMILIES = (CHANNEL, FAILURE, ORGANIZATION, CONTACT)

_REACHED = ("queued", "sent", "delivered", "read", "failed")
_OF_CAMPAIGN = ("campaign_id", "campaign_recipient", "campaign_sent")
_OF_EMAIL_JOB = ("email_job_id", "email_recipient", "email_ended")
_TEXT = ("channel", "template")
CAMPAIGN = Subject("campaign", *_OF_CAMPAIGN, (*_REACHED, "unsubscribed"))
EMAIL_JOB = Subject("email_job", *_OF_EMAIL_JOB, (*_REACHED, "skipped", "bounced", "dropped", "spam"))
CAMPAIGN_FAILURE = Subject("campaign_failure", *_OF_CAMPAIGN, ("failed",), _TEXT)
EMAIL_JOB_FAILURE = Subject("email_job_failure", *_OF_EMAIL_JOB, ("failed",), _TEXT)
SUBJECTS = (CAMPAIGN, EMAIL_JOB, CAMPAIGN_FAILURE, EMAIL_JOB_FAILURE)


def hours_to_table(lake: Connection, hours: Set[int]) -> bool:
    """Fills the temporary table `touched_hour`; returns whether the hours are one unbroken range."""
    lake.execute(
        """create or replace temp table touched_hour as select unnest(from_json(?, '["bigint"]')) as hour""",
        [as_json(sorted(hours))],
    )
    return max(hours) - min(hours) + 1 == len(hours)


def message_counts(lake: Connection, hours: Set[int], raw: str) -> str:
    """SQL of the messages of certain hours by state and error text in buckets of 5 minutes."""
    return statement("warehouse.rollups", "message_count", _fragments(lake, raw, hours, "5m"))


def select_lingering(lake: Connection, slot: str, hours: Set[int], table: str) -> str:
    """SQL of an organization table's rows of hours older than the raw window, campaign recipients counted anew."""
    fragments = {
        **_fragments(lake, "lake.raw.", hours, slot),
        "table": f"lake.rollup.{table}",
        "days": days_sql({day_of(hour) for hour in hours}),
        "sums": sums_or_zero(ORGANIZATION_SUMS),
        "zero_campaign_sums": ", ".join(f"0 as {name}" for name in CAMPAIGN_SUMS),
    }
    return statement("warehouse.rollups", "organization_lingering", fragments)


def sums_or_zero(names: Iterable[str], type_: str = "bigint") -> str:
    """Sums for SQL's `select` of rows that may lack some of the columns."""
    return ", ".join(f"coalesce(sum({name}), 0)::{type_} as {name}" for name in names)


def _sums(names: tuple[str, ...]) -> str:
    return ", ".join(f"sum({name})::bigint as {name}" for name in names)


def _fragments(lake: Connection, raw: str, hours: Set[int], slot: str) -> dict[str, str]:
    contiguous = hours_to_table(lake, hours)
    return _fragments_of(raw, slot, lambda column: _within(column, hours, contiguous))


def _fragments_of(raw: str, slot: str, within: Callable[[str], str]) -> dict[str, str]:
    """The fragments of a statement on the tables `<raw>…` that counts the rows `within` says, given a time's column."""
    fragments = {**_STATEMENTS, "raw": raw, "emails": _emails(raw)}
    fragments |= {"slot_us": str(SLOT_US[slot]), "log_gamma": repr(LOG_GAMMA)}
    for column in ("created_at", "received_at", "called_at", "r.created_at"):
        fragments[f"within:{column}"] = within(column)
    return fragments


def _is_late(column: str) -> str:
    alias, dot, _ = column.rpartition(".")
    return f"{alias}{dot}is_late"


def _emails(raw: str) -> str:
    """Where the e-mails of campaigns are found: in the raw window, and those that left it and are still needed."""
    kept = f"from {raw}email_recipient"
    return f"{kept} union all by name from lake.raw.{EARLIER_EMAILS}" if raw == "lake.raw." else kept


def _within(column: str, hours: Set[int], contiguous: bool) -> str:
    # The bounds let DuckLake skip the files of other days; the hours in between are looked up.
    first, last = hour_start(min(hours)), hour_start(max(hours) + 1)
    bounds = f"{column} >= timestamp '{first:%Y-%m-%d %H:%M}' and {column} < timestamp '{last:%Y-%m-%d %H:%M}'"
    if contiguous:
        return f"({bounds})"
    return f"({bounds} and epoch_us({column}) // 3600000000 in (from touched_hour))"
