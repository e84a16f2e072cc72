"""`corbi-monitoring demo`: everything at once, on made-up data.

Belongs here: its options, and the order of the steps. Does not: the steps (cli/demonstration.py).
"""

import click

from cli.composition import composed, refuse_real_source
from cli.demonstration import History, prepare, print_figures, require_ports, run_live
from cli.output import progress_lines
from warehouse.settings import load_settings


@click.command(short_help="Everything at once, on made-up data.")
@click.option("--messages", type=click.IntRange(min=1), default=200_000, show_default=True, metavar="N",
              help="Outbound messages of the history.")  # fmt: skip
@click.option("--days", type=click.IntRange(1, 1500), default=30, show_default=True, help="Days of the history.")
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same history.")
@click.option("--rate", type=click.FloatRange(0, 1000), help="Live messages a second  [default: CORBI_TRAFFIC_RATE]")
@click.option("--once", is_flag=True, help="Prepare, load, roll up, verify, print the figures and exit.")
@click.option("--json", "as_json", is_flag=True, help="With --once: print the figures as JSON.")
@click.pass_context
def demo(
    ctx: click.Context, *, messages: int, days: int, seed: int, rate: float | None, once: bool, as_json: bool
) -> None:
    """Fills a made-up operational database, loads the warehouse, and starts the dashboards, the API,
    Dagster and live traffic.

    --messages, --days and --seed shape the history when there is none yet; a later start goes on with the same data.
    Ctrl-C stops everything. All of it lives under CORBI_HOME.

    \b
    Examples:
      corbi-monitoring demo
      corbi-monitoring demo --once --messages 20000 --json
    """
    if as_json and not once:
        raise click.UsageError("--json goes with --once.")
    settings = load_settings()
    refuse_real_source(settings)
    if rate is not None:
        settings = settings.model_copy(update={"traffic_rate": rate})
    if not once:
        require_ports(settings)
    tell = progress_lines()
    with composed(settings) as composition:
        prepare(composition.settings, History(messages=messages, days=days, seed=seed), tell)
        if not once:
            run_live(composition, tell)
            return
        is_equal = print_figures(composition.settings, tell, as_json=as_json)
    ctx.exit(0 if is_equal else 1)
