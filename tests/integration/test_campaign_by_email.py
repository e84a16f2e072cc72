"""A campaign by e-mail is told in two tables, and what ended an e-mail in its own row: the platform's own sequences.

The platform's part is written here from what its code was seen to do (docs/source.md), and the expected states by hand.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from demo.schema import create_schema
from demo.traffic.rows import Rows
from tests.integration.platform_writer import PlatformWriter, open_connection, utc_now
from warehouse.queries.messages import MessageFilter, read_messages
from warehouse.queries.recipients import read_course
from warehouse.queries.scope import Organization, OrganizationLakes
from warehouse.queries.sendings import CAMPAIGNS, EMAIL_JOBS, read_sending
from warehouse.queries.window import UTC_ZONE, Asked
from warehouse.refresh import refresh
from warehouse.settings import Settings
from warehouse.source.reading import Request
from warehouse.verify import rollups_equal_raw, verify

REFUSED = "HTTP Error 403: Forbidden"
BOUNCE = "550 5.1.1 user unknown"


class Mailing:
    """One campaign by e-mail as the platform runs it: its recipients are written at the start, and then stay behind."""

    def __init__(self, rows: Rows, connection: psycopg.Connection[tuple[object, ...]], at: datetime, people: int) -> None:
        self._rows, self._connection, self._at = rows, connection, at
        self.campaign = rows.insert(
            "messaging_campaign", name="News", channel="email", target_count=people, estimated_cost=1, status="running",
            created_at=at, organization_id=1,
        )  # fmt: skip
        self.contacts = [self._contact(number) for number in range(people)]
        for contact in self.contacts:
            rows.insert(
                "messaging_campaignrecipient", created_at=at, campaign_id=self.campaign, contact_id=contact,
                status="queued",
            )  # fmt: skip
        self.job = self.add_job()

    def _contact(self, number: int) -> int:
        return self._rows.insert(
            "contacts_contact", full_name="", email=f"p{number}@example.org", status="active", created_at=self._at,
            updated_at=self._at, organization_id=1,
        )  # fmt: skip

    def add_job(self) -> int:
        """A job with a queued e-mail to each contact."""
        job = self._rows.insert(
            "messaging_emailjob", subject="News", status="sending", total_recipients=len(self.contacts),
            created_at=self._at, updated_at=self._at, organization_id=1, campaign_id=self.campaign,
        )  # fmt: skip
        for number, contact in enumerate(self.contacts):
            self._rows.insert(
                "messaging_emailrecipient", email=f"p{number}@example.org", full_name="", created_at=self._at,
                updated_at=self._at, signed_token="", status="queued", contact_id=contact, job_id=job,
            )  # fmt: skip
        return job

    def send(self, place: int, refusal: str = "", job: int | None = None) -> None:
        """The job sends: accepted, or refused by SendGrid's API."""
        if refusal:
            self._email(place, job, "status = 'failed', error = %s", refusal)
        else:
            self._email(place, job, "status = 'sent', error = '', sent_at = %s, provider_message_id = md5(id::text)", self._at)

    def call_back(self, place: int, event: str, error: str = "", job: int | None = None) -> None:
        """SendGrid's webhook: it moves the e-mail and the campaign's recipient, and writes no provider event."""
        contact = self.contacts[place]
        if event in ("bounce", "dropped", "spamreport"):
            self._email(place, job, "status = 'failed', error = %s", error or event)
            self._recipient(contact, "failed", error or event)
            self._connection.execute(
                "insert into messaging_suppression (channel, identifier, reason, created_at, organization_id) "
                "select 'email', %(who)s, %(event)s, %(at)s, 1 "
                "where not exists (select from messaging_suppression where identifier = %(who)s)",
                {"who": f"p{place}@example.org", "event": event, "at": self._at + timedelta(minutes=1)},
            )
        elif event == "delivered":
            self._email(place, job, "status = case status when 'read' then 'read' else 'sent' end")
            self._recipient(contact, "delivered")
        else:
            self._email(place, job, "status = 'read', read_at = %s", self._at)
            self._recipient(contact, "read")

    def retry_failed(self) -> None:
        """Puts the job's failed e-mails back; the campaign's recipients stay as they are."""
        self._connection.execute(
            "update messaging_emailrecipient set status = 'queued', error = '' where job_id = %s and status = 'failed'",
            (self.job,),
        )

    def _email(self, place: int, job: int | None, what: str, *values: object) -> None:
        query = f"update messaging_emailrecipient set {what} where job_id = %s and contact_id = %s"
        self._connection.execute(query.encode(), (*values, job or self.job, self.contacts[place]))

    def _recipient(self, contact: int, status: str, error: str = "") -> None:
        self._connection.execute(
            "update messaging_campaignrecipient set status = %s, error_message = %s "
            "where campaign_id = %s and contact_id = %s",
            (status, error, self.campaign, contact),
        )


@pytest.fixture(scope="module")
def warehouse(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("by-email")
    settings = Settings(
        home=home, source_url=new_database(), warehouse_url=new_database(), lake_path=str(home / "lake"), hash_key="k"
    )
    create_schema(settings.required("source_url"))
    with open_connection(settings.required("source_url"), autocommit=True) as connection:
        PlatformWriter(connection, utc_now()).people()
    refresh(settings)
    return settings


@pytest.fixture
def connection(warehouse: Settings) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with open_connection(warehouse.required("source_url"), autocommit=True) as connection:
        yield connection


@pytest.fixture
def mail(connection: psycopg.Connection[tuple[object, ...]]) -> Callable[..., Mailing]:
    def start(people: int, age: timedelta = timedelta(hours=3)) -> Mailing:
        return Mailing(Rows(connection), connection, utc_now() - age, people)

    return start


def figures(settings: Settings, mailing: Mailing) -> tuple[dict[str, int], dict[str, int]]:
    """What is told of the campaign and of its job, where it is not 0; `sent` includes delivered, that includes read."""
    lakes = OrganizationLakes(settings)
    try:
        with lakes.of(Organization(1)) as lake:
            campaign, job = read_sending(lake, CAMPAIGNS, mailing.campaign), read_sending(lake, EMAIL_JOBS, mailing.job)
            assert campaign is not None
            assert job is not None
            for kind, one in ((CAMPAIGNS, campaign), (EMAIL_JOBS, job)):
                course = read_course(lake, kind, one, Asked(None, None, None, UTC_ZONE), None)
                summed = {name: sum(getattr(point, name) for point in course.points) for name in ("sent", "delivered", "read", "failed")}
                assert summed == {name: one.recipients[name if name in one.recipients else "opened"] for name in summed}
    finally:
        lakes.close()
    return tuple({k: v for k, v in one.recipients.items() if v} for one in (campaign, job))  # type: ignore[return-value]
