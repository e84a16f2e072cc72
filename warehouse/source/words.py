"""Short texts of the source: what a blank is, and what is one word of a vocabulary and not free text.

Belongs here: each normalisation once, as a DuckDB expression and, where verification or a condition needs it, as a
PostgreSQL one that says the same. Does not: which column is what (tables.py), masking (failure_reasons/masking.py).

Both sides are given expressions, not values, and NULL stays NULL.
"""

from warehouse.channels import LONGEST, PATTERN, WORD
from warehouse.failure_reasons.masking import mask_sql
from warehouse.lake.sql import quoted

BLANKS = "".join(chr(point) for point in range(0x3001) if chr(point).isspace())
"""All white space of Unicode, as Python's `str.strip` takes it. DuckDB's `trim` and PostgreSQL's take less of it."""

OTHER = "other"
"""What stands for a channel or status that is no word: something was there, but it may be an address or a sentence."""

_ASCII = "".join(blank for blank in BLANKS if blank.isascii())
_ENCODING = "getdatabaseencoding()"


def _in_encoding(blanks: str, encoding: str) -> str:
    # The encoding is asked for, so that nothing is converted before it is known which one it is.
    return f"convert_from('\\x{blanks.encode(encoding).hex()}'::bytea, {_ENCODING})"


BLANKS_AT_SOURCE = (
    f"(case when {_ENCODING} = 'UTF8' then {_in_encoding(BLANKS, 'utf-8')} "
    f"when starts_with({_ENCODING}::text, 'LATIN') then {_in_encoding(_ASCII + chr(0x85) + chr(0xA0), 'latin-1')} "
    f"else {_in_encoding(_ASCII, 'ascii')} end)"
)
"""The blanks as an expression of PostgreSQL, for its `btrim`, as far as the database's encoding has them."""

_CODES = "".join(rf"\x{{{ord(blank):x}}}" for blank in BLANKS)
_ENDS = f"[{_CODES}]"


def stripped(expression: str) -> str:
    """Without blanks at both ends."""
    # A pattern takes an eighth of the time of DuckDB's trim with a list of characters.
    return f"regexp_replace({expression}, '^{_ENDS}+|{_ENDS}+$', '', 'g')"


def stripped_at_source(expression: str) -> str:
    """`stripped` for PostgreSQL."""
    return f"btrim({expression}, {BLANKS_AT_SOURCE})"


def says_something(expression: str) -> str:
    """Whether there is anything but blanks."""
    return f"regexp_matches({expression}, '[^{_CODES}]')"


def word(expression: str) -> str:
    """A word in lower case; '' where there are only blanks, OTHER where there is anything else."""
    bare = stripped(expression)
    return (
        f"case when {_is_word(expression)} then lower({expression}) when {_is_word(bare)} then lower({bare}) "
        f"when {bare} <> '' then '{OTHER}' else {bare} end"
    )


def channel(expression: str) -> str:
    """The word for a channel: of `whatsapp:+39…`, as Twilio writes an address, what stands before the colon."""
    return f"case when {_is_word(expression)} then lower({expression}) else {word(_before_colon(expression))} end"


def channel_at_source(expression: str) -> str:
    """`channel` for PostgreSQL."""
    bare = stripped_at_source(_before_colon(expression))
    # Lower case is that of ASCII whatever the database's locale: in Turkish, I would become another letter.
    return (
        f"case when {bare} ~ {quoted(PATTERN)} and length({bare}) <= {LONGEST} "
        f"then lower({bare} collate \"C\") when {bare} <> '' then '{OTHER}' else {bare} end"
    )


def label(expression: str) -> str:
    """A text that names a kind of thing and is shown, in lower case: a word as it is, anything else masked."""
    lower = f"lower({expression})"
    return f"case when {_is_word(expression)} then {lower} else {mask_sql(lower)} end"


def _before_colon(expression: str) -> str:
    return f"split_part({expression}, ':', 1)"


def _is_word(expression: str) -> str:
    return f"regexp_full_match({expression}, '{WORD}') and length({expression}) <= {LONGEST}"
