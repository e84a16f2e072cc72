"""A layer of rollups that could not be recomputed from the one under it is refused at the start."""

import pytest
from pydantic import ValidationError

from warehouse.settings import Settings


@pytest.mark.parametrize(
    "days",
    [
        {"raw_days": 91},
        {"five_minute_days": 91},
        {"hourly_days": 89},
        {"hourly_days": 400},
    ],
)
def test_a_coarse_layer_must_reach_back_as_far_as_a_fine_one(days: dict[str, int]) -> None:
    with pytest.raises(ValidationError, match="must hold; given"):
        Settings(_env_file=None, **days)


def test_five_minute_rows_may_outlive_the_raw_rows_they_were_made_of() -> None:
    assert Settings(_env_file=None, raw_days=5, five_minute_days=20, hourly_days=20).five_minute_days == 20
