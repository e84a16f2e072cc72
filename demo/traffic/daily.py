"""What else happens in a day: bookings, calls of language models, contacts that come and go.

Here: rows that no message brings about.
Not here: messages.
"""

from datetime import datetime, timedelta
from functools import partial

from demo.texts import pick, render
from demo.traffic.desk import Desk
from demo.traffic.directory import Contact

TITLES = ("Table for two", "Table for four", "Haircut", "Check-up", "Consultation", "Yoga class")
FEATURES = ("reply", "summary", "booking_assistant", "translation")


class DailyLife:
    """Writes bookings, billing logs and contacts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def book(self, now: datetime) -> None:
        """Makes a booking; it may be confirmed or cancelled later, and the calendar may fail."""
        desk = self._desk
        contact = desk.directory.contact(desk.directory.organization())
        starts_at = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=desk.random.randint(2, 200))
        booking_id = desk.rows.insert(
            "bookings_booking",
            title=desk.random.choice(TITLES),
            start_time=starts_at,
            end_time=starts_at + timedelta(hours=1),
            status="pending",
            created_by=desk.random.choice(("ai", "staff")),
            created_at=now,
            updated_at=now,
            contact_id=contact.id,
            organization_id=contact.organization_id,
        )
        self._log_change(now, booking_id, "created")
        status = desk.random.choices((None, "confirmed", "cancelled"), (10, 78, 12))[0]
        if status is not None:
            due_at = now + timedelta(seconds=desk.random.expovariate(1 / 120))
            desk.schedule.at(due_at, partial(self._change, booking_id, status))
        if desk.random.random() < 0.02:
            text = pick(desk.random, "calendar", "failed").text
            desk.alert(now, contact, "calendar_failure", render(desk.random, text), booking_id=booking_id)

    def call_model(self, now: datetime) -> None:
        """Writes a call that is under way; a little later it has succeeded or failed, or was canceled."""
        desk = self._desk
        row_id = desk.rows.insert(
            "billing_billinglog",
            timestamp=now,
            feature_tag=desk.random.choice(FEATURES),
            model=desk.random.choices(("small-1", "large-2"), (4, 1))[0],
            request_id=f"req_{desk.random.getrandbits(96):024x}",
            status="sent",
            created_at=now,
            updated_at=now,
            organization_id=desk.directory.organization(),
        )
        status = desk.random.choices(("succeeded", "failed", "canceled", "sent"), (92, 4.5, 2.5, 1))[0]
        if status != "sent":
            due_at = now + timedelta(seconds=desk.fates.delay(1.8, 0.7))
            desk.schedule.at(due_at, partial(self._end_call, row_id, status))

    def come_and_go(self, now: datetime) -> None:
        """Adds a contact, or deletes one with all that hangs on it."""
        desk = self._desk
        organization_id = desk.directory.organization()
        if desk.random.random() < 0.15 and desk.directory.can_spare(organization_id):
            contact = desk.directory.contact(organization_id)
            desk.directory.forget(contact)
            desk.rows.delete("contacts_contact", contact.id)
        else:
            self._add_contact(now, organization_id)

    def _add_contact(self, now: datetime, organization_id: int) -> None:
        desk = self._desk
        number = desk.random.getrandbits(32)
        email = f"guest{number}@example.org"
        phone = f"+1{200 + number % 800}55501{number // 800 % 100:02d}"
        row_id = desk.rows.insert(
            "contacts_contact",
            full_name=f"Guest {number}",
            email=email,
            phone_whatsapp=phone,
            status="active",
            created_at=now,
            updated_at=now,
            organization_id=organization_id,
        )
        desk.directory.add(Contact(row_id, organization_id, f"Guest {number}", email, phone))

    def _change(self, booking_id: int, status: str, now: datetime) -> None:
        if self._desk.rows.update("bookings_booking", booking_id, status=status, updated_at=now):
            self._log_change(now, booking_id, "cancelled" if status == "cancelled" else "updated")

    def _log_change(self, now: datetime, booking_id: int, change: str) -> None:
        self._desk.rows.insert(
            "bookings_bookingchangelog", change_type=change, actor_type="user", created_at=now, booking_id=booking_id
        )

    def _end_call(self, row_id: int, status: str, now: datetime) -> None:
        desk = self._desk
        if status != "succeeded":
            error = render(desk.random, pick(desk.random, "llm", status).text)
            desk.rows.update("billing_billinglog", row_id, status=status, error=error, updated_at=now)
            return
        prompt, completion = desk.random.randint(100, 3100), desk.random.randint(20, 620)
        desk.rows.update(
            "billing_billinglog",
            row_id,
            status=status,
            tokens_prompt=prompt,
            tokens_completion=completion,
            tokens_total=prompt + completion,
            raw_cost=round(prompt * 8e-7 + completion * 4e-6, 4),
            billable_cost=round(prompt * 12e-7 + completion * 6e-6, 4),
            updated_at=now,
        )
