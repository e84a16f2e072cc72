"""Every route that the API has, and whose the rows are that it answers.

Belongs here: walking routes and answers, for tests that hold for all of them. Does not: claims.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from flask import Flask

from api.openapi.document import described_routes
from api.openapi.operations import path_of
from api.serving.endpoints import Operation

_JOB = "messaging_emailrecipient r join messaging_emailjob o on o.id = r.job_id"
_CAMPAIGN = "messaging_campaignrecipient r join messaging_campaign o on o.id = r.campaign_id"
_ROWS = {
    "campaign": "messaging_campaign",
    "email_job": "messaging_emailjob",
    "event": "messaging_providerevent",
    "outbound_message": "messaging_outboundmessage",
    "booking": "bookings_booking",
    "whatsapp": "messaging_whatsappmessage",
    "telegram": "messaging_telegrammessage",
    "instagram": "messaging_instagrammessage",
    "inbound": "messaging_inboundmessage",
}
KEYS = {
    "campaign_id": "campaign", "email_job_id": "email_job", "outbound_id": "outbound_message",
    "outbound_message_id": "outbound_message", "booking_id": "booking",
}  # fmt: skip
"""Keys of answers that name a row, and what kind of row."""

LISTS = {"email_jobs": "email_job", "jobs": "email_job", "campaigns": "campaign"}
"""Keys of answers under which rows of another kind stand."""

SEGMENTS = {"campaigns": "campaign", "email-jobs": "email_job", "events": "event"}
"""Segments of paths, and what kind of row the `id`s under them name. A message says its own kind (`source`)."""


@dataclass(frozen=True)
class Route:
    """A route, its path with variables in braces, and what it says of itself."""

    path: str
    operation: Operation
    rule: str

    @property
    def kind(self) -> str | None:
        """What kind of row an `id` in the answer is."""
        return next((kind for segment, kind in SEGMENTS.items() if f"/{segment}/" in self.path), None)

    def at(self, row_id: int) -> str:
        """The path to one row; where there is a choice of words, with the first."""
        chosen = re.sub(r"<any\((\w+)[^>]*>", r"\1", self.rule)
        return re.sub(r"<[^>]+>", str(row_id), chosen)


def routes(app: Flask) -> list[Route]:
    """Every route that asks who calls."""
    return [
        Route(path_of(rule), operation, rule.rule) for rule, operation in described_routes(app) if not operation.is_open
    ]


def owners(source_url: str) -> dict[str, dict[int, int]]:
    """By kind of row: the organization that each id belongs to, as the operational database has it."""
    with psycopg.connect(source_url) as source:
        found = {kind: dict(source.execute(f"select id, organization_id from {table}".encode()).fetchall())
                 for kind, table in _ROWS.items()}  # fmt: skip
        for kind, table in (("email", _JOB), ("campaign_recipient", _CAMPAIGN)):
            found[kind] = dict(source.execute(f"select r.id, o.organization_id from {table}".encode()).fetchall())
    return found


def named_rows(route: Route, answer: Any, kind: str | None = None) -> Iterator[tuple[str, int]]:
    """Every row that an answer names, as (kind, id); an `id` is of the kind of what it stands in."""
    if isinstance(answer, Mapping):
        kind = _kind_of(answer) or kind or route.kind
        for key, value in answer.items():
            if key == "id" and kind and isinstance(value, int):
                yield kind, value
            elif key in KEYS and isinstance(value, int):
                yield KEYS[key], value
            else:
                yield from named_rows(route, value, LISTS.get(key, kind))
    elif isinstance(answer, list):
        for item in answer:
            yield from named_rows(route, item, kind)


def organizations_named(answer: Any) -> set[int]:
    """Every `organization_id` that an answer says."""
    if isinstance(answer, Mapping):
        own = {value for key, value in answer.items() if key == "organization_id"}
        return own.union(*(organizations_named(value) for value in answer.values()))
    return set().union(*(organizations_named(item) for item in answer)) if isinstance(answer, list) else set()


def _kind_of(row: Mapping[str, Any]) -> str | None:
    source = row.get("source")
    renamed = {"outbound": "outbound_message", "campaign": "campaign_recipient"}
    return renamed.get(source, source) if isinstance(source, str) else None
