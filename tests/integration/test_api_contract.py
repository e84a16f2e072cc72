"""The API does what its OpenAPI document says, whatever it is asked: no 500, no undocumented answer."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from pydantic import SecretStr
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import positive_data_acceptance

from api.access.identity import issue_token
from api.app import create_app
from api.openapi.document import openapi_document
from demo.people import ADMIN_USER_ID
from tests.integration.conftest import SECRET_KEY, api_client
from warehouse.settings import Settings

load_all_checks()

HEADERS = {"Authorization": f"Bearer {issue_token(SECRET_KEY, ADMIN_USER_ID, timedelta(hours=2))}"}


# The document is the same whatever the app reads, so the tests are known before there is anything to read.
NOWHERE = Settings(
    warehouse_url=SecretStr("postgresql://127.0.0.1:1/none"), lake_path="/nowhere", secret_key=SecretStr(SECRET_KEY)
)


def document() -> dict[str, Any]:
    """The document with time zones that there are, and without X-Org-ID: else nearly all would be refused for these."""
    found = openapi_document(create_app(NOWHERE))
    found["components"]["schemas"]["TimeZone"]["enum"] = sorted(available_timezones())
    for item in found["paths"].values():
        for operation in item.values():
            parameters = operation["parameters"]
            operation["parameters"] = [one for one in parameters if not one.get("$ref", "").endswith("/OrganizationId")]
    return found


schema = schemathesis.openapi.from_dict(document())
schema.config.update(base_url="http://localhost")
schema.app = create_app(NOWHERE)


@pytest.fixture(scope="module")
def app(loaded: Settings) -> Iterator[Flask]:
    # More is asked here in a minute than the default lets one user ask.
    with api_client(loaded.model_copy(update={"rate_limit": ""})) as client:
        yield client.application


@schema.parametrize()
@settings(
    max_examples=25,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_document_describes(app: Flask, case: Any) -> None:
    case.operation.app = app
    # What a schema can't say (one window, not two; `to` after `from`) is a 400 although each parameter is right.
    case.call_and_validate(headers=HEADERS, excluded_checks=[positive_data_acceptance])
