"""What every transport is, and the one error it raises.

Belongs here: the form. Does not: any transport.
"""

from datetime import datetime, timedelta
from typing import Protocol

from alerts.notify.message import Address, Message
from warehouse.errors import CorbiError


class NotSentError(CorbiError):
    """A message was not sent; its text names the cause and never the address.

    `is_permanent` says that it will not be accepted later either; `retry_after` is how long the receiver asked to wait.
    """

    def __init__(self, cause: str, *, is_permanent: bool, retry_after: timedelta | None = None) -> None:
        super().__init__(cause)
        self.is_permanent = is_permanent
        self.retry_after = retry_after


class Transport(Protocol):
    """Sends a message once. Returns when the receiver has accepted it."""

    def send(self, address: Address, message: Message, now: datetime) -> None:
        """Raises NotSentError when it was not accepted, or nobody knows."""
