"""The dashboards as a person sees them, in a real browser."""

import re
from datetime import timedelta

import psycopg
import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import SignedIn
from tests.browser.stack import Stack
from warehouse.refresh import refresh

PAGES = ("/dashboard/", "/monitoring/", "/campaigns/", "/email-jobs/", "/messages/", "/alerts/")


def card(page: Page, name: str) -> str:
    """The figure on a card, as a number."""
    return page.locator(f'[data-figure="{name}"] .value').inner_text().replace(",", "")


def wait_for_figures(page: Page) -> None:
    expect(page.locator(".corbi-card .value")).to_have_count(7)
    expect(page.locator(".corbi-loading")).to_have_count(0)


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).select_option(option)


def test_cards_show_the_figures_that_the_api_gives(stack: Stack, signed_in: SignedIn) -> None:
    page = signed_in("admin", "/dashboard/?range=7d")
    wait_for_figures(page)
    figures = stack.get("admin", "/api/monitoring/summary/", range="7d")["figures"]
    names = {"Contacts": "contacts", "Bookings": "bookings", "Inbound": "inbound", "Outbound": "outbound",
             "Campaigns": "campaigns", "E-mail jobs": "email_jobs"}  # fmt: skip
    assert {label: card(page, label) for label in names} == {
        label: str(figures[name]["value"]) for label, name in names.items()
    }
    change = figures["outbound"]["change_percent"]
    text = page.locator('[data-figure="Outbound"] .change').inner_text()
    shown = text.replace("\N{MINUS SIGN}", "-").replace(",", "")
    rounding = 0.051 if abs(change) < 1_000 else 0.51
    assert float(re.findall(r"[-+\d.]+", shown)[0]) == pytest.approx(change, abs=rounding)


def test_the_window_picker_changes_figures_charts_and_address_and_a_reload_keeps_it(
    stack: Stack, signed_in: SignedIn
) -> None:
    page = signed_in("admin", "/dashboard/?range=24h")
    wait_for_figures(page)
    before = page.locator("[data-chart=whatsapp] svg").first.get_attribute("aria-label")
    choose(page, "Window", "Last 7 days")
    total = stack.get("admin", "/api/monitoring/details/", range="7d")["per_channel"]["whatsapp"]["total"]
    expect(page.locator("[data-chart=whatsapp] h3")).to_contain_text(f"{total:,} messages")
    page.wait_for_url("**/dashboard/?range=7d")
    expect(page.locator("[data-chart=whatsapp] svg").first).not_to_have_attribute("aria-label", before or "")
    page.reload()
    expect(page.locator("[data-chart=whatsapp] h3")).to_contain_text(f"{total:,} messages")
    expect(page.get_by_label("Window", exact=True)).to_have_value("Last 7 days")


def test_a_deep_link_restores_all_filters(signed_in: SignedIn) -> None:
    page = signed_in("admin", "/dashboard/?range=30d&channel=telegram&interval=1d&tz=Europe%2FRome")
    wait_for_figures(page)
    for label, value in {"Window": "Last 30 days", "Channel": "Telegram", "Interval": "day"}.items():
        expect(page.get_by_label(label, exact=True)).to_have_value(value)
    expect(page.locator("[data-chart]")).to_have_count(1)
    expect(page.locator(".corbi-fresh")).to_contain_text("Europe/Rome")


def test_a_click_on_a_reason_leads_to_the_messages_behind_it(signed_in: SignedIn) -> None:
    page = signed_in("admin", "/dashboard/?range=7d")
    wait_for_figures(page)
    page.locator('section[aria-label="Failure reasons"] .mark-rect path').first.click()
    page.wait_for_url(re.compile(r"/messages/\?.*status=failed.*reason=\w+"))
    expect(page.get_by_label("State", exact=True)).to_have_value("Failed")
    expect(page.get_by_label("Window", exact=True)).to_have_value("Last 7 days")


def test_new_data_appears_without_a_reload(stack: Stack, signed_in: SignedIn) -> None:
    page = signed_in("admin", "/dashboard/?range=today&tz=UTC")
    wait_for_figures(page)
    before = int(card(page, "Contacts"))
    page.evaluate("window.stays = true")
    with psycopg.connect(stack.settings.required("source_url")) as connection:
        connection.execute(
            "insert into contacts_contact select (jsonb_populate_record(c, jsonb_build_object('id',"
            " (select max(id) + 1 from contacts_contact), 'created_at', now(), 'updated_at', now()))).*"
            " from contacts_contact c where organization_id = 1 limit 1"
        )
    refresh(stack.settings)
    expect(page.locator('[data-figure="Contacts"] .value')).to_have_text(f"{before + 1:,}")
    assert page.evaluate("window.stays")


def test_a_hidden_tab_asks_for_nothing_and_catches_up_when_it_is_looked_at(signed_in: SignedIn) -> None:
    page = signed_in("admin", "/dashboard/?range=7d")
    wait_for_figures(page)
    told: list[str] = []
    page.on("request", lambda request: told.append(request.url) if "set_ui_element_value" in request.url else None)
    hide = "hidden => Object.defineProperty(document, 'hidden', {get: () => hidden, configurable: true})"
    page.evaluate(hide, True)
    page.wait_for_timeout(500)
    told.clear()
    page.wait_for_timeout(5_000)
    assert not told
    page.evaluate(hide, False)
    with page.expect_request("**/set_ui_element_value"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_a_member_of_two_organizations_switches_between_them(stack: Stack, signed_in: SignedIn) -> None:
    page = signed_in("both", "/dashboard/?range=7d")
    wait_for_figures(page)
    page.locator("details.corbi-org summary").click()
    page.locator("details.corbi-org a", has_text="Studio Rossi").click()
    page.wait_for_url(re.compile(r"org=2"))
    wait_for_figures(page)
    expected = stack.get("both", "/api/monitoring/summary/", organization=2, range="7d")["figures"]["outbound"]["value"]
    assert card(page, "Outbound") == str(expected)


def test_a_chosen_organization_that_is_not_mine_is_not_shown(signed_in: SignedIn) -> None:
    page = signed_in("viewer", "/dashboard/?org=2")
    wait_for_figures(page)
    expect(page.locator(".corbi-org")).to_contain_text("Bella Pizza")


def test_while_the_api_is_down_a_banner_says_so_and_the_last_figures_stay(stack: Stack, signed_in: SignedIn) -> None:
    page = signed_in("admin", "/dashboard/?range=7d")
    wait_for_figures(page)
    before = card(page, "Outbound")
    stack.stop_api()
    try:
        expect(page.locator(".corbi-banner.critical").first).to_contain_text("can't be reached")
        expect(page.locator(".corbi-fresh")).to_have_class(re.compile("stale"))
        assert card(page, "Outbound") == before
        another = page.context.new_page()
        another.goto("/monitoring/")
        expect(another.locator("body")).to_contain_text("can't be reached")
        another.close()
    finally:
        stack.start_api()
    expect(page.locator(".corbi-banner.critical")).to_have_count(0)


def test_nothing_is_shown_without_signing_in_and_an_expired_sign_in_says_so(stack: Stack, signed_in: SignedIn) -> None:
    page = signed_in("admin", "/")
    page.get_by_role("button", name="Sign out").click()
    for path in PAGES:
        page.goto(path)
        assert "/sign-in" in page.url
        expect(page.locator(".corbi-card")).to_have_count(0)
    expired = stack.token("admin", timedelta(seconds=-5))
    page.get_by_label("Access token").fill(expired)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("expired")
    page.goto("/sign-in?next=%2Fmessages%2F%3Fstatus%3Dfailed")
    page.get_by_label("Access token").fill(stack.token("admin"))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(re.compile(r"/messages/\?status=failed"))
    expect(page.get_by_label("State", exact=True)).to_have_value("Failed")


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_shows_every_page_without_scrolling_sideways(path: str, signed_in: SignedIn) -> None:
    page = signed_in("admin", path, ViewportSize(width=390, height=844))
    expect(page.locator(".corbi-header")).to_be_visible()
    expect(page.locator(".corbi-loading")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    wider = (
        "[...document.querySelectorAll('.corbi-panel, .corbi-card, .corbi-filters')].filter(e => e.scrollWidth > 390)"
    )
    assert page.evaluate(f"{wider}.length") == 0


def test_a_demonstration_signs_in_by_one_click_and_the_logs_hold_no_token(stack: Stack, signed_in: SignedIn) -> None:
    page = signed_in("admin", "/")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Admin of").click()
    page.wait_for_url("**/dashboard/**")
    wait_for_figures(page)
    cookie = next(one for one in page.context.cookies() if one["name"] == "corbi_access")
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    signature = cookie["value"].rpartition(".")[2]
    assert signature not in page.content()
    assert all(signature not in log.read_text(errors="replace") for log in stack.log_folder.iterdir())
