"""The words of a message, the same in every channel.

Belongs here: what is said of an alert and in which order. Does not: its form (letter.py, webhook.py, services.py).
"""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from alerts.notify.message import AlertState, Item, Links, Message
from alerts.outbox import NoticeKind
from alerts.vocabulary import OPERATIONS, Severity, named

_NO_BREAK = "\N{NO-BREAK SPACE}"
_BREAKS = {"Cc", "Cs", "Zl", "Zp"}
_TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
_SAID = {
    Severity.INFO: "Info",
    Severity.WARN: "Warning",
    Severity.CRITICAL: "Critical",
}


def one_line(text: str) -> str:
    """Text of others on one line: line breaks, controls and what turns the direction of writing become one blank."""
    calm = "".join(" " if _is_control(character) else character for character in text)
    return " ".join(filter(None, calm.split(" ")))


def latest(items: Sequence[Item]) -> list[Item]:
    """The last notice of each alert: what is still wrong first, worst first, then what is over."""
    last = {item.alert.id: item for item in items}
    return sorted(last.values(), key=lambda item: (is_over(item), -item.alert.severity.rank, item.at, item.alert.id))


def is_over(item: Item) -> bool:
    """Whether the notice is the all-clear."""
    return item.kind is NoticeKind.RESOLVED


def headline(message: Message) -> str:
    """One line: what it is about. The organization's name stands in front of it (`subject`)."""
    if message.is_test:
        return "Test: notifications arrive here"
    first, *others = latest(message.items)
    more = f", and {len(others)} more" if others else ""
    return one_line(f"{state(first)} - {first.alert.title}{_how_long(first)}{more}")


def subject(message: Message) -> str:
    """The headline with the organization's name in front, on one line."""
    return " ".join(one_line(f"[{message.organization}] {headline(message)}").split())


def state(item: Item) -> str:
    """What the alert is now, in a word or two."""
    said = _SAID[item.alert.severity]
    match item.kind:
        case NoticeKind.RESOLVED:
            return "Resolved"
        case NoticeKind.ESCALATED:
            return f"{said}, still not acknowledged"
        case NoticeKind.REOPENED:
            return f"{said}, again"
        case NoticeKind.SEVERITY_RAISED:
            return f"Now {said[0].lower()}{said[1:]}"
        case NoticeKind.OPENED:
            return said


@dataclass(frozen=True)
class Measure:
    """The figure an alert is about beside its limit. The shares are lengths in a bar of length 1."""

    label: str
    value: str
    limit: str
    share: float
    limit_share: float


def measure(item: Item) -> Measure:
    """The value now; of an alert that is over, the worst it was."""
    alert = item.alert
    value = alert.peak if is_over(item) else alert.value
    whole = max(value, alert.threshold, 0.0) * 1.12 or 1.0
    return Measure(
        label="Peak" if is_over(item) else "Value",
        value=figure(alert, value),
        limit=figure(alert, alert.threshold),
        share=min(1.0, max(0.0, value / whole)),
        limit_share=min(1.0, max(0.0, alert.threshold / whole)),
    )


def facts(item: Item) -> list[tuple[str, str]]:
    """Label and text of what is known besides the measure, in the order people ask for it."""
    alert = item.alert
    if is_over(item):
        told = [("Lasted", duration(item.at - alert.first_seen)), ("From", moment(alert.first_seen)),
                ("Until", moment(item.at))]  # fmt: skip
    else:
        lasts = item.at - alert.first_seen
        told = [
            ("Since", moment(alert.first_seen) + (f" ({duration(lasts)})" if lasts >= timedelta(minutes=1) else ""))
        ]
        if alert.peak != alert.value:
            told.append(("Peak", figure(alert, alert.peak)))
    if alert.channel:
        told.append(("Channel", named(alert.channel)))
    if alert.count:
        told.append(("Affected", f"{alert.count:,}"))
    if item.event.note:
        told.append(("Note", item.event.note))
    return [(one_line(label), one_line(text)) for label, text in told + samples(alert)]


def summary(items: Sequence[Item]) -> str:
    """How many alerts of each state: 1 critical, 2 warnings, 3 resolved."""
    over = sum(is_over(item) for item in items)
    counts = Counter(item.alert.severity for item in items if not is_over(item))
    warnings = "warning" if counts[Severity.WARN] == 1 else "warnings"
    parts = ((counts[Severity.CRITICAL], "critical"), (counts[Severity.WARN], warnings),
             (counts[Severity.INFO], "info"), (over, "resolved"))  # fmt: skip
    return ", ".join(f"{number} {name}" for number, name in parts if number)


def samples(alert: AlertState) -> list[tuple[str, str]]:
    """Label and text of what the alert is made of, as the rule left it in the alert's details."""
    told = []
    for name, value in alert.details.items():
        entries = value if isinstance(value, list) else [value]
        text = ", ".join(_sample(entry) for entry in entries[:3] if entry not in (None, "", {}))
        if text:
            told.append((name.replace("_", " ").capitalize(), text[:300]))
    return told[:4]


def dashboard_link(alert: AlertState, links: Links) -> str | None:
    """The dashboards' page of one alert."""
    if links.dashboard_url is None:
        return None
    whose = {} if alert.organization_id == OPERATIONS else {"org": alert.organization_id}
    return f"{links.dashboard_url.rstrip('/')}/alerts/?{urlencode({**whose, 'id': alert.id})}"


def runbook_link(alert: AlertState, links: Links) -> str:
    """What to do: the section of the rule, as a link, or as the file's name where the file is not published."""
    return f"{links.runbook_url}#{alert.rule.replace('_', '-')}"


def figure(alert: AlertState, value: float) -> str:
    """A value in the alert's unit, as precise as people read it."""
    unit = str(alert.applied.get("unit", ""))
    if unit == "ms" and abs(value) >= 1000:
        value, unit = value / 1000, "s"
    text = f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.2f}".rstrip("0").rstrip(".")
    if unit.startswith("percent"):
        unit = "%"
    elif text == "1" and len(unit) > 2:
        unit = unit.removesuffix("s")
    return f"{text}{_NO_BREAK}{unit}".strip()


def moment(at: datetime) -> str:
    """A time for people, in UTC."""
    return f"{at:%d %b, %H:%M} UTC"


def duration(length: timedelta) -> str:
    """A length of time in its two greatest units: 2 h 5 min."""
    seconds = max(0, round(length.total_seconds()))
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    units = [(days, "d"), (hours, "h"), (minutes, "min"), (seconds % 60, "s")]
    start = next((place for place, (number, _) in enumerate(units) if number), len(units) - 1)
    return " ".join(f"{number}{_NO_BREAK}{unit}" for number, unit in units[start : start + 2] if number or start == 3)


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in _BREAKS or unicodedata.bidirectional(character) in _TURNS


def _how_long(item: Item) -> str:
    return f" (lasted {duration(item.at - item.alert.first_seen)})" if is_over(item) else ""


def _sample(entry: object) -> str:
    """A value, or what a row of them says: `mailbox unavailable (402)`."""
    if isinstance(entry, dict):
        first, *others = [str(value) for value in entry.values() if value is not None] or [""]
        return f"{first} ({', '.join(others)})" if others else first
    return str(entry)
