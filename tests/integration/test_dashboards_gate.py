"""The gate before the dashboards, over HTTP and WebSocket: who gets in, who speaks to whose session, from where."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from socket import create_connection
from urllib.parse import quote

import pytest
import requests
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

import notebooks
from api.access.identity import issue_token
from demo.people import ADMIN_USER_ID, BOTH_USER_ID, VIEWER_USER_ID
from notebooks.look.navigation import APPS, App
from tests.integration.dashboards_process import heard, serving_api, serving_dashboards, socket
from warehouse.settings import Settings

SPOKEN = "/dashboard/api/kernel/set_ui_element_value"


@pytest.fixture(scope="module")
def url(loaded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Dashboards as a process of their own, over the API in this one."""
    with serving_api(loaded) as api_url:
        changed = {"api_url": api_url, "dashboard_url": "https://monitoring.example.com"}
        with serving_dashboards(loaded.model_copy(update=changed), tmp_path_factory.mktemp("logs")) as found:
            yield found


def token(loaded: Settings, user_id: int, ttl: timedelta = timedelta(minutes=5)) -> str:
    return issue_token(loaded.required("secret_key"), user_id, ttl)


def cookie(loaded: Settings, user_id: int) -> dict[str, str]:
    return {"Cookie": f"corbi_access={token(loaded, user_id)}"}


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
            socket(f"{url}/dashboard", "s_refused", headers)
        assert refused.value.response.status_code == 403


def test_a_session_answers_to_the_person_who_opened_it_alone(url: str, loaded: Settings) -> None:
    with socket(f"{url}/dashboard", "s_mine", cookie(loaded, ADMIN_USER_ID) | {"Origin": url}) as mine:
        assert "kernel-ready" in mine.recv(timeout=30)
        with pytest.raises(InvalidStatus):
            socket(f"{url}/dashboard", "s_mine", cookie(loaded, VIEWER_USER_ID) | {"Origin": url})
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


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.path)
def test_no_page_and_no_session_names_a_folder_of_the_server(url: str, loaded: Settings, app: App) -> None:
    headers = cookie(loaded, ADMIN_USER_ID) | {"Origin": url}
    page = requests.get(f"{url}{app.path}/", headers=headers, timeout=10)
    assert app.notebook in page.text
    with socket(url + app.path, f"s_path{app.path[1:]}", headers) as connection:
        session = heard(connection)
    assert [folder for folder in folders() if folder in page.text + session] == []


@pytest.mark.parametrize(
    "path", ["dashboard/?file=x.py", "dashboard/@file/x", "dashboard/assets/x.js", "dashboard/manifest.json",
             "dashboard/public-files-sw.js", "dashboard/health", "dashboard/x", "nothing", "dashboard", "sign-in"],
)  # fmt: skip
def test_no_other_answer_names_one(url: str, loaded: Settings, path: str) -> None:
    answer = requests.get(f"{url}/{path}", headers=cookie(loaded, ADMIN_USER_ID), allow_redirects=False, timeout=10)
    assert [folder for folder in folders() if folder in f"{answer.headers}{answer.text}"] == []


def folders() -> set[str]:
    """This machine's folders, as they would stand in a page, a script and an address."""
    installed = Path(notebooks.__file__).parent
    told = [installed, installed.parent, Path(pytest.__file__).parents[1], Path.home(), Path.cwd()]
    return {written for folder in told for written in (f"{folder}/", quote(f"{folder}/", safe=""), folder.as_uri())}


@pytest.mark.parametrize("path", ["/", "/sign-in", "/dashboard/", "/dashboard", "/dashboard/manifest.json"])
@pytest.mark.parametrize(
    "host", ["evil.example.com", "monitoring.example.com.evil.com", "evil.com/monitoring.example.com", "10.0.0.1:8080"]
)
def test_a_host_that_is_not_set_up_is_refused_with_the_settings_name(url: str, path: str, host: str) -> None:
    answer = requests.get(url + path, headers={"Host": host}, allow_redirects=False, timeout=10)
    assert answer.status_code == 400
    assert "CORBI_DASHBOARD_URL" in answer.json()["detail"]
    assert "CORBI_DASHBOARD_HOSTS" in answer.json()["detail"]
    assert host not in f"{answer.headers}{answer.text}"


def test_what_a_proxy_or_a_client_says_of_the_host_is_not_listened_to(url: str) -> None:
    said = {"X-Forwarded-Host": "evil.example.com", "X-Forwarded-Proto": "http", "Forwarded": "host=evil.example.com",
            "X-Forwarded-Prefix": "/evil", "X-Forwarded-For": "evil"}  # fmt: skip
    for path in ("/", "/dashboard/", "/dashboard", "/sign-in"):
        answer = requests.get(url + path, headers=said, allow_redirects=False, timeout=10)
        assert "evil" not in f"{answer.headers}{answer.text}"
    answer = requests.get(f"{url}/sign-in", headers=said | {"Host": "evil.example.com"}, timeout=10)
    assert answer.status_code == 400


@pytest.mark.parametrize("host", ["monitoring.example.com", "MONITORING.example.com:443", "localhost:1", "[::1]:8080"])
def test_the_public_host_and_this_machines_own_are_answered(url: str, host: str) -> None:
    answer = requests.get(f"{url}/", headers={"Host": host}, allow_redirects=False, timeout=10)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")


def test_a_load_balancer_asks_for_its_health_by_any_host(url: str) -> None:
    assert requests.get(f"{url}/healthz", headers={"Host": "10.0.0.1:8080"}, timeout=10).json() == {"status": "ok"}


def test_a_socket_to_another_host_is_refused(url: str, loaded: Settings) -> None:
    port = url.rpartition(":")[2]
    evil = f"http://evil.example.com:{port}"
    raw = create_connection(("127.0.0.1", int(port)))
    with pytest.raises(InvalidStatus) as refused:
        connect(f"{evil.replace('http', 'ws')}/dashboard/ws?session_id=s_evil", sock=raw,
                additional_headers=cookie(loaded, ADMIN_USER_ID) | {"Origin": evil})  # fmt: skip
    assert refused.value.response.status_code == 403
