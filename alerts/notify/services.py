"""Hands a message to Apprise, which knows Slack, Teams, PagerDuty and a hundred more.

Belongs here: one Apprise URL, one message, what its failure means. Does not: the words. These services have no key by
which they would drop a message they know: after a crash at the wrong moment it may come twice.
"""

import re
from datetime import datetime

from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat, NotifyType

from alerts.notify.letter import text_of
from alerts.notify.message import Address, Message
from alerts.notify.transport import NotSentError
from alerts.notify.wording import is_over, latest, subject
from alerts.vocabulary import Severity

_STATUS = re.compile(r"\berror=(\d{3})\b")
_LATER = {408, 425, 429}
_TYPES = {Severity.INFO: NotifyType.INFO, Severity.WARN: NotifyType.WARNING, Severity.CRITICAL: NotifyType.FAILURE}


class Services:
    """`timeout_seconds` is the longest time an attempt may take."""

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout = timeout_seconds

    def send(self, address: Address, message: Message, now: datetime) -> None:
        """Sends the message's text. Raises NotSentError."""
        service = opened(address.value)
        if service is None:
            raise NotSentError("Apprise does not know this URL", is_permanent=True)
        service.redirects = False
        service.socket_connect_timeout = service.socket_read_timeout = self._timeout
        apprise = Apprise(asset=_asset())
        apprise.add(service)
        result = apprise.notify(
            body=text_of(message), title=subject(message), notify_type=_type(message), body_format=NotifyFormat.TEXT,
            timeout=self._timeout,
        )  # fmt: skip
        if not result:
            said = [entry.message for entry in result.logs()]
            raise _error(" ".join(said))


def opened(url: str) -> NotifyBase | None:
    """The service of an Apprise URL, or None where Apprise doesn't know it."""
    return Apprise.instantiate(url, asset=_asset())


def _asset() -> AppriseAsset:
    return AppriseAsset(app_id="Corbi Monitoring", app_desc="Corbi Monitoring", secure_logging=True)


def _type(message: Message) -> NotifyType:
    if message.is_test:
        return NotifyType.INFO
    worst = latest(message.items)[0]
    return NotifyType.SUCCESS if is_over(worst) else _TYPES[worst.alert.severity]


def _error(said: str) -> NotSentError:
    """Apprise tells an HTTP status only in its log; what it says besides may name the address, so it isn't kept."""
    found = _STATUS.search(said)
    if found is None:
        return NotSentError("the service did not take it, or did not answer in time", is_permanent=False)
    status = int(found[1])
    return NotSentError(f"HTTP {status}", is_permanent=400 <= status < 500 and status not in _LATER)
