"""A message as text and as HTML.

Belongs here: filling the two templates beside this file. Does not: words (wording.py), mail headers (email.py).
"""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from alerts.notify import wording
from alerts.notify.message import Item, Links, Message
from alerts.vocabulary import Severity

_SHOWN_IN_FULL = 3
"""Alerts that a message shows with everything; of the others it gives a line each, of the rest their number."""
_SHOWN = 24

_TONES = {Severity.INFO: "info", Severity.WARN: "warn", Severity.CRITICAL: "critical"}


def text_of(message: Message) -> str:
    """The plain text: for mail programs that show no HTML, and for services that take text."""
    return _filled("letter.txt.j2", message)


def html_of(message: Message) -> str:
    """A page that reads well at the width of a phone and in a dark mail program; it loads nothing."""
    return _filled("letter.html.j2", message)


def tone(item: Item) -> str:
    """The name of the colours of an alert's state."""
    return "over" if wording.is_over(item) else _TONES[item.alert.severity]


def _filled(template: str, message: Message) -> str:
    items = wording.latest(message.items)
    return (
        _environment()
        .get_template(template)
        .render(
            message=message,
            organization=wording.one_line(message.organization),
            summary=wording.summary(items),
            headline=wording.headline(message),
            tone=tone(items[0]) if items else "over",
            full=[_shown(item, message.links) for item in items[:_SHOWN_IN_FULL]],
            short=[_shown(item, message.links) for item in items[_SHOWN_IN_FULL:_SHOWN]],
            more=max(0, len(items) - _SHOWN),
            moment=wording.moment,
        )
    )


def _shown(item: Item, links: Links) -> dict[str, object]:
    runbook = wording.runbook_link(item.alert, links)
    return {
        "tone": tone(item),
        "state": wording.state(item),
        "title": wording.one_line(item.alert.title),
        "description": wording.one_line(item.alert.description),
        "measure": wording.measure(item),
        "facts": wording.facts(item),
        "dashboard": wording.dashboard_link(item.alert, links),
        "runbook": runbook,
        "is_runbook_link": runbook.startswith("http"),
    }


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("alerts.notify", "."),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
