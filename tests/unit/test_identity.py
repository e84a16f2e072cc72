"""Who may call, where it needs people that no demonstration has."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from werkzeug.datastructures import Headers

from api.access.identity import identify, issue_token
from api.serving.errors import ApiError
from warehouse.directory.members import Directory, KeyOwner, Membership, User

SECRET = "a secret key of the platform that is long enough"
CAFE, HOTEL = Membership(1, "Café", "admin"), Membership(2, "Hotel", "viewer")
REQUIRED = "X-Org-ID header is required."
FOREIGN = "User is not a member of this organization."


@dataclass
class People(Directory):
    """A directory of one person, user 7, and one key."""

    member_of: list[Membership] = field(default_factory=list)
    active: bool = True
    key: KeyOwner = field(default=KeyOwner(7, 1))

    def find_user(self, user_id: int) -> User | None:
        return User(self.active, tuple(self.member_of)) if user_id == 7 else None

    def key_owner(self, key: str) -> KeyOwner | None:
        return self.key if key == "the-key" else None


def with_token(**more: str) -> Headers:
    return Headers({"Authorization": f"Bearer {issue_token(SECRET, 7)}", **more})


def with_key(**more: str) -> Headers:
    return Headers({"Authorization": "Bearer the-key", **more})


def refusal(headers: Headers, people: People) -> tuple[int, str]:
    with pytest.raises(ApiError) as raised:
        identify(headers, people, SECRET)
    return raised.value.status, raised.value.detail


def test_a_user_without_a_membership_is_told_to_name_an_organization_and_then_refused() -> None:
    assert refusal(with_token(), People()) == (403, REQUIRED)
    assert refusal(with_token(**{"X-Org-ID": "1"}), People()) == (403, FOREIGN)


def test_a_member_of_two_organizations_must_name_one() -> None:
    people = People([CAFE, HOTEL])
    assert refusal(with_token(), people) == (403, REQUIRED)
    assert identify(with_token(**{"X-Org-ID": " 2 "}), people, SECRET).role == "viewer"


def test_a_key_is_worth_nothing_once_its_user_left_the_organization() -> None:
    assert refusal(with_key(), People([HOTEL])) == (403, FOREIGN)
    assert refusal(with_key(**{"X-Org-ID": "2"}), People([CAFE, HOTEL])) == (403, FOREIGN)
    assert identify(with_key(), People([CAFE, HOTEL]), SECRET).organization.id == 1


def test_a_key_of_an_inactive_user_is_refused() -> None:
    assert refusal(with_key(), People([CAFE], active=False))[0] == 401


@pytest.mark.parametrize("asked", ["one", "1.0", "-1", "\u0661", "1,2", "9" * 40])
def test_an_organization_that_is_no_number_is_named(asked: str) -> None:
    status, detail = refusal(with_token(**{"X-Org-ID": asked}), People([CAFE]))
    assert status == 403
    assert "X-Org-ID" in detail
    assert asked[:40] in detail


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Api-Key", "api-key"])
def test_the_scheme_is_read_in_either_case(scheme: str) -> None:
    headers = Headers({"Authorization": f"{scheme} the-key"})
    assert identify(headers, People([CAFE]), SECRET).organization_name == "Café"


def test_a_token_lives_as_long_as_it_was_issued_for() -> None:
    expired = Headers({"Authorization": f"Bearer {issue_token(SECRET, 7, timedelta(seconds=-1))}"})
    assert refusal(expired, People([CAFE])) == (401, "The token has expired.")
