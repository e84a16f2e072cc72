"""Gives an error text one of seven reasons, a finer code of ours and the provider's code.

Belongs here: the seven reasons (reasons.py), the rules as data (failure_rules.toml), how the file is read
(rule_file.py), how a text is judged by it (rules.py, classify.py) and how that is explained (explain.py). Does not:
masking (warehouse/failure_reasons/masking.py), storing and counting reasons (warehouse/rollups/).
"""

from warehouse.failure_reasons.classify import classify
from warehouse.failure_reasons.explain import Explained, explain, unknown_by_count
from warehouse.failure_reasons.reasons import FINER_CODES, Failure, Reason
from warehouse.failure_reasons.rule_file import load_rules, rules_version
from warehouse.failure_reasons.rules import RuleBook

__all__ = [
    "FINER_CODES",
    "Explained",
    "Failure",
    "Reason",
    "RuleBook",
    "classify",
    "explain",
    "load_rules",
    "rules_version",
    "unknown_by_count",
]
