"""The tables of the alert store: schema `alert` in the warehouse's PostgreSQL.

Belongs here: rows as types. Does not: how a row may change (lifecycle.py, store.py), making the tables (migrations/).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Identity, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA = "alert"


class Base(DeclarativeBase):
    """Times are UTC-aware; a word of a closed set is stored as its text and checked by the table."""

    metadata = MetaData(schema=SCHEMA)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads the attribute of this name
        int: BigInteger,
        str: Text,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
    }


class Alert(Base):
    """One incident of one fingerprint (organization, rule, channel, subject); '' where it has no channel or subject.

    `count` is the most things (messages, callbacks, …) one window held, `peak` the worst value. `is_firing` is what the
    last evaluation found, whatever people have done; `clearing_since` when the value went under the clearing limit.
    `alarm_at` is when it last became what it is: escalation counts from there. `is_told` says whether people were told
    that it opened, which a mute prevents.
    """

    __tablename__ = "alert"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    organization_id: Mapped[int]
    rule: Mapped[str]
    channel: Mapped[str]
    subject: Mapped[str]
    status: Mapped[str]
    severity: Mapped[str]
    title: Mapped[str]
    description: Mapped[str]
    value: Mapped[float]
    peak: Mapped[float]
    threshold: Mapped[float]
    applied: Mapped[dict[str, Any]]
    count: Mapped[int]
    details: Mapped[dict[str, Any]]
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    alarm_at: Mapped[datetime]
    is_firing: Mapped[bool]
    is_told: Mapped[bool]
    clearing_since: Mapped[datetime | None]
    acked_by: Mapped[int | None]
    acked_at: Mapped[datetime | None]
    resolved_by: Mapped[int | None]
    resolved_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    request_id: Mapped[str | None]


class Event(Base):
    """One change of one alert; `actor_id` is the user who made it, None for the monitoring itself."""

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    alert_id: Mapped[int]
    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    reason: Mapped[str]
    from_status: Mapped[str | None]
    to_status: Mapped[str]
    from_severity: Mapped[str | None]
    to_severity: Mapped[str]
    value: Mapped[float | None]
    request_id: Mapped[str | None]
    note: Mapped[str]


class Pending(Base):
    """A breach that has not lasted its hold time yet."""

    __tablename__ = "pending"

    organization_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rule: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]


class Mute(Base):
    """No notices of an organization's alerts of a rule and channel until a time; '' stands for every one."""

    __tablename__ = "mute"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    organization_id: Mapped[int]
    rule: Mapped[str]
    channel: Mapped[str]
    until: Mapped[datetime]
    created_by: Mapped[int | None]
    created_at: Mapped[datetime]
    note: Mapped[str]


class ThresholdOverride(Base):
    """Limits that replace the defaults for an organization (and channel; '' for every one)."""

    __tablename__ = "threshold"

    organization_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rule: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    values: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]
    updated_by: Mapped[int | None]


class Evaluation(Base):
    """The last time all organizations were judged, and the moment the figures stood for; one row, `id` 1."""

    __tablename__ = "evaluation"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    evaluated_at: Mapped[datetime]
    as_of: Mapped[datetime]


class Version(Base):
    """How often an organization's alerts have changed: the key of caches, and the lock of whoever changes them."""

    __tablename__ = "version"

    organization_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]
