"""What a channel is called: any word, in one form wherever it is asked for, and the order in which channels are told.

Belongs here: the names of channels in Python. Does not: what a row's text becomes (source/words.py),
what is counted of a channel (queries/measures.py), what people call it (alerts/, notebooks/).
"""

import re
from collections.abc import Iterable

KNOWN = ("whatsapp", "email", "telegram", "instagram")
"""The platform's own channels, which are always told, used or not. Others are told where they occur."""

LONGEST = 64

_LETTER = "(?: ?[A-Za-z_-])"
WORD = f"[A-Za-z]{_LETTER}*(?: ?[0-9]{_LETTER}*){{0,3}}"
"""Letters, blanks, `_`, `-` and up to three digits: a telephone number or an address does not pass. DuckDB, PostgreSQL,
Python and JSON Schema read it alike."""

PATTERN = f"^{WORD}$"

_WORD = re.compile(WORD, re.ASCII)


def channel_of(text: str) -> str:
    """The name of a channel that somebody asks for, as the lake has it. Raises ValueError for what can be none."""
    name = text.strip()
    if len(name) > LONGEST or not _WORD.fullmatch(name):
        raise ValueError(
            f"a channel is a word such as whatsapp or sms: at most {LONGEST} letters, three digits among them"
        )
    return name.lower()


def in_order(found: Iterable[str]) -> list[str]:
    """The known channels in their order, then the others that were found in theirs."""
    return [*KNOWN, *sorted({*found} - {*KNOWN})]
