"""How long a person waits for the dashboard, and what an open session costs in memory.

Belongs here: this benchmark. Does not: the ground (ground.py). The browser shares the machine with what it asks.
"""

import shutil
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import psutil
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from pydantic import SecretStr
from websockets.sync.client import connect

from api.access.identity import issue_token
from benchmarks.api import free_port
from benchmarks.ground import load_once
from cli.composition import environment_of
from demo.people import ADMIN_USER_ID
from demo.services import Service, Services
from warehouse.settings import Settings

PATH = "/dashboard/?range=7d"
CHARTS = 7
NAVIGATIONS = 10
SESSIONS = 30
IS_COMPLETE = f"""() => {{
    const count = (selector, root) => [...root.querySelectorAll('*')].filter(one => one.shadowRoot).reduce(
        (sum, one) => sum + count(selector, one.shadowRoot), root.querySelectorAll(selector).length);
    return document.querySelectorAll('.corbi-card .value').length === 7 && count('svg.marks', document) >= {CHARTS}
        && !document.querySelector('.corbi-loading');
}}"""


def dashboards(settings: Settings) -> None:
    """The dashboard (7 d): from navigation to complete with a warm API, and memory of an open session."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    settings = settings.model_copy(
        update={
            "secret_key": SecretStr("benchmarks " * 4),
            "dagster_url": settings.warehouse_url,
            "api_port": free_port(),
            "dashboard_port": free_port(),
        }
    )
    load_once(settings)
    url = f"http://127.0.0.1:{settings.dashboard_port}"
    token = issue_token(settings.required("secret_key"), ADMIN_USER_ID, timedelta(hours=2))
    with tempfile.TemporaryDirectory() as logs, Services(Path(logs)) as services:
        for name, probe in (("api", f"http://127.0.0.1:{settings.api_port}/healthz"), ("dashboards", f"{url}/healthz")):
            service = Service(name, (sys.executable, "-m", "cli.main", name), environment_of(settings), probe=probe)
            services.start(service)
            services.await_ready(service, lambda: False)
        if chromium is None:
            print("dashboards: no Chromium here, so no navigations are measured")
        else:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                _navigate(browser, url, token)
                browser.close()
        _open_sessions(url, token, psutil.Process(services.running[-1].pid))


def _navigate(browser: Browser, url: str, token: str) -> None:
    """First in an empty profile, then as often as it takes in one whose cache is warm."""
    context = _context(browser, url, token)
    first = _seconds(context)
    again = sorted(_seconds(context) for _ in range(NAVIGATIONS))
    context.close()
    print(f"dashboards: first visit {first:.2f} s; {NAVIGATIONS} later ones: median {statistics.median(again):.2f} s, "
          f"{again[0]:.2f} to {again[-1]:.2f} s, from navigation to seven cards and {CHARTS} charts")  # fmt: skip


def _context(browser: Browser, url: str, token: str) -> BrowserContext:
    context = browser.new_context(base_url=url, viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "corbi_access", "value": token, "url": url}])
    return context


def _seconds(context: BrowserContext) -> float:
    page = context.new_page()
    started = time.monotonic()
    page.goto(PATH)
    page.wait_for_function(IS_COMPLETE, timeout=60_000)
    took = time.monotonic() - started
    page.close()
    return took


def _open_sessions(url: str, token: str, server: psutil.Process) -> None:
    """Sessions without a browser: a socket each, whose cells all run."""
    headers = {"Cookie": f"corbi_access={token}", "Origin": url}
    before = server.memory_full_info().uss
    with ExitStack() as stack:
        for number in range(SESSIONS):
            address = f"{url.replace('http', 'ws')}/dashboard/ws?session_id=s_bench{number}"
            socket = stack.enter_context(
                connect(address, additional_headers=headers, max_size=None, ping_interval=None, close_timeout=1)
            )
            while "completed-run" not in str(socket.recv(timeout=60)):
                continue
        time.sleep(2)
        held = server.memory_full_info().uss - before
    print(f"dashboards: {SESSIONS} open sessions hold {held / 2**20:,.0f} MiB, {held / 2**20 / SESSIONS:.1f} MiB each; "
          f"the server without any {before / 2**20:,.0f} MiB")  # fmt: skip
