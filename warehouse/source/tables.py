"""What we read from Corbi's tables, and what we keep of it.

Belongs here: each source table's columns, how a value is masked or normalised on its way, how its rows age.
Does not: what a blank, a word or a channel is (words.py), how rows are fetched (extract.py) or counted (rollups/). The
platform's habits behind these declarations are in docs/source.md; statuses become one vocabulary of states here, and
only here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType

from warehouse.failure_reasons.masking import mask_sql
from warehouse.source.usable import missing, unusable_number, unusable_time
from warehouse.source.words import channel, label, says_something, stripped, stripped_at_source, word

STATES = ("queued", "sent", "delivered", "read", "failed", "skipped", "retrying")
"""What can be known of a message. A row is in exactly one state: `sent` is sent and nothing more known."""

CALLBACK_ERRORS = (
    "failed", "undelivered", "bounce", "bounced", "blocked", "dropped", "spamreport", "rejected", "expired", "error",
)  # fmt: skip
"""Callback statuses that say a message did not arrive, or should not have."""
EMAIL_ENDINGS = ("bounce", "bounced", "blocked", "dropped", "spamreport", "complaint")
"""Callback statuses that end an e-mail as bounced, dropped or spam."""
DROP_REASONS = (
    "bounced address", "invalid", "invalid smtpapi header", "recipient list over package quota",
    "spam content", "spam reporting address", "unsubscribed address",
)  # fmt: skip
"""Error texts, in lower case, of e-mails that SendGrid dropped: the reasons that its manual lists."""
SMTP_REPLY = r"^[245][0-9]{2}[ -]|(^|[^0-9.])[245][.][0-9]{1,3}[.][0-9]{1,3}([^0-9.]|$)"
"""Pattern of an error text that a mail server answered: a reply code (RFC 5321, 4.2) or enhanced status (RFC 3463)."""


_COUNTED_BY = frozenset({"channel", "direction", "status", "category", "severity", "provider"})
"""Source columns by whose words rows are counted. They may be blank, but the platform's tables know no NULL there."""


@dataclass(frozen=True)
class Column:
    """One column of a raw table.

    `reads` are the source columns it is made of, `keep` the DuckDB expression over them. `at_source` is a PostgreSQL
    expression that stands for a single column which must not leave the source as it is. `unusable` is the DuckDB
    expression that says what is wrong with a value, NULL where it can be used.
    """

    type: str
    keep: str
    reads: tuple[str, ...]
    at_source: str | None = None
    unusable: str | None = None


@dataclass(frozen=True)
class SourceTable:
    """One table of the operational database and the raw table it becomes.

    `occurred_at` names the raw column (UTC) by whose day the rows are partitioned, kept and dropped; None for
    entities, which are kept whole. `append_only` rows never change, so only ids past the last seen are looked at.
    `linger_days` keeps rows longer than the raw window, for tables that younger rows of another table refer to.
    `references` are columns that become NULL in an append-only table when the row they name is deleted, with its table.
    `is_rolled_up` is False where no rollup is made of the rows, so that nothing must be recomputed of old days.
    """

    name: str
    raw: str
    columns: MappingProxyType[str, Column]
    occurred_at: str | None = None
    append_only: bool = False
    linger_days: int = 0
    references: Mapping[str, str] = field(default_factory=dict)
    is_rolled_up: bool = True
    purpose: str = field(default="", compare=False)

    def first_day(self, raw_from: date) -> date:
        """The first UTC day whose rows are kept raw."""
        return raw_from - timedelta(days=self.linger_days)

    @property
    def reads(self) -> tuple[str, ...]:
        """The source columns that are read, each once."""
        return tuple(dict.fromkeys(name for column in self.columns.values() for name in column.reads))

    @property
    def unusable(self) -> str:
        """The DuckDB expression that says why a row can't be used, NULL where it can."""
        wrong = [missing(name) for name in self.needed]
        wrong += [column.unusable for column in self.columns.values() if column.unusable]
        return f"coalesce({', '.join(wrong)})"

    @property
    def needed(self) -> tuple[str, ...]:
        """The source columns without which a row can't be counted: whose it is, when it happened, as what it counts."""
        owner = next(name for name in ("organization_id", "email_job_id", "campaign_id") if name in self.columns)
        whose_and_when = [self.columns[name].reads[0] for name in (owner, self.occurred_at) if name]
        return (*whose_and_when, *(name for name in self.reads if name in _COUNTED_BY))


def _same(name: str, type_: str = "BIGINT") -> Column:
    if type_ in ("BIGINT", "INTEGER"):
        return Column(type_, f'try_cast("{name}" as {type_})', (name,), unusable=unusable_number(name, type_))
    return Column(type_, f'"{name}"', (name,))


def _word(name: str) -> Column:
    return Column("VARCHAR", word(f'"{name}"'), (name,))


def _label(name: str) -> Column:
    return Column("VARCHAR", label(f'"{name}"'), (name,))


def _channel(name: str = "channel") -> Column:
    return Column("VARCHAR", channel(f'"{name}"'), (name,))


def _utc(name: str) -> Column:
    # DuckDB's date functions on timestamptz go through ICU's calendar; a plain UTC timestamp is five times faster.
    return Column("TIMESTAMP", f'make_timestamp(epoch_us("{name}"))', (name,), unusable=unusable_time(name))


def _template(name: str) -> Column:
    quoted = f'"{name}"'
    return Column("VARCHAR", f"case when {says_something(quoted)} then {mask_sql(quoted)} end", (name,))


def _address(name: str) -> Column:
    bare = stripped(f'"{name}"')
    keyed = f"sha256(getvariable('hash_key') || chr(31) || lower({bare}))"
    return Column("UBIGINT", f"case when {bare} <> '' then ('0x' || left({keyed}, 16))::ubigint end", (name,))


def _within_json(column: str, key: str) -> str:
    return f"json_extract_string(try_cast(\"{column}\" as json), '$.{key}')"


def _id_within_json(column: str, key: str) -> Column:
    # A value of another type than expected says nothing: the platform's metadata has no form that it must keep to.
    return Column("BIGINT", f"try_cast({_within_json(column, key)} as bigint)", (column,))


def _state(column: str, known: dict[str, str], otherwise: str) -> Column:
    whens = " ".join(f"when '{status}' then '{state}'" for status, state in known.items())
    bare = stripped(f'"{column}"')
    return Column("VARCHAR", f"case lower({bare}) {whens} else {otherwise} end", (column,))


def _table(name: str, raw: str, purpose: str, columns: dict[str, Column], **options: object) -> SourceTable:
    return SourceTable(name, raw, MappingProxyType(columns), purpose=purpose, **options)  # type: ignore[arg-type]


_OUTBOUND_STATES = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "failed": "failed",
    "retrying": "retrying",
}
_CHANNEL_TABLE_STATES = {"sent": "sent", "delivered": "delivered", "read": "read", "failed": "failed"}
_RECIPIENT_STATES = {"sent": "sent", "failed": "failed", "skipped": "skipped", "read": "read"}
_CAMPAIGN_RECIPIENT_STATES = {**_CHANNEL_TABLE_STATES, "unsubscribed": "unsubscribed"}
_QUEUED = "'queued'"
_ACCEPTED = stripped('"telegram_message_id"')
_INSTAGRAM_STATE = _state("status", _CHANNEL_TABLE_STATES, _QUEUED).keep

# One X-Message-Id stands in the recipient's row; SendGrid's events add the name of the filter that handled it.
_MESSAGE_ID = stripped('"provider_message_id"')
_MESSAGE_KEY = f"md5_number_lower(split_part(split_part({_MESSAGE_ID}, '.filter', 1), '.recvd', 1))"

SOURCE_TABLES: tuple[SourceTable, ...] = (
    _table(
        "messaging_outboundmessage",
        "outbound_message",
        "sends of any channel",
        {
            "id": _same("id"),
            "organization_id": _same("organization_id"),
            "channel": _channel(),
            "state": _state("status", _OUTBOUND_STATES, _QUEUED),
            "template": _template("error"),
            "retry_count": _same("retry_count", "INTEGER"),
            "created_at": _utc("created_at"),
            "sent_at": _utc("sent_at"),
            "delivered_at": _utc("delivered_at"),
            "failed_at": _utc("failed_at"),
        },
        occurred_at="created_at",
    ),
    _table(
        "messaging_whatsappmessage",
        "whatsapp_message",
        "WhatsApp sends and receipts outside the outbound queue",
        {
            "id": _same("id"),
            "organization_id": _same("organization_id"),
            "direction": _word("direction"),
            "state": _state("status", _CHANNEL_TABLE_STATES, _QUEUED),
            "template": _template("error_reason"),
            "created_at": _utc("created_at"),
        },
        occurred_at="created_at",
    ),
    _table(
        "messaging_telegrammessage",
        "telegram_message",
        "Telegram sends and receipts outside the outbound queue",
        {
            "id": _same("id"),
            "organization_id": _same("organization_id"),
            "direction": _word("direction"),
            # The status is free text and often empty: the provider's message id then proves that it was accepted.
            "state": Column(
                "VARCHAR",
                _state("status", _CHANNEL_TABLE_STATES, f"if({_ACCEPTED} <> '', 'sent', 'queued')").keep,
                ("status", "telegram_message_id"),
            ),
            "created_at": _utc("created_at"),
        },
        occurred_at="created_at",
    ),
    _table(
        "messaging_instagrammessage",
        "instagram_message",
        "Instagram sends and receipts outside the outbound queue",
        {
            "id": _same("id"),
            "organization_id": _same("organization_id"),
            "direction": _word("direction"),
            # The platform writes SENT before it sends: only the provider's message id proves that it was accepted.
            "state": Column(
                "VARCHAR",
                f"case when {_INSTAGRAM_STATE} = 'sent' and coalesce({_MESSAGE_ID}, '') = '' "
                f"then 'queued' else {_INSTAGRAM_STATE} end",
                ("status", "provider_message_id"),
            ),
            "template": _template("error_reason"),
            "created_at": _utc("created_at"),
        },
        occurred_at="created_at",
    ),
    _table(
        "messaging_emailrecipient",
        "email_recipient",
        "one e-mail to one recipient of an e-mail job",
        {
            "id": _same("id"),
            "email_job_id": _same("job_id"),
            "contact_id": _same("contact_id"),
            "state": _state("status", _RECIPIENT_STATES, _QUEUED),
            "template": _template("error"),
            "retry_count": _same("retry_count", "INTEGER"),
            "message_key": Column(
                "UBIGINT", f"case when {_MESSAGE_ID} <> '' then {_MESSAGE_KEY} end", ("provider_message_id",)
            ),
            "address_key": _address("email"),
            "created_at": _utc("created_at"),
            "sent_at": _utc("sent_at"),
            "read_at": _utc("read_at"),
        },
        occurred_at="created_at",
    ),
    _table(
        "messaging_campaignrecipient",
        "campaign_recipient",
        "one contact of a campaign and how far its message came",
        {
            "id": _same("id"),
            "campaign_id": _same("campaign_id"),
            "contact_id": _same("contact_id"),
            "state": _state("status", _CAMPAIGN_RECIPIENT_STATES, _QUEUED),
            "template": _template("error_message"),
            "created_at": _utc("created_at"),
        },
        occurred_at="created_at",
        # An e-mail counts as delivered when its campaign recipient is, and a campaign may be planned weeks ahead.
        linger_days=30,
    ),
    _table(
        "messaging_providerevent",
        "provider_event",
        "callbacks of the providers",
        {
            "id": _same("id"),
            "organization_id": _same("organization_id"),
            "channel": _channel(),
            "status": _word("status"),
            "latency_ms": _same("latency_ms", "INTEGER"),
            "outbound_id": _same("outbound_id"),
            "message_key": Column(
                "UBIGINT",
                f"case when {_channel().keep} = 'email' and {_MESSAGE_ID} <> '' then {_MESSAGE_KEY} end",
                ("channel", "provider_message_id"),
            ),
            "received_at": _utc("received_at"),
        },
        occurred_at="received_at",
        append_only=True,
        references={"outbound_id": "messaging_outboundmessage"},
    ),
    _table(
        "messaging_inboundmessage",
        "inbound_message",
        "messages from contacts (Instagram's are in their channel's table)",
        {
            "id": _same("id"),
            "organization_id": _same("organization_id"),
            "channel": _channel(),
            "received_at": _utc("received_at"),
        },
        occurred_at="received_at",
    ),
    _table(
        "bookings_booking",
        "booking",
        "bookings, by the time they were made",
        {
            "id": _same("id"),
            "organization_id": _same("organization_id"),
            "status": _word("status"),
            "created_at": _utc("created_at"),
        },
        occurred_at="created_at",
    ),
    _table(
        "billing_billinglog",
        "llm_call",
        "calls of the assistant's language models",
        {
            "id": _same("id"),
            "organization_id": _same("organization_id"),
            "feature_tag": _label("feature_tag"),
            "status": _word("status"),
            "template": _template("error"),
            "called_at": _utc("timestamp"),
        },
        occurred_at="called_at",
    ),
    _table(
        "contacts_contact",
        "contact",
        "contacts: how many, since when, and who unsubscribed",
        {
            "id": _same("id"),
            "organization_id": _same("organization_id"),
            "status": _word("status"),
            "address_key": _address("email"),
            "created_at": _utc("created_at"),
            # updated_at moves with every message; it is only needed as the time of an unsubscribe.
            "unsubscribed_at": Column(
                "TIMESTAMP",
                f"case when {_word('status').keep} = 'unsubscribed' then make_timestamp(epoch_us(\"updated_at\")) end",
                ("status", "updated_at"),
                unusable=unusable_time("updated_at"),
            ),
        },
    ),
    _table(
        "messaging_campaign",
        "campaign",
        "campaigns",
        {
            "id": _same("id"),
            "organization_id": _same("organization_id"),
            "name": _same("name", "VARCHAR"),
            "channel": _channel(),
            "status": _word("status"),
            "created_at": _utc("created_at"),
        },
    ),
    _table(
        "messaging_emailjob",
        "email_job",
        "e-mail jobs",
        {
            "id": _same("id"),
            "organization_id": _same("organization_id"),
            "campaign_id": _same("campaign_id"),
            "subject": _same("subject", "VARCHAR"),
            "status": _word("status"),
            "created_at": _utc("created_at"),
            "started_at": _utc("started_at"),
            "completed_at": _utc("completed_at"),
        },
    ),
    _table(
        "messaging_suppression",
        "suppression",
        "addresses that must not be written to, and why",
        {
            "id": _same("id"),
            "organization_id": _same("organization_id"),
            "channel": _channel(),
            "address_key": _address("identifier"),
            "reason": _word("reason"),
            "created_at": _utc("created_at"),
        },
    ),
    _table(
        "integrations_integration",
        "integration",
        "which providers an organization has set up",
        {
            "id": _same("id"),
            "organization_id": _same("organization_id"),
            "provider": _word("provider"),
            "is_active": _same("is_active", "BOOLEAN"),
            "has_token": Column(
                "BOOLEAN",
                '"token_encrypted"',
                ("token_encrypted",),
                at_source=f"({stripped_at_source('token_encrypted')} <> '')",
            ),
        },
    ),
    _table(
        "monitoring_monitoringalert",
        "monitoring_alert",
        "the platform's own alerts, a row a failed message, which become one alert a group",
        {
            "id": _same("id"),
            "organization_id": _same("organization_id"),
            "category": _label("category"),
            "severity": _word("severity"),
            "is_acknowledged": _same("is_acknowledged", "BOOLEAN"),
            "template": _template("message"),
            "channel": Column("VARCHAR", channel(_within_json("metadata", "channel")), ("metadata",)),
            "outbound_id": _id_within_json("metadata", "outbound_id"),
            "booking_id": _id_within_json("metadata", "booking_id"),
            "campaign_id": _id_within_json("metadata", "campaign_id"),
            "created_at": _utc("created_at"),
        },
        occurred_at="created_at",
        is_rolled_up=False,
    ),
)

BY_RAW = MappingProxyType({table.raw: table for table in SOURCE_TABLES})

DIRECTORY_READS = MappingProxyType(
    {
        "organizations_organization": ("id", "name"),
        "organizations_membership": ("organization_id", "user_id", "role"),
        "organizations_apikey": ("id", "key_hashed", "status", "organization_id", "user_id"),
        "auth_user": ("id", "is_active"),
    }
)
"""Who may read what: copied into the warehouse's PostgreSQL, not into the lake (directory/)."""
