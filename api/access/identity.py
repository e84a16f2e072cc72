"""Who calls, and for which organization: platform JWTs and API keys, as the platform itself judges them.

Belongs here: reading credentials off a request, checking them, choosing the organization, issuing demo tokens.
Does not: where members and keys are kept (warehouse/directory/members.py). Credentials are never logged.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
from werkzeug.datastructures import Headers

from api.serving.errors import ApiError
from warehouse.directory.members import Directory, Membership
from warehouse.queries.scope import Organization

_ALGORITHM = "HS256"
_TOKEN_TYPE = "access"  # noqa: S105 - the name of a kind, not a secret
_CLAIMS = {"exp": "Token has no 'exp' claim", "jti": "Token has no id", "token_type": "Token has no type"}
"""What the platform asks of a token, and what it says where that is missing. `iat` may be, and is checked if not."""
_DIGITS = re.compile(r"[0-9]{1,18}", re.ASCII)


@dataclass(frozen=True)
class Caller:
    """A user, the organization the request is for, and the role there."""

    user_id: int
    organization: Organization
    organization_name: str
    role: str


@dataclass(frozen=True)
class Person:
    """A user who may sign in, and the organizations to choose from; an API key leaves one of them.

    `credentials` tells apart what requests are counted by: the user, or the key.
    """

    user_id: int
    memberships: tuple[Membership, ...]
    key_organization: int | None
    credentials: str


def identify(headers: Headers, directory: Directory, secret_key: str) -> Caller:
    """The caller of a request.

    1. The credentials name a user: a JWT the platform signed, or an active API key, which names an organization too.
    2. The user must be active.
    3. X-Org-ID picks the organization; without it the key's, else the only one the user belongs to.
    Raises ApiError: 401 for credentials that don't hold, 403 for an organization that isn't the caller's.
    """
    return choose_organization(headers, identify_person(headers, directory, secret_key))


def choose_organization(headers: Headers, person: Person) -> Caller:
    """Step 3 of `identify`. Raises ApiError 403."""
    membership = _membership(headers.get("X-Org-ID"), person)
    return Caller(
        person.user_id, Organization(membership.organization_id), membership.organization_name, membership.role
    )


def identify_person(headers: Headers, directory: Directory, secret_key: str) -> Person:
    """Steps 1 and 2 of `identify`. Raises ApiError 401."""
    scheme, _, credentials = headers.get("Authorization", "").strip().partition(" ")
    api_key = headers.get("X-API-Key", "").strip() or (credentials.strip() if scheme.lower() == "api-key" else "")
    bearer = credentials.strip() if scheme.lower() == "bearer" else ""
    if bearer and bearer.count(".") != 2:
        api_key, bearer = bearer, ""
    if bearer:
        user_id, key_organization = _user_of_token(bearer, secret_key), None
        used = f"user {user_id}"
    elif api_key:
        owner = directory.key_owner(api_key)
        if owner is None:
            raise _refused("The API key is not valid: it is unknown or was revoked.", "authentication_failed")
        user_id, key_organization = owner.user_id, owner.organization_id
        used = f"key {hashlib.sha256(api_key.encode()).hexdigest()}"
    else:
        raise _refused("Authentication credentials were not provided.", "not_authenticated")
    user = directory.find_user(user_id)
    if user is None:
        raise _refused("User not found", "user_not_found")
    if not user.is_active:
        raise _refused("User is inactive", "user_inactive")
    chosen = tuple(m for m in user.memberships if key_organization in (None, m.organization_id))
    return Person(user_id, chosen, key_organization, used)


def issue_token(secret_key: str, user_id: int, ttl: timedelta = timedelta(minutes=30)) -> str:
    """An access token as the platform issues it; its own live 30 minutes."""
    now = datetime.now(UTC)
    claims = {
        "token_type": _TOKEN_TYPE,
        "exp": now + ttl,
        "iat": now,
        "jti": uuid4().hex,
        "user_id": str(user_id),
    }
    return jwt.encode(claims, secret_key, algorithm=_ALGORITHM)


def _user_of_token(token: str, secret_key: str) -> int:
    try:
        claims = jwt.decode(token, secret_key, algorithms=[_ALGORITHM], options={"require": list(_CLAIMS)})
    except jwt.ExpiredSignatureError as error:
        raise _token_refused("The token has expired.") from error
    except jwt.MissingRequiredClaimError as error:
        raise _token_refused("The token is not valid.", _CLAIMS[error.claim]) from error
    except jwt.InvalidTokenError as error:
        raise _token_refused("The token is not valid.") from error
    if claims["token_type"] != _TOKEN_TYPE:
        raise _token_refused("The token is not an access token.", "Token has wrong type")
    user_id = claims.get("user_id")
    # Versions of the platform differ in whether they write a number or its digits. To Python, true is a number too.
    text = str(user_id) if type(user_id) is int else user_id
    if not isinstance(text, str) or not _DIGITS.fullmatch(text):
        raise _refused("The token names no user.", "token_not_valid")
    return int(text)


def _token_refused(detail: str, message: str = "Token is invalid or expired") -> ApiError:
    messages = [{"token_class": "AccessToken", "token_type": _TOKEN_TYPE, "message": message}]
    return _refused(detail, "token_not_valid", messages=messages)


def _refused(detail: str, code: str, **more: object) -> ApiError:
    """A 401 with the platform's own code, which its clients act by."""
    return ApiError(401, detail, code=code, **more)


def _membership(asked: str | None, person: Person) -> Membership:
    wanted = _organization_id(asked) if asked is not None and asked.strip() else person.key_organization
    if wanted is None:
        if len(person.memberships) == 1:
            return person.memberships[0]
        raise ApiError(403, "X-Org-ID header is required.")
    found = next((member for member in person.memberships if member.organization_id == wanted), None)
    if found is None:
        raise ApiError(403, "User is not a member of this organization.")
    return found


def _organization_id(asked: str) -> int:
    if not _DIGITS.fullmatch(asked.strip()):
        raise ApiError(403, f"X-Org-ID must be the number of an organization; given: {asked.strip()[:40]!r}.")
    return int(asked.strip())
