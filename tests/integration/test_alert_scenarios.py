"""Each rule on the platform's own tables: it fires within its window, not just under its threshold, and clears.

All scenarios are organizations of one platform; the past is replayed every 5 minutes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from alerts import evaluate
from alerts.evaluate import find_all
from alerts.finding import Finding
from alerts.replay import Asked, Episode, replay
from alerts.thresholds import Thresholds, load_defaults
from alerts.vocabulary import Rule, Severity
from demo.schema import create_schema
from tests.integration.conftest import new_warehouse
from tests.integration.incident_writer import IncidentWriter, Stretch
from tests.integration.platform_writer import open_connection
from warehouse.facts.fact_lake import FactLake, held
from warehouse.lake.connection import open_lake
from warehouse.refresh import refresh
from warehouse.settings import Settings

NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
BREAK = NOW - timedelta(hours=6)
"""When every incident begins; before it is a week of ordinary traffic, where a rule needs one."""
WEEK = BREAK - timedelta(days=5)


@dataclass
class Played:
    """The organizations of each scenario, and the alerts that history would have raised."""

    settings: Settings
    fires: dict[Rule, int] = field(default_factory=dict)
    just_under: dict[Rule, int] = field(default_factory=dict)
    incident: int = 0
    episodes: list[Episode] = field(default_factory=list)
    day_later: list[Episode] = field(default_factory=list)

    def of(self, organization: int, rule: Rule) -> list[Episode]:
        return [
            e for e in self.episodes if e.fingerprint.organization_id == organization and e.fingerprint.rule is rule
        ]


def at_break(minutes: float, count: int, failed: int = 0) -> Stretch:
    return Stretch(BREAK, minutes, count, failed)


def usual(count: int, failed: int = 0) -> Stretch:
    return Stretch(WEEK, (BREAK - WEEK).total_seconds() / 60, count, failed)


def callback_failures(writer: IncidentWriter, organization: int, is_under: bool) -> None:
    writer.callbacks(organization, "whatsapp", at_break(20, 100, 13 if is_under else 30))


def delivery_failures(writer: IncidentWriter, organization: int, is_under: bool) -> None:
    writer.sends(organization, "telegram", at_break(20, 100, 18 if is_under else 60))


def delivery_failure_spike(writer: IncidentWriter, organization: int, is_under: bool) -> None:
    writer.sends(organization, "telegram", usual(1200, 12))
    writer.sends(organization, "telegram", at_break(20, 200, 6 if is_under else 18))


def bounces(writer: IncidentWriter, organization: int, is_under: bool) -> None:
    writer.emails(organization, at_break(20, 200, 9 if is_under else 12))


def bounce_spike(writer: IncidentWriter, organization: int, is_under: bool) -> None:
    writer.emails(organization, usual(1000, 5))
    writer.emails(organization, at_break(20, 400, 7 if is_under else 18))


def spam_complaints(writer: IncidentWriter, organization: int, is_under: bool) -> None:
    writer.emails(organization, at_break(20, 1200, 1 if is_under else 2), ending="spamreport")


def booking_errors(writer: IncidentWriter, organization: int, is_under: bool) -> None:
    writer.bookings(organization, at_break(30, 20, 7 if is_under else 10))


def assistant_errors(writer: IncidentWriter, organization: int, is_under: bool) -> None:
    writer.calls(organization, at_break(20, 100, 8 if is_under else 40))


def integration_missing(writer: IncidentWriter, organization: int, is_under: bool) -> None:
    writer.integration(organization, "instagram", is_active=is_under)
    writer.sends(organization, "instagram", at_break(10, 5))


def webhook_silence(writer: IncidentWriter, organization: int, is_under: bool) -> None:
    for part, replies in ((usual(2000), 2000), (at_break(90, 200), 30 if is_under else 0)):
        writer.sends(organization, "whatsapp", part)
        writer.callbacks(organization, "whatsapp", Stretch(part.start, part.minutes, replies))


def latency(writer: IncidentWriter, organization: int, is_under: bool) -> None:
    writer.callbacks(organization, "whatsapp", at_break(90, 180), latency_ms=3_400_000 if is_under else 11_000_000)


def platform_alerts(writer: IncidentWriter, organization: int, is_under: bool) -> None:
    if not is_under:
        writer.platform_alerts(organization, "send_failure", "whatsapp", at_break(20, 60, 50))


SCENARIOS: dict[Rule, tuple[Callable[[IncidentWriter, int, bool], None], Severity]] = {
    Rule.CALLBACK_FAILURES: (callback_failures, Severity.WARN),
    Rule.DELIVERY_FAILURES: (delivery_failures, Severity.CRITICAL),
    Rule.DELIVERY_FAILURE_SPIKE: (delivery_failure_spike, Severity.CRITICAL),
    Rule.BOUNCES: (bounces, Severity.WARN),
    Rule.BOUNCE_SPIKE: (bounce_spike, Severity.CRITICAL),
    Rule.SPAM_COMPLAINTS: (spam_complaints, Severity.WARN),
    Rule.BOOKING_ERRORS: (booking_errors, Severity.WARN),
    Rule.ASSISTANT_ERRORS: (assistant_errors, Severity.CRITICAL),
    Rule.INTEGRATION_MISSING: (integration_missing, Severity.WARN),
    Rule.WEBHOOK_SILENCE: (webhook_silence, Severity.CRITICAL),
    Rule.LATENCY: (latency, Severity.CRITICAL),
    Rule.PLATFORM_ALERTS: (platform_alerts, Severity.CRITICAL),
}
DAY_LONG = {Rule.BOUNCES, Rule.BOUNCE_SPIKE, Rule.SPAM_COMPLAINTS, Rule.BOOKING_ERRORS, Rule.INTEGRATION_MISSING}
"""Rules whose window reaches beyond the end of the replay: their clearing is replayed a day later."""


@pytest.fixture(scope="module")
def played(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Played:
    home = tmp_path_factory.mktemp("scenarios")
    settings = new_warehouse(new_database, home)
    create_schema(settings.required("source_url"))
    result = Played(settings)
    with open_connection(settings.required("source_url"), autocommit=True) as connection:
        writer = IncidentWriter(connection, NOW)
        for rule, (write, _) in SCENARIOS.items():
            channels = ("whatsapp", "email", "telegram")
            result.fires[rule], result.just_under[rule] = (writer.organization(integrated=channels) for _ in range(2))
            write(writer, result.fires[rule], False)
            write(writer, result.just_under[rule], True)
        result.incident = writer.organization()
        writer.sends(result.incident, "whatsapp", at_break(25, 10_000, 10_000))
        writer.sends(result.incident, "telegram", at_break(25, 100, 100))
        writer.platform_alerts(result.incident, "send_failure", "whatsapp", at_break(25, 10_000, 10_000))
    refresh(settings)
    with open_lake(settings, read_only=True) as lake:
        thresholds = Thresholds(load_defaults(), {})
        start = BREAK - timedelta(minutes=30)
        result.episodes = replay(lake, thresholds, Asked(start, NOW))
        for rule in DAY_LONG:
            asked = Asked(start, NOW + timedelta(hours=26), timedelta(hours=1), rule=rule)
            result.day_later += replay(lake, thresholds, asked)
    return result


@pytest.mark.parametrize("rule", SCENARIOS)
def test_it_fires_once_within_its_window_and_hold_time(rule: Rule, played: Played) -> None:
    (episode,) = played.of(played.fires[rule], rule)
    default = load_defaults()[rule]
    assert BREAK < episode.opened_at <= BREAK + timedelta(minutes=default.window_minutes + default.hold_minutes + 5)
    assert episode.severity is SCENARIOS[rule][1]


@pytest.mark.parametrize("rule", SCENARIOS)
def test_it_stays_quiet_just_under_its_threshold(rule: Rule, played: Played) -> None:
    assert played.of(played.just_under[rule], rule) == []


@pytest.mark.parametrize("rule", SCENARIOS)
def test_it_clears_by_itself_when_the_window_is_past(rule: Rule, played: Played) -> None:
    episodes = played.day_later if rule in DAY_LONG else played.episodes
    mine = [e for e in episodes if (e.fingerprint.organization_id, e.fingerprint.rule) == (played.fires[rule], rule)]
    assert [episode.resolved_at is not None for episode in mine] == [True]


def test_moments_judged_together_find_what_each_finds_by_itself(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate, "_AT_ONCE", 20)
    thresholds = Thresholds(load_defaults(), {})
    # On edges of buckets and beside them, in another order than time's, one twice.
    moments = [BREAK + timedelta(minutes=7 * number, seconds=number % 3) for number in range(-3, 40)]
    moments = [*moments[::-2], *moments]
    with open_lake(played.settings, read_only=True) as lake:
        each = [next(find_all(FactLake(lake), [moment], thresholds)) for moment in moments]
        with held(lake, min(moments), max(moments)) as facts:
            together = list(find_all(facts, moments, thresholds))
    assert {finding.fingerprint.rule for findings in each for finding in findings} == set(SCENARIOS)
    assert [in_order(findings) for findings in together] == [in_order(findings) for findings in each]


def in_order(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: finding.fingerprint)


def test_ten_thousand_failed_messages_are_one_alert_a_rule_and_channel(played: Played) -> None:
    failures = played.of(played.incident, Rule.DELIVERY_FAILURES)
    assert sorted((e.fingerprint.channel, e.count) for e in failures) == [("telegram", 100), ("whatsapp", 10_000)]
    (grouped,) = played.of(played.incident, Rule.PLATFORM_ALERTS)
    assert (grouped.count, grouped.fingerprint.subject) == (10_000, "send_failure")
