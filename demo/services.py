"""The demonstration's child processes: started, waited for, watched and stopped together.

Here: a process group for each service, its log file, the question whether it answers, and an end without orphans.
Not here: which services there are.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

POLL_SECONDS = 0.2
READY_TIMEOUT_SECONDS = 180.0
STOP_TIMEOUT_SECONDS = 8.0
TAIL_LINES = 20
PR_SET_PDEATHSIG = 1


class ServiceFailedError(Exception):
    """A service ended or never answered; the text holds the end of its log."""


class PortInUseError(Exception):
    """Something else listens where a service should."""


@dataclass(frozen=True)
class Service:
    """A command that runs until it is stopped. `probe` is a URL that answers 2xx once the service is ready."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    probe: str | None = None


class Services:
    """Running services. Use as a context manager: whatever happens, none of them outlives the block."""

    def __init__(self, log_folder: Path) -> None:
        self._logs = log_folder
        self._running: list[tuple[Service, subprocess.Popen[bytes]]] = []

    def start(self, service: Service) -> None:
        """Starts a service in a process group of its own, so that a Ctrl-C in the terminal reaches it through us alone.

        Where the system can (Linux), it also ends when this process is killed.
        """
        self._logs.mkdir(parents=True, exist_ok=True)
        with self.log(service).open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own commands
                service.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(service.environment),
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one thread here
            )
        self._running.append((service, process))

    @property
    def running(self) -> tuple[subprocess.Popen[bytes], ...]:
        """The processes that were started, in that order."""
        return tuple(process for _, process in self._running)

    def log(self, service: Service) -> Path:
        """The file that holds what a service printed since it was started."""
        return self._logs / f"{service.name.lower().replace(' ', '-')}.log"

    def await_ready(self, service: Service, is_stopped: Callable[[], bool]) -> bool:
        """Waits until a service answers; False when stopped meanwhile.

        Raises ServiceFailedError when any service ends, or this one doesn't answer in time.
        """
        deadline = time.monotonic() + READY_TIMEOUT_SECONDS
        while not is_stopped():
            self.check()
            if service.probe is None or _answers(service.probe):
                return True
            if time.monotonic() > deadline:
                raise ServiceFailedError(
                    f"{service.name} does not answer at {service.probe} after {READY_TIMEOUT_SECONDS:.0f} s."
                    + self._tail(service)
                )
            time.sleep(POLL_SECONDS)
        return False

    def check(self) -> None:
        """Raises ServiceFailedError when a service has ended."""
        for service, process in self._running:
            status = process.poll()
            if status is not None:
                ending = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
                raise ServiceFailedError(f"{service.name} {ending}." + self._tail(service))

    def stop(self) -> None:
        """Asks every service to end, the last started first, and ends those that don't, with all they started."""
        for _, process in reversed(self._running):
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
        for _, process in reversed(self._running):
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                continue
        for _, process in self._running:
            _end_group(process.pid)
            process.wait()
        self._running.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _tail(self, service: Service) -> str:
        path = self.log(service)
        lines = path.read_text(errors="replace").splitlines()[-TAIL_LINES:]
        return f" The end of {path}:\n" + "\n".join(f"  {line}" for line in lines or ["(nothing was printed)"])


def require_free_port(host: str, port: int, setting: str) -> None:
    """Raises PortInUseError naming the setting to change when something listens there already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortInUseError(
                f"Port {port} on {host} can't be used ({error.strerror}): set {setting} to a free one."
            ) from error


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - an http URL of ours
            return 200 <= int(answer.status) < 300
    except (urllib.error.URLError, OSError):
        return False


def _end_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
