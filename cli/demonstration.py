"""What the demonstration does, step by step.

Belongs here: the history, the first load, the services, and what is told about them. Does not: options
(commands/demo.py), how a process is watched (demo/services.py).
"""

import fcntl
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from alerts.catch_up import catch_up
from alerts.database import store
from alerts.migrations import upgrade
from api.routes.metrics import metrics_out
from api.schemas.shared import WindowParameters
from api.serving.alert_counts import alert_counts_in
from cli.commands.dashboards import dashboard_url
from cli.commands.token import demo_token
from cli.commands.verify import print_verify, verify_document
from cli.composition import Composition, environment_of
from cli.output import moment, print_json
from demo.history import fill, is_filled
from demo.people import BIGGEST_ORGANIZATION_ID, organization_name
from demo.services import Service, Services, require_free_port
from warehouse.errors import SettingsError
from warehouse.queries.lakes import OrganizationLakes
from warehouse.queries.metrics import read_metrics
from warehouse.queries.scope import Organization
from warehouse.queries.window import Range
from warehouse.refresh import refresh
from warehouse.settings import Settings
from warehouse.verify import verify

Progress = Callable[[str], None]

DAGSTER_HOST = "127.0.0.1"
TOKEN_SECONDS = 12 * 3600
ALERTS_OF = timedelta(days=4)
"""How much of the made-up past has alerts when the demonstration begins."""
CODE = "pipelines.definitions"


@dataclass(frozen=True)
class History:
    """The made-up past of the operational database."""

    messages: int
    days: int
    seed: int


def require_ports(settings: Settings) -> None:
    """Raises PortInUseError when a service couldn't listen where it should."""
    require_free_port(settings.dashboard_host, settings.dashboard_port, "CORBI_DASHBOARD_PORT")
    require_free_port(settings.api_host, settings.api_port, "CORBI_API_PORT")
    require_free_port(DAGSTER_HOST, settings.dagster_port, "CORBI_DAGSTER_PORT")


def prepare(settings: Settings, history: History, tell: Progress) -> None:
    """Fills the embedded operational database if it is empty, then brings the warehouse up to it.

    Raises what `refresh` raises.
    """
    source_url = settings.required("source_url")
    if is_filled(source_url):
        tell(f"going on with the data in {settings.home} (remove that folder to begin anew)")
    else:
        tell(f"writing {history.days} days of history with {history.messages:,} messages (seed {history.seed})")
        filled = fill(
            source_url,
            messages=history.messages,
            days=history.days,
            seed=history.seed,
            now=datetime.now(UTC),
            progress=tell,
        )
        tell(f"{sum(filled.rows.values()):,} rows in {len(filled.rows)} tables, in {filled.seconds:.1f} s")
    report = refresh(settings, progress=tell)
    kind = "loaded" if report.extract.is_first_load else "changed since the last time"
    tell(
        f"{report.extract.changed:,} rows {kind}, {report.rollup.hours:,} hours rolled up, "
        f"{_mebibytes(Path(settings.required('lake_path'))):,.1f} MiB of lake files"
    )
    upgrade(settings)
    if report.extract.is_first_load:
        catch_up(settings, ALERTS_OF, timedelta(minutes=45))
        tell("judged the last days: `corbi-monitoring alerts list` shows what it raised")


def run_live(composition: Composition, tell: Progress) -> None:
    """Starts the services and watches them, and the embedded PostgreSQL, until a signal asks to stop.

    Raises ServiceFailedError when one of them ends by itself; all are stopped then too.
    """
    settings = composition.settings
    with _only_one(settings.home), _stop_requests() as stop, Services(settings.home / "logs") as services:
        api, dashboards = _api(settings), _dashboards(settings)
        for service in (dashboards, api):
            services.start(service)
        pipelines = _pipelines(settings)
        if services.await_ready(dashboards, stop.is_set):
            tell(f"the dashboards answer at {dashboard_url(settings)}/")
        if services.await_ready(api, stop.is_set):
            tell(f"the API answers at http://{settings.api_host}:{settings.api_port}/")
            _print_curl(settings)
        for service in pipelines:
            services.start(service)
        if all(services.await_ready(service, stop.is_set) for service in pipelines):
            tell(f"Dagster answers at http://{DAGSTER_HOST}:{settings.dagster_port}/")
            _print_ready(settings)
        while not stop.wait(1.0):
            if composition.revive():
                tell(f"PostgreSQL had ended and was started again; its log is {settings.home / 'postgres' / 'log'}")
            services.check()
        tell("stopping")
    tell("stopped; `corbi-monitoring demo` goes on with the same data")


def print_figures(settings: Settings, tell: Progress, *, as_json: bool) -> bool:
    """Verifies, prints the biggest organization's overview as the API gives it; returns whether every figure agrees."""
    report = verify(settings, tell)
    organization = Organization(BIGGEST_ORGANIZATION_ID)
    asked = WindowParameters(range=Range.LAST_30_DAYS)
    with store(settings) as engine:
        alerts = alert_counts_in(engine, organization)
    with closing(OrganizationLakes(settings)) as lakes, lakes.of(organization) as lake:
        overview, as_of = metrics_out(lake, read_metrics(lake, asked.asked()), alerts, asked), lake.as_of
    if as_json:
        name = organization_name(organization.id)
        figures = {**overview.model_dump(), "as_of": as_of}
        document = {"organization": name, "metrics": figures, "verify": verify_document(report)}
        print_json(document)
        return report.is_equal
    click.echo(f"{organization_name(organization.id)}, as of {moment(as_of)}")
    click.echo(f"  {'channel':<10} {'outbound':>10} {'delivered':>10} {'failed':>8} {'inbound':>9} {'p95 ms':>8}")
    for name, channel in overview.channels.items():
        counts, latency = channel.total, overview.callback_latency[name].p95_ms
        click.echo(
            f"  {name:<10} {counts.outbound:>10,} {counts.delivered:>10,} {counts.failed:>8,} {counts.inbound:>9,} "
            f"{'-' if latency is None else f'{latency:,.0f}':>8}"
        )
    print_verify(report, as_json=False)
    return report.is_equal


def _api(settings: Settings) -> Service:
    url = f"http://{settings.api_host}:{settings.api_port}/healthz"
    return Service("API", _command("api"), environment_of(settings), probe=url)


def _dashboards(settings: Settings) -> Service:
    url = f"http://{settings.dashboard_host}:{settings.dashboard_port}/healthz"
    return Service("Dashboards", (*_command("dashboards"), "--demo-sign-in"), _without_source(settings), probe=url)


def _pipelines(settings: Settings) -> tuple[Service, ...]:
    """Dagster, and the live traffic that gives it something to do."""
    environment = environment_of(settings) | {"DAGSTER_HOME": str(_dagster_home(settings))}
    python, port = sys.executable, str(settings.dagster_port)
    process = (python, "-m", "pipelines.process")
    webserver = (*process, "webserver", "--host", DAGSTER_HOST, "--port", port, "--module-name", CODE)
    daemon = (*process, "daemon", "--module-name", CODE)
    dagster = (
        Service("Dagster webserver", webserver, environment, probe=f"http://{DAGSTER_HOST}:{port}/server_info"),
        Service("Dagster daemon", daemon, environment),
    )
    if not settings.traffic_rate:
        return dagster
    return (*dagster, Service("Live traffic", _command("traffic"), _without_source(settings)))


def _without_source(settings: Settings) -> dict[str, str]:
    """For what must work on the embedded database alone: it finds that by itself, and refuses to start with a URL."""
    return {name: value for name, value in environment_of(settings).items() if name != "CORBI_SOURCE_URL"}


def _command(name: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "cli.main", name)


def _dagster_home(settings: Settings) -> Path:
    # Only this step needs Dagster in this process, and importing it takes longer than all of `--once` else does.
    from pipelines.instance import close_lost_runs_in, write_instance  # noqa: PLC0415

    home = write_instance(settings, settings.home / "dagster").parent
    close_lost_runs_in(home)
    return home


def _print_curl(settings: Settings) -> None:
    token = demo_token(settings, "admin", TOKEN_SECONDS)
    url = f"http://{settings.api_host}:{settings.api_port}/api/metrics/"
    click.echo(f"\n  curl -H 'Authorization: Bearer {token}' {url}\n")


def _print_ready(settings: Settings) -> None:
    click.echo(
        f"""
  Dashboards {dashboard_url(settings)}/    (one click signs you in)
  API        http://{settings.api_host}:{settings.api_port}/api/docs/
  Dagster    http://{DAGSTER_HOST}:{settings.dagster_port}/
  logs       {settings.home / "logs"}

  The curl above speaks as admin of {organization_name(BIGGEST_ORGANIZATION_ID)} for {TOKEN_SECONDS // 3600} hours;
  `corbi-monitoring token --user viewer` gives another token. {settings.traffic_rate:g} messages a second are written;
  a pass brings them to the warehouse every {settings.refresh_seconds} s. Ctrl-C stops everything.
"""
    )


@contextmanager
def _only_one(home: Path) -> Iterator[None]:
    """Holds the folder's lock. Raises SettingsError while another demonstration runs on the same folder."""
    descriptor = os.open(home / "demo.lock", os.O_CREAT | os.O_RDWR, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise SettingsError(
            f"A demonstration runs on {home} already: stop it, or set CORBI_HOME to another folder."
        ) from error
    finally:
        os.close(descriptor)


@contextmanager
def _stop_requests() -> Iterator[threading.Event]:
    """An event that SIGINT, SIGTERM and SIGHUP set; more of them change nothing, so stopping is never cut short."""
    requested = threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: requested.set()) for number in numbers}
    try:
        yield requested
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _mebibytes(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*.parquet")) / 2**20
