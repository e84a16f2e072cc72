"""`corbi-monitoring alerts`: what is wrong, what would have been, and acting on it.

Belongs here: its subcommands' options and their output. Does not: rules and the store (alerts/).
"""

import sys
from datetime import UTC, datetime, timedelta

import click

from alerts.database import store
from alerts.evaluate import evaluate_organizations
from alerts.feed import Filter, read_alerts
from alerts.lifecycle import Action, ConflictError
from alerts.migrations import upgrade
from alerts.model import Alert
from alerts.overrides import read_thresholds
from alerts.replay import Asked, Episode
from alerts.replay import replay as run_replay
from alerts.store import act
from alerts.thresholds import load_defaults
from alerts.vocabulary import Rule, Severity, Status
from cli.composition import composed
from cli.output import moment, print_json
from warehouse.errors import BadRequestError
from warehouse.lake.connection import open_lake
from warehouse.queries.window import UTC_ZONE, in_utc
from warehouse.settings import load_settings

RULES = click.Choice([rule.value for rule in Rule])


class UtcMoment(click.ParamType[datetime]):
    """A day or a time written in ISO 8601; without a zone it is UTC."""

    name = "YYYY-MM-DD[THH:MM]"

    def convert(self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment. Fails naming what was given and what is wanted."""
        try:
            at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a time: write it as 2026-11-24 or 2026-11-24T08:30.", param, ctx)
        return in_utc(at, UTC_ZONE)


@click.group(short_help="What is wrong, what would have been, acting on it.")
def alerts() -> None:
    """Alerts that rules raised over the figures; docs/alerts.md explains each rule.

    \b
    Examples:
      corbi-monitoring alerts list --status open
      corbi-monitoring alerts replay --from 2026-11-01 --to 2026-11-08
    """


@alerts.command(name="list")
@click.option("--organization", type=int, help="Only this organization; 0 is the monitoring itself.")
@click.option("--status", type=click.Choice([status.value for status in Status]), help="Only this status.")
@click.option("--severity", type=click.Choice([severity.value for severity in Severity]), help="Only this severity.")
@click.option("--rule", type=RULES, help="Only this rule.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_alerts(
    *, organization: int | None, status: str | None, severity: str | None, rule: str | None, limit: int, as_json: bool
) -> None:
    """The newest alerts.

    \b
    Example:
      corbi-monitoring alerts list --status open --severity critical
    """
    wanted = Filter(
        organizations=None if organization is None else (organization,),
        status=Status(status) if status else None,
        severity=Severity(severity) if severity else None,
        rule=Rule(rule) if rule else None,
    )
    with composed(load_settings()) as composition, store(composition.settings) as engine:
        upgrade(composition.settings)
        page = read_alerts(engine, wanted, limit=limit)
    if as_json:
        print_json([{c.name: getattr(alert, c.name) for c in Alert.__table__.columns} for alert in page.alerts])
        return
    for alert in page.alerts:
        click.echo(
            f"{alert.id:>6}  {moment(alert.created_at)}  {alert.severity:<8} {alert.status:<8} "
            f"organization {alert.organization_id:<6} {alert.rule:<22} {alert.title}"
        )
    click.echo(f"{len(page.alerts):,} of {page.total:,} alerts")


@alerts.command()
@click.argument("alert_id", type=int)
@click.argument("action", type=click.Choice([Action.ACK.value, Action.RESOLVE.value, Action.REOPEN.value]))
@click.option("--organization", type=int, default=0, show_default=True, help="Whose alert; 0 is the monitoring itself.")
@click.option("--note", default="", help="Why; it stands in the alert's history.")
def change(*, alert_id: int, action: str, organization: int, note: str) -> None:
    """Acks, resolves or reopens an alert. Alerts of the monitoring itself can be acted on here only.

    \b
    Example:
      corbi-monitoring alerts change 17 ack --note "The database is being restored"
    """
    with composed(load_settings()) as composition, store(composition.settings) as engine:
        upgrade(composition.settings)
        try:
            alert = act(engine, organization, alert_id, Action(action), actor_id=None, at=datetime.now(UTC), note=note)
        except ConflictError as conflict:
            raise BadRequestError(str(conflict)) from None
    click.echo(f"{alert.id} is {alert.status}")


@alerts.command()
def evaluate() -> None:
    """Judges all organizations once by the figures the lake holds, as Dagster's sensor does after each pass."""
    with composed(load_settings()) as composition:
        upgrade(composition.settings)
        report = evaluate_organizations(composition.settings, datetime.now(UTC))
    click.echo(str(report))


@alerts.command()
@click.option("--from", "start", type=UtcMoment(), required=True, help="First moment, UTC.")
@click.option("--to", "end", type=UtcMoment(), required=True, help="Moment at which to stop, UTC.")
@click.option("--organization", type=int, help="Only this organization.")
@click.option("--rule", type=RULES, help="Only this rule.")
@click.option("--every", type=click.IntRange(5, 1440), default=5, show_default=True, metavar="MINUTES",
              help="Minutes between two evaluations, a multiple of 5.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def replay(
    *, start: datetime, end: datetime, organization: int | None, rule: str | None, every: int, as_json: bool
) -> None:
    """Runs the rules over history with today's thresholds and prints what would have fired. Changes nothing.

    Rows are judged as they are known today, integrations as they are now.

    \b
    Example:
      corbi-monitoring alerts replay --from 2026-11-01 --to 2026-11-08 --rule latency
    """
    if every % 5:
        raise click.BadParameter("figures come in buckets of 5 minutes: give a multiple of 5.", param_hint="--every")
    asked = Asked(start, end, timedelta(minutes=every), organization, Rule(rule) if rule else None)
    with composed(load_settings()) as composition, store(composition.settings) as engine:
        upgrade(composition.settings)
        thresholds = read_thresholds(engine, load_defaults(composition.settings.alert_thresholds))
        shown = click.progressbar(length=len(asked.moments()), label="Judging", file=sys.stderr)
        with open_lake(composition.settings, read_only=True) as lake, shown as bar:
            episodes = run_replay(lake, thresholds, asked, bar.update)
    if as_json:
        print_json(episodes)
        return
    for episode in episodes:
        click.echo(_line(episode))
    click.echo(f"{len(episodes):,} alerts would have opened")


def _line(episode: Episode) -> str:
    organization_id, rule, _, _ = episode.fingerprint
    end = f"{episode.resolved_at:%m-%d %H:%M}" if episode.resolved_at else "still open "
    again = f", {episode.reopened}x reopened" if episode.reopened else ""
    return (
        f"{episode.opened_at:%m-%d %H:%M} to {end}  {episode.severity:<8} organization {organization_id:<6} "
        f"{rule:<22} {episode.title} (limit {episode.threshold:g}, {episode.origin}{again})"
    )
