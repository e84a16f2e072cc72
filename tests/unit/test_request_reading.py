"""What a request brings is read as what it says, or refused by name."""

import pytest
from flask import Flask
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from api.app import create_app
from api.schemas.shared import AskedMoment
from api.serving.errors import ApiError
from api.serving.parameters import read_body
from warehouse.settings import Settings

SETTINGS = Settings(
    warehouse_url=SecretStr("postgresql://127.0.0.1:1/none"), lake_path="/nowhere", secret_key=SecretStr("s" * 40)
)


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ids: list[int]
    acknowledge: bool = True
    note: str = ""


class When(BaseModel):
    at: AskedMoment


@pytest.fixture
def app() -> Flask:
    app = create_app(SETTINGS)

    @app.get("/rows/<int:row_id>/")
    def row(row_id: int) -> str:
        return str(row_id)

    return app


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"ids": [false]}', "'ids.0'"),
        ('{"ids": ["1"]}', "'ids.0'"),
        ('{"ids": [1.5]}', "'ids.0'"),
        ('{"ids": [1], "acknowledge": "yes"}', "'acknowledge'"),
        ('{"ids": [1], "acknowledge": 1}', "'acknowledge'"),
        ('{"ids": [1], "note": null}', "'note'"),
        ('{"ids": [1], "not": ""}', "Unknown key 'not'; allowed: acknowledge, ids, note."),
        ("[" * 60_000, "must be a JSON object"),
        ('{"ids": [1], "note": ' + "[" * 900 + "]" * 900 + "}", "JSON"),
        ('{"ids": [9223372036854775808]}', "64 bits"),
        ("{}", "'ids'"),
        ("[1]", "must be a JSON object; given: list"),
        ("ids=1", "must be a JSON object"),
        ("", "'ids'"),
        ("\ufeff{}", "JSON"),
        ('{"ids": [1], "note": "a\\u0000b"}', "U+0000"),
    ],
)
def test_a_body_whose_types_are_others_is_refused_by_the_keys_name(app: Flask, text: str, named: str) -> None:
    given = app.test_request_context(method="POST", data=text.encode(), content_type="application/json")
    with given, pytest.raises(ApiError) as refused:
        read_body(Body)
    assert refused.value.status == 400
    assert named in refused.value.detail


def test_a_body_is_read_as_json_says_it(app: Flask) -> None:
    text = '{"ids": [1, 2], "acknowledge": false, "note": "checked"}'
    with app.test_request_context(method="POST", data=text):
        assert read_body(Body) == Body(ids=[1, 2], acknowledge=False, note="checked")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01", "2026-03-01T00:00:00"),
        ("2026-03-01T09:30", "2026-03-01T09:30:00"),
        ("2026-03-01T09:30:00Z", "2026-03-01T09:30:00+00:00"),
        ("2026-03-01t09:30:00.1234567z", "2026-03-01T09:30:00.123456+00:00"),
        ("2026-03-01T09:30:00+05:30", "2026-03-01T09:30:00+05:30"),
        ("2026-03-01T09:30:00 05:30", "2026-03-01T09:30:00+05:30"),
    ],
)
def test_a_moment_is_read_however_iso_8601_writes_it(text: str, moment: str) -> None:
    assert When.model_validate({"at": text}).at.isoformat() == moment
    assert When.model_validate_json(f'{{"at": "{text}"}}', strict=True).at.isoformat() == moment


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "20260301", "2026-13-01", "2026-02-30", "1772357400", "2026-03-01T25:00", "2026-03-01 09:30"],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="ISO 8601"):
        When.model_validate({"at": text})


@pytest.mark.parametrize(
    ("row_id", "status"),
    [("1", 200), ("9223372036854775807", 200), ("9223372036854775808", 404), ("9" * 60, 404), ("-1", 404), ("x", 404)],
)
def test_a_number_that_can_be_no_rows_id_names_nothing(app: Flask, row_id: str, status: int) -> None:
    assert app.test_client().get(f"/rows/{row_id}/").status_code == status
