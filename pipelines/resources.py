"""What Dagster hands to ops, assets, checks and sensors, by the name of their parameter.

Belongs here: plain, validated objects. Does not: what is done with them.
"""

from collections.abc import Iterator

import dagster as dg

from warehouse.logs import bound
from warehouse.settings import Settings


def resources(settings: Settings) -> dict[str, object]:
    """`settings`: every setting, as the process read it when it loaded the definitions (each run is a new process).

    What a run's process logs while it has them says which run it is.
    """

    @dg.resource
    def settings_of_run(context: dg.InitResourceContext) -> Iterator[Settings]:
        with bound(**({"run_id": context.run.run_id} if context.run else {})):
            yield settings

    return {"settings": settings_of_run}
