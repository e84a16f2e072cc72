"""`corbi-monitoring doctor`: is everything there that is needed?

Belongs here: which checks apply to these settings, and how findings are shown. Does not: the checks
(warehouse/doctor.py, alerts/health.py).
"""

from datetime import UTC, datetime
from functools import partial

import click

from alerts.health import check_alerts
from cli.composition import Composition, composed
from cli.output import print_json
from warehouse.doctor import CHECKS, Finding, check_source, check_stored_rows, examine
from warehouse.errors import SourceContractBrokenError
from warehouse.settings import load_settings


@click.command(short_help="Check connections, rights, versions, files, freshness.")
@click.option("--deep", is_flag=True, help="Read every file of the lake and compare its checksum (as every night).")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_context
def doctor(ctx: click.Context, deep: bool, as_json: bool) -> None:
    """Checks connections, rights, versions, files, freshness and alerts, and says what to do about each problem.

    Exit status 1 if anything is wrong.

    \b
    Examples:
      corbi-monitoring doctor
      corbi-monitoring doctor --deep
    """
    settings = load_settings()
    with composed(settings) as composition:
        findings = _findings(composition, deep=deep)
    if settings.source_url and not settings.secret_key:
        findings.append(
            Finding("API", "CORBI_SECRET_KEY is not set: no token of the platform will pass",
                    "Set it to the platform's secret key.")
        )  # fmt: skip
    if as_json:
        print_json([{"is_problem": finding.is_problem, **vars(finding)} for finding in findings])
    else:
        _print(findings)
    ctx.exit(1 if any(finding.is_problem for finding in findings) else 0)


def _findings(composition: Composition, *, deep: bool) -> list[Finding]:
    now, every = datetime.now(UTC), (*CHECKS, check_alerts)
    if deep:
        every = tuple(partial(check, deep=True) if check is check_stored_rows else check for check in every)
    try:
        composition.require_source_tables()
    except SourceContractBrokenError as error:
        checks = tuple(check for check in every if check is not check_source)
        unfilled = Finding("operational database", str(error), "corbi-monitoring demo")
        return [unfilled, *examine(composition.settings, now, checks)]
    return examine(composition.settings, now, every)


def _print(findings: list[Finding]) -> None:
    for finding in findings:
        click.echo(f"{'PROBLEM' if finding.is_problem else 'ok':<8} {finding.part}: {finding.text}")
        if finding.advice:
            click.echo(f"{'':<8} → {finding.advice}")
    problems = sum(finding.is_problem for finding in findings)
    click.echo("Everything is as it should be." if not problems else f"{problems} problem(s); see the arrows.")
