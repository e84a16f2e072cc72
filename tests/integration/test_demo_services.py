"""Child processes of the demonstration: watched, and ended with all that they started."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from demo.services import PortInUseError, Service, ServiceFailedError, Services, require_free_port

# Starts a process of its own and tells its number, then both wait; the inner one doesn't listen to SIGTERM.
PARENT = """
import signal, subprocess, sys, time
stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up'); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-u", "-c", stubborn])
print(child.pid, flush=True)
time.sleep(600)
"""


def _service(name: str, code: str, probe: str | None = None) -> Service:
    return Service(name, (sys.executable, "-c", code), dict(os.environ), probe)


def _never() -> bool:
    return False


def test_no_process_outlives_the_block_not_even_one_that_a_service_started(tmp_path: Path) -> None:
    service = _service("Parent", PARENT)
    with Services(tmp_path) as services:
        services.start(service)
        _until(lambda: len(services.log(service).read_text().split()) == 2)
        grandchild = next(int(word) for word in services.log(service).read_text().split() if word != "up")
        services.check()
        assert _lives(grandchild)
    _until(lambda: not _lives(grandchild))


def test_a_service_that_ends_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    service = _service("Short lived", "print('what went wrong'); raise SystemExit(3)")
    with Services(tmp_path) as services:
        services.start(service)
        services.running[0].wait()
        with pytest.raises(ServiceFailedError) as failure:
            services.check()
    assert "Short lived ended with status 3" in str(failure.value)
    assert "what went wrong" in str(failure.value)
    assert str(tmp_path / "short-lived.log") in str(failure.value)


def test_a_service_is_ready_once_its_probe_answers(tmp_path: Path) -> None:
    port = _free_port()
    service = Service(
        "Web",
        (sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"),
        dict(os.environ),
        f"http://127.0.0.1:{port}/",
    )
    with Services(tmp_path) as services:
        services.start(service)
        assert services.await_ready(service, _never)
        with pytest.raises(PortInUseError, match=f"Port {port} .* set CORBI_API_PORT to a free one"):
            require_free_port("127.0.0.1", port, "CORBI_API_PORT")
    require_free_port("127.0.0.1", port, "CORBI_API_PORT")


def test_waiting_for_a_service_ends_when_stopping_is_asked_for(tmp_path: Path) -> None:
    service = _service("Silent", "import time; time.sleep(600)", "http://127.0.0.1:1/")
    with Services(tmp_path) as services:
        services.start(service)
        assert not services.await_ready(service, lambda: True)


@pytest.mark.skipif(sys.platform != "linux", reason="the system ends children with their parent on Linux alone")
def test_services_end_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    code = f"""
import os, sys, time
from pathlib import Path
from demo.services import Service, Services
services = Services(Path({str(tmp_path)!r}))
services.start(Service("Child", (sys.executable, "-c", "import time; time.sleep(600)"), dict(os.environ)))
print(services.running[0].pid, flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert _lives(child)
        parent.send_signal(signal.SIGKILL)
    _until(lambda: not _lives(child))


def _until(is_true: Callable[[], bool]) -> None:
    """Waits for what must come; the test's own time limit is what ends a wait in vain."""
    while not is_true():
        time.sleep(0.05)


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
