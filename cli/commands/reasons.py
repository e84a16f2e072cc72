"""`corbi-monitoring reasons`: what error texts are taken for, and why.

Belongs here: its options, where the texts come from, and how they are shown. Does not: the rules and their explanation
(warehouse/failure_reasons/).
"""

import sys
from dataclasses import asdict

import click

from cli.composition import composed
from cli.output import print_json
from warehouse.channels import channel_of
from warehouse.failure_reasons import Explained, explain, unknown_by_count
from warehouse.lake.connection import open_lake
from warehouse.rollups.templates import counted_templates
from warehouse.settings import Settings, load_settings


class ChannelName(click.ParamType[str]):
    """The name of a channel, whichever there is."""

    name = "TEXT"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name. Fails saying what one looks like."""
        try:
            return channel_of(value)
        except ValueError as error:
            self.fail(f"{value!r} is no channel: {error}.", param, ctx)


@click.command(short_help="Say what error texts are taken for, and by which rule.")
@click.option(
    "--channel", type=ChannelName(), help="Of which channel the texts are (whatsapp, sms, …); else any may be meant."
)
@click.option("--unknown", is_flag=True, help="Only the texts that no rule knows, masked, the most frequent first.")
@click.option("--from-warehouse", is_flag=True, help="The texts that the warehouse holds, instead of standard input.")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
def reasons(channel: str | None, unknown: bool, from_warehouse: bool, as_json: bool) -> None:
    """Reads error texts from standard input, one a line, and prints each one's reason, code, rule and source.

    The texts are masked first, as in production. What --unknown lists are candidates for a rule of your own
    (CORBI_FAILURE_RULES, docs/failure-reasons.md).

    \b
    Example:
      echo "550 5.2.2 over quota" | corbi-monitoring reasons --channel email
      corbi-monitoring reasons --from-warehouse --unknown
    """
    settings = load_settings()
    found = _of_warehouse(settings, channel) if from_warehouse else _of_input(channel)
    if unknown:
        found = unknown_by_count(found)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        click.echo(_counted(one) if unknown or from_warehouse else _line(one))


def _of_input(channel: str | None) -> list[Explained]:
    if sys.stdin.isatty():
        raise click.UsageError(
            "standard input is a terminal: pipe error texts into this command, one a line, or ask for those of the "
            "warehouse with --from-warehouse."
        )
    return [explain(text, channel) for line in sys.stdin if (text := line.rstrip("\n"))]


def _of_warehouse(settings: Settings, channel: str | None) -> list[Explained]:
    with composed(settings) as composition, open_lake(composition.settings, read_only=True) as lake:
        counted = counted_templates(lake)
    return [explain(one.template, one.channel, one.failed) for one in counted if channel in (None, one.channel)]


def _line(one: Explained) -> str:
    by = f"{one.rule} ({one.source})" if one.rule else "no rule"
    code = f" [{one.provider_code}]" if one.provider_code else ""
    return f"{one.reason.value}/{one.code}{code}  {one.template}\n    by {by}"


def _counted(one: Explained) -> str:
    return f"{one.count:>9,}  {one.channel or 'any channel':<11}  {one.reason.value:<10}  {one.template}"
