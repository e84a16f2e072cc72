"""deploy/nginx as it stands, under a real nginx with TLS: dashboards, their sockets and the API under one path."""

import os
import re
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection

import pytest
import requests
from requests.adapters import HTTPAdapter
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from api.access.identity import issue_token
from demo.people import ADMIN_USER_ID
from tests.browser.stack import free_ports
from tests.integration.dashboards_process import heard, serving_api, serving_dashboards
from warehouse.settings import Settings

CONFIGURATION = Path(__file__).parents[2] / "deploy/nginx/corbi-monitoring.conf"
HOST = "corbi.example.com"
PUBLIC = f"https://{HOST}"

pytestmark = pytest.mark.skipif(
    shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") is None or shutil.which("openssl") is None,
    reason="there is no nginx here, or no openssl",
)


class ByName(HTTPAdapter):
    """Asks this machine for a host, which the certificate must be of."""

    def send(self, request: requests.PreparedRequest, *arguments: object, **options: object) -> requests.Response:
        request.headers["Host"] = HOST
        return super().send(request, *arguments, **options)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Front:
    """nginx: its port, its certificate, and a token for what is behind it."""

    port: int
    certificate: Path
    token: str

    def get(self, path: str, **headers: str) -> requests.Response:
        """What a browser would be told, redirects unfollowed."""
        return self._asked("GET", path, headers, None)

    def post(self, path: str, form: dict[str, str]) -> requests.Response:
        """What a form of one of our pages would be told."""
        return self._asked("POST", path, {"Origin": PUBLIC}, form)

    def socket(self, session: str, origin: str) -> ClientConnection:
        """A session with the dashboard."""
        trusted = ssl.create_default_context(cafile=str(self.certificate))
        return connect(
            f"wss://{HOST}/monitoring/dashboard/ws?session_id={session}", ssl=trusted, max_size=None,
            sock=create_connection(("127.0.0.1", self.port)),
            additional_headers={"Cookie": f"corbi_access={self.token}", "Origin": origin},
        )  # fmt: skip

    def _asked(self, method: str, path: str, headers: dict[str, str], form: dict[str, str] | None) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            adapter = ByName()
            adapter.init_poolmanager(1, 1, server_hostname=HOST, assert_hostname=HOST)
            session.mount("https://", adapter)
            url = f"https://127.0.0.1:{self.port}{path}"
            return session.request(method, url, headers=headers, data=form, verify=str(self.certificate),
                                   allow_redirects=False, timeout=30)  # fmt: skip


@pytest.fixture(scope="module")
def front(loaded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """nginx with the repository's configuration: its ports and certificate are ours, nothing else is changed."""
    folder = tmp_path_factory.mktemp("nginx")
    with serving_api(loaded.model_copy(update={"api_base_path": "/monitoring"})) as api_url:
        public = loaded.model_copy(update={"api_url": api_url, "dashboard_url": f"{PUBLIC}/monitoring"})
        with serving_dashboards(public, folder / "logs") as dashboards_url:
            port = free_ports(1)[0]
            _write(folder, {"443": str(port), "8000": _port(api_url), "8080": _port(dashboards_url)})
            with subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf")], env=_path()) as nginx:
                try:
                    _await(port, nginx)
                    token = issue_token(loaded.required("secret_key"), ADMIN_USER_ID)
                    yield Front(port, folder / "fullchain.pem", token)
                finally:
                    nginx.terminate()


def test_signing_in_leads_to_a_page_under_the_path_and_its_socket_opens(front: Front) -> None:
    asked = front.get("/monitoring/dashboard/")
    assert asked.headers["Location"] == "/monitoring/sign-in?next=%2Fmonitoring%2Fdashboard%2F"
    signed_in = front.post("/monitoring/sign-in", {"token": front.token, "next": "/monitoring/dashboard/"})
    assert signed_in.headers["Location"] == "/monitoring/dashboard/"
    assert {"Path=/monitoring/", "Secure"} <= set(signed_in.headers["Set-Cookie"].split("; "))
    page = front.get("/monitoring/dashboard/", Cookie=f"corbi_access={front.token}")
    script = re.findall(r'src="\./(assets/[^"]+\.js)"', page.text)[0]
    assert front.get(f"/monitoring/dashboard/{script}").status_code == 200
    with front.socket("s_nginx", PUBLIC) as session:
        assert "/monitoring/messages/?" in heard(session)


def test_a_socket_of_another_site_is_refused(front: Front) -> None:
    with pytest.raises(InvalidStatus):
        front.socket("s_foreign", "https://evil.example.com")


def test_the_api_answers_under_the_path_with_addresses_that_lead_back_to_it(front: Front) -> None:
    bearer = {"Authorization": f"Bearer {front.token}"}
    assert front.get("/monitoring/api/metrics", **bearer).headers["Location"] == "/monitoring/api/metrics/"
    assert front.get("/monitoring/api/metrics/", **bearer).status_code == 200
    assert (
        "</monitoring/api/monitoring/events/?"
        in front.get("/monitoring/api/monitoring/events/?limit=1", **bearer).headers["Link"]
    )
    assert front.get("/monitoring/api/openapi.json").json()["servers"] == [{"url": "/monitoring"}]
    assert front.get("/monitoring/api/docs/swagger-ui.css").status_code == 200


def test_a_path_without_its_last_slash_leads_on_without_a_host(front: Front) -> None:
    assert front.get("/monitoring").headers["Location"] == "/monitoring/"


def test_what_a_client_says_of_the_host_changes_nothing(front: Front) -> None:
    said = {"X-Forwarded-Host": "evil.example.com", "Forwarded": "host=evil.example.com", "X-Forwarded-Prefix": "/evil"}
    for path in ("/monitoring", "/monitoring/", "/monitoring/sign-in", "/monitoring/api/metrics"):
        answer = front.get(path, **said)
        assert "evil" not in f"{answer.headers}{answer.text}"


def test_another_host_gets_no_answer(front: Front) -> None:
    with pytest.raises(requests.ConnectionError):
        requests.get(f"https://127.0.0.1:{front.port}/monitoring/", verify=str(front.certificate), timeout=30)


def _write(folder: Path, ports: dict[str, str]) -> None:
    certificate = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}",
                   "-addext", f"subjectAltName=DNS:{HOST}", "-keyout", str(folder / "privkey.pem"),
                   "-out", str(folder / "fullchain.pem")]  # fmt: skip
    subprocess.run(certificate, check=True, capture_output=True)
    text = CONFIGURATION.read_text(encoding="utf-8").replace("/etc/ssl/corbi/", f"{folder}/")
    text = re.sub(r"listen 80;", f"listen 127.0.0.1:{free_ports(1)[0]};", text)
    text = text.replace("listen 443", f"listen 127.0.0.1:{ports['443']}")
    for usual in ("8000", "8080"):
        text = text.replace(f"server 127.0.0.1:{usual};", f"server 127.0.0.1:{ports[usual]};")
    (folder / "site.conf").write_text(text, encoding="utf-8")
    kept = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ access_log off; {kept} include {folder}/site.conf; }}\n",
        encoding="utf-8",
    )


def _port(url: str) -> str:
    return url.rpartition(":")[2]


def _path() -> dict[str, str]:
    return dict(os.environ) | {"PATH": f"{os.environ['PATH']}:/usr/sbin"}


def _await(port: int, nginx: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and nginx.poll() is None:
        try:
            create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("nginx doesn't listen")
