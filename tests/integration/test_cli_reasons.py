"""`corbi-monitoring reasons` on texts from standard input, and what the doctor says of a rule file.

Belongs here: the command as an operator pipes texts into it. Does not: the texts of a warehouse (test_cli_demo.py),
what texts mean (tests/unit/test_failure_reasons.py).
"""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.integration.command_line import CommandLine
from warehouse.doctor import check_failure_rules, examine
from warehouse.settings import Settings

TEXTS = "550 5.2.2 over quota for mario@example.it\n\nqwertz 1\n(#4) no\nqwertz 1\nasdf\n"
RULE = """
[[rule]]
name = "keyboard"
reason = "bounce"
finer = "other_bounce"
text = ["qwertz"]
source = "our gateway's handbook"
"""


@pytest.fixture
def command(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


@pytest.fixture
def terminal() -> Iterator[int]:
    """A terminal's end that a process may have as its standard input."""
    outer, inner = pty.openpty()
    yield inner
    os.close(outer)
    os.close(inner)


def test_each_line_is_told_with_its_reason_code_rule_and_source(command: CommandLine) -> None:
    found = json.loads(command.run("reasons", "--channel", "email", "--json", given=TEXTS).stdout)
    assert [one["reason"] for one in found] == ["bounce", "unknown", "unknown", "unknown", "unknown"]
    assert found[0] == {
        "channel": "email",
        "template": "550 5.2.2 over quota for <email>",
        "reason": "bounce",
        "code": "mailbox_full",
        "provider_code": "550 5.2.2",
        "rule": "text-mailbox-full",
        "source": found[0]["source"],
        "count": 1,
    }
    assert "RFC 3463" in found[0]["source"]
    printed = command.run("reasons", given=TEXTS).stdout
    assert "bounce/mailbox_full [550 5.2.2]  550 5.2.2 over quota for <email>" in printed
    assert "rate-limit/throttled [4]  (#4) no" in printed
    assert "by no rule" in printed
    assert "mario" not in printed


def test_texts_may_be_of_any_channel(command: CommandLine) -> None:
    for asked, name in (("sms", "sms"), (" Facebook ", "facebook")):
        found = json.loads(command.run("reasons", "--channel", asked, "--json", given=TEXTS).stdout)
        assert {one["channel"] for one in found} == {name}
    refused = command.run("reasons", "--channel", "+39 055 123", given=TEXTS)
    assert refused.returncode == 2
    assert "a channel is a word such as whatsapp or sms" in " ".join(refused.stderr.split())


def test_unknown_texts_are_counted_masked_and_the_most_frequent_comes_first(command: CommandLine) -> None:
    found = json.loads(command.run("reasons", "--channel", "email", "--unknown", "--json", given=TEXTS).stdout)
    assert [(one["count"], one["template"]) for one in found] == [(2, "qwertz 1"), (1, "(#4) no"), (1, "asdf")]
    assert command.run("reasons", "--unknown", given=TEXTS).stdout.split()[:3] == ["2", "any", "channel"]


def test_an_operators_rule_is_named_as_the_one_that_decided(command: CommandLine) -> None:
    (command.home / "own.toml").write_text(RULE, encoding="utf-8")
    own = command.having(CORBI_FAILURE_RULES=str(command.home / "own.toml"))
    found = json.loads(own.run("reasons", "--json", given="qwertz\n").stdout)
    assert [(one["rule"], one["source"]) for one in found] == [("keyboard", "our gateway's handbook")]


def test_a_terminal_is_asked_for_a_pipe(command: CommandLine, terminal: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "reasons"],
        cwd=command.home,
        env=command.environment,
        stdin=terminal,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "standard input is a terminal: pipe error texts" in done.stderr


def test_the_doctor_names_a_rule_file_that_cannot_be_used(command: CommandLine) -> None:
    broken = command.home / "own.toml"
    broken.write_text(RULE.replace("other_bounce", "mailbox_ful"), encoding="utf-8")
    [finding] = _examined(broken)
    assert finding == (True, f"{broken}: rule keyboard: as a whole: Value error, 'mailbox_ful' is no finer code of "
                             "'bounce'. Correct it there.")  # fmt: skip
    other = command.home / "mended.toml"
    other.write_text(RULE, encoding="utf-8")
    [(is_problem, text)] = _examined(other)
    assert not is_problem
    assert text.endswith(f"those of {other} first")


def _examined(rules: Path) -> list[tuple[bool, str]]:
    settings = Settings(failure_rules=rules)
    return [(one.is_problem, one.text) for one in examine(settings, datetime.now(UTC), (check_failure_rules,))]
