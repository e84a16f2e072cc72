"""The dashboards' way to the API.

Belongs here: one call, several at once, and what can come of them as typed states. Does not: what is drawn.
A failed call is never an empty answer: it says what is wrong, and carries the last good one where the API is merely down.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import requests
from requests.adapters import HTTPAdapter

TIMEOUT_SECONDS = (2.0, 20.0)
AT_ONCE = 4
STALE_SECONDS = 300.0
"""Passes come every half minute; figures five minutes old say that they don't come any more."""

LAST_GOOD_KEPT = 40

Parameters = Mapping[str, str | int | None]


class Trouble(StrEnum):
    """Why an answer is none, or not the newest."""

    NONE = "none"
    DOWN = "down"
    SIGNED_OUT = "signed_out"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    REFUSED = "refused"


@dataclass(frozen=True)
class Answer:
    """What a call brought. `body` is None where there is nothing to show; with DOWN it is the last good one."""

    body: Any = None
    trouble: Trouble = Trouble.NONE
    detail: str = ""
    as_of: datetime | None = None
    age_seconds: float | None = None
    total: int | None = None

    @property
    def is_stale(self) -> bool:
        """Whether there are figures, but not the newest."""
        is_old = self.age_seconds is not None and self.age_seconds > STALE_SECONDS
        return self.body is not None and (self.trouble is Trouble.DOWN or is_old)

    def has_same_figures(self, other: "Answer | None") -> bool:
        """Whether drawing this one would show what the other shows: all but its age and where it came from."""
        if other is None or self.trouble is not other.trouble:
            return False
        return bool(_figures(self.body) == _figures(other.body))


class Api:
    """The API as one person sees one organization. `token` is asked anew for each call: the platform renews it."""

    def __init__(self, url: str, token: Callable[[], str], organization_id: int) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._organization_id = organization_id
        self._last_good: dict[str, Answer] = {}
        self._http = requests.Session()
        self._http.mount(self._url, HTTPAdapter(pool_connections=1, pool_maxsize=AT_ONCE))
        # Nothing of the server's own environment (proxies, .netrc) goes into a visitor's call.
        self._http.trust_env = False

    def get(self, path: str, parameters: Parameters | None = None) -> Answer:
        """One answer. Never raises for what the network or the API do."""
        return self._get(path, parameters or {}, self._token())

    def get_all(self, calls: Mapping[str, tuple[str, Parameters]]) -> dict[str, Answer]:
        """Several answers, asked for at the same time."""
        token = self._token()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            asked = {name: pool.submit(self._get, path, given, token) for name, (path, given) in calls.items()}
            return {name: future.result() for name, future in asked.items()}

    def post(self, path: str, body: Any) -> Answer:
        """Asks for a change; what came of it is in the answer's trouble and detail."""
        try:
            return _read(self._http.post(self._url + path, json=body, headers=self._headers(self._token()),
                                         timeout=TIMEOUT_SECONDS, allow_redirects=False))  # fmt: skip
        except requests.RequestException as error:
            return Answer(trouble=Trouble.DOWN, detail=type(error).__name__)

    def _get(self, path: str, parameters: Parameters, token: str) -> Answer:
        given = {name: value for name, value in parameters.items() if value not in (None, "")}
        key = f"{path}?{sorted(given.items())}"
        try:
            answer = _read(self._http.get(self._url + path, params=given, headers=self._headers(token),
                                          timeout=TIMEOUT_SECONDS, allow_redirects=False))  # fmt: skip
        except requests.RequestException as error:
            answer = Answer(trouble=Trouble.DOWN, detail=type(error).__name__)
        if answer.trouble is Trouble.NONE:
            kept = list(self._last_good.items())[-LAST_GOOD_KEPT:]
            self._last_good = dict(kept) | {key: answer}
        elif answer.trouble is Trouble.DOWN and key in self._last_good:
            return replace(self._last_good[key], trouble=Trouble.DOWN, detail=answer.detail)
        return answer

    def _headers(self, token: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}", "X-Org-ID": str(self._organization_id)}


def _read(response: requests.Response) -> Answer:
    try:
        body = response.json()
    except ValueError:
        return Answer(trouble=Trouble.DOWN, detail=f"status {response.status_code} without JSON")
    if not response.ok:
        detail = str(body.get("detail", "")) if isinstance(body, dict) else ""
        return Answer(trouble=_trouble(response.status_code), detail=detail)
    return _answer(body, response.headers)


def _answer(body: Any, headers: Mapping[str, str]) -> Answer:
    """Objects end with their freshness; bare arrays carry it in headers."""
    fresh = body if isinstance(body, dict) else {}
    as_of = fresh.get("as_of") or headers.get("X-As-Of")
    seconds = fresh.get("age_seconds", headers.get("X-Age-Seconds"))
    total = fresh.get("total", headers.get("X-Total-Count"))
    return Answer(
        body=body,
        as_of=datetime.fromisoformat(as_of) if as_of else None,
        age_seconds=None if seconds is None else float(seconds),
        total=int(total) if isinstance(total, int | str) else None,
    )


def _trouble(status: int) -> Trouble:
    known = {401: Trouble.SIGNED_OUT, 403: Trouble.FORBIDDEN, 404: Trouble.NOT_FOUND}
    return known.get(status, Trouble.DOWN if status >= 500 or status == 429 else Trouble.REFUSED)


FRESHNESS = frozenset({"as_of", "age_seconds", "cache", "refresh", "snapshot"})


def _figures(body: Any) -> Any:
    return {key: value for key, value in body.items() if key not in FRESHNESS} if isinstance(body, dict) else body
