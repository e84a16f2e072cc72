"""E-mail jobs: one body to many recipients, for a campaign or on its own.

Here: messaging_emailjob, messaging_emailrecipient, and what SendGrid's callbacks make of them.
Not here: single e-mails of the platform's own sender (outbound.py).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from demo.traffic.campaigns import CampaignProgress
from demo.traffic.desk import Desk, alert_category
from demo.traffic.directory import Contact
from demo.traffic.fates import Callback, Fate
from demo.traffic.rows import Rows

JOB = "messaging_emailjob"
RECIPIENT = "messaging_emailrecipient"
UNSUBSCRIBE_RATE = 0.012
SENDS_PER_SECOND = 20
FAILURES = ("bounce", "dropped", "spamreport")


@dataclass
class Job:
    """A job under way."""

    id: int
    waiting: int
    progress: CampaignProgress | None


@dataclass
class Recipient:
    """A recipient under way."""

    id: int
    job: Job
    contact: Contact
    fate: Fate
    campaign_recipient_id: int | None
    provider_message_id: str = ""
    sent_at: datetime | None = None
    status: str = "queued"


class EmailJobs:
    """Starts jobs, and follows each recipient to its end."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def start(
        self,
        rows: Rows,
        now: datetime,
        contacts: list[Contact],
        progress: CampaignProgress | None = None,
        campaign_recipient_ids: list[int] | None = None,
    ) -> None:
        """Writes a job and its queued recipients through `rows`, which may be in a transaction that stays open."""
        job_id = rows.insert(
            JOB,
            subject="News from us" if progress else "Your documents",
            status="sending",
            total_recipients=len(contacts),
            created_at=now,
            updated_at=now,
            started_at=now,
            organization_id=contacts[0].organization_id,
            campaign_id=progress.id if progress else None,
        )
        job = Job(job_id, len(contacts), progress)
        for place, contact in enumerate(contacts):
            recipient_id = rows.insert(
                RECIPIENT,
                email=contact.email,
                full_name=contact.full_name,
                status="queued",
                created_at=now,
                updated_at=now,
                contact_id=contact.id,
                job_id=job_id,
                signed_token=UUID(int=self._desk.random.getrandbits(128)).hex,
            )
            fate = self._desk.fate("email", "email", contact.organization_id)
            ids = campaign_recipient_ids
            recipient = Recipient(recipient_id, job, contact, fate, ids[place] if ids else None)
            due_at = now + timedelta(seconds=4 + place / SENDS_PER_SECOND)
            self._desk.schedule.at(due_at, partial(self._send, recipient))

    def _send(self, recipient: Recipient, now: datetime) -> None:
        desk, fate, job = self._desk, recipient.fate, recipient.job
        if fate.outcome in ("refused", "skipped"):
            error = desk.words(fate.text, recipient.contact)
            recipient.status = "failed" if fate.outcome == "refused" else "skipped"
            desk.rows.update(RECIPIENT, recipient.id, status=recipient.status, error=error, updated_at=now)
            desk.rows.increment(JOB, job.id, f"{recipient.status}_count")
            if fate.outcome == "refused":
                self._alert(recipient, now, alert_category(fate.text), error)
        else:
            self._accept(recipient, now)
        job.waiting -= 1
        if job.waiting == 0:
            desk.rows.update(JOB, job.id, status="completed", completed_at=now, updated_at=now)
            if job.progress is not None:
                desk.rows.update("messaging_campaign", job.progress.id, status="completed")

    def _accept(self, recipient: Recipient, now: datetime) -> None:
        desk = self._desk
        recipient.provider_message_id = desk.provider_message_id("email")
        recipient.sent_at = now
        recipient.status = "sent"
        desk.rows.update(
            RECIPIENT,
            recipient.id,
            status="sent",
            sent_at=now,
            provider_message_id=recipient.provider_message_id,
            updated_at=now,
        )
        desk.rows.increment(JOB, recipient.job.id, "sent_count")
        for callback in recipient.fate.callbacks:
            due_at = now + timedelta(seconds=callback.after_seconds)
            desk.schedule.at(due_at, partial(self._call_back, recipient, callback))

    def _call_back(self, recipient: Recipient, callback: Callback, now: datetime) -> None:
        desk = self._desk
        error = desk.words(callback.text, recipient.contact) or callback.status
        desk.record_callback(
            now,
            channel="email",
            status=callback.status,
            contact=recipient.contact,
            provider_message_id=recipient.provider_message_id,
            sent_at=recipient.sent_at,
            text=callback.text,
            error=error,
        )
        if callback.status in FAILURES:
            self._fail(recipient, now, callback.status, error)
        elif callback.status == "delivered":
            # The recipient stays at sent: only its campaign recipient learns of the delivery.
            self._tell_campaign(recipient, "delivered")
        elif callback.status == "open":
            self._open(recipient, now)

    def _fail(self, recipient: Recipient, now: datetime, event: str, error: str) -> None:
        if recipient.status == "failed":
            return
        recipient.status = "failed"
        self._desk.rows.update(RECIPIENT, recipient.id, status="failed", error=error, updated_at=now)
        self._desk.rows.increment(JOB, recipient.job.id, "failed_count")
        self._tell_campaign(recipient, "failed", error)
        self._desk.suppress(now, recipient.contact, event)
        self._alert(recipient, now, "callback_failure", error)

    def _open(self, recipient: Recipient, now: datetime) -> None:
        if recipient.status != "sent":
            return
        recipient.status = "read"
        self._desk.rows.update(RECIPIENT, recipient.id, status="read", read_at=now, updated_at=now)
        self._tell_campaign(recipient, "read")
        if self._desk.random.random() < UNSUBSCRIBE_RATE:
            due_at = now + timedelta(seconds=self._desk.random.uniform(15, 215))
            self._desk.schedule.at(due_at, partial(self._unsubscribe, recipient.contact))

    def _unsubscribe(self, contact: Contact, now: datetime) -> None:
        self._desk.suppress(now, contact, "")
        self._desk.unsubscribe(now, contact)

    def _tell_campaign(self, recipient: Recipient, status: str, error: str = "") -> None:
        """What a callback says; of a send, a refusal or a retry the campaign's recipient learns nothing."""
        progress = recipient.job.progress
        if progress is not None and recipient.campaign_recipient_id is not None:
            progress.tell(
                self._desk.rows, recipient.campaign_recipient_id, status, recipient.provider_message_id, error
            )

    def _alert(self, recipient: Recipient, now: datetime, category: str, error: str) -> None:
        self._desk.alert(
            now,
            recipient.contact,
            category,
            error,
            recipient_id=recipient.id,
            job_id=recipient.job.id,
            channel="email",
        )
