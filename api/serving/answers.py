"""Models to responses, with what all answers say alike: how fresh they are, and whether they have changed.

Belongs here: serialisation, freshness, ETags. Does not: what is answered, and keeping it (cache.py).
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Response, g, request
from pydantic import BaseModel

from api.schemas.shared import Freshness, RefreshOut
from api.serving.cache import CacheState, Computed, Key
from api.serving.exact_numbers import with_exact_texts
from api.serving.tables import CSV, Table, csv_text

JSON = "application/json"
FRESHNESS_HEADERS = ("X-As-Of", "X-Snapshot", "X-Age-Seconds", "X-Cache")
_VARY = "Authorization, X-API-Key, X-Org-ID, Accept"


@dataclass(frozen=True)
class Listed:
    """An answer that is a bare array, as today's clients map over it; what a list says of itself is in headers."""

    items: Sequence[BaseModel]
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Paged:
    """A page of a longer list as an object; what it says of the other pages is in headers too."""

    model: BaseModel
    headers: tuple[tuple[str, str], ...] = ()


def answer(model: BaseModel, status: int = 200) -> Response:
    """A model as JSON, of the present moment: not to be kept by anybody."""
    return Response(_json(model), status=status, mimetype=JSON)


def body_of(result: BaseModel | Listed | Paged, table: Callable[[object], Table] | None) -> tuple[bytes, str]:
    """What is kept of an answer, and its media type; a `table` makes it CSV."""
    if isinstance(result, Paged):
        result = result.model
    if table:
        return csv_text(table(result)).encode(), CSV
    if isinstance(result, Listed):
        return b"[" + b",".join(_json(item) for item in result.items) + b"]", JSON
    return _json(result), JSON


def etag_of(key: Key) -> str:
    """The weak ETag of what a key names: an answer differs from another of the same key in its age alone."""
    asked = hashlib.sha256(f"{key.endpoint} {key.organization_id} {key.asked}".encode()).hexdigest()[:16]
    return f"{key.version.snapshot}-{key.version.alerts}-{asked}"


def is_known(key: Key) -> bool:
    """Whether the client has the answer already (If-None-Match)."""
    return request.if_none_match.contains_weak(etag_of(key))


def not_modified(key: Key) -> Response:
    """304: the answer that the client has is the latest."""
    g.cache = "not modified"
    return _validated(Response(status=304), key)


def kept_answer(computed: Computed, key: Key, cache: CacheState, refresh: RefreshOut | None) -> Response:
    """An answer that was computed now or earlier, with its freshness as it is now."""
    g.cache = cache
    freshness = Freshness(
        as_of=computed.as_of,
        snapshot=computed.version.snapshot,
        age_seconds=age_seconds(computed.as_of, datetime.now(UTC)),
        cache=cache,
        refresh=refresh,
    )
    body = computed.body
    if computed.media_type == JSON and body.endswith(b"}"):
        body = b"%s,%s" % (body[:-1], freshness.model_dump_json().encode()[1:])
    response = Response(body, mimetype=computed.media_type)
    said = freshness.model_dump(mode="json")
    values = (said["as_of"], said["snapshot"], said["age_seconds"], cache)
    for name, value in (*zip(FRESHNESS_HEADERS, values, strict=True), *computed.headers):
        response.headers[name] = str(value)
    return _validated(response, key)


def age_seconds(as_of: datetime, now: datetime) -> float:
    """How old figures are, to a tenth of a second. Never negative: the source's clock may be ahead of ours."""
    return max(0.0, round((now - as_of).total_seconds(), 1))


def _json(model: BaseModel) -> bytes:
    return with_exact_texts(model.model_dump_json(by_alias=True).encode())


def _validated(response: Response, key: Key) -> Response:
    response.set_etag(etag_of(key), weak=True)
    # Whoever keeps it asks each time whether it is still the latest.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = _VARY
    return response
