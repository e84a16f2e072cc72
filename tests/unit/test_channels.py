"""A channel is any word, and what may be asked for is what the lake holds."""

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from warehouse.channels import KNOWN, LONGEST, channel_of, in_order
from warehouse.source.words import OTHER, channel

# PostgreSQL keeps no U+0000, and no half of a character.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=70)
WORDS = st.from_regex(r"\A\s?[A-Za-z](?:[ _-]?[A-Za-z0-9]){0,40}\s?\Z")
CONNECTION = duckdb.connect()


def in_lake(text: str) -> str:
    row = CONNECTION.execute(f"select {channel('text')} from (select ?::varchar as text)", [text]).fetchone()
    assert row
    return str(row[0])


@given(TEXTS | WORDS)
@example("a" * LONGEST)
@example("sms 1 2 3")
@example("sms 1 2 3 4")
@example("\u0130nstagram")
def test_a_text_that_is_asked_for_means_the_rows_that_were_written_with_it(text: str) -> None:
    name = in_lake(text)
    if name in ("", OTHER) or ":" in text:
        assert name in ("", OTHER) or channel_of(name) == name
    else:
        assert channel_of(text) == name


@pytest.mark.parametrize(
    "text", ["", " ", "x" * (LONGEST + 1), "a\nb", "+39 055 123", "<b>", "whatsapp:+39", "\u00c4rzte"]
)
def test_what_can_be_no_channel_is_refused_with_what_can(text: str) -> None:
    with pytest.raises(ValueError, match="a channel is a word such as whatsapp or sms"):
        channel_of(text)


def test_the_known_come_first_whatever_is_found() -> None:
    assert in_order(["sms", "email", "facebook", "sms"]) == [*KNOWN, "facebook", "sms"]
    assert in_order([]) == list(KNOWN)
