"""Posts a message as JSON, signed.

Belongs here: the payload's shape (version 1, docs/alerts-notifications.md), headers, what an HTTP answer means.
Does not: retrying. Only http and https are spoken, no redirect is followed, and little of an answer is read: an address
that somebody typed must not make this process fetch things.
"""

import hashlib
import hmac
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import requests
from pydantic_core import to_json

from alerts.notify.message import Address, Item, Links, Message
from alerts.notify.transport import NotSentError
from alerts.notify.wording import dashboard_link, headline, one_line, runbook_link

VERSION = 1
_ANSWER_BYTES = 200
_LONGEST_WAIT = timedelta(days=1)
_MOST_DIGITS = 12
"""Of seconds that a timedelta holds."""
_LATER = {408, 425, 429}
"""Answers below 500 that say: not now."""


class Webhook:
    """`timeout_seconds` is the longest wait for a connection, and for the answer's next byte."""

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout = timeout_seconds

    def send(self, address: Address, message: Message, now: datetime) -> None:
        """Posts the message; any 2xx means it was taken. Raises NotSentError."""
        if not address.value.startswith(("http://", "https://")):
            raise NotSentError("a webhook's address must start with https:// or http://", is_permanent=True)
        body = to_json(payload(message))
        try:
            with requests.post(
                address.value, data=body, headers=_headers(message, body, address.secret, now), timeout=self._timeout,
                allow_redirects=False, stream=True,
            ) as answer:  # fmt: skip
                _judge(answer, now)
        except requests.Timeout as error:
            raise NotSentError("no answer in time", is_permanent=False) from error
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
            raise NotSentError("the address can't be read", is_permanent=True) from error
        except requests.RequestException as error:
            # The text of these errors holds the whole address.
            raise NotSentError(f"no connection ({type(error).__name__})", is_permanent=False) from error


def payload(message: Message) -> dict[str, object]:
    """The JSON document: every notice in the order in which they happened, each with its alert as it was then."""
    return {
        "version": VERSION,
        "type": "test" if message.is_test else "alerts",
        "id": str(message.key),
        "created_at": message.at,
        "organization_id": message.organization_id,
        "organization": message.organization,
        "text": headline(message),
        "notices": [_notice(item, message.links) for item in message.items],
    }


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """The hex HMAC-SHA256 of `<timestamp>.<body>`."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def _notice(item: Item, links: Links) -> dict[str, object]:
    return {
        "kind": item.kind,
        "at": item.at,
        "event": item.event.model_dump(),
        "alert": item.alert.model_dump(),
        "links": {"dashboard": dashboard_link(item.alert, links), "runbook": runbook_link(item.alert, links)},
    }


def _headers(message: Message, body: bytes, secret: str | None, now: datetime) -> dict[str, str]:
    timestamp = int(now.timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "corbi-monitoring",
        "Idempotency-Key": str(message.key),
        "X-Corbi-Timestamp": str(timestamp),
    }
    if secret:
        headers["X-Corbi-Signature"] = f"v1={signature(secret, timestamp, body)}"
    return headers


def _judge(answer: requests.Response, now: datetime) -> None:
    status = answer.status_code
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise NotSentError(f"HTTP {status}: redirects are not followed, set the new address", is_permanent=True)
    cause = one_line(f"HTTP {status} {_beginning(answer)}")
    is_permanent = 400 <= status < 500 and status not in _LATER
    asked = wait_asked_for(answer.headers.get("Retry-After", ""), now)
    raise NotSentError(cause, is_permanent=is_permanent, retry_after=asked)


def wait_asked_for(retry_after: str, now: datetime) -> timedelta | None:
    """The header Retry-After as seconds or as a date (RFC 9110, 10.2.3), a day at most; None where it is neither."""
    given = retry_after.strip()
    if given.isdecimal():
        return min(timedelta(seconds=int(given)), _LONGEST_WAIT) if len(given) <= _MOST_DIGITS else _LONGEST_WAIT
    try:
        at = parsedate_to_datetime(given)
    except (ValueError, OverflowError):
        return None
    return min(max(timedelta(0), (at if at.tzinfo else at.replace(tzinfo=UTC)) - now), _LONGEST_WAIT)


def _beginning(answer: requests.Response) -> str:
    with suppress(requests.RequestException):
        return next(answer.iter_content(_ANSWER_BYTES), b"").decode(errors="replace")
    return ""
