"""Where the other pages of a list are, told in headers: by limit and offset, or by a cursor.

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
    links = [
        f'<{_address(limit=limit, offset=place)}>; rel="{rel}"' for rel, place in pages.items() if place is not None
    ]
    return (("X-Total-Count", str(total)), ("Link", ", ".join(links)))


def list_headers(total: int, limit: int, offset: int, cursor: str | None) -> tuple[tuple[str, str], ...]:
    """How many there are in all, and where the next page is: from `cursor` on, which new rows don't move.

    Who asks by offset, or in an order that has no cursor, is led on by offset.
    """
    has_cursor = "cursor" in request.args
    if "offset" in request.args or not (cursor or has_cursor):
        return page_headers(total, limit, offset)
    links = [f'<{_address(cursor=None)}>; rel="first"']
    if cursor:
        links.append(f'<{_address(cursor=cursor)}>; rel="next"')
    return (("X-Total-Count", str(total)), ("Link", ", ".join(links)))


def cursor_headers(cursor: str | None) -> tuple[tuple[str, str], ...]:
    """Where the next page is of a list that is read on from a cursor; nothing on the last."""
    return (("Link", f'<{_address(cursor=cursor)}>; rel="next"'),) if cursor else ()


def _address(**changed: object) -> str:
    """This list with some parameters changed; None leaves one out."""
    kept = {name: value for name, value in request.args.items() if name not in {*changed, "force_refresh"}}
    query = urlencode({**kept, **{name: value for name, value in changed.items() if value is not None}})
    path = request.script_root + request.path
    return f"{path}?{query}" if query else path
