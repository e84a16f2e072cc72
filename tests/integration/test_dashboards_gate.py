"""The gate before the dashboards, over HTTP and WebSocket: who gets in, who speaks to whose session, from where."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import requests
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from werkzeug.serving import make_server

from api.access.identity import issue_token
from api.app import create_app as create_api
from api.serving.needs import EXTENSION
from cli.composition import environment_of
from demo.people import ADMIN_USER_ID, BOTH_USER_ID, VIEWER_USER_ID
from demo.services import Service, Services
from tests.browser.stack import free_ports
from warehouse.settings import Settings

SPOKEN = "/dashboard/api/kernel/set_ui_element_value"


@pytest.fixture(scope="module")
def url(loaded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Dashboards as a process of their own, over the API in this one."""
    with serving_api(loaded) as api_url, Services(tmp_path_factory.mktemp("logs")) as services:
        port = free_ports(1)[0]
        settings = loaded.model_copy(
            update={"api_url": api_url, "dashboard_port": port, "dashboard_url": "https://monitoring.example.com"}
        )
        command = (sys.executable, "-m", "cli.main", "dashboards")
        found = f"http://127.0.0.1:{port}"
        dashboards = Service("Dashboards", command, environment_of(settings), probe=f"{found}/healthz")
        services.start(dashboards)
        services.await_ready(dashboards, lambda: False)
        yield found


@contextmanager
def serving_api(settings: Settings) -> Iterator[str]:
    app = create_api(settings)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions[EXTENSION].close()


def token(loaded: Settings, user_id: int, ttl: timedelta = timedelta(minutes=5)) -> str:
    return issue_token(loaded.required("secret_key"), user_id, ttl)


def cookie(loaded: Settings, user_id: int) -> dict[str, str]:
    return {"Cookie": f"corbi_access={token(loaded, user_id)}"}


def socket(url: str, session: str, headers: dict[str, str]) -> ClientConnection:
    return connect(f"{url.replace('http', 'ws')}/dashboard/ws?session_id={session}", additional_headers=headers)


def test_a_page_without_a_token_leads_to_the_sign_in_and_back(url: str) -> None:
    answer = requests.get(f"{url}/messages/?status=failed", allow_redirects=False, timeout=10)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in?next=%2Fmessages%2F%3Fstatus%3Dfailed"


def test_the_token_comes_by_cookie_or_by_the_header_of_the_platforms_proxy(url: str, loaded: Settings) -> None:
    for headers in (cookie(loaded, ADMIN_USER_ID), {"Authorization": f"Bearer {token(loaded, ADMIN_USER_ID)}"}):
        answer = requests.get(f"{url}/dashboard/", headers=headers, timeout=10)
        assert answer.status_code == 200
        assert "marimo" in answer.text


def test_an_expired_token_is_told_from_none(url: str, loaded: Settings) -> None:
    old = {"Cookie": f"corbi_access={token(loaded, ADMIN_USER_ID, timedelta(seconds=-1))}"}
    answer = requests.get(f"{url}/dashboard/", headers=old, allow_redirects=False, timeout=10)
    assert answer.headers["Location"].endswith("&expired=1")


@pytest.mark.parametrize(
    "path",
    ["/dashboard/api/kernel/run", "/dashboard/api/kernel/shutdown", "/dashboard/api/files/list_files",
     "/dashboard/terminal/ws", "/dashboard/api/export/html", "/dashboard/api/home/running_notebooks",
     "/dashboard/auth/login"],
)  # fmt: skip
def test_what_the_apps_do_not_use_of_marimos_server_is_not_there(url: str, loaded: Settings, path: str) -> None:
    headers = cookie(loaded, ADMIN_USER_ID) | {"Marimo-Session-Id": "s_1"}
    for method in ("GET", "POST"):
        assert requests.request(method, url + path, headers=headers, json={}, timeout=10).status_code == 404


def test_a_socket_is_refused_without_a_token_and_from_another_site(url: str, loaded: Settings) -> None:
    for headers in ({"Origin": url}, cookie(loaded, ADMIN_USER_ID) | {"Origin": "https://evil.example.com"}):
        with pytest.raises(InvalidStatus) as refused:
            socket(url, "s_refused", headers)
        assert refused.value.response.status_code == 403


def test_a_session_answers_to_the_person_who_opened_it_alone(url: str, loaded: Settings) -> None:
    with socket(url, "s_mine", cookie(loaded, ADMIN_USER_ID) | {"Origin": url}) as mine:
        assert "kernel-ready" in mine.recv(timeout=30)
        with pytest.raises(InvalidStatus):
            socket(url, "s_mine", cookie(loaded, VIEWER_USER_ID) | {"Origin": url})
        spoken = {"Marimo-Session-Id": "s_mine", "Origin": url}
        body = {"objectIds": [], "values": []}
        for user_id, status in ((VIEWER_USER_ID, 403), (ADMIN_USER_ID, 200)):
            headers = cookie(loaded, user_id) | spoken
            assert requests.post(url + SPOKEN, headers=headers, json=body, timeout=10).status_code == status
        assert requests.post(url + SPOKEN, headers=spoken, json=body, timeout=10).status_code == 401


@pytest.mark.parametrize("path", [SPOKEN, "/sign-in", "/sign-out"])
def test_a_post_from_another_site_is_refused(url: str, loaded: Settings, path: str) -> None:
    headers = cookie(loaded, ADMIN_USER_ID) | {"Origin": "https://evil.example.com"}
    assert requests.post(url + path, headers=headers, timeout=10).status_code == 403


@pytest.mark.parametrize("wanted", ["https://evil.example.com/", "//evil.example.com/", "/\\evil.example.com", "x"])
def test_signing_in_never_leads_to_another_site(url: str, loaded: Settings, wanted: str) -> None:
    form = {"token": token(loaded, BOTH_USER_ID), "next": wanted}
    answer = requests.post(f"{url}/sign-in", data=form, headers={"Origin": url}, allow_redirects=False, timeout=10)
    assert answer.headers["Location"] == "/dashboard/"
    assert {"HttpOnly", "Secure", "SameSite=lax"} <= set(answer.headers["Set-Cookie"].split("; "))


def test_no_user_of_the_demonstration_signs_in_where_it_does_not_run(url: str) -> None:
    form = {"demo_user": "admin"}
    answer = requests.post(f"{url}/sign-in", data=form, headers={"Origin": url}, allow_redirects=False, timeout=10)
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers


def test_every_answer_carries_the_security_headers_and_pages_are_not_stored(url: str) -> None:
    answer = requests.get(f"{url}/sign-in", timeout=10)
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
