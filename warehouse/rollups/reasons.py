"""Gives each masked error text its reason, once; figures by reason are joined when they are read.

Belongs here: the table `failure_reason`. Does not: the rules (failure_reasons.py). A changed rule file therefore
changes every figure by reason at the next pass without recomputing a rollup.
"""

from warehouse.failure_reasons import classify
from warehouse.lake.connection import Connection
from warehouse.lake.sql import as_json

_KNOWN = "from lake.rollup.failure_reason"
_FAILURE_TABLES = (
    "failure_hour", "failure_day", "failure_lifetime", "campaign_failure_day", "campaign_failure_lifetime",
    "email_job_failure_day", "email_job_failure_lifetime",
)  # fmt: skip
EVERY_TEXT = " union all ".join(f"select channel, template from lake.rollup.{table}" for table in _FAILURE_TABLES)
"""The channels and texts of all failures that are kept."""


def classify_new_templates(lake: Connection, texts: str = EVERY_TEXT) -> int:
    """Classifies the error texts of a selection that have no reason yet; returns how many.

    `texts` selects columns channel and template. Within the caller's lake transaction.
    """
    return _classify(
        lake, f"select distinct channel, template from ({texts}) except from (select channel, template {_KNOWN})"
    )


def reclassify_all(lake: Connection) -> int:
    """Classifies every error text anew, after the rules changed; returns how many."""
    lake.execute(
        "create or replace temp table every_template as select channel, template from lake.rollup.failure_reason"
    )
    lake.execute("delete from lake.rollup.failure_reason")
    return _classify(lake, "from every_template")


def _classify(lake: Connection, texts: str) -> int:
    rows = [
        (channel, template, failure.reason.value, failure.code, failure.provider_code)
        for channel, template in lake.execute(texts).fetchall()
        for failure in (classify(template, channel),)
    ]
    if rows:
        columns = [as_json(column) for column in zip(*rows, strict=True)]
        values = ", ".join(["unnest(from_json(?, '[\"varchar\"]'))"] * len(columns))
        lake.execute(f"insert into lake.rollup.failure_reason select {values}", columns)
    return len(rows)
