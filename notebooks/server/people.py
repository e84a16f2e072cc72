"""Who is at the door: tokens, and the person the API says they belong to.

Belongs here: reading a token off a connection, asking the API about it, remembering the answer for a while.
Does not: what follows from it (gate.py, sign_in.py). A token is never logged, shown or put into an address.
"""

import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Literal

import requests
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from notebooks.client.visit import Membership, Person

ASK_AGAIN_SECONDS = 60.0
KEPT = 10_000
TIMEOUT_SECONDS = (2.0, 10.0)

RefusalKind = Literal["no_token", "bad_token", "no_organization", "api_down"]


@dataclass(frozen=True)
class Refusal:
    """Why nothing is shown; `detail` is the API's own word."""

    kind: RefusalKind
    detail: str = ""


def token_of(connection: HTTPConnection, cookie: str) -> str | None:
    """The token a connection carries: the header of the platform's proxy before the cookie."""
    scheme, _, credentials = connection.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        return credentials.strip()
    return connection.cookies.get(cookie) or None


class Doorkeeper:
    """Asks the API whom a token stands for, at most once a minute for the same token."""

    def __init__(self, api_url: str) -> None:
        self._url = f"{api_url.rstrip('/')}/api/me/"
        self._known: OrderedDict[str, tuple[Person, float]] = OrderedDict()

    async def identify(self, token: str | None) -> Person | Refusal:
        """The person, or why not. While the API is down, a person it has vouched for before is let in."""
        if token is None:
            return Refusal("no_token")
        key = hashlib.sha256(token.encode()).hexdigest()
        known = self._known.get(key)
        if known is not None and time.monotonic() - known[1] < ASK_AGAIN_SECONDS:
            return known[0]
        found = await run_in_threadpool(self._ask, token)
        if isinstance(found, Person):
            self._remember(key, found)
        elif found.kind == "api_down" and known is not None:
            return known[0]
        else:
            self._known.pop(key, None)
        return found

    def _ask(self, token: str) -> Person | Refusal:
        try:
            answer = requests.get(
                self._url,
                headers={"Authorization": f"Bearer {token}"},
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
            body = answer.json()
        except (requests.RequestException, ValueError) as error:
            return Refusal("api_down", type(error).__name__)
        if answer.status_code == 401:
            return Refusal("bad_token", str(body.get("detail", "")))
        if answer.status_code != 200:
            return Refusal("api_down", f"{answer.status_code}: {body.get('detail', '')}")
        person = _person(body)
        return person if person.organizations else Refusal("no_organization")

    def _remember(self, key: str, person: Person) -> None:
        self._known[key] = (person, time.monotonic())
        self._known.move_to_end(key)
        if len(self._known) > KEPT:
            self._known.popitem(last=False)


def _person(body: dict[str, Any]) -> Person:
    return Person(
        int(body["user_id"]),
        tuple(
            Membership(int(item["id"]), str(item["name"]), str(item["role"]), bool(item["may_act"]))
            for item in body["organizations"]
        ),
    )
