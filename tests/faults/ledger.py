"""What was broken how often, and what was lost by it.

Belongs here: counting. Does not: breaking anything.
"""

from warehouse.settings import Settings
from warehouse.verify import verify

LEDGER: dict[str, tuple[int, int]] = {}
"""By what happened: how often, and how many figures differed from the operational database's after the next pass."""


def proves_nothing_lost(settings: Settings, case: str, times: int) -> None:
    """Compares every figure with the operational database after a fault. Fails where one differs."""
    differences = verify(settings).differences
    before_times, before_lost = LEDGER.get(case, (0, 0))
    LEDGER[case] = (before_times + times, before_lost + len(differences))
    assert differences == ()
