"""Alerts as a person sees them, in a real browser: acting on them, and who may."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SignedIn
from tests.browser.stack import Stack


def alert(page: Page, alert_id: int) -> Locator:
    """The alert in a list, or as the title of its own page."""
    return page.locator(f'[data-alert="{alert_id}"]')


def test_an_alert_is_acknowledged_on_the_dashboard_and_resolved_on_its_page_and_both_survive_a_reload(
    stack: Stack, signed_in: SignedIn
) -> None:
    alert_id = stack.raise_alert("send_failure", "whatsapp")
    page = signed_in("admin", "/dashboard/")
    alert(page, alert_id).get_by_role("button", name="Acknowledge").click()
    expect(alert(page, alert_id)).to_have_attribute("data-status", "acked")
    page.reload()
    expect(alert(page, alert_id)).to_have_attribute("data-status", "acked")
    alert(page, alert_id).get_by_role("link").first.click()
    page.wait_for_url(re.compile(rf"/alerts/\?.*id={alert_id}"))
    page.get_by_label("Note").fill("the provider is back")
    page.get_by_role("button", name="Resolve").click()
    expect(alert(page, alert_id)).to_have_attribute("data-status", "resolved")
    page.reload()
    expect(alert(page, alert_id)).to_have_attribute("data-status", "resolved")
    expect(page.locator(".corbi-history")).to_contain_text("the provider is back")
    told = stack.get("admin", f"/api/monitoring/alerts/{alert_id}/")
    assert told["status"] == "resolved"
    assert told["history"][-1]["note"] == "the provider is back"


def test_a_viewer_sees_no_buttons_and_the_api_refuses(stack: Stack, signed_in: SignedIn) -> None:
    alert_id = stack.raise_alert("callback_failure", "telegram")
    for path in ("/dashboard/", "/alerts/", f"/alerts/?id={alert_id}"):
        page = signed_in("viewer", path)
        expect(alert(page, alert_id)).to_have_attribute("data-status", "open")
        expect(page.get_by_role("button", name=re.compile("Acknowledge|Resolve|Reopen"))).to_have_count(0)
    assert stack.post("viewer", f"/api/monitoring/alerts/{alert_id}/ack/", {}) == 403
    assert stack.get("viewer", f"/api/monitoring/alerts/{alert_id}/")["status"] == "open"


def test_a_new_alert_appears_without_a_reload_and_the_filters_of_the_address_hold(
    stack: Stack, signed_in: SignedIn
) -> None:
    page = signed_in("admin", "/alerts/?channel=instagram&tz=Europe%2FRome")
    expect(page.locator(".corbi-loading")).to_have_count(0)
    page.evaluate("window.stays = true")
    mine, other = stack.raise_alert("send_exception", "instagram"), stack.raise_alert("send_exception", "email")
    expect(alert(page, mine)).to_be_visible()
    expect(alert(page, other)).to_have_count(0)
    assert page.evaluate("window.stays")
    expect(page.get_by_label("Channel", exact=True)).to_have_value("Instagram")
    expect(page.locator(".corbi-fresh")).to_contain_text("Europe/Rome")
