"""Links to other pages keep what was asked for."""

import re
from typing import Any, get_args
from urllib.parse import parse_qs

import pytest
from flask import Flask

from api.schemas.sendings import CampaignSort, EmailJobSort
from api.serving.paging import cursor_headers, list_headers, page_headers
from warehouse.queries.sendings import CAMPAIGN, EMAIL_JOB, Kind, sorts_of


def links(offset: int, total: int) -> dict[str, str]:
    with Flask("any").test_request_context(f"/api/list/?limit=10&offset={offset}&status=read&force_refresh=true"):
        headers = dict(page_headers(total, 10, offset))
    assert headers["X-Total-Count"] == str(total)
    found = {}
    for query, relation in re.findall(r'</api/list/\?([^>]+)>; rel="(\w+)"', headers["Link"]):
        asked = parse_qs(query)
        assert asked.keys() == {"limit", "offset", "status"}
        found[relation] = asked["offset"][0]
    return found


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
    assert links(offset, total) == expected


@pytest.mark.parametrize(
    ("query", "cursor", "expected"),
    [
        ("q=a", "5-7", [("q=a", "first"), ("q=a&cursor=5-7", "next")]),
        ("q=a&cursor=9-9", "5-7", [("q=a", "first"), ("q=a&cursor=5-7", "next")]),
        ("q=a&cursor=9-9", None, [("q=a", "first")]),
        ("q=a", None, [("q=a&limit=10&offset=0", "first"), ("q=a&limit=10&offset=10", "next"),
                       ("q=a&limit=10&offset=30", "last")]),
        ("q=a&offset=30", "5-7", [("q=a&limit=10&offset=0", "first"), ("q=a&limit=10&offset=20", "prev"),
                                  ("q=a&limit=10&offset=30", "last")]),
    ],
)  # fmt: skip
def test_a_cursor_leads_on_unless_pages_are_asked_for_by_offset(
    query: str, cursor: str | None, expected: list[tuple[str, str]]
) -> None:
    with Flask("any").test_request_context(f"/api/list/?{query}"):
        headers = dict(list_headers(35, 10, 30 if "offset" in query else 0, cursor))
    assert headers["X-Total-Count"] == "35"
    assert headers["Link"] == ", ".join(f'</api/list/?{address}>; rel="{name}"' for address, name in expected)


def test_a_link_keeps_what_was_asked_for_but_not_a_refresh() -> None:
    with Flask("any").test_request_context("/api/list/?status=read&force_refresh=true&cursor=9-9"):
        assert cursor_headers("5-7") == (("Link", '</api/list/?status=read&cursor=5-7>; rel="next"'),)
        assert cursor_headers(None) == ()


@pytest.mark.parametrize(("sorts", "kind"), [(CampaignSort, CAMPAIGN), (EmailJobSort, EMAIL_JOB)])
def test_what_can_be_sorted_by_is_what_there_is_both_ways(sorts: Any, kind: Kind) -> None:
    assert {*get_args(sorts)} == {*sorts_of(kind), *(f"-{name}" for name in sorts_of(kind))}
