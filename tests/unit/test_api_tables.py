"""CSV: no text is run as a formula by whoever opens it, and every text can be had back."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.serving.tables import Table, csv_text

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\u2212"  # and in other widths
UNSEEN = " \t\r\n\N{NO-BREAK SPACE}\ufeff\u200b\u200e\u2060\u00ad\u3000\u3164\u2028\ufe0f\0"
TEXTS = st.text(st.sampled_from(SIGNS + UNSEEN + ";,\"'a1")) | st.text()


def cells(*values: object) -> list[str]:
    """The one line of a table, read back by the standard library."""
    (_, *lines) = csv.reader(io.StringIO(csv_text(Table([str(n) for n in range(len(values))], [values])), newline=""))
    return [cell for line in lines for cell in line]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", ["", *UNSEEN, "\n\ufeff "])
def test_a_sign_that_is_the_first_to_be_seen_starts_no_formula(before: str, sign: str) -> None:
    assert cells(f"{before}{sign}1+1")[0].lstrip(UNSEEN).startswith("'")


@given(TEXTS)
def test_whatever_separates_cells_and_is_left_out_none_begins_with_a_sign(text: str) -> None:
    (cell,) = cells(text)
    for part in re.split(r"[;\t\r\n]", cell):
        assert not re.match(rf"[\s{UNSEEN}]*[{re.escape(SIGNS)}]", part)


@given(TEXTS)
def test_a_text_loses_nothing_but_gets_marks(text: str) -> None:
    assert cells(text)[0].replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize("text", ["Summer", "3-for-2", "a@b.example", "1 = 1", "it's", "", "Rabatt: 20 %; nur heute"])
def test_common_texts_and_numbers_stay_as_they_are(text: str) -> None:
    assert cells(text, -3, 2.5) == [text, "-3", "2.5"]
