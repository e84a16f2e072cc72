"""From a figure to what it is made of, in a real browser: campaigns and single messages."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import SignedIn
from tests.browser.stack import Stack


def test_a_campaign_is_opened_from_the_list_and_leads_to_its_messages(stack: Stack, signed_in: SignedIn) -> None:
    page = signed_in("admin", "/campaigns/?range=30d&sort=-recipients")
    listed = stack.get("admin", "/api/monitoring/campaigns/", range="30d", sort="-recipients")["results"][0]
    row = page.locator(".corbi-table tbody tr").first
    expect(row).to_contain_text(listed["name"])
    expect(row).to_contain_text(f"{listed['recipients']['total']:,}")
    row.get_by_role("link").click()
    expect(page.locator(".corbi-title h1")).to_contain_text(listed["name"])
    expect(page.locator(".corbi-rates")).to_contain_text(f"{listed['recipients']['delivered']:,}")
    page.get_by_role("link", name="Its messages").click()
    page.wait_for_url(re.compile(rf"/messages/\?.*campaign_id={listed['id']}"))
    expect(page.locator(".corbi-table tbody tr").first).to_contain_text(f"Campaign {listed['id']}")


def test_messages_are_paged_to_older_ones_and_back(stack: Stack, signed_in: SignedIn) -> None:
    page = signed_in("admin", "/messages/?range=7d")
    newest = str(stack.get("admin", "/api/monitoring/messages/", range="7d", limit="1")["results"][0]["id"])
    first = page.locator(".corbi-table tbody tr").first
    expect(first).to_contain_text(newest)
    page.get_by_role("button", name="Older").click()
    expect(first).not_to_contain_text(newest)
    page.get_by_role("button", name="Newer").click()
    expect(first).to_contain_text(newest)


def test_a_thing_that_is_not_there_says_so(signed_in: SignedIn) -> None:
    for path in ("/campaigns/?id=999999", "/email-jobs/?id=999999", "/alerts/?id=999999"):
        page = signed_in("admin", path)
        expect(page.locator(".corbi-empty")).to_contain_text("Not there")


def test_the_tab_says_which_page_it_shows(signed_in: SignedIn) -> None:
    for path, title in (("/campaigns/", "Campaigns"), ("/email-jobs/", "E-mail jobs"), ("/alerts/", "Alerts")):
        expect(signed_in("viewer", path)).to_have_title(f"{title} · Corbi Monitoring")
