"""Organizations, the people who work there, and their API keys.

Here: their names, their roles, and how a demonstration key follows from the seed.
Not here: contacts (history/contact.sql), and what any of them may do (the API decides that).
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg

ORGANIZATION_NAMES = (
    "Bella Pizza", "Studio Rossi", "Palestra Nova", "Dental Care Milano", "Hotel Miramare", "Libreria Aurora",
    "Autofficina Conti", "Yoga Loft", "Trattoria da Gino", "Vet Amici", "Ottica Lumen", "Fioreria Verde",
    "Gelato Nord", "Bike Point", "Scuola Lingua Viva", "Cantina Serra", "Salone Chic", "Pet Parade",
    "Agriturismo Il Colle", "Foto Bianchi",
)  # fmt: skip
STAFF_NAMES = ("Giorgia", "Alberto", "Monica", "Stefano")

ADMIN_USER_ID = 1
VIEWER_USER_ID = 2
BOTH_USER_ID = 3
INACTIVE_USER_ID = 4
BIGGEST_ORGANIZATION_ID = 1
OTHER_ORGANIZATION_ID = 2

FIXED_USERS = (
    (ADMIN_USER_ID, "admin"),
    (VIEWER_USER_ID, "viewer"),
    (BOTH_USER_ID, "both"),
    (INACTIVE_USER_ID, "inactive"),
)

Connection = psycopg.Connection[tuple[Any, ...]]


def organization_name(organization_id: int) -> str:
    """The stable name of an organization; ids count from one, the biggest first."""
    turn, place = divmod(organization_id - 1, len(ORGANIZATION_NAMES))
    return ORGANIZATION_NAMES[place] + (f" {turn + 1}" if turn else "")


def demo_api_key(seed: int, organization_id: int, number: int = 1) -> str:
    """The clear API key of an organization. Number 2 exists for the biggest organization alone, and is revoked."""
    digest = hashlib.sha256(f"corbi demo {seed} {organization_id} {number}".encode()).hexdigest()
    return f"corbi_{digest[:40]}"


def insert_people(connection: Connection, *, seed: int, organizations: int, founded_at: datetime) -> None:
    """Organizations, users, memberships and keys, as they were when the history begins."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into organizations_organization (id, name, domain, created_at, updated_at)"
            " values (%s, %s, %s, %s, %s)",
            list(_organizations(organizations, founded_at)),
        )
        cursor.executemany(
            "insert into auth_user (id, password, last_login, is_superuser, username, first_name, last_name, email,"
            " is_staff, is_active, date_joined) values (%s, '!demo', null, false, %s, %s, '', %s, false, %s, %s)",
            list(_users(organizations, founded_at)),
        )
        cursor.executemany(
            "insert into organizations_membership (role, organization_id, user_id, created_at, id)"
            " values (%s, %s, %s, %s, %s)",
            [(*member, founded_at, row) for row, member in enumerate(_memberships(organizations), start=1)],
        )
        cursor.executemany(
            "insert into organizations_apikey (organization_id, user_id, name, key_hashed, prefix, scopes, status,"
            " revoked_at, created_at, id) values (%s, %s, %s, %s, %s, '[]', %s, %s, %s, %s)",
            [(*key, founded_at, row) for row, key in enumerate(_api_keys(seed, organizations, founded_at), start=1)],
        )


def _organizations(count: int, founded_at: datetime) -> Iterator[tuple[Any, ...]]:
    for number in range(1, count + 1):
        name = organization_name(number)
        domain = name.lower().replace(" ", "-") + ".example.com"
        yield number, name, domain, founded_at + timedelta(days=number), founded_at + timedelta(days=number)


def _users(organizations: int, founded_at: datetime) -> Iterator[tuple[Any, ...]]:
    for user_id, username in FIXED_USERS:
        yield user_id, username, username.title(), f"{username}@example.com", user_id != INACTIVE_USER_ID, founded_at
    for organization_id in range(1, organizations + 1):
        for user_id, name in _staff(organization_id):
            username = f"{name.lower()}.{organization_id}"
            yield user_id, username, name, f"{username}@example.com", True, founded_at


def _staff(organization_id: int) -> list[tuple[int, str]]:
    """An owner and up to three more: ids leave room for four to each organization."""
    first = len(FIXED_USERS) + 1 + (organization_id - 1) * len(STAFF_NAMES)
    names = STAFF_NAMES[: 2 + organization_id % 3]
    return [(first + place, name) for place, name in enumerate(names)]


def _memberships(organizations: int) -> Iterator[tuple[str, int, int]]:
    yield "admin", BIGGEST_ORGANIZATION_ID, ADMIN_USER_ID
    yield "viewer", BIGGEST_ORGANIZATION_ID, VIEWER_USER_ID
    yield "admin", BIGGEST_ORGANIZATION_ID, BOTH_USER_ID
    if organizations >= OTHER_ORGANIZATION_ID:
        yield "viewer", OTHER_ORGANIZATION_ID, BOTH_USER_ID
    yield "staff", BIGGEST_ORGANIZATION_ID, INACTIVE_USER_ID
    for organization_id in range(1, organizations + 1):
        for place, (user_id, _) in enumerate(_staff(organization_id)):
            yield "admin" if place == 0 else "staff", organization_id, user_id


def _api_keys(seed: int, organizations: int, founded_at: datetime) -> Iterator[tuple[Any, ...]]:
    for organization_id in range(1, organizations + 1):
        owner = _staff(organization_id)[0][0]
        key = demo_api_key(seed, organization_id)
        yield organization_id, owner, "Monitoring", _hashed(key), key[:10], "active", None
    key = demo_api_key(seed, BIGGEST_ORGANIZATION_ID, number=2)
    owner = _staff(BIGGEST_ORGANIZATION_ID)[0][0]
    revoked_at = founded_at + timedelta(days=30)
    yield BIGGEST_ORGANIZATION_ID, owner, "Old key", _hashed(key), key[:10], "revoked", revoked_at


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
