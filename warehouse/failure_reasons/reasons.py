"""The seven reasons, our finer codes, and what is said of one failure.

Belongs here: the vocabulary. Does not: how a text comes to its reason (rules.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Reason(StrEnum):
    """Why a message failed, told apart by what an operator would do about it."""

    BOUNCE = "bounce"
    BLOCKED = "blocked"
    OPT_OUT = "opt-out"
    INVALID = "invalid"
    RATE_LIMIT = "rate-limit"
    NETWORK = "network"
    UNKNOWN = "unknown"


FINER_CODES: Mapping[Reason, tuple[str, ...]] = MappingProxyType(
    {
        Reason.INVALID: (
            "user_unknown",
            "host_unknown",
            "moved",
            "malformed_address",
            "not_reachable_on_channel",
            "bad_request",
            "template_error",
            "credentials",
        ),
        Reason.BOUNCE: ("mailbox_full", "mailbox_disabled", "too_large", "content_rejected", "other_bounce"),
        Reason.BLOCKED: (
            "spam",
            "reputation",
            "authentication",
            "policy",
            "recipient_blocked_sender",
            "account_suspended",
            "window_closed",
        ),
        Reason.OPT_OUT: ("unsubscribed", "complaint", "suppressed"),
        Reason.RATE_LIMIT: ("throttled", "quota"),
        Reason.NETWORK: ("dns", "connection", "timeout", "expired", "provider_unavailable"),
        Reason.UNKNOWN: ("unknown",),
    }
)
"""Our finer codes of each reason."""


@dataclass(frozen=True)
class Failure:
    """What a text says.

    `provider_code` is as the provider writes it (`550 5.1.1`, `63016`, `10/2018278`), `rule` the name of the rule that
    decided; each is None when there is none.
    """

    reason: Reason
    code: str
    provider_code: str | None
    rule: str | None
