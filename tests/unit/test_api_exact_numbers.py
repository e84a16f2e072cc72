"""Whoever reads numbers as JavaScript does still gets every id."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from api.serving.exact_numbers import with_exact_texts

NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.integers(2**53 - 3, 2**53 + 3)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["id", "a", "ids", "of_id"]), inner),
)


def as_javascript(body: bytes) -> Any:
    """The document with numbers as doubles."""
    return json.loads(body, parse_int=float)


def exact(read: Any, key: str) -> Any:
    """What a client makes of a key by the rule in docs/api.md."""
    return read[f"{key}_text"] if f"{key}_text" in read else read[key]


@given(st.dictionaries(st.sampled_from(["id", "campaign_id", "outbound_ids"]), NUMBERS | st.lists(NUMBERS)))
def test_a_client_that_rounds_has_every_id_in_full(ids: dict[str, Any]) -> None:
    read = as_javascript(with_exact_texts(json.dumps({"results": [ids]}).encode()))["results"][0]
    for key, value in ids.items():
        found = exact(read, key)
        assert [int(each) for each in found] == value if isinstance(value, list) else int(found) == value


@given(VALUES)
def test_nothing_else_of_an_answer_changes(value: Any) -> None:
    def without_texts(of: Any) -> Any:
        if isinstance(of, list):
            return [without_texts(entry) for entry in of]
        if isinstance(of, dict):
            return {key: without_texts(entry) for key, entry in of.items() if not key.endswith("_text")}
        return of

    assert without_texts(json.loads(with_exact_texts(json.dumps({"of": value}).encode()))) == {"of": value}


def test_an_id_that_fits_stands_alone_in_the_same_bytes() -> None:
    body = b'{ "id" : 9007199254740991, "name": "\xc3\xbc 123456789012345" }'
    assert json.loads(with_exact_texts(body)) == json.loads(body)
    assert json.loads(with_exact_texts(b'{"id":9007199254740992}')) == {
        "id": 9007199254740992, "id_text": "9007199254740992",
    }  # fmt: skip
