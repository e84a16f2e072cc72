"""docs/metrics.md names every metric with its meaning, and the rules beside it speak of metrics that there are."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.vitals.families import FAMILIES

DOCS = Path(__file__).parents[2] / "docs"
RULES = DOCS / "metrics-rules.yml"
_SAMPLES = {"histogram": ("_bucket", "_count", "_sum"), "summary": ("_count", "_sum")}


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_every_metric_stands_in_the_page_with_its_meaning() -> None:
    lines = (DOCS / "metrics.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("| `corbi_")] == [
        f"| `{family.name}` | {family.kind} | {', '.join(f'`{label}`' for label in family.labels)} | {family.help} |"
        for family in FAMILIES
    ]


def test_names_are_as_prometheus_wants_them() -> None:
    assert len({family.name for family in FAMILIES}) == len(FAMILIES)
    for family in FAMILIES:
        assert re.fullmatch(r"corbi_[a-z]+(_[a-z]+)*", family.name)
        assert (family.kind == "counter") == family.name.endswith("_total")
        assert not re.search(r"_(ms|milliseconds|minutes|kib|mib|megabytes|count|sum|bucket)$", family.name)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_a_rule_speaks_of_metrics_that_there_are_and_says_what_to_do(rule: dict[str, Any]) -> None:
    there = {"up"} | {family.name + suffix for family in FAMILIES for suffix in ("", *_SAMPLES.get(family.kind, ()))}
    spoken = set(re.findall(r"\b(?:corbi_\w+|up\b)", rule["expr"]))
    assert spoken
    assert spoken <= there
    assert rule["labels"]["severity"] in ("info", "warning", "critical")
    assert rule["annotations"].keys() == {"summary", "description"}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_prometheus_takes_the_rules() -> None:
    done = subprocess.run(["promtool", "check", "rules", str(RULES)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
