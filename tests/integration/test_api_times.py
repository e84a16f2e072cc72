"""Whatever moment is asked for, up to the ends of the calendar, is answered or refused by name: never a 500."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.openapi.document import openapi_document
from demo.people import demo_api_key
from tests.integration.api_routes import owners, routes
from tests.integration.conftest import api_client
from warehouse.settings import Settings

HEADERS = {"X-API-Key": demo_api_key(7, 1)}
ZONES = ("UTC", "Asia/Kolkata", "America/St_Johns", "Pacific/Kiritimati", "Etc/GMT+12", "Europe/Rome")
OFFSETS = ("", "Z", "+05:30", "-02:30", "+14:00", "-12:00", "+23:59", "-23:59")
ENDS = ("0001-01-01", "0001-01-01T00:00:00", "9999-12-31", "9999-12-31T23:59:59", "9999-12-31T23:59:59.999999")
MOMENTS = st.builds(
    lambda moment, offset: f"{moment}{offset if 'T' in moment else ''}",
    st.one_of(
        st.sampled_from(ENDS),
        st.datetimes(datetime(1, 1, 1), datetime(1, 1, 5)).map(datetime.isoformat),  # noqa: DTZ001 - naive on purpose
        st.datetimes(datetime(9999, 12, 28)).map(datetime.isoformat),  # noqa: DTZ001
        st.datetimes().map(datetime.isoformat),
        st.just(datetime.now(UTC).date().isoformat()),
    ),
    st.sampled_from(OFFSETS),
)
NAMES = ("from", "to", "until")


@pytest.fixture(scope="module")
def client(loaded: Settings) -> Iterator[FlaskClient]:
    with api_client(loaded.model_copy(update={"rate_limit": ""})) as client:
        yield client


@pytest.fixture(scope="module")
def paths(client: FlaskClient, loaded: Settings) -> list[str]:
    """Every GET that takes a moment: the path to one that there is."""
    owned = owners(loaded.required("source_url"))
    document = openapi_document(client.application)["paths"]
    found = []
    for route in routes(client.application):
        names = {one.get("name") for one in document[route.path][route.operation.method.lower()]["parameters"]}
        if "from" in names:
            mine = (row for row, owner in owned.get(route.kind or "", {}).items() if owner == 1)
            assert {"to", "tz"} <= names
            found.append(route.at(next(mine, 1)))
    assert len(found) >= 9
    return found


def test_every_moment_that_the_document_names_is_asked_for_here(client: FlaskClient) -> None:
    document = openapi_document(client.application)
    named: set[str] = set()
    for item in document["paths"].values():
        for operation in item.values():
            named |= {one["name"] for one in operation["parameters"] if "date-time" in str(one.get("schema"))}
            for content in operation.get("requestBody", {}).get("content", {}).values():
                schema = document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
                named |= {name for name, shape in schema["properties"].items() if "date-time" in str(shape)}
    assert named == set(NAMES)


@settings(max_examples=60)
@given(start=MOMENTS, end=st.none() | MOMENTS, zone=st.sampled_from(ZONES))
@example("0001-01-01", "9999-12-31T23:59:59", "Asia/Kolkata")
@example("0001-01-01", "9999-12-31T23:59:59", "America/St_Johns")
@example("9999-12-31T23:59:59-02:30", None, "UTC")
@example("0001-01-01T00:00+05:30", "0001-01-01T00:00", "UTC")
def test_every_window_is_answered_or_refused_by_name(
    client: FlaskClient, paths: list[str], start: str, end: str | None, zone: str
) -> None:
    for path in paths:
        asked = {"from": start, "tz": zone} | ({"to": end} if end else {})
        response = client.get(path, query_string=asked, headers=HEADERS)
        assert (path, response.status_code in (200, 400)) == (path, True), response.text
        if response.status_code == 400:
            assert any(word in response.get_json()["detail"] for word in ("'from'", "interval"))


def test_the_whole_calendar_is_the_same_as_all_that_is_kept(client: FlaskClient) -> None:
    def total(**asked: str) -> Any:
        body = client.get("/api/monitoring/details/", query_string=asked, headers=HEADERS).get_json()
        return body["window"], body["summary"]

    for zone in ZONES:
        assert total(**{"from": "0001-01-01", "to": "9999-12-31T23:59:59", "tz": zone}) == total(
            **{"from": "2000-01-01"}
        )


@settings(max_examples=40)
@given(until=MOMENTS)
@example("0001-01-01T00:00+05:30")
@example("9999-12-31T23:59:59-02:30")
def test_every_end_of_a_mute_is_taken_or_refused_by_name(client: FlaskClient, until: str) -> None:
    body = {"rule": "latency", "until": until}
    response = client.post("/api/monitoring/alerts/mutes/", json=body, headers=HEADERS)
    assert response.status_code in (200, 400), response.text
    if response.status_code == 400:
        assert "`until` must lie in the next 90 days" in response.get_json()["detail"]
