"""Pictures of every page: `make screenshots` writes those of the README.

Belongs here: which pages, how wide, light or dark. Does not: the stack (stack.py). Pictures for one's own eyes:
`python -m tests.browser.screenshots --folder /tmp/look --width 390 --dark`.
"""

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import click
from playwright.sync_api import Browser, Page, expect, sync_playwright

from alerts.catch_up import catch_up
from tests.browser.stack import Stack, running_stack

PAGES = {
    "dashboard": "/dashboard/?range=7d",
    "monitoring": "/monitoring/?range=7d",
    "campaigns": "/campaigns/?range=30d",
    "campaign": "/campaigns/",
    "email-jobs": "/email-jobs/?range=30d",
    "messages": "/messages/?range=7d&status=failed",
    "alerts": "/alerts/?status=any",
}
SHOWN = ("dashboard", "monitoring", "campaign")
"""Those that stand in the README."""

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
LONGEST = 2_600


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=FOLDER, show_default=True)
@click.option("--width", type=int, default=1280, show_default=True)
@click.option("--dark", is_flag=True)
@click.option("--messages", type=int, default=100_000, show_default=True, help="Messages of the made-up history.")
@click.option("--all", "every", is_flag=True, help="Every page, not only those of the README.")
def main(folder: Path, width: int, messages: int, *, dark: bool, every: bool) -> None:
    """Starts everything on made-up data, and photographs it."""
    folder.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with (
        tempfile.TemporaryDirectory() as home,
        running_stack(Path(home), messages=messages, days=30, is_quick=False) as stack,
        sync_playwright() as playwright,
    ):
        catch_up(stack.settings, timedelta(days=3), timedelta(minutes=45))
        for category, channel in (("send_failure", "whatsapp"), ("callback_failure", "email")):
            stack.raise_alert(category, channel)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = _open(browser, stack, width, dark=dark)
        for name, path in PAGES.items():
            if every or name in SHOWN:
                _photograph(page, name, path, folder / f"{name}.png", width)
        browser.close()


def _open(browser: Browser, stack: Stack, width: int, *, dark: bool) -> Page:
    context = browser.new_context(
        base_url=stack.url,
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    context.add_cookies([{"name": "corbi_access", "value": stack.token("admin"), "url": stack.url}])
    return context.new_page()


def _photograph(page: Page, name: str, path: str, file: Path, width: int) -> None:
    """Waits until a page is complete, then takes all of its height."""
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(path)
    if name == "campaign":
        page.locator(".corbi-table td a").first.click()
        expect(page.locator(".corbi-title")).to_be_visible(timeout=30_000)
    expect(page.locator(".corbi-bar").first).to_be_visible(timeout=30_000)
    expect(page.locator(".corbi-loading")).to_have_count(0, timeout=30_000)
    page.wait_for_timeout(1_500)
    height = page.evaluate("document.querySelector('#App').scrollHeight")
    page.set_viewport_size({"width": width, "height": min(height, LONGEST)})
    page.wait_for_timeout(1_000)
    page.screenshot(path=file)
    click.echo(f"{file} {width} x {min(height, LONGEST)}")


if __name__ == "__main__":
    main()
