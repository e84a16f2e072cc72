"""Says of an error text what the rules make of it, and which rule, by whose word.

Belongs here: the explanation of one text, and the count of those that no rule knows. Does not: where texts come from
(cli/commands/reasons.py), how they are judged (rules.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from warehouse.failure_reasons.classify import classify
from warehouse.failure_reasons.masking import mask
from warehouse.failure_reasons.reasons import Reason
from warehouse.failure_reasons.rule_file import rules_in_force


@dataclass(frozen=True)
class Explained:
    """A masked text with what was made of it. `rule` and `source` are None when no rule fits; `count` is how often."""

    channel: str | None
    template: str
    reason: Reason
    code: str
    provider_code: str | None
    rule: str | None
    source: str | None
    count: int = 1


def explain(text: str, channel: str | None = None, count: int = 1) -> Explained:
    """What an error text, masked or not, is taken for. Raises SettingsError when a rule file can't be used."""
    failure = classify(text, channel)
    source = rules_in_force().source_of(failure.rule) if failure.rule else None
    return Explained(
        channel, mask(text), failure.reason, failure.code, failure.provider_code, failure.rule, source, count
    )


def unknown_by_count(explained: Iterable[Explained]) -> list[Explained]:
    """Those that are unknown, one a channel and template with the counts added up, the most frequent first."""
    counts: dict[tuple[str | None, str], int] = {}
    kept: dict[tuple[str | None, str], Explained] = {}
    for one in explained:
        if one.reason is Reason.UNKNOWN:
            key = (one.channel, one.template)
            counts[key] = counts.get(key, 0) + one.count
            kept.setdefault(key, one)
    ordered = sorted(counts, key=lambda key: (-counts[key], key[1], key[0] or ""))
    return [Explained(**{**vars(kept[key]), "count": counts[key]}) for key in ordered]
