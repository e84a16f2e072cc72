"""Compares two selections of the same shape, measure by measure.

Belongs here: the comparison. Does not: what is selected.
"""

from collections.abc import Sequence

from warehouse.lake.connection import Connection
from warehouse.verify.report import Difference


def compare(
    lake: Connection, *, figure: str, keys: Sequence[str], measures: Sequence[str], tolerance: float = 0.0
) -> tuple[int, list[Difference]]:
    """Compares the temporary tables `expected` and `found`; a row that one lacks counts as zeros.

    Numbers may differ by the part `tolerance` of what is expected. Returns how many numbers were compared, and the
    differences in the order of their keys.
    """
    on = " and ".join(f"e.{key} is not distinct from f.{key}" for key in keys)
    key = " || ' ' || ".join(f"'{name}=' || coalesce(coalesce(e.{name}, f.{name})::varchar, '-')" for name in keys)
    pairs = " union all ".join(
        f"select key, '{name}' as measure, e_{name}::double as expected, f_{name}::double as found from joined"
        for name in measures
    )
    values = ", ".join(f"coalesce(e.{name}, 0) as e_{name}, coalesce(f.{name}, 0) as f_{name}" for name in measures)
    rows = lake.execute(
        f"""
        with joined as (select {key} as key, {values} from expected e full join found f on {on})
        select key, measure, expected, found from ({pairs})
        where abs(expected - found) > {tolerance!r} * expected
        order by key, measure
        """
    ).fetchall()
    counted = lake.execute("select count(*) from expected").fetchone()
    compared = (int(counted[0]) if counted else 0) * len(measures)
    return compared, [Difference(figure, key, measure, e, f) for key, measure, e, f in rows]
