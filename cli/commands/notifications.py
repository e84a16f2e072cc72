"""`corbi-monitoring notifications`: whom alerts are told to, and what arrived.

Belongs here: its options, its subcommands and what they print. Does not: delivery (alerts/delivery/). No address but a
mail address, and no secret, is printed.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TextIO

import click

from alerts.delivery.overview import Overview, Standing, read_overview, requeue_failed
from alerts.delivery.run import DeliveryReport, deliver_due
from alerts.delivery.targets import Channel, Target, add_target, remove_target, stored_targets
from alerts.delivery.transports import transports
from alerts.delivery.trial import Trial, try_targets
from alerts.migrations import upgrade
from alerts.vocabulary import Severity
from cli.composition import composed
from cli.output import moment, print_json
from warehouse.lake.connection import connect_warehouse
from warehouse.settings import Settings, load_settings


@click.group(invoke_without_command=True, short_help="Show what alerts were told to whom; test, retry, add targets.")
@click.option(
    "--test", "is_test", is_flag=True, help="Send a test message to every target; exit status 1 if one fails."
)
@click.option("--retry", "is_retry", is_flag=True, help="Put failed messages back, to be sent at once.")
@click.option("--send", "is_send", is_flag=True, help="Send what is due now, as Dagster does.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def notifications(ctx: click.Context, is_test: bool, is_retry: bool, is_send: bool, as_json: bool) -> None:
    """Shows each target with its pending, sent and failed messages, its last error and the next attempt.

    \b
    Examples:
      corbi-monitoring notifications
      corbi-monitoring notifications --test
      corbi-monitoring notifications --retry
      corbi-monitoring notifications targets add 3 webhook - --minimum-severity critical
    """
    if ctx.invoked_subcommand:
        return
    with composed(load_settings()) as composition:
        settings, now = composition.settings, datetime.now(UTC)
        if is_test:
            trials = try_targets(settings, now, transports(settings))
            print_json(trials) if as_json else _print_trials(trials)
            ctx.exit(1 if any(trial.error for trial in trials) else 0)
        requeued = requeue_failed(settings, now) if is_retry else None
        report = deliver_due(settings, lambda: datetime.now(UTC), transports(settings)) if is_send else None
        overview = read_overview(settings)
    if as_json:
        print_json({"requeued": requeued, "sent": report, **vars(overview)})
    else:
        _print_done(requeued, report)
        _print_overview(overview)


@notifications.group(short_help="List, add and remove an organization's own targets.")
def targets() -> None:
    """An organization's own targets, besides those of the settings.

    \b
    Example:
      corbi-monitoring notifications targets list
    """


@targets.command("list", short_help="Every organization's targets, without their secrets.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_targets(as_json: bool) -> None:
    """Lists every organization's own targets.

    \b
    Example:
      corbi-monitoring notifications targets list
    """
    with _store() as settings, connect_warehouse(settings) as connection:
        found = stored_targets(connection)
    if as_json:
        print_json([{**_shown(target), "is_active": is_active} for target, is_active in found])
        return
    for target, is_active in found:
        click.echo(_line(target) + ("" if is_active else "  (switched off)"))
    if not found:
        click.echo("No organization has a target of its own.")


@targets.command("add", short_help="Tell an organization's alerts to an address.")
@click.argument("organization_id", type=int)
@click.argument("channel", type=click.Choice([channel.value for channel in Channel]))
@click.argument("address")
@click.option("--secret-file", type=click.File(), help="File that holds a webhook's signing key; - is standard input.")
@click.option(
    "--minimum-severity",
    type=click.Choice([severity.value for severity in Severity]),
    default="warn",
    show_default=True,
)
def add(organization_id: int, channel: str, address: str, secret_file: TextIO | None, minimum_severity: str) -> None:
    """Adds a target: CHANNEL is email, webhook or service (an Apprise URL). ADDRESS - is read from standard input.

    \b
    Examples:
      corbi-monitoring notifications targets add 3 email ops@example.com
      echo "$SLACK_URL" | corbi-monitoring notifications targets add 3 service -
      corbi-monitoring notifications targets add 3 webhook https://example.com/hook --secret-file key.txt
    """
    given = sys.stdin.readline().strip() if address == "-" else address
    secret = secret_file.read().strip() if secret_file else None
    with _store() as settings, connect_warehouse(settings) as connection:
        target = add_target(
            connection, organization_id, Channel(channel), given, secret=secret or None,
            minimum_severity=Severity(minimum_severity), now=datetime.now(UTC),
        )  # fmt: skip
    click.echo("added " + _line(target))


@targets.command("remove", short_help="Remove a target by its number.")
@click.argument("target_id", type=int)
def remove(target_id: int) -> None:
    """Removes a target; messages that wait for it count as failed.

    \b
    Example:
      corbi-monitoring notifications targets remove 4
    """
    with _store() as settings, connect_warehouse(settings) as connection:
        remove_target(connection, target_id)
    click.echo(f"removed target {target_id}")


@contextmanager
def _store() -> Iterator[Settings]:
    with composed(load_settings()) as composition:
        upgrade(composition.settings)
        yield composition.settings


def _shown(target: Target) -> dict[str, object]:
    return {
        "target": target.key,
        "organization_id": target.organization_id,
        "channel": target.channel,
        "address": target.label,
        "minimum_severity": target.minimum_severity,
        "is_signed": target.address.secret is not None,
    }


def _line(target: Target) -> str:
    signed = ", signed" if target.address.secret else ""
    return (
        f"{target.key}  organization {target.organization_id}  {target.channel}  {target.label}  "
        f"from {target.minimum_severity} on{signed}"
    )


def _print_trials(trials: Sequence[Trial]) -> None:
    for trial in trials:
        whose = "every organization" if trial.organization_id is None else f"organization {trial.organization_id}"
        click.echo(
            f"{'FAILED' if trial.error else 'ok':<8} {trial.name} ({whose}){f': {trial.error}' if trial.error else ''}"
        )
    if not trials:
        click.echo("No target is set: CORBI_ALERTS_EMAIL_TO, CORBI_ALERTS_WEBHOOK_URL, CORBI_ALERTS_NOTIFY_URLS, or an "
                   "organization's own (`notifications targets add`).")  # fmt: skip


def _print_done(requeued: int | None, report: DeliveryReport | None) -> None:
    if requeued is not None:
        click.echo(f"{requeued:,} failed messages were put back")
    if report is not None:
        click.echo(f"{report.sent:,} sent, {report.later:,} to be tried again, {report.failed:,} failed")


def _print_overview(overview: Overview) -> None:
    for standing in overview.targets:
        _print_standing(standing)
    if not overview.targets:
        click.echo("No target is set.")
    click.echo(f"notices: {overview.waiting:,} waiting, {overview.without_target:,} had nobody to tell")


def _print_standing(standing: Standing) -> None:
    whose = "" if standing.organization_id is None else f" (organization {standing.organization_id})"
    name = f"{standing.name}{whose}" if standing.name else f"{standing.target} (no longer there)"
    click.echo(f"{name}: {standing.pending:,} pending, {standing.sent:,} sent, {standing.failed:,} failed")
    if standing.next_attempt_at:
        click.echo(f"  next attempt {moment(standing.next_attempt_at)}")
    if standing.last_error:
        click.echo(f"  last error: {standing.last_error}")
    if standing.last_sent_at:
        click.echo(f"  last arrival {moment(standing.last_sent_at)}")
