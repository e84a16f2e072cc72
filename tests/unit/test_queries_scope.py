"""No query can be written that reads without an organization."""

import re
from pathlib import Path

import pytest

from warehouse import queries
from warehouse.errors import BadRequestError
from warehouse.queries.scope import Organization, scoped

ROOT = Path(__file__).parents[2]
QUERIES = Path(str(queries.__file__)).parent
SOMEBODY = Organization(7)


@pytest.mark.parametrize("file", sorted(QUERIES.glob("*.sql")), ids=lambda file: file.stem)
def test_every_query_says_its_grain_and_names_tables_by_fragments_alone(file: Path) -> None:
    sql = file.read_text(encoding="utf-8")
    assert sql.startswith("-- grain: ")
    text = scoped(sql, SOMEBODY, 3)
    tables = len(re.findall(r"\{(?:rollup|raw)\.\w+\}", sql)) - sql.count("{rollup.failure_reason}")
    assert text.count("organization_id = 7") == tables


@pytest.mark.parametrize(
    "sql",
    [
        "select * from lake.rollup.channel_day",
        "select * from LAKE . rollup.channel_day",
        "select * from read_parquet('lake/**/*.parquet')",
        "select * from held.rollup.channel_day",
        "select * from query('select 1')",
        "select * from ducklake_snapshots('lake')",
    ],
)
def test_a_text_that_reaches_a_table_in_another_way_is_refused(sql: str) -> None:
    with pytest.raises(ValueError, match="names its tables as"):
        scoped(sql, SOMEBODY, 3)


def test_rows_that_belong_to_an_organization_through_another_table_are_its_own_too() -> None:
    assert scoped("from {raw.email_recipient}", SOMEBODY, 3, {"raw.email_job"}) == (
        "from (select * from lake.raw.email_recipient at (version => 3) "
        "where email_job_id in (select id from held.raw.email_job where organization_id = 7))"
    )


def test_what_is_in_memory_is_read_there_and_the_rest_as_of_the_same_snapshot() -> None:
    sql = "from {rollup.campaign_day} union all by name from {rollup.campaign_lifetime}"
    assert scoped(sql, SOMEBODY, 3, {"rollup.campaign_lifetime"}) == (
        "from (select * from lake.rollup.campaign_day at (version => 3) where organization_id = 7) "
        "union all by name from (select * from held.rollup.campaign_lifetime where organization_id = 7)"
    )


def test_the_api_reaches_the_lake_for_one_organization_only() -> None:
    for file in (ROOT / "api").rglob("*.py"):
        assert not re.search(
            r"warehouse\.lake\.connection\b|LakeReaders|open_lake", file.read_text(encoding="utf-8")
        ), file.name


@pytest.mark.parametrize("number", [0, -1])
def test_an_organization_is_a_positive_number(number: int) -> None:
    with pytest.raises(BadRequestError, match="positive"):
        Organization(number)
