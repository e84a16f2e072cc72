"""Who visits: the person behind a token, and what an app gets to know of the visit.

Belongs here: the facts of a visit. Does not: finding out who it is (server/people.py).
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Membership:
    """An organization a person belongs to, the role there, and whether it may act on alerts."""

    id: int
    name: str
    role: str
    may_act: bool


@dataclass(frozen=True)
class Person:
    """Whom a token stands for, as the API says."""

    user_id: int
    organizations: tuple[Membership, ...]


@dataclass(frozen=True)
class Visit:
    """What an app gets to know of its visitor and of where it runs; handed to its session, never to the browser.

    `base_path` is under what the server has all apps, empty or such as `/monitoring`; `path` is the app's own under it.
    """

    base_path: str
    path: str
    token: str = field(repr=False)
    person: Person
    api_url: str
    frontend_url: str | None
    dashboard_seconds: int
    alerts_seconds: int
