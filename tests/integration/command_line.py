"""Runs `corbi-monitoring` as a process of its own, in an empty folder and with an environment of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class CommandLine:
    """The command in a folder that is its CORBI_HOME too; `settings` are its CORBI_ variables."""

    home: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the command: nothing of ours but where programs and code are, and its own settings."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
        return kept | {"CORBI_HOME": str(self.home)} | self.settings

    def having(self, **settings: str) -> "CommandLine":
        """The same command with more settings."""
        return CommandLine(self.home, self.settings | settings)

    def run(self, *arguments: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        """Runs to the end, `given` on its standard input; neither the status nor what was printed is judged."""
        return subprocess.run(
            [sys.executable, "-m", "cli.main", *arguments],
            cwd=self.home,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )

    def succeed(self, *arguments: str) -> str:
        """What it printed on stdout. Fails where the exit status is not 0."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def document(self, *arguments: str) -> Any:
        """The JSON it printed. Fails where the exit status is not 0."""
        return json.loads(self.succeed(*arguments, "--json"))

    def fail(self, *arguments: str) -> str:
        """The one message of a failure. Fails where the command succeeds or shows a traceback."""
        done = self.run(*arguments)
        assert done.returncode == 1, done.stderr + done.stdout
        assert "Traceback" not in done.stderr, done.stderr
        assert done.stderr.count("Error: ") == 1, done.stderr
        return done.stderr[done.stderr.index("Error: ") :].removeprefix("Error: ").strip()
