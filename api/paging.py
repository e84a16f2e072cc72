"""Paging by limit and offset, told in headers: the body of a list stays a bare array.

Belongs here: X-Total-Count and Link (RFC 8288). Does not: any list.
"""

from urllib.parse import urlencode

from flask import request


def page_headers(total: int, limit: int, offset: int) -> tuple[tuple[str, str], ...]:
    """How many there are in all, and where the pages around this one are."""
    last = max(0, (total - 1) // limit * limit)
    pages = {"first": 0, "prev": max(0, offset - limit) if offset else None, "next": None, "last": last}
    if offset + limit < total:
        pages["next"] = offset + limit
    links = [f'<{_address(place, limit)}>; rel="{rel}"' for rel, place in pages.items() if place is not None]
    return (("X-Total-Count", str(total)), ("Link", ", ".join(links)))


def _address(offset: int, limit: int) -> str:
    kept = [(name, value) for name, value in request.args.items() if name not in {"limit", "offset", "force_refresh"}]
    return f"{request.path}?{urlencode([*kept, ('limit', limit), ('offset', offset)])}"
