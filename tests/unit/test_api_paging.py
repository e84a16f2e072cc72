"""Links to other pages hold behind any proxy and keep what was asked for."""

import re
from typing import Any, get_args
from urllib.parse import parse_qs

import pytest

from api.paging import cursor_headers, offset_headers
from api.schemas.rows import EventsParameters
from api.schemas.sendings import CampaignSort, CampaignsParameters, EmailJobSort
from warehouse.queries.sendings import CAMPAIGN, EMAIL_JOB, Kind, sorts_of


def links(asked: CampaignsParameters, total: int) -> dict[str, str]:
    headers = dict(offset_headers(asked, total=total, limit=asked.limit, offset=asked.offset))
    assert headers["X-Total-Count"] == str(total)
    return {
        relation: parse_qs(query)["offset"][0]
        for query, relation in re.findall(r'<\?([^>]+)>; rel="(\w+)"', headers["Link"])
    }


@pytest.mark.parametrize(
    ("offset", "total", "expected"),
    [
        (0, 0, {"first": "0", "last": "0"}),
        (0, 10, {"first": "0", "last": "0"}),
        (0, 11, {"first": "0", "next": "10", "last": "10"}),
        (10, 35, {"first": "0", "prev": "0", "next": "20", "last": "30"}),
        (30, 35, {"first": "0", "prev": "20", "last": "30"}),
        (5, 35, {"first": "0", "prev": "0", "next": "15", "last": "30"}),
        (90, 35, {"first": "0", "prev": "80", "last": "30"}),
    ],
)
def test_each_page_leads_to_those_around_it(offset: int, total: int, expected: dict[str, str]) -> None:
    assert links(CampaignsParameters(limit=10, offset=offset), total) == expected


def test_a_link_keeps_what_was_asked_for_but_not_a_refresh() -> None:
    asked = EventsParameters.model_validate({"from": "2026-11-01", "status": "read", "force_refresh": "true"})
    ((name, value),) = cursor_headers(asked, "5-7")
    assert (name, value) == ("Link", '<?from=2026-11-01T00%3A00%3A00&status=read&cursor=5-7>; rel="next"')
    assert cursor_headers(asked, None) == ()


@pytest.mark.parametrize(("sorts", "kind"), [(CampaignSort, CAMPAIGN), (EmailJobSort, EMAIL_JOB)])
def test_what_can_be_sorted_by_is_what_there_is_both_ways(sorts: Any, kind: Kind) -> None:
    assert {*get_args(sorts)} == {*sorts_of(kind), *(f"-{name}" for name in sorts_of(kind))}
