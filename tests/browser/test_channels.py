"""Channels beside the known four, on every page."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from demo.traffic.rows import Rows
from notebooks.look.palette import channel_colour
from tests.browser.conftest import SignedIn
from tests.browser.stack import Stack
from tests.integration.platform_writer import open_connection
from warehouse.refresh import refresh

OTHERS = {"sms": "Sms", "facebook": "Facebook", "<b>bold</b>": "Other", "": "No channel"}
"""What the platform writes, and what a page calls it."""


@pytest.fixture(scope="module")
def written(stack: Stack) -> None:
    """Messages out and in, callbacks and a campaign on each, brought in by a pass."""
    now = datetime.now(UTC)
    with open_connection(stack.settings.required("source_url"), autocommit=True) as connection:
        rows = Rows(connection)
        found = connection.execute("select min(id) from contacts_contact where organization_id = 1").fetchone()
        contact_id = found[0] if found else None
        for channel in OTHERS:
            for number in range(30):
                at, is_failed = now - timedelta(minutes=6 + 10 * number), number % 3 == 0
                rows.insert(
                    "messaging_outboundmessage", channel=channel, body="", trace_id="", created_at=at, updated_at=at,
                    status="failed" if is_failed else "read", error="Timed out" if is_failed else "",
                    contact_id=contact_id, organization_id=1,
                )  # fmt: skip
                rows.insert(
                    "messaging_providerevent", provider_message_id="m", channel=channel, status="delivered", payload={},
                    latency_ms=1_000 + 100 * number, received_at=at, organization_id=1,
                )  # fmt: skip
            rows.insert(
                "messaging_inboundmessage", channel=channel, payload={}, received_at=now - timedelta(minutes=6),
                created_at=now, organization_id=1,
            )  # fmt: skip
            rows.insert(
                "messaging_campaign", name=f"On {channel}", channel=channel, target_count=1, estimated_cost=1,
                status="running", created_at=now - timedelta(minutes=6), organization_id=1,
            )  # fmt: skip
    refresh(stack.settings)


def settled(page: Page) -> None:
    expect(page.locator(".corbi-loading")).to_have_count(0)
    # Where a cell of a notebook fails, marimo says so in its place.
    expect(page.locator(".marimo-error, [data-testid=cell-error]")).to_have_count(0)


@pytest.mark.usefixtures("written")
def test_every_chart_and_table_shows_channels_beside_the_known_four(signed_in: SignedIn) -> None:
    for path in ("/dashboard/?range=24h", "/monitoring/?range=24h"):
        page = signed_in("admin", path)
        settled(page)
        titles = page.locator("[data-chart] h3")
        expect(titles).to_have_count(4 + len(OTHERS))
        for name in OTHERS.values():
            expect(titles.filter(has_text=re.compile(rf"^{name}"))).to_have_count(1)
        expect(page.locator("[data-chart=sms] svg")).to_have_count(1)
        assert "30 messages" in page.locator("[data-chart=sms] h3").inner_text()
        expect(page.locator("b", has_text="bold")).to_have_count(0)


@pytest.mark.usefixtures("written")
def test_a_channel_beside_the_known_four_has_one_colour_in_legend_chips_and_charts(signed_in: SignedIn) -> None:
    page = signed_in("admin", "/dashboard/?range=24h")
    settled(page)
    reasons = page.locator('section[aria-label="Failure reasons"]')
    colour = channel_colour("sms").css
    legend = reasons.locator("li", has_text=re.compile("^Sms$")).locator("i")
    assert colour in (legend.get_attribute("style") or "")
    assert colour in (page.locator("[data-chart=sms] h3 i").get_attribute("style") or "")
    expect(reasons.locator(f'path[fill="{colour}"]').first).to_be_visible()
    light = page.evaluate("name => getComputedStyle(document.documentElement).getPropertyValue(name)", colour[4:-1])
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate("name => getComputedStyle(document.documentElement).getPropertyValue(name)", colour[4:-1])
    assert (light, dark) == (channel_colour("sms").light, channel_colour("sms").dark)


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize(
    "path", ["/dashboard/", "/monitoring/", "/messages/", "/campaigns/", "/email-jobs/", "/alerts/"]
)
def test_every_page_offers_them_and_shows_one_alone(signed_in: SignedIn, path: str) -> None:
    page = signed_in("admin", f"{path}?channel=sms")
    settled(page)
    control = page.get_by_label("Channel", exact=True)
    expect(control).to_have_value("Sms")
    assert {"Sms", "Facebook", "Other"} <= {option.inner_text() for option in control.locator("option").all()}
    if path == "/dashboard/":
        expect(page.locator("[data-chart]")).to_have_count(1)
        control.select_option("Facebook")
        expect(page.locator("[data-chart=facebook]")).to_have_count(1)
        page.wait_for_url("**channel=facebook**")
    if path in ("/messages/", "/campaigns/"):
        chips = page.locator("table .corbi-chip")
        expect(chips.first).to_have_text("Sms")
        assert {chip.inner_text() for chip in chips.all()} == {"Sms"}
