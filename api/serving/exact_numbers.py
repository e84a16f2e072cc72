"""Whole numbers that JavaScript would round, told once more as text.

Belongs here: beside which values a text stands. Does not: any answer. The platform's ids have 64 bits, and a number of
JavaScript is exact up to 2^53 - 1 only: it would read another row's id, and nobody would notice.
"""

import json
import re

GREATEST_EXACT = 2**53 - 1
_LONG = re.compile(rb"(?<![0-9.])[0-9]{16,}(?![0-9.eE])")
"""A whole number that may be beyond; what stands behind a point is of a fraction."""


def with_exact_texts(body: bytes) -> bytes:
    """JSON with `<key>_text` beside each whole number, or list with one, beyond 2^53 - 1; else the same bytes."""
    if not _LONG.search(body):
        return body
    told = exact_texts(json.loads(body))
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def exact_texts(value: object) -> object:
    """The same of a document that is not JSON yet."""
    if isinstance(value, list):
        return [exact_texts(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    told: dict[str, object] = {}
    for key, entry in value.items():
        told[key] = exact_texts(entry)
        if (text := _text(entry)) is not None and f"{key}_text" not in value:
            told[f"{key}_text"] = text
    return told


def _text(value: object) -> str | list[str] | None:
    if isinstance(value, list):
        return [str(entry) for entry in value] if any(map(_is_rounded, value)) else None
    return str(value) if _is_rounded(value) else None


def _is_rounded(value: object) -> bool:
    return isinstance(value, int) and abs(value) > GREATEST_EXACT
