"""One open page: who looks, at which organization, with which filters in its address.

Belongs here: what a notebook's first cell needs. Does not: drawing (look/), calls (api.py). The token is read anew
from the latest request at each call, since the platform renews it while a page is open.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

import marimo as mo

from notebooks.client.api import Api
from notebooks.client.visit import Membership, Visit

MANY = 2


@dataclass(frozen=True)
class Page:
    """`given` is the query string the page was opened with."""

    path: str
    visit: Visit
    organization: Membership
    given: Mapping[str, str]
    api: Api = field(repr=False)

    @property
    def may_act(self) -> bool:
        """Whether to draw buttons; whether an action is allowed the API decides when it is done."""
        return self.organization.may_act

    def channels(self) -> tuple[str, ...]:
        """The channels that the organization ever had a message on, and the known ones; none where that can't be asked.

        Asked for when a page opens, to offer them; what the page shows names its channels itself.
        """
        answer = self.api.get("/api/metrics/")
        return tuple(answer.body["channels"]) if answer.body else ()

    def link(self, path: str, **parameters: str | int | None) -> str:
        """The address of another page about the same organization."""
        own: dict[str, str | int | None] = (
            {"org": self.organization.id} if len(self.visit.person.organizations) >= MANY else {}
        )
        kept = own | {name: value for name, value in parameters.items() if value not in (None, "")}
        address = f"{self.visit.base_path}{path}/"
        return f"{address}?{urlencode(kept)}" if kept else address

    def platform_link(self, path: str) -> str | None:
        """The address of one of the platform's own pages, where it is known where they are."""
        return f"{self.visit.frontend_url.rstrip('/')}/{path}" if self.visit.frontend_url else None


def open_page() -> Page:
    """The page of the present session. Stops the notebook where it isn't served by the dashboards' server."""
    visit = _visit()
    mo.stop(
        visit is None, mo.callout("Open this page through `corbi-monitoring dashboards`: it signs people in.", "warn")
    )
    assert visit is not None  # noqa: S101 - mo.stop has ended the cell otherwise
    request = mo.app_meta().request
    given = {name: values[-1] for name, values in request.query_params.items()} if request else {}
    given.pop("session_id", None)
    organization = _chosen(visit, given.get("org"))
    api = Api(visit.api_url, lambda: (_visit() or visit).token, organization.id)
    return Page(visit.path, visit, organization, given, api)


def _visit() -> Visit | None:
    request = mo.app_meta().request
    found = request.meta.get("visit") if request else None
    return found if isinstance(found, Visit) else None


def _chosen(visit: Visit, asked: str | None) -> Membership:
    """The organization of the address, if the person belongs to it; else the first. The API has the last word."""
    mine = visit.person.organizations
    return next((membership for membership in mine if str(membership.id) == asked), mine[0])
