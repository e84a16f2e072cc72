"""How long the lists take that are read for one question: campaigns, e-mail jobs, callbacks, messages.

Belongs here: this benchmark, one request after the other, nothing kept. Does not: many clients at a time (api.py).
"""

import statistics
import time
from datetime import timedelta

from flask.testing import FlaskClient
from pydantic import SecretStr

from api.access.identity import issue_token
from api.app import create_app
from api.serving.needs import EXTENSION
from benchmarks.ground import load_once
from demo.people import ADMIN_USER_ID
from warehouse.settings import Settings

_ROOT = "/api/monitoring"
_QUERIES = (
    "campaigns/", "campaigns/?sort=-read_rate&limit=200", "campaigns/{campaign}/", "email-jobs/", "email-jobs/{job}/",
    "events/", "events/?limit=1000&range=30d", "events/?channel=telegram&range=30d",
    "events/?status=spamreport&range=30d", "messages/",
    "messages/?limit=1000", "messages/?channel=whatsapp", "messages/?channel=email", "messages/?status=failed",
    "messages/?status=delivered", "messages/?reason=bounce", "messages/?campaign_id={campaign}",
    "messages/?email_job_id={job}", "messages/?direction=inbound",
)  # fmt: skip
_ROUNDS = 30


def lists(settings: Settings) -> None:
    """Each list of the API for the biggest organization, computed anew: processor time and time, median and worst."""
    load_once(settings)
    key = "benchmarks " * 4
    app = create_app(settings.model_copy(update={"secret_key": SecretStr(key), "cache_ttl_seconds": 0.0}))
    headers = {"Authorization": f"Bearer {issue_token(key, ADMIN_USER_ID, timedelta(hours=2))}"}
    client = app.test_client()
    newest = {
        name: client.get(f"{_ROOT}/{path}/?limit=1", headers=headers).get_json()["results"][0]["id"]
        for name, path in (("campaign", "campaigns"), ("job", "email-jobs"))
    }
    for query in _QUERIES:
        _measure(client, f"{_ROOT}/{query.format(**newest)}", headers)
    app.extensions[EXTENSION].close()


def _measure(client: FlaskClient, path: str, headers: dict[str, str]) -> None:
    processor, wall = [], []
    for _ in range(_ROUNDS):
        started, began = time.process_time(), time.perf_counter()
        response = client.get(path, headers=headers)
        processor.append((time.process_time() - started) * 1000)
        wall.append((time.perf_counter() - began) * 1000)
        if response.status_code != 200 or response.headers["X-Cache"] != "miss":
            raise RuntimeError(f"{path}: {response.status_code} {response.text[:200]}")
    print(
        f"lists: {path}: processor {statistics.median(processor):.0f} ms (worst {max(processor):.0f}), "
        f"time {statistics.median(wall):.0f} ms (worst {max(wall):.0f})",
        flush=True,
    )
