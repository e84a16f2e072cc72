"""Hands a message to Apprise, which knows Slack, Teams, PagerDuty and a hundred more.

Belongs here: one Apprise URL, one message, what its failure means. Does not: the words. These services have no key by
which they would drop a message they know: after a crash at the wrong moment it may come twice.
Apprise is imported when it is needed: that takes 0.3 s, and every run of the pipelines imports this module.
"""

import logging
import re
from datetime import datetime
from typing import TYPE_CHECKING

from alerts.notify.letter import text_of
from alerts.notify.message import Address, Message
from alerts.notify.transport import NotSentError
from alerts.notify.wording import is_over, latest, subject
from alerts.vocabulary import Severity

if TYPE_CHECKING:
    from apprise import AppriseAsset, NotifyBase

_STATUS = re.compile(r"\berror=(\d{3})\b")
_LATER = {408, 425, 429}
_WORD_JOINER = "\N{WORD JOINER}"
_KINDS = {Severity.INFO: "info", Severity.WARN: "warning", Severity.CRITICAL: "failure"}


class Services:
    """`timeout_seconds` is the longest time an attempt may take."""

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout = timeout_seconds

    def send(self, address: Address, message: Message, now: datetime) -> None:
        """Sends the message's text. Raises NotSentError."""
        from apprise import Apprise, NotifyFormat  # noqa: PLC0415 - see above

        service = opened(address.value)
        if service is None:
            raise NotSentError("Apprise does not know this URL", is_permanent=True)
        service.redirects = False
        service.socket_connect_timeout = service.socket_read_timeout = self._timeout
        apprise = Apprise(asset=_asset())
        apprise.add(service)
        result = apprise.notify(
            body=text_of(message), title=_title(message), notify_type=_kind(message), body_format=NotifyFormat.TEXT,
            timeout=self._timeout,
        )  # fmt: skip
        if not result:
            said = [entry.message for entry in result.logs()]
            raise _error(" ".join(said))


def opened(url: str) -> "NotifyBase | None":
    """The service of an Apprise URL, or None where Apprise doesn't know it."""
    from apprise import Apprise  # noqa: PLC0415 - see above

    _keep_to_itself()
    return Apprise.instantiate(url, asset=_asset())


def _keep_to_itself() -> None:
    """Apprise logs URLs it can't read, and more when asked for details; what matters is in our own errors."""
    logger = logging.getLogger("apprise")
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def _asset() -> "AppriseAsset":
    from apprise import AppriseAsset  # noqa: PLC0415 - see above

    return AppriseAsset(app_id="Corbi Monitoring", app_desc="Corbi Monitoring", secure_logging=True)


def _title(message: Message) -> str:
    """The subject. Apprise writes mails too, with an ASCII subject as it is: what looks encoded there would be read as
    such, so an invisible character parts it."""
    return subject(message).replace("=?", f"={_WORD_JOINER}?")


def _kind(message: Message) -> str:
    """One of Apprise's words."""
    if message.is_test:
        return "info"
    worst = latest(message.items)[0]
    return "success" if is_over(worst) else _KINDS[worst.alert.severity]


def _error(said: str) -> NotSentError:
    """Apprise tells an HTTP status only in its log; what it says besides may name the address, so it isn't kept."""
    found = _STATUS.search(said)
    if found is None:
        return NotSentError("the service did not take it, or did not answer in time", is_permanent=False)
    status = int(found[1])
    return NotSentError(f"HTTP {status}", is_permanent=400 <= status < 500 and status not in _LATER)
