"""The warehouse's PostgreSQL goes away under a running API and comes back."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.access.identity import issue_token
from demo.history import fill
from demo.people import ADMIN_USER_ID
from demo.postgres import EmbeddedPostgres, embedded_server
from tests.integration.conftest import SECRET_KEY, api_client
from warehouse.refresh import refresh
from warehouse.settings import Settings

PATH = "/api/metrics/"


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    with embedded_server(tmp_path) as server:
        yield server


def test_an_outage_is_told_at_once_and_over_as_soon_as_it_is_over(own_server: EmbeddedPostgres, tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path, source_url=own_server.url("corbi"), warehouse_url=own_server.url("warehouse"),
        lake_path=str(tmp_path / "lake"), hash_key="k", secret_key=SECRET_KEY,
    )  # fmt: skip
    fill(settings.required("source_url"), messages=300, seed=7, now=datetime.now(UTC), days=5)
    refresh(settings)
    headers = {"Authorization": f"Bearer {issue_token(SECRET_KEY, ADMIN_USER_ID)}"}
    with api_client(settings) as client:
        before = client.get(PATH, headers=headers)
        assert before.status_code == 200
        own_server.stop()
        for path in (PATH, "/readyz", PATH):
            response = client.get(path, headers=headers)
            assert response.status_code == 503
            assert "failed" in response.get_json()["detail"]
            assert "outbound" not in response.get_json()
        assert client.get("/healthz").status_code == 200
        own_server.start()
        after = client.get(PATH, headers=headers)
        assert after.status_code == 200
        assert after.get_json()["outbound"] == before.get_json()["outbound"]
        # A restart between two requests is noticed by nobody: connections that died are replaced.
        own_server.stop()
        own_server.start()
        assert client.get(PATH, headers=headers).status_code == 200
        assert client.get("/readyz").status_code == 200
