"""Everything a browser needs: a small operational database, the warehouse over it, the API and the dashboards.

Belongs here: starting and stopping them. Does not: what is looked at.
"""

import json
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import requests

from alerts.evaluate import evaluate_organizations
from alerts.migrations import upgrade
from api.access.identity import issue_token
from cli.composition import environment_of
from demo.history import fill
from demo.people import FIXED_USERS
from demo.postgres import embedded_server
from demo.services import Service, Services
from warehouse.refresh import refresh
from warehouse.settings import Settings

SECRET_KEY = "a secret key of the platform, for tests, long enough for every algorithm there is"
USER_IDS = {name: user_id for user_id, name in FIXED_USERS}


@dataclass
class Stack:
    """What runs, and how to ask its API."""

    settings: Settings
    url: str
    api_url: str
    log_folder: Path
    _api: Services | None = field(default=None, repr=False)

    def start_api(self) -> None:
        """Starts the API and waits until it answers."""
        services = Services(self.log_folder)
        command = (sys.executable, "-m", "cli.main", "api")
        service = Service("API", command, environment_of(self.settings), probe=f"{self.api_url}/healthz")
        services.start(service)
        services.await_ready(service, lambda: False)
        self._api = services

    def stop_api(self) -> None:
        """Stops the API, if it runs."""
        if self._api is not None:
            self._api.stop()
            self._api = None

    def token(self, user: str, ttl: timedelta = timedelta(hours=1)) -> str:
        """A token of a user of the demonstration."""
        return issue_token(self.settings.required("secret_key"), USER_IDS[user], ttl)

    def get(self, user: str, path: str, organization: int = 1, **parameters: str) -> Any:
        """What the API answers to somebody."""
        answer = requests.get(
            self.api_url + path, params=parameters, headers=self._headers(user, organization), timeout=20
        )
        answer.raise_for_status()
        return answer.json()

    def post(self, user: str, path: str, body: Any, organization: int = 1) -> int:
        """The status of a change that somebody asks for."""
        headers = self._headers(user, organization)
        return requests.post(self.api_url + path, json=body, headers=headers, timeout=20).status_code

    def raise_alert(self, category: str, channel: str, organization: int = 1) -> int:
        """An alert of the platform itself, brought in by a pass and judged; its id with us."""
        with psycopg.connect(self.settings.required("source_url")) as connection:
            connection.execute(
                "insert into monitoring_monitoringalert (category, severity, message, metadata, is_acknowledged,"
                " created_at, organization_id) values (%s, 'error', 'It failed.', %s, false, now(), %s)",
                (category, json.dumps({"channel": channel}), organization),
            )
        refresh(self.settings)
        evaluate_organizations(self.settings, datetime.now(UTC))
        alerts = self.get("admin", "/api/monitoring/alerts/", organization, status="open", channel=channel)
        return next(int(alert["id"]) for alert in alerts if alert["category"] == category)

    def _headers(self, user: str, organization: int) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(user)}", "X-Org-ID": str(organization)}


@contextmanager
def running_stack(home: Path, *, messages: int = 4_000, days: int = 8, is_quick: bool = True) -> Iterator[Stack]:
    """A stack over some days of history, until the block ends; `is_quick` ones look for news every 2 s."""
    with embedded_server(home) as server:
        ports = free_ports(2)
        settings = Settings(
            home=home,
            source_url=server.url("corbi"),
            warehouse_url=server.url("warehouse"),
            dagster_url=server.url("dagster"),
            lake_path=str(home / "lake"),
            hash_key="k",
            secret_key=SECRET_KEY,
            api_port=ports[0],
            api_workers=1,
            dashboard_port=ports[1],
        )
        fill(settings.required("source_url"), messages=messages, seed=7, now=datetime.now(UTC), days=days)
        refresh(settings)
        upgrade(settings)
        stack = Stack(settings, f"http://127.0.0.1:{ports[1]}", f"http://127.0.0.1:{ports[0]}", home / "logs")
        dashboards = Service(
            "Dashboards",
            (sys.executable, "-m", *(("tests.browser.quick_dashboards",) if is_quick else ("cli.main", "dashboards"))),
            environment_of(settings),
            probe=f"{stack.url}/healthz",
        )
        with Services(home / "logs") as services:
            services.start(dashboards)
            stack.start_api()
            try:
                services.await_ready(dashboards, lambda: False)
                yield stack
            finally:
                stack.stop_api()


def free_ports(number: int) -> list[int]:
    """Ports that nothing listens on now."""
    sockets = [socket.socket() for _ in range(number)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
