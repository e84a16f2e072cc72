"""What the dashboards' server is told by whoever starts it.

Belongs here: the options and what follows from them alone. Does not: reading the environment (warehouse/settings.py, by
way of the command line).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

SESSION_SECONDS = 120
"""How long a session whose tab is gone keeps its state: a reload or a lost network finds it again, then it is closed."""

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
"""This machine, as it calls itself: no page of another site is ever at these."""

DEMO_USERS = {"admin": "Admin of Bella Pizza", "viewer": "Viewer of Bella Pizza", "both": "Member of two organizations"}
"""Who can be signed in as by one click while the demonstration runs."""


@dataclass(frozen=True)
class Options:
    """`public_url` is what people type, `hosts` are names the server has beside it; `demo_token` makes a token for a user of
    the demonstration, where it runs."""

    api_url: str
    public_url: str
    hosts: tuple[str, ...] = ()
    frontend_url: str | None = None
    token_cookie: str = "corbi_access"  # noqa: S105 - a cookie's name
    dashboard_seconds: int = 30
    alerts_seconds: int = 10
    demo_token: Callable[[str], str] | None = field(default=None, repr=False)

    @property
    def is_https(self) -> bool:
        """Whether people reach the dashboards by https, so that cookies may be kept to it."""
        return urlsplit(self.public_url).scheme == "https"

    @property
    def public_origin(self) -> str:
        """Scheme, host and port of the public address."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def base_path(self) -> str:
        """The path of the public address, without a slash at its end; empty where it has none."""
        return urlsplit(self.public_url).path.rstrip("/")

    @property
    def known_hosts(self) -> frozenset[str]:
        """Every host that may be asked for, in lower case."""
        public = urlsplit(self.public_url).hostname
        return frozenset({*LOCAL_HOSTS, *(host.lower() for host in self.hosts), *([public] if public else [])})
