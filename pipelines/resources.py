"""What Dagster hands to ops, assets, checks and sensors, by the name of their parameter.

Belongs here: plain, validated objects. Does not: what is done with them.
"""

from warehouse.settings import Settings


def resources(settings: Settings) -> dict[str, object]:
    """`settings`: every setting, as the process read it when it loaded the definitions (each run is a new process)."""
    return {"settings": settings}
