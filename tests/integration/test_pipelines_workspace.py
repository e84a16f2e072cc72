"""workspace.yaml, as the webserver and the daemon load it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_workspace_loads() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dagster", "definitions", "validate", "-w", "workspace.yaml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "corbi_monitoring" in done.stdout + done.stderr


def test_importing_the_definitions_does_nothing() -> None:
    program = (
        "import sys; before = set(sys.modules); import pipelines.definitions, warehouse.settings as s; "
        "print(s.load_settings.cache_info().currsize)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"CORBI_API_PORT": "no port", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "0"
