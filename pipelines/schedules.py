"""When jobs run by the clock.

Belongs here: the times. Does not: what reacts to the source (sensors.py).
"""

import dagster as dg

from pipelines.jobs import retention, verify

nightly_retention = dg.ScheduleDefinition(
    name="nightly_retention",
    job=retention,
    cron_schedule="20 1 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every night at 01:20 UTC.",
)

hourly_verify = dg.ScheduleDefinition(
    name="hourly_verify",
    job=verify,
    cron_schedule="40 * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every hour, at minute 40.",
)
