"""docs/api.md names every parameter, every key of the main answers, every setting of theirs and every error."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from api.http.request_size import MOST_BODY_BYTES, MOST_URL_BYTES
from api.http.response_headers import READABLE
from api.openapi.shared import ERRORS
from api.schemas.details import DetailsOut, DetailsParameters
from api.schemas.metrics import MetricsOut
from api.schemas.shared import Freshness
from api.schemas.summary import SummaryOut
from warehouse.queries.buckets import MOST_BUCKETS, Interval
from warehouse.queries.window import Range

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return TEXT.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


@pytest.mark.parametrize(
    ("title", "model"),
    [
        ("GET /api/metrics/", MetricsOut),
        ("GET /api/monitoring/summary/", SummaryOut),
        ("GET /api/monitoring/details/", DetailsOut),
        ("How fresh an answer is", Freshness),
    ],
)
def test_every_key_of_an_answer_is_explained(title: str, model: type[BaseModel]) -> None:
    text = section(title)
    assert [name for name in model.model_fields if f"`{name}`" not in text and f"`{name}." not in text] == []


def test_every_parameter_is_explained_with_what_is_allowed() -> None:
    names = [field.alias or name for name, field in DetailsParameters.model_fields.items()]
    asked = section("What may be asked")
    assert [name for name in names if f"`{name}`" not in asked + section("GET /api/monitoring/details/")] == []
    assert [value for value in (*Range, *Interval) if f"`{value}`" not in asked] == []
    assert f"{MOST_BUCKETS:,} points" in asked


def test_every_error_and_limit_is_explained() -> None:
    text = section("Errors")
    assert [status for status in ERRORS if str(status) not in text] == []
    assert f"{MOST_BODY_BYTES // 1024} KiB" in text
    assert f"{MOST_URL_BYTES:,} bytes" in text


def test_every_header_that_a_page_may_read_is_named() -> None:
    assert [name for name in READABLE if f"`{name}`" not in TEXT] == []
