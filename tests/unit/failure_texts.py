"""The two lists of failure texts, as tests read them.

Belongs here: reading the lists. Does not: what is claimed of them (test_failure_reasons*.py, test_masking.py).
failure_texts_rules.csv is the list by which the rules were written; failure_texts_independent.csv was labelled by the
meanings in docs/failure-reasons.md alone, each text before anybody looked what the rules say of it.
"""

import csv
from pathlib import Path
from typing import NamedTuple


class Known(NamedTuple):
    """A text of a channel and the reason that a person gave it."""

    channel: str
    reason: str
    text: str


def _read(name: str) -> list[Known]:
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as file:
        return [Known(row["channel"], row["reason"], row["text"]) for row in csv.DictReader(file)]


WRITTEN_BY = _read("failure_texts_rules.csv")
INDEPENDENT = _read("failure_texts_independent.csv")
