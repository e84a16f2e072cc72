"""Takes addresses, numbers, names, secrets and ids out of an error text before it is stored; provider codes stay in.

Belongs here: running the replacements, in Python and as a DuckDB expression. Does not: what is replaced
(replacements.py), what a text means (classify.py reads the masked text).
"""

import re
from functools import cache

from warehouse.failure_reasons.replacements import MARK, SPACE, replacements
from warehouse.lake.sql import quoted

MAX_LENGTH = 200
"""Characters of a template. Texts that differ only beyond are one failure."""

READ_LENGTH = 1000
"""Characters of a text that are looked at: some providers answer with a whole web page."""

_NOT_LAST = "0123456789 "
"""What a template that was cut can't end with: half a code would be another code."""

_CUT_WORD = r"[0-9 +().-]*[^ ]{1,100}$"
"""The end of a text that was cut: half an address or number would not be known for one."""

# One pattern, since DuckDB's replace and trim take three times as long.
_MARKS_AND_ENDS = f"^[ {MARK}]+|[ {MARK}]+$|{MARK}"


@cache
def _compiled() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(step.pattern, re.ASCII), step.by) for step in replacements())


def mask(text: str) -> str:
    """The template of an error text: at most MAX_LENGTH characters, without what is private but with codes."""
    masked = re.sub(SPACE.pattern, SPACE.by, text[:READ_LENGTH], flags=re.ASCII)
    if len(text) > READ_LENGTH:
        masked = re.sub(_CUT_WORD, "", masked, count=1)
    for pattern, by in _compiled():
        masked = pattern.sub(by, masked)
    masked = re.sub(_MARKS_AND_ENDS, "", masked)
    return masked if len(masked) <= MAX_LENGTH else masked[:MAX_LENGTH].rstrip(_NOT_LAST)


def mask_sql(expression: str) -> str:
    """The DuckDB expression that gives `mask` of a VARCHAR expression; NULL stays NULL."""
    start = _replaced(f"left({expression}, {READ_LENGTH})", SPACE.pattern, SPACE.by)
    start = f"case when length({expression}) > {READ_LENGTH} then {_replaced(start, _CUT_WORD, '')} else {start} end"
    # Nearly every text is shorter even in bytes, which needn't be counted.
    whole = _replaced(expression, SPACE.pattern, SPACE.by)
    masked = f"case when strlen({expression}) > {READ_LENGTH} then {start} else {whole} end"
    for pattern, by in (*replacements(), (_MARKS_AND_ENDS, "")):
        masked = _replaced(masked, pattern, by)
    cut = f"rtrim(left(x, {MAX_LENGTH}), '{_NOT_LAST}')"
    # The list is there to name the text, which is thus written and computed once.
    return f"list_transform([{masked}], lambda x: case when length(x) > {MAX_LENGTH} then {cut} else x end)[1]"


def _replaced(expression: str, pattern: str, by: str) -> str:
    return f"regexp_replace({expression}, {quoted(pattern)}, {quoted(by)}, 'g')"
