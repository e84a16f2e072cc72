"""The tables of notifications, as types: a test holds them to be what the migration makes.

Belongs here: rows as types. Does not: how a row may change (plan.py, claims.py: by statements over many rows).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Identity
from sqlalchemy.orm import Mapped, mapped_column

from alerts.model import SCHEMA, Base


class NoticeRow(Base):
    """A change of an alert that people are told of; `content` is alert and event as they were then."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    event_id: Mapped[int] = mapped_column(unique=True)
    alert_id: Mapped[int]
    organization_id: Mapped[int]
    kind: Mapped[str]
    severity: Mapped[str]
    at: Mapped[datetime]
    content: Mapped[dict[str, Any]]
    planned_at: Mapped[datetime | None]
    outcome: Mapped[str | None]


class TargetRow(Base):
    """An address that an organization is told at, besides the targets of the settings."""

    __tablename__ = "target"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    organization_id: Mapped[int]
    channel: Mapped[str]
    address: Mapped[str]
    secret: Mapped[str | None]
    minimum_severity: Mapped[str]
    is_active: Mapped[bool]
    created_at: Mapped[datetime]


class MessageRow(Base):
    """What is sent to a target at once: gathering, trying, sent or failed. `lease` is whose turn it is to send it."""

    __tablename__ = "message"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    key: Mapped[UUID] = mapped_column(unique=True)
    target: Mapped[str]
    organization_id: Mapped[int]
    status: Mapped[str]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(server_default="0")
    lease: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str | None]
    queued_at: Mapped[datetime]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]


class DeliveryRow(Base):
    """A notice for a target, and the message it stands in."""

    __tablename__ = "delivery"

    notice_id: Mapped[int] = mapped_column(ForeignKey(f"{SCHEMA}.notice.id", ondelete="CASCADE"), primary_key=True)
    target: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey(f"{SCHEMA}.message.id", ondelete="CASCADE"))
