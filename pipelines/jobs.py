"""The jobs: which steps make a run.

Belongs here: their order, configuration and tags. Does not: when they run (sensors.py, schedules.py), what a step does
(ops.py). Every run is one process: launching a run costs more than an ordinary pass.
"""

import dagster as dg

from pipelines.ops import (
    REFRESH,
    ExtractConfig,
    check_files,
    deliver,
    extract,
    forget_old_notices,
    forget_old_runs,
    make_passes,
    retain,
    roll_up,
)

ONE_AT_A_TIME = "corbi/one_at_a_time"
"""The tag by which the run queue limits runs to one for each of its values."""

_LONGEST_REFRESH_SECONDS = 4 * 3600
_LONGEST_DELIVERY_SECONDS = 600


@dg.job(
    name=REFRESH,
    executor_def=dg.in_process_executor,
    tags={ONE_AT_A_TIME: REFRESH, "dagster/max_runtime": str(_LONGEST_REFRESH_SECONDS)},
    description="Passes: each reads what changed in the operational database and recomputes what that touches. Started "
    "by hand it makes one, by the sensor so many as half an hour has place for.",
)
def refresh() -> None:
    """What changed, and the rollups of it, as often as is due."""
    make_passes()


@dg.job(
    executor_def=dg.in_process_executor,
    config=dg.RunConfig(ops={"extract": ExtractConfig(sweep=True)}),
    tags={"dagster/max_retries": "2"},
    description="Looks through all days for changes to old rows, then drops what is older than the settings keep, and "
    "compares the lake's files with their checksums.",
)
def retention() -> None:
    """A pass over everything that can be recomputed, before what is too old is dropped; then the files that are left
    are looked at, and old runs are forgotten."""
    retained = retain(rolled_up=roll_up(extracted=extract()))
    check_files(retained=retained)
    forget_old_runs(retained=retained)
    forget_old_notices(retained=retained)


@dg.job(
    executor_def=dg.in_process_executor,
    tags={"dagster/max_runtime": str(_LONGEST_DELIVERY_SECONDS)},
    description="Sends notifications of alerts that are due; what can't be sent is tried again later.",
)
def notify() -> None:
    """One pass over the outbox."""
    deliver()


verify = dg.define_asset_job(
    "verify",
    selection=dg.AssetSelection.all_asset_checks(),
    executor_def=dg.in_process_executor,
    description="Checks what must hold: raw tables equal the source, rollups equal raw tables, figures are fresh.",
)
