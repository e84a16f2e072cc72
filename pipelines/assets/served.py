"""What the warehouse is there for: the figures that the API, the alerts and the dashboards read.

Belongs here: one external asset at the end of the lineage, to which the checks belong. Does not: the figures
(warehouse/queries/). It is never materialized: a check of an asset counts as not made as soon as the asset is written
again, and the tables are written every half minute.
"""

from collections.abc import Iterable

import dagster as dg

FIGURES_KEY = dg.AssetKey(["served", "figures"])


def served_asset(made_of: Iterable[dg.AssetKey]) -> dg.AssetSpec:
    """The figures, downstream of all that they are made of."""
    return dg.AssetSpec(
        FIGURES_KEY,
        deps=sorted(made_of),
        group_name="served",
        description="Every figure that the API, the alerts and the dashboards show. Its checks say whether they are "
        "true: raw tables equal the source, rollups equal raw tables, and all of it is fresh.",
        kinds={"flask"},
    )
