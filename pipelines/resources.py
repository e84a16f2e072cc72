"""What Dagster hands to ops, assets, checks and sensors.

Belongs here: building one plain, validated object. Does not: what is done with it.
"""

import dagster as dg

from warehouse.settings import Settings, load_settings


@dg.resource(description="Every setting of Corbi Monitoring, from the environment of the process that runs.")
def settings_resource(_context: dg.InitResourceContext) -> Settings:
    """The settings, read when a run or a sensor needs them. Raises SettingsError naming what can't work."""
    return load_settings()
