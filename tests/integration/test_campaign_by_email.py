"""A campaign by e-mail is told in two tables, and what ended an e-mail in its own row: the platform's own sequences.

The platform's part is written here from what its code was seen to do (docs/source.md), and the expected states by hand.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from demo.schema import create_schema
from demo.traffic.rows import Connection, Rows
from tests.integration.conftest import new_warehouse
from tests.integration.platform_writer import PlatformWriter, open_connection, utc_now
from warehouse.lake.connection import transaction
from warehouse.queries.lakes import OrganizationLakes
from warehouse.queries.messages import MessageFilter, read_messages
from warehouse.queries.recipients import read_course
from warehouse.queries.scope import Organization, OrganizationLake
from warehouse.queries.sendings import CAMPAIGN, EMAIL_JOB, Kind, find_sending
from warehouse.queries.window import Asked
from warehouse.refresh import refresh, writing_lake
from warehouse.retention import retain
from warehouse.settings import Settings
from warehouse.source.reading import Request
from warehouse.verify import rollups_equal_raw, verify

REFUSED = "HTTP Error 403: Forbidden"
BOUNCE = "550 5.1.1 user unknown"
ACCEPTED = "status = 'sent', error = '', provider_message_id = md5(id::text)"


class Mailing:
    """One campaign by e-mail as the platform runs it: its recipients are written at the start, and then stay behind."""

    def __init__(self, rows: Rows, connection: Connection, at: datetime, people: int) -> None:
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
            self._email(
                place, job, "status = 'sent', error = '', sent_at = %s, provider_message_id = md5(id::text)", self._at
            )

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
    settings = new_warehouse(new_database, home)
    create_schema(settings.required("source_url"))
    with open_connection(settings.required("source_url"), autocommit=True) as connection:
        PlatformWriter(connection, utc_now()).people()
    refresh(settings)
    return settings


@pytest.fixture
def connection(warehouse: Settings) -> Iterator[Connection]:
    with open_connection(warehouse.required("source_url"), autocommit=True) as connection:
        yield connection


@pytest.fixture
def mail(connection: Connection) -> Callable[..., Mailing]:
    def start(people: int, age: timedelta = timedelta(hours=3)) -> Mailing:
        return Mailing(Rows(connection), connection, utc_now() - age, people)

    return start


def told(settings: Settings, mailing: Mailing) -> tuple[dict[str, int], dict[str, int]]:
    """The counts of the campaign and of its job that are not 0: `sent` includes delivered, and that includes read."""
    lakes = OrganizationLakes(settings)
    try:
        with lakes.of(Organization(1)) as lake:
            return _told(lake, CAMPAIGN, mailing.campaign), _told(lake, EMAIL_JOB, mailing.job)
    finally:
        lakes.close()


def _told(lake: OrganizationLake, kind: Kind, id_: int) -> dict[str, int]:
    one = find_sending(lake, kind, id_)
    assert one is not None
    counts = {name: count for name, count in one.recipients.items() if count}
    points = read_course(lake, kind, one, Asked(range=None), None).points
    over_time = {
        name: sum(getattr(point, "read" if name == "opened" else name) for point in points)
        for name in counts.keys() & {"queued", "sent", "delivered", "read", "opened", "failed"}
    }
    assert over_time == {name: counts[name] for name in over_time}
    return counts


def texts(settings: Settings, mailing: Mailing) -> list[tuple[str, int]]:
    """The texts the campaign's recipients failed by, and how often."""
    lakes = OrganizationLakes(settings)
    try:
        with lakes.of(Organization(1)) as lake:
            one = find_sending(lake, CAMPAIGN, mailing.campaign)
            assert one is not None
            course = read_course(lake, CAMPAIGN, one, Asked(range=None), None)
            failed = MessageFilter(status="failed", campaign_id=mailing.campaign)
            listed = [row.template or "" for row in read_messages(lake, Asked(range=None), failed, 50).rows]
    finally:
        lakes.close()
    found = [(failure.template, failure.count) for failure in course.failures]
    assert sorted(listed) == sorted(text for text, count in found for _ in range(count))
    return found


def test_sent_and_refused_without_any_callback(warehouse: Settings, mail: Callable[..., Mailing]) -> None:
    mailing = mail(3)
    mailing.send(0)
    mailing.send(1)
    mailing.send(2, REFUSED)
    refresh(warehouse)
    assert told(warehouse, mailing) == ({"total": 3, "sent": 2, "failed": 1}, {"total": 3, "sent": 2, "failed": 1})
    assert texts(warehouse, mailing) == [(REFUSED, 1)]


def test_the_further_state_wins_on_both_pages(warehouse: Settings, mail: Callable[..., Mailing]) -> None:
    mailing = mail(5)
    for place in range(4):
        mailing.send(place)
    mailing.call_back(0, "delivered")
    mailing.call_back(1, "open")
    mailing.call_back(1, "delivered")
    mailing.call_back(2, "bounce", BOUNCE)
    refresh(warehouse)
    campaign, job = told(warehouse, mailing)
    assert campaign == {"total": 5, "queued": 1, "sent": 3, "delivered": 2, "read": 1, "failed": 1}
    assert job == {"total": 5, "queued": 1, "sent": 3, "delivered": 2, "opened": 1, "failed": 1, "bounced": 1}
    assert texts(warehouse, mailing) == [(BOUNCE, 1)]


def test_a_retry_undoes_the_failures_that_it_mends(warehouse: Settings, mail: Callable[..., Mailing]) -> None:
    mailing = mail(3)
    for place in range(3):
        mailing.send(place)
        mailing.call_back(place, "bounce", BOUNCE)
    refresh(warehouse)
    assert told(warehouse, mailing)[0] == {"total": 3, "failed": 3}
    mailing.retry_failed()
    refresh(warehouse)
    assert told(warehouse, mailing)[0] == {"total": 3, "queued": 3}
    mailing.send(0)
    mailing.send(1, REFUSED)
    refresh(warehouse)
    campaign, job = told(warehouse, mailing)
    assert campaign == {"total": 3, "queued": 1, "sent": 1, "failed": 1}
    assert job == {"total": 3, "queued": 1, "sent": 1, "failed": 1}
    assert texts(warehouse, mailing) == [(REFUSED, 1)]
    assert verify(warehouse).differences == ()


def test_an_address_that_fails_again_is_counted_again(warehouse: Settings, mail: Callable[..., Mailing]) -> None:
    mailing = mail(4)
    for place in range(3):
        mailing.send(place)
    mailing.send(3, REFUSED)
    mailing.call_back(0, "bounce", BOUNCE)
    mailing.call_back(1, "dropped", "Bounced Address")
    mailing.call_back(2, "spamreport")
    again = mail(4)
    for place in range(4):
        again.send(place)
    again.call_back(0, "dropped", "Bounced Address")
    again.call_back(1, "bounce", "unable to get mx info")
    again.call_back(2, "bounce", BOUNCE)
    again.call_back(3, "bounce", BOUNCE)
    refresh(warehouse)
    assert told(warehouse, mailing)[1] == {"total": 4, "failed": 4, "bounced": 1, "dropped": 1, "spam": 1}
    assert told(warehouse, again)[1] == {"total": 4, "failed": 4, "bounced": 3, "dropped": 1}
    assert verify(warehouse).differences == ()


def test_an_event_that_two_e_mails_share_says_nothing(
    warehouse: Settings, mail: Callable[..., Mailing], connection: Connection
) -> None:
    mailing = mail(3)
    for place in range(3):
        mailing.send(place)
        mailing.call_back(place, "bounce", BOUNCE)
    connection.execute(
        "update messaging_emailrecipient set provider_message_id = case when contact_id = any(%s) then 'two' "
        "else 'one' end where job_id = %s",
        (mailing.contacts[:2], mailing.job),
    )
    for key in ("one", "two"):
        Rows(connection).insert(
            "messaging_providerevent", provider_message_id=f"{key}.filter0001", channel="email", status="dropped",
            payload={}, latency_ms=0, received_at=utc_now(), organization_id=1,
        )  # fmt: skip
    refresh(warehouse)
    assert told(warehouse, mailing)[1] == {"total": 3, "failed": 3, "bounced": 2, "dropped": 1}
    connection.execute(
        "update messaging_emailrecipient set provider_message_id = 'three' where job_id = %s and contact_id = %s",
        (mailing.job, mailing.contacts[0]),
    )
    refresh(warehouse)
    assert told(warehouse, mailing)[1] == {"total": 3, "failed": 3, "bounced": 1, "dropped": 2}
    assert verify(warehouse).differences == ()


def test_the_last_job_of_a_campaign_tells(warehouse: Settings, mail: Callable[..., Mailing]) -> None:
    mailing = mail(2)
    mailing.send(0)
    mailing.send(1, REFUSED)
    second = mailing.add_job()
    mailing.send(0, REFUSED, job=second)
    mailing.send(1, job=second)
    refresh(warehouse)
    assert told(warehouse, mailing)[0] == {"total": 2, "sent": 1, "failed": 1}
    mailing.call_back(0, "delivered")
    refresh(warehouse)
    assert told(warehouse, mailing)[0] == {"total": 2, "sent": 2, "delivered": 1}
    assert verify(warehouse).differences == ()


def test_a_campaign_keeps_its_states_when_its_e_mails_leave_the_raw_window(
    warehouse: Settings, mail: Callable[..., Mailing], connection: Connection
) -> None:
    mailing = mail(3, timedelta(days=26))
    mailing.send(0)
    mailing.send(1, REFUSED)
    refresh(warehouse)
    before = {"total": 3, "queued": 1, "sent": 1, "failed": 1}
    assert told(warehouse, mailing)[0] == before
    retain(warehouse, now=utc_now() + timedelta(days=9))
    mailing.call_back(2, "open")
    connection.execute(
        "update messaging_emailrecipient set status = 'queued' where job_id = %s and status = 'read'", (mailing.job,)
    )
    refresh(warehouse)
    after = {"total": 3, "sent": 2, "delivered": 1, "read": 1, "failed": 1}
    assert told(warehouse, mailing)[0] == after
    assert texts(warehouse, mailing) == [(REFUSED, 1)]
    connection.execute(
        "update messaging_emailrecipient set status = 'sent', error = '' where job_id = %s and status = 'failed'",
        (mailing.job,),
    )
    refresh(warehouse, Request(sweep=True))
    assert told(warehouse, mailing)[0] == {"total": 3, "sent": 3, "delivered": 1, "read": 1}
    assert verify(warehouse).differences == ()
    assert rollups_equal_raw(warehouse) == ()


def test_an_accepted_e_mail_reached_who_unsubscribes_after_it(
    warehouse: Settings, mail: Callable[..., Mailing], connection: Connection
) -> None:
    mailing = mail(2)
    mailing.send(0)
    mailing.send(1, REFUSED)
    connection.execute(
        "update contacts_contact set status = 'unsubscribed', updated_at = now() where id = any(%s)",
        (mailing.contacts,),
    )
    refresh(warehouse)
    assert told(warehouse, mailing)[0] == {"total": 2, "sent": 1, "failed": 1, "unsubscribed": 1}
    assert verify(warehouse).differences == ()


def test_a_lake_of_the_layout_before_is_read_anew(warehouse: Settings, mail: Callable[..., Mailing]) -> None:
    mailings = [mail(2, timedelta(days=age)) for age in (1, 45)]
    for mailing in mailings:
        mailing.send(0)
        mailing.send(1, REFUSED)
    refresh(warehouse, Request(sweep=True))
    with writing_lake(warehouse) as lake, transaction(lake):
        lake.execute("drop table lake.raw.earlier_email_recipient")
        lake.execute("update lake.rollup.campaign_day set queued = queued + sent + failed, sent = 0, failed = 0")
        lake.execute("""update lake.meta.state set value = json_merge_patch(value, '{"schema_version": 3}')""")
    refresh(warehouse, Request(sweep=True))
    assert [told(warehouse, mailing)[0] for mailing in mailings] == [{"total": 2, "sent": 1, "failed": 1}] * 2
    assert verify(warehouse).differences == ()
