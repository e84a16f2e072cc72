"""The dashboards under a path of a public address, over an API whose figures are nonsense."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import requests

from notebooks.look.navigation import APPS
from tests.integration.dashboards_process import heard, serving_dashboards, socket
from warehouse.settings import Settings

SIGNED_IN = {"Cookie": "corbi_access=t"}
ME = {"user_id": 1, "organizations": [{"id": 7, "name": "Seven", "role": "admin", "may_act": True}]}


class Nonsense(BaseHTTPRequestHandler):
    """Anybody is somebody, and every other answer has none of the keys that a page reads."""

    def do_GET(self) -> None:
        body = json.dumps(ME if self.path == "/api/me/" else {"unheard_of": 1}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the server listens; the dashboards are under /corbi/boards."""
    api = ThreadingHTTPServer(("127.0.0.1", 0), Nonsense)
    thread = Thread(target=api.serve_forever)
    thread.start()
    settings = Settings(
        home=tmp_path_factory.mktemp("home"),
        api_url=f"http://127.0.0.1:{api.server_port}",
        dashboard_url="https://monitoring.example.com/corbi/boards/",
        dashboard_hosts="boards.internal, 10.0.0.1",
    )
    try:
        with serving_dashboards(settings, tmp_path_factory.mktemp("logs")) as url:
            yield url
    finally:
        api.shutdown()
        thread.join()
        api.server_close()


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/corbi/boards", "/corbi/boards/"),
        ("/corbi/boards/", "/corbi/boards/sign-in"),
        ("/corbi/boards/alerts/?id=1", "/corbi/boards/sign-in?next=%2Fcorbi%2Fboards%2Falerts%2F%3Fid%3D1"),
    ],
)
def test_a_redirect_stays_under_the_path(address: str, path: str, leads_to: str) -> None:
    answer = requests.get(address + path, allow_redirects=False, timeout=10)
    assert answer.headers["Location"] == leads_to


def test_an_app_without_its_last_slash_is_led_to_itself(address: str) -> None:
    answer = requests.get(f"{address}/corbi/boards/alerts", cookies={"corbi_access": "t"}, timeout=10)
    assert (answer.status_code, answer.url) == (200, f"{address}/corbi/boards/alerts/")


@pytest.mark.parametrize("path", ["/", "/dashboard/", "/corbi/", "/sign-in"])
def test_nothing_is_served_beside_the_path(address: str, path: str) -> None:
    assert requests.get(address + path, headers=SIGNED_IN, timeout=10).status_code == 404


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [("/corbi/boards/alerts/", "/corbi/boards/alerts/"), ("/elsewhere/", "/corbi/boards/dashboard/")],
)
def test_signing_in_leads_back_under_the_path_and_the_cookie_stays_there(
    address: str, wanted: str, leads_to: str
) -> None:
    form, public = {"token": "t", "next": wanted}, {"Origin": "https://monitoring.example.com"}
    url = f"{address}/corbi/boards/sign-in"
    answer = requests.post(url, data=form, headers=public, allow_redirects=False, timeout=10)
    assert answer.headers["Location"] == leads_to
    assert "Path=/corbi/boards/;" in answer.headers["Set-Cookie"]


def test_the_links_of_our_pages_stand_under_the_path(address: str) -> None:
    page = requests.get(f"{address}/corbi/boards/", headers=SIGNED_IN, timeout=10).text
    assert [app.path for app in APPS if f'href="/corbi/boards{app.path}/"' not in page] == []
    assert 'href="/corbi/boards/"' in page
    assert 'action="/corbi/boards/sign-out"' in page
    assert 'action="/corbi/boards/sign-in"' in requests.get(f"{address}/corbi/boards/sign-in", timeout=10).text


@pytest.mark.parametrize("host", ["boards.internal", "10.0.0.1:8080", "monitoring.example.com"])
def test_a_host_of_the_setting_is_answered(address: str, host: str) -> None:
    assert requests.get(f"{address}/corbi/boards/sign-in", headers={"Host": host}, timeout=10).status_code == 200


def test_a_session_under_the_path_links_there_and_one_that_fails_tells_no_traceback(address: str) -> None:
    headers = SIGNED_IN | {"Origin": address}
    with socket(f"{address}/corbi/boards/alerts", "s_failing", headers) as connection:
        session = heard(connection)
    assert "/corbi/boards/messages/" in session
    assert "internal" in session
    assert [told for told in ("Traceback", 'File \\"', ".py", "unheard_of") if told in session] == []
