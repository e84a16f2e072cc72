"""Recomputing by hand: what a run does that somebody starts for some days (or for tables that have no days).

Belongs here: the raw tables and rollups as assets that can be materialized. Does not: the regular passes (jobs.py).
Assets with the same days are written together: the run re-reads its days whole, recomputes every rollup of them, and
also reports the days of other assets that changed by it. It may be repeated as often as one likes.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

import dagster as dg

from pipelines.assets.raw import raw_specs
from pipelines.assets.rollups import rollup_specs
from pipelines.event_log import log_events
from pipelines.materializations import extract_metadata, refresh_materializations, rollup_metadata
from pipelines.ops import WRITERS
from pipelines.partitions import days_of_run
from warehouse.backfill import backfill
from warehouse.refresh import RefreshReport, refresh
from warehouse.settings import Settings
from warehouse.source.reading import Request


def recomputable_assets(settings: Settings, today: date) -> list[dg.AssetsDefinition]:
    """Every raw table and rollup, those of one layer with the same days in one step."""
    layers: dict[tuple[str, dg.PartitionsDefinition[str] | None], list[dg.AssetSpec]] = {}
    for spec in (*raw_specs(settings, today), *rollup_specs(settings, today)):
        layers.setdefault((spec.key.path[0], spec.partitions_def), []).append(spec)
    return [
        _days_asset(f"recompute_{layer}_of_{(today - window.start.date()).days}_days", specs)
        if isinstance(window, dg.DailyPartitionsDefinition)
        else _whole_asset(f"recompute_{layer}_without_days", specs)
        for (layer, window), specs in layers.items()
    ]


def _days_asset(name: str, specs: Sequence[dg.AssetSpec]) -> dg.AssetsDefinition:
    @dg.multi_asset(name=name, specs=specs, pool=WRITERS, backfill_policy=dg.BackfillPolicy.single_run())
    def recompute(
        context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]
    ) -> Iterator[dg.MaterializeResult[None]]:
        first, last = days_of_run(context)
        yield from _results(context, settings, backfill(settings, first, last, context.log.info))

    return recompute


def _whole_asset(name: str, specs: Sequence[dg.AssetSpec]) -> dg.AssetsDefinition:
    @dg.multi_asset(name=name, specs=specs, pool=WRITERS)
    def recompute(
        context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]
    ) -> Iterator[dg.MaterializeResult[None]]:
        yield from _results(context, settings, refresh(settings, Request(compare_ids=True), context.log.info))

    return recompute


def _results(
    context: dg.AssetExecutionContext, settings: Settings, report: RefreshReport
) -> Iterator[dg.MaterializeResult[None]]:
    now, chosen = datetime.now(UTC), context.selected_asset_keys
    metadata = {
        **rollup_metadata(report.rollup, report.extract.as_of, now),
        **extract_metadata(report.extract, now),
    }
    log_events(
        context, (event for event in refresh_materializations(report, settings) if event.asset_key not in chosen)
    )
    for key in sorted(chosen):
        yield dg.MaterializeResult(asset_key=key, metadata=metadata)
