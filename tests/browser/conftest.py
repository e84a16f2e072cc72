"""A real Chromium on a real stack.

The browser is CORBI_CHROMIUM, else what is called chromium here. Where there is none the tests are skipped, unless
CORBI_REQUIRE_BROWSER is set, as the continuous integration does.
"""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.browser.stack import Stack, running_stack

SignedIn = Callable[..., Page]
WIDE = ViewportSize(width=1280, height=900)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CORBI_CHROMIUM") or next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        if os.environ.get("CORBI_REQUIRE_BROWSER"):
            pytest.fail("CORBI_REQUIRE_BROWSER is set and there is no Chromium: install it, or set CORBI_CHROMIUM.")
        pytest.skip("no Chromium here: install it, or set CORBI_CHROMIUM")
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        # As root, as in a container, Chromium has no sandbox of its own.
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def stack(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Database, warehouse, API and dashboards; not started where there is no browser."""
    with running_stack(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture
def signed_in(chromium: Browser, stack: Stack) -> Iterator[SignedIn]:
    """Opens a page as somebody, in a browser profile of its own; a script error on it fails the test."""
    contexts, errors = [], []

    def open_as(user: str, path: str, viewport: ViewportSize = WIDE) -> Page:
        context = chromium.new_context(base_url=stack.url, viewport=viewport, color_scheme="light")
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        context.add_cookies([{"name": "corbi_access", "value": stack.token(user), "url": stack.url, "httpOnly": True}])
        page.goto(path)
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert not errors
