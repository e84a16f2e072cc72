"""Asking Dagster for a pass now.

Belongs here: how often an organization may, and Dagster's GraphQL. Does not: passes (pipelines/), and the answer that
tells of it (answers.py). Whatever Dagster says, the API goes on with the snapshot it has.
"""

from dataclasses import dataclass
from typing import Any

import requests

from warehouse.lake.connections import WarehouseConnections
from warehouse.lake.sql import statement
from warehouse.queries.scope import Organization
from warehouse.settings import Settings

LEAST_SECONDS = 10
"""Between two requests of one organization."""

_TIMEOUT_SECONDS = (1.0, 4.0)
_JOB = "refresh"
_IN_FLIGHT = "[QUEUED, NOT_STARTED, STARTING, STARTED]"

_LOOK = f"""
query Look {{
  runsOrError(filter: {{pipelineName: "{_JOB}", statuses: {_IN_FLIGHT}}}, limit: 1) {{
    ... on Runs {{ results {{ runId }} }}
  }}
  repositoriesOrError {{
    ... on RepositoryConnection {{ nodes {{ name location {{ name }} pipelines {{ name }} }} }}
  }}
}}"""

_LAUNCH = """
mutation Launch($parameters: ExecutionParams!) {
  launchRun(executionParams: $parameters) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
}"""


@dataclass(frozen=True)
class RefreshAnswer:
    """The run that makes the pass, or None and why there is none."""

    run_id: str | None
    reason: str


class RefreshRequests:
    """Asks for passes, for every process of the API together at most once in 10 s an organization."""

    def __init__(self, settings: Settings, connections: WarehouseConnections) -> None:
        webserver = settings.dagster_webserver_url or f"http://127.0.0.1:{settings.dagster_port}"
        self._url = webserver.rstrip("/") + "/graphql"
        self._connections = connections

    def ask(self, organization: Organization) -> RefreshAnswer:
        """Asks for a pass. Raises WarehouseUnavailableError; a Dagster that can't be reached is an answer."""
        values = (organization.id, LEAST_SECONDS)
        if not self._connections.rows(statement("api.serving", "refresh_request"), values):
            return RefreshAnswer(
                None, f"A pass was asked for less than {LEAST_SECONDS} s ago; ask again {LEAST_SECONDS} s after it."
            )
        try:
            return self._launch(organization)
        except (requests.RequestException, ValueError, LookupError, TypeError) as error:
            return RefreshAnswer(None, f"Dagster can't be asked at {self._url}: {type(error).__name__}.")

    def _launch(self, organization: Organization) -> RefreshAnswer:
        seen = self._post(_LOOK)
        in_flight = seen["runsOrError"].get("results") or []
        if in_flight:
            return RefreshAnswer(in_flight[0]["runId"], "The run that is under way makes it.")
        nodes = seen["repositoriesOrError"].get("nodes") or []
        node = next((node for node in nodes if any(job["name"] == _JOB for job in node["pipelines"])), None)
        if node is None:
            return RefreshAnswer(None, f"Dagster has no job {_JOB!r}: its code location is not loaded.")
        selector = {
            "repositoryLocationName": node["location"]["name"],
            "repositoryName": node["name"],
            "jobName": _JOB,
        }
        tags = [{"key": "corbi/reason", "value": f"Asked for by organization {organization.id}."}]
        parameters = {"selector": selector, "runConfigData": "{}", "executionMetadata": {"tags": tags}}
        launched = self._post(_LAUNCH, parameters=parameters)["launchRun"]
        if launched["__typename"] != "LaunchRunSuccess":
            return RefreshAnswer(None, f"Dagster did not start a pass: {launched['__typename']}.")
        return RefreshAnswer(launched["run"]["runId"], "A pass was started.")

    def _post(self, query: str, **variables: object) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        response = requests.post(self._url, json=body, timeout=_TIMEOUT_SECONDS, allow_redirects=False)
        response.raise_for_status()
        data: dict[str, Any] = response.json()["data"]
        return data
