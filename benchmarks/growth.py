"""What passes leave on disk: in the lake, in its catalog, and in Dagster's storage.

Belongs here: passes as Dagster makes them, without the time between them, and the sizes of what they left. Does not:
seconds (measures.py).
"""

import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import psycopg
from dagster._core.scheduler.instigation import InstigatorType, TickData, TickStatus

from benchmarks.ground import SEED
from benchmarks.measures import change
from demo.history import fill, is_filled
from demo.postgres import embedded_server
from pipelines.definitions import build_definitions
from pipelines.event_log import write_events_in_batches
from pipelines.instance import write_instance
from pipelines.ops import PassesConfig
from warehouse import watch
from warehouse.refresh import refresh
from warehouse.settings import Settings

PASSES_A_DAY = 2_880
PASSES_A_RUN = 60
_MESSAGES, _DAYS, _ROWS_A_PASS = 2_000, 6, 12
_SHOWN_BYTES = 100_000

_SIZES = """
    select schemaname || '.' || relname, pg_total_relation_size(relid), n_live_tup from pg_stat_user_tables
"""


@dataclass(frozen=True)
class Sizes:
    """Bytes and rows by table (`lake files`: bytes and files), when so many passes had been made."""

    passes: int
    tables: dict[str, tuple[int, int]]


def growth(home: Path, passes: int) -> None:
    """Sizes on disk while so many passes are made, each over a few changed rows, by runs and sensors of Dagster."""
    with embedded_server(home) as server:
        url = server.url("corbi")
        if not is_filled(url):
            fill(url, messages=_MESSAGES, days=_DAYS, seed=SEED, now=datetime.now(UTC))
        settings = Settings(
            home=home,
            source_url=url,
            warehouse_url=server.url("warehouse"),
            dagster_url=server.url("dagster"),
            lake_path=str(home / "lake"),
            hash_key="benchmarks",
        )
        refresh(settings)
        dagster_home = write_instance(settings, home / "dagster").parent
        with dg.DagsterInstance.from_config(str(dagster_home)) as instance:
            _measure(settings, instance, passes)


def _measure(settings: Settings, instance: dg.DagsterInstance, passes: int) -> None:
    write_events_in_batches()
    warnings.simplefilter("ignore", dg.BetaWarning)
    _run(settings, instance, 1, 30.0)  # The first run of a Dagster storage marks what the lake holds already.
    seen, seconds = [_sizes(settings, 0)], 1.0
    marks = {max(1, round(passes * part / 3 / PASSES_A_RUN)) * PASSES_A_RUN for part in (1, 2, 3)}
    for made in range(PASSES_A_RUN, max(marks) + 1, PASSES_A_RUN):
        started = datetime.now(UTC)
        _run(settings, instance, PASSES_A_RUN, seconds)
        _tick(settings, instance, PASSES_A_RUN)
        seconds = (datetime.now(UTC) - started).total_seconds() / PASSES_A_RUN
        print(f"growth: {made:,} passes, {seconds:.2f} s each", flush=True)
        if made in marks:
            seen.append(_sizes(settings, made))
            _print(seen)


def _run(settings: Settings, instance: dg.DagsterInstance, most: int, seconds: float) -> None:
    """A run of the job `refresh`; what waits for time to pass waits as many passes as it does at one every 30 s."""
    part = seconds / settings.refresh_seconds
    hasty = settings.model_copy(
        update={
            "refresh_seconds": 0,
            "expire_grace_seconds": max(1, round(settings.expire_grace_seconds * part)),
            "delete_check_seconds": round(settings.delete_check_seconds * part),
        }
    )

    def moved(settings: Settings, _: str) -> bool:
        change(settings, _ROWS_A_PASS, recency=6)
        return True

    watch.moved_since = moved  # type: ignore[assignment]
    moved(settings, "")
    job = build_definitions(hasty, datetime.now(UTC).date()).resolve_job_def("refresh")
    job.execute_in_process(instance=instance, run_config=dg.RunConfig(ops={"make_passes": PassesConfig(most=most)}))


def _tick(settings: Settings, instance: dg.DagsterInstance, passes: int) -> None:
    """What the daemon writes of sensors while so many passes are made: every tick once begun and once ended."""
    repository = build_definitions(settings, datetime.now(UTC).date()).get_repository_def()
    for sensor in repository.sensor_defs:
        interval = sensor.minimum_interval_seconds or 30
        for _ in range(passes * settings.refresh_seconds // interval):
            data = TickData(
                instigator_origin_id=f"{sensor.name:0<40}",
                instigator_name=sensor.name,
                instigator_type=InstigatorType.SENSOR,
                status=TickStatus.STARTED,
                timestamp=datetime.now(UTC).timestamp(),
                selector_id=f"{sensor.name:0<40}",
            )
            tick = instance.create_tick(data).with_log_key(["__repository__", sensor.name, "1000000"])
            said = "Passes are being made by run 00000000-0000-0000-0000-000000000000."
            instance.update_tick(tick.with_status(TickStatus.SKIPPED, end_timestamp=data.timestamp).with_reason(said))


def _sizes(settings: Settings, passes: int) -> Sizes:
    tables: dict[str, tuple[int, int]] = {}
    for database in ("warehouse", "dagster"):
        with psycopg.connect(settings.required(f"{database}_url"), autocommit=True) as connection:
            connection.execute("select pg_stat_force_next_flush()")
            for name, size, rows in connection.execute(_SIZES):
                tables[f"{database}: {name.removeprefix('public.')}"] = (size, rows)
    files = [file.stat().st_size for file in Path(settings.required("lake_path")).rglob("*.parquet")]
    tables["lake files"] = (sum(files), len(files))
    logs = [file.stat().st_size for file in (settings.home / "dagster").rglob("*") if file.is_file()]
    tables["dagster: files"] = (sum(logs), len(logs))
    return Sizes(passes, tables)


def _print(seen: list[Sizes]) -> None:
    heads = "".join(f"{f'kB at {sizes.passes:,}':>14}" for sizes in seen)
    print(f"growth: {'table':<48}{heads}{'rows':>9}{'MB a day':>10}{'MB a year':>11}")
    first, last = seen[-2:]
    days = (last.passes - first.passes) / PASSES_A_DAY
    for name, (size, rows) in sorted(last.tables.items(), key=lambda item: -item[1][0]):
        if size < _SHOWN_BYTES:
            continue
        kilobytes = "".join(f"{sizes.tables.get(name, (0, 0))[0] / 1e3:>14,.0f}" for sizes in seen)
        a_day = (size - first.tables.get(name, (0, 0))[0]) / 1e6 / days
        print(f"growth: {name:<48}{kilobytes}{rows:>9,}{a_day:>10.1f}{a_day * 365:>11.0f}")
    for part in ("warehouse", "dagster", "lake"):
        totals = [
            sum(size for name, (size, _) in sizes.tables.items() if name.startswith(part)) / 1e6 for sizes in seen
        ]
        print(f"growth: {part} in all, MB: {', '.join(f'{total:,.1f}' for total in totals)}", flush=True)
