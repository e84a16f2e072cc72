"""Who is there: organizations, their contacts, what is configured.

Here: reading them once a connection, and choosing among them.
Not here: any message.
"""

import random
from dataclasses import dataclass
from typing import Any

import psycopg

CONTACTS_KEPT = 800
PROVIDERS = {"whatsapp": "whatsapp", "email": "sendgrid", "telegram": "telegram", "instagram": "instagram"}

CONTACTS = """
    select id, full_name, coalesce(email, ''), coalesce(phone_whatsapp, '')
    from contacts_contact
    where organization_id = %s and status = 'active' and mod(id, %s) = 0
    order by id limit %s
"""


class NobodyThereError(Exception):
    """The database has no organization with contacts, so nobody could write or be written to."""


@dataclass(frozen=True)
class Contact:
    """A contact and how to reach it."""

    id: int
    organization_id: int
    full_name: str
    email: str
    phone: str


class Directory:
    """Organizations by size, a sample of each one's contacts, and the integrations that work."""

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]], source: random.Random) -> None:
        self._random = source
        sizes: list[tuple[int, int]] = connection.execute(
            "select organization_id, count(*) from contacts_contact group by organization_id order by organization_id"
        ).fetchall()
        self._contacts = {
            organization_id: [
                Contact(row[0], organization_id, row[1], row[2], row[3])
                for row in connection.execute(CONTACTS, (organization_id, max(1, size // CONTACTS_KEPT), CONTACTS_KEPT))
            ]
            for organization_id, size in sizes
        }
        self._sizes: dict[int, int] = dict(sizes)
        self._configured = set(
            connection.execute(
                "select organization_id, provider from integrations_integration"
                " where is_active and token_encrypted <> ''"
            )
        )
        if not any(self._contacts.values()):
            raise NobodyThereError("live traffic needs organizations with contacts: fill a history first")

    def is_configured(self, organization_id: int, channel: str) -> bool:
        """Whether the organization can send on that channel."""
        return (organization_id, PROVIDERS[channel]) in self._configured

    def organization(self, channel: str | None = None) -> int:
        """An organization by its size; one that has not set the channel up hardly uses it."""
        found = [organization_id for organization_id, contacts in self._contacts.items() if contacts]
        weights = [
            self._sizes[organization_id]
            * (0.02 if channel is not None and not self.is_configured(organization_id, channel) else 1.0)
            for organization_id in found
        ]
        return self._random.choices(found, weights)[0]

    def contact(self, organization_id: int) -> Contact:
        """One of the organization's contacts, some more often than others."""
        contacts = self._contacts[organization_id]
        return contacts[int(len(contacts) * self._random.random() ** 1.6)]

    def some_contacts(self, organization_id: int, size: int) -> list[Contact]:
        """Different contacts of the organization, at most as many as there are."""
        contacts = self._contacts[organization_id]
        return self._random.sample(contacts, min(size, len(contacts)))

    def add(self, contact: Contact) -> None:
        """Remembers a new contact."""
        self._contacts[contact.organization_id].append(contact)

    def forget(self, contact: Contact) -> None:
        """Forgets a contact, unless it is the organization's last."""
        if contact in self._contacts[contact.organization_id]:
            self._contacts[contact.organization_id].remove(contact)

    def can_spare(self, organization_id: int) -> bool:
        """Whether the organization still has enough contacts to lose one."""
        return len(self._contacts[organization_id]) > 10
