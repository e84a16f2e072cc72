"""What every operation of the document has in common: headers, errors, ways to sign in.

Belongs here: the shared components, under their names. Does not: what a single route adds (operations.py).
"""

from typing import Any

Json = dict[str, Any]

ERRORS = {
    400: ("BadRequest", "A parameter or a key of the body is unknown or wrong; `detail` names it and what is allowed."),
    401: ("Unauthorized", "No credentials, or credentials that don't hold; `code` is the platform's own word for why."),
    403: (
        "Forbidden",
        "Another's organization, none chosen (X-Org-ID) where there are several, or a role that may not.",
    ),
    404: ("NotFound", "The organization has no such thing."),
    409: ("Conflict", "It was changed meanwhile, or can't be done in its present state."),
    413: ("ContentTooLarge", "The body is too long."),
    414: ("UriTooLong", "The path with its parameters is too long."),
    429: ("TooManyRequests", "More requests than CORBI_RATE_LIMIT allows; `Retry-After` says when to go on."),
    500: ("Failed", "A mistake of ours; report it with the `request_id`."),
    503: ("Unavailable", "Nothing can be read now: the warehouse is away, or nothing was loaded yet."),
}
"""Error statuses: the name of the response in the document, and what it means."""

DETAILS = {
    400: "Parameter 'top': Input should be less than or equal to 50 (given: '500').",
    401: "The token has expired.",
    403: "User is not a member of this organization.",
    404: "Not found.",
    409: "The alert is resolved already.",
    413: "The body may have 65,536 bytes at most.",
    414: "The path with its parameters may have 4,096 bytes at most.",
    429: "More than 1,200 a minute: go on in 12 s.",
    500: "Something went wrong on our side. Please report it with the request_id.",
    503: "The warehouse's PostgreSQL can't be read with CORBI_WAREHOUSE_URL: connection refused.",
}

UNAUTHORIZED: Json = {
    "code": "token_not_valid",
    "messages": [{"token_class": "AccessToken", "token_type": "access", "message": "Token is invalid or expired"}],
}
"""What the example of a 401 has beside the others'."""

_TEXT: Json = {"type": "string"}
_SECONDS: Json = {"type": "integer", "minimum": 0}
_MOMENT: Json = {"type": "string", "format": "date-time"}

HEADERS: dict[str, Json] = {
    "X-Request-ID": {
        "description": "The request's id: the one given, or a new one.",
        "required": True,
        "schema": _TEXT,
    },
    "X-As-Of": {"description": "As `as_of` in the body of objects.", "required": True, "schema": _MOMENT},
    "X-Snapshot": {"description": "As `snapshot`.", "required": True, "schema": {"type": "integer"}},
    "X-Age-Seconds": {"description": "As `age_seconds`.", "required": True, "schema": {"type": "number", "minimum": 0}},
    "X-Cache": {
        "description": "As `cache`.",
        "required": True,
        "schema": {"type": "string", "enum": ["hit", "miss", "refresh"]},
    },
    "ETag": {"description": "Give it back in If-None-Match.", "required": True, "schema": _TEXT},
    "X-Total-Count": {
        "description": "How many there are in all, where that is counted.",
        "schema": {"type": "integer"},
    },
    "Link": {"description": "The next and the previous page (RFC 8288).", "schema": _TEXT},
    "X-Notice": {"description": "Where a list differs from what was asked for, as `notices`.", "schema": _TEXT},
    "Retry-After": {"description": "Seconds to wait.", "required": True, "schema": _SECONDS},
    "WWW-Authenticate": {"description": "How to sign in.", "required": True, "schema": _TEXT},
}

PARAMETERS: dict[str, Json] = {
    "RequestId": {
        "name": "X-Request-ID",
        "in": "header",
        "description": "Given back, and written to the log: up to 128 of `A-Za-z0-9._:+/=@-`; another one is replaced.",
        "schema": _TEXT,
        "example": "3f0c1f0e7e4b4d5c9a2b6f1d8c7e5a90",
    },
    "OrganizationId": {
        "name": "X-Org-ID",
        "in": "header",
        "description": "The organization that is asked for. May be left out by a member of one, and with an API key.",
        "schema": {"type": "string", "pattern": "^[0-9]{1,18}$"},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The ETag of the answer the client has: 304 without a body where it is still the latest.",
        "schema": _TEXT,
    },
}

SECURITY_SCHEMES: dict[str, Json] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token of the platform; an API key counts here too.",
    },
    "apiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "An API key of the platform. `Authorization: Api-Key …` says the same.",
    },
}

FRESHNESS_HEADERS = ("X-As-Of", "X-Snapshot", "X-Age-Seconds", "X-Cache", "ETag")
_OF_ERROR = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}


def headers(*names: str) -> Json:
    """References to headers, that of the request's id first: every answer has it."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-ID", *names)}


def error_responses(error: Json, unauthorized: Json) -> dict[str, Json]:
    """The errors as components; `error` refers to their one schema, `unauthorized` to that of a 401, which has more."""
    return {
        name: {
            "description": description,
            "headers": headers(*([_OF_ERROR[status]] if status in _OF_ERROR else [])),
            "content": {
                "application/json": {
                    "schema": unauthorized if status == 401 else error,
                    "example": {
                        "detail": DETAILS[status],
                        "request_id": PARAMETERS["RequestId"]["example"],
                        **(UNAUTHORIZED if status == 401 else {}),
                    },
                }
            },
        }
        for status, (name, description) in ERRORS.items()
    }
