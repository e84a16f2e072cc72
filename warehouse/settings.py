"""Every setting, in one typed place: the only module that reads the environment.

Belongs here: a setting's name (`CORBI_` + upper case), type, default and help. Does not: what is done with it.
The README's table of settings is this class, field by field; a test fails when one is missing there.
"""

from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, AliasChoices, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from warehouse.errors import SettingsError

Days = Annotated[int, Field(ge=1, le=3650)]

_PREFIX = "CORBI_"


def _also_without_prefix(name: str) -> AliasChoices:
    """The platform's own settings call these without our prefix; ours wins where both are set."""
    return AliasChoices(f"{_PREFIX}{name}", name)


def _long_enough_to_group(seconds: int) -> int:
    if not 10 <= seconds <= 900:
        raise ValueError(
            "must be between 10 and 900: a shorter window makes a storm of messages of one incident, a longer one "
            "hides that it began"
        )
    return seconds


def _not_guessed(token: SecretStr) -> SecretStr:
    if len(token.get_secret_value()) < 16:
        raise ValueError("must have 16 characters or more, so that nobody guesses it")
    return token


def _http_only(url: SecretStr) -> SecretStr:
    if not url.get_secret_value().startswith(("https://", "http://")):
        raise ValueError("must be an address that starts with https:// or http://")
    return url


class Settings(BaseSettings):
    """What can be set; see README.md for the table."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_file=".env",
        extra="ignore",
        frozen=True,
        validate_by_name=True,
        validate_by_alias=True,
    )

    home: Path = Field(Path(".corbi"), description="Folder of all state of the embedded default.")
    source_url: SecretStr | None = Field(
        None, description="libpq URL of the operational database, a role that can only SELECT. Unset: the embedded one."
    )
    source_schema: str = Field(
        "public",
        pattern=r"^[A-Za-z_][A-Za-z0-9_$]*$",
        description="Schema of the operational tables.",
    )
    warehouse_url: SecretStr | None = Field(
        None,
        description="libpq URL of the warehouse's own PostgreSQL: lake catalog, directory of members and keys, alerts. "
        "Unset: the embedded one.",
    )
    dagster_url: SecretStr | None = Field(
        None, description="libpq URL of Dagster's own storage. Unset: the embedded one."
    )
    lake_path: str | None = Field(
        None, description="Where the lake's Parquet files are: a folder or s3://… Unset: `lake` under CORBI_HOME."
    )
    secret_key: SecretStr | None = Field(
        None, description="The platform's secret key, which signs its JWTs. Unset: made once under CORBI_HOME."
    )
    hash_key: SecretStr | None = Field(
        None,
        description="Key of the hash by which addresses are matched without being stored; changing it needs a new "
        "first load. Unset: made once under CORBI_HOME; must be set where CORBI_WAREHOUSE_URL is.",
    )
    refresh_seconds: int = Field(
        30, ge=2, le=3600, description="Least seconds between two passes; one begins as soon as something was written."
    )
    delete_check_seconds: int = Field(
        3600,
        ge=0,
        le=86400,
        description="Longest time until a row deleted in the operational database is noticed by the regular passes.",
    )
    compact_every_passes: int = Field(
        30, ge=5, le=1000, description="Passes between two compactions of the lake's files."
    )
    expire_grace_seconds: int = Field(
        900,
        ge=60,
        le=86400,
        description="How long files that compaction replaced stay for readers that still use them.",
    )
    raw_days: Days = Field(30, description="Days that raw rows are kept.")
    five_minute_days: Days = Field(90, description="Days that 5-minute rollups are kept.")
    hourly_days: Days = Field(90, description="Days that hourly rollups are kept.")
    daily_days: Days = Field(
        365, description="Days that daily rollups are kept; older days live on in lifetime totals."
    )
    failure_rules: Path | None = Field(
        None,
        description="An operator's own rule file for failure reasons, tried before ours (docs/failure-reasons.md).",
    )
    alert_thresholds: Path | None = Field(
        None, description="An operator's own default thresholds of alerts, over ours (docs/alerts.md)."
    )
    runbook_url: str = Field(
        "docs/alerts.md", description="Where docs/alerts.md can be read: each alert links to its rule's section there."
    )
    duckdb_memory: str = Field(
        "1GB", pattern=r"^\d+(\.\d+)?\s?[KMGT]i?B$", description="Memory limit of one DuckDB process; it spills beyond."
    )
    duckdb_threads: int = Field(2, ge=1, le=256, description="Threads of one DuckDB process.")
    api_host: str = Field("127.0.0.1", description="Address the API listens on.")
    api_port: int = Field(8000, ge=1, le=65535, description="Port the API listens on.")
    api_base_path: str = Field(
        "",
        pattern=r"^((/[A-Za-z0-9._~-]+)+/?)?$",
        description="Path that the API is reached under through a proxy, such as /corbi; the proxy passes it on. "
        "Empty: none.",
    )
    api_workers: int = Field(
        1,
        ge=1,
        le=64,
        description="gunicorn worker processes of the API, each with a cache of its own: one for two cores.",
    )
    api_threads: int = Field(8, ge=1, le=64, description="Threads of one API worker.")
    api_request_seconds: int = Field(
        20,
        ge=1,
        le=300,
        description="How long a connection to the API may take to bring a whole request, header and body; then it is "
        "closed.",
    )
    rate_limit: str = Field(
        "1200/minute",
        pattern=r"^(\d+ ?/ ?(second|minute|hour|day)(; ?\d+ ?/ ?(second|minute|hour|day))*)?$",
        description="Requests that one API key or one user may make of each API worker, such as 20/second; "
        "1200/minute. Empty: any number.",
    )
    cors_origins: str = Field(
        "",
        pattern=r"^(https?://[^\s,/*]+( *, *https?://[^\s,/*]+)*)?$",
        description="Origins whose pages may call the API from a browser, separated by commas, such as "
        "https://app.example.com. Empty: none.",
    )
    metrics_token: Annotated[SecretStr, AfterValidator(_not_guessed)] | None = Field(
        None,
        description="Bearer token, of 16 characters or more, by which Prometheus reads `/metrics` of the API "
        "(docs/metrics.md). Unset: there is no such path.",
    )
    held_megabytes: int = Field(
        512,
        ge=0,
        le=1_000_000,
        description="How much of the rollups each API worker holds decoded in memory, within CORBI_DUCKDB_MEMORY; what "
        "there is no room for is read from the lake.",
    )
    going_over_seconds: float = Field(
        5,
        ge=0,
        le=60,
        description="How long the API may answer from the snapshot before while it makes a new one ready. 0: who asks "
        "first waits for it.",
    )
    cache_ttl_seconds: float = Field(
        30,
        ge=0,
        le=3600,
        description="How long the API keeps an answer; one from newer data takes its place at once. 0 keeps none.",
    )
    alert_action_roles: str = Field(
        "admin",
        pattern=r"^[a-z]+( *, *[a-z]+)*$",
        validation_alias=_also_without_prefix("ALERT_ACTION_ROLES"),
        description="Roles that may act on alerts, separated by commas.",
    )
    dagster_webserver_url: str | None = Field(
        None,
        pattern=r"^https?://\S+$",
        description="Where the API asks Dagster for a pass. Unset: CORBI_DAGSTER_PORT on this machine.",
    )
    api_url: str | None = Field(
        None, description="Where the dashboards reach the API. Unset: http://CORBI_API_HOST:CORBI_API_PORT."
    )
    dashboard_host: str = Field("127.0.0.1", description="Address the dashboards listen on.")
    dashboard_port: int = Field(8080, ge=1, le=65535, description="Port the dashboards listen on.")
    dashboard_url: str | None = Field(
        None,
        pattern=r"^https?://[^/?#\s]+(/[A-Za-z0-9._~-]+)*/?$",
        description="Address people reach the dashboards by; its path, if it has one, is where they are served. Unset: "
        "http://CORBI_DASHBOARD_HOST:CORBI_DASHBOARD_PORT, and no links in messages.",
    )
    dashboard_hosts: str = Field(
        "",
        pattern=r"^([A-Za-z0-9._-]+( *, *[A-Za-z0-9._-]+)*)?$",
        description="Other hosts the dashboards may be asked by, separated by commas, such as monitoring.internal. "
        "That of CORBI_DASHBOARD_URL and this machine's own need no mention.",
    )
    dashboard_cookie: str = Field(
        "corbi_access",
        pattern=r"^[A-Za-z0-9_-]+$",
        description="Cookie that holds the person's platform token, set by the platform or by the sign-in form.",
    )
    dashboard_refresh_seconds: int = Field(
        30, ge=30, le=60, description="Seconds between two looks of an open dashboard for new figures."
    )
    alert_refresh_seconds: int = Field(
        10, ge=5, le=10, description="Seconds between two looks of an open dashboard for alerts."
    )
    frontend_url: str | None = Field(
        None,
        pattern=r"^https?://.+$",
        description="The platform's own pages, to link to; they may also show the dashboards in a frame.",
    )
    dagster_port: int = Field(3000, ge=1, le=65535, description="Port of the Dagster webserver the demo starts.")
    traffic_rate: float = Field(5.0, ge=0, le=1000, description="Messages a second that the demo's live traffic sends.")
    alerts_email_to: str | None = Field(
        None,
        validation_alias=_also_without_prefix("ALERTS_EMAIL_TO"),
        pattern=r"^\s*[^@\s,<>]+@[^@\s,<>]+(\s*,\s*[^@\s,<>]+@[^@\s,<>]+)*\s*$",
        description="Addresses, separated by commas, that get a mail about alerts of every organization. Also read "
        "without the prefix.",
    )
    alerts_webhook_url: Annotated[SecretStr, AfterValidator(_http_only)] | None = Field(
        None,
        validation_alias=_also_without_prefix("ALERTS_WEBHOOK_URL"),
        description="Where alerts of every organization are posted as JSON (docs/alerts-notifications.md). Also read "
        "without the prefix.",
    )
    alerts_webhook_secret: SecretStr | None = Field(
        None,
        validation_alias=_also_without_prefix("ALERTS_WEBHOOK_SECRET"),
        description="Key of the webhook's HMAC signature. Unset: posted without one. Also read without the prefix.",
    )
    alerts_notify_urls: SecretStr | None = Field(
        None,
        validation_alias=_also_without_prefix("ALERTS_NOTIFY_URLS"),
        description="Apprise URLs, separated by blanks, that get alerts of every organization: Slack, Teams, "
        "PagerDuty and what else Apprise knows. Also read without the prefix.",
    )
    alerts_minimum_severity: str = Field(
        "warn",
        pattern=r"^(info|warn|critical)$",
        description="Least severity that the targets of these settings are told of.",
    )
    alerts_group_seconds: Annotated[int, AfterValidator(_long_enough_to_group)] = Field(
        60, description="What happens within so many seconds of the first change is one message, not many."
    )
    alerts_send_timeout_seconds: int = Field(20, ge=2, le=60, description="Longest time one attempt to send may take.")
    alerts_give_up_hours: int = Field(24, ge=1, le=168, description="How long a message is tried until it has failed.")
    smtp_host: str | None = Field(None, description="Mail server that alerts are handed to. Unset: no mail is sent.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the mail server.")
    smtp_tls: str = Field(
        "starttls",
        pattern=r"^(starttls|tls|none)$",
        description="How the mail server is spoken to: starttls, tls from the first byte, or none.",
    )
    smtp_user: str | None = Field(None, description="Name at the mail server. Unset: no login.")
    smtp_password: SecretStr | None = Field(None, description="Password at the mail server.")
    smtp_from: str = Field(
        "Corbi Monitoring <corbi-monitoring@localhost>",
        pattern=r"^[^\r\n]*[^@\s<]+@[^@\s>]+>?$",
        description="Sender of mails.",
    )
    log_level: str = Field("INFO", pattern=r"^(DEBUG|INFO|WARNING|ERROR)$", description="Least level that is logged.")
    log_format: str = Field(
        "text",
        pattern=r"^(text|json)$",
        description="text, or json: each line that a process logs is one JSON object (docs/operations.md).",
    )

    @model_validator(mode="after")
    def _layers_hold_each_other(self) -> Self:
        if not max(self.raw_days, self.five_minute_days) <= self.hourly_days <= self.daily_days:
            raise ValueError(
                "each layer is recomputed from the one under it and a coarse one reaches back as far as a fine one, so "
                "CORBI_RAW_DAYS <= CORBI_HOURLY_DAYS, CORBI_FIVE_MINUTE_DAYS <= CORBI_HOURLY_DAYS and "
                f"CORBI_HOURLY_DAYS <= CORBI_DAILY_DAYS must hold; given: raw {self.raw_days}, 5 minutes "
                f"{self.five_minute_days}, hourly {self.hourly_days}, daily {self.daily_days}"
            )
        return self

    @property
    def roles_that_act(self) -> tuple[str, ...]:
        """The roles in `alert_action_roles`."""
        return tuple(role.strip() for role in self.alert_action_roles.split(","))

    @property
    def origins_that_call(self) -> tuple[str, ...]:
        """The origins in `cors_origins`."""
        return tuple(origin.strip() for origin in self.cors_origins.split(",") if origin.strip())

    @property
    def hosts_of_dashboards(self) -> tuple[str, ...]:
        """The hosts in `dashboard_hosts`."""
        return tuple(host.strip() for host in self.dashboard_hosts.split(",") if host.strip())

    @model_validator(mode="after")
    def _mail_has_a_server(self) -> Self:
        if self.alerts_email_to and not self.smtp_host:
            raise ValueError("CORBI_ALERTS_EMAIL_TO is set, and CORBI_SMTP_HOST is not: no mail could be sent")
        return self

    def required(self, name: str) -> str:
        """The value of a setting that has no default here.

        Raises SettingsError when it is unset (the command line fills the embedded default in first).
        """
        value = getattr(self, name)
        if value is None:
            raise SettingsError(f"CORBI_{name.upper()} is not set and no embedded default was started: set it.")
        return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


@cache
def load_settings() -> Settings:
    """The settings of this process, from the environment and `.env`.

    Raises SettingsError naming each variable that can't work.
    """
    try:
        return Settings()
    except ValidationError as error:
        problems = "; ".join(_problem(item) for item in error.errors())
        raise SettingsError(f"These settings can't work: {problems}") from None


def _problem(error: ErrorDetails) -> str:
    said = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return said
    name = str(error["loc"][0]).upper().removeprefix(_PREFIX)
    field = Settings.model_fields.get(name.lower())
    is_secret = field is None or "SecretStr" in str(field.annotation)
    given = "not shown, it is a secret" if is_secret else repr(error["input"])
    return f"{_PREFIX}{name}: {said} (given: {given})"
