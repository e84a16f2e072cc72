"""When a message that was not sent is tried again.

Belongs here: the rule. Does not: rows.
"""

from datetime import datetime, timedelta

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=30)


def next_try(
    attempts: int, queued_at: datetime, now: datetime, *, give_up_after: timedelta, retry_after: timedelta | None,
    chance: float,
) -> datetime | None:  # fmt: skip
    """When to try again after so many attempts; None when it would be later than giving up allows.

    Each pause is twice the one before, up to half an hour, and between three quarters and five quarters of that by
    `chance` (0 to 1), so that many messages don't come back at once. A receiver that asks for a longer pause gets it,
    as far as it leaves another try: at the latest, such a pause before giving up.
    """
    doubled: timedelta = min(FIRST_PAUSE * 2 ** min(attempts - 1, 16), LONGEST_PAUSE)
    pause = doubled * (0.75 + chance / 2)
    end = queued_at + give_up_after
    if now + pause > end:
        return None
    asked = min(now + (retry_after or timedelta(0)), end - pause)
    return max(now + pause, asked)
