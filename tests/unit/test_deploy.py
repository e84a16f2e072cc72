"""The files in deploy/ are sound and speak of the same paths and ports."""

import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from warehouse.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
NGINX = (DEPLOY / "nginx/corbi-monitoring.conf").read_text(encoding="utf-8")
INSTALLED = "/opt/corbi-monitoring/bin"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here")
def test_systemd_has_nothing_to_say_about_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace(INSTALLED, str(Path(sys.executable).parent))
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    command = ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)]
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (said.returncode, said.stdout + said.stderr) == (0, "")


def test_each_role_has_its_unit_and_each_unit_is_held_in_the_same_way() -> None:
    roles = ("api", "code-server", "dagster-daemon", "dagster-webserver", "dashboards")
    assert [unit.stem.removeprefix("corbi-monitoring-") for unit in UNITS] == list(roles)
    assert len({tuple(_hardening(unit)) for unit in UNITS}) == 1


@pytest.mark.parametrize("name", ["corbi-monitoring.env", "dashboards.env"])
def test_an_environment_file_holds_settings_that_work(name: str) -> None:
    given = _environment(name)
    known = {f"CORBI_{field.upper()}" for field in Settings.model_fields}
    assert set(given) - known == set()
    Settings.model_validate({variable.removeprefix("CORBI_").lower(): value for variable, value in given.items()})


def test_the_dashboards_are_given_no_secret() -> None:
    secret = {
        f"CORBI_{name.upper()}" for name, field in Settings.model_fields.items() if "Secret" in str(field.annotation)
    }
    assert set(_environment("dashboards.env")) & secret == set()


def test_nginx_and_the_parts_agree_on_paths_and_ports() -> None:
    parts, dashboards = _environment("corbi-monitoring.env"), _environment("dashboards.env")
    public, dagster = urlsplit(dashboards["CORBI_DASHBOARD_URL"]), urlsplit(parts["CORBI_DAGSTER_WEBSERVER_URL"])
    assert parts["CORBI_DASHBOARD_URL"] == dashboards["CORBI_DASHBOARD_URL"]
    assert f"server_name {public.hostname};" in NGINX
    passed = dict(re.findall(r"location (/\S+) \{.*?proxy_pass +http://(\w+);", NGINX, re.DOTALL))
    assert passed == {
        f"{public.path}/": "corbi_dashboards",
        f"{parts['CORBI_API_BASE_PATH']}/api/": "corbi_api",
        f"{dagster.path}/": "corbi_dagster",
    }
    ports = dict(re.findall(r"upstream (\w+) +\{ server 127\.0\.0\.1:(\d+);", NGINX))
    assert ports == {
        "corbi_dashboards": str(Settings().dashboard_port),
        "corbi_api": str(urlsplit(dashboards["CORBI_API_URL"]).port),
        "corbi_dagster": str(dagster.port),
    }
    webserver = _service(DEPLOY / "systemd/corbi-monitoring-dagster-webserver.service")["execstart"]
    assert f"--port {dagster.port} --path-prefix {dagster.path} " in webserver


def _environment(name: str) -> dict[str, str]:
    lines = (DEPLOY / name).read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def _service(unit: Path) -> dict[str, str]:
    parser = ConfigParser(strict=False, interpolation=None)
    parser.read(unit, encoding="utf-8")
    return dict(parser["Service"])


def _hardening(unit: Path) -> list[str]:
    _, _, rest = unit.read_text(encoding="utf-8").partition("NoNewPrivileges=yes\n")
    assert rest
    return rest.partition("[Install]")[0].split()
