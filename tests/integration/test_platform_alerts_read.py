"""The platform's own alerts are read masked, with no more of their metadata than the ids they concern."""

from datetime import UTC, datetime, timedelta

import psycopg
from psycopg.types.json import Jsonb

from tests.integration.platform_writer import PlatformWriter, open_connection
from warehouse.lake.connection import open_lake
from warehouse.refresh import refresh
from warehouse.settings import Settings

NOW = datetime.now(UTC)


def write(settings: Settings, metadata: object, message: str = "550 no <ann@example.org>") -> None:
    with psycopg.connect(settings.required("source_url")) as connection:
        connection.execute(
            "insert into monitoring_monitoringalert (category, severity, message, metadata, is_acknowledged,"
            " created_at, organization_id) values ('Send_Failure', 'error', %s, %s, false, %s, 1)",
            (message, Jsonb(metadata) if metadata is not None else None, NOW - timedelta(minutes=5)),
        )


def test_a_row_keeps_its_ids_and_loses_what_is_personal(empty_platform: Settings) -> None:
    with open_connection(empty_platform.required("source_url"), autocommit=True) as connection:
        PlatformWriter(connection, NOW).people()
    write(empty_platform, {"outbound_id": 7, "channel": "Email", "to": "ann@example.org", "booking_id": "none"})
    write(empty_platform, None)
    write(empty_platform, ["odd"])
    refresh(empty_platform)
    with open_lake(empty_platform, read_only=True) as lake:
        rows = lake.execute("select * exclude (created_at, day) from lake.raw.monitoring_alert order by id").fetchall()
        columns = [row[0] for row in lake.execute("describe lake.raw.monitoring_alert").fetchall()]
    assert rows[0][1:5] == (1, "send_failure", "error", False)
    assert "ann" not in str(rows)
    assert rows[0][-4:] == ("email", 7, None, None)
    assert rows[1][-4:] == rows[2][-4:] == (None, None, None, None)
    assert "metadata" not in columns
