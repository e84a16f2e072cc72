"""From an error text to its failure.

Belongs here: what is done to a text before the rules see it. Does not: the rules.
"""

from functools import lru_cache

from warehouse.failure_reasons.masking import mask
from warehouse.failure_reasons.reasons import Failure
from warehouse.failure_reasons.rule_file import rules_in_force

_QUOTES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u00b4": "'", "\u201c": '"', "\u201d": '"'})


@lru_cache(maxsize=20_000)
def classify(template: str, channel: str | None = None) -> Failure:
    """What an error text says, masked or not. The channel keeps one provider's codes apart from another's.

    Raises SettingsError when an operator's rule file can't be used.
    """
    text = mask(template).translate(_QUOTES)
    failure = rules_in_force().judge(text, channel)
    # A name such as no_such_recipient says what its words say, where it is not a code that some rule knows.
    if failure.rule is None and "_" in text:
        return rules_in_force().judge(text.replace("_", " "), channel)
    return failure
