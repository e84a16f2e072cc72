"""What commands print: progress on stderr, results on stdout, as text or as JSON.

Belongs here: the form. Does not: which figures (the commands).
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime

import click
from pydantic_core import to_json

from warehouse.logs import writes_json
from warehouse.refresh import RefreshReport

logger = logging.getLogger(__name__)


def progress_lines() -> Callable[[str], None]:
    """Prints each line on stderr with the seconds since this call in front; logs it where logs are JSON."""
    started = time.monotonic()

    def tell(line: str) -> None:
        if writes_json():
            logger.info(line)
            return
        click.echo(f"[{time.monotonic() - started:6.1f} s] {line}", err=True)

    return tell


def print_json(value: object) -> None:
    """One JSON document: times in ISO 8601 with Z, days as yyyy-mm-dd."""
    click.echo(to_json(value, indent=2).decode())


def moment(at: datetime) -> str:
    """A time for people, in UTC."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def print_refresh(report: RefreshReport, *, as_json: bool) -> None:
    """What one pass did."""
    if as_json:
        print_json({"changed": report.extract.changed, "extract": report.extract, "rollup": report.rollup,
                    "compaction": report.compaction})  # fmt: skip
        return
    extract, rollup = report.extract, report.rollup
    kind = "first load" if extract.is_first_load else "sweep" if extract.is_sweep else "pass"
    click.echo(f"{kind} as of {moment(extract.as_of)}, read in {extract.seconds:.1f} s, watermark {extract.watermark}")
    for table in extract.tables:
        if table.read or table.deleted:
            click.echo(
                f"  {table.raw:<20} {table.read:>11,} read {table.changed:>11,} changed {table.deleted:>8,} deleted"
            )
    if extract.old_days:
        click.echo(
            f"  {len(extract.old_days)} days older than the raw rows were recomputed, "
            f"{extract.old_days[0]} to {extract.old_days[-1]}"
        )
    click.echo(
        f"rolled up {rollup.hours:,} hours of {len(rollup.days):,} days, {rollup.campaigns:,} campaigns, "
        f"{rollup.email_jobs:,} e-mail jobs; {rollup.new_templates:,} new error texts"
    )
    if rollup.trouble:
        click.echo(f"PROBLEM: {rollup.trouble}. The next pass tries again; all else is rolled up.")
    if extract.set_aside:
        click.echo(set_aside_line(extract.set_aside, extract.first_set_aside))
    if report.compaction:
        click.echo(f"compacted {report.compaction.files_before:,} files to {report.compaction.files_after:,}")


def set_aside_line(count: int, first: str) -> str:
    """What is said of rows that can't be used."""
    return f"{count:,} rows of the operational database are set aside, in no figure; {first}"
