"""docs/alerts.md tells the truth: every default, and a section for every alert's link."""

import re
from pathlib import Path

import pytest

from alerts.thresholds import load_defaults
from alerts.vocabulary import Rule

PAGE = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text(encoding="utf-8")


def shown(value: float | None) -> str:
    return "" if value is None else f"{value:,.10g}"


@pytest.mark.parametrize("rule", Rule)
def test_the_table_gives_the_defaults_of_a_rule(rule: Rule) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| [`{rule}`]"))
    default = load_defaults()[rule]
    assert [cell.strip() for cell in row.strip("|").split("|")][1:] == [
        default.unit,
        *map(shown, (default.info, default.warn, default.critical, default.clear, default.minimum_volume)),
        *map(str, (default.window_minutes, default.hold_minutes, default.clear_minutes, default.reopen_minutes)),
        str(default.escalate_minutes),
    ]


@pytest.mark.parametrize("rule", Rule)
def test_an_alerts_link_leads_to_a_section(rule: Rule) -> None:
    assert re.search(rf"^### {rule.replace('_', '-')}$", PAGE, re.MULTILINE)
