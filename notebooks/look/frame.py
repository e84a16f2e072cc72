"""What stands around every page: header, navigation, organization, freshness, banners.

Belongs here: their HTML. Does not: filters (filters.py), what is between them.
"""

from collections.abc import Iterable
from html import escape
from typing import Any

from notebooks.client.api import Answer, Trouble
from notebooks.client.page import Page
from notebooks.look.navigation import APPS
from notebooks.look.numbers import age, clock

MARK = (
    '<svg viewBox="0 0 22 22" aria-hidden="true"><rect x="1" y="12" width="5" height="9" rx="1.5" fill="var(--corbi-sent)">'
    '</rect><rect x="8.5" y="7" width="5" height="14" rx="1.5" fill="var(--corbi-delivered)"></rect><rect x="16" y="1" '
    'width="5" height="20" rx="1.5" fill="var(--corbi-read)"></rect></svg>'
)


def header(page: Page, kept: dict[str, str]) -> str:
    """Brand, navigation and the organization switcher. `kept` are the filters that every page understands."""
    links = "".join(
        f'<a href="{escape(page.link(app.path, **kept))}"{_current(app.path == page.path)}>{app.title}</a>'
        for app in APPS
    )
    return (
        f'<header class="corbi-header"><a class="brand" href="{escape(page.visit.base_path)}/">{MARK}<span>Corbi Monitoring</span></a>'
        f'<nav aria-label="Pages">{links}</nav>{_platform(page)}{_organizations(page, kept)}</header>'
        f'<h1 class="corbi-hidden" data-title>{escape(_title(page))}</h1>'
    )


def _platform(page: Page) -> str:
    """The way back to the platform's own pages."""
    url = page.visit.frontend_url
    return f'<a class="corbi-platform" href="{escape(url)}">Open Corbi</a>' if url else ""


def _title(page: Page) -> str:
    return next(app.title for app in APPS if app.path == page.path)


def _current(is_current: bool) -> str:
    return ' aria-current="page"' if is_current else ""


def _organizations(page: Page, kept: dict[str, str]) -> str:
    """The name, or a switch where the person belongs to several."""
    mine = page.visit.person.organizations
    role = escape(page.organization.role)
    if len(mine) == 1:
        return f'<div class="corbi-org"><strong>{escape(page.organization.name)}</strong> <span>{role}</span></div>'
    links = "".join(
        f'<a href="{escape(page.link(page.path, **kept).replace(f"org={page.organization.id}", f"org={one.id}", 1))}"'
        f"{_current(one.id == page.organization.id)}>{escape(one.name)} <span>{escape(one.role)}</span></a>"
        for one in mine
    )
    return (
        f'<details class="corbi-org"><summary aria-label="Organization"><strong>{escape(page.organization.name)}</strong> '
        f"<span>{role}</span></summary><div>{links}</div></details>"
    )


def bar(answers: Iterable[Answer], page: Page, zone: str, *controls: Any) -> str:
    """Freshness on the left, the controls for it on the right, and under them what is wrong."""
    found = tuple(answers)
    right = "".join(one.text for one in controls)
    return (
        f'<div class="corbi-bar">{freshness(found, zone)}{_asked_for(found)}<span class="spacer"></span>{right}</div>'
        f"{banner(found, page, zone)}"
    )


def _asked_for(answers: Iterable[Answer]) -> str:
    """What came of asking for a pass."""
    asked = [
        answer.body["refresh"] for answer in answers if isinstance(answer.body, dict) and answer.body.get("refresh")
    ]
    return f'<span role="status">{escape(str(asked[0]["reason"]))}</span>' if asked else ""


def freshness(answers: Iterable[Answer], zone: str) -> str:
    """What the oldest of the answers stands for, and how old it is."""
    known = [answer for answer in answers if answer.as_of is not None]
    if not known:
        return '<span class="corbi-fresh" role="status">No figures yet</span>'
    oldest = min(known, key=lambda answer: answer.as_of.timestamp() if answer.as_of else 0)
    kind = "stale" if any(answer.is_stale for answer in known) else "live"
    return (
        f'<span class="corbi-fresh {kind}" role="status"><i aria-hidden="true"></i>As of '
        f"<time>{clock(oldest.as_of, zone)}</time> {escape(zone)} · {age(oldest.age_seconds)} old</span>"
    )


def banner(answers: Iterable[Answer], page: Page, zone: str) -> str:
    """What is wrong, for all of the page at once; empty where nothing is."""
    found = list(answers)
    by_trouble = {answer.trouble: answer for answer in reversed(found)}
    if Trouble.SIGNED_OUT in by_trouble:
        return _banner(
            "Your sign-in has expired.", f'<a href="{escape(page.link(page.path))}">Sign in again</a>', "critical"
        )
    if Trouble.FORBIDDEN in by_trouble:
        return _banner("You may not see this organization.", escape(by_trouble[Trouble.FORBIDDEN].detail), "critical")
    if Trouble.DOWN in by_trouble:
        return _banner("The API can't be reached.", _shown_since(found, zone), "critical")
    old = [answer for answer in found if answer.is_stale]
    if old:
        text = f"Figures are {age(old[0].age_seconds)} old: no pass has brought newer ones since."
        return _banner("These figures are stale.", text, "warn")
    return ""


def _shown_since(answers: list[Answer], zone: str) -> str:
    moments = [answer.as_of for answer in answers if answer.as_of is not None]
    if not moments:
        return "This page tries again by itself."
    return f"You see the figures as of {clock(min(moments), zone)}; this page tries again by itself."


def _banner(title: str, text: str, severity: str) -> str:
    return f'<div class="corbi-banner {severity}" role="alert"><strong>{title}</strong> {text}</div>'
