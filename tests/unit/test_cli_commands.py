"""Every command explains itself."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import COMMANDS, main

README = Path(__file__).parents[2] / "README.md"


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_what_a_command_does_and_gives_an_example(name: str) -> None:
    shown = CliRunner().invoke(main, [name, "--help"])
    assert shown.exit_code == 0
    assert "Example" in shown.output
    assert f"corbi-monitoring {name}" in shown.output


def test_the_readme_lists_the_commands_that_help_lists() -> None:
    shown = CliRunner().invoke(main, ["--help"]).output.partition("Commands:")[2]
    listed = [line.split()[0] for line in shown.splitlines() if line.strip()]
    assert listed == re.findall(r"^\| `corbi-monitoring (\w+)`", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(listed) == set(COMMANDS) - {"traffic"}


def test_an_unknown_command_is_refused() -> None:
    assert CliRunner().invoke(main, ["reasoms"]).exit_code == 2


def test_json_without_once_is_refused_by_the_demonstration() -> None:
    refused = CliRunner().invoke(main, ["demo", "--json"])
    assert refused.exit_code == 2
    assert "--once" in refused.output
