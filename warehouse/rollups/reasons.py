"""Gives each masked error text its reason, once; figures by reason are joined when they are read.

Belongs here: the table `failure_reason`. Does not: the rules (failure_reasons.py). A changed rule file therefore
changes every figure by reason at the next pass without recomputing a rollup.
"""

from warehouse.failure_reasons import classify
from warehouse.lake import Connection

_UNKNOWN_TO_US = """
    select distinct channel, template
    from (
        select channel, template from lake.rollup.failure_hour
        union all
        select channel, template from lake.rollup.failure_day
        union all
        select channel, template from lake.rollup.failure_lifetime
    )
    except
    select channel, template from lake.rollup.failure_reason
"""


def classify_new_templates(lake: Connection) -> int:
    """Classifies the error texts that have no reason yet, within the caller's lake transaction; returns how many."""
    return _classify(lake, _UNKNOWN_TO_US)


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
        columns = list(map(list, zip(*rows, strict=True)))
        lake.execute(
            "insert into lake.rollup.failure_reason select unnest(?::varchar[]), unnest(?::varchar[]), "
            "unnest(?::varchar[]), unnest(?::varchar[]), unnest(?::varchar[])",
            columns,
        )
    return len(rows)
