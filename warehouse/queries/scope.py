"""Whose figures are asked for.

Belongs here: the organization as a type of its own, so that no query can be written that reads without one.
Does not: who may ask (api/identity.py).
"""

from dataclasses import dataclass

from warehouse.errors import BadRequestError


@dataclass(frozen=True)
class Organization:
    """The one organization a query reads. Raises BadRequestError for a number that can't be an id."""

    id: int

    def __post_init__(self) -> None:
        if self.id < 1:
            raise BadRequestError(f"An organization's id is a positive number; given: {self.id}")
